"""How indices, pairs and cases are misread: one off, rows for columns, labels, exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutants.operators import Wrong, binary, parsed, said


def indices(node: ast.expr) -> Iterator[Wrong]:
    """x[y]: one off, rows and columns, F[:, y] for one entry a sample, a list reversed."""
    if not (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)):
        return
    index = node.slice
    parts = index.elts if isinstance(index, ast.Tuple) else [index]

    def at(*new: ast.expr) -> ast.Subscript:
        return ast.Subscript(
            node.value, new[0] if len(new) == 1 else ast.Tuple(list(new), ast.Load()), ast.Load()
        )

    for place, part in enumerate(parts):
        if isinstance(part, ast.Slice):
            for wrong, what in _slices(part):
                yield at(*parts[:place], wrong, *parts[place + 1 :]), what
        elif not (
            isinstance(part, ast.Constant) and not isinstance(part.value, int)
        ) and not isinstance(part, ast.UnaryOp):
            for step, what in ((ast.Add(), "one too far"), (ast.Sub(), "one too early")):
                moved = binary(part, step, ast.Constant(1))
                yield (
                    at(*parts[:place], moved, *parts[place + 1 :]),
                    f"the index {said(part)} of {said(node.value)} is off by one, {what}",
                )
    if len(parts) == 2:
        yield at(parts[1], parts[0]), f"the indices of {said(node.value)} are exchanged"
        if not any(isinstance(one, ast.Slice | ast.Constant) for one in parts):
            everything = ast.Slice(None, None, None)
            yield (
                at(everything, parts[1]),
                f"{said(node.value)}[:, {said(parts[1])}] takes whole columns, not one entry a sample",
            )
            yield (
                at(parts[0]),
                f"{said(node.value)}[{said(parts[0])}] takes whole rows, not one entry a sample",
            )
            yield (
                at(parts[1]),
                f"{said(node.value)}[{said(parts[1])}] takes whole rows, not one entry a sample",
            )
        if any(isinstance(one, ast.Constant) and one.value is None for one in parts):
            yield node.value, f"{said(node.value)} is not made a column: [:, None] is missing"
            yield (
                at(ast.Constant(None), ast.Slice(None, None, None)),
                f"{said(node.value)} is made a row, not a column",
            )
    elif not isinstance(index, ast.Slice):
        yield node.value, f"the index of {said(node.value)} is missing"
        if not isinstance(index, ast.Constant):
            what = (
                f"{said(index)} itself is used instead of entry {said(index)} of {said(node.value)}"
            )
            yield index, what
        if isinstance(index, ast.Name) and isinstance(node.value, ast.Name):
            name = said(node.value)
            yield (
                parsed("a.sum()", a=node.value),
                f"the sum of all entries of {name} is used where {said(node)} should be",
            )


def _slices(part: ast.Slice) -> Iterator[tuple[ast.expr, str]]:
    one = ast.Constant(1)
    if part.step is not None:
        yield ast.Slice(part.lower, part.upper, None), "the order is reversed: [::-1] is missing"
    if part.upper is not None:
        yield (
            ast.Slice(part.lower, binary(part.upper, ast.Sub(), one), part.step),
            "the slice ends one too early",
        )
        yield (
            ast.Slice(one, None, part.step),
            "the slice leaves out the first where it is to leave out the last",
        )
        yield ast.Slice(part.lower, None, part.step), "the slice does not end where it is to end"
    if part.lower is not None:
        yield (
            ast.Slice(binary(part.lower, ast.Add(), one), part.upper, part.step),
            "the slice begins one too late",
        )
        yield (
            ast.Slice(None, part.upper, part.step),
            "the slice begins at the first, but should not",
        )


def choices(node: ast.expr) -> Iterator[Wrong]:
    """a if c else b: the cases exchanged, or one of them always. Pairs and lists exchanged."""
    if isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body), "the two cases are exchanged"
        yield node.body, f"{said(node.body)} is taken in both cases"
        yield node.orelse, f"{said(node.orelse)} is taken in both cases"
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        for k in range(len(node.elts) - 1):
            swapped = list(node.elts)
            swapped[k], swapped[k + 1] = swapped[k + 1], swapped[k]
            yield type(node)(swapped, ast.Load()), f"{_two(node.elts, k)} are exchanged"
    if isinstance(node, ast.List) and node.elts and isinstance(node.ctx, ast.Load):
        yield ast.List([], ast.Load()), f"the list begins empty, without {said(node.elts[0])}"
    if isinstance(node, ast.Dict) and len(node.values) > 1:
        for k in range(len(node.values) - 1):
            values = list(node.values)
            values[k], values[k + 1] = values[k + 1], values[k]
            keys = [said(one) for one in node.keys[k : k + 2] if one]
            yield ast.Dict(node.keys, values), f"the values of {' and '.join(keys)} are exchanged"


_PLACES = "first", "second", "third", "fourth", "fifth", "sixth"


def _two(values: list[ast.expr], k: int) -> str:
    """What two neighbours in a tuple are called: by their names, or their places, not a formula."""
    one, other = values[k : k + 2]
    if isinstance(one, ast.Name) and isinstance(other, ast.Name):
        return f"{one.id} and {other.id}"
    if len(values) == 2:
        return "the two"
    return f"the {_PLACES[k]} and the {_PLACES[k + 1]} of the {len(values)}" if k < 5 else "two"


INDICES = (indices, choices)
