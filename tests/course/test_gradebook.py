"""The gradebook: nbgrader's own, one transaction a result, a person's work untouched."""

import dataclasses
import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.errors import AutograderError
from autograder.gradebook import database, gradebook
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import read_source_notebook
from autograder.result import COULD_NOT_RUN, FAILED, GRADED, NEEDS_A_PERSON, PASSED, Check, Result

NAME = "01_tiny"


def result(student="ada", double=2.0, square=0.0, why=None, **more):
    checks = (
        Check("test_double", "Double", 2.0, double, PASSED),
        Check("test_square", "Square", 3.0, square, FAILED, "not 4"),
        Check("why", "Why?", 5.0, why, COULD_NOT_RUN, manual=True),
    )
    return Result(student, NAME, **{"status": GRADED, "checks": checks, **more})


def rows(course, query, *values):
    with closing(sqlite3.connect(course.root / "gradebook.db")) as db, db:
        return db.execute(query, values).fetchall()


def execute(course, statement, *values):
    connection = sqlite3.connect(course.root / "gradebook.db")
    with connection:
        connection.execute(statement, values)
    connection.close()


def test_a_result_is_what_nbgraders_own_api_reads(course, book):
    from nbgrader.api import Gradebook as Stock

    moment = datetime(2026, 11, 20, 12)
    book.write(result(), NAME, moment)
    with Stock(course.db_url, course.course_id) as stock:
        submission = stock.find_submission(NAME, "ada")
        assert (submission.score, submission.max_score) == (2.0, 10.0)
        assert submission.timestamp == moment and submission.needs_manual_grade
        graded = {grade.name: grade for grade in submission.notebooks[0].grades}
        assert {n: (g.auto_score, g.needs_manual_grade) for n, g in graded.items()} == {
            "test_double": (2.0, False),
            "test_square": (0.0, False),
            "why": (None, True),
        }
        assert {c.name for c in submission.notebooks[0].comments} == {"double", "square", "why"}
        assert not submission.notebooks[0].flagged


def test_cells_are_registered_as_generate_assignment_does(course, book, tmp_path):
    """The same rows as nbgrader's own converter writes for the same source."""
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    other = dataclasses.replace(course, db_url=f"sqlite:///{tmp_path}/stock.db")
    Gradebook(other).__exit__()  # makes the tables
    config = Config()
    config.CourseDirectory.db_url = other.db_url
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.course_id = course.course_id
    stock = NbGraderAPI(CourseDirectory(config=config), config=config)
    assert stock.generate_assignment(NAME, force=True)["success"]

    def content(path):
        with closing(sqlite3.connect(path)) as db, db:
            cells = (
                "select b.name, b.type, g.max_score, g.cell_type from base_cell b "
                "left join grade_cells g on g.id = b.id order by b.name, b.type"
            )
            sources = (
                "select name, cell_type, locked, source, checksum from source_cell order by name"
            )
            return db.execute(cells).fetchall(), db.execute(sources).fetchall()

    assert content(course.root / "gradebook.db") == content(tmp_path / "stock.db")


def test_a_persons_score_and_comment_stay_and_the_check_is_looked_at_again(course, book):
    book.write(result(), NAME, None)
    execute(
        course,
        "update grade set manual_score = 4, needs_manual_grade = 0 where auto_score is null",
    )
    execute(course, "update grade set manual_score = 1 where auto_score = 0")
    execute(course, "update comment set manual_comment = 'well said'")
    book.write(result(double=0.0, square=3.0), NAME, None)
    entry = book.entries(NAME)["ada"]
    why = entry.marks[NAME, "why"]
    assert (why.auto, why.manual, why.needs_person) == (None, 4.0, True)
    square = entry.marks[NAME, "test_square"]
    assert (square.auto, square.manual, square.needs_person) == (3.0, 1.0, True)
    assert entry.score == 5.0
    assert set(entry.comments.values()) == {"well said"}


def test_flags_stand_beside_the_first_cell_and_unanswered_cells_are_named(course, book):
    path = course.path("release", ".", NAME) / f"{NAME}.ipynb"
    blank = read_source_notebook(path)
    odd = result(status=NEEDS_A_PERSON, flags=("The kernel is odd.",), notebook=blank)
    book.write(odd, NAME, None)
    said = dict(
        rows(
            course,
            "select b.name, c.auto_comment from comment c join base_cell b on b.id = c.cell_id",
        )
    )
    assert said["double"] == "No response.\nThe kernel is odd."
    assert said["square"] == said["why"] == "No response."
    assert rows(course, "select flagged from submitted_notebook") == [(1,)]


def test_a_result_is_there_in_whole_or_not_at_all(course, book, monkeypatch):
    def broken(*_):
        raise RuntimeError("power cut")

    monkeypatch.setattr(gradebook, "_remarks", broken)  # after the grades, before the comments
    with pytest.raises(RuntimeError):
        book.write(result(), NAME, None)
    assert rows(course, "select * from student") == []
    assert rows(course, "select * from grade") == []


def test_a_student_entered_by_another_grader_at_the_same_moment_is_no_error(book, monkeypatch):
    from sqlalchemy.exc import IntegrityError

    really, tries = book._write, []

    def second_comes_first(*args):
        tries.append(args)
        if len(tries) == 1:
            raise IntegrityError("insert", {}, Exception("duplicate key"))
        really(*args)

    monkeypatch.setattr(book, "_write", second_comes_first)
    book.write(result(), NAME, None)
    assert book.entries(NAME)["ada"].score == 2.0


