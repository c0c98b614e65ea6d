"""What libraries look for and cannot have in the sandbox: said in one line, or done without."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
from typing import Any, NoReturn

ONE_PROCESS = (
    "While a notebook is graded, processes cannot share locks, queues or memory. "
    "Use threads (concurrent.futures.ThreadPoolExecutor), or compute in one process."
)
NO_PROGRAMS = "While a notebook is graded, no other programs are run. Compute in Python"
NO_SHELL = "Shell commands are not run while a notebook is graded."
NO_KEYBOARD = "getpass() cannot be answered while a notebook is graded; use a variable instead."
NO_DEBUGGER = "A breakpoint was passed by: nobody is there while a notebook is graded."
NOT_FOUND = 127 << 8  # what a shell gives for a command that is not there


class NoLock:
    """In the place of ``multiprocessing``'s semaphores, for which the sandbox has no room."""

    SEM_VALUE_MAX = 2**31 - 1

    def __init__(self, *arguments: Any, **options: Any):
        raise OSError(ONE_PROCESS)


def prepare() -> None:
    """Let libraries say, or know, what is not here; called once, in the sandbox's warm process."""
    _put("_multiprocessing", "SemLock", NoLock)
    _put("_posixshmem", "shm_open", _no_memory)
    _put("multiprocessing.heap", "Arena.__init__", _no_memory)  # of Value and Array
    for module in ("multiprocessing", "multiprocessing.context"):
        owner = "BaseContext." if module.endswith("context") else ""
        _put(module, f"{owner}Manager", _no_memory)
    for module, name in (("_posixsubprocess", "fork_exec"), ("subprocess", "_fork_exec")):
        _put(module, name, _no_program)
    _put("os", "system", _no_shell)
    _put("getpass", "getpass", _no_answer)
    _put("pdb", "set_trace", _no_debugger)
    sys.breakpointhook = _no_debugger
    _put("threadpoolctl", "_HAS_PROCFS", False)  # scikit-learn's: it would read /proc/self/maps


def _put(module: str, name: str, value: Any) -> None:
    """Let a module that is there have this under a name."""
    with contextlib.suppress(ImportError, AttributeError):
        owner: Any = importlib.import_module(module)
        *path, last = name.split(".")
        for part in path:
            owner = getattr(owner, part)
        setattr(owner, last, value)


def _no_memory(*arguments: Any, **options: Any) -> NoReturn:
    raise OSError(ONE_PROCESS)


def _no_program(arguments: Any, *rest: Any) -> NoReturn:
    program = arguments[0] if arguments else ""
    raise PermissionError(errno.EPERM, NO_PROGRAMS, os.fsdecode(program))


def _no_shell(command: Any) -> int:
    print(NO_SHELL, file=sys.stderr)
    return NOT_FOUND


def _no_answer(*arguments: Any, **options: Any) -> NoReturn:
    raise EOFError(NO_KEYBOARD)


def _no_debugger(*arguments: Any, **options: Any) -> None:
    print(NO_DEBUGGER, file=sys.stderr)
