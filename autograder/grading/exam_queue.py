"""Exams under way: as many at a time as there is room for; one that raises is held once more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import TypeVar

from autograder.errors import AutograderError, ExamError, SandboxError
from autograder.result import COULD_NOT_RUN, Result

log = logging.getLogger(__name__)

ATTEMPTS = 2  # of an exam that raises: a machine that went away is no fault of the submission
LOOK_SECONDS = 1.0  # between two looks at how many exams there is room for

Work = TypeVar("Work")
Window = int | Callable[[], int]


def results(
    works: Iterable[tuple[Work, Result | None]],
    start: Callable[[Work], Future[Result]],
    window: Window,
) -> Generator[tuple[Work, Result]]:
    """Each piece of work with its result: known ones at once, others as the exams end.

    ``start`` starts the exam of a piece of work. At most ``window`` of them are under way: a
    number, or a function that says how many are right just now. An exam that raises at every
    attempt gives a result that "could not run". Raises AutograderError when no exam can be held at
    all. Exams that wait are cancelled when the generator is closed.
    """
    waiting: dict[Future[Result], tuple[Work, int]] = {}

    def finished() -> Iterator[tuple[Work, Result]]:
        for future in wait(waiting, LOOK_SECONDS, FIRST_COMPLETED).done:
            work, attempt = waiting.pop(future)
            try:
                yield work, future.result()
            except Exception as error:
                fault_of_one = isinstance(error, ExamError | SandboxError)
                if isinstance(error, AutograderError | BrokenExecutor) and not fault_of_one:
                    raise AutograderError(f"Stopped: {error}") from error
                log.warning("%s: attempt %d: %s", work, attempt, error)
                if attempt < ATTEMPTS:
                    waiting[start(work)] = work, attempt + 1
                else:
                    yield work, _fault(error)

    try:
        for work, known in works:
            if known is not None:
                yield work, known
                continue
            waiting[start(work)] = work, 1
            while len(waiting) >= (window() if callable(window) else window):
                yield from finished()
        while waiting:
            yield from finished()
    finally:
        for future in waiting:
            future.cancel()


def _fault(error: Exception) -> Result:
    reason = f"{type(error).__name__}: {error}".strip().splitlines()[0]
    message = f"The grader failed on this submission ({reason}); no score was changed."
    return Result("", "", COULD_NOT_RUN, flags=(message,))
