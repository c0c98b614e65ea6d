"""What a gradebook says about students and submissions, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

# The check that `autograder questions --results` adds: of no cell, given points by a person.
QUESTIONS, QUESTIONS_TITLE = "questions_about_own_code", "Questions about your code"


class Marks(NamedTuple):
    """What the gradebook holds for one check of one submission, a person's part included."""

    auto: float | None
    manual: float | None = None
    extra: float | None = None
    needs_person: bool = False
    max_score: float = 0.0

    @property
    def score(self) -> float:
        """nbgrader's rule: a person's score before the automatic one, and extra credit."""
        score = self.auto if self.manual is None else self.manual
        return 0.0 if score is None else score + (self.extra or 0.0)


@dataclass
class Entry:
    """One student's submission of an assignment as the gradebook has it.

    ``marks`` and ``comments`` (those a person wrote) are keyed by (notebook, cell name).
    """

    student: str
    timestamp: datetime | None = None
    penalty: float = 0.0
    marks: dict[tuple[str, str], Marks] = field(default_factory=dict)
    comments: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Points after the penalty for late work, never below zero."""
        return max(0.0, sum(mark.score for mark in self.marks.values()) - self.penalty)

    @property
    def needs_person(self) -> bool:
        """Whether some check still waits for a person."""
        return any(mark.needs_person for mark in self.marks.values())
