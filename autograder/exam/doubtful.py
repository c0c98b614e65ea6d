"""Points that may have been lost to the machine, twice: a person decides, and nothing is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from autograder.exam.protocol.messages import Doubt
from autograder.result import COULD_NOT_RUN, FAILED, GRADED, NEEDS_A_PERSON, Check, Result

REASONS = {
    Doubt.IDLE: "its time was up, and it had hardly used the CPU",
    Doubt.KILLED: "a signal from outside, or from itself, ended its process",
}


def without_silent_zeros(result: Result, doubts: Mapping[str, str]) -> Result:
    """The result of an exam that was held a second time, with what is still doubtful undecided.

    ``doubts`` maps ids of checks, "" for a cell, to the reason. A time-out in which the CPU was
    used is the student's own by now.
    """
    left = {place: REASONS[Doubt(why)] for place, why in doubts.items() if why != Doubt.TIMEOUT}
    if not left:
        return result

    def undecided(check: Check) -> Check:
        reason = left.get(check.id) or left.get("")
        if check.status != FAILED or reason is None:
            return check
        message = (
            f"{check.message}\nTried twice, the second time alone: {reason}. A person decides."
        )
        return dataclasses.replace(check, score=None, status=COULD_NOT_RUN, message=message)

    checks = tuple(undecided(check) for check in result.checks)
    if checks == result.checks:
        return result
    flag = f"Tried twice, the second time alone: {'; '.join(dict.fromkeys(left.values()))}."
    status = NEEDS_A_PERSON if result.status == GRADED else result.status
    flags = (*result.flags, flag)
    return dataclasses.replace(result, checks=checks, flags=flags, status=status, provisional=True)
