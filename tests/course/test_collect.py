"""Downloads of each platform, with what students put into them, to whom they belong."""

import csv
import json
import os
import re
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from autograder.cli.main import main
from autograder.collect.collect import collect, summary
from autograder.course.person import Person
from autograder.errors import AutograderError
from tests.course.conftest import GOOD, NAME, filled

CLASS = [
    Person("ada", "Ada", "Lovelace", "ada@example.org", "101"),
    Person("emmy", "Emmy", "Noether", "e.noether@example.org", "102"),
    Person("jmueller", "Jürgen", "Müller", "jm@example.org", "103"),
    Person("sobrien", "Seán", "O'Brien", "sean@example.org", "104"),
    Person("agarcia", "Ana María", "García Márquez", "ana@example.org", "105"),
    Person("k42", "Katherine", "Johnson", "kj@example.org", ""),
    Person("asmith1", "Alex", "Smith", "as1@example.org", ""),
    Person("asmith2", "Alex", "Smith", "as2@example.org", ""),
]


@pytest.fixture
def course(course):
    from autograder.gradebook.gradebook import Gradebook

    with Gradebook(course) as book:
        book.add_people(CLASS)
    return course


@pytest.fixture
def work(course):
    """``work("text")`` is a notebook of the assignment, another one for each text."""
    return lambda text="": json.dumps(filled(course, **GOOD, why=text)).encode()


def a_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data)
    return path


def placed(course, student, name=f"{NAME}.ipynb"):
    path = course.path("submitted", student, NAME) / name
    return path.read_bytes() if path.is_file() else None


def lines(found):
    return "\n".join(summary(found))


def run(course, *downloads, **options):
    return collect(course, NAME, downloads, **options)


def test_canvas(course, work, tmp_path):
    """Sortable names in one word, marks for late work, numbers for what is handed in again."""
    download = a_zip(
        tmp_path / "submissions.zip",
        {
            f"lovelaceada_101_9001_{NAME}.ipynb": work("a"),
            f"noetheremmy_LATE_102_9002_{NAME}-1.ipynb": work("e"),
            "noetheremmy_LATE_102_9003_data-1.csv": b"1,2",
            f"müllerjürgen_103_9004_{NAME}.ipynb": work("j"),
            f"obriensean_104_9005_{NAME}-2.ipynb": work("s"),
            f"garcíamárquezanamaría_105_9006_{NAME}.ipynb": work("g"),
            f"johnsonkatherine_777_9007_{NAME}.ipynb": work("k"),
            f"smithalex_778_9008_{NAME}.ipynb": work("x"),
            f"nobodynina_779_9009_{NAME}.ipynb": work("n"),
            f"anon_x7K2_9010_{NAME}.ipynb": work("anon"),
        },
    )
    found = run(course, download)
    assert found.platforms == {"Canvas": 9}
    for student, text in zip(
        ("ada", "emmy", "jmueller", "sobrien", "agarcia", "k42"), "aejsgk", strict=True
    ):
        assert placed(course, student) == work(text), student
    assert placed(course, "emmy", "data.csv") == b"1,2"
    assert [line.split(":")[0] for line in found.unknown] == [
        "anon_x7K2 (anon_x7K2_)", "nobodynina (nobodynina_779)", "smithalex (smithalex_778)",
    ]  # fmt: skip
    assert "asmith1, asmith2" in found.unknown[2]
    assert found.late == ["emmy (marked by Canvas, no time)"]
    assert found.missing == ["asmith1", "asmith2"]
    assert found.needs_person and not found.problems


