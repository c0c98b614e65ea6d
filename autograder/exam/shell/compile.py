"""A cell of plain Python as code."""

from __future__ import annotations

import ast
import re
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


def compile_cell(source: str, name: str) -> Code | None:
    """The cell as code; None when it is no plain Python but has magics, ``?`` or a bare ``await``.

    ``name`` stands in tracebacks.
    """
    try:
        if ENDS_IN_RETURN.search(source):  # no expression, then: no tree need be looked at
            return Code(compile(source, name, "exec"), None)
        tree = ast.parse(source)
        expression = None
        if tree.body and isinstance(last := tree.body[-1], ast.Expr):
            tree.body.pop()
            expression = compile(ast.Expression(last.value), name, "eval")
        return Code(compile(tree, name, "exec"), expression)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
