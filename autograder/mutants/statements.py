"""How the lines of a function are misread: left out, exchanged, in place, reset, stopped early.

An operator takes a list of statements (the body of a function, loop or branch) and the names of
the function's parameters, and yields `(lines, what)`: the list as a student may have written it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.mutants.operators import said

Lines = list[ast.stmt]
WrongLines = tuple[Lines, str]


def _with(body: Sequence[ast.stmt], place: int, *new: ast.stmt) -> Lines:
    return [*body[:place], *new, *body[place + 1 :]]


def _target(line: ast.stmt) -> str:
    """The name that a line changes: W of `W = ...`, `W -= ...` and `W[i] = ...`, else ""."""
    targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
    node = targets[0]
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) and len(targets) == 1 else ""


def left_out(body: Sequence[ast.stmt], parameters: Sequence[str]) -> Iterator[WrongLines]:
    """A line that changes what is there already is not there."""
    known = set(parameters)
    for place, line in enumerate(body):
        updates = _target(line) in known or isinstance(line, ast.AugAssign | ast.Expr)
        if updates and len(body) > 1 and not _is_docstring(line):
            yield _with(body, place), f"the line `{said(line, 50)}` is missing"
        if isinstance(line, ast.If) and len(body) > 1:
            yield _with(body, place), f"the case `if {said(line.test)}` is missing"
        if isinstance(line, ast.If):
            yield _with(body, place, *line.body), f"`if {said(line.test)}` is not asked"
            if line.orelse:
                turned = ast.If(line.test, line.orelse, line.body)
                yield _with(body, place, turned), "the two cases are exchanged"
        if name := _target(line):
            known.add(name)


def _is_docstring(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


_TURNED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
_SIGNS = {ast.Add: "+=", ast.Sub: "-=", ast.Mult: "*=", ast.Div: "/="}


def in_place(body: Sequence[ast.stmt], parameters: Sequence[str]) -> Iterator[WrongLines]:
    """`x -= ...` for `x = x - ...` and the other ways to write to an array."""
    for place, line in enumerate(body):
        if isinstance(line, ast.AugAssign):
            kind = type(line.op)
            if kind in _TURNED:
                other = _TURNED[kind]
                what = f"{_SIGNS[other]} is used instead of {_SIGNS[kind]} in `{said(line, 50)}`"
                if kind in (ast.Add, ast.Sub):
                    what = f"the sign of {said(line.value)}: {what}"
                yield _with(body, place, ast.AugAssign(line.target, other(), line.value)), what
            yield (
                _with(body, place, ast.Assign([line.target], line.value)),
                (
                    f"`{said(line.target)} = ...` overwrites what was there; it should be {_SIGNS.get(kind, 'changed')}"
                ),
            )
            if isinstance(line.target, ast.Subscript):
                yield from _other_places(body, place, line)
        elif isinstance(line, ast.Assign) and isinstance(line.value, ast.BinOp):
            name, left = _target(line), line.value.left
            same = isinstance(left, ast.Name) and left.id == name
            if same and isinstance(line.targets[0], ast.Name) and name in parameters:
                change = ast.AugAssign(line.targets[0], line.value.op, line.value.right)
                yield _with(body, place, change), f"the argument {name} is overwritten in place"
        elif isinstance(line, ast.Assign) and isinstance(line.value, ast.Call):
            copied = line.value.func
            if isinstance(copied, ast.Attribute) and copied.attr == "copy":
                yield (
                    _with(body, place, ast.Assign(line.targets, copied.value)),
                    f"{said(copied.value)} is overwritten in place: no copy was made",
                )
            if isinstance(copied, ast.Name) and copied.id == "dict" and line.value.args:
                yield (
                    _with(body, place, ast.Assign(line.targets, line.value.args[0])),
                    f"{said(line.value.args[0])} is changed in place: no copy was made",
                )


def _other_places(
    body: Sequence[ast.stmt], place: int, line: ast.AugAssign
) -> Iterator[WrongLines]:
    """`g[y] -= 1`: at y + 1, y - 1, everywhere, in whole columns or rows."""
    target = line.target
    assert isinstance(target, ast.Subscript)
    parts = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]

    def changed(index: ast.expr | None) -> Lines:
        new = (
            ast.Name(_target(line), ast.Store())
            if index is None
            else ast.Subscript(target.value, index, ast.Store())
        )
        return _with(body, place, ast.AugAssign(new, line.op, line.value))

    yield changed(None), f"{said(line.value)} goes to every entry, not to {said(target)} alone"
    everything = ast.Slice(None, None, None)
    for k, part in enumerate(parts):
        for text, operator in (("one too far", ast.Add()), ("one too early", ast.Sub())):
            moved = ast.BinOp(part, operator, ast.Constant(1))
            index = [*parts[:k], moved, *parts[k + 1 :]]
            yield (
                changed(index[0] if len(index) == 1 else ast.Tuple(index, ast.Load())),
                f"the index {said(part)} of {said(target.value)} is off by one, {text}: labels are counted from 0",
            )
    if len(parts) == 2:
        yield (
            changed(ast.Tuple([everything, parts[1]], ast.Load())),
            f"{said(target.value)}[:, {said(parts[1])}] changes whole columns, not one entry a sample",
        )
        yield (
            changed(parts[0]),
            f"{said(target.value)}[{said(parts[0])}] changes whole rows, not one entry a sample",
        )
        yield (
            changed(parts[1]),
            f"{said(target.value)}[{said(parts[1])}] changes whole rows, not one entry a sample",
        )
        yield (
            changed(ast.Tuple(parts[::-1], ast.Load())),
            f"the indices of {said(target.value)} are exchanged",
        )
    for part in parts:
        if isinstance(part, ast.Name):
            whole = ast.Name(_target(line), ast.Store())
            yield (
                _with(body, place, ast.AugAssign(whole, line.op, part)),
                f"{part.id} itself is used for {said(line.value)} at {said(target)}: it is a label, the number of an entry",
            )
            share = ast.BinOp(line.value, ast.Div(), ast.parse(f"len({part.id})", mode="eval").body)
            yield (
                _with(body, place, ast.AugAssign(target, line.op, share)),
                f"{said(line.value)} is divided by len({part.id}), but should not be",
            )
    same = ast.Subscript(target.value, target.slice, ast.Load())
    turned = ast.BinOp(line.value, ast.Sub(), same)
    yield (
        _with(body, place, ast.Assign([line.target], turned)),
        f"the sign of {said(target)}: it is {said(turned)} here",
    )
    yield (
        _with(body, place, ast.AugAssign(target, line.op, same)),
        f"{said(target)} itself is used where {said(line.value)} should be",
    )
    for text in ("2", "0.5", "-1"):
        factor = ast.BinOp(ast.parse(text, mode="eval").body, ast.Mult(), line.value)
        yield (
            _with(body, place, ast.AugAssign(target, line.op, factor)),
            f"{text} is used where {said(line.value)} should be",
        )


def order(body: Sequence[ast.stmt], parameters: Sequence[str]) -> Iterator[WrongLines]:
    """Two neighbouring lines exchanged, such as the step before the average is updated."""
    for place in range(len(body) - 1):
        first, second = body[place], body[place + 1]
        if (
            _is_docstring(first)
            or isinstance(second, ast.Return)
            or isinstance(first, ast.FunctionDef)
        ):
            continue
        yield (
            [*body[:place], second, first, *body[place + 2 :]],
            (f"the order: `{said(second, 40)}` comes before `{said(first, 40)}`"),
        )


def rounds(body: Sequence[ast.stmt], parameters: Sequence[str]) -> Iterator[WrongLines]:
    """A loop: one round, none of the last, in the other order, begun anew each time."""
    for place, line in enumerate(body):
        if not isinstance(line, ast.For):
            continue
        yield (
            _with(body, place, _loop(line, line.iter, [*line.body, ast.Break()])),
            "the loop stops after its first round",
        )
        everything = ast.Call(ast.Name("list", ast.Load()), [line.iter], [])
        for text, what in (
            ("[:-1]", "the last round of the loop is missing: the last one is dropped"),
            ("[1:]", "the first round of the loop is missing: the first one is dropped"),
            ("[::-1]", "the loop goes in the other order"),
        ):
            index = ast.parse(f"a{text}", mode="eval").body
            assert isinstance(index, ast.Subscript)
            cut = ast.Subscript(everything, index.slice, ast.Load())
            yield _with(body, place, _loop(line, cut, line.body)), f"{what} (of {said(line.iter)})"
        for earlier in range(place):
            begun = body[earlier]
            name = _target(begun)
            if (
                isinstance(begun, ast.Assign)
                and name
                and any(
                    _target(one) == name
                    for one in ast.walk(line)
                    if isinstance(one, ast.Assign | ast.AugAssign)
                )
            ):
                yield (
                    _with(body, place, _loop(line, line.iter, [begun, *line.body])),
                    f"{name} begins anew in every round: `{said(begun)}` stands inside the loop",
                )


def _loop(line: ast.For, over: ast.expr, body: Lines) -> ast.For:
    return ast.For(line.target, over, body, line.orelse)


def one_by_one(body: Sequence[ast.stmt], parameters: Sequence[str]) -> Iterator[WrongLines]:
    """`W, b = objective(W, b)` style steps: W moves first, and b's gradient is taken at the new W."""
    for place, line in enumerate(body):
        if not (
            isinstance(line, ast.Assign)
            and isinstance(line.targets[0], ast.Tuple)
            and isinstance(line.value, ast.Call)
        ):
            continue
        updates = [
            k
            for k in range(place + 1, len(body))
            if isinstance(body[k], ast.Assign)
            and _target(body[k]) in {said(a) for a in line.value.args}
        ]
        if len(updates) >= 2:
            second = updates[1]
            yield (
                [*body[:second], line, *body[second:]],
                f"{_target(body[updates[0]])} is updated before the gradient for {_target(body[second])} is taken: both belong to one point",
            )


