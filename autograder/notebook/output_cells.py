"""The notebook that stays: the source's cells, with what a student wrote and the exam put out.

Most cells of a class's notebooks are the same. Between examiner and student process such a cell
goes by its number in the source, which both sides know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.notebook.safe_outputs import sanitise_attachments
from autograder.notebook.safe_text import MAX_MARKDOWN, safe_markdown
from autograder.notebook.source_cells import EXPERIMENT, GIVEN, TEST, SourceCell

Cell = dict[str, Any]


def plain_cells(source: Mapping[str, Any], steps: Sequence[SourceCell]) -> list[Cell]:
    """The cells of a source notebook as they stay when nothing was written or put out."""
    return [
        kept_cell(step, cell.get("metadata", {}), own_text(step), []) | _attachments(step, cell)
        for step, cell in zip(steps, source["cells"], strict=True)
    ]


def _attachments(step: SourceCell, cell: Mapping[str, Any]) -> Cell:
    """The instructor's pictures; nbconvert renders no cell whose pictures are missing."""
    held = not step.code and cell.get("attachments")
    return {"attachments": cell["attachments"]} if held else {}


def own_text(step: SourceCell) -> str:
    """A cell's text where nothing of a student's stands in its place."""
    return step.source if step.kind in (TEST, GIVEN, EXPERIMENT) else step.released


def kept_cell(step: SourceCell, metadata: Mapping[str, Any], text: str, outputs: list[Any]) -> Cell:
    """A cell in nbformat 4."""
    cell: Cell = {
        "cell_type": "code" if step.code else "markdown",
        "id": step.id[:64],
        "metadata": dict(metadata),
        "source": text,
    }
    return cell | {"execution_count": None, "outputs": outputs} if step.code else cell


def students_markdown(text: str, attachments: Any, room: int = MAX_MARKDOWN) -> Cell:
    """The source and the attachments of a Markdown cell that a student wrote, made harmless.

    Of more than ``room`` characters the source becomes a block of code.
    """
    found = sanitise_attachments(attachments)
    most = max(0, min(room, MAX_MARKDOWN))
    safe: Cell = {"source": safe_markdown(text, frozenset(found), most)}
    return safe | {"attachments": found} if found else safe


def brief(cells: Sequence[Cell], plain: Sequence[Cell]) -> list[Cell | int]:
    """The cells; those that are the very ones of ``plain`` by their number there."""
    numbers = {id(cell): number for number, cell in enumerate(plain)}
    return [numbers.get(id(cell), cell) for cell in cells]


def whole(cells: Sequence[Cell | int], plain: Sequence[Cell]) -> list[Cell]:
    """The inverse of ``brief``."""
    return [plain[cell] if isinstance(cell, int) else cell for cell in cells]
