"""Which checks count as they come out beside the student's code, and how that is said.

A check is run there only when the course's own solution does not earn all its points in two
processes, and a submission does not, either.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from autograder.result import BESIDE, Check, Result

T = TypeVar("T")

# What a check says where the course's own solution gives it nothing to check.
_UNANSWERED = "NotImplementedError", "is not defined in the cell meant"


@dataclass(frozen=True)
class Degraded:
    """``passing`` are the checks that the course's own solution passes only beside its code,
    ``unanswered`` those that it does not come to, ``others`` those it fails in one process, too.
    """

    passing: frozenset[str] = frozenset()
    unanswered: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    @property
    def wanted(self) -> list[str]:
        """All of them: what a submission loses in two processes, it may have in one."""
        return sorted(self.passing | self.unanswered | self.others)

    def failing(self, broken: Mapping[str, T]) -> dict[str, T]:
        """Of the checks that the course's own solution fails, those it fails in every way."""
        return {name: said for name, said in broken.items() if name in self.others}


def degraded(reference: Result, beside: Sequence[Check]) -> Degraded:
    """What the exam of the course's own solution tells about its checks.

    A check that the solution fails in every way may be wrong. One that finds no solution, as
    courses are published without, gives each submission what nbgrader gives it.
    """
    short = {check.id: check for check in reference.checks if falls_short(check)}
    passing = {check.id for check in beside if _earned(check) > _earned(short[check.id])}
    unanswered = {name for name in short.keys() - passing if _has_no_answer(short[name])}
    others = short.keys() - passing - unanswered
    return Degraded(frozenset(passing), frozenset(unanswered), frozenset(others))


def _has_no_answer(check: Check) -> bool:
    return not check.score and any(words in check.whole_message for words in _UNANSWERED)


def falls_short(check: Check) -> bool:
    """Whether a check that runs gave less than all its points."""
    return not check.manual and _earned(check) < check.points


def with_degraded(result: Result, beside: Sequence[Check], known: Degraded) -> Result:
    """The result, with the checks that earn more beside the student's code."""
    found = {check.id: check for check in beside}

    def better(check: Check) -> Check:
        other = found.get(check.id)
        if other is None or not falls_short(check):
            return check
        if _earned(other) <= _earned(check) and check.id not in known.passing:
            return check
        message = f"{BESIDE}\n{other.message}".strip()
        return dataclasses.replace(other, message=message)

    checks = tuple(map(better, result.checks))
    counted = [check.id for check in checks if check.message.startswith(BESIDE) and check.score]
    if not counted:
        return dataclasses.replace(result, checks=checks)
    flag = f"{BESIDE[:-1]}: {', '.join(counted)}."
    return dataclasses.replace(result, checks=checks, flags=(*result.flags, flag))


def _earned(check: Check) -> float:
    return check.score or 0.0
