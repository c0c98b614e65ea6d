"""How a student's function gets its value: by a formula, or numerically from another function.

Watched by a profiler during one more call. What is watched runs beside what watches, so code that
finds this in memory can evade it; it makes the ways that a student thinks of useless.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FrameType
from typing import Any

import numpy as np

from autograder.exam.protocol.differentiators import COMPLEX, MODULES, NEARBY, UNWATCHED
from autograder.exam.student.moved_arrays import MovedArrays

STUDENT = "ipython-input"  # in the file names of a student's cells
SMALL, VERY_SMALL = 5e-2, 2.5e-4  # changes of an entry, relative
MOST_ENTRIES, MOST_CALLS, DEPTH = 4096, 300, 3


class _Watch:
    """The calls of one function's own, until something is found."""

    def __init__(self) -> None:
        self.found = ""
        self.outermost = True
        self.libraries: dict[str, str] = {}  # modules, and what they are
        self.calls: dict[CodeType, _Calls] = {}
        self.arrays = MovedArrays()

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        if event not in ("call", "return") or self.found:
            return
        code = frame.f_code
        if STUDENT in code.co_filename or code.co_filename == "<string>":  # what exec was given
            self.arrays.look(frame, event)
            if event == "return":
                return
            if self.outermost:
                self.outermost = False
            else:
                self.found = self.calls.setdefault(code, _Calls()).add(_floats_of(frame))
            return
        if event == "return":
            return
        module = str(frame.f_globals.get("__name__", ""))
        if module not in self.libraries:
            self.libraries[module] = _differentiator(module)
        self.found = self.libraries[module]


class _Calls:
    """The calls of one function of the student's, each compared with the one before."""

    def __init__(self) -> None:
        self.before: np.ndarray | None = None
        self.count = self.near = self.alone = 0  # calls; those little moved, very little

    def add(self, floats: np.ndarray | None) -> str:
        """COMPLEX where a number that goes in is complex."""
        before, self.before = self.before, floats
        if floats is None or self.count >= MOST_CALLS:
            return ""
        if floats.dtype.kind == "c" and np.any(floats.imag):
            return COMPLEX
        self.count += 1
        if before is None or before.shape != floats.shape:
            return ""
        moved = np.flatnonzero(before != floats)
        if 1 <= moved.size <= 2:
            step = np.abs(before[moved] - floats[moved]) / np.maximum(1.0, np.abs(floats[moved]))
            self.near += bool(np.all(step <= SMALL))
            self.alone += bool(np.all(step <= VERY_SMALL))
        return ""

    def move_single_entries(self) -> bool:
        """Whether nearly all calls differ from the one before in one entry or two, a little.

        Few calls may do so by chance: then it must be very little.
        """
        pairs = self.count - 1
        return self.alone == pairs > 0 if pairs < 3 else self.near > 0.75 * pairs


def how_derived(function: Callable[..., Any], args: list[Any], kwargs: Mapping[str, Any]) -> str:
    """NEARBY, COMPLEX or the name of a library; "" when none of these was noticed.

    What is not numbers is no derivative: a verdict about a gradient may come from a checker.
    """
    watch, before, of_threads = _Watch(), sys.getprofile(), threading.getprofile()
    with np.errstate(all="ignore"):
        threading.setprofile(watch)
        sys.setprofile(watch)
        try:
            value = function(*args, **kwargs)
            stays = sys.getprofile() is watch
        except Exception:
            return ""  # a call-back that has ended, say
        finally:
            sys.setprofile(before)
            threading.setprofile(of_threads)
    if not _is_numbers(value):
        return ""
    if not stays:
        return UNWATCHED
    nearby = any(calls.move_single_entries() for calls in watch.calls.values())
    if watch.arrays.is_complex:
        return COMPLEX
    return watch.found or (NEARBY if nearby or watch.arrays.are_there() else "")


def _is_numbers(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_numbers, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_numbers, value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iufc"
    return isinstance(value, int | float | complex | np.number)


def _differentiator(module: str) -> str:
    inside = (name for name in MODULES if f"{module}.".startswith(f"{name}."))
    return next(inside, "").partition(".")[0]


def _floats_of(frame: FrameType) -> np.ndarray | None:
    """All floats that a function was called with, in one array; None where there are too many."""
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount
    local = frame.f_locals
    parts: list[np.ndarray] = []
    room = MOST_ENTRIES
    for name in code.co_varnames[:count]:
        for part in _parts(local.get(name), DEPTH):
            room -= part.size
            if room < 0:
                return None
            parts.append(part)
    return np.concatenate(parts) if parts else None


def _parts(value: Any, depth: int) -> Iterator[np.ndarray]:
    if type(value) in (float, complex) or isinstance(value, np.floating | np.complexfloating):
        yield np.array([value])
    elif type(value) is np.ndarray and value.dtype.kind in "fc":
        yield value.flatten()
    elif depth and type(value) is dict:
        for part in value.values():
            yield from _parts(part, depth - 1)
    elif depth and type(value) in (list, tuple):
        for part in value:
            yield from _parts(part, depth - 1)
