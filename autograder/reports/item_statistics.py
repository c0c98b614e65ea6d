"""What a class's results say about the checks: how often lost, why, and how telling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from autograder.result import COULD_NOT_RUN, PASSED, Check, Result

NOT_DONE = "not done yet"
_LIKELY = re.compile(r"^Likely cause: (.+?)\.?$", re.M)
_STOPPED = re.compile(r"its cell stopped with \w+")
_RAISED = re.compile(r"raised (\w+)")
# What was computed differs between students with one mistake; shapes and small counts do not.
_NUMBER = re.compile(r"\([^()]*\)|(?<!\w)-?\d[\d.e+-]*\d")


@dataclass(frozen=True)
class CheckStatistics:
    """One check over a class.

    ``failed`` and ``not_done`` are shares of the submissions where it ran; ``discrimination`` is
    the correlation of its points with those of all other checks, None when either is the same
    for everybody. ``behind`` has the students of each cause, the commonest first.
    """

    id: str
    title: str
    points: float
    ran: int
    failed: float
    not_done: float
    could_not_run: int
    discrimination: float | None
    behind: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def causes(self) -> tuple[tuple[str, int], ...]:
        """The commonest causes of a wrong answer, with how many students each."""
        wrong = [(text, len(students)) for text, students in self.behind if text != NOT_DONE]
        return tuple(wrong[:3])


def check_statistics(results: Sequence[Result]) -> list[CheckStatistics]:
    """Statistics of every automatic check, in the order of the notebook.

    Submissions that could not be read at all say nothing about the checks, and are left out.
    """
    rows: dict[str, list[_Row]] = {}
    for result in results:
        if all(check.status == COULD_NOT_RUN for check in result.checks):
            continue
        total = sum(check.score or 0.0 for check in result.checks if not check.manual)
        for check in result.checks:
            if not check.manual:
                rest = total - (check.score or 0.0)
                rows.setdefault(check.id, []).append(_Row(result.student, check, rest))
    return [_statistics(found) for found in rows.values()]


def cause(check: Check) -> str:
    """Why a check was lost, in words that students with the same mistake share."""
    message = check.message
    if "NotImplementedError" in message:
        return NOT_DONE
    if found := _LIKELY.search(message):
        return found.group(1)
    first = message.strip().split("\n")[0]
    if found := _STOPPED.search(first):
        return found.group()
    if found := _RAISED.search(first):
        return f"raised {found.group(1)}"
    if "did not come back" in first or "did not end" in first:
        return "did not end in time"
    if "ended its process" in first:
        return "ended the process"
    # "dL/db: shape (3, 1), expected (3,): an axis too many": what was computed, then the oddity.
    told = first.split(": ", 1)[-1].removeprefix("your function ")
    told = _NUMBER.sub(lambda found: found[0] if found[0][0] == "(" else "…", told)
    return told.split(", the worst")[0].rstrip(".") or "no message"


class _Row(NamedTuple):
    """One student's check; ``rest`` are the points of the student's other checks."""

    student: str
    check: Check
    rest: float


def _statistics(rows: Sequence[_Row]) -> CheckStatistics:
    ran = [row for row in rows if row.check.status != COULD_NOT_RUN]
    lost = [(cause(row.check), row.student) for row in ran if row.check.status != PASSED]
    count, first = max(len(ran), 1), rows[0].check
    not_done = sum(text == NOT_DONE for text, _ in lost)
    return CheckStatistics(
        first.id,
        first.title,
        first.points,
        len(ran),
        (len(lost) - not_done) / count,
        not_done / count,
        len(rows) - len(ran),
        _correlation([row.check.score or 0.0 for row in ran], [row.rest for row in ran]),
        _behind(lost),
    )


def _behind(lost: Iterable[tuple[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each cause with its students, the commonest first, what was not done last."""
    students: dict[str, list[str]] = {}
    for text, student in lost:
        students.setdefault(text, []).append(student)
    found = [(text, tuple(names)) for text, names in students.items()]
    return tuple(sorted(found, key=lambda one: (one[0] == NOT_DONE, -len(one[1]))))


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])
