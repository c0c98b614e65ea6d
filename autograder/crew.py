"""Who holds the exams: threads of this process, each with warm processes of its own, or Dask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from autograder.errors import AutograderError

CONNECT_SECONDS = 10


@contextmanager
def crew(jobs: int | None = None, scheduler: str | None = None) -> Iterator[tuple[Executor, int]]:
    """An executor, and how many exams to keep under way on it.

    ``jobs`` threads here (default: as many as cores), or all workers of the Dask cluster at
    ``scheduler``. Raises AutograderError when there is no such cluster.
    """
    if scheduler:
        with _cluster(scheduler) as found:
            yield found
        return
    count = jobs or len(os.sched_getaffinity(0))
    executor = ThreadPoolExecutor(count, thread_name_prefix="grade")
    try:
        yield executor, 2 * count
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ImportError:
        raise AutograderError(
            "--scheduler needs Dask. Install it with: pip install 'mlpkit[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise AutograderError(
            f"No Dask scheduler answers at {address} ({type(error).__name__}). "
            "Start one with: dask scheduler; and workers with: dask worker ADDRESS"
        ) from error
    with client:
        threads = sum(client.ncores().values())
        if not threads:
            raise AutograderError(
                f"The Dask scheduler at {address} has no workers. "
                f"Start some with: dask worker {address}"
            )
        yield client.get_executor(pure=False, retries=3), 2 * threads
