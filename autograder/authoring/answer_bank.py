"""The bank of answers: known mistakes and correct variants -> filled-in notebooks.

``mistakes/NAME.py`` and ``variants/NAME.py`` hold a docstring, then only the solution cells that
differ from the reference. What a mistake must lose, and what its student must read, stands in
the docstring:

    \"\"\"The outer product the wrong way round.

    loses: test_dL_dV
    says: transpose
    \"\"\"

A long cell need not be repeated: ``# %% edit id="NAME"`` holds lines of the reference, a line
``# becomes``, and what stands there instead.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from autograder.authoring.percent import (
    MARK_SCHEME,
    Cell,
    cut,
    read_cells,
    read_text,
    without_markers,
)
from autograder.errors import AutograderError
from autograder.notebook.cell_fields import role_of

if TYPE_CHECKING:
    from nbformat import NotebookNode

_BECOMES = "# becomes"
_FIELD = re.compile(r"^(loses|says):[ \t]*(.*?)(?=^\w+:|\n\s*\n|\Z)", re.M | re.S)


class AnswerError(AutograderError):
    """A file of the bank that breaks the rules; its text is ``file:line: message``."""


@dataclass(frozen=True)
class Answer:
    """One filled-in notebook of the bank.

    ``loses`` are the ids of the checks it fails, none for a variant; ``says`` is text that the
    message of the first of them contains; ``cells`` maps a solution cell's id to its text.
    """

    name: str
    description: str
    loses: frozenset[str]
    says: str
    cells: Mapping[str, str]


def read_mistakes(folder: Path, source: NotebookNode) -> list[Answer]:
    """The wrong answers of ``solutions/NN_topic``, by name. Raises AnswerError."""
    return [read_answer(path, source, wrong=True) for path in sorted(folder.glob("mistakes/*.py"))]


def read_variants(folder: Path, source: NotebookNode) -> list[Answer]:
    """The other correct answers of ``solutions/NN_topic``, by name. Raises AnswerError."""
    return [read_answer(path, source, wrong=False) for path in sorted(folder.glob("variants/*.py"))]


def fill(
    notebook: NotebookNode, source: NotebookNode, answer: Answer | None = None
) -> NotebookNode:
    """A copy of ``notebook`` with the reference, or ``answer`` where it differs, filled in.

    ``notebook`` is the release, for what a student would hand in, or the source itself.
    Written questions get the model answer.
    """
    filled = copy.deepcopy(notebook)
    reference = {cell.id: cell for cell in source.cells if _is_solution(cell)}
    for cell in filled.cells:
        if cell.id in reference:
            text = reference[cell.id].source
            if cell.cell_type == "markdown":
                text = cut(text, MARK_SCHEME)
            if answer:
                text = answer.cells.get(cell.id, text)
            cell.source = without_markers(text).rstrip()
    return filled


def _is_solution(cell: NotebookNode) -> bool:
    return bool(role_of(cell).get("solution"))


def read_answer(path: Path, source: NotebookNode, wrong: bool) -> Answer:
    """One file of the bank, a mistake or a variant. Raises AnswerError."""
    head, *cells = read_cells(read_text(path))
    description = _docstring(path, head)
    fields = {name: " ".join(text.split()) for name, text in _FIELD.findall(description)}
    return Answer(
        name=path.stem,
        description=_FIELD.sub("", description).strip(),
        loses=_loses(path, fields, source, wrong),
        says=_says(path, fields, wrong),
        cells=_solution_cells(path, cells, source),
    )


def _docstring(path: Path, head: Cell) -> str:
    try:
        text = None if head.head else ast.get_docstring(ast.parse(head.text))
    except SyntaxError as error:
        raise AnswerError(f"{path}:{error.lineno}: not Python ({error.msg})") from None
    if not text:
        raise AnswerError(f"{path}:1: begin with a docstring that says what this answer is")
    return text


def _loses(
    path: Path, fields: Mapping[str, str], source: NotebookNode, wrong: bool
) -> frozenset[str]:
    loses = frozenset(filter(None, re.split(r"[,\s]+", fields.get("loses", ""))))
    if not wrong and fields:
        raise AnswerError(f"{path}:1: a variant scores full marks; remove '{next(iter(fields))}:'")
    if wrong and not loses:
        raise AnswerError(f"{path}:1: a mistake names the checks it loses: add 'loses: test_name'")
    checks = [
        cell.id for cell in source.cells if role_of(cell).get("grade") and not _is_solution(cell)
    ]
    for unknown in sorted(loses - set(checks)):
        raise AnswerError(
            f"{path}:1: it loses '{unknown}', but no such check exists; "
            f"the assignment has {', '.join(checks)}"
        )
    return loses


def _says(path: Path, fields: Mapping[str, str], wrong: bool) -> str:
    if wrong and not fields.get("says"):
        raise AnswerError(f"{path}:1: say what the student must read: add 'says: some words'")
    return fields.get("says", "")


def _solution_cells(path: Path, cells: list[Cell], source: NotebookNode) -> dict[str, str]:
    reference = {cell.id: cell.source for cell in source.cells if _is_solution(cell)}
    texts: dict[str, str] = {}
    for cell in cells:
        if cell.kind not in ("solution", "edit") or not cell.head:
            raise AnswerError(
                f"{path}:{cell.head or cell.line}: an answer holds solution cells only: "
                f'# %% solution id="name", or # %% edit id="name"; '
                f"found {cell.kind or 'a cell without a kind'}"
            )
        if cell.id is None or cell.id not in reference:
            raise AnswerError(
                f"{path}:{cell.head}: {cell.id!r} is not the id of a solution cell; "
                f"the assignment has {', '.join(reference)}"
            )
        if cell.kind == "edit":
            before = texts.get(cell.id) or without_markers(reference[cell.id]).rstrip()
            texts[cell.id] = _edited(f"{path}:{cell.head}", cell.text, before)
            continue
        if cell.id in texts:
            raise AnswerError(f"{path}:{cell.head}: '{cell.id}' is answered twice; keep one")
        texts[cell.id] = cell.text
        _check_python(path, cell)
    if not texts:
        raise AnswerError(f"{path}:1: it answers nothing; add the solution cells that differ")
    return texts


def _check_python(path: Path, cell: Cell) -> None:
    try:
        if cell.type == "code":
            ast.parse(cell.text)
    except SyntaxError as error:
        line = cell.line + (error.lineno or 1) - 1
        raise AnswerError(f"{path}:{line}: not Python ({error.msg})") from None


def _edited(where: str, edit: str, text: str) -> str:
    """``text`` with the lines before "# becomes" replaced by those after it, at any indentation."""
    old, becomes, new = edit.partition(f"{_BECOMES}\n")
    wanted, lines = old.strip("\n").split("\n"), text.split("\n")
    found = []
    for first in range(len(lines) - len(wanted) + 1):
        margin = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        if lines[first : first + len(wanted)] == indent(old.strip("\n"), margin).split("\n"):
            found.append((first, margin))
    if not becomes or len(found) != 1:
        raise AnswerError(
            f"{where}: an edit holds lines of the reference that stand there once, a line "
            f"'{_BECOMES}', and other lines; "
            + (f"found {wanted[0]!r} {len(found)} times" if becomes else f"'{_BECOMES}' is missing")
        )
    first, margin = found[0]
    lines[first : first + len(wanted)] = indent(new.strip("\n"), margin).split("\n")
    return "\n".join(lines)
