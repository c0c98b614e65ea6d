"""A solution cell -> the wrong readings of its functions.

A mutant keeps no copy of the tree: it writes its node into the cell's tree, compiles, and puts
the old one back. So the two hundred of a cell cost little more than one.
"""

from __future__ import annotations

import ast
import contextlib
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import CodeType
from typing import Any

from autograder.mutants.brackets import BRACKETS
from autograder.mutants.calls import CALLS
from autograder.mutants.conventions import momentum
from autograder.mutants.indices import INDICES
from autograder.mutants.operators import EXPRESSIONS, Wrong, negated, said
from autograder.mutants.results import (
    averaged,
    lambdas,
    name_for_name,
    one_more,
    other_entries,
    other_names,
    own_entries,
    own_names,
    parts,
    whole,
)
from autograder.mutants.statements import STATEMENTS
from autograder.mutants.terms import TERMS, activated
from autograder.mutants.texts import Texts

ROUNDS = 20_000  # of the loops of one call, after which a mutant is taken to run for ever


class RunsForEver(Exception):
    """A mutant's loop that does not end."""


@dataclass(frozen=True)
class Site:
    """A place in a syntax tree: a field of ``parent``, or entry ``place`` of that field."""

    parent: ast.AST
    field: str
    place: int | None = None

    def get(self) -> Any:
        found = getattr(self.parent, self.field)
        return found if self.place is None else found[self.place]

    def put(self, value: Any) -> None:
        if self.place is None:
            setattr(self.parent, self.field, value)
        else:
            getattr(self.parent, self.field)[self.place] = value


@dataclass(frozen=True, eq=False)
class Mutant:
    """One wrong reading: of ``function``, by ``operator``; ``what`` is wrong, in a few words."""

    cell: str
    function: str
    operator: str
    what: str
    tree: ast.Module
    site: Site
    new: Any
    statement: ast.AST  # the line it stands in
    kind: Any = None  # which of the operator's readings it is: the same for the same misreading
    also: tuple[tuple[Site, Any], ...] = ()  # other places that are misread in the same way

    @property
    def changes(self) -> list[tuple[Site, Any]]:
        """What is put where."""
        return [(self.site, self.new), *self.also]

    @contextlib.contextmanager
    def _written(self) -> Iterator[None]:
        changes = self.changes
        old = [site.get() for site, _ in changes]
        for site, new in changes:
            site.put(new)
        try:
            yield
        finally:
            for (site, _), node in zip(changes, old, strict=True):
                site.put(node)

    @cached_property
    def text(self) -> str:
        """The whole cell with the mistake in it."""
        with self._written():
            return _without_ticks(ast.unparse(self.tree))

    @property
    def line(self) -> str:
        """The line with the mistake in it."""
        with self._written():
            return " ".join(_without_ticks(ast.unparse(self.statement)).split())

    @property
    def part(self) -> str:
        """The line, of several values that it returns only the one with the mistake in it."""
        with self._written():
            value = getattr(self.statement, "value", None)
            if not isinstance(value, ast.Tuple | ast.List | ast.Dict):
                return self.line.removeprefix("return ")
            inside = [one for one in value_parts(value) if self._touches(one)]
            return ast.unparse(inside[0]) if len(inside) == 1 else ""

    def _touches(self, node: ast.AST) -> bool:
        changed = {id(new) for _, new in self.changes if isinstance(new, ast.AST)}
        return any(id(one) in changed for one in ast.walk(node))

    @cached_property
    def code(self) -> CodeType | None:
        """The cell, compiled; None where the mistake leaves no Python."""
        for site, new in self.changes:
            there = site.get()
            for node in new if isinstance(new, list) else [new]:
                if not (
                    isinstance(there, list) and node in there
                ):  # a line that stays has its place
                    ast.fix_missing_locations(node)
        with (
            self._written(),
            warnings.catch_warnings(action="ignore"),
            contextlib.suppress(SyntaxError, ValueError, TypeError),
        ):
            return compile(self.tree, f"<mutant of {self.function}>", "exec")
        return None


class Rounds:
    """Counts the rounds of a mutant's loops, and stops one that does not end."""

    def __init__(self) -> None:
        self.left = ROUNDS

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise RunsForEver


TICK = "__mutant_round__"


