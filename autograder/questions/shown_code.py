"""Student code as questions show it: no comments and docstrings, which may say the answer."""

from __future__ import annotations

import ast
import io
import tokenize
from functools import lru_cache

LONGEST = 26  # lines of a function, or of a check, that is shown on a sheet


def shown_function(text: str, name: str) -> str:
    """A function of a cell without docstring and comments; "" where it is too long to be shown."""
    text = without_comments(text)
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    node = next((n for n in body if isinstance(n, ast.FunctionDef) and n.name == name), None)
    if node is None:
        return ""
    lines = text.split("\n")
    first = node.body[0]
    kept = lines[node.lineno - 1 : node.end_lineno]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and first.end_lineno:
        kept = lines[node.lineno - 1 : first.lineno - 1] + lines[first.end_lineno : node.end_lineno]
    kept = [line for line in kept if line.strip()]
    return "\n".join(kept) if len(kept) <= LONGEST else ""


@lru_cache(1024)
def without_comments(text: str) -> str:
    """The code without what its writer says about it, which may be the answer; as many lines."""
    lines = text.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column].rstrip()
    except (tokenize.TokenError, SyntaxError, IndexError):
        return text
    return "\n".join(lines)
