"""What students put into a download: names of others, and zips that take long to look through.

The name that a platform gives, outermost, says whose a file is; all inside was named by a student.
"""

import io
import os
import zipfile

import pytest

from autograder.cli.main import main
from autograder.collect import contents, downloads
from autograder.collect.collect import collect
from autograder.course.person import Person
from autograder.gradebook.gradebook import Gradebook
from tests.threats.classroom import make_course
from tests.threats.room import data_of, honest

NAME = "room"
CLASS = [
    Person("ada", "Ada", "Lovelace", "ada@example.org", "101"),
    Person("emmy", "Emmy", "Noether", "e.noether@example.org", "102"),
    Person("k42", "Katherine", "Johnson", "kj@example.org", ""),
]

DAY, LATER = "2026-11-20-10-00-00", "2026-11-21-10-00-00"
METADATA = "submission_metadata.yml"
FOR_ADA = "x:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: ada\n"
# What Emmy has called like Ada's: path inside of what she handed in -> bytes ("" is her notebook).
INSIDE = {
    "a folder of Moodle's": {"Ada Lovelace_1_assignsubmission_file_/{n}.ipynb": ""},
    "a file of Moodle's": {"Ada Lovelace_1_assignsubmission_file_{n}.ipynb": ""},
    "a file of Canvas'": {"lovelaceada_101_9001_{n}.ipynb": ""},
    "a folder of Canvas'": {"lovelaceada_101_9001_x/{n}.ipynb": ""},
    "a file of Blackboard's": {"{n}_ada_attempt_" + LATER + "_{n}.ipynb": ""},
    "Blackboard's words": {
        "{n}_emmy_attempt_" + DAY + ".txt": "Name: Ada Lovelace (ada)\n",
        "x_attempt_" + LATER + ".txt": "Name: Ada Lovelace (ada)\n",
        "x_attempt_" + LATER + "_{n}.ipynb": "",
    },
    "the end of a name": {"ada_attempt_" + LATER + "_{n}.ipynb": ""},
    "a folder of the exchange": {"ada+{n}+2026-11-21 10:00:00 UTC+x/{n}.ipynb": ""},
    "Gradescope's list": {METADATA: FOR_ADA, "x/{n}.ipynb": ""},
    "Gradescope's list, deeper": {"b/" + METADATA: FOR_ADA, "b/x/{n}.ipynb": ""},
    "her name": {"ada/{n}.ipynb": ""},
    "her whole name": {"Ada Lovelace/{n}.ipynb": ""},
    "her address": {"deep/ada@example.org/{n}.ipynb": ""},
    "her file": {"{n}_ada.ipynb": ""},
}
# Where platforms put what Emmy handed in, and Ada's own.
PLATFORMS = {
    "Moodle": ("{}_1_assignsubmission_file_/", "Emmy Noether", "Ada Lovelace"),
    "Canvas": ("{}_9001_x/", "noetheremmy_102", "lovelaceada_101"),
    "Canvas, file by file": ("{}_9001_", "noetheremmy_102", "lovelaceada_101"),
    "Blackboard": ("{{n}}_{}_attempt_" + DAY + "_", "emmy", "ada"),
    "Blackboard, folders": ("{{n}}_{}_attempt_" + DAY + "_x/", "emmy", "ada"),
    "the exchange": ("{}+{{n}}+2026-11-20 10:00:00 UTC+x/", "emmy", "ada"),
    "folders": ("{}/", "emmy", "ada"),
    "folders in a folder": ("week 3/{}/", "Emmy Noether", "Ada Lovelace"),
    "Gradescope": ("export/submission_50{}/", "2", "1"),
}
LIST = """\
submission_501:
  :submitters:
  - :name: Ada Lovelace
    :sid: ada
submission_502:
  :submitters:
  - :name: Emmy Noether
    :sid: emmy
"""


@pytest.fixture
def course(tmp_path):
    course = make_course(tmp_path / "course", {})
    with Gradebook(course) as book:
        book.add_people(CLASS)
    return course


def work(text=""):
    return data_of(honest(why=text))


def a_zip(path, files):
    path.write_bytes(zipped(files.items()))
    return path


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def placed(course, student):
    path = course.path("submitted", student, NAME) / f"{NAME}.ipynb"
    return path.read_bytes() if path.is_file() else None


@pytest.mark.parametrize("platform", PLATFORMS)
def test_case_62_nobody_hands_in_for_somebody_else(course, tmp_path, platform):
    """Holds: ``claims._outermost``."""
    where, hers, others = PLATFORMS[platform]
    for number, (name, inside) in enumerate(INSIDE.items()):
        text = f"Emmy's {name}"
        files = {where.format(others) + "{n}.ipynb": work("Ada's own")}
        for path, data in inside.items():
            files[where.format(hers) + path] = data or work(text)
        files = {path.format(n=NAME): data for path, data in files.items()}
        if platform == "Gradescope":
            files[f"export/{METADATA}"] = LIST
        found = collect(course, NAME, [a_zip(tmp_path / f"{number}.zip", files)])
        assert placed(course, "ada") == work("Ada's own"), (name, found)
        assert not found.double, name
        assert any(path.read_bytes() == work(text) for path in all_of(course, "emmy")), name


def all_of(course, student):
    return (course.root / "collected" / NAME / student).rglob("*.ipynb")


