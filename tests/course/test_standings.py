"""One score and one status for each student, the same wherever they are read."""

import csv
import json
import re
import shutil
import statistics
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.cli.class_table import class_table
from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.course.standing import write_extensions, write_withdrawn
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import Batch
from autograder.grading.roll import call_roll
from autograder.grading.standings import (
    NOT_HANDED_IN,
    OPEN,
    STATUSES,
    WITHDRAWN,
    read_standings,
    summarise,
)
from autograder.questions.results import enter_results
from autograder.reports.class_report import write_report
from autograder.reports.export import write_export
from autograder.reports.feedback import write_pages
from autograder.reports.flags import grouped_flags, merged_flags
from autograder.result import COULD_NOT_RUN, GRADED, NEEDS_A_PERSON
from tests.course.conftest import GOOD, NAME, FakeExam, filled

LATE = "2026-11-22 10:00:00 UTC"
# What a student may do, and what becomes of it.
STUDENTS = st.fixed_dictionaries(
    {
        "work": st.sampled_from(["all", "half", "none", "broken", "nothing"]),
        "late": st.booleans(),
        "extended": st.booleans(),
        "manual": st.sampled_from([None, 0.0, 2.5, 5.0]),
        "corrected": st.sampled_from([None, 1.0]),  # the points of an automatic check, by hand
        "asked": st.sampled_from([None, None, 0.0, 3.0]),  # points of questions about their code
        "then": st.sampled_from(["", "withdrawn", "taken away"]),
    }
)


def expected(one, asked):
    """Score and status by the rules of the guide, got without the code under test.

    ``asked`` is whether somebody in the class has points of questions.
    """
    if one["then"] == "withdrawn":
        return None, WITHDRAWN
    if one["work"] == "nothing":
        return None, NOT_HANDED_IN
    if one["then"] == "taken away":
        return None, NEEDS_A_PERSON
    double = {"all": 2.0, "half": 2.0, "none": 0.0, "broken": None}[one["work"]]
    square = {"all": 3.0, "half": 0.0, "none": 0.0, "broken": None}[one["work"]]
    if one["corrected"] is not None:
        double = one["corrected"]
    if double is None or square is None:
        return None, NEEDS_A_PERSON
    automatic = double + square
    points = automatic + (one["manual"] or 0.0) + (one["asked"] or 0.0)
    if one["late"] and not one["extended"]:
        points = 0.0
    open_ = one["manual"] is None or (asked and one["asked"] is None)
    return points, OPEN if open_ else GRADED


def play(course, term):
    """Hand in, grade, correct by hand, leave."""
    from nbgrader.api import Gradebook as Nbgrader

    people = [
        Person(f"s{i}", f"Given{i}", f"Family{i}", f"s{i}@example.org", str(100 + i))
        for i in range(len(term))
    ]
    with Gradebook(course) as book:
        book.add_people(people)
    texts = {"all": GOOD, "half": {"double": GOOD["double"]}, "none": {}, "broken": {}}
    for person, one in zip(people, term, strict=True):
        if one["work"] == "nothing":
            continue
        folder = course.path("submitted", person.id, NAME)
        folder.mkdir(parents=True)
        notebook = filled(course, **texts[one["work"]], why=f"answer {person.id}")
        text = "{" if one["work"] == "broken" else json.dumps(notebook)
        (folder / f"{NAME}.ipynb").write_text(text)
        (folder / "timestamp.txt").write_text(LATE if one["late"] else "2026-11-20 10:00:00 UTC")
        if one["extended"]:
            write_extensions(
                course, NAME, [person.id], __import__("datetime").datetime(2026, 11, 30)
            )
    students = call_roll(course, NAME).students
    if students:
        grade(course, students)
    with Nbgrader(course.db_url) as theirs:
        for person, one in zip(people, term, strict=True):
            if one["work"] == "nothing":
                continue
            for cell, points in (("why", one["manual"]), ("test_double", one["corrected"])):
                if points is not None:
                    mark = theirs.find_grade(cell, NAME, NAME, person.id)
                    mark.manual_score, mark.needs_manual_grade = points, False
        theirs.db.commit()
    enter_asked(course, term)
    with Gradebook(course) as book:
        if book.entries(NAME):
            book.assign_late_penalties(NAME)
    for person, one in zip(people, term, strict=True):
        if one["then"] == "withdrawn":
            write_withdrawn(course, [person.id], "2026-12-01")
        elif one["then"] == "taken away" and one["work"] != "nothing":
            shutil.rmtree(course.path("submitted", person.id))
    return people


def was_asked(term):
    return any(one["asked"] is not None and one["work"] != "nothing" for one in term)


def enter_asked(course, term):
    """The form as examiners fill it in: four questions, points spread over them."""
    if was_asked(term):
        lines = [
            f"s{i},{n},{'' if one['asked'] is None else one['asked'] / 4},"
            for i, one in enumerate(term)
            if one["work"] != "nothing"
            for n in range(1, 5)
        ]
        path = course.root / "form.csv"
        path.write_text("\n".join(["student,question,points,comment", *lines]))
        assert not enter_results(course, NAME, path).left


def grade(course, students):
    with Gradebook(course) as book, ThreadPoolExecutor(1) as pool:
        return Batch(course, NAME, book).run(FakeExam(), pool, 1, students, quiet=True)


