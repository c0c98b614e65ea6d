"""Arrays that a function meets again and again, each time with another entry moved.

That is what differences need, however the array gets there: as an argument, from around the
function, in an object, among the globals, or made inside it from a number. An array that is filled
entry by entry is none: it moves away from what it was at first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from types import CodeType, FrameType
from typing import Any

import numpy as np

VERY_SMALL, ROUNDING = 2.5e-4, 1e-12  # changes of an entry, relative
TINY = 1e-19  # below what rounding leaves, say of a Fourier transform
MOST_ENTRIES, MOST_CALLS, MOST_ROWS, DEPTH = 4096, 300, 64, 5
ENOUGH = 4  # calls, and entries, by which a change need not be small to be told from chance


class _Moves:
    """One array each time, compared with the first."""

    def __init__(self, small_only: bool = False) -> None:
        self.first: np.ndarray | None = None
        self.later = self.single = self.small = 0
        self.small_only = small_only

    def add(self, array: np.ndarray) -> None:
        if self.first is None:
            self.first = array
            return
        self.later += 1
        if array.shape != self.first.shape:
            return
        sizes = np.maximum(1.0, np.abs(self.first))
        moved = np.flatnonzero(np.abs(array - self.first) > ROUNDING * sizes)
        now, then = array[moved], self.first[moved]
        if 1 <= moved.size <= 2 and np.all(now) and np.all(then):  # else it is filled, or a unit
            self.single += 1
            self.small += bool(np.all(np.abs(now - then) <= VERY_SMALL * sizes[moved]))

    def are_single(self) -> bool:
        """Whether nearly each time one entry, or two, were other ones than at first."""
        if self.first is None or self.first.size < 2 or not self.later:
            return False
        if self.small_only or self.later < ENOUGH - 1 or self.first.size < ENOUGH:
            return self.small > 0.75 * self.later
        return self.single > 0.75 * self.later


class MovedArrays:
    """What the calls of each function of the student's find, and leave, in their variables.

    ``is_complex``: one was an array with the imaginary parts of a complex step.
    """

    def __init__(self) -> None:
        self.moves: dict[tuple[CodeType, str, str], _Moves] = defaultdict(_Moves)
        self.seen: dict[CodeType, int] = defaultdict(int)
        self.found = self.is_complex = False

    def look(self, frame: FrameType, event: str) -> None:
        """Look at a call, or a return, of one of these."""
        code = frame.f_code
        self.seen[code] += 1
        if self.found or self.seen[code] > MOST_CALLS:
            return
        for name, value in _variables(frame, event):
            self.is_complex = self.is_complex or _has_complex_step(value)
            array = _numbers(value)
            if array is not None:
                self.moves[code, event, name].add(array)
                self.found = self.found or _has_moved_rows(value)

    def are_there(self) -> bool:
        """Whether an array had single entries moved, from call to call or from row to row."""
        return self.found or any(moves.are_single() for moves in self.moves.values())


def _variables(frame: FrameType, event: str) -> Iterator[tuple[str, Any]]:
    code, local = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    own = code.co_varnames if event == "return" else code.co_varnames[:count]
    for name in (*own, *code.co_freevars):
        if name in local:
            yield name, local[name]
    for name in code.co_names:
        if isinstance(frame.f_globals.get(name), np.ndarray):
            yield f"global {name}", frame.f_globals[name]


def _has_complex_step(value: Any) -> bool:
    """Whether it is real numbers with imaginary parts that only a complex step makes so small."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "c" or not value.size:
        return False
    largest = np.max(np.abs(value.imag))
    return bool(0 < largest < TINY * np.max(np.abs(value.real)))


def _has_moved_rows(value: Any) -> bool:
    """Whether the rows, or columns, are one array with single entries moved very little."""
    if not isinstance(value, np.ndarray) or value.ndim < 2 or value.dtype.kind != "f":
        return False
    return any(_are_moved(np.array(each[:MOST_ROWS])) for each in (value, value.T))


def _are_moved(rows: np.ndarray) -> bool:
    moves = _Moves(small_only=True)
    for row in rows:
        moves.add(row.ravel())
    return moves.are_single()


def _numbers(value: Any) -> np.ndarray | None:
    """All numbers in it, as one array; None where there are none, or too many."""
    room, parts = MOST_ENTRIES, []
    for part in islice(_parts(value, DEPTH), MOST_ENTRIES + 1):
        parts.append(part)
        room -= part.size
        if room < 0:
            return None
    return np.concatenate(parts) if parts else None


def _parts(value: Any, depth: int) -> Iterator[np.ndarray]:
    if isinstance(value, float | np.floating | Fraction):
        yield np.array([float(value)])
    elif isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and value.size <= MOST_ENTRIES:
            yield np.array(value).ravel()
    elif depth and isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _parts(part, depth - 1)
    elif depth and type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
        for part in vars(value).values():
            yield from _parts(part, depth - 1)