def test_the_words_of_blackboard_are_those_beside_the_file(course, tmp_path):
    """Ada's file is not Emmy's because a text in Emmy's zip says so."""
    files = {
        f"{NAME}_ada_attempt_{DAY}_{NAME}.ipynb": work("Ada's own"),
        f"{NAME}_ada_attempt_{DAY}.txt": "Name: Ada Lovelace (ada)\n",
        f"{NAME}_emmy_attempt_{DAY}_x/{NAME}_ada_attempt_{DAY}.txt": "Name: Emmy (emmy)\n",
    }
    collect(course, NAME, [a_zip(tmp_path / "a.zip", files)])
    assert placed(course, "ada") == work("Ada's own") and not placed(course, "emmy")


def test_a_list_of_gradescopes_is_made_of_texts(course, tmp_path):
    """References to references would be written out, numbers have too many digits to be."""
    doubled = "\n".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))
    hostile = (
        f"a0: &a0 [x, x]\n{doubled}\nsubmission_501:\n  :submitters:\n"
        f"  - :name: *a39\n    :sid: k42\n    :email: 0x{'f' * 9_000}\n"
    )
    files = {f"zoe/{METADATA}": hostile, f"zoe/submission_501/{NAME}.ipynb": work("a")}
    files[f"emmy/{NAME}.ipynb"] = work("e")
    found = collect(course, NAME, [a_zip(tmp_path / "a.zip", files)])
    assert placed(course, "emmy") == work("e") and found.platforms["Gradescope"] == 1


MIB = 1 << 20
ZIP_OF_NOTHING = zipped([("x.bin", os.urandom(MIB))])
BOMBS = {
    "zips of nothing": lambda: [(f"{n}.zip", ZIP_OF_NOTHING) for n in range(24)],
    "zips that are none": lambda: [(f"{n}.zip", bytes(MIB)) for n in range(100)],
    "one name again and again": lambda: [("data.csv", bytes(MIB)) for _ in range(100)],
    "files that are too large": lambda: [(f"{n}.csv", bytes(MIB + 1)) for n in range(100)],
    "long names": lambda: [(".txt" * 15_000 + f"x{n}", b"") for n in range(25)],
    "paths that lead out": lambda: [(f"../{n}", b"") for n in range(4_000)],
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", BOMBS)
def test_a_zip_that_takes_long_is_left_to_a_person(course, tmp_path, monkeypatch, name):
    """With limits a sixteenth or less of what they are: what is unpacked is bounded, and told."""
    monkeypatch.setattr(downloads, "MAX_BYTES", MIB)
    monkeypatch.setattr(downloads, "MAX_INNER_BYTES", 4 * MIB)
    monkeypatch.setattr(downloads, "MAX_ZIPPED", 16 * MIB)
    monkeypatch.setattr(contents, "MAX_BYTES", 4 * MIB)
    unpacked, read = [], downloads._read_entry
    inside = [(f"{NAME}.ipynb", work("e")), *BOMBS[name]()]
    download = a_zip(tmp_path / "a.zip", {"emmy.zip": zipped(inside), f"ada/{NAME}.ipynb": work()})
    monkeypatch.setattr(
        downloads, "_read_entry", lambda *entry: unpacked.append(entry[1].filename) or read(*entry)
    )
    found = collect(course, NAME, [download])
    assert len(unpacked) < 30
    assert found.needs_person and len(found.refused) + len(found.problems) < 30
    assert max(map(len, found.refused + found.problems)) < 500
    assert placed(course, "ada") == work()
    if "zips" not in name:
        assert placed(course, "emmy") == work("e")


def test_a_zip_that_cannot_be_read_beside_the_notebook(course, tmp_path):
    """An honest one: a data set with a password, say."""
    inside = [(f"{NAME}.ipynb", work("e")), ("data.zip", b"PK\x03\x04 secret")]
    found = collect(course, NAME, [a_zip(tmp_path / "a.zip", {"emmy.zip": zipped(inside)})])
    assert placed(course, "emmy") == work("e") and len(found.refused) == 1


def test_everybody_of_the_class_may_be_called_so_at_any_level(course, tmp_path):
    """The folders around are the instructor's."""
    for number, around in enumerate(("hw_2026_11_all/", "a/b/", "")):
        files = {f"{around}{person.id}/{NAME}.ipynb": work(f"{number}") for person in CLASS}
        collect(course, NAME, [a_zip(tmp_path / f"{number}.zip", files)])
        assert all(placed(course, person.id) == work(f"{number}") for person in CLASS), around


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_name_in_a_download_forges_a_line(course, tmp_path, capsys):
    forged = "\nLate: 0\x1b]0;owned\x07\r\u202e"
    files = {
        f"emmy/{NAME}{forged}.ipynb": work(),
        f"emmy/x{forged}.zip": b"no zip",
        f"emmy/x{forged}.csv": b"",
        f"zoe{forged}/{NAME}.ipynb": work(),
        f"../x{forged}": b"",
        f"k42/link{forged}.html": b"",
    }
    download = a_zip(tmp_path / "a.zip", files)
    for options in ([], ["--enrol"]):
        assert main(["collect", str(course.root), NAME, str(download), *options]) == 1
        said = capsys.readouterr().out
        assert said.count("Late: 0") > 2 and "\nLate: 0" not in said
        assert not any(letter in said for letter in "\x1b\x07\r\u202e")
