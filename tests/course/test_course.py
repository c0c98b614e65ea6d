"""Course directories: opened, made, and what students put there read without harm."""

import json
import os
import socket

import pytest

from autograder.authoring import installed
from autograder.authoring.installed import course_sources
from autograder.course.directory import Course
from autograder.course.submissions import read_submission
from autograder.errors import AutograderError
from autograder.files import MAX_BYTES, Refused, read_regular
from autograder.grading.new_course import init

NAME = "01_tiny"


def test_a_new_course_holds_source_release_and_settings(fresh_course):
    assert fresh_course.assignments() == [NAME]
    source = (fresh_course.path("source", ".", NAME) / f"{NAME}.ipynb").read_text()
    release = (fresh_course.path("release", ".", NAME) / f"{NAME}.ipynb").read_text()
    assert "return 2 * x" in source and "HIDDEN" in source
    assert "return 2 * x" not in release and "HIDDEN" not in release and "says so" not in release
    assert fresh_course.course_id == "backpropagation"
    assert not list(fresh_course.root.parent.glob(".*")), "drafts are left behind"


def test_init_refuses_a_directory_with_something_in_it(tmp_path, tiny_sources, monkeypatch):
    monkeypatch.setattr(installed, "course_files", lambda: tiny_sources)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(AutograderError, match="not empty. Nothing was changed"):
        init(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_init_without_assignments_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(installed, "course_files", lambda: tmp_path / "nothing")
    with pytest.raises(AutograderError, match="pip install mlpkit-solutions"):
        init(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_projects_own_assignments_are_found():
    assert "02_momentum" in course_sources()


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_what_is_no_course_is_said(tmp_path, make):
    make(tmp_path / "somewhere")
    with pytest.raises(AutograderError, match="autograder init"):
        Course.open(tmp_path / "somewhere")


def test_settings_are_read_as_nbgrader_reads_them(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.db_url = 'sqlite:///' + 'grades.db'\n"
        "c.CourseDirectory.submitted_directory = 'in'\n"
        "c.CourseDirectory.directory_structure = "
        "'{nbgrader_step}/{assignment_id}/by-{student_id}'\n"
    )
    for student in ("zoë", "bob"):
        (tmp_path / "in" / "ps1" / f"by-{student}").mkdir(parents=True)
    (tmp_path / "in" / "ps1" / "readme.txt").touch()
    (tmp_path / "source" / "ps1" / "by-.").mkdir(parents=True)
    (tmp_path / "source" / "ps1" / "by-." / "p.ipynb").touch()
    course = Course.open(tmp_path)
    assert course.db_url == f"sqlite:///{tmp_path}/grades.db"
    assert course.students("ps1") == ["bob", "zoë"]
    assert course.assignments() == ["ps1"]
    assert list(course.sources("ps1")) == ["p"]


def test_broken_settings_are_said_with_the_file(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config(\n")
    with pytest.raises(AutograderError, match=r"nbgrader_config\.py cannot be read: SyntaxError"):
        Course.open(tmp_path)


def test_an_unknown_assignment_is_named_with_those_there_are(course):
    with pytest.raises(AutograderError, match="no assignment '09_none'.*Assignments here: 01_tiny"):
        course.sources("09_none")


def test_the_secret_is_drawn_once_and_closed_to_others(course):
    seed = course.seed()
    assert len(seed) == 32 and course.seed() == seed
    assert Course.open(course.root).seed() == seed
    assert (course.private() / "seed").stat().st_mode & 0o777 == 0o600
    assert course.private().stat().st_mode & 0o777 == 0o700


def test_a_secret_left_empty_by_a_kill_is_drawn_again(course):
    (course.private() / "seed").write_text("")
    assert len(course.seed()) == 32


def submission(course, student="s"):
    return read_submission(course, NAME, student, NAME)


def test_a_submission_is_its_bytes_and_its_time(course, hand_in):
    path = hand_in("s")
    (path.parent / "timestamp.txt").write_text("2026-11-20 18:30:00.5 America/New_York")
    found = submission(course)
    assert found.data == path.read_bytes() and found.flags == ()
    assert str(found.timestamp) == "2026-11-20 23:30:00.500000"


@pytest.mark.parametrize("text", ["yesterday-ish", "\xff", "9" * 400, "2026-13-45 00:00:00 UTC"])
def test_a_broken_time_counts_as_none_and_is_flagged(course, hand_in, text):
    (hand_in("s").parent / "timestamp.txt").write_bytes(text.encode("latin1"))
    found = submission(course)
    assert found.timestamp is None and "timestamp.txt" in found.flags[0]


def test_a_renamed_notebook_is_graded_and_flagged(course, hand_in):
    path = hand_in("s", name=f"{NAME} (1).ipynb")
    found = submission(course)
    assert found.data == path.read_bytes() and f"{NAME} (1).ipynb" in found.flags[0]


def test_of_several_the_right_name_counts_and_the_others_are_flagged(course, hand_in):
    hand_in("s", name=f"{NAME} (1).ipynb", double="other")
    path = hand_in("s")
    os.utime(path, (1, 1))  # although the other is later
    found = submission(course)
    assert found.data == path.read_bytes() and "not graded" in found.flags[0]


def test_of_several_renamed_the_latest_counts(course, hand_in):
    new, old = hand_in("s", name="b.ipynb", double="new"), hand_in("s", name="c.ipynb")
    os.utime(old, (1, 1))
    assert submission(course).data == new.read_bytes()


def test_a_missing_notebook_is_flagged(course):
    (course.path("submitted", "s", NAME)).mkdir(parents=True)
    found = submission(course)
    assert found.data == b"" and found.flags == (f"No notebook {NAME}.ipynb was handed in.",)


def link(path, course):
    path.symlink_to(course.root / "gradebook.db")


def pipe(path, course):
    os.mkfifo(path)


def folder(path, course):
    path.mkdir()


def huge(path, course):
    with open(path, "wb") as file:
        file.truncate(MAX_BYTES + 1)


def unix_socket(path, course):
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


@pytest.mark.parametrize("make", [link, pipe, folder, huge, unix_socket])
def test_what_is_no_ordinary_file_is_refused_and_flagged(course, make, monkeypatch):
    monkeypatch.chdir(course.root)
    path = course.path("submitted", "s", NAME) / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    make(path, course)
    found = submission(course)
    assert found.data == b"" and "was not read" in found.flags[0]


def test_a_linked_folder_is_not_followed(course, hand_in):
    real = hand_in("other").parent
    path = course.path("submitted", "s", NAME)
    path.parent.mkdir()
    path.symlink_to(real)
    assert submission(course).data == b"" and "not a folder" in submission(course).flags[0]


def test_a_file_that_grows_past_the_limit_is_refused(tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 11)
    assert read_regular(tmp_path / "f", 11) == b"x" * 11
    with pytest.raises(Refused):
        read_regular(tmp_path / "f", 10)


def test_notebooks_of_a_new_course_are_valid(fresh_course):
    import nbformat

    for step in ("source", "release"):
        path = fresh_course.path(step, ".", NAME) / f"{NAME}.ipynb"
        nbformat.validate(json.loads(path.read_text()))
