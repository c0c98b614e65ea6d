"""How a student's function gets its value: by a formula, or numerically from another function.

Watched by a profiler during one more call. What is watched runs beside what watches, so code that
finds this in memory can evade it; it makes the ways that a student thinks of useless.
"""

from __future__ import annotations

import sys
import sysconfig
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import mlpkit
from autograder.exam.protocol.differentiators import COMPLEX, MODULES, NEARBY, UNWATCHED
from autograder.exam.student.moved_arrays import MovedArrays

# Where libraries lie; all other code is a student's: cells, text given to exec, files beside the
# notebook. The notes' losses in ``mlpkit`` are looked at, too.
_LIBRARIES = (
    *{sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")},
    *(sys.base_prefix, f"{Path(mlpkit.__file__).parents[1]}/autograder", "<frozen", "<__array"),
    *(str(Path(mlpkit.__file__).parent), str(Path(np.__file__).parents[1])),
)
_LOSSES = "mlpkit.forward"
MOVED = 1 + 2.0**-16  # by which numbers are moved, so that no earlier value is at hand
_HIDING = frozenset({"sys.setprofile", "os.fork", "os.forkpty"})  # audit events


class _Watch:
    """The calls of one function's own, until something is found."""

    def __init__(self) -> None:
        self.found = ""
        self.is_student: dict[str, bool] = {}  # by file
        self.outermost: FrameType | None = None
        self.libraries: dict[str, str] = {}  # modules, and what they are
        self.arrays = MovedArrays()

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        if event not in ("call", "return") or self.found:
            return
        name, module = frame.f_code.co_filename, str(frame.f_globals.get("__name__", ""))
        if name not in self.is_student:
            self.is_student[name] = module == _LOSSES or not name.startswith(_LIBRARIES)
        if self.is_student[name]:
            self.outermost = self.outermost or frame
            self.arrays.look(frame, event, is_asked=frame is not self.outermost)
        elif event == "call":
            if module not in self.libraries:
                self.libraries[module] = _differentiator(module)
            self.found = self.libraries[module]


class _Hiding:
    """Whether the profiler was stopped meanwhile, or passed by in another process."""

    def __init__(self) -> None:
        self.is_armed = self.was_seen = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self.is_armed and event in _HIDING:
            asked = sys._getframe(1).f_globals.get("__name__")
            self.was_seen |= asked != "threading"  # which hands the profiler on


_hiding: _Hiding | None = None  # a hook stays for good, and costs: not before it is needed


def how_derived(function: Callable[..., Any], args: list[Any], kwargs: Mapping[str, Any]) -> str:
    """NEARBY, COMPLEX or the name of a library; "" when none of these was noticed.

    Called with other numbers than a check has used: what was remembered of those says nothing.
    What is not numbers is no derivative: a verdict about a gradient may come from a checker.
    """
    try:
        return _how_derived(function, _moved(args), _moved(kwargs))
    except Exception:  # such numbers may be none that it takes
        try:
            return _how_derived(function, args, kwargs)
        except Exception:
            return ""  # a call-back that has ended, say


def _how_derived(function: Callable[..., Any], args: list[Any], kwargs: Mapping[str, Any]) -> str:
    global _hiding
    hiding = _hiding = _hiding or _Hiding()
    watch, before, of_threads = _Watch(), sys.getprofile(), threading.getprofile()
    hiding.was_seen = False
    with np.errstate(all="ignore"):
        threading.setprofile(watch)
        sys.setprofile(watch)
        try:
            hiding.is_armed = True
            value = function(*args, **kwargs)
            hiding.is_armed = False
            stays = sys.getprofile() is watch and not hiding.was_seen
        finally:
            hiding.is_armed = False
            sys.setprofile(before)
            threading.setprofile(of_threads)
    if not _is_numbers(value):
        return ""
    if not stays:
        return UNWATCHED
    if watch.arrays.have_complex_steps:
        return COMPLEX
    return watch.found or (NEARBY if watch.arrays.are_there() else "")


def _moved(value: Any) -> Any:
    """The same with all real numbers moved a little, in new containers."""
    if isinstance(value, dict):
        return {key: _moved(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        parts = [_moved(part) for part in value]
        return parts if type(value) is list else tuple(parts) if type(value) is tuple else value
    if type(value) is float or isinstance(value, np.floating):
        return type(value)(value * MOVED)
    is_real = type(value) is np.ndarray and value.dtype.kind == "f"
    return value * value.dtype.type(MOVED) if is_real else value


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
