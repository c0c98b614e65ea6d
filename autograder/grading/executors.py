"""Who holds the exams: threads of this process, each with warm processes of its own, or Dask."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from autograder.errors import AutograderError
from autograder.exam import pool

CONNECT_SECONDS = 10
ASK_SECONDS = 2.0  # between two looks at how many workers there are
RETRIES = 3
MOST_ASIDE = 256  # exams that wait to be held alone, or are slow, beside those that have a place


@contextmanager
def open_executor(
    jobs: int | None = None, scheduler: str | None = None
) -> Iterator[tuple[Executor, Callable[[], int]]]:
    """An executor, and a function that says how many exams to keep under way on it.

    ``jobs`` threads here (default: as many as cores), or all workers of the Dask cluster at
    ``scheduler``. Raises AutograderError when there is no such cluster.
    """
    if scheduler:
        with _cluster(scheduler) as found:
            yield found
        return
    count = jobs or len(os.sched_getaffinity(0))
    pool.turns.places = count
    executor = ThreadPoolExecutor(count + MOST_ASIDE, thread_name_prefix="grade")
    try:
        yield executor, lambda: 2 * count + min(MOST_ASIDE, pool.turns.aside())
    finally:
        pool.turns.places = math.inf
        executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, Callable[[], int]]]:
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
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise AutograderError(
                f"The Dask scheduler at {address} has no workers. "
                f"Start some with: dask worker {address}"
            ) from None
        window = _Window(client)
        # An exam whose worker dies is held on another; after that many deaths it raises.
        yield client.get_executor(pure=False, retries=RETRIES), window


class _Window:
    """Two exams for each thread of the cluster, whose workers may come and go."""

    def __init__(self, client: Any) -> None:
        self.client, self.threads, self.asked = client, 0, -math.inf
        self()

    def __call__(self) -> int:
        if time.monotonic() - self.asked > ASK_SECONDS:
            self.threads = sum(self.client.ncores().values())
            self.asked = time.monotonic()
        return 2 * max(self.threads, 1)
