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
from autograder.exam.student.moved_arrays import MOST_CALLS, History, MovedArrays

STUDENT = "ipython-input"  # in the file names of a student's cells
MOST_ENTRIES, DEPTH = 4096, 3


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
    """The calls of one function of the student's: all numbers that go in, call after call."""

    def __init__(self) -> None:
        self.count = 0
        self.history = History()

    def add(self, floats: np.ndarray | None) -> str:
        """COMPLEX where a number that goes in is complex."""
        if floats is None or self.count >= MOST_CALLS:
            return ""
        if floats.dtype.kind == "c":
            return COMPLEX if np.any(floats.imag) else ""
        self.count += 1
        self.history.add(floats)
        return ""

    def are_nudged(self) -> bool:
        """Whether single numbers are moved from call to call, as differences need it."""
        return self.history.is_nudged() or self.history.is_one_number_nudged()


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
    nearby = any(calls.are_nudged() for calls in watch.calls.values())
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
