"""What lies next to a notebook in a course directory is read, and nothing there can do harm."""

import os

import pytest

from autograder.course import side_files
from autograder.course.directory import Course
from autograder.course.side_files import read_course_files, read_students_files
from autograder.errors import AutograderError
from autograder.grading.batch import Batch
from autograder.notebook.side_files import Files
from tests.course.conftest import GOOD, NAME


def put(folder, **files):
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture
def given(course):
    return course.path("source", ".", NAME)


@pytest.fixture
def own(course):
    folder = course.path("submitted", "ada", NAME)
    folder.mkdir(parents=True)
    return folder


def read(course, given=Files()):  # noqa: B008
    return read_students_files(course, NAME, "ada", given)


def test_everything_beside_the_source_but_notebooks(course, given):
    put(given, data_csv=b"1", deep__er__x_png=b"2", other_ipynb=b"{}", a_pyc=b"", deep__y_ipynb=b"")
    put(given / "__pycache__", utils_py=b"")
    (given / "link.csv").symlink_to(given / "data.csv")
    assert read_course_files(course, NAME).course == {
        "data.csv": b"1",
        "deep/er/x.png": b"2",
        "link.csv": b"1",
    }


def test_the_configuration_leaves_out_and_makes_replaceable(course, given):
    put(given, data_csv=b"1", key_txt=b"2", answer_py=b"3")
    with open(course.root / "nbgrader_config.py", "a") as file:
        file.write(
            "c.CourseDirectory.ignore = ['key.*']\n"
            f"c.Autograde.exclude_overwriting = {{{NAME!r}: ['answer.py']}}\n"
        )
    files = read_course_files(Course.open(course.root), NAME)
    assert files.course.keys() == {"data.csv", "answer.py"}
    assert files.replaceable == {"answer.py"} and files.for_examiner().keys() == {"data.csv"}


@pytest.mark.parametrize("limit", ["MAX_COURSE_BYTES", "MAX_FILES"])
def test_too_much_beside_a_source_stops_with_a_sentence(course, given, monkeypatch, limit):
    put(given, a_csv=b"1234", b_csv=b"12345")
    monkeypatch.setattr(side_files, limit, {"MAX_FILES": 2, "MAX_COURSE_BYTES": 9}[limit])
    assert len(read_course_files(course, NAME).course) == 2
    put(given, c_csv=b"1")
    with pytest.raises(AutograderError, match=r"can be handed.*CourseDirectory\.ignore"):
        read_course_files(course, NAME)


def test_a_students_files_are_read_but_for_notebooks_and_the_courses(course, own):
    put(own, data_csv=b"forged", mine_py=b"1", deep__x_txt=b"2", timestamp_txt=b"", my_ipynb=b"{}")
    put(own / ".git", config=b"")
    assert read(course, Files({"data.csv": b"1"})) == ({"mine.py": b"1", "deep/x.txt": b"2"}, [])
    loose = Files({"data.csv": b"1"}, replaceable=frozenset(["data.csv"]))
    assert read(course, loose)[0]["data.csv"] == b"forged"


def test_what_is_no_ordinary_file_is_left_out_with_a_sentence(course, own, tmp_path):
    put(own, mine_py=b"1")
    put(tmp_path / "secret", key_txt=b"secret")
    (own / "link.txt").symlink_to(tmp_path / "secret/key.txt")
    (own / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(own / "pipe.txt")
    (own / os.fsdecode(b"\xff.txt")).write_bytes(b"")
    put(own, **{"x" * 100 + "__" + "y" * 120: b""})
    files, (flag,) = read(course)
    assert files == {"mine.py": b"1"}
    for words in (
        "'link.txt' is a symbolic link",
        "'folder' is a symbolic link",
        "'pipe.txt' is not an ordinary file",
        "not UTF-8",
        "longer than 200 characters",
    ):
        assert words in flag


@pytest.mark.parametrize("limit", ["MAX_STUDENT_BYTES", "MAX_FILES"])
def test_a_students_folder_over_a_limit_counts_as_empty(course, own, monkeypatch, limit):
    put(own, a_csv=b"1234", b_csv=b"12345")
    monkeypatch.setattr(side_files, limit, {"MAX_FILES": 2, "MAX_STUDENT_BYTES": 9}[limit])
    assert len(read(course)[0]) == 2
    put(own, c_csv=b"1")
    files, (flag,) = read(course)
    assert files == {} and "none of them" in flag


def test_folders_are_not_gone_down_for_ever(course, own):
    put(own, **{"__".join("abcdefgh") + "__x_txt": b"1", "__".join("abcdefghi") + "__x_txt": b"2"})
    assert list(read(course)[0]) == ["a/b/c/d/e/f/g/h/x.txt"]


def test_a_folder_that_is_a_link_is_not_read(course, own):
    put(own, mine_py=b"1")
    course.path("submitted", "bob", NAME).parent.mkdir()
    course.path("submitted", "bob", NAME).symlink_to(own)
    assert read_students_files(course, NAME, "bob", Files()) == ({}, [])


def test_a_class_is_examined_with_its_files_and_again_when_they_change(
    course, given, book, pool, exam, hand_in
):
    seen = []

    def watched(source, submission, *, files=None, **options):
        seen.append(files)
        return exam(source, submission, **options)

    def run():
        Batch(course, NAME, book).run(watched, pool, 2, quiet=True)
        return seen[:], seen.clear()

    hand_in("ada", **GOOD)
    assert run() == ([None], None) and run() == ([], None)
    put(given, data_csv=b"1")
    assert run() == ([Files({"data.csv": b"1"})], None)
    put(course.path("submitted", "ada", NAME), mine_py=b"2")
    assert run() == ([Files({"data.csv": b"1"}, {"mine.py": b"2"})], None)
    put(course.path("submitted", "ada", NAME), mine_py=b"3")
    assert run()[0][0].student == {"mine.py": b"3"} and run() == ([], None)
    put(given, data_csv=b"4")
    assert run()[0][0].course == {"data.csv": b"4"}
