"""The lines of a student's code, in the words in which a mutant's line is compared with them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from autograder.notebook.defined_names import parsed

MOST_CHARACTERS = 20_000  # of a cell that is read
_SIMPLE = ast.Return | ast.Assign | ast.AugAssign | ast.Expr


def lines_of(texts: Iterable[str]) -> frozenset[str]:
    """The simple statements of some cells, without comments and spaces."""
    found = set()
    for text in texts:
        if len(text) <= MOST_CHARACTERS:
            for node in ast.walk(parsed(text)):
                if isinstance(node, _SIMPLE):
                    found.add(" ".join(ast.unparse(node).split()))
    return frozenset(found)
