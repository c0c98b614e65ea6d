"""The file a student handed in, read as cells, whatever its bytes are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.files import MAX_BYTES
from autograder.notebook.cell_fields import role_of, text_of
from autograder.notebook.defined_names import defined_names

MAX_CELLS = 5_000
MAX_CHARACTERS = 4 * 2**20  # of all cells' text, pasted pictures among them; kept with the result
MAX_CODE = 2**20  # characters of one code cell
MAX_PARSED = 100_000  # characters of a cell that is looked into for names
STUB = "raise NotImplementedError"


@dataclass
class SubmittedCell:
    """A cell of the submission."""

    place: int
    code: bool
    text: str
    grade_id: str
    cell_id: str
    outputs: list[Any]
    mark: Mapping[str, Any]  # nbgrader's metadata
    tags: list[Any]
    attachments: Any = None  # of a text cell, as they stand in the file
    used_for: int | None = None  # index of the step it stands for

    @cached_property
    def names(self) -> frozenset[str]:
        """What it defines at top level."""
        readable = self.code and len(self.text) <= MAX_PARSED
        return frozenset(defined_names(self.text)) if readable else frozenset()

    @property
    def untouched(self) -> bool:
        return STUB in self.text or not self.text.strip()


def read_cells(data: bytes) -> tuple[list[SubmittedCell] | None, str]:
    """The cells of a notebook, or None and a message; a message too when it was unusual."""
    if len(data) > MAX_BYTES:
        return None, f"The file has {len(data) >> 20} MB; at most {MAX_BYTES >> 20} MB are read."
    if not data.strip():
        return None, "The file is empty."
    text, message = _decode(data)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError, MemoryError):
        return None, "The file is no notebook: its JSON is broken, or was cut off."
    if not isinstance(notebook, dict):
        return None, "The file is no notebook: it has no cells."
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        cells, message = (
            _old_cells(notebook),
            message or "The notebook is in an old format (nbformat 3).",
        )
    if not cells:
        return None, "The file is no notebook: it has no cells."
    if len(cells) > MAX_CELLS:
        return None, f"The notebook has {len(cells)} cells; at most {MAX_CELLS} are read."
    found = [_cell(cell, place) for place, cell in enumerate(cells) if isinstance(cell, dict)]
    if sum(len(cell.text) for cell in found) > MAX_CHARACTERS:
        return None, f"The notebook's cells have more than {MAX_CHARACTERS} characters."
    if any(cell.code and len(cell.text) > MAX_CODE for cell in found):
        return None, f"A code cell of the notebook has more than {MAX_CODE} characters."
    return found, message


def _decode(data: bytes) -> tuple[str, str]:
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    message = "The file was not UTF-8; it was read as UTF-16." if wide else ""
    if data.startswith(b"\xef\xbb\xbf"):
        message = "The file began with a byte-order mark; it was taken off."
    try:
        return data.decode("utf-16" if wide else "utf-8-sig"), message
    except UnicodeDecodeError:
        pass
    return data.decode("latin-1"), "The file was not UTF-8; it was read as Latin-1."


def _old_cells(notebook: Mapping[str, Any]) -> list[Any]:
    sheets = notebook.get("worksheets")
    sheets = sheets if isinstance(sheets, list) else []
    return [
        cell
        for sheet in sheets
        if isinstance(sheet, dict)
        for cell in (sheet["cells"] if isinstance(sheet.get("cells"), list) else [])
    ]


def _cell(cell: Mapping[str, Any], place: int) -> SubmittedCell:
    metadata = _dict(cell.get("metadata"))
    mark, outputs, tags = role_of(cell), cell.get("outputs"), metadata.get("tags")
    grade_id = mark.get("grade_id")
    return SubmittedCell(
        place,
        cell.get("cell_type") == "code",
        text_of(cell),
        grade_id if isinstance(grade_id, str) else "",
        cell["id"] if isinstance(cell.get("id"), str) else "",
        outputs if isinstance(outputs, list) else [],
        mark,
        tags if isinstance(tags, list) else [],
        cell.get("attachments"),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