def _bounded(tree: ast.Module) -> None:
    """Count the rounds of every loop in the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While):
            tick = ast.parse(f"{TICK}()").body[0]
            for part in ast.walk(tick):
                ast.copy_location(part, node.body[0])
            node.body.insert(0, tick)


def _is_tick(line: ast.stmt) -> bool:
    call = line.value if isinstance(line, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == TICK


def _without_ticks(text: str) -> str:
    return re.sub(rf"^ *{TICK}\(\)\n", "", text, flags=re.M)


def mutants_of(cell: str, text: str, first: int = 1, last: int | None = None) -> list[Mutant]:
    """The mutants of the functions in a solution cell, each text once.

    ``text`` is the cell without markers; only what stands in lines ``first`` to ``last`` (1 is the
    first) was the student's to write.
    """
    tree = ast.parse(text)
    _bounded(tree)
    texts, found = Texts(tree), []
    seen = {texts.with_changes(())}
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            single = list(_of_function(cell, tree, function, first, last or len(text)))
            for mutant in [*single, *everywhere(single)]:
                with mutant._written():
                    changed = texts.with_changes(site.parent for site, _ in mutant.changes)
                if changed not in seen:
                    seen.add(changed)
                    found.append(mutant)
    return found


def _of_function(
    cell: str, tree: ast.Module, function: ast.FunctionDef, first: int, last: int
) -> Iterator[Mutant]:
    parameters = [one.arg for one in function.args.args]
    names, entries = own_names(function), own_entries(function)
    for statement, site in _sites(function):
        node = site.get()
        if not _inside(node, first, last):
            continue
        if isinstance(node, list):
            tick = [one for one in node[:1] if _is_tick(one)]
            for lines_operator in (momentum, *STATEMENTS):
                for lines, what in lines_operator(node[len(tick) :], parameters):
                    body = [*tick, *lines]
                    name = lines_operator.__name__
                    yield Mutant(cell, function.name, name, what, tree, site, body, statement)
            continue
        order: Counter[str] = Counter()
        for operator, (new, what) in _wrong(node, statement, site, parameters, names, entries):
            kind = operator, type(node), order[operator], name_for_name(node, new)
            order[operator] += 1
            yield Mutant(cell, function.name, operator, what, tree, site, new, statement, kind)


def value_parts(value: ast.Tuple | ast.List | ast.Dict) -> list[ast.expr]:
    """The values in a display, and those that a function in it returns."""
    found: list[ast.expr] = []
    for one in value.values if isinstance(value, ast.Dict) else value.elts:
        inner = one.body if isinstance(one, ast.Lambda) else one
        found += inner.elts if isinstance(inner, ast.Tuple) else [inner]
    return found


EVERYWHERE = "; and so wherever it occurs"
MOST_PLACES = 4  # that are misread in the same way


def everywhere(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    """One misreading at each place of a function where it can be made: who believes it, repeats it."""
    by_kind: dict[Any, list[Mutant]] = {}
    for mutant in mutants:
        if mutant.kind is not None:
            by_kind.setdefault(mutant.kind, []).append(mutant)
    for same in by_kind.values():
        first, *others = same
        if others and len(same) <= MOST_PLACES and _apart(same):
            also = tuple((one.site, one.new) for one in others)
            what = first.what + EVERYWHERE
            yield replace(first, what=what, also=also)


def _apart(mutants: Sequence[Mutant]) -> bool:
    """Whether no place lies within another one."""
    places = [
        {id(node) for node in ast.walk(one.site.get()) if isinstance(node, ast.expr)}
        for one in mutants
    ]
    return len(set().union(*places)) == sum(map(len, places))


def _wrong(
    node: ast.expr,
    statement: ast.AST,
    site: Site,
    parameters: Sequence[str],
    names: Sequence[str],
    entries: Sequence[ast.Subscript],
) -> Iterator[tuple[str, Wrong]]:
    returned = statement.value if isinstance(statement, ast.Return) else None
    if returned is not None:
        inside = parts(returned) + lambdas(returned)
        here = (site.parent, site.field, site.place)
        if node is returned and not inside or any(_same(here, part) for part in inside):
            one_of = node is not returned
            yield from (("whole", wrong) for wrong in whole(node, parameters, one_of))
    elif isinstance(statement, ast.Assign) and node is statement.value:
        yield "whole", (negated(node), f"the sign of {said(node)} is wrong")
        yield from (("activated", wrong) for wrong in activated(node))
    operators: tuple[Callable[[ast.expr], Iterator[Wrong]], ...] = (
        *EXPRESSIONS,
        *TERMS,
        *BRACKETS,
        *CALLS,
        *INDICES,
    )
    for operator in operators:
        yield from ((operator.__name__, wrong) for wrong in operator(node))
    for by_name in (other_names, one_more, averaged):
        yield from ((by_name.__name__, wrong) for wrong in by_name(node, names))
    yield from (("other_names", wrong) for wrong in other_entries(node, entries))


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return one[0] is other[0] and one[1:] == other[1:]


def _inside(node: Any, first: int, last: int) -> bool:
    nodes = [one for one in node if not _is_docstring(one)] if isinstance(node, list) else [node]
    return all(first <= getattr(one, "lineno", first) <= last for one in nodes)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _sites(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, Site]]:
    """Every expression and every list of statements, each with the line it stands in."""

    def walk(node: ast.AST, statement: ast.AST) -> Iterator[tuple[ast.AST, Site]]:
        for field, value in ast.iter_fields(node):
            if field in (
                "decorator_list",
                "returns",
                "annotation",
                "keywords",
                "defaults",
                "type_ignores",
            ):
                if field == "keywords":
                    for keyword in value:
                        yield from walk(keyword, statement)
                continue
            if isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    yield node, Site(node, field)
                for place, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        yield statement, Site(node, field, place)
                    if isinstance(item, ast.AST):
                        yield from walk(item, item if isinstance(item, ast.stmt) else statement)
            elif isinstance(value, ast.AST):
                if isinstance(value, ast.expr):
                    yield statement, Site(node, field)
                yield from walk(value, statement)

    yield from walk(function, function)


def sentence(mutant: Mutant, longest: int = 70) -> str:
    """The cause, for a student: what is wrong, and the line that gives exactly their values."""
    if mutant.operator not in ("sums", "products", "slopes", "powers"):
        return mutant.what
    line = mutant.part
    if not line or len(line) > longest or "--" in line:
        return mutant.what
    return f"{mutant.what} (yours are the values of `{line}`)"


__all__ = ["Mutant", "Rounds", "RunsForEver", "mutants_of", "said", "sentence"]
