"""What a check asked of a student's functions: arguments as they were, and what came back."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

MOST_CALLS = 60  # of one check that are kept, the latest
SMALL = 20  # up to which a whole number says little
MOST_NUMBERS = 64  # of an array that are looked at
MOST_BYTES = 8 << 20  # of arguments of one call; a larger one is not kept

Path = tuple[Any, ...]
_NUMBERS = int, float, np.number, np.ndarray
_CHANGING = np.random.Generator, set
_FIXED = frozenset({float, int, str, bool, type(None), np.float64})  # the most frequent


@dataclass(frozen=True, eq=False)
class Call:
    """One call: of a function by ``name``, or of a function that an earlier call gave back."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    value: Any
    parent: Call | None = None
    path: Path = ()  # of the function in what its parent gave back

    def drawn(self, draw: Callable[[Any], Any]) -> Call:
        """The same call with its arguments, and those of the call it comes from, drawn anew."""
        parent = self.parent and self.parent.drawn(draw)
        return replace(self, args=draw(self.args), parent=parent)

    def again(self, functions: Callable[[str], Any]) -> Any:
        """What another implementation gives back for the same arguments."""
        if self.parent is None:
            function = functions(self.name)
        else:
            function = self.parent.again(functions)
            for key in self.path:
                function = function[key]
        return function(*snapshot(self.args), **snapshot(self.kwargs))


# What a call of a course's function may end with and mean it; a program's main calls sys.exit.
STOPPED = (Exception, SystemExit)


@dataclass(frozen=True)
class Raised:
    """What a call gave that raised an exception."""

    text: str


@dataclass(eq=False)
class CallsSeen:
    """The calls of one check, in order."""

    calls: list[Call] = field(default_factory=list)

    def note(self, name: str, function: Any, args: Any, kwargs: Any, value: Any) -> None:
        """Keep a call; all that it holds are snapshots, ``args`` and ``kwargs`` from before it."""
        parent, path = self._origin(function) if name == "" else (None, ())
        if not name and parent is not None:
            name = parent.name
        if name:
            self.calls.append(Call(name, args, kwargs, value, parent, path))
            del self.calls[:-MOST_CALLS]

    def _origin(self, function: Any) -> tuple[Call | None, Path]:
        for call in reversed(self.calls):
            for path, leaf in leaves(call.value):
                if leaf is function:
                    return call, path
        return None, ()


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Everything that is no container, with the way to it."""
    if isinstance(value, dict):
        pairs: Any = value.items()
    elif isinstance(value, list | tuple):
        pairs = enumerate(value)
    else:
        yield path, value
        return
    for key, item in pairs:
        yield from leaves(item, (*path, key))


class TooLargeError(Exception):
    """A value holds more bytes than are to be copied."""


def snapshot(value: Any, at_most: float = math.inf) -> Any:
    """A copy of arrays, containers and random generators; all else is the same object.

    TooLargeError where the arrays hold more than ``at_most`` bytes.
    """
    return _Copier(at_most).copy(value)


class _Copier:
    """Copies one value; every call of a student's function in an exam goes through here."""

    __slots__ = ("room",)

    def __init__(self, room: float) -> None:
        self.room = room

    def copy(self, value: Any) -> Any:
        kind = type(value)
        if kind in _FIXED:
            return value
        if kind is tuple or kind is list:
            return kind([self.copy(item) for item in value])
        if kind is np.ndarray or isinstance(value, np.ndarray):
            self.room -= value.nbytes
            if self.room < 0:
                raise TooLargeError
            return value.copy()
        if isinstance(value, dict):
            return {key: self.copy(item) for key, item in value.items()}
        if kind is np.random.Generator:
            return _generator(value)
        if isinstance(value, _CHANGING):
            return copy.deepcopy(value)
        return value


def _generator(value: np.random.Generator) -> np.random.Generator:
    """A copy that will draw the same; `copy.deepcopy` takes four times as long."""
    bits = value.bit_generator
    copied = type(bits)(bits.seed_seq)  # type: ignore[call-arg, arg-type]
    copied.state = bits.state
    return np.random.Generator(copied)


