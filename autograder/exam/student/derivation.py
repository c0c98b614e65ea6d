"""How a student's function gets its value: by a formula, or numerically from another function.

Watched by a profiler during one more call. What is watched runs beside what watches, so code that
finds this in memory can evade it; it makes the ways that a student thinks of useless.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import numpy as np

from autograder.exam.protocol.differentiators import COMPLEX, MODULES, NEARBY, UNWATCHED
from autograder.exam.student.moved_arrays import MovedArrays

STUDENT = "ipython-input"  # in the file names of a student's cells


class _Watch:
    """The calls of one function's own, until something is found."""

    def __init__(self) -> None:
        self.found = ""
        self.outermost: FrameType | None = None
        self.libraries: dict[str, str] = {}  # modules, and what they are
        self.arrays = MovedArrays()

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        if event not in ("call", "return") or self.found:
            return
        name = frame.f_code.co_filename
        if STUDENT in name or name == "<string>":  # what exec was given
            self.outermost = self.outermost or frame
            self.arrays.look(frame, event, is_asked=frame is not self.outermost)
        elif event == "call":
            module = str(frame.f_globals.get("__name__", ""))
            if module not in self.libraries:
                self.libraries[module] = _differentiator(module)
            self.found = self.libraries[module]


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
    if watch.arrays.have_complex_steps:
        return COMPLEX
    return watch.found or (NEARBY if watch.arrays.are_there() else "")


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
