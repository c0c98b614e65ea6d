"""The text of a syntax tree after a change, made of what has not changed: to tell trees apart."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any


class Texts:
    """The texts of a tree's nodes. `ast.dump` of the whole tree costs milliseconds each time."""

    def __init__(self, tree: ast.AST) -> None:
        self.tree = tree
        self.above = {
            child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)
        }
        self.known: dict[ast.AST, str] = {}
        self._learn(tree)

    def _learn(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self._learn(child)
        self.known[node] = _of(node, self.known)

    def with_changes(self, parents: Iterable[ast.AST]) -> str:
        """The text of the tree whose nodes ``parents`` have other children than at first."""
        changed: dict[ast.AST, None] = {}
        for node in parents:
            above: ast.AST | None = node
            while above is not None:
                changed[above] = None
                above = self.above.get(above)
        known = {**self.known}
        for node in changed:
            known.pop(node, None)
        return _of(self.tree, known)


def _of(value: Any, known: dict[ast.AST, str]) -> str:
    if isinstance(value, ast.AST):
        if value in known:
            return known[value]
        parts = [
            f"{name}={_of(part, known)}"
            for name in value._fields
            if (part := getattr(value, name, None)) is not None
        ]
        return f"{type(value).__name__}({','.join(parts)})"
    if isinstance(value, list):
        return f"[{','.join([_of(one, known) for one in value])}]"
    return repr(value)
