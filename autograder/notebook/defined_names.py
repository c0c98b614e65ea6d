"""The names that the cells of a notebook define and import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator


def solution_names(text: str) -> dict[str, str]:
    """The names that a cell's code defines: name -> "function", "class" or "variable".

    What is bound at the top level counts, inside ``if``, ``for``, ``with`` and ``try`` too;
    imported names do not: they are the library's, not the student's.

    Raises SyntaxError when the text is not Python.
    """
    names: dict[str, str] = {}
    for node in _module_scope(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names[node.name] = "function"
        elif isinstance(node, ast.ClassDef):
            names[node.name] = "class"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names[node.id] = "variable"
    return names


def _module_scope(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below this one whose names are the module's own."""
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
              ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)  # fmt: skip
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, scopes):
            yield from _module_scope(child)


def defined_names(text: str) -> dict[str, str]:
    """Names that a cell defines -> "function", "class" or "variable"; none if it is not Python."""
    try:
        return solution_names(without_magics(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def imported_names(text: str) -> dict[str, str]:
    """Names that a cell imports at top level -> the statement; ``*`` for all of a module."""
    try:
        tree = ast.parse(without_magics(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                node.names = [alias]
                found[name] = ast.unparse(node)
    return found


def without_magics(text: str) -> str:
    """The cell as Python, what only IPython understands taken out."""
    text = re.sub(r"^(\s*)[%!].*$", r"\1pass", text, flags=re.M)
    return re.sub(r"(=\s*)[%!](?!=).*$", r"\1None", text, flags=re.M)
