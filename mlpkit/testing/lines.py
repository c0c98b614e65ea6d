"""Is a function vectorised? Counted in executed lines, so that no clock is needed."""

import os
import site
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

from mlpkit.testing.words import CheckFailed


def count_lines(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> int:
    """Return how many Python lines a call executes outside installed libraries.

    A loop, comprehension or generator on one line counts once an iteration, a lambda once a call,
    also when numpy calls it. Loops hidden in ``np.vectorize`` and ``np.apply_along_axis`` count
    too; what stays unseen is ``map`` of a function written in C.

    A function that lives in another process may bring its own ``count_lines``, which takes a list
    of calls, each a pair (args, kwargs); it is asked then.
    """
    remote = getattr(function, "count_lines", None)
    if remote is not None:
        counted: int = remote([(args, kwargs)])[0]
        return counted
    lines = 0

    def on_line(_frame: FrameType, event: str, _arg: Any) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"  # also raised by a jump back to the same line
        return on_line

    def on_call(frame: FrameType, _event: str, _arg: Any) -> Callable[..., Any] | None:
        nonlocal lines
        if frame.f_code.co_qualname == "vectorize.__call__":  # its loop over the entries is in C
            lines += max((np.size(arg) for arg in frame.f_locals.get("args", ())), default=0)
        return None if _is_library(frame.f_code) else on_line

    previous = sys.gettrace()
    sys.settrace(on_call)
    try:
        function(*args, **kwargs)
        replaced = sys.gettrace() is not on_call
    finally:
        sys.settrace(previous)
    if replaced:
        said = "leave sys.settrace alone; it counts lines here."
        raise CheckFailed(f"{_name(function)}: {said}", about_hidden=f"Your code: {said}")
    return lines


_NEXT = (
    "Next: replace the loop (also a comprehension, map or np.vectorize) by one operation on "
    "the whole array: X @ W.T maps every row at once, A.T @ B sums outer products over rows."
)


def assert_vectorised(
    function: Callable[..., Any],
    make_arguments: Callable[[int], tuple[Any, ...]],
    sizes: tuple[int, int] = (8, 64),
) -> None:
    """Raise AssertionError when the lines that ``function`` executes grow with the samples.

    ``make_arguments(n)`` returns the tuple of arguments for n samples. A branch that depends on
    the data may cost a line: growth by less than one line for every eight samples is no loop.
    """
    small, large = sizes
    remote = getattr(function, "count_lines", None)
    # What is imported or cached at the first call is not counted.
    if remote is not None:
        _, few, many = remote([(make_arguments(n), {}) for n in (small, *sizes)])
    else:
        function(*make_arguments(small))
        few, many = (count_lines(function, *make_arguments(n)) for n in sizes)
    if 8 * (many - few) < large - small:
        return
    raise CheckFailed(
        f"{_name(function)}: your function loops over the samples: it executes {few} lines of "
        f"Python for {small} samples and {many} for {large}.\n{_NEXT}",
        about_hidden="Your function loops over the samples: it executes more lines of Python for "
        f"more of them.\n{_NEXT}",
    )


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "It")


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = [paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    packages = Path(__file__).parents[2]  # the autograder hands call-backs over in Python
    folders += [site.getusersitepackages(), str(packages / "mlpkit"), str(packages / "autograder")]
    folders += [os.path.realpath(folder) for folder in folders]
    return tuple(os.path.join(folder, "") for folder in folders)


_LIBRARIES = (*_library_folders(), "<frozen ")
_LOOPS_IN_LIBRARIES = {"apply_along_axis"}  # a loop over rows, written in numpy


def _is_library(code: CodeType) -> bool:
    if code.co_name in _LOOPS_IN_LIBRARIES:
        return False
    return code.co_filename.startswith(_LIBRARIES) or "site-packages" in code.co_filename
