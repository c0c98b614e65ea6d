"""What stands in one cell of a notebook file: its text, and what nbgrader's metadata say of it.

A file may come from a student: whatever is not of the form expected counts as missing.
"""

import hashlib
from collections.abc import Mapping
from typing import Any


def text_of(cell: Mapping[str, Any]) -> str:
    """A cell's text, whichever way nbformat stored it."""
    text = cell.get("source", cell.get("input", ""))
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def role_of(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """nbgrader's metadata of a cell: ``grade``, ``solution``, ``grade_id``, ``points`` ..."""
    metadata = cell.get("metadata")
    role = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return role if isinstance(role, Mapping) else {}


def name_of(cell: Mapping[str, Any]) -> str:
    """The name by which nbgrader knows a cell, else its id; "" where it has neither."""
    return str(role_of(cell).get("grade_id") or cell.get("id") or "")


def checksum_of(cell: Mapping[str, Any]) -> str:
    """What nbgrader notes of a cell when it makes a release, to know it again unchanged."""
    role = role_of(cell)
    graded, answer = bool(role.get("grade")), bool(role.get("solution"))
    locked = not answer and (graded or bool(role.get("locked")))
    parts = [text_of(cell), cell["cell_type"], *map(str, (graded, answer, locked))]
    parts.append(str(role.get("grade_id")))
    if graded:
        parts.append(str(float(role.get("points") or 0)))
    return hashlib.md5("".join(parts).encode()).hexdigest()
