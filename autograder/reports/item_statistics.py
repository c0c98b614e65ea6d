"""What a class's results say about the checks: how often lost, why, and how telling."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

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
    for everybody. ``causes`` are the commonest, with how many students each.
    """

    id: str
    title: str
    points: float
    ran: int
    failed: float
    not_done: float
    could_not_run: int
    discrimination: float | None
    causes: tuple[tuple[str, int], ...]


def check_statistics(results: Sequence[Result]) -> list[CheckStatistics]:
    """Statistics of every automatic check, in the order of the notebook.

    Submissions that could not be read at all say nothing about the checks, and are left out.
    """
    rows: dict[str, list[tuple[Check, float]]] = {}
    for result in results:
        if all(check.status == COULD_NOT_RUN for check in result.checks):
            continue
        total = sum(check.score or 0.0 for check in result.checks if not check.manual)
        for check in result.checks:
            if not check.manual:
                rows.setdefault(check.id, []).append((check, total - (check.score or 0.0)))
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


def _statistics(rows: Sequence[tuple[Check, float]]) -> CheckStatistics:
    ran = [(check, rest) for check, rest in rows if check.status != COULD_NOT_RUN]
    lost = [cause(check) for check, _ in ran if check.status != PASSED]
    causes = Counter(text for text in lost if text != NOT_DONE)
    count = max(len(ran), 1)
    first = rows[0][0]
    return CheckStatistics(
        first.id,
        first.title,
        first.points,
        len(ran),
        (len(lost) - lost.count(NOT_DONE)) / count,
        lost.count(NOT_DONE) / count,
        len(rows) - len(ran),
        _correlation([check.score or 0.0 for check, _ in ran], [rest for _, rest in ran]),
        tuple(causes.most_common(3)),
    )


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])