def test_a_gradebook_of_another_version_is_left_as_it_is(course):
    execute(course, "update alembic_version set version_num = 'aaaa'")
    before = (course.root / "gradebook.db").read_bytes()
    with pytest.raises(AutograderError, match="another version of nbgrader.*nbgrader db upgrade"):
        Gradebook(course)
    assert (course.root / "gradebook.db").read_bytes() == before


def test_a_file_that_is_no_database_is_said(course):
    (course.root / "gradebook.db").write_text("points: many")
    with pytest.raises(AutograderError, match="cannot be used: file is not a database"):
        Gradebook(course)


def test_a_lock_is_waited_for(course, book):
    other = sqlite3.connect(course.root / "gradebook.db", check_same_thread=False)
    other.execute("begin exclusive")
    threading.Timer(0.2, other.rollback).start()
    book.write(result(), NAME, None)
    other.close()
    assert book.entries(NAME)["ada"].score == 2.0


def test_a_lock_that_stays_is_said(course, monkeypatch):
    monkeypatch.setattr(database, "WAIT", 0.1)
    other = sqlite3.connect(course.root / "gradebook.db")
    other.execute("begin exclusive")
    with pytest.raises(AutograderError, match="stayed locked"):
        Gradebook(course)
    other.rollback()
    other.close()


def test_cells_may_not_change_under_submissions(course, book):
    source = read_source_notebook(course.sources(NAME)[NAME])
    book.write(result(), NAME, None)
    less = {**source, "cells": [cell for cell in source["cells"] if cell["id"] != "test_square"]}
    with pytest.raises(AutograderError, match=r"added or removed \(test_square\)"):
        book.register(NAME, {NAME: less})
    for cell in source["cells"]:
        if cell["id"] == "test_square":
            cell["metadata"]["nbgrader"]["points"] = 30
    book.register(NAME, {NAME: source})
    assert book.entries(NAME)["ada"].marks[NAME, "test_square"].max_score == 30


def test_an_empty_database_is_made_ready_without_nbgraders_command(course, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")  # nbgrader starts `alembic` from the path
    (course.root / "gradebook.db").unlink()
    with Gradebook(course) as book:
        book.register(NAME, {NAME: read_source_notebook(course.sources(NAME)[NAME])})
        book.write(result(), NAME, None)
        assert book.entries(NAME)["ada"].score == 2.0


def test_names_are_kept_as_they_are(course, book):
    people = [Person("1", "Ann", "Smith, Jr."), Person("2", "=cmd()", "Ångström", "a@b", "77")]
    book.add_people([*people, Person("3")])
    assert book.people() == {p.id: p for p in [*people, Person("3")]}


def test_names_that_students_chose_are_no_markup_in_nbgraders_pages(course, book):
    run = "<img src=x onerror=alert(1)>\x1b]0;x\x07\u202e\n"
    book.add_people([Person("1", run, f"O'Neil \xa0 \u0641\u200c & {run}", run, run)])
    (found,) = book.people().values()
    for text in dataclasses.astuple(found)[1:]:
        assert not set("<>\x1b\x07\u202e\n") & set(text) and "img src=x" in text
    assert found.last_name.startswith("O'Neil \xa0 \u0641\u200c & ")
    assert found.for_pages() == found


def late(course, config, **write):
    (course.root / "nbgrader_config.py").write_text(f"c = get_config()\n{config}\n")
    course = Course.open(course.root)
    with Gradebook(course) as book:
        due = datetime(2026, 11, 1)
        book.write(result("late"), NAME, due + timedelta(days=1))
        book.write(result("early"), NAME, due - timedelta(days=1))
        execute(course, "update assignment set duedate = ?", str(due))
        book.assign_late_penalties(NAME)
        return {student: entry.penalty for student, entry in book.entries(NAME).items()}


def test_late_work_is_penalised_by_nbgraders_plugin(course):
    found = late(course, "c.LateSubmissionPlugin.penalty_method = 'zero'")
    assert found == {"late": 2.0, "early": 0.0}


def test_late_work_is_not_penalised_unless_asked(course):
    assert late(course, "") == {"late": 0.0, "early": 0.0}


def test_a_plugin_beside_the_settings_is_found(course):
    (course.root / "late_policy.py").write_text(
        "from nbgrader.plugins import BasePlugin\n"
        "class Half(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return score / 2\n"
    )
    found = late(course, "c.AssignLatePenalties.plugin_class = 'late_policy.Half'")
    assert found == {"late": 1.0, "early": 0.0}


def test_a_notebooks_rows_are_found_without_looking_at_everybodys(course, book):
    from sqlalchemy import event

    seen = []

    def watch(connection, cursor, statement, values, *rest):
        seen.append((statement, values[0] if isinstance(values, list) else values))

    book.write(result("bob"), NAME, None)  # reads once what the assignment has
    event.listen(book._database._engine, "before_cursor_execute", watch)
    for score in (1.0, 2.0):  # new, then there already
        book.write(result(double=score), NAME, datetime(2026, 11, 20))
    plans = {
        statement: [row[3] for row in rows(course, f"EXPLAIN QUERY PLAN {statement}", *values)]
        for statement, values in seen
        if statement.startswith(("SELECT", "UPDATE"))
    }
    assert len([statement for statement in plans if "grade" in statement]) >= 2
    for statement, plan in plans.items():
        assert not [step for step in plan if step.startswith("SCAN")], statement
