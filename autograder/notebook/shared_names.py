"""Names that given cells, checks and a student's code share beyond what solution cells define.

Found in the course's own source, so only what its own solution shares is shared.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from autograder.notebook.defined_names import defined_names, parsed, read_names
from autograder.notebook.source_cells import GIVEN, MANUAL, OPEN, SOLUTION, TEST, SourceCell

_SHELL = frozenset({"In", "Out", "exit", "quit", "display", "open", "get_ipython"})


@dataclass(frozen=True)
class SharedNames:
    """``unresolved``: read by checks and defined by no cell that can be read, so by a student's
    code in a way of its own (``globals()``, ``%run``). ``changed``: solution cell -> variables of
    given cells that it changes in place. ``mirrored``: set by checks, and read by the solution.
    ``followed``: variables that functions of the solution change when they are called.
    """

    unresolved: frozenset[str] = frozenset()
    changed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    mirrored: frozenset[str] = frozenset()
    followed: frozenset[str] = frozenset()


def find_shared_names(steps: Iterable[SourceCell]) -> SharedNames:
    """What the cells of a source notebook share."""
    code = [step for step in steps if step.code]
    ours = [step for step in code if step.kind in (GIVEN, OPEN, TEST)]
    theirs = [step for step in code if step.kind in (SOLUTION, MANUAL)]
    made = {name for step in code for name in step.made}
    read = set().union(*(read_names(step.source) for step in ours))
    unresolved = {name for name in read - made - _SHELL if not name.startswith("_")}
    wanted = set().union(*(read_names(step.source) for step in theirs))
    by_checks = set().union(
        *({*defined_names(step.source), *changed_in_place(step.source)} for step in code
          if step.kind == TEST)
    )  # fmt: skip
    variables = set().union(*(_variables(step) for step in code if step.kind != TEST))
    followed = variables & set().union(*(_changed_by_functions(step.source) for step in theirs))
    followed &= set().union(*(_mentioned(step.source) for step in ours))
    mirrored = frozenset(by_checks & wanted)
    return SharedNames(frozenset(unresolved), _changed(code), mirrored, frozenset(followed))


def _mentioned(text: str) -> set[str]:
    return {node.id for node in ast.walk(parsed(text)) if isinstance(node, ast.Name)}


def _variables(step: SourceCell) -> set[str]:
    return {name for name, kind in defined_names(step.source).items() if kind == "variable"}


def _changed(code: Iterable[SourceCell]) -> dict[str, frozenset[str]]:
    """Solution cells -> variables of earlier given cells that they change in place."""
    variables: set[str] = set()
    found = {}
    for step in code:
        if step.kind in (GIVEN, OPEN):
            variables |= _variables(step)
        elif step.kind in (SOLUTION, MANUAL):
            changed = variables & changed_in_place(step.source)
            if changed:
                found[step.id] = frozenset(changed)
    return found


def changed_in_place(text: str) -> set[str]:
    """Names whose values a cell may change at its top level: ``x[0] = 1``, ``x.sort()``, ``f(x)``.

    A call counts where nothing is made of its value.
    """
    return {
        name
        for node in _statements(parsed(text).body)
        for part in _reached(node)
        for name in _roots(part)
    }


# Methods that change what they are called on, of the containers that courses use.
_CHANGING = frozenset(
    {"add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem"}
    | {"popleft", "put", "remove", "reverse", "setdefault", "sort", "update"}
)


def _changed_by_functions(text: str) -> set[str]:
    """Names of the notebook that functions of a cell bind anew or change in place."""
    found: set[str] = set()
    for function in ast.walk(parsed(text)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        inner = list(ast.walk(function))
        anew = {name for node in inner if isinstance(node, ast.Global) for name in node.names}
        bound = {node.id for node in inner if isinstance(node, ast.Name) and _is_stored(node)}
        own = (bound | {node.arg for node in inner if isinstance(node, ast.arg)}) - anew
        found |= (anew & bound) | (set(_changed_within(inner)) - own)
    return found


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


def _changed_within(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(
            node.ctx, ast.Store | ast.Del
        ):
            yield from _roots(node)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _CHANGING
        ):
            yield from _roots(node.func)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a cell that it runs itself, in loops too."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        yield node
        for inner in ("body", "orelse", "finalbody", "handlers", "cases"):
            blocks = getattr(node, inner, [])
            for block in blocks:
                yield from _statements(getattr(block, "body", []) or [])
            yield from _statements([one for one in blocks if isinstance(one, ast.stmt)])


def _reached(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            yield from targets
        case ast.AugAssign(target=target):
            yield target
        case ast.For(target=target):
            yield target
        case ast.Expr(value=ast.Call(func=function, args=args, keywords=keywords)):
            if isinstance(function, ast.Attribute):
                yield function
            if not (isinstance(function, ast.Name) and function.id in ("print", "display")):
                yield from (ast.Starred(one) for one in args)
                yield from (ast.Starred(one.value) for one in keywords)


def _roots(node: ast.AST) -> Iterator[str]:
    """``x`` of ``x[0]``, ``x.a`` and ``x.a[0].b``; nothing of a bare name."""
    if isinstance(node, ast.Tuple | ast.List):
        for one in node.elts:
            yield from _roots(one)
    inside = node
    while isinstance(inside, ast.Subscript | ast.Attribute | ast.Starred):
        inside = inside.value
    if isinstance(inside, ast.Name) and inside is not node:
        yield inside.id
