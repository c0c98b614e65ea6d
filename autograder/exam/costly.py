"""Steps in which the watchdog ended an examiner: what they are worth, and how the exam goes on.

The exam is held again without the step; after a few such steps, without all that come later.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BESIDE = "the checks beside the student's code"  # a step of its own
DERIVATIONS = "how functions compute"  # another one
REPLY_SECONDS = 8.0  # of an examiner's CPU time, on behalf of one reply
MOST = 3  # steps of one notebook, each of which costs its time and one more exam

REASON = (
    "What your code handed over took the grader more than "
    f"{REPLY_SECONDS:g} s to read, or to compute with, and was stopped. "
    "Next: print the size of what you return; look for numbers or sets that grow without bound."
)
LATER = (
    "Not tried: what your code handed over had stopped the grader "
    f"{MOST + 1} times before this check."
)


@dataclass
class CostlySteps:
    """``spared`` maps steps that are not run to the reason; after ``last`` none is run."""

    spared: dict[str, str] = field(default_factory=dict)
    last: str = ""
    given_up: bool = False

    def add(self, step: str) -> None:
        """Leave this step out from now on."""
        self.spared[step] = REASON
        if len(self.spared) > MOST:
            self.last = step

    def passed(self, step: str) -> None:
        """The exam has come past this step."""
        self.given_up |= step == self.last != ""

    def reason(self, step: str) -> str:
        """Why a step is not run; "" where it is."""
        return self.spared.get(step, LATER if self.given_up else "")

    def flags(self) -> list[str]:
        """What to say of them in the report."""
        if not self.spared:
            return []
        return [
            "What the student's code handed over took the grader too long in "
            f"{', '.join(self.spared)}; nothing is earned there."
        ]
