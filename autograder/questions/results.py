"""The form, filled in by the examiners -> points of a check in the gradebook."""

from __future__ import annotations

import math
import shlex
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.tables import read_rows
from autograder.errors import AutograderError
from autograder.gradebook.gradebook import Gradebook
from autograder.questions.ask import QUESTIONS
from autograder.reports.spreadsheet import harmless

COLUMNS = "student", "question", "points", "comment"


@dataclass(frozen=True)
class Entered:
    """Who got points, of ``top``; who has none in the form; whose could not be entered, and why."""

    students: list[str]
    top: float
    blank: list[str]
    left: dict[str, str]


@dataclass(frozen=True)
class _Row:
    question: str
    points: float | None
    comment: str


def enter_results(course: Course, assignment: str, form: Path, each: float = 1.0) -> Entered:
    """Enter the points of a form: ``each`` at most for a question, QUESTIONS of these in all.

    A student with fewer questions gets the mean of theirs. Raises AutograderError, and enters
    nothing, where the form cannot be read.
    """
    if not (math.isfinite(each) and each > 0):
        raise AutograderError(f"--points {each:g}: expected is a number above 0.")
    notebook = next(iter(course.sources(assignment)))
    top = QUESTIONS * each
    marks: dict[str, tuple[float, str]] = {}
    blank: list[str] = []
    left: dict[str, str] = {}
    with course.alone(), Gradebook(course) as book:
        ids = {harmless(student): student for student in book.people()}
        for name, rows in _read(form, each).items():
            given = [row.points for row in rows if row.points is not None]
            if name not in ids:
                left[name] = "no student of that id is in the class list"
            elif not given:
                blank.append(ids[name])
            elif len(given) < len(rows):
                open_ones = ", ".join(row.question for row in rows if row.points is None)
                left[ids[name]] = f"no points for question {open_ones}"
            else:
                said = (f"{row.question}: {row.comment}" for row in rows if row.comment)
                marks[ids[name]] = top * sum(given) / (each * len(rows)), "\n".join(said)
        if not book.entries(assignment):
            raise AutograderError(
                f"Nobody's {assignment} is graded yet, so there is nothing to add points to. "
                f"Type: autograder grade {shlex.quote(str(course.root))} {assignment}"
            )
        present = book.enter_questions(assignment, notebook, marks, top)
        book.assign_late_penalties(assignment)
    left |= dict.fromkeys(sorted(marks.keys() - present), "not graded yet")
    return Entered(sorted(marks.keys() & present), top, sorted(blank), left)


def _read(form: Path, each: float) -> dict[str, list[_Row]]:
    """The rows of each student, in order."""
    rows = read_rows(form)
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if missing := [name for name in COLUMNS if name not in head]:
        raise AutograderError(
            f"{form} has no column {', '.join(missing)}; expected is questions.csv, filled in."
        )
    found: dict[str, list[_Row]] = defaultdict(list)
    for number, row in enumerate(rows[1:], 2):
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        if not any(cells.values()):
            continue
        student, question = cells.get("student", ""), cells.get("question", "")
        if not student or question in (one.question for one in found[student]):
            why = f"question {question} of {student} is there twice" if student else "names nobody"
            raise AutograderError(f"{form}, line {number}: {why}. Nothing was entered.")
        points = _points(cells.get("points", ""), each, f"{form}, line {number}")
        found[student].append(_Row(question, points, cells.get("comment", "")))
    return found


def _points(text: str, each: float, where: str) -> float | None:
    if not text:
        return None
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= each:
        raise AutograderError(
            f"{where}: {text!r} is no number of points from 0 to {each:g}. Nothing was entered; "
            "--points N says what a question is worth."
        )
    return points
