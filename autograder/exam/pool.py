"""Seats: where exams are held. The only module that starts processes.

A seat is a pair of warm processes, an examiner nursery and a sandboxed candidate nursery, with a
control socket to each. ``examine`` takes a free seat, or sets one up, so it may be called from
several threads at once; a seat where anything odd was seen is thrown away.
"""

from __future__ import annotations

import atexit
import dataclasses
import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from autograder.exam.broken_checks import failures, with_broken_checks
from autograder.exam.worker import Asked, ExamWorker
from autograder.notebook.side_files import NO_FILES, Files
from autograder.result import Result
from autograder.sandbox import launch
from autograder.sandbox.limits import Limits

# The seats of this process ---------------------------------------------------------------------

_lock = threading.Lock()
# A sandbox dies with the thread that started it: one that lives as long as this process.
_starter = ThreadPoolExecutor(1, thread_name_prefix="seats")
_free: dict[tuple[str, bool], list[ExamWorker]] = {}
_taken_numbers: set[int] = set()
_drawn = 0  # notebooks that seemed to draw
# (source, seed, files) -> checks the reference fails, operators its objects were asked
_known: dict[tuple[str, str, str], tuple[dict[str, str], Asked]] = {}


def examine(
    source: Mapping[str, Any] | str,
    submission: bytes,
    limits: Limits = Limits(),
    *,
    isolation: str = "auto",
    seed: str = "",
    files: Files = NO_FILES,
) -> Result:
    """Grade one notebook.

    ``source`` is the source notebook (nbformat 4 with nbgrader's metadata, hidden tests in) as
    plain data, or that as JSON; ``submission`` the bytes of the student's file, whatever they are.
    The hidden inputs follow from ``seed``; ``files`` lie beside the two notebooks. A check that
    the source's own reference solution fails, fails nobody: it could not run.

    Raises ExamError for a fault of the grader, SandboxError when the isolation asked for is not
    to be had.
    """
    tier = launch.choose(isolation)
    text = source if isinstance(source, str) else json.dumps(source)
    broken, asked = _about_reference(text, limits, tier, seed, files)
    result, _ = _hold(text, submission, limits, tier, seed, files, asked)
    return with_broken_checks(result, broken)


def shutdown() -> None:
    """End the warm processes that wait for further exams."""
    with _lock:
        seats = [seat for waiting in _free.values() for seat in waiting]
        _free.clear()
    for seat in seats:
        seat.close()
        _give_back(seat)


atexit.register(shutdown)


def _hold(
    source: str,
    submission: bytes,
    limits: Limits,
    tier: str,
    seed: str,
    files: Files,
    offered: Asked | None = None,
) -> tuple[Result, Asked]:
    figures = _draws(source, submission)
    seat = _take(tier, figures)
    try:
        result = seat.examine(source, submission, limits, seed, files, offered)
        usable = seat.clean()
    except BaseException:
        seat.close()
        _give_back(seat)
        raise
    if usable:
        with _lock:
            _free.setdefault((tier, figures), []).append(seat)
    else:
        seat.close()
        _give_back(seat)
    return result


def _draws(source: str, submission: bytes) -> bool:
    """Whether a notebook seems to draw more than it was released with, and is not the first.

    Importing what draws costs a process half a second; a seat that has it pays off soon. A wrong
    guess costs nothing but time.
    """
    global _drawn
    if _plots(submission) <= _released_plots(source):
        return False
    _drawn += 1
    return _drawn > 2


def _plots(text: bytes) -> int:
    return sum(map(text.count, (b"plt.", b"plotting.", b"matplotlib", b".plot(", b".imshow(")))


@lru_cache(8)
def _released_plots(source: str) -> int:
    return _plots(source.encode())


def _take(tier: str, figures: bool) -> ExamWorker:
    with _lock:
        if _free.get((tier, figures)):
            return _free[tier, figures].pop()
        number = next(n for n in range(4096) if n not in _taken_numbers)
        _taken_numbers.add(number)
    try:
        return _starter.submit(ExamWorker, tier, number, figures).result()
    except BaseException:
        _taken_numbers.discard(number)
        raise


def _give_back(seat: ExamWorker) -> None:
    with _lock:
        _taken_numbers.discard(seat.number)


def _about_reference(
    source: str, limits: Limits, tier: str, seed: str, files: Files
) -> tuple[dict[str, str], Asked]:
    """Checks that the reference solution itself does not pass; operators its objects are asked."""
    files = dataclasses.replace(files, student={})
    key = source, seed, files.digest
    with _lock:
        known = _known.get(key)
    if known is None:
        result, asked = _hold(source, source.encode(), limits, tier, seed, files)
        known = failures(result, json.loads(source)), asked
        with _lock:
            _known[key] = known
    return known
