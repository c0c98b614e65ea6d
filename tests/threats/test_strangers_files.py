"""Files and names that a student chooses, and what they print on the operator's terminal."""

import json
import os
import re
import socket

import pytest

from autograder.cli.class_table import class_table
from autograder.cli.main import main
from autograder.cli.tables import one_result
from autograder.cli.terminal import printable, printable_json
from autograder.course.person import Person
from autograder.course.submissions import read_submission
from autograder.grading.standings import Standing
from autograder.result import GRADED, NEEDS_A_PERSON, Check, Result
from tests.threats.classroom import CLASS, make_course, run
from tests.threats.room import NEIGHBOUR, data_of

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202e\u2066]")
NASTY = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\x7f\x08evil"
TIMES = [
    "24\t2026999999999999999999999999000160m11",
    "2026-11-21 10:00:00 ../../etc/passwd",
    "2026-11-21 10:00:00 /dev/zero",
    "0001-01-01 00:00:00 +14:00",
    "9999-12-31 23:59:59 -14:00",
    "1e999",
    "١٢٣٤-١١-٢١ 10:00:00",
    "2026-11-21 10:00:00 UTC\n2020-01-01 00:00:00 UTC",
    "10:00",
    "2026-11-21",
    "9" * 1_000,
    "\x00",
]


def test_case_50_no_control_characters_on_the_terminal(capsys):
    check = Check("test", f"title {NASTY}", 1.0, 0.0, "failed", f"message {NASTY}\nnext")
    result = Result(f"eve{NASTY}\nada: 100", "room", NEEDS_A_PERSON, (check,), (f"flag {NASTY}",))
    from autograder.cli.terminal import printable_streams

    with printable_streams():
        print(class_table("room", [Standing(Person(result.student), None, result)]))
        print(one_result(result))
    said = capsys.readouterr().out
    assert not CONTROL.search(said), repr(said)
    assert "\nada: 100" not in said and "\\x1b" in said


def test_a_name_on_the_command_line_is_printable(capsys, tmp_path):
    assert main(["grade", str(tmp_path / f"x{NASTY}"), "room"]) == 2
    assert main(["check", str(tmp_path / f"x{NASTY}.ipynb")]) == 2
    said = capsys.readouterr().err
    assert not CONTROL.search(said) and "\\x1b" in said


def test_nothing_overwrites_a_line_or_is_unseen():
    unseen = "\r\u061c\u180e\u2060\u2064\u206a\ufff9\U000e0041"
    for letter in unseen:
        said = printable(f"LOST 0{letter}ok 10", lines=True)
        assert letter not in said and said.startswith("LOST 0\\")
        assert letter not in printable_json(json.dumps(letter, ensure_ascii=False))
        assert json.loads(printable_json(json.dumps(letter, ensure_ascii=False))) == letter
    assert printable("a\r\nb\tc", lines=True) == "a\nb\tc"


def test_json_stays_json():
    text = json.dumps({"a": NASTY + "\ud800"}, ensure_ascii=False)
    assert not CONTROL.search(printable_json(text))
    assert json.loads(printable_json(text)) == {"a": NASTY + "\ud800"}
    assert printable("Łęcka 李雷 'é'") == "Łęcka 李雷 'é'"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-21 10:00:00.0 UTC", "2026-11-21 10:00:00"),
        ("2026-11-21 10:00:00.123456 UTC", "2026-11-21 10:00:00.123456"),
        ("2026-11-21 10:00:00", "2026-11-21 10:00:00"),
        ("2026-11-21T10:00:00Z", "2026-11-21 10:00:00"),
        ("2026-11-21T10:00+01:00", "2026-11-21 09:00:00"),
        ("2026-11-21 10:00:00 +0100", "2026-11-21 09:00:00"),
        ("2026-07-21 10:00:00 CEST", "2026-07-21 08:00:00"),
        ("2026-11-21 10:00:00 CET", "2026-11-21 09:00:00"),
        ("2026-11-21 10:00:00 Asia/Tokyo", "2026-11-21 01:00:00"),
    ],
)
def test_nbgraders_times_and_iso_are_read(folder, text, utc):
    course = make_course(folder, {"ada": NEIGHBOUR})
    course.config.Exchange.timezone = "Europe/Berlin"
    (folder / "submitted/ada/room/timestamp.txt").write_text(text)
    found = read_submission(course, "room", "ada", "room")
    assert str(found.timestamp) == utc and found.flags == ()