@pytest.fixture(scope="module")
def template(fresh_course, tmp_path_factory):
    from nbgrader.api import Gradebook as Nbgrader

    root = tmp_path_factory.mktemp("terms") / "template"
    shutil.copytree(fresh_course.root, root)
    with open(root / "nbgrader_config.py", "a") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with Nbgrader(Course.open(root).db_url) as theirs:
        theirs.update_or_create_assignment(NAME, duedate="2026-11-21 00:00:00")
    return root


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(term=st.lists(STUDENTS, min_size=1, max_size=6))
def test_the_numbers_agree_everywhere(template, tmp_path_factory, term):
    root = tmp_path_factory.mktemp("term") / "course"
    shutil.copytree(template, root)
    course = Course.open(root)
    people = play(course, term)
    with Gradebook(course) as book:
        standings = read_standings(course, NAME, book)
    ours = {one.person.id: (one.score, one.status) for one in standings}
    right = {p.id: expected(one, was_asked(term)) for p, one in zip(people, term, strict=True)}
    assert ours == right
    entered = [one for one in standings if one.entry and one.status != WITHDRAWN]
    if entered:
        agree(course, standings, right)
    shutil.rmtree(root.parent)


def agree(course, standings, right):
    """Every output says what ``right`` says."""
    texts = {
        form: write_export(course, NAME, form).path for form in ("csv", "moodle", "gradescope")
    }
    rows = csv.DictReader(texts["csv"].read_text("utf-8-sig").splitlines())
    table = {row["student"]: row for row in rows}
    assert {
        s: (float(r["score"]) if r["score"] else None, r["status"]) for s, r in table.items()
    } == right
    scored = {student: points for student, (points, _) in right.items() if points is not None}
    moodle = csv.DictReader(texts["moodle"].read_text().splitlines())
    assert {r["Username"]: float(r[f"Assignment: {NAME} (Real)"]) for r in moodle} == scored
    found = texts["gradescope"].glob("*/results.json")
    assert {p.parent.name: json.loads(p.read_text())["score"] for p in found} == scored
    canvas = course.root / "canvas.csv"
    lines = [f'"Family{s[1:]}, X",{100 + int(s[1:])},,,' for s in right]
    canvas.write_text("\n".join([f"Student,ID,SIS Login ID,Section,{NAME} (7)", *lines, ""]))
    done = write_export(course, NAME, "canvas", canvas=canvas).path
    back = csv.DictReader(done.read_text().splitlines())
    cells = {f"s{int(r['ID']) - 100}": r[f"{NAME} (7)"] for r in back}
    assert {s: float(text) for s, text in cells.items() if text} == scored
    said = class_table(NAME, standings)
    for student, (points, status) in right.items():
        if (line := re.search(rf"^ *(\S+)  {student}\b(.*)$", said, re.M)) is not None:
            assert line[1] == ("?" if points is None else f"{points:g}")
            assert status == GRADED or status in line[2]
    decided = [points for points, status in right.values() if status == GRADED]
    known = [points for points, status in right.values() if status in (GRADED, OPEN)]
    summary = summarise(standings)
    assert summary.mean == (statistics.mean(known) if known else None)
    page = write_report(course, NAME, course.root / "report.html").read_text()
    assert f"{len(decided)} decided" in page
    for status in STATUSES[1:]:
        count = sum(found == status for _, found in right.values())
        assert (f"{count} {status}" in page) == bool(count) == (f"{count} {status}" in said)
    if known:
        assert f"<strong>{statistics.mean(known):.4g}</strong>" in page
        assert f"mean {statistics.mean(known):.1f}" in said
        assert ("so far, open answers as 0" in said) == (len(known) > len(decided))
    pages, _ = write_pages(course, NAME, list(scored))
    for path in pages:
        number = re.search(r'class="number">([\d.]+) <small>', path.read_text())
        assert float(number[1]) == scored[path.parents[1].name]


def test_a_submission_that_was_taken_away_is_named(course, hand_in, grade):
    hand_in("ada", **GOOD)
    hand_in("bob", **GOOD)
    grade()
    shutil.rmtree(course.path("submitted", "bob"))
    done = write_export(course, NAME, "csv")
    assert any("bob: The submission was taken away" in note for note in done.notes)
    (row,) = (r for r in done.path.read_text("utf-8-sig").splitlines() if '"bob"' in r)
    assert row.split(",")[5] == '""'
    page = write_report(course, NAME, course.root / "r.html").read_text()
    assert "The submission was taken away after it was graded; it had 5 points" in page


def test_a_fault_of_the_grader_is_no_score(course, hand_in, grade, book):
    hand_in("ada", why="FAULT")
    run = grade()
    results = {result.student: result for result in run.results}
    (one,) = read_standings(course, NAME, book, results)
    assert (one.score, one.status) == (None, COULD_NOT_RUN) and "fell over" in one.why


def test_the_same_flag_of_many_is_one_line():
    lost = "The cell {} had lost its id; it was found by the name {}."
    flags = {
        f"s{n}": [lost.format(f"c{k}", f"f{k}") for k in range(15)]
        + ["The cell a is missing."] * (n == 3)
        for n in range(250)
    }
    many, one = grouped_flags(flags)
    assert (
        len(many.students) == 250
        and "15 cells: c0, c1, c10" in many.text
        and "and 245 more" in many.who
    )
    assert one.text == "The cell a is missing." and one.students == ("s3",)
    assert len(merged_flags(flags["s3"])) == 2
    apart = {
        "a": ["The notebook is called 'x' instead of 'y'."],
        "b": ["The notebook is called 'z' instead of 'y'."],
    }
    assert [len(line.students) for line in grouped_flags(apart)] == [2]


def test_statuses_are_said_in_the_guide():
    guide = (Path(__file__).parents[2] / "docs" / "instructor.md").read_text()
    assert all(f"| {status} |" in guide for status in STATUSES)
