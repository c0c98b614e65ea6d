"""Where each student of a class stands: one score and one status, and what they come to together.

The terminal, the report, the pages and the exports all read it here, so they cannot differ. The
score is the gradebook's: automatic points, what persons gave, less the penalty for late work. It
is the final one when the status is GRADED; while it is OPEN, written answers without points count
0 and are said beside it; with any other status there is no score.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.course.standing import read_withdrawn
from autograder.gradebook.records import Entry
from autograder.grading.class_results import read_result, with_marks
from autograder.result import COULD_NOT_RUN, GRADED, NEEDS_A_PERSON, Result, reason

OPEN, NOT_GRADED_YET = "open", "not graded yet"
NOT_HANDED_IN, WITHDRAWN = "not handed in", "withdrawn"
# In the order in which a lecturer asks.
STATUSES = (
    GRADED, OPEN, NEEDS_A_PERSON, COULD_NOT_RUN, NOT_GRADED_YET, NOT_HANDED_IN, WITHDRAWN,
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """One student and assignment.

    ``entry`` is the gradebook's, None when it has none; ``result`` the exam's over all notebooks,
    None when only nbgrader itself graded. ``there`` is whether a submission lies in ``submitted/``.
    """

    person: Person
    entry: Entry | None
    result: Result | None
    there: bool = True
    withdrawn: bool = False

    @property
    def status(self) -> str:
        """One of STATUSES."""
        if self.withdrawn:
            return WITHDRAWN
        if self.entry is None:
            if self.result is not None and self.result.status != GRADED:
                return self.result.status  # nothing could be entered: the grader failed
            return NOT_GRADED_YET if self.there else NOT_HANDED_IN
        if self.taken_away:
            return NEEDS_A_PERSON
        if self.undecided:
            failed = self.result is not None and self.result.status == COULD_NOT_RUN
            return COULD_NOT_RUN if failed else NEEDS_A_PERSON
        if self.result is not None and self.result.status == COULD_NOT_RUN:
            return COULD_NOT_RUN  # this time; what was recorded before is not about this work
        return OPEN if self.waiting else GRADED

    @property
    def taken_away(self) -> bool:
        """Whether it was graded, and lies in ``submitted/`` no more."""
        return self.entry is not None and not self.there and not self.withdrawn

    @property
    def score(self) -> float | None:
        """Points as they count now; None where nothing is decided."""
        return self.so_far if self.status in (GRADED, OPEN) else None

    @property
    def so_far(self) -> float:
        """Points that the gradebook has, whether or not they count."""
        return self.entry.score if self.entry else 0.0

    @property
    def max_score(self) -> float:
        """Points of all checks."""
        if self.entry and self.entry.marks:
            return sum(mark.max_score for mark in self.entry.marks.values())
        return self.result.max_score if self.result else 0.0

    @property
    def penalty(self) -> float:
        """Points taken off because it came late."""
        return self.entry.penalty if self.entry else 0.0

    @property
    def flags(self) -> tuple[str, ...]:
        """What was unusual in the submission."""
        return self.result.flags if self.result else ()

    @property
    def undecided(self) -> bool:
        """Whether a check that no person was meant to grade has no score."""
        by_hand = {c.id for c in self.result.checks if c.manual} if self.result else set()
        return self.result is not None and any(
            name not in by_hand for name in self._without_score()
        )

    @property
    def waiting(self) -> bool:
        """Whether some check has no points of anybody's."""
        return bool(self._without_score())

    def _without_score(self) -> list[str]:
        marks = self.entry.marks.items() if self.entry else ()
        return [name for (_, name), m in marks if m.auto is None and m.manual is None]

    def to_json(self) -> dict[str, Any]:
        """The published form: one object per submission, without the notebook."""
        result = self.result or Result(self.person.id, "", self.status)
        return {
            **result.to_json(),
            "score": self.score,
            "max_score": self.max_score,
            "late_penalty": self.penalty,
            "status": self.status,
        }

    @property
    def why(self) -> str:
        """What stands in the way of a score, in one line; "" where nothing does."""
        if self.taken_away:
            return (
                f"The submission was taken away after it was graded; it had {self.so_far:g} "
                "points. Put it back, or note the departure: autograder roster withdraw"
            )
        if self.status in (NEEDS_A_PERSON, COULD_NOT_RUN) and self.result is not None:
            return reason(self.result)
        return ""


@dataclass(frozen=True)
class Summary:
    """A class in numbers: of all who have points, so far, and how many are in which status."""

    counts: Mapping[str, int]
    top: float
    mean: float | None
    median: float | None
    lowest: float | None
    highest: float | None

    @property
    def is_open(self) -> bool:
        """Whether some written answers have no points yet; they count 0."""
        return bool(self.counts.get(OPEN))

    @property
    def others(self) -> str:
        """``3 open, 1 needs a person``; "" when everybody is decided."""
        rest = (f"{self.counts[s]} {s}" for s in STATUSES[1:] if self.counts.get(s))
        return ", ".join(rest)


def summarise(standings: Sequence[Standing]) -> Summary:
    """The numbers of a class."""
    known = [one.score for one in standings if one.score is not None]
    return Summary(
        Counter(one.status for one in standings),
        max((one.max_score for one in standings), default=0.0),
        statistics.mean(known) if known else None,
        statistics.median(known) if known else None,
        min(known, default=None),
        max(known, default=None),
    )


def read_standings(
    course: Course,
    assignment: str,
    book: Any,
    results: Mapping[str, Result] | None = None,
) -> list[Standing]:
    """Everybody in the class list or with a submission, by student id.

    ``results`` are those of a run just now; the others are read from ``autograded/``.
    """
    people, entries = book.people(), book.entries(assignment)
    there, gone = set(course.students(assignment)), read_withdrawn(course)
    names = list(course.sources(assignment))
    found = []
    for student in sorted(people.keys() | entries.keys() | (results or {}).keys()):
        entry = entries.get(student)
        result = (results or {}).get(student)
        if result is not None and entry is not None and len(names) == 1:
            result = with_marks(result, names[0], entry)
        elif entry is not None and (result is None or result.checks):
            result = read_result(course, assignment, entry, names)
        person = people.get(student, Person(student))
        found.append(Standing(person, entry, result, student in there, student in gone))
    return found


def written_answers(standings: Sequence[Standing]) -> dict[str, int]:
    """How many answers of each written question wait for a person, by title.

    In a file that cannot be read nobody finds an answer: it does not wait here.
    """
    waiting: Counter[str] = Counter()
    for one in standings:
        if one.result is None or one.status == WITHDRAWN:
            continue
        open_ones = [check for check in one.result.checks if check.score is None]
        unread = one.result.status == NEEDS_A_PERSON and len(open_ones) == len(one.result.checks)
        if not unread:
            waiting.update(check.title for check in open_ones if check.manual)
    return dict(waiting)
