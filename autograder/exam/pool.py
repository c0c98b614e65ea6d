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
import math
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from autograder.errors import ProcessGone
from autograder.exam.broken_checks import (
    counting_all_the_same,
    reference_failures,
    with_broken_checks,
    with_doubted_checks,
)
from autograder.exam.degraded import Degraded, degraded, with_degraded
from autograder.exam.doubtful import without_silent_zeros
from autograder.exam.turns import Turn, Turns
from autograder.exam.worker import ExamOutcome, ExamWorker, OperatorPairs
from autograder.notebook.side_files import NO_FILES, Files
from autograder.result import PASSED, Result
from autograder.sandbox import launch
from autograder.sandbox.limits import Limits

log = logging.getLogger(__name__)

PATIENCE, TIMES = 2.0, 5.0  # seconds, or times the solution's own, after which an exam is slow
turns = Turns()

_lock = threading.Lock()
# A sandbox dies with the thread that started it: one that lives as long as this process.
_starter = ThreadPoolExecutor(1, thread_name_prefix="workers")
_free: dict[str, list[ExamWorker]] = {}  # by sandbox tier
_numbers: set[int] = set()  # of the workers that live


@dataclass(frozen=True)
class _Known:
    """What the exam of a course's own solution taught.

    The checks that it fails and that so fail nobody, with what these said; those that it fails and
    that count, as in nbgrader; the operators that its objects were asked; whether hidden tests must
    run in their places, as more of them pass there; which checks to run beside the student's code;
    how many seconds of CPU time the examiner took, step by step, and how long all took.
    """

    broken: dict[str, tuple[str, str]]
    doubted: frozenset[str]
    operators: OperatorPairs
    in_order: bool
    degraded: Degraded
    seconds: Mapping[str, float]
    took: float


_Key = tuple[str, str, str, bool]  # source, seed, files and strictness
_known: dict[_Key, _Known] = {}
_learning: dict[_Key, threading.Lock] = {}  # whoever comes meanwhile waits


class _Exam(NamedTuple):
    """What ``ExamWorker.examine`` takes."""

    source: str
    submission: bytes
    limits: Limits
    seed: str
    files: Files
    operators: OperatorPairs | None
    in_order: bool = False
    beside: Sequence[str] | None = ()
    seconds: Mapping[str, float] = MappingProxyType({})
    patience: float = math.inf  # seconds, after which it makes room for others

    def knowing(self, known: _Known) -> _Exam:
        """The same exam with what that of the course's own solution taught."""
        return self._replace(
            operators=known.operators,
            in_order=known.in_order,
            beside=known.degraded.wanted,
            seconds=known.seconds,
            patience=max(PATIENCE, TIMES * known.took),
        )


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
    the source's own reference solution passes only beside its own code, as nbgrader runs it, is
    run beside the student's, too, and flagged. One that it fails there, too, gives what nbgrader
    gives, and is flagged; or it fails nobody and could not run, where the sandbox may be the
    reason, in a course that uses mlpkit, and for all of these if ``strict``.

    Raises ExamError for a fault of the grader, SandboxError when the isolation asked for is not
    to be had.
    """
    tier = launch.choose(isolation)
    text = source if isinstance(source, str) else json.dumps(source)
    known = _about_reference(text, limits, tier, seed, files, strict)
    exam = _Exam(text, submission, limits, seed, files, []).knowing(known)
    return _result(tier, exam, known, _certain(tier, exam))


def examine_one(
    source: Mapping[str, Any],
    submission: bytes,
    limits: Limits = Limits(),
    *,
    isolation: str = "auto",
    seed: str = "",
) -> Result:
    """``examine`` for the only submission of its source: nothing gets ready for others.

    The course's own solution has its exam only where that could change the result.
    """
    tier, text = launch.choose(isolation), json.dumps(source)
    with _lock:
        ready = _free.get(tier)
    if not ready:
        _release(_starter.submit(_start, tier, practised=False).result())
    exam = _Exam(text, submission, limits, seed, NO_FILES, [])
    outcome = _certain(tier, exam)
    checks = outcome.result.checks
    if all(check.status == PASSED or check.not_begun or check.manual for check in checks):
        return outcome.result
    known = _about_reference(text, limits, tier, seed, NO_FILES, False)
    exam = exam.knowing(known)
    if known.operators or known.in_order or known.degraded.wanted:  # it would be another exam
        outcome = _certain(tier, exam)
    return _result(tier, exam, known, outcome)


def _result(tier: str, exam: _Exam, known: _Known, outcome: ExamOutcome) -> Result:
    """The result of an exam, with what is known of the course's own solution."""
    result = outcome.result
    if outcome.unsure - known.broken.keys() - set(known.degraded.wanted):
        result = _confirmed(tier, exam, outcome)
    result = with_degraded(result, outcome.beside, known.degraded)
    result = with_doubted_checks(result, known.doubted)
    return with_broken_checks(result, known.broken)


