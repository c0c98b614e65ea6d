"""The scores in the formats of other programs: CSV, Canvas, Moodle, Gradescope.

A score is the gradebook's: with what persons gave, less the penalty for late work. A score that
is still undecided because something could not be graded is left open, never written as 0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.files import write_atomically
from autograder.gradebook.records import Entry, Person
from autograder.grading.class_results import Graded, read_class
from autograder.reports.canvas import fill_canvas
from autograder.reports.spreadsheet import table
from autograder.result import FAILED, PASSED, Check


@dataclass(frozen=True)
class Exported:
    """What was written, and what to know about it."""

    path: Path
    notes: list[str]


def write_export(
    course: Course,
    assignment: str,
    form: str,
    output: Path | None = None,
    canvas: Path | None = None,
    column: str | None = None,
) -> Exported:
    """Write the scores of an assignment as ``form``: csv, canvas, moodle or gradescope.

    ``canvas`` is the gradebook as Canvas exported it, ``column`` the assignment's name there.
    Raises AutograderError when nobody is graded, or the file of Canvas does not fit.
    """
    from autograder.gradebook.gradebook import Gradebook

    if (form == "canvas") != (canvas is not None):
        raise AutograderError(
            "Canvas takes back only its own file: in Canvas, Grades > Export, then "
            f"autograder export {course.root} {assignment} --format canvas --canvas THAT_FILE"
        )
    with Gradebook(course) as book:
        book.assign_late_penalties(assignment)
        graded, people = read_class(course, assignment, book), book.people()
    if not graded:
        raise AutograderError(
            f"Nobody's {assignment} is graded yet. "
            f"Type: autograder grade {course.root} {assignment}"
        )
    notes = _notes(graded)
    folder = course.root / "exports"
    if form == "gradescope":
        path = output or folder / f"{assignment}-gradescope"
        return Exported(path, notes + _write_gradescope(path, graded))
    if canvas is not None:
        text, more = fill_canvas(canvas, column or assignment, graded, score)
        notes += more
    else:
        text = {"csv": plain_csv, "moodle": moodle_csv}[form](assignment, graded, people.values())
    path = output or folder / (f"{assignment}.csv" if form == "csv" else f"{assignment}-{form}.csv")
    write_atomically(path, text.encode("utf-8", "replace"))
    return Exported(path, notes)


def score(one: Graded) -> float | None:
    """Points of a student, None while an automatic check is undecided."""
    return None if _undecided(one) else one.entry.score


def plain_csv(assignment: str, graded: Sequence[Graded], people: Iterable[Person]) -> str:
    """One row a student, every student of the course, every check with a column.

    Begins with the mark by which spreadsheets know UTF-8.
    """
    cells = list(dict.fromkeys(key for one in graded for key in one.entry.marks))
    several = len({notebook for notebook, _ in cells}) > 1
    head = [
        "student", "last_name", "first_name", "email", "assignment", "score", "max_score",
        "late_penalty", "status", "submitted",
        *(f"{notebook}/{name}" if several else name for notebook, name in cells),
    ]  # fmt: skip
    by_id = {one.person.id: one for one in graded}
    rows = []
    for person in sorted(people, key=lambda person: person.id):
        one = by_id.get(person.id)
        entry = one.entry if one else Entry(person.id)
        rows.append(
            [
                person.id, person.last_name, person.first_name, person.email, assignment,
                score(one) if one else None,
                sum(mark.max_score for mark in entry.marks.values()) if one else None,
                entry.penalty or None,
                _status(one),
                entry.timestamp,
                *(_decided(entry, cell) for cell in cells),
            ]
        )  # fmt: skip
    return "\ufeff" + table(head, rows)


def moodle_csv(assignment: str, graded: Sequence[Graded], people: Iterable[Person]) -> str:
    """What Moodle's grade import takes: grade and feedback, both or it would drop the grade."""
    item = f"Assignment: {assignment}"
    head = ["First name", "Last name", "Username", "ID number", "Email address"]
    rows = [
        [
            one.person.first_name, one.person.last_name, one.person.id,
            one.person.lms_user_id, one.person.email, score(one), _lost(one),
        ]
        for one in graded
        if score(one) is not None
    ]  # fmt: skip
    return table([*head, f"{item} (Real)", f"{item} (Feedback)"], rows)


def gradescope(one: Graded) -> dict[str, Any]:
    """The content of Gradescope's results.json for a student."""
    checks = one.result.checks if one.result else ()
    flags = one.result.flags if one.result else ()
    return {
        "score": one.entry.score,
        "execution_time": round(one.result.seconds) if one.result else 0,
        "output": "\n".join(flags),
        "visibility": "visible",
        "tests": [_gradescope_test(check) for check in checks],
    }


def _undecided(one: Graded) -> bool:
    """Whether a check that no person was meant to grade has no score."""
    by_hand = {check.id for check in one.result.checks if check.manual} if one.result else set()
    return one.result is not None and any(
        mark.auto is None and mark.manual is None and name not in by_hand
        for (_, name), mark in one.entry.marks.items()
    )


def _waiting(one: Graded) -> bool:
    return any(mark.auto is None and mark.manual is None for mark in one.entry.marks.values())


def _decided(entry: Entry, cell: tuple[str, str]) -> float | None:
    mark = entry.marks.get(cell)
    return None if mark is None or (mark.auto is None and mark.manual is None) else mark.score


def _status(one: Graded | None) -> str:
    if one is None:
        return "nothing handed in"
    if _undecided(one):
        return "needs a person"
    return "written answer not graded" if _waiting(one) else "graded"


def _lost(one: Graded) -> str:
    checks: Iterable[Check] = one.result.checks if one.result else ()
    lost = [check.title for check in checks if check.status == FAILED]
    return f"Lost: {'; '.join(lost)}" if lost else ""


def _notes(graded: Sequence[Graded]) -> list[str]:
    """Messages about scores that are not final."""

    def count(found: Callable[[Graded], bool]) -> int:
        return sum(map(found, graded))

    notes = []
    if undecided := count(_undecided):
        notes.append(f"Scores left open because the submission needs a person: {undecided}.")
    if waiting := count(lambda one: _waiting(one) and not _undecided(one)):
        notes.append(f"Students with written answers not graded yet, counted as 0: {waiting}.")
    return notes


def _gradescope_test(check: Check) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": check.title,
        "max_score": check.points,
        "output": check.message if check.status != PASSED else "",
        "output_format": "text",
        "visibility": "visible",
    }
    if check.score is not None:
        test["score"] = check.score
    if check.status in (PASSED, FAILED):
        test["status"] = check.status
    return test


def _write_gradescope(folder: Path, graded: Sequence[Graded]) -> list[str]:
    notes = []
    for one in graded:
        name = one.person.id
        if "/" in name or name in (".", ".."):
            notes.append(f"{name!r} cannot be the name of a folder; left out.")
            continue
        if score(one) is None:
            continue  # Gradescope knows no open score
        text = json.dumps(gradescope(one), ensure_ascii=False, indent=1)
        write_atomically(folder / name / "results.json", text.encode("utf-8", "replace"))
    return notes
