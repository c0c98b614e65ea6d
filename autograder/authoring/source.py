"""The source of an assignment -> the source notebook: everything, with nbgrader's metadata.

``solutions/NN_topic/NN_topic.py`` is the only hand-written file of a notebook. Reading it needs
no nbgrader, so the exam can read sources too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.authoring.figures import attach
from autograder.authoring.lint import Problem, lint_cells, lint_name
from autograder.authoring.percent import Cell, read_cells, read_text
from autograder.errors import AutograderError
from autograder.notebook.defined_names import solution_names

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["EXPERIMENT_TAGS", "SourceError", "read_source", "solution_names"]

# nbclient, and so stock nbgrader, leaves cells with the second tag alone.
EXPERIMENT_TAGS = ["experiment", "skip-execution"]

_KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# What nbgrader calls each kind: may the student edit it, is it worth points, is it locked.
_ROLES = {
    "given": {"solution": False, "grade": False, "locked": True},
    "experiment": {"solution": False, "grade": False, "locked": True},
    "solution": {"solution": True, "grade": False, "locked": False},
    "test": {"solution": False, "grade": True, "locked": True},
    "manual": {"solution": True, "grade": True, "locked": False},
}
_TITLE = '"""'
_SETUP = "# Setup"
_BETWEEN_ANSWER_AND_SCHEME = re.compile(
    r"^### END SOLUTION\n\s*(### BEGIN MARK SCHEME\n.*?^### END MARK SCHEME)", re.M | re.S
)


class SourceError(AutograderError):
    """A source that breaks the rules; its text has a line ``file:line: message`` for each."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{path}:{line}: {message}" for line, message in problems))
        self.path = path
        self.problems = problems


def read_source(path: Path | str) -> NotebookNode:
    """The source notebook (nbformat 4.5) of ``solutions/NN_topic/NN_topic.py``.

    A cell's id is its grade_id; prose is numbered (``prose-1``). Two readings of one text give
    equal notebooks.

    Raises SourceError with every broken rule, FileNotFoundError when there is no such file.
    """
    from nbformat import from_dict  # late: a third of a second, which only authors need to pay

    return from_dict(read_plain(path))


def read_plain(path: Path | str, known: bool = False) -> dict[str, Any]:
    """The same as plain data, read without nbformat.

    ``known`` to be built as it is: the rules are not held against it once more.
    """
    path = Path(path)
    cells = read_cells(read_text(path))
    if not known and (problems := sorted([*lint_name(path), *lint_cells(cells)])):
        raise SourceError(path, problems)
    prose = iter(range(1, len(cells) + 1))
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {name: dict(value) for name, value in _KERNEL.items()},
        "cells": [_node(cell, cell.id or f"prose-{next(prose)}", path.parent) for cell in cells],
    }


def _node(cell: Cell, cell_id: str, folder: Path) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if cell.kind in _ROLES:
        metadata["nbgrader"] = {
            "grade_id": cell_id,
            "schema_version": 3,
            "task": False,
            **_ROLES[cell.kind],
        }
        if cell.points is not None:
            metadata["nbgrader"]["points"] = cell.points
    if _is_folded(cell):
        metadata["jupyter"] = {"source_hidden": True}
    if cell.kind == "experiment":
        metadata["tags"] = list(EXPERIMENT_TAGS)
    node = {"id": cell_id, "cell_type": cell.type, "metadata": metadata}
    if cell.type == "code":
        return {**node, "source": _text(cell), "execution_count": None, "outputs": []}
    text, attachments = attach(_text(cell), folder)
    pictures = {"attachments": attachments} if attachments else {}
    return {**node, "source": text, **pictures}


def _is_folded(cell: Cell) -> bool:
    """Tests and titled experiments show answers; of a setup there is nothing to read."""
    titled = cell.kind == "experiment" and cell.text.startswith(_TITLE)
    return cell.kind == "test" or titled or (cell.kind == "given" and cell.text.startswith(_SETUP))


def _text(cell: Cell) -> str:
    """The cell's text; a marking scheme moves inside the answer that nbgrader cuts.

    nbgrader knows marking schemes in task cells only, and refuses one anywhere else.
    """
    if cell.kind != "manual":
        return cell.text
    return _BETWEEN_ANSWER_AND_SCHEME.sub(r"\n\1\n### END SOLUTION", cell.text)
