"""Canvas takes back the gradebook it exported: its own columns and ids, with one column filled."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import AutograderError
from autograder.grading.standings import Standing
from autograder.reports.spreadsheet import harmless_export

# Where a student of ours may be found, the surest first.
_IDS = ("ID", "SIS User ID", "SIS Login ID")


def fill_canvas(path: Path, assignment: str, graded: Sequence[Standing]) -> tuple[str, list[str]]:
    """The file at ``path`` with the scores in the assignment's column, and notes.

    A student is found by the Canvas id that the gradebook has (``lms_user_id``), else by SIS id,
    login or e-mail. Rows, columns and everything else stay as they are, but for an apostrophe
    before what a spreadsheet would run as a formula.
    Raises AutograderError when the file is no export of Canvas or lacks the assignment.
    """
    rows, delimiter = _read(path)
    head = rows[0]
    column = _column(path, head, assignment)
    places = _places(head, rows)
    notes, seen = [], set()
    for one in graded:
        found = _find(one, places)
        if len(found) != 1:
            why = "is not in" if not found else "fits several rows of"
            notes.append(f"{one.person.id} {why} {path.name}; left out.")
            continue
        (row,) = found
        if row in seen:
            notes.append(f"{one.person.id} has the row of another student; left out.")
            continue
        seen.add(row)
        if one.score is not None:
            rows[row][column] = f"{one.score:.6g}"
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([list(map(harmless_export, line)) for line in rows[1:]])
    return buffer.getvalue(), notes


def _read(path: Path) -> tuple[list[list[str]], str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise AutograderError(
            f"{path} is not a CSV file in UTF-8, as Canvas exports it."
        ) from error
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not rows or rows[0][:1] != ["Student"] or "ID" not in rows[0]:
        raise AutograderError(
            f"{path} is no gradebook of Canvas: its columns do not begin with Student, ID. "
            "Export it in Canvas: Grades > Export > Export Entire Gradebook."
        )
    width = len(rows[0])
    return [row + [""] * (width - len(row)) if row else row for row in rows], delimiter


def _column(path: Path, head: Sequence[str], assignment: str) -> int:
    """The assignment's column: Canvas writes its name and, in brackets, its id."""
    names = {place: re.sub(r" \(\d+\)$", "", title) for place, title in enumerate(head)}
    numbered = [place for place, name in names.items() if name != head[place]]
    fits = [place for place in numbered if assignment in (names[place], head[place])]
    if len(fits) == 1:
        return fits[0]
    known = ", ".join(repr(head[place]) for place in numbered) or "none"
    raise AutograderError(
        f"{path} has {'no' if not fits else 'several'} columns for the assignment "
        f"{assignment!r}. Name one of these with --column: {known}."
    )


def _places(head: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, dict[str, list[int]]]:
    """Rows by each kind of id."""
    places: dict[str, dict[str, list[int]]] = {name: {} for name in _IDS}
    for name in _IDS:
        if name in head:
            column = list(head).index(name)
            for number, row in enumerate(rows[1:], 1):
                if row and row[column].strip():
                    places[name].setdefault(row[column].strip(), []).append(number)
    return places


def _find(one: Standing, places: dict[str, dict[str, list[int]]]) -> list[int]:
    person = one.person
    tries = [
        ("ID", person.lms_user_id),
        ("SIS User ID", person.id),
        ("SIS Login ID", person.id),
        ("SIS Login ID", person.email),
        ("ID", person.id),
    ]
    for kind, value in tries:
        if value and (found := places[kind].get(value)):
            return found
    return []
