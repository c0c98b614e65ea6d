"""Expressions of sympy as data: trees of the usual classes, built anew on the other side.

What is not listed here stays with the student, and so does an expression that sympy would write in
another way when it builds it: with ``evaluate=False`` it may hold what nobody can compute. Nor is a
class listed whose building takes long for few parts: ``Max``, ``Union``, nested ``tanh``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from autograder.exam.protocol.data_type import DataType

DIGITS = 300  # of the numbers in an expression
NODES = 500  # of an expression
BITS = 50_000  # of a number to the power of a number

CONSTANTS = {
    type(one): one
    for one in (
        *(sympy.pi, sympy.E, sympy.I, sympy.oo, -sympy.oo, sympy.zoo, sympy.nan),
        *(sympy.true, sympy.false, sympy.S.EmptySet, sympy.S.Reals),
    )
}
NUMBERS = {type(sympy.Rational(n, d)) for n, d in ((0, 1), (1, 1), (-1, 1), (2, 1), (1, 2), (2, 3))}
MATRICES = sympy.Matrix, sympy.ImmutableMatrix
WITH_PARTS = {
    kind.__name__: kind
    for kind in (
        *(sympy.Add, sympy.Mul, sympy.Pow, sympy.exp, sympy.log, sympy.Abs, sympy.sign),
        *(sympy.sin, sympy.cos, sympy.tan, sympy.asin, sympy.acos, sympy.atan),
        *(sympy.Eq, sympy.Ne, sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge),
        *(sympy.Tuple, sympy.FiniteSet, sympy.Interval),
    )
}


def _tree(value: Any, room: list[int]) -> list[Any]:
    """The value as nested lists, each with a name in front; ``room`` is for so many of them."""
    room[0] -= 1
    kind = type(value)
    if room[0] < 0:
        raise ValueError("a long expression")
    if kind in CONSTANTS:
        return ["constant", kind.__name__]
    if kind in NUMBERS:
        return ["number", int(value.p), int(value.q)]
    if kind is sympy.Float:
        return ["float", str(sympy.srepr(value).split("'")[1]), int(value._prec)]
    if kind is sympy.Symbol:
        return ["symbol", value.name, dict(value.assumptions0)]
    if kind in MATRICES:
        entries = [_tree(one, room) for one in value.flat()]
        return ["matrix", kind.__name__, list(map(int, value.shape)), entries]
    if WITH_PARTS.get(kind.__name__) is kind:
        return [kind.__name__, *(_tree(one, room) for one in value.args)]
    raise TypeError(f"no expression of the usual classes: {kind.__name__}")


def _parts(value: Any) -> list[Any]:
    tree = _tree(value, [NODES])
    if _built(tree) != value:
        raise ValueError("written as sympy would not write it")
    return [tree]


def _constant(name: str) -> Any:
    return next(one for kind, one in CONSTANTS.items() if kind.__name__ == name)


def _number(p: Any, q: Any) -> Any:
    if not (type(p) is type(q) is int and q > 0 and max(abs(p), q) < 10**DIGITS):
        raise ValueError("no number")
    return sympy.Rational(p, q)


def _float(text: Any, precision: Any) -> Any:
    short = type(text) is str and len(text) <= 2 * DIGITS
    if not (short and type(precision) is int and 0 < precision < 4 * DIGITS):
        raise ValueError("no number")
    return sympy.Float(text, precision=precision)


def _symbol(name: Any, assumptions: Any) -> Any:
    # Text of identifiers calls nothing: a test may hand it to sympify or lambdify.
    if type(name) is not str or not name.isidentifier() or type(assumptions) is not dict:
        raise TypeError("no symbol")
    return sympy.Symbol(name, **{str(key): bool(value) for key, value in assumptions.items()})


def _matrix(name: Any, shape: Any, entries: Any) -> Any:
    kind = next(one for one in MATRICES if one.__name__ == name)
    rows, columns = shape
    if not all(type(n) is int and 0 <= n <= NODES for n in shape) or rows * columns != len(entries):
        raise ValueError("no matrix")
    return kind(rows, columns, list(map(_built, entries)))


LEAVES: dict[str, Callable[..., Any]] = {
    "constant": _constant,
    "number": _number,
    "float": _float,
    "symbol": _symbol,
    "matrix": _matrix,
}


def _built(tree: Any) -> Any:
    if type(tree) is not list or not tree or type(tree[0]) is not str:
        raise TypeError("no expression")
    name, *parts = tree
    if name in LEAVES:
        return LEAVES[name](*parts)
    kind, built = WITH_PARTS[name], list(map(_built, parts))
    if kind is sympy.Pow:
        _bounded(*built)
    return kind(*built)


def _bounded(base: Any, exponent: Any) -> None:
    """Refuse a power that is a number of very many digits."""
    if base.is_Rational and exponent.is_Rational:
        length = max(abs(int(base.p)), int(base.q)).bit_length()
        if length * max(abs(int(exponent.p)), int(exponent.q)) > BITS:
            raise ValueError("a power of very many digits")


DATA_TYPES = tuple(
    DataType(kind, _parts, _built)
    for kind in (*CONSTANTS, *NUMBERS, *MATRICES, *WITH_PARTS.values(), sympy.Float, sympy.Symbol)
)