def test_the_collectors_time_counts_before_the_students(folder):
    course = make_course(folder, {"ada": NEIGHBOUR, "bob": NEIGHBOUR})
    for student in ("ada", "bob"):
        path = folder / "submitted" / student / "room/timestamp.txt"
        path.write_text("2020-01-01 00:00:00 UTC")
    (folder / "collected.csv").write_text(
        "student,assignment,time\nada,room,2026-11-21 10:00:00 UTC\n"
    )
    found = [read_submission(course, "room", name, "room") for name in ("ada", "bob")]
    assert str(found[0].timestamp) == "2026-11-21 10:00:00"
    assert str(found[1].timestamp) == "2020-01-01 00:00:00"


def hostile_folders(root):
    """Students whose folders hold what no student's editor writes."""
    for number, text in enumerate(TIMES):
        folder = make(root, f"time{number}")
        (folder / "timestamp.txt").write_text(text)
    os.mkfifo(make(root, "fifo") / "timestamp.txt")
    (make(root, "folder") / "timestamp.txt").mkdir()
    (make(root, "link") / "timestamp.txt").symlink_to("/dev/zero")
    with (make(root, "sparse") / "timestamp.txt").open("wb") as file:
        file.truncate(2**40)
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(make(root, "socket"))
        listening.bind("timestamp.txt")
        os.chdir(here)
    (root / "submitted/linked").symlink_to(root / "submitted/ada")
    (make(root, "loop") / "loop").symlink_to("loop")
    deep = make(root, "deep")
    for _ in range(200):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (make(root, "name\nada: 100") / "\x1b[2J.csv").write_text("x")
    (make(root, "closed")).chmod(0)
    make(root, "<img src=x onerror=eval(1)>")
    (root / "submitted/plain-file").write_text("x")
    (make(root, "ipynb-folder", b"") / "room.ipynb").unlink()
    (root / "submitted/ipynb-folder/room/room.ipynb").mkdir()
    os.mkdir(os.fsencode(root / "submitted") + b"/\xff\xfe")
    os.mkdir(os.fsencode(root / "submitted") + b"/\xff\xfe/room")


def make(root, student, data=None):
    folder = root / "submitted" / student / "room"
    folder.mkdir(parents=True)
    (folder / "room.ipynb").write_bytes(data_of(NEIGHBOUR) if data is None else data)
    return folder


def test_case_51_no_file_stops_the_class(folder):
    """Holds: ``read_submission`` raises nothing; one strict form of times."""
    course = make_course(folder, {"ada": CLASS["ada"], "zoe": NEIGHBOUR})
    hostile_folders(folder)
    try:
        results = {result.student: result for result in run(course).results}
    finally:
        (folder / "submitted/closed/room").chmod(0o755)
    for student in ("ada", "zoe", "time0", "fifo", "folder", "link", "sparse", "socket", "deep"):
        assert results[student].status == GRADED and results[student].score == 10, student
    assert results["ada"].flags == ()
    for number in range(len(TIMES)):
        assert any("timestamp.txt" in flag for flag in results[f"time{number}"].flags), number
    assert results["linked"].status == NEEDS_A_PERSON
    assert "symbolic link" in results["linked"].flags[0]
    for name in ("<img src=x onerror=eval(1)>", "name\nada: 100", "\udcff\udcfe"):
        assert results[name].status == NEEDS_A_PERSON and "rename it" in results[name].flags[0]
    assert results["ipynb-folder"].status == NEEDS_A_PERSON
    assert all(result.flags for name, result in results.items() if result.status != GRADED)
