"""Who has more time, and who has left: two small tables in the course, kept by ``roster``.

extensions.csv   student,assignment,until
withdrawn.csv    student,since
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.submissions import course_zone, parse_time
from autograder.course.tables import read_table
from autograder.errors import AutograderError
from autograder.files import write_atomically

EXTENSIONS, WITHDRAWN = "extensions.csv", "withdrawn.csv"


def read_extensions(course: Course, assignment: str) -> dict[str, datetime]:
    """Until when each student with more time may hand in the assignment, in UTC."""
    found = {}
    path = course.root / EXTENSIONS
    for number, row in _rows(path, ("student", "assignment", "until")):
        if row[1] == assignment:
            try:
                found[row[0]] = parse_time(row[2], course_zone(course))
            except (ValueError, OverflowError):
                raise AutograderError(
                    f"{path}, line {number}: {row[2]!r} is no time; expected is one like "
                    "2026-11-27 23:59 UTC."
                ) from None
    return found


def write_extensions(
    course: Course, assignment: str, students: Iterable[str], until: datetime | None
) -> None:
    """Give the students time until then (UTC); None takes an extension back."""
    students, path = list(students), course.root / EXTENSIONS
    columns = ("student", "assignment", "until")
    rows = [
        row for _, row in _rows(path, columns) if row[1] != assignment or row[0] not in students
    ]
    if until is not None:
        rows += [[student, assignment, f"{until} UTC"] for student in students]
    _write(path, columns, rows)


def read_withdrawn(course: Course) -> dict[str, str]:
    """Since when each student who has left is gone."""
    return {row[0]: row[1] for _, row in _rows(course.root / WITHDRAWN, ("student", "since"))}


def write_withdrawn(course: Course, students: Iterable[str], since: str | None) -> None:
    """Note that the students have left; None: that they are back."""
    gone = read_withdrawn(course)
    for student in students:
        if since is None:
            gone.pop(student, None)
        else:
            gone.setdefault(student, since)
    _write(course.root / WITHDRAWN, ("student", "since"), sorted(map(list, gone.items())))


def _rows(path: Path, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    found = list(read_table(path, columns))
    for number, row in found:
        if not all(row[:-1]):
            raise AutograderError(
                f"{path}, line {number}: expected are the columns {','.join(columns)}."
            )
    return found


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([columns, *rows])
    write_atomically(path, buffer.getvalue().encode())
