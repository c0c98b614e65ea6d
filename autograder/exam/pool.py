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
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from autograder.exam.broken_checks import reference_failures, with_broken_checks
from autograder.exam.doubtful import without_silent_zeros
from autograder.exam.worker import ExamOutcome, ExamWorker, OperatorPairs
from autograder.notebook.side_files import NO_FILES, Files
from autograder.result import PASSED, Result
from autograder.sandbox import launch
from autograder.sandbox.limits import Limits

log = logging.getLogger(__name__)

_lock = threading.Lock()
# A sandbox dies with the thread that started it: one that lives as long as this process.
_starter = ThreadPoolExecutor(1, thread_name_prefix="workers")
_free: dict[str, list[ExamWorker]] = {}  # by sandbox tier
_numbers: set[int] = set()  # of the workers that live


@dataclasses.dataclass(frozen=True)
class _Reference:
    """What was learned from the course's own solution.

    The checks it fails, with what these said; operators its objects were asked; whether hidden
    tests must run in their places, as more of them pass there than at the end.
    """

    broken: dict[str, tuple[str, str]]
    operators: OperatorPairs
    in_order: bool


_known: dict[tuple[str, str, str], _Reference] = {}  # by source, seed, files


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
    reference = _about_reference(text, limits, tier, seed, files)
    exam = text, submission, limits, seed, files, reference.operators, reference.in_order
    outcome = _certain(tier, exam)
    result = outcome.result
    if outcome.unsure - reference.broken.keys():
        result = _confirmed(tier, exam, outcome)
    return with_broken_checks(result, reference.broken)


def shutdown() -> None:
    """End the warm processes that wait for further exams."""
    with _lock:
        workers = [worker for waiting in _free.values() for worker in waiting]
        _free.clear()
    for worker in workers:
        _discard(worker)


atexit.register(shutdown)


_Exam = tuple[str, bytes, Limits, str, Files, OperatorPairs | None, bool]


def _certain(tier: str, exam: _Exam) -> ExamOutcome:
    """Hold an exam; once more, alone, where points may have been lost to the machine."""
    with _exams.one_of_many():
        outcome = _run(tier, exam)
    if not outcome.doubts:
        return outcome
    log.warning("held once more, alone: %s", outcome.doubts)
    with _exams.alone():
        again = _run(tier, exam, anew=True)
    return dataclasses.replace(again, result=without_silent_zeros(again.result, again.doubts))


def _confirmed(tier: str, exam: _Exam, outcome: ExamOutcome) -> Result:
    """The result, with the points of checks that were lost at the end and pass in their places.

    A cell further down may have changed what they find. The time of both exams is that of one.
    """
    text, submission, limits, *rest, _ = exam
    left = limits.notebook_seconds - outcome.result.seconds
    if left <= 0:
        return outcome.result
    limits = dataclasses.replace(limits, notebook_seconds=left)
    with _exams.one_of_many():
        again = _run(tier, (text, submission, limits, *rest, True)).result
    passed = {check.id: check for check in again.checks if check.status == PASSED}
    unsure = passed.keys() & outcome.unsure
    checks = tuple(passed[c.id] if c.id in unsure else c for c in outcome.result.checks)
    return dataclasses.replace(outcome.result, checks=checks)


def _run(tier: str, exam: _Exam, anew: bool = False) -> ExamOutcome:
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


def _about_reference(source: str, limits: Limits, tier: str, seed: str, files: Files) -> _Reference:
    """What to know of the course's own solution before anybody's exam."""
    files = dataclasses.replace(files, student={})
    key = source, seed, files.digest
    with _lock:
        known = _known.get(key)
    if known is None:
        exam = source, source.encode(), limits, seed, files, None
        known = _learned(_certain(tier, (*exam, False)), source, in_order=False)
        if known.broken:
            other = _learned(_certain(tier, (*exam, True)), source, in_order=True)
            known = other if len(other.broken) < len(known.broken) else known
        with _lock:
            _known[key] = known
    return known


def _learned(outcome: ExamOutcome, source: str, in_order: bool) -> _Reference:
    broken = reference_failures(outcome.result, json.loads(source))
    return _Reference(broken, outcome.operators, in_order)


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
