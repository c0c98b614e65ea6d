"""Scores in other programs' formats: exact columns and ids, names that survive, nothing run."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

import pytest

from autograder.course.person import Person
from autograder.errors import AutograderError
from autograder.gradebook.records import Entry, Marks
from autograder.grading.standings import OPEN as WAITS
from autograder.grading.standings import Standing
from autograder.reports.canvas import fill_canvas
from autograder.reports.export import gradescope, moodle_csv, plain_csv, write_export
from autograder.result import COULD_NOT_RUN, FAILED, GRADED, NEEDS_A_PERSON, PASSED, Check, Result
from tests.course.conftest import GOOD

NAME = "01_tiny"
PEOPLE = (
    Person("jr", "John", "Smith, Jr.", "jr@example.org", "101"),
    Person("calc", "=cmd()", "+1", "calc@example.org", "102"),
    Person("åse", 'Åse "Ann"', "Łęcka\u200b", "", "103"),
    Person("nobody"),
)


def graded(person, double=2.0, square=0.0, why=None, penalty=0.0, status=GRADED, flags=()):
    scores = {"test_double": (2.0, double), "test_square": (3.0, square), "why": (5.0, why)}
    checks = tuple(
        Check(
            name,
            f"Title of {name}",
            top,
            points,
            COULD_NOT_RUN if points is None else PASSED if points else FAILED,
            "" if points else "Not yet.",
            manual=name == "why",
        )
        for name, (top, points) in scores.items()
    )
    marks = {
        (NAME, name): Marks(points, None, None, points is None, top)
        for name, (top, points) in scores.items()
    }
    entry = Entry(person.id, datetime(2026, 11, 20, 12), penalty, marks)
    return Standing(person, entry, Result(person.id, NAME, status, checks, flags, seconds=1.4))


CLASS = [graded(person) for person in PEOPLE]
OPEN = graded(Person("open"), double=None, square=None, status=NEEDS_A_PERSON)


def read(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_plain_csv_has_every_student_and_every_check():
    rows = read(plain_csv(NAME, [CLASS[0], *(Standing(p, None, None, False) for p in PEOPLE[1:])]))
    assert [row["student"] for row in rows] == ["calc", "jr", "nobody", "åse"]
    jr = rows[1]
    assert (jr["score"], jr["max_score"], jr["test_double"], jr["why"]) == (
        "2.0",
        "10.0",
        "2.0",
        "",
    )
    assert jr["status"] == WAITS and jr["submitted"] == "2026-11-20 12:00:00"
    assert rows[0]["score"] == "" and rows[0]["status"] == "not handed in"


@pytest.mark.parametrize("make", [plain_csv, moodle_csv])
def test_names_survive_and_no_cell_is_a_formula(make):
    text = make(NAME, CLASS)
    keys = ("last_name", "first_name") if make is plain_csv else ("Last name", "First name")
    names = {tuple(row[key] for key in keys) for row in read(text)}
    assert ("Smith, Jr.", "John") in names
    assert ("Łęcka\u200b", 'Åse "Ann"') in names
    assert ("", "") in names
    assert ("'+1", "'=cmd()") in names
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_an_undecided_score_is_left_open_everywhere():
    assert OPEN.score is None
    (row,) = read(plain_csv(NAME, [OPEN]))
    assert row["score"] == "" and row["status"] == "needs a person"
    assert read(moodle_csv(NAME, [OPEN])) == []


def test_what_a_person_decided_is_a_score():
    marks = {key: mark._replace(manual=1.0) for key, mark in OPEN.entry.marks.items()}
    decided = replace(OPEN, entry=replace(OPEN.entry, marks=marks))
    assert decided.score == 3.0
    (row,) = read(plain_csv(NAME, [decided]))
    assert row["status"] == "graded"


def test_a_penalty_is_taken_off_and_shown():
    late = graded(PEOPLE[0], penalty=1.5)
    (row,) = read(plain_csv(NAME, [late]))
    assert (row["score"], row["late_penalty"]) == ("0.5", "1.5")
    assert read(moodle_csv(NAME, [late]))[0][f"Assignment: {NAME} (Real)"] == "0.5"
    assert gradescope(late)["score"] == 0.5


def test_moodle_gets_grade_and_feedback_together():
    row = read(moodle_csv(NAME, CLASS))[0]
    assert row["Email address"] == "jr@example.org" and row["Username"] == "jr"
    assert row[f"Assignment: {NAME} (Real)"] == "2.0"
    assert row[f"Assignment: {NAME} (Feedback)"] == "Lost: Title of test_square"


# Gradescope's published fields of results.json, and what each may hold.
TOP = {
    "score": (int, float), "execution_time": (int, float), "output": str, "output_format": str,
    "test_output_format": str, "test_name_format": str, "visibility": str,
    "stdout_visibility": str, "extra_data": dict, "tests": list, "leaderboard": list,
}  # fmt: skip
TEST = {
    "score": (int, float), "max_score": (int, float), "status": str, "name": str,
    "name_format": str, "number": str, "output": str, "output_format": str, "tags": list,
    "visibility": str, "extra_data": dict,
}  # fmt: skip
VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}


def test_gradescope_results_have_only_published_fields():
    content = json.loads(json.dumps(gradescope(graded(PEOPLE[0], flags=("Odd name.",)))))
    for fields, item in [(TOP, content), *((TEST, test) for test in content["tests"])]:
        for name, value in item.items():
            assert isinstance(value, fields[name]), f"{name} is {value!r}"
        assert item["visibility"] in VISIBILITY
        assert item.get("output_format", "text") in FORMATS
        assert item.get("status", "passed") in {"passed", "failed"}
    assert content["output"] == "Odd name."
    double, square, why = content["tests"]
    assert (double["score"], double["status"], double["output"]) == (2.0, "passed", "")
    assert (square["score"], square["status"], square["output"]) == (0.0, "failed", "Not yet.")
    assert "score" not in why and "status" not in why


CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Warm-up (900),01_tiny (901),Assignments Current Score
,,,,,Manual Posting,,
    Points Possible,,,,,5.0,10.0,(read only)
"Smith, Jr., John",101,u1,johnny,"A, morning",4.0,,80
=cmd(),102,u2,calc2,A,,9.5,
"Łęcka, Åse",77,åse,ase,B,3,,60
Nobody,5,,nobody,B,,,
"Student, Test",99,,abc,A,,,
"""