def at_the_start(body: Sequence[ast.stmt], parameters: Sequence[str]) -> Iterator[WrongLines]:
    """A loop that takes each step from what the parameters were before it."""
    for place, line in enumerate(body):
        if not isinstance(line, ast.For):
            continue
        moved = {_target(one) for one in ast.walk(line) if isinstance(one, ast.Assign)}
        for k, call in enumerate(line.body):
            if isinstance(call, ast.Assign) and isinstance(call.value, ast.Call):
                stale = [a for a in call.value.args if isinstance(a, ast.Name) and a.id in moved]
                names = [one.id for one in stale if one.id in parameters]
                if not names:
                    continue
                begun = [_assigned(f"{name}_begun", name) for name in names]
                args = [
                    ast.Name(f"{a.id}_begun", ast.Load()) if a in stale else a
                    for a in call.value.args
                ]
                again = ast.Call(call.value.func, args, call.value.keywords)
                inside = _with(line.body, k, ast.Assign(call.targets, again))
                yield (
                    _with(body, place, *begun, _loop(line, line.iter, inside)),
                    f"`{said(call.value, 50)}` is asked at the start in every round, not at the newest "
                    f"{' and '.join(names)}",
                )


def _assigned(target: str, name: str) -> ast.Assign:
    line = ast.parse(f"{target} = {name}").body[0]
    assert isinstance(line, ast.Assign)
    return line


STATEMENTS = (left_out, in_place, order, rounds, one_by_one, at_the_start)
