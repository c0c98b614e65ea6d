"""Python's operators by name: what a proxy sends over, and what the student process does with it.

An operator that takes a second operand hands that to the student's code, and a test compares by
it: an object whose ``==`` is always true would pass. So the examiner sends ``WITH_OPERAND``
operators only in those checks in which the course's own solution was sent them, too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

_ARITHMETIC = (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
)
COMPARED = ("eq", "ne", "lt", "le", "gt", "ge")
REFLECTED = tuple(f"r{name}" for name in _ARITHMETIC)
IN_PLACE = tuple(f"i{name}" for name in _ARITHMETIC)
WITH_OPERAND = frozenset((*_ARITHMETIC, *REFLECTED, *IN_PLACE, *COMPARED))  # a second operand

UNARY = (
    "neg",
    "pos",
    "abs",
    "invert",
    "len",
    "iter",
    "next",
    "str",
    "repr",
    "int",
    "float",
    "complex",
    "index",
    "bool",
    "reversed",
    "enter",
)  # of the object and nothing else


def _named(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(operator, name, None) or getattr(operator, f"{name}_")
    return found


def _reflected(name: str) -> Callable[[Any, Any], Any]:
    function = _named(name)
    return lambda target, other: function(other, target)


OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: _named(name) for name in (*_ARITHMETIC, *COMPARED)},
    **{f"r{name}": _reflected(name) for name in _ARITHMETIC},
    **{f"i{name}": _named(f"i{name}") for name in _ARITHMETIC},
    **{name: _named(name) for name in ("neg", "pos", "abs", "invert", "index")},
    "len": len,
    "iter": iter,
    "next": next,
    "str": str,
    "repr": repr,
    "int": int,
    "float": float,
    "complex": complex,
    "bool": bool,
    "dir": dir,
    "vars": lambda target: dict(target.__dict__),
    "reversed": reversed,
    "enter": lambda target: type(target).__enter__(target),
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
    "contains": lambda target, item: item in target,
    "isinstance": lambda target, instance: isinstance(instance, target),
    "issubclass": lambda target, kind: issubclass(kind, target),
    "call": lambda target, /, *args, **kwargs: target(*args, **kwargs),
}
