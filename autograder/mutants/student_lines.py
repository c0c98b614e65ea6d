"""The lines of a student's code, in the words in which a mutant's line is compared with them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from autograder.notebook.defined_names import parsed

MOST_CHARACTERS = 20_000  # of a cell that is read
SIMPLE = ast.Return | ast.Assign | ast.AugAssign | ast.Expr


def lines_of(texts: Iterable[str], function: str) -> frozenset[str]:
    """The simple statements of the cells that define a function, without comments and spaces."""
    found: set[str] = set()
    for text in texts:
        if len(text) <= MOST_CHARACTERS and f"def {function}" in text:
            nodes = list(ast.walk(parsed(text)))
            if any(isinstance(one, ast.FunctionDef) and one.name == function for one in nodes):
                found.update(
                    " ".join(ast.unparse(node).split())
                    for node in nodes
                    if isinstance(node, SIMPLE)
                )
    return frozenset(found)
