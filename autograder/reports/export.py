"""The scores in the formats of other programs: CSV, Canvas, Moodle, Gradescope.

A score is the gradebook's: with what persons gave, less the penalty for late work. A score that
is still undecided because something could not be graded is left open, never written as 0.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.files import write_atomically
from autograder.gradebook.records import Entry
from autograder.grading.standings import (
    NOT_GRADED_YET,
    OPEN,
    WITHDRAWN,
    Standing,
    read_standings,
)
from autograder.reports.canvas import fill_canvas
from autograder.reports.spreadsheet import table
from autograder.result import COULD_NOT_RUN, FAILED, NEEDS_A_PERSON, PASSED, Check, remarks


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
            f"autograder export {shlex.quote(str(course.root))} {assignment} "
            "--format canvas --canvas THAT_FILE"
        )
    with Gradebook(course) as book:
        book.assign_late_penalties(assignment)
        everybody = read_standings(course, assignment, book)
    graded = [one for one in everybody if one.entry and one.status != WITHDRAWN]
    if not graded:
        raise AutograderError(
            f"Nobody's {assignment} is graded yet. "
            f"Type: autograder grade {shlex.quote(str(course.root))} {assignment}"
        )
    notes = _notes(everybody)
    folder = course.root / "exports"
    if form == "gradescope":
        path = output or folder / f"{assignment}-gradescope"
        for old in path.glob("*/results.json") if output is None else ():
            old.unlink()  # of somebody who has no score any more; the others' are written again
        return Exported(path, notes + _write_gradescope(path, graded))
    if canvas is not None:
        text, more = fill_canvas(canvas, column or assignment, graded)
        notes += more
    else:
        text = plain_csv(assignment, everybody) if form == "csv" else moodle_csv(assignment, graded)
    path = output or folder / (f"{assignment}.csv" if form == "csv" else f"{assignment}-{form}.csv")
    write_atomically(path, text.encode("utf-8", "replace"))
    return Exported(path, notes)


def plain_csv(assignment: str, standings: Sequence[Standing]) -> str:
    """One row a student, every student of the course, every check with a column.

    Begins with the mark by which spreadsheets know UTF-8.
    """
    cells = list(dict.fromkeys(key for one in standings if one.entry for key in one.entry.marks))
    several = len({notebook for notebook, _ in cells}) > 1
    head = [
        "student", "last_name", "first_name", "email", "assignment", "score", "max_score",
        "late_penalty", "status", "submitted",
        *(f"{notebook}/{name}" if several else name for notebook, name in cells),
    ]  # fmt: skip
    rows = []
    for one in sorted(standings, key=lambda one: one.person.id):
        person, entry = one.person, one.entry or Entry(one.person.id)
        counts = one.status != WITHDRAWN
        rows.append(
            [
                person.id, person.last_name, person.first_name, person.email, assignment,
                one.score,
                one.max_score if one.entry else None,
                one.penalty or None,
                one.status,
                entry.timestamp,
                *(_decided(entry, cell) if counts else None for cell in cells),
            ]
        )  # fmt: skip
    return "\ufeff" + table(head, rows)


def moodle_csv(assignment: str, graded: Sequence[Standing]) -> str:
    """What Moodle's grade import takes: grade and feedback, both or it would drop the grade."""
    item = f"Assignment: {assignment}"
    head = ["First name", "Last name", "Username", "ID number", "Email address"]
    rows = [
        [
            one.person.first_name, one.person.last_name, one.person.id,
            one.person.lms_user_id, one.person.email, one.score, _lost(one),
        ]
        for one in graded
        if one.score is not None
    ]  # fmt: skip
    return table([*head, f"{item} (Real)", f"{item} (Feedback)"], rows)


def gradescope(one: Standing) -> dict[str, Any]:
    """The content of Gradescope's results.json for a student."""
    checks = one.result.checks if one.result else ()
    flags = one.result.flags if one.result else ()
    return {
        "score": one.so_far,
        "execution_time": round(one.result.seconds) if one.result else 0,
        "output": "\n".join(flags),
        "visibility": "visible",
        "tests": [_gradescope_test(check) for check in checks],
    }


def _decided(entry: Entry, cell: tuple[str, str]) -> float | None:
    mark = entry.marks.get(cell)
    return None if mark is None or (mark.auto is None and mark.manual is None) else mark.score


def _lost(one: Standing) -> str:
    checks: Iterable[Check] = one.result.checks if one.result else ()
    lost = [check.title for check in checks if check.status == FAILED]
    return f"Lost: {'; '.join(lost)}" if lost else ""


def _notes(standings: Sequence[Standing]) -> list[str]:
    """Messages about scores that are not final."""
    by_status = Counter(one.status for one in standings)
    texts = {
        NEEDS_A_PERSON: "Scores left open because the submission needs a person",
        COULD_NOT_RUN: "Scores left open because something could not run",
        NOT_GRADED_YET: "Handed in, and not graded yet",
        OPEN: "Students with written answers not graded yet, counted as 0",
        WITHDRAWN: "Withdrawn, left out",
    }
    notes = [f"{text}: {by_status[key]}." for key, text in texts.items() if by_status[key]]
    notes += remarks(check for one in standings if one.result for check in one.result.checks)
    taken = [one for one in standings if one.taken_away]
    return notes + [f"{one.person.id}: {one.why}." for one in taken]


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


def _write_gradescope(folder: Path, graded: Sequence[Standing]) -> list[str]:
    notes = []
    for one in graded:
        name = one.person.id
        if "/" in name or name in (".", ".."):
            notes.append(f"{name!r} cannot be the name of a folder; left out.")
            continue
        if one.score is None:
            continue  # Gradescope knows no open score
        text = json.dumps(gradescope(one), ensure_ascii=False, indent=1)
        write_atomically(folder / name / "results.json", text.encode("utf-8", "replace"))
    return notes
