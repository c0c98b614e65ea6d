"""What an exam returns: plain data, the same for every submission, ready for JSON.

A check is passed, failed, or could not run. The third is a fault of the grader or of the
test, never a student's zero: it leaves the score undecided and asks for a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

NO_ANSWER = "No answer was given."
_NOT_BEGUN = re.compile(rf"[\w.]+\(\.\.\.\) is not written yet|{NO_ANSWER}$")
PASSED, FAILED, COULD_NOT_RUN = "passed", "failed", "could not run"
GRADED, NEEDS_A_PERSON = "graded", "needs a person"  # and COULD_NOT_RUN


@dataclass(frozen=True)
class Check:
    """One test cell, or one question that a person grades.

    ``score`` is None when it is not decided yet: a test that could not run, or a written answer.
    ``unabridged`` is for the instructor alone: the message of a hidden check with what the
    student's code said, and so perhaps with hidden inputs; "" where ``message`` is the whole.
    """

    id: str
    title: str
    points: float
    score: float | None
    status: str
    message: str = ""
    manual: bool = False
    unabridged: str = field(default="", repr=False)

    @property
    def not_begun(self) -> bool:
        """Whether it failed only because its stub, or its question, is as it was handed out."""
        return self.score == 0 and bool(_NOT_BEGUN.match(self.message))

    @property
    def whole_message(self) -> str:
        """The message as the instructor may read it."""
        return self.unabridged or self.message


@dataclass(frozen=True)
class Result:
    """The outcome of one notebook's exam.

    ``notebook`` is the rebuilt notebook (nbformat 4 as a dict) with the outputs of the exam.
    ``flags`` are messages about whatever was unusual in the submission. A ``provisional`` result
    may differ next time, through no doing of the student's: it is not cached.
    """

    student: str
    assignment: str
    status: str
    checks: tuple[Check, ...] = ()
    flags: tuple[str, ...] = ()
    notebook: Mapping[str, Any] | None = field(default=None, repr=False)
    seconds: float = 0.0
    provisional: bool = False

    @property
    def score(self) -> float:
        """Points earned so far; what no one has decided yet counts 0."""
        return float(sum(check.score or 0.0 for check in self.checks))

    @property
    def max_score(self) -> float:
        """Points of all checks, written questions included."""
        return float(sum(check.points for check in self.checks))

    def named(self, student: str, assignment: str) -> Result:
        """The same result for this student and assignment."""
        return replace(self, student=student, assignment=assignment)

    def to_json(self) -> dict[str, Any]:
        """The published form: one object per submission, without the notebook."""
        return {
            "student": self.student,
            "assignment": self.assignment,
            "score": self.score,
            "max_score": self.max_score,
            "status": self.status,
            "flags": list(self.flags),
            "checks": [
                {
                    "id": check.id,
                    "title": check.title,
                    "points": check.points,
                    "score": check.score,
                    "status": check.status,
                    "message": check.message,
                }
                for check in self.checks
            ],
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain data that ``from_dict`` takes back."""
        return {
            **{k: v for k, v in vars(self).items() if k != "checks"},
            "checks": [dict(vars(check)) for check in self.checks],
            "flags": list(self.flags),
        }

    def for_students(self) -> dict[str, Any]:
        """``to_dict`` without what only the instructor may read."""
        checks = tuple(replace(check, unabridged="") for check in self.checks)
        return replace(self, checks=checks).to_dict()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """The inverse of ``to_dict``."""
        checks = tuple(Check(**check) for check in data["checks"])
        return cls(**{**data, "checks": checks, "flags": tuple(data["flags"])})


NO_SANDBOX = "Graded without a sandbox (--isolation=none): the score could have been forged."
DOUBTED = "The course's own solution does not pass this check: look at it."
BESIDE = "Ran beside the student's code: a pass could have been forged."


def remarks(checks: Iterable[Check]) -> list[str]:
    """What is to be known of checks whatever they gave: a line for each kind, with their names."""
    found: dict[str, dict[str, None]] = {}
    for check in checks:
        for remark in (DOUBTED, BESIDE):
            if remark in check.message:
                found.setdefault(remark, {})[check.id] = None
    return [f"{remark[:-1]} ({', '.join(names)})." for remark, names in found.items()]


def reason(result: Result) -> str:
    """Why a result is not plainly graded, in one line."""
    broken = [c for c in result.checks if c.status == COULD_NOT_RUN and not c.manual]
    of_checks = [f"{check.id}: {check.message}" for check in broken]
    by_grader = result.status == COULD_NOT_RUN
    said = (of_checks or result.flags) if by_grader else (result.flags or of_checks)
    return " ".join(" ".join(said[:2]).split()) or "no reason was given"
