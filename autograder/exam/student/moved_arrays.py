"""Arrays that a function meets again and again, each time with another entry moved.

That is what differences need, however the array gets there: as an argument, from around the
function, in an object, among the globals, or made inside it from a number. What tells it from an
honest loop is that every entry is moved by the same steps, alone, from the same array: neither
samples, nor an array that is filled, nor one that a descent moves do so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from inspect import CO_VARARGS, CO_VARKEYWORDS
from itertools import islice
from types import CodeType, FrameType
from typing import Any

import numpy as np

VERY_SMALL, ROUNDING = 1e-3, 1e-12  # steps, relative
TINY = 1e-19  # below what rounding leaves, say of a Fourier transform
MOST_ENTRIES, MOST_CALLS, DEPTH = 4096, 300, 6
MOST_KEPT = 1 << 17  # numbers, of one variable
FEW = 5  # calls that a difference in one number takes at most
COMPREHENSIONS = frozenset({"<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>"})  # no functions
ENOUGH = 3  # entries by which steps need not be small to be told from chance


class History:
    """What one variable was, call after call."""

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self.others = 0  # of another shape than the first

    def add(self, array: np.ndarray) -> None:
        """Note what it is now; no more than so much is kept."""
        if self.arrays and array.shape != self.arrays[0].shape:
            self.others += 1
        elif len(self.arrays) < MOST_CALLS and (len(self.arrays) + 1) * array.size <= MOST_KEPT:
            self.arrays.append(array)

    def is_nudged(self) -> bool:
        """Whether one entry after another is moved, or all of them by a little, to and fro."""
        known = is_nudged(self.arrays) or is_mirrored(self.arrays)
        return self.others <= len(self.arrays) / 4 and known

    def is_one_number_nudged(self) -> bool:
        """Whether in a few calls one and the same number is moved very little."""
        if self.others or not 2 <= len(self.arrays) <= FEW:
            return False
        calls = np.array(self.arrays)
        moved = np.flatnonzero(np.any(calls != calls[0], axis=0))
        if moved.size != 1:
            return False
        values = calls[:, moved[0]]
        if np.any((values == 0) | (values == 1)):  # outputs that are sure lie close together, too
            return False
        return bool(np.ptp(values) <= VERY_SMALL * np.max(np.abs(values)))


def is_nudged(arrays: Sequence[np.ndarray] | np.ndarray) -> bool:
    """Whether these are one array with single entries moved, all of them in the same way.

    Large steps are known by two of them in several entries; small ones by their size.
    """
    if len(arrays) < 3 or arrays[0].size < 2:
        return False
    calls = np.asarray(arrays)
    base = _middle(calls)
    moved = np.abs(calls - base) > ROUNDING * np.maximum(1.0, np.abs(base))
    count = np.add.reduce(moved, 1)
    single = np.flatnonzero(count == 1)
    if not len(single) or np.count_nonzero(count > 1) > len(arrays) / 4:
        return False
    entries = moved[single].argmax(axis=1)
    values, at = calls[single, entries], base[entries]
    if not (values.all() and at.all()):
        return False  # it is filled, or a unit
    steps, there = values - at, np.abs(at)
    each = [steps[entries == entry] for entry in _different(entries)]
    if _middle(np.abs(steps) / there) <= VERY_SMALL:
        if len(each) == base.size >= ENOUGH or _go_both_ways(each):
            return True
        enough = len(each) >= 2
    else:
        several = min(len(_different(one)) for one in each) > 1
        enough = len(each) >= ENOUGH and several
        if enough and _go_both_ways(each):
            return True
    scales = np.ones_like(there), np.maximum(1.0, there), there
    return enough and any(_are_the_same(steps / scale, entries) for scale in scales)


def is_mirrored(arrays: Sequence[np.ndarray] | np.ndarray) -> bool:
    """Whether an array is moved very little, each time once to one side and once to the other."""
    if len(arrays) < 4 or arrays[0].size < 2:
        return False
    calls = np.asarray(arrays)
    base = np.add.reduce(calls, 0) / len(calls)
    moves = calls - base
    if not 0 < np.abs(moves).max() <= VERY_SMALL * np.abs(base).max():
        return False
    sizes = np.linalg.norm(moves, axis=1)
    moves, sizes = moves[sizes > 0.01 * sizes.max()], sizes[sizes > 0.01 * sizes.max()]
    opposite = np.array([np.min(np.linalg.norm(moves + move, axis=1)) for move in moves])
    directions = np.linalg.matrix_rank(moves / sizes[:, None], tol=0.01)
    return bool(len(moves) >= 4 and directions > 1 and np.all(opposite <= 1e-3 * sizes))


def _go_both_ways(each: list[np.ndarray]) -> bool:
    """Whether of two or more entries, and nearly all, each is moved to and fro by steps of its
    own."""
    ways = [np.sort(steps) for steps in each if len(steps) > 1]
    close = sum(np.allclose(one, -one[::-1], 0.01, 0) for one in ways)
    return close >= max(2, 0.75 * len(each))


def _middle(values: np.ndarray) -> Any:
    """A median over the first axis (numpy's own imports masked arrays, 1.5 MB)."""
    return np.sort(values, axis=0)[len(values) // 2]


def _different(values: np.ndarray) -> np.ndarray:
    """Each value once, in order (numpy's own unique imports masked arrays, too)."""
    ordered = np.sort(values)
    once: np.ndarray = ordered[np.append([True], ordered[1:] != ordered[:-1])]
    return once


def _are_the_same(steps: np.ndarray, entries: np.ndarray) -> bool:
    """Whether nearly every entry is moved by the same steps (the last may lack some)."""
    each = [_different(steps[entries == entry]) for entry in _different(entries)]
    longest = max(each, key=len)
    close = sum(len(one) == len(longest) and np.allclose(one, longest, 0.01, 0) for one in each)
    return close >= max(2, 0.75 * len(each))


class MovedArrays:
    """What the calls of each function of the student's find, and leave, in their variables."""

    def __init__(self) -> None:
        # by function, whether it is called or returns, and variable; "" are all arguments together
        self.histories: dict[tuple[CodeType, str, str], History] = defaultdict(History)
        self.seen: dict[CodeType, int] = defaultdict(int)
        self.have_nudged_rows = self.have_complex_steps = False

    def look(self, frame: FrameType, event: str, is_asked: bool) -> None:
        """Look at a call, or a return, of one of these; ``is_asked``: by another one.

        What the first of all is called with is the examiner's, and is met once.
        """
        code = frame.f_code
        if code.co_name in COMPREHENSIONS or (event == "call" and not is_asked):
            return
        self.seen[code] += 1
        if self.seen[code] > MOST_CALLS:
            return
        for name, value in _variables(frame, event, is_asked):
            self.have_complex_steps = self.have_complex_steps or _is_on_a_contour(value)
            parts = list(islice(_parts(value, DEPTH), MOST_ENTRIES + 1))
            if any(_is_complex_step(part) for part in parts if part.dtype.kind == "c"):
                self.have_complex_steps = True
            elif parts and sum(part.size for part in parts) <= MOST_ENTRIES:
                if is_asked:
                    self.histories[code, event, name].add(np.concatenate(parts))
                self.have_nudged_rows = self.have_nudged_rows or _has_nudged_rows(value)

    def are_there(self) -> bool:
        """Whether an array had single entries moved, from call to call or from row to row; or one
        number was, of all that a function is asked with."""
        return self.have_nudged_rows or any(
            history.is_nudged() or (not name and history.is_one_number_nudged())
            for (_, _, name), history in self.histories.items()
        )


def _variables(frame: FrameType, event: str, is_asked: bool) -> Iterator[tuple[str, Any]]:
    code, local = frame.f_code, frame.f_locals
    starred = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + starred]
    if event == "call" and is_asked:
        yield "", [local[name] for name in arguments if name in local]
    for name in (*(code.co_varnames if event == "return" else arguments), *code.co_freevars):
        if name in local:
            yield name, local[name]
    for name in code.co_names:
        if isinstance(frame.f_globals.get(name), np.ndarray):
            yield f"global {name}", frame.f_globals[name]


def _is_complex_step(numbers: np.ndarray) -> bool:
    """Whether these are real numbers of which one has a small imaginary part, or which have parts
    that only a complex step makes so small."""
    if not numbers.size:
        return False
    imaginary = np.abs(numbers.imag)
    largest, real = np.max(imaginary), np.max(np.abs(numbers.real))
    alone = np.count_nonzero(imaginary) == 1 and largest <= VERY_SMALL * real
    return bool(alone or 0 < largest < TINY * real)


def _is_on_a_contour(value: Any) -> bool:
    """Whether the rows are one array of real numbers with one entry moved around it."""
    if not isinstance(value, np.ndarray) or value.ndim != 2 or value.dtype.kind != "c":
        return False
    if len(value) < 3 or value.shape[1] < 2 or value.size > MOST_ENTRIES:
        return False
    moved = np.any(np.abs(value - value[0]) > ROUNDING * np.abs(value[0]), axis=0)
    unreal = np.any(np.abs(value.imag) > ROUNDING * np.abs(value), axis=0)
    return bool(moved.sum() == 1 and np.array_equal(moved, unreal))


def _has_nudged_rows(value: Any) -> bool:
    """Whether the rows, columns or layers are one array with single entries moved."""
    if not isinstance(value, np.ndarray) or value.ndim < 2 or value.dtype.kind not in "fc":
        return False
    return any(
        _are_close(rows) and (is_nudged(rows) or is_mirrored(rows)) for rows in _layers(value)
    )


def _are_close(rows: np.ndarray) -> bool:
    """Whether enough neighbours differ in so little as rows that are moved do; quick to tell."""
    if len(rows) < 3 or rows.shape[1] < 2:
        return False
    apart = np.abs(rows[1:] - rows[:-1]) > 2.1 * VERY_SMALL * np.abs(rows).max()
    close = np.count_nonzero(np.add.reduce(apart, 1) <= 2)
    return bool(close >= len(rows) / 2 - 1)


def _layers(array: np.ndarray) -> Iterator[np.ndarray]:
    """Its rows, its columns and, of three axes, its layers, each of them flat."""
    for axis in range(min(array.ndim, 3)):
        others = [other for other in range(array.ndim) if other != axis]
        first = array.transpose(axis, *others)  # numpy's own moveaxis takes longer than the rest
        yield first.reshape(len(first), -1)[:MOST_CALLS]


def _parts(value: Any, depth: int) -> Iterator[np.ndarray]:
    """The numbers in it, as flat arrays; large arrays of real numbers are left out."""
    if isinstance(value, float | np.floating | Fraction | Decimal):
        yield np.array([float(value)])
    elif isinstance(value, complex | np.complexfloating):
        yield np.array([value])
    elif isinstance(value, np.ndarray):
        if value.dtype.kind == "c" or (value.dtype.kind == "f" and value.size <= MOST_ENTRIES):
            yield np.array(value).ravel()
    elif type(value).__name__ == "mpf":  # mpmath's
        yield np.array([float(value)])
    elif depth and isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _parts(part, depth - 1)
    elif depth and type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
        for part in vars(value).values():
            yield from _parts(part, depth - 1)
