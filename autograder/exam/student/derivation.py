"""How a student's function gets its value: by a formula, or numerically from another function.

Watched by a profiler during one more call. What is watched runs beside what watches, so code that
finds this in memory can evade it; it makes the ways that a student thinks of useless.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FrameType
from typing import Any

import numpy as np

from autograder.exam.protocol.differentiators import COMPLEX, MODULES, NEARBY

STUDENT = "ipython-input"  # in the file names of a student's cells
SMALL, SMALL_ALONE = 2.5e-2, 2.5e-4  # changes of an entry, relative; of an only one, in two calls
MOST_ENTRIES, MOST_CALLS, DEPTH = 4096, 300, 3


class _Watch:
    """The calls of one function's own, until something is found."""

    def __init__(self) -> None:
        self.found = ""
        self.outermost = True
        self.libraries: dict[str, str] = {}  # modules, and what they are
        self.calls: dict[CodeType, _Calls] = {}

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        if event != "call" or self.found:
            return
        code = frame.f_code
        if STUDENT in code.co_filename:
            if self.outermost:
                self.outermost = False
            else:
                self.found = self.calls.setdefault(code, _Calls()).add(_floats_of(frame))
            return
        module = str(frame.f_globals.get("__name__", ""))
        if module not in self.libraries:
            self.libraries[module] = _differentiator(module)
        self.found = self.libraries[module]


class _Calls:
    """The calls of one function of the student's, each compared with the one before."""

    def __init__(self) -> None:
        self.before: np.ndarray | None = None
        self.count = self.near = self.alone = 0

    def add(self, floats: np.ndarray | None) -> str:
        """NEARBY when the calls up to this one move single entries a little, COMPLEX ..."""
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
            self.alone += bool(np.all(step <= SMALL_ALONE))
        return NEARBY if self._moves_single_entries(floats.size) else ""

    def _moves_single_entries(self, entries: int) -> bool:
        if self.count == 2:
            return self.alone == 1
        if self.count == 3 and entries == 1:
            return self.alone == 2
        return self.count > 3 - (entries > 1) and self.near > 0.75 * (self.count - 1)


def how_derived(function: Callable[..., Any], args: list[Any], kwargs: Mapping[str, Any]) -> str:
    """NEARBY, COMPLEX or the name of a library; "" when none of these was noticed."""
    watch, before = _Watch(), sys.getprofile()
    with np.errstate(all="ignore"):
        sys.setprofile(watch)
        try:
            function(*args, **kwargs)
        except Exception:
            pass  # a call-back that has ended, say
        finally:
            sys.setprofile(before)
    return watch.found


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