@pytest.fixture
def canvas(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text(CANVAS, encoding="utf-8-sig")
    return path


def test_canvas_gets_its_own_columns_and_ids_back_with_one_column_filled(canvas):
    text, notes = fill_canvas(canvas, NAME, CLASS)
    before = list(csv.reader(io.StringIO(CANVAS)))
    after = list(csv.reader(io.StringIO(text)))
    assert after[0] == before[0] and notes == []
    assert [row[1:6] + row[7:] for row in after] == [row[1:6] + row[7:] for row in before]
    assert [row[6] for row in after] == ["01_tiny (901)", "", "10.0", "2", "2", "2", "2", ""]
    assert [row[0] for row in after] == [
        "Student", "", "    Points Possible", "Smith, Jr., John", "'=cmd()", "Łęcka, Åse",
        "Nobody", "Student, Test",
    ]  # fmt: skip


def test_canvas_keeps_the_cell_of_an_undecided_score(canvas):
    person = PEOPLE[1]
    text, _ = fill_canvas(canvas, NAME, [replace(OPEN, person=person)])
    assert "102,u2,calc2,A,,9.5," in text


def test_who_is_not_in_canvas_or_there_twice_is_named(canvas):
    canvas.write_text(CANVAS + "Twin,201,t,twin,A,,,\nTwin,202,t,twin,A,,,\n")
    people = [Person("ghost"), Person("twin"), Person("nobody"), Person("other", email="nobody")]
    _, notes = fill_canvas(canvas, NAME, [graded(person) for person in people])
    assert notes == [
        "ghost is not in grades.csv; left out.",
        "twin fits several rows of grades.csv; left out.",
        "other has the row of another student; left out.",
    ]


def test_canvas_with_semicolons_is_read_and_written_so(canvas):
    canvas.write_text("Student;ID;SIS Login ID;Section;01_tiny (7)\nJohn;101;x;A;\n")
    text, _ = fill_canvas(canvas, NAME, CLASS[:1])
    assert text == "Student;ID;SIS Login ID;Section;01_tiny (7)\nJohn;101;x;A;2\n"


@pytest.mark.parametrize(
    ("content", "assignment", "message"),
    [
        (CANVAS, "02_none", r"no columns for .*'02_none'.*--column: 'Warm-up \(900\)', '01_tiny"),
        (CANVAS.replace("Warm-up", NAME), NAME, "several columns"),
        ("name,points\n", NAME, "no gradebook of Canvas"),
        ("", NAME, "no gradebook of Canvas"),
    ],
)
def test_a_file_that_does_not_fit_is_said(canvas, content, assignment, message):
    canvas.write_text(content)
    with pytest.raises(AutograderError, match=message):
        fill_canvas(canvas, assignment, CLASS)


def test_a_column_can_be_named_with_its_id(canvas):
    text, _ = fill_canvas(canvas, "Warm-up (900)", CLASS[:1])
    assert ',"A, morning",2,,80' in text


def test_every_form_is_written_from_the_gradebook(course, hand_in, grade, book, canvas):
    hand_in("jr", **GOOD)
    hand_in("åse")
    grade()
    book.add_people(PEOPLE)
    plain = write_export(course, NAME, "csv")
    assert plain.path == course.root / "exports" / f"{NAME}.csv"
    assert plain.notes == ["Students with written answers not graded yet, counted as 0: 2."]
    scores = {row["student"]: row["score"] for row in read(plain.path.read_text("utf-8"))}
    assert scores == {"calc": "", "jr": "5.0", "nobody": "", "åse": "0.0"}
    assert "5.0" in write_export(course, NAME, "moodle").path.read_text("utf-8")
    text = write_export(course, NAME, "canvas", canvas=canvas).path.read_text("utf-8")
    assert '101,u1,johnny,"A, morning",4.0,5,80' in text
    folder = write_export(course, NAME, "gradescope").path
    assert json.loads((folder / "jr" / "results.json").read_text())["score"] == 5.0


def test_canvas_without_its_file_and_a_class_without_grades_are_said(course, canvas):
    with pytest.raises(AutograderError, match="--canvas THAT_FILE"):
        write_export(course, NAME, "canvas")
    with pytest.raises(AutograderError, match="Nobody's 01_tiny is graded yet"):
        write_export(course, NAME, "csv")
