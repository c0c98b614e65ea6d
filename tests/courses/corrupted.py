"""Submissions of every kind that a real course is graded with: right, untouched, and corrupted."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

Notebook = dict[str, Any]

_OTHER = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.Lt: ast.GtE,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}


def submissions(source: Notebook, released: Notebook) -> Iterator[tuple[str, Notebook]]:
    """Names and notebooks; a corruption is made in each solution cell, or the first."""
    reference = _filled(source, released)
    yield "reference", reference
    yield "untouched", released
    yield "operator", _changed(reference, _wrong_operator)
    yield "exception", _changed(reference, lambda text: _in_functions(text, "raise ValueError(1)"))
    yield "endless", _changed(reference, lambda text: text + "\nwhile True:\n    pass", first=True)
    yield "prints", _changed(reference, lambda text: _in_functions(text, "print('seen')"))
    warning = "__import__('warnings').warn('careful')"
    yield "warnings", _changed(reference, lambda text: _in_functions(text, warning))
    yield "cells", _other_cells(reference)


def is_solution(cell: Notebook) -> bool:
    """Whether a student's code stands here."""
    mark = cell.get("metadata", {}).get("nbgrader", {})
    return cell["cell_type"] == "code" and bool(mark.get("solution"))


def _filled(source: Notebook, released: Notebook) -> Notebook:
    """The release with the source's solutions."""
    made = copy.deepcopy(released)
    for cell, full in zip(made["cells"], source["cells"], strict=True):
        if cell.get("metadata", {}).get("nbgrader", {}).get("solution"):
            cell["source"] = full["source"]
    return made


def _changed(reference: Notebook, change: Callable[[str], str], first: bool = False) -> Notebook:
    made = copy.deepcopy(reference)
    for cell in [cell for cell in made["cells"] if is_solution(cell)][: 1 if first else None]:
        cell["source"] = change(_text(cell))
    return made


def _wrong_operator(text: str) -> str:
    """The first operator there is, another one."""
    tree = _parsed(text)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.BinOp) and type(node.op) in _OTHER:
            node.op = _OTHER[type(node.op)]()
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in _OTHER:
            node.ops[0] = _OTHER[type(node.ops[0])]()
        else:
            continue
        return ast.unparse(tree)
    return text


def _in_functions(text: str, statement: str) -> str:
    """The statement before the rest of each function, or of the cell where there is none."""
    tree = _parsed(text)
    if tree is None:
        return text
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for place in functions or [tree]:
        place.body[:0] = ast.parse(statement).body
    return ast.unparse(tree)


def _other_cells(reference: Notebook) -> Notebook:
    """The first solution cell deleted, and one of the student's own added."""
    made = copy.deepcopy(reference)
    first = next((cell for cell in made["cells"] if is_solution(cell)), None)
    made["cells"] = [cell for cell in made["cells"] if cell is not first]
    own = {"cell_type": "code", "metadata": {}, "source": "mine = 1", "outputs": []}
    if made.get("nbformat_minor", 0) >= 5:
        own["id"] = "added-by-student"
    made["cells"].append(own | {"execution_count": None})
    return made


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _text(cell: Notebook) -> str:
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)
