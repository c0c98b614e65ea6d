"""The pool of exam workers of this process: ``examine`` takes a free one, or starts one.

``examine`` may be called from several threads at once. A worker in which anything unexpected was
seen is thrown away. An exam in which points may have been lost to the machine is held once more,
alone and in a new worker, before anybody loses them.
"""

from __future__ import annotations

import atexit
import dataclasses
import json
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from autograder.errors import ProcessGone
from autograder.exam.broken_checks import reference_failures, with_broken_checks
from autograder.exam.degraded import Degraded, degraded, with_degraded
from autograder.exam.doubtful import without_silent_zeros
from autograder.exam.worker import ExamOutcome, ExamWorker, OperatorPairs
from autograder.notebook.side_files import NO_FILES, Files
from autograder.result import Result
from autograder.sandbox import launch
from autograder.sandbox.limits import Limits

log = logging.getLogger(__name__)

_lock = threading.Lock()
# A sandbox dies with the thread that started it: one that lives as long as this process.
_starter = ThreadPoolExecutor(1, thread_name_prefix="workers")
_free: dict[str, list[ExamWorker]] = {}  # by sandbox tier
_numbers: set[int] = set()  # of the workers that live


@dataclass(frozen=True)
class _Known:
    """What the exam of a course's own solution taught: the checks that it fails, with the reason,
    the operators that its objects were asked, which checks to run beside the student's code, and
    how many seconds of CPU time the examiner took, step by step.
    """

    broken: dict[str, str]
    operators: OperatorPairs
    degraded: Degraded
    seconds: Mapping[str, float]


_known: dict[tuple[str, str, str, bool], _Known] = {}  # by source, seed, files and strictness


def examine(
    source: Mapping[str, Any] | str,
    submission: bytes,
    limits: Limits = Limits(),
    *,
    isolation: str = "auto",
    seed: str = "",
    files: Files = NO_FILES,
    strict: bool = False,
) -> Result:
    """Grade one notebook.

    ``source`` is the source notebook (nbformat 4 with nbgrader's metadata, hidden tests in) as
    plain data, or that as JSON; ``submission`` the bytes of the student's file, whatever they are.
    The hidden inputs follow from ``seed``; ``files`` lie next to the two notebooks. A check that
    the source's own reference solution fails, fails nobody: it could not run. One that it passes
    only beside its own code, as nbgrader runs it, is run beside the student's, too, and flagged;
    not if ``strict``.

    Raises ExamError for a fault of the grader, SandboxError when the isolation asked for is not
    to be had.
    """
    tier = launch.choose(isolation)
    text = source if isinstance(source, str) else json.dumps(source)
    known = _about_reference(text, limits, tier, seed, files, strict)
    beside = known.degraded.wanted
    exam = text, submission, limits, tier, seed, files, known.operators, beside, known.seconds
    outcome = _certain(*exam)
    result = with_degraded(outcome.result, outcome.beside, known.degraded)
    return with_broken_checks(result, known.broken)


def shutdown() -> None:
    """End the warm processes that wait for further exams."""
    with _lock:
        workers = [worker for waiting in _free.values() for worker in waiting]
        _free.clear()
    for worker in workers:
        _discard(worker)


atexit.register(shutdown)


def _certain(
    source: str,
    submission: bytes,
    limits: Limits,
    tier: str,
    seed: str,
    files: Files,
    operators: OperatorPairs | None,
    beside: Sequence[str] | None,
    seconds: Mapping[str, float] = MappingProxyType({}),
) -> ExamOutcome:
    """Hold an exam; once more, alone, where points may have been lost to the machine."""
    exam = source, submission, limits, seed, files, operators, beside, seconds
    try:
        with _exams.one_of_many():
            outcome = _run(tier, exam)
    except ProcessGone as error:
        log.warning("held once more, alone: %s", error)
        with _exams.alone():
            outcome = _run(tier, exam, anew=True)
    doubts = {check: why for check, why in outcome.doubts.items() if check not in (beside or ())}
    if not doubts:
        return outcome
    log.warning("held once more, alone: %s", doubts)
    with _exams.alone():
        again = _run(tier, exam, anew=True)
    return dataclasses.replace(again, result=without_silent_zeros(again.result, again.doubts))


def _run(tier: str, exam: tuple[Any, ...], anew: bool = False) -> ExamOutcome:
    worker = _acquire(tier, anew)
    try:
        outcome = worker.examine(*exam)
        usable = worker.reset() and not outcome.doubts
    except BaseException:
        _discard(worker)
        raise
    if usable:
        _release(worker)
    else:
        log.info("worker %d thrown away", worker.number)
        _discard(worker)
    return outcome


def _acquire(tier: str, anew: bool) -> ExamWorker:
    with _lock:
        if _free.get(tier) and not anew:
            return _free[tier].pop()
        number = next(n for n in range(4096) if n not in _numbers)
        _numbers.add(number)
    try:
        return _starter.submit(ExamWorker, tier, number).result()
    except BaseException:
        _numbers.discard(number)
        raise


def _release(worker: ExamWorker) -> None:
    with _lock:
        _free.setdefault(worker.tier, []).append(worker)


def _discard(worker: ExamWorker) -> None:
    worker.close()
    with _lock:
        _numbers.discard(worker.number)


def _about_reference(
    source: str, limits: Limits, tier: str, seed: str, files: Files, strict: bool
) -> _Known:
    """Checks that the reference solution itself does not pass; operators its objects are asked."""
    files = dataclasses.replace(files, student={})
    key = source, seed, files.digest, strict
    with _lock:
        known = _known.get(key)
    if known is None:
        beside = () if strict else None
        outcome = _certain(source, source.encode(), limits, tier, seed, files, None, beside)
        broken = reference_failures(outcome.result, json.loads(source))
        found = Degraded() if strict else degraded(outcome.result, outcome.beside)
        doubtful = broken if strict else found.doubtful(broken)
        known = _Known(doubtful, outcome.operators, found, outcome.seconds)
        with _lock:
            _known[key] = known
    return known


class _Exams:
    """Exams go on side by side; one that is held alone waits for the others, and they for it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.going_on = self.waiting_to_be_alone = 0
        self.is_alone = False

    @contextmanager
    def one_of_many(self) -> Iterator[None]:
        with self.changed:
            self.changed.wait_for(lambda: not self.is_alone and not self.waiting_to_be_alone)
            self.going_on += 1
        try:
            yield
        finally:
            with self.changed:
                self.going_on -= 1
                self.changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self.changed:
            self.waiting_to_be_alone += 1
            self.changed.wait_for(lambda: not self.is_alone and not self.going_on)
            self.waiting_to_be_alone -= 1
            self.is_alone = True
        try:
            yield
        finally:
            with self.changed:
                self.is_alone = False
                self.changed.notify_all()


_exams = _Exams()
