"""Running the course's own solution once more, to explain a failure, must change nothing.

A later check could read a file that the solution writes, or look at a list that it appends to.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from autograder.exam.protocol import random_state

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ACTS = "os.", "shutil.", "subprocess.", "socket.", "sqlite3.", "signal.", "webbrowser."
_READS = frozenset({"os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.getxattr"})

_refusing = False


@contextlib.contextmanager
def refused() -> Iterator[None]:
    """Within, PermissionError for whatever writes, starts or connects through Python.

    Prints are dropped, and the global random generators are as before afterwards. What a library
    does in C, unseen by Python's audit events, is not refused.
    """
    global _refusing
    _install()
    state, _refusing = random_state.get_state(), True
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        _refusing = False
        random_state.set_state(state)


def lifted(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` as it may be called there: to ask the student process is no side effect."""

    def call(*args: Any, **kwargs: Any) -> Any:
        global _refusing
        before, _refusing = _refusing, False
        try:
            return function(*args, **kwargs)
        finally:
            _refusing = before

    return call


@cache
def _install() -> None:
    sys.addaudithook(_hook)  # there is no way to take one off again


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _refusing:
        return
    if event == "open":
        flags = arguments[2]
        acts = isinstance(flags, int) and bool(flags & _WRITES)
    else:
        acts = event.startswith(_ACTS) and event not in _READS
    if acts:
        raise PermissionError(f"{event}: a solution that is run again changes nothing")