def size_of(value: Any) -> int:
    """Bytes of the arrays in a value."""
    return sum(leaf.nbytes for _, leaf in leaves(value) if isinstance(leaf, np.ndarray))


def tells_little(value: Any) -> bool:
    """Whether many mistakes give a value: it holds at most one small whole number, apart from
    zeros, or infinity or NaN.

    At x = 1 both 3 * x and 2 + x are 3; at x = 1000 both exp(x) and exp(2 * x) overflow.
    """
    arrays = [np.asarray(leaf) for _, leaf in leaves(value) if isinstance(leaf, _NUMBERS)]
    if not arrays or any(array.dtype.kind not in "biuf" for array in arrays):
        return False
    if not all(np.isfinite(array).all() for array in arrays):
        return True
    numbers = {abs(n) for array in arrays for n in array.ravel()[:MOST_NUMBERS].tolist()} - {0}
    return len(numbers) < 2 and all(abs(n - round(n)) <= 1e-9 and n <= SMALL for n in numbers)


def is_simple(value: Any) -> bool:
    """Whether a value is one number of few binary digits, such as 0.75: toy numbers give these."""
    try:
        array = np.asarray(value)
    except ValueError:
        return False
    if array.dtype.kind not in "biuf" or not np.isfinite(array).all():
        return False
    numbers = {abs(n) for n in array.ravel()[:MOST_NUMBERS].tolist()} - {0}
    return len(numbers) < 2 and all(16 * n == round(16 * n) for n in numbers)


def differing(one: Any, other: Any) -> list[Any]:
    """The parts of a value that are not those of another one."""
    rest = dict(leaves(other))
    found = [leaf for path, leaf in leaves(one) if path in rest and not alike(leaf, rest[path])]
    return found or [one]


def alike(one: Any, other: Any, rtol: float = 1e-8) -> bool:
    """Same structure, shapes and values; of functions only that both are functions."""
    if isinstance(one, Raised) or isinstance(other, Raised):
        return isinstance(one, Raised) and isinstance(other, Raised) and one == other
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and set(one) == set(other)
            and all(alike(one[key], other[key], rtol) for key in one)
        )
    if isinstance(one, list | tuple):
        return (
            type(one) is type(other)
            and len(one) == len(other)
            and all(alike(a, b, rtol) for a, b in zip(one, other, strict=True))
        )
    if callable(one) or callable(other):
        return callable(one) and callable(other)
    if one is None or isinstance(one, str) or other is None or isinstance(other, str):
        return type(one) is type(other) and bool(one == other)
    return _numbers_alike(one, other, rtol)


def _numbers_alike(one: Any, other: Any, rtol: float) -> bool:
    try:
        a, b = np.asarray(one), np.asarray(other)
    except ValueError:
        return False
    if a.shape != b.shape or "O" in (a.dtype.kind, b.dtype.kind):
        return False
    if a.dtype.kind not in "biufc" or b.dtype.kind not in "biufc":
        return bool(np.array_equal(a, b))
    if a.dtype.kind == b.dtype.kind == "b":
        return bool(np.array_equal(a, b))
    a, b = (one.astype(int) if one.dtype.kind == "b" else one for one in (a, b))
    if (a.dtype.kind in "bi") != (b.dtype.kind in "bi") and a.ndim:
        return False
    if rtol and np.float32 in (a.dtype, b.dtype):
        rtol = max(rtol, 1e-4)
    with np.errstate(all="ignore"):
        finite = np.isfinite(a)
        if not np.array_equal(finite, np.isfinite(b)):
            return False
        if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
            return False
        largest = max(np.abs(a[finite]).max(initial=0), np.abs(b[finite]).max(initial=0))
        return bool((np.abs(a[finite] - b[finite]) <= rtol * largest).all())


__all__ = [
    "Call",
    "CallsSeen",
    "Raised",
    "TooLargeError",
    "alike",
    "differing",
    "is_simple",
    "leaves",
    "size_of",
    "snapshot",
    "tells_little",
]