def test_a_canvas_number_is_stronger_than_a_name(course, work, tmp_path):
    """Two Alex Smiths are told apart by number; a stranger called like Ada is not Ada."""
    from autograder.gradebook.gradebook import Gradebook

    with Gradebook(course) as book:
        book.add_people([Person("asmith2", "Alex", "Smith", "", "202")])
    files = {f"smithalex_202_1_{NAME}.ipynb": work(), f"lovelaceada_999_2_{NAME}.ipynb": work("b")}
    found = run(course, a_zip(tmp_path / "a.zip", files))
    assert placed(course, "asmith2") == work() and placed(course, "ada") is None
    assert "999 is another" in found.unknown[0]


def test_moodle(course, work, tmp_path):
    """Folders or flat, old and new form, groups, blind marking, text typed into the platform."""
    download = a_zip(
        tmp_path / "moodle.zip",
        {
            f"Ada Lovelace_12345_assignsubmission_file_/{NAME}.ipynb": work("a"),
            f"Emmy Noether_12346_assignsubmission_file/deep/{NAME} (2).ipynb": work("e"),
            "Emmy Noether_12346_assignsubmission_file/deep/data.csv": b"1",
            f"Juergen Mueller_12347_assignsubmission_file_{NAME}.ipynb": work("j"),
            f"Group B-Seán OBrien_12348_assignsubmission_file_/{NAME}.ipynb": work("s"),
            "Katherine Johnson_12349_assignsubmission_onlinetext_/onlinetext.html": b"<p>done</p>",
            f"Participant_12350_assignsubmission_file_/{NAME}.ipynb": work("p"),
            f"Ana García_12351_assignsubmission_file_/{NAME}.ipynb": work("g"),
        },
    )
    found = run(course, download)
    assert found.platforms == {"Moodle": 7}
    for student, text in zip(
        ("ada", "emmy", "jmueller", "sobrien", "agarcia"), "aejsg", strict=True
    ):
        assert placed(course, student) == work(text), student
    assert placed(course, "emmy", "data.csv") == b"1"
    assert found.without == ["k42: handed in onlinetext.html"]
    assert found.unknown[0].startswith("Participant (Participant_12350)")
    assert any("taken for agarcia: part of the name" in note for note in found.notes)


METADATA = """\
---
submission_501:
  :submitters:
  - :name: Ada Lovelace
    :sid: ada
    :email: ada@example.org
  - :name: Emmy Noether
    :sid: emmy
    :email: e.noether@example.org
  :created_at: 2026-11-20 23:10:00.123456000 Z
  :score: 0.0
  :status: processed
submission_502:
  :submitters:
  - :name: Jurgen Mueller
    :sid: ''
    :email: jm@example.org
  :created_at: 2026-11-21 01:00:00.000000000 +01:00
"""


def test_gradescope(course, work, tmp_path):
    """A group is one submission of several students; the platform's time counts."""
    root = "assignment_77_export"
    download = a_zip(
        tmp_path / "export.zip",
        {
            f"{root}/submission_metadata.yml": METADATA,
            f"{root}/submission_501/{NAME}.ipynb": work("group"),
            f"{root}/submission_502/{NAME}.ipynb": work("j"),
            f"{root}/submission_503/{NAME}.ipynb": work("lost"),
        },
    )
    found = run(course, download)
    assert placed(course, "ada") == placed(course, "emmy") == work("group")
    assert placed(course, "jmueller") == work("j")
    rows = list(csv.DictReader((course.root / "collected.csv").read_text().splitlines()))
    assert {row["student"]: row["time"] for row in rows} == {
        "ada": "2026-11-20 23:10:00 UTC",
        "emmy": "2026-11-20 23:10:00 UTC",
        "jmueller": "2026-11-21 00:00:00 UTC",
    }
    assert len(found.unknown) == 1 and "submission_503" in found.unknown[0]


