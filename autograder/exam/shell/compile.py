"""A cell of plain Python as code."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Set
from dataclasses import dataclass
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
        if not elsewhere and ENDS_IN_RETURN.search(source):  # no expression: no tree is needed
            return Code(compile(source, name, "exec"), None)
        tree = ast.parse(source)
        tree.body = [node for node in tree.body if not _reads_only(node, elsewhere)]
        expression = None
        if tree.body and isinstance(last := tree.body[-1], ast.Expr):
            tree.body.pop()
            expression = compile(ast.Expression(last.value), name, "eval")
        return Code(compile(tree, name, "exec"), expression)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _reads_only(statement: ast.stmt, names: Set[str]) -> bool:
    """Whether it is an expression that reads some of these names, and Python's own besides."""
    if not (names and isinstance(statement, ast.Expr)):
        return False
    read = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return bool(read & names) and read - names <= {*vars(builtins), "display"}
