"""What libraries look for and cannot have in the sandbox: said in one line, or done without."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, NoReturn

ONE_PROCESS = (
    "While a notebook is graded, processes cannot share locks, queues or memory. "
    "Use threads (concurrent.futures.ThreadPoolExecutor), or compute in one process."
)


class NoLock:
    """In the place of ``multiprocessing``'s semaphores, for which the sandbox has no room."""

    SEM_VALUE_MAX = 2**31 - 1

    def __init__(self, *arguments: Any, **options: Any):
        raise OSError(ONE_PROCESS)


def prepare() -> None:
    """Let libraries say, or know, what is not here; called once, in the sandbox's warm process."""
    with contextlib.suppress(ImportError):
        semaphores: Any = importlib.import_module("_multiprocessing")
        semaphores.SemLock = NoLock
    with contextlib.suppress(ImportError):
        memory: Any = importlib.import_module("_posixshmem")
        memory.shm_open = _no_memory
    with contextlib.suppress(ImportError):  # scikit-learn's: it would read /proc/self/maps
        pools: Any = importlib.import_module("threadpoolctl")
        pools._HAS_PROCFS = False


def _no_memory(*arguments: Any, **options: Any) -> NoReturn:
    raise OSError(ONE_PROCESS)