def test_blackboard(course, work, tmp_path):
    """The assignment's name may hold underscores; of several attempts the last counts."""
    first, last = "2026-11-20-10-00-00", "2026-11-21-11-00-00"
    download = a_zip(
        tmp_path / "gradebook.zip",
        {
            f"{NAME}_ada_attempt_{last}_{NAME}.ipynb": work("second"),
            f"{NAME}_ada_attempt_{last}.txt": "Name: Ada Lovelace (ada)\nAssignment: x\n",
            f"{NAME}_ada_attempt_{first}_{NAME}.ipynb": work("first"),
            f"{NAME}_ada_attempt_{first}.txt": "Name: Ada Lovelace (ada)\n",
            f"Home work 1_k42_attempt_{first}_solution.ipynb": work("k"),
            f"Home work 1_emmy_attempt_{first}.txt": "Name: Emmy Noether (emmy)\nFiles:\n",
        },
    )
    found = run(course, download)
    assert placed(course, "ada") == work("second") and placed(course, "k42") == work("k")
    assert len(found.double) == 1 and f"ada_{last}" in found.double[0].split(";")[1]
    assert found.without == ["emmy: handed in nothing"]
    kept = sorted((course.root / "collected" / NAME / "ada").glob(f"*/{NAME}.ipynb"))
    assert {path.read_bytes() for path in kept} == {work("first"), work("second")}
    times = {
        row["student"]: row["time"]
        for row in csv.DictReader((course.root / "collected.csv").read_text().splitlines())
    }
    assert times["ada"] == "2026-11-21 11:00:00 UTC"