def shutdown() -> None:
    """End the warm processes that wait for further exams."""
    with _lock:
        workers = [worker for waiting in _free.values() for worker in waiting]
        _free.clear()
    for worker in workers:
        _discard(worker)


atexit.register(shutdown)


def _certain(tier: str, exam: _Exam) -> ExamOutcome:
    """Hold an exam; once more, alone, where points may have been lost to the machine."""
    outcome = _held(tier, exam)
    beside = exam.beside or ()
    doubts = {check: why for check, why in outcome.doubts.items() if check not in beside}
    if not doubts:
        return outcome
    log.warning("held once more, alone: %s", doubts)
    with turns.alone() as turn:
        again = _run(tier, exam, turn, anew=True)
    return dataclasses.replace(again, result=without_silent_zeros(again.result, again.doubts))


def _held(tier: str, exam: _Exam) -> ExamOutcome:
    """Hold an exam; once more, alone, where one of its processes was killed."""
    try:
        with turns.one_of_many() as turn:
            return _run(tier, exam, turn)
    except ProcessGone as error:
        log.warning("held once more, alone: %s", error)
        with turns.alone() as turn:
            return _run(tier, exam, turn, anew=True)


def _confirmed(tier: str, exam: _Exam, outcome: ExamOutcome) -> Result:
    """The result, with the points of checks that were lost at the end and pass in their places.

    A cell further down may have changed what they find. The time of both exams is that of one.
    """
    left = exam.limits.notebook_seconds - outcome.result.seconds
    if left <= 0:
        return outcome.result
    limits = dataclasses.replace(exam.limits, notebook_seconds=left)
    exam = exam._replace(limits=limits, in_order=True, beside=())
    again = _held(tier, exam).result
    passed = {check.id: check for check in again.checks if check.status == PASSED}
    unsure = passed.keys() & outcome.unsure
    checks = tuple(passed[c.id] if c.id in unsure else c for c in outcome.result.checks)
    return dataclasses.replace(outcome.result, checks=checks)


def _run(tier: str, exam: _Exam, turn: Turn, anew: bool = False) -> ExamOutcome:
    worker = _acquire(tier, anew)
    try:
        outcome = worker.examine(*exam, turn.give_up_place)
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


def get_ready(tier: str, count: int, practised: bool = True) -> None:
    """Begin to start so many workers; who asks for one meanwhile waits for these."""
    for _ in range(count):
        _starter.submit(lambda: _release(_start(tier, practised)))


def _acquire(tier: str, anew: bool) -> ExamWorker:
    def take() -> ExamWorker:
        with _lock:
            free = None if anew else _free.get(tier)
            if free:
                return free.pop()
        return _start(tier)

    with _lock:
        if _free.get(tier) and not anew:
            return _free[tier].pop()
    return _starter.submit(take).result()


def _start(tier: str, practised: bool = True) -> ExamWorker:
    """A new worker; called in the thread that starts them all."""
    with _lock:
        number = next(n for n in range(4096) if n not in _numbers)
        _numbers.add(number)
    try:
        return ExamWorker(tier, number, practised)
    except BaseException:
        with _lock:
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
    """What to know of the course's own solution before anybody's exam."""
    files = dataclasses.replace(files, student={})
    key = source, seed, files.digest, strict
    with _lock:
        learning = _learning.setdefault(key, threading.Lock())
    with learning:
        if key not in _known:
            beside = () if strict else None
            exam = _Exam(source, source.encode(), limits, seed, files, None, beside=beside)
            known = _learned(tier, exam)
            if known.broken or known.degraded.wanted:
                other = _learned(tier, exam._replace(in_order=True))
                known = min(known, other, key=_shortcomings)
            _known[key] = known
        return _known[key]


def _learned(tier: str, exam: _Exam) -> _Known:
    outcome = _certain(tier, exam)
    source = json.loads(exam.source)
    broken = reference_failures(outcome.result, source)
    learned = outcome.operators, exam.in_order
    took = outcome.seconds, outcome.result.seconds
    if exam.beside is not None:
        return _Known(broken, frozenset(), *learned, Degraded(), *took)
    found = degraded(outcome.result, outcome.beside)
    failing = found.failing(broken)
    both_ways = *outcome.result.checks, *outcome.beside
    doubted = counting_all_the_same(failing, both_ways, source)
    broken = {name: said for name, said in failing.items() if name not in doubted}
    return _Known(broken, doubted, *learned, found, *took)


def _shortcomings(known: _Known) -> int:
    return len(known.broken) + len(known.degraded.wanted)
