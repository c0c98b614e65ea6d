"""A student's cell -> the same cell with one expression changed: a sign, a factor, a transpose.

The operators are those of `autograder.mutants`. Only the characters of the expression are
replaced, so that everything else stands as the student wrote it.
"""

from __future__ import annotations

import ast
import json
import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.mutants.calls import CALLS
from autograder.mutants.operators import EXPRESSIONS
from autograder.notebook.cell_fields import text_of
from autograder.questions.shown_code import without_comments

MOST_CHARACTERS = 20_000  # of a cell that is looked into
LONGEST_LINE = 100  # characters: longer ones cannot be read on a sheet


@dataclass(frozen=True)
class Change:
    """One line of a student's, and what it is changed to, without comments: they may say what
    fails. ``text`` is the whole changed cell as it was written.
    """

    notebook: str
    cell: str
    function: str
    operator: str
    line: int
    before: str
    after: str
    text: str


def changes(notebook: str, cell: str, text: str) -> Iterator[Change]:
    """Every change of one expression in a function of this cell; none where it is no Python.

    Some may be no change, or no Python any more: `chosen` leaves those out, as parsing a cell again
    for each of several hundred changes takes longer than their exams.
    """
    if len(text) > MOST_CHARACTERS or "\r" in text.replace("\r\n", "\n"):
        return  # Python ends a line at a lone carriage return; editors and this module do not
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in _expressions(function.body):
                yield from _of_node(notebook, cell, text, function.name, node)


def _expressions(body: Sequence[ast.AST]) -> Iterator[ast.expr]:
    """The expressions on one line; not what is raised, asserted or annotated, nor a loop's end."""
    for node in body:
        if isinstance(node, ast.Raise | ast.Assert | ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.expr) and node.lineno == node.end_lineno:
            yield node
        left_out = {"annotation", "test"} if isinstance(node, ast.While) else {"annotation"}
        for name, value in ast.iter_fields(node):
            if name not in left_out:
                inside = value if isinstance(value, list) else [value]
                yield from _expressions([one for one in inside if isinstance(one, ast.AST)])


def _of_node(
    notebook: str, cell: str, text: str, function: str, node: ast.expr
) -> Iterator[Change]:
    lines = text.split("\n")
    if node.lineno > len(lines) or len(lines[node.lineno - 1]) > LONGEST_LINE:
        return
    old = lines[node.lineno - 1]
    shown = without_comments(text).split("\n")[node.lineno - 1]
    for operator in (*EXPRESSIONS, *CALLS):
        for wrong, _ in operator(node):
            new = _with(old, node, wrong)
            whole = "\n".join([*lines[: node.lineno - 1], new, *lines[node.lineno :]])
            if new != old and len(new) <= LONGEST_LINE:
                before, after = shown.strip(), _with(shown, node, wrong).strip()
                yield Change(
                    notebook, cell, function, operator.__name__, node.lineno, before, after, whole
                )


def _with(line: str, node: ast.expr, wrong: ast.expr) -> str:
    """The line with the expression replaced, in parentheses where it might bind differently."""
    new = ast.unparse(wrong)
    raw = line.encode()  # ast counts bytes
    head, tail = raw[: node.col_offset].decode(), raw[node.end_col_offset :].decode()
    alone = head.rstrip().endswith(("=", "return", "(", "[", ",")) and tail.strip()[:1] in (
        *"#)],;",
        "",
    )
    simple = isinstance(wrong, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant)
    return head + (new if alone or simple else f"({new})") + tail


def differs(old: str, new: str) -> bool:
    """Whether the changed cell is Python, and other Python than before."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.dump(ast.parse(new)) != ast.dump(ast.parse(old))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def chosen(
    found: Sequence[Change], texts: Mapping[str, Mapping[str, str]], most: int, draw: random.Random
) -> list[Change]:
    """At most ``most`` changes, each of another line, of as many kinds as there are.

    ``texts`` are the cells as they were handed in, by notebook and cell; what leaves its cell as it
    was, or no Python, is not chosen.
    """
    shuffled = sorted(found, key=lambda change: (change.cell, change.line, change.after))
    draw.shuffle(shuffled)
    picked: list[Change] = []
    for other_kind in (True, False):
        for change in shuffled:
            lines = {(one.notebook, one.cell, one.line) for one in picked}
            kinds = {one.operator for one in picked}
            taken = (change.notebook, change.cell, change.line) in lines
            if len(picked) == most:
                return picked
            if taken or (other_kind and change.operator in kinds):
                continue
            if differs(texts[change.notebook][change.cell], change.text):
                picked.append(change)
    return picked


def with_cell(submission: bytes, old: str, new: str) -> bytes | None:
    """The student's file with this text of a code cell replaced; None where it is not there."""
    try:
        notebook = json.loads(submission)
        cells = [cell for cell in notebook["cells"] if text_of(cell) == old]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    for cell in cells:
        cell["source"] = new
    return json.dumps(notebook).encode() if cells else None
