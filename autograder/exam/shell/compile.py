"""A cell of plain Python as code."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Set
from dataclasses import dataclass
from itertools import takewhile
from types import CodeType

# A last line that no expression can end with: an indented return, in which no long string ends.
# Comments may follow.
_SHORT = r"""(?:[^'"\\\n]|"[^"\\\n]+"|'[^'\\\n]+')*"""


ENDS_IN_RETURN = re.compile(rf"^[ \t]+return\b{_SHORT}(?:\n[ \t]*(?:#[^'\"\n]*)?)*\Z", re.M)


@dataclass(frozen=True)
class Code:
    """A cell of plain Python, compiled: its statements, and the expression it ends in, if any."""

    body: CodeType
    last: CodeType | None


def compile_cell(source: str, name: str, elsewhere: Set[str] = frozenset()) -> Code | None:
    """The cell as code; None when it is no plain Python but has magics, ``?`` or a bare ``await``.

    ``name`` stands in tracebacks. An expression that reads only names of ``elsewhere`` is left out.
    """
    try:
        # No expression, then: no tree need be looked at.
        if not elsewhere and ENDS_IN_RETURN.search(source):
            return Code(_code(source, name, "exec"), None)
        tree = ast.parse(source)
        tree.body = [node for node in tree.body if not _reads_only(node, elsewhere)]
        return _compiled(tree, name)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def compile_parts(source: str, name: str, hidden: Set[int]) -> tuple[Code | None, Code | None]:
    """A cell in two: the statements before the first of the ``hidden`` lines, and the rest.

    A cell that is no plain Python is hidden as a whole: nothing, and None for ``compile_cell``'s
    reasons.
    """
    try:
        tree = ast.parse(source)
        seen = list(
            takewhile(lambda node: _is_docstring(node) or not _lines(node) & hidden, tree.body)
        )
        rest = ast.Module(tree.body[len(seen) :], [])
        return _compiled(ast.Module(seen, []), name), _compiled(rest, name)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Code(compile("", name, "exec"), None), None


def _code(text: str | ast.Module | ast.Expression, name: str, mode: str) -> CodeType:
    """As a notebook compiles it: without this file's own ``from __future__``."""
    code: CodeType = compile(text, name, mode, dont_inherit=True)
    return code


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _lines(node: ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _compiled(tree: ast.Module, name: str) -> Code:
    expression = None
    if tree.body and isinstance(last := tree.body[-1], ast.Expr):
        tree.body.pop()
        expression = _code(ast.Expression(last.value), name, "eval")
    return Code(_code(tree, name, "exec"), expression)


def _reads_only(statement: ast.stmt, names: Set[str]) -> bool:
    """Whether it is an expression that reads some of these names, and Python's own besides."""
    if not (names and isinstance(statement, ast.Expr)):
        return False
    read = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return bool(read & names) and read - names <= {*vars(builtins), "display"}