def test_nbgraders_exchange_and_course_layouts(course, work, tmp_path):
    """What goes back to a student by nbgrader's exchange needs its two files."""
    inbound = tmp_path / "inbound"
    for name, text in (
        (f"ada+{NAME}+2026-11-20 10:00:00 UTC+xY1", "a"),
        ("emmy+other+2026-11-20 10:00:00 UTC", "o"),
    ):
        (inbound / name).mkdir(parents=True)
        (inbound / name / f"{NAME}.ipynb").write_bytes(work(text))
        (inbound / name / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
        (inbound / name / "submission_secret.txt").write_text("secret")
    run(course, inbound)
    assert placed(course, "ada") == work("a")
    assert placed(course, "ada", "submission_secret.txt") == b"secret"
    assert placed(course, "ada", "timestamp.txt") and placed(course, "emmy") is None


@pytest.mark.parametrize(
    "path",
    [
        "ada/{n}.ipynb",
        "ada/{n}/{n}.ipynb",
        "{n}/ada/{n}.ipynb",
        "homework/week 2/ADA/{n} (1).ipynb",
        "Lovelace, Ada/answer.ipynb",
        "ada@example.org/{n}.ipynb",
        "{n}_ada.ipynb",
        "Ada Lovelace - {n}.ipynb",
        "{n}-ada/{n}.ipynb",
        "lovelace_ada_{n}.ipynb",
        "ada.ipynb.txt",
        "ada/{n}.ipynb.json",
    ],
)
def test_plain_folders_at_whatever_level(course, work, tmp_path, path):
    path = tmp_path / "in" / path.format(n=NAME)
    path.parent.mkdir(parents=True)
    path.write_bytes(work("a"))
    run(course, tmp_path / "in")
    assert placed(course, "ada") == work("a")


def test_zips_in_zips_and_what_machines_leave_behind(course, work, tmp_path):
    inner = a_zip(
        tmp_path / "inner.zip",
        {
            f"home/{NAME}.ipynb": work("a"),
            "home/utils.py": b"x = 1",
            f"__MACOSX/home/._{NAME}.ipynb": b"\x00\x05",
            f"home/.ipynb_checkpoints/{NAME}-checkpoint.ipynb": work("old"),
        },
    )
    download = a_zip(
        tmp_path / "all.zip",
        {
            f"lovelaceada_101_1_{NAME}.zip": inner.read_bytes(),
            "noetheremmy_102_2_broken.zip": b"PK\x03\x04 and no more",
            "müllerjürgen_103_3_work.rar": b"Rar!",
            "obriensean_104_4_Untitled.py": b"print(1)",
            "Desktop.ini": b"",
            "__MACOSX/._x": b"",
        },
    )
    found = run(course, download)
    assert placed(course, "ada") == work("a") and placed(course, "ada", "utils.py") == b"x = 1"
    assert len(list(course.path("submitted", "ada", NAME).rglob("*"))) == 2
    assert [line.split(": handed in ")[0] for line in found.without] == [
        "jmueller",
        "emmy",
        "sobrien",
    ]
    assert "unpack that archive" in found.without[0] and "could not be read" in found.without[1]
    assert not found.unknown


def test_only_junk_is_said(course, tmp_path):
    download = a_zip(tmp_path / "x.zip", {"Ada Lovelace_1_assignsubmission_file_/.DS_Store": b"x"})
    assert run(course, download).without == ["ada: handed in .DS_Store"]


def test_again_and_newer_versions(course, work, tmp_path):
    """Repeatable; a later version counts, the earlier stays; an old download changes nothing."""
    old = a_zip(tmp_path / "1.zip", {f"lovelaceada_101_10_{NAME}.ipynb": work("1")})
    new = a_zip(tmp_path / "2.zip", {f"lovelaceada_LATE_101_20_{NAME}-1.ipynb": work("2")})
    assert run(course, old).done == {"new": ["ada"]}
    state = {p: p.read_bytes() for p in course.root.rglob("*") if p.is_file()}
    assert run(course, old).done == {"same": ["ada"]}
    assert {p: p.read_bytes() for p in course.root.rglob("*") if p.is_file()} == state
    assert run(course, new).done == {"newer": ["ada"]}
    assert run(course, old).done == {"same": ["ada"]} and placed(course, "ada") == work("2")
    kept = (course.root / "collected" / NAME / "ada").glob(f"*/{NAME}.ipynb")
    assert {path.read_bytes() for path in kept} == {work("1"), work("2")}


def test_a_download_that_cannot_be_read_takes_nothing_back(course, work, book, tmp_path):
    first = a_zip(tmp_path / "1.zip", {f"lovelaceada_101_1_{NAME}.ipynb": work("old"),
                                       f"newnina_900_2_{NAME}.ipynb": work("nina")})  # fmt: skip
    broken = tmp_path / "2.zip"
    broken.write_bytes(b"<html>Your session has expired</html>")
    with pytest.raises(AutograderError, match="no zip that can be read"):
        run(course, first, broken, enrol=True)
    assert "newnina" in book.people() and placed(course, "newnina")
    newer = a_zip(tmp_path / "3.zip", {f"lovelaceada_101_3_{NAME}-1.ipynb": work("new")})
    assert run(course, newer).done == {"newer": ["ada"]}
    assert placed(course, "ada") == work("new")


def test_what_lies_there_by_hand_stays(course, work, hand_in, tmp_path):
    path = hand_in("ada", **GOOD, why="by hand")
    before = path.read_bytes()
    found = run(course, a_zip(tmp_path / "1.zip", {f"lovelaceada_101_1_{NAME}.ipynb": work()}))
    assert path.read_bytes() == before and found.done == {"by hand": ["ada"]}
    assert found.needs_person and "was not collected" in lines(found)


def test_a_group_of_canvas(course, work, tmp_path):
    """Canvas names the group and gives the number of one member; aliases.csv knows the others."""
    download = a_zip(tmp_path / "1.zip", {f"projectgroup3_101_1_{NAME}.ipynb": work()})
    found = run(course, download)
    assert placed(course, "ada") == work() and "if it is a group" in found.notes[0]
    (course.root / "aliases.csv").write_text(
        "name,student\nprojectgroup3,ada\nprojectgroup3,emmy\n"
    )
    assert run(course, download).done == {"same": ["ada"], "new": ["emmy"]}
    assert placed(course, "emmy") == work()


def test_aliases_decide_who_is_meant(course, work, tmp_path):
    download = a_zip(tmp_path / "1.zip", {f"smithalex_5_1_{NAME}.ipynb": work()})
    assert run(course, download).unknown
    (course.root / "aliases.csv").write_text("name,student\nsmithalex,asmith2\n")
    assert not run(course, download).unknown and placed(course, "asmith2")
    (course.root / "aliases.csv").write_text("name,student\nsmithalex,\n")
    with pytest.raises(AutograderError, match="line 2"):
        run(course, download)


def test_nobody_is_enrolled_unless_asked(course, work, book, tmp_path):
    download = a_zip(
        tmp_path / "1.zip",
        {
            f"turingalan_300_1_{NAME}.ipynb": work(),
            f"Grace Hopper_8_assignsubmission_file_/{NAME}.ipynb": work(),
            f"../{NAME}.ipynb": work(),
        },
    )
    found = run(course, download)
    assert len(found.unknown) == 2 and "turingalan" not in book.people()
    found = run(course, download, enrol=True)
    assert sorted(found.enrolled) == ["grace_hopper", "turingalan"]
    assert book.people()["turingalan"].lms_user_id == "300"
    assert book.people()["grace_hopper"].last_name == "Hopper"
    assert placed(course, "grace_hopper") == work()


def test_without_a_class_list(fresh_course, tmp_path):
    download = a_zip(tmp_path / "1.zip", {"x_1_2_a.ipynb": b"{}"})
    with pytest.raises(AutograderError, match="roster import"):
        run(fresh_course, download)


def test_the_wrong_notebook_and_a_broken_one(course, work, tmp_path):
    other = json.loads(work())
    for cell in other["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] += "_other"
    download = a_zip(
        tmp_path / "1.zip",
        {
            f"lovelaceada_101_1_{NAME}.ipynb": json.dumps(other),
            f"noetheremmy_102_1_{NAME}.ipynb": work()[:300],
            f"müllerjürgen_103_1_{NAME}.ipynb": work("first"),
            f"müllerjürgen_103_2_{NAME}-1.ipynb": work("second"),
        },
    )
    found = run(course, download)
    assert any("ada: " in line and "holds no cell" in line for line in found.problems)
    assert any("emmy: " in line and "broken" in line for line in found.problems)
    assert placed(course, "jmueller") == work("second")
    assert any("jmueller: several notebooks" in line for line in found.problems)


def test_a_notebook_of_another_assignment_is_named_although_cells_are_called_alike(
    course, work, tmp_path
):
    """Both have a cell ``setup``; the source of the other one is in the course, too."""
    source = json.loads((course.path("source", ".", NAME) / f"{NAME}.ipynb").read_text())
    other = course.path("source", ".", "02_other") / "02_other.ipynb"
    for cell in source["cells"]:
        if "nbgrader" in cell["metadata"] and cell["metadata"]["nbgrader"]["grade_id"] != "setup":
            cell["metadata"]["nbgrader"]["grade_id"] += "_other"
    other.parent.mkdir()
    other.write_text(json.dumps(source))
    download = a_zip(tmp_path / "1.zip", {f"lovelaceada_101_1_{NAME}.ipynb": other.read_bytes()})
    found = run(course, download)
    assert found.problems == [f"ada: {NAME}.ipynb is a notebook of 02_other, not of {NAME}"]


def hostile(tmp_path, work):
    """A zip with everything that a zip should not have."""
    path = tmp_path / "hostile.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (
            "../../ada/x.ipynb",
            "/etc/ada.ipynb",
            "C:\\ada.ipynb",
            "ada/../../y.ipynb",
            "..\\ada\\z.ipynb",
        ):
            archive.writestr(name, work())
        link = zipfile.ZipInfo("ada/link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("emmy/bomb.ipynb", b" " * (40 * 2**20))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(f"jmueller/{NAME}.ipynb", work("one"))
            archive.writestr(f"jmueller/{NAME}.ipynb", work("two"))
        archive.writestr(f"k42/{'x' * 300}.csv", b"")
        archive.writestr(f"k42/{NAME}.ipynb", work("k"))
        archive.writestr("sobrien/\x1b[31mred.py", b"")
    return path


def test_hostile_zips(course, work, tmp_path):
    path = hostile(tmp_path, work)
    outside = set(tmp_path.rglob("*")) - set(course.root.rglob("*"))
    found = run(course, path)
    assert set(tmp_path.rglob("*")) - set(course.root.rglob("*")) == outside
    assert len(found.refused) == 6 and sum("symbolic link" in line for line in found.refused) == 1
    assert found.without[0].startswith("emmy: handed in bomb.ipynb")
    assert any("more than 32 MB" in line for line in found.problems)
    assert any("jmueller" in line and "twice" in line for line in found.problems)
    assert placed(course, "k42") == work("k")
    assert not [p for p in course.root.rglob("*") if p.is_symlink()]


def test_nested_bombs_and_lies(course, work, tmp_path):
    """A zip of a million entries, one whose directory lies, and zips nested without end."""
    many = tmp_path / "many.zip"
    many.write_bytes(b"PK\x03\x04" + b"PK\x01\x02" * 6000)
    deep = work()
    for level in range(6):
        deep = a_zip(
            tmp_path / f"{level}.zip", {f"{level}.zip" if level else f"{NAME}.ipynb": deep}
        ).read_bytes()
    lying = bytearray(a_zip(tmp_path / "l.zip", {f"{NAME}.ipynb": work()}).read_bytes())
    place = lying.index(b"PK\x01\x02")
    lying[place + 24 : place + 28] = struct.pack("<I", 2**31)
    download = a_zip(
        tmp_path / "all.zip",
        {"ada.zip": many.read_bytes(), "emmy.zip": deep, "k42.zip": bytes(lying)},
    )
    found = run(course, download)
    assert any("more than 5000 entries" in line for line in found.refused)
    assert any("zip in a zip" in line for line in found.refused)
    assert [line.split(":")[0] for line in found.without] == ["ada", "emmy", "k42"] or placed(
        course, "k42"
    )


def test_names_in_other_encodings(course, work, tmp_path):
    """Zips of old programs do not say how names are encoded; macOS takes letters apart."""
    for number, encoding in enumerate(("utf-8", "cp437", "cp1252", "cp850")):
        path = tmp_path / f"{number}.zip"
        raw = f"Jürgen Müller_1_assignsubmission_file_/{NAME}.ipynb".encode(encoding)
        a_zip(path, {"N" * len(raw): work(encoding)})
        data = path.read_bytes().replace(b"N" * len(raw), raw)
        path.write_bytes(data)
        assert not run(course, path).unknown, encoding
        assert placed(course, "jmueller") == work(encoding)
    download = a_zip(
        tmp_path / "mac.zip", {f"mu\u0308llerju\u0308rgen_103_9_{NAME}.ipynb": work("mac")}
    )
    assert not run(course, download).unknown


def test_what_is_no_download(course, tmp_path):
    (tmp_path / "a.zip").write_bytes(b"<html>log in first</html>")
    for name, said in (("a.zip", "no zip"), ("missing.zip", "no file or folder")):
        with pytest.raises(AutograderError, match=said):
            run(course, tmp_path / name)


def test_links_in_a_folder_are_not_followed(course, work, tmp_path):
    (tmp_path / "in" / "ada").mkdir(parents=True)
    os.symlink("/etc/passwd", tmp_path / "in" / "ada" / f"{NAME}.ipynb")
    os.symlink("/etc", tmp_path / "in" / "emmy")
    found = run(course, tmp_path / "in")
    assert "emmy is a symbolic link" in found.refused[0]
    assert any("symbolic link" in line for line in found.problems)
    assert placed(course, "ada") is None


def test_the_command(course, work, tmp_path, capsys):
    download = a_zip(
        tmp_path / "s.zip",
        {f"lovelaceada_101_1_{NAME}.ipynb": work(), "nina\x1b[2J_9_1_a.ipynb": b"{}"},
    )
    assert main(["collect", str(course.root), NAME, str(download)]) == 1
    said = capsys.readouterr().out
    assert "1 collected" in said and "Nobody's" in said and "\x1b" not in said
    one = a_zip(tmp_path / "one.zip", {f"lovelaceada_101_1_{NAME}.ipynb": work()})
    assert main(["collect", str(course.root), NAME, str(one)]) == 0


def test_late_by_the_assignments_date(course, work, book, tmp_path):
    from nbgrader.api import Gradebook as Nbgrader

    with Nbgrader(course.db_url) as theirs:
        theirs.update_or_create_assignment(NAME, duedate="2026-11-20 23:30:00")
    files = {"submission_metadata.yml": METADATA}
    files |= {f"submission_{n}/{NAME}.ipynb": work(str(n)) for n in (501, 502)}
    found = run(course, a_zip(tmp_path / "g.zip", files))
    assert found.late == ["jmueller (2026-11-21 00:00:00 UTC)"]


def test_a_class_of_800(course, work, tmp_path):
    """Nothing here grows with the square of the class; timed in the benchmarks."""
    from autograder.gradebook.gradebook import Gradebook

    people = [Person(f"s{n}", f"Given{n}", f"Family{n}", "", str(1000 + n)) for n in range(800)]
    with Gradebook(course) as book:
        book.add_people(people)
    files = {f"family{n}given{n}_{1000 + n}_{n}_{NAME}.ipynb": work() for n in range(800)}
    found = run(course, a_zip(tmp_path / "800.zip", files))
    assert len(found.done["new"]) == 800 and Path(course.path("submitted", "s799", NAME)).is_dir()


@pytest.mark.parametrize(
    "name",
    [
        "lovelaceada_101_9001_hw.ipynb",
        "02_tiny_ada_attempt_2026-11-20-23-58-01_hw.ipynb",
        "HW 2: tiny_ada_attempt_2026-11-20-23-58-01_hw.ipynb",
        "LOVELACE Ada_12345_assignsubmission_file_hw.ipynb",
        "12345-67890 - Ada Lovelace - Nov 20, 2026 1158 PM/hw.ipynb",
        "12345-67890 - Ada Lovelace- 20 November, 2026 2358/hw.ipynb",
        "Lovelace, Ada(ada)/Submission attachment(s)/hw.ipynb",
        "Assignment 2/Lovelace, Ada(ada)/Submission attachment(s)/hw.ipynb",
        "Lovelace_Ada_ada_4711/hw.ipynb",
        "01-tiny-ada-lovelace-main/hw.ipynb",
        "Ada_Lovelace_HW2.ipynb",
        "hw2_ada_lovelace_final.ipynb",
        "Ada Lovelace - Copy of 01_tiny.ipynb",
        "submitted\\ada\\01_tiny\\01_tiny.ipynb",
    ],
)
def test_names_as_platforms_and_students_write_them(course, work, tmp_path, name):
    files = {name: work("hers"), "somebody else/hw.ipynb": work("other")}
    found = run(course, a_zip(tmp_path / "d.zip", files))
    assert found.done["new"] == ["ada"] and placed(course, "ada") == work("hers")
    assert len(found.unknown) == 1


@pytest.mark.parametrize(
    "name, who",
    [
        ("s1234567_tiny_v2.ipynb", "s1234567"),
        ("7of9_ex3.ipynb", "7of9"),
        ("3poc_107_1_x.ipynb", "threepo"),
        ("Smith, Alex (asmith2)/hw.ipynb", "asmith2"),
        ("May Jan Nov/hw.ipynb", "maynov"),
        ("hw2_may_jan_nov_final.ipynb", "maynov"),
    ],
)
def test_ids_and_names_among_other_words(course, work, book, tmp_path, name, who):
    book.add_people([Person("s1234567", "Olga", "Ivanova"), Person("7of9", "Annika", "Hansen")])
    book.add_people([Person("threepo", "C", "3PO", "", "107"), Person("maynov", "May Jan", "Nov")])
    found = run(course, a_zip(tmp_path / "d.zip", {name: work(), "nobody/x.ipynb": work("b")}))
    assert found.done["new"] == [who]


@pytest.mark.parametrize(
    "name",
    [
        "hw2_ada_final.ipynb",  # an id that may be another Ada's first name
        "Ada Smith/hw.ipynb",
        "Ada Lovelace and Emmy Noether/hw.ipynb",
        "Ada Lovelace Byron/hw.ipynb",
        "Alex_Smith_hw2.ipynb",  # two of that name
        "12345 - Nov 20/hw.ipynb",
        "hw2_final.ipynb",
    ],
)
def test_whom_a_name_may_mean_but_need_not_is_said(course, work, tmp_path, name):
    found = run(course, a_zip(tmp_path / "d.zip", {name: work(), "nobody/x.ipynb": work("b")}))
    assert not found.done and len(found.unknown) == 2


def test_no_submission_is_lost_without_a_word(course, work, book, tmp_path):
    """Whatever one of a download holds is collected, or said of whom; and so is a stranger's."""
    endings = ["ipynb", "ipynb.txt", "txt", "zip", "rar", "py", "pdf", "html", "IPYNB", ""]
    contents = [work("a"), b"", b"{", b"PK\x03\x04rest", b"Rar!\x1a\x07", "ünï".encode("utf-16")]
    handed = dict(enumerate((ending, data) for ending in endings for data in contents))
    book.add_people(Person(f"p{n}", "Given", f"Family{n}x") for n in handed if n % 5)
    files = {
        f"Given Family{n}x_{n}_assignsubmission_file_/hw.{ending}".rstrip("."): data
        for n, (ending, data) in handed.items()
    }
    junk = {"__MACOSX/._x": b"", "Thumbs.db": b""}
    found = run(course, a_zip(tmp_path / "d.zip", files | junk))
    taken = {student for each in found.done.values() for student in each}
    for n, (ending, data) in handed.items():
        if n % 5 == 0:
            assert any(f"Given Family{n}x" in line for line in found.unknown), ending
            continue
        said = [*found.without, *found.problems]
        named = any(re.match(rf"p{n}\b", line) for line in said)
        assert named or f"p{n}" in taken, (ending, data)
        if data == contents[0] and ending in ("ipynb", "IPYNB", "ipynb.txt"):
            assert f"p{n}" in taken and placed(course, f"p{n}") == data
        elif data != contents[0]:
            assert named, (ending, data)


def test_ctrl_c_keeps_what_was_collected_and_the_same_command_goes_on(
    course, work, tmp_path, monkeypatch, capsys
):
    from autograder.collect.store import Store

    names = {"ada": work("1"), "emmy": work("2"), "jmueller": work("3")}
    download = a_zip(tmp_path / "a.zip", {f"{n}/{NAME}.ipynb": d for n, d in names.items()})
    command = ["collect", str(course.root), NAME, str(download)]
    put = Store.put

    def interrupted(self, student, files, about):
        if student == "emmy":
            raise KeyboardInterrupt
        return put(self, student, files, about)

    left = []
    monkeypatch.setattr("autograder.cli.main._leave", lambda *said: left.append(said))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "put", interrupted)
        main(command)
    assert "Run the same command again to go on" in left[0][1]
    assert placed(course, "ada") == names["ada"] and placed(course, "emmy") is None
    main(command)
    assert "2 collected, 1 unchanged" in capsys.readouterr().out
    assert all(placed(course, name) == data for name, data in names.items())
