"""A class list as platforms export it: CSV in whatever columns, encoding and delimiter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.course.directory import unusable_id
from autograder.course.person import Person
from autograder.course.tables import read_rows
from autograder.errors import AutograderError

# Our columns, and what others call them, the surest first.
_COLUMNS = {
    "id": (
        "id", "username", "sis login id", "sis user id", "sid", "student id", "id number",
        "student number", "login id", "user name", "anmeldename", "nutzername",
    ),
    "first_name": ("first_name", "first name", "given name", "firstname", "vorname"),
    "last_name": ("last_name", "last name", "surname", "family name", "lastname", "nachname"),
    "email": ("email", "email address", "e-mail", "e-mail address", "mail", "e-mail-adresse"),
    "lms_user_id": ("lms_user_id",),
}  # fmt: skip
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.I)
_WHOLE = ("student", "name", "full name", "student name")
_STAFF = ("role", "roles", "course role")


def read_class_list(path: Path) -> list[Person]:
    """The students of a file; AutograderError with the line where it is not what is expected.

    Knows our own columns ``id,first_name,last_name,email,lms_user_id`` and the exports of Canvas
    (gradebook), Moodle (participants, grades), Gradescope (roster) and Blackboard.
    """
    rows = read_rows(path)
    head = [title.strip().casefold() for title in rows[0]] if rows else []
    canvas = head[:1] == ["student"] and "id" in head
    places = _places(head, canvas)
    whole = next((head.index(name) for name in _WHOLE if name in head), None)
    role = next((head.index(name) for name in _STAFF if name in head), None)
    if "id" not in places and "email" not in places:
        raise AutograderError(
            f"{path} has no column that tells students apart; its columns are "
            f"{', '.join(rows[0]) if rows else 'none'}. Expected are id,first_name,last_name,email,"
            "lms_user_id, or an export of Canvas, Moodle, Gradescope or Blackboard."
        )
    found: dict[str, Person] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row) or (canvas and _no_student(row)):
            continue
        if role is not None and role < len(row) and "student" not in row[role].casefold():
            continue
        one = _listed(row, places, whole, head, canvas)
        why = _wrong(row, head, one) or (f"{one.id!r} is there twice." if one.id in found else "")
        if why:
            raise AutograderError(f"{path}, line {number}: {why} Nothing was entered.")
        found[one.id] = one
    return list(found.values())


def _wrong(row: Sequence[str], head: Sequence[str], one: Person) -> str:
    """Why a row would be entered as somebody else, or as nobody; "" if it would not."""
    if any(cell.strip() for cell in row[len(head) :]):
        return (
            f"The row has {len(row)} cells, and the first line {len(head)}; a name with the "
            'separator in it must be in quotes, as "Lovelace, Jr.".'
        )
    if not one.id:
        return "The row names nobody."
    if _ROUNDED.fullmatch(one.id):
        return (
            f"{one.id!r} is a number that a spreadsheet has rounded. Give that column the format "
            "Text, or export the list again and do not open it first."
        )
    if "/" in one.id or "\\" in one.id or one.id.startswith("."):
        return "An id cannot hold / or begin with a dot."
    return unusable_id(one.id)


def _listed(
    row: Sequence[str],
    places: Mapping[str, int],
    whole: int | None,
    head: Sequence[str],
    canvas: bool,
) -> Person:
    def cell(place: int | None) -> str:
        return row[place].strip() if place is not None and place < len(row) else ""

    values = {name: cell(place) for name, place in places.items()}
    if whole is not None and not values.get("last_name"):
        last, comma, first = cell(whole).partition(",")
        if not comma:
            first, _, last = cell(whole).rpartition(" ")
        values |= {"first_name": first.strip(), "last_name": last.strip()}
    student = values.get("id", "")
    if canvas:
        values["lms_user_id"] = cell(head.index("id"))
        others = [cell(head.index(name)) for name in ("sis user id",) if name in head]
        if "@" in student:
            values["email"] = values.get("email") or student
            student = next(filter(None, others), student.split("@")[0])
        student = student or next(filter(None, others), values["lms_user_id"])
    values["id"] = student or values.get("email", "").split("@")[0]
    return Person(**values)


def _places(head: Sequence[str], canvas: bool) -> dict[str, int]:
    places = {}
    for column, names in _COLUMNS.items():
        usable = [name for name in names if not (canvas and name == "id")]
        found = next((head.index(name) for name in usable if name in head), None)
        if found is not None:
            places[column] = found
    return places


def _no_student(row: Sequence[str]) -> bool:
    """Canvas puts a line of points, and a student for tests, between the others."""
    first = row[0].strip()
    return first in ("Points Possible", "Student, Test", "") or not any(
        cell.strip() for cell in row[1:4]
    )
