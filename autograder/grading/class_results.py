"""The exam's results of a student with what persons added in formgrader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from autograder.course.autograded import read_autograded
from autograder.course.directory import Course
from autograder.gradebook.records import QUESTIONS, QUESTIONS_TITLE, Entry
from autograder.result import COULD_NOT_RUN, GRADED, NEEDS_A_PERSON, Check, Result


def read_result(
    course: Course, assignment: str, entry: Entry, names: Iterable[str]
) -> Result | None:
    """A student's result over the notebooks ``names``, with a person's scores in it."""
    parts = []
    for name in names:
        path = course.path("autograded", entry.student, assignment) / f"{name}.ipynb"
        if (result := read_autograded(path)) is not None:
            parts.append(with_marks(replace(result, notebook=None), name, entry))
    return joined(parts) if parts else None


def with_marks(result: Result, notebook: str, entry: Entry) -> Result:
    """The result with the scores that a person gave; graded once nothing is left undecided."""

    def marked(check: Check) -> Check:
        mark = entry.marks.get((notebook, check.id))
        if mark is None or (mark.manual is None and not mark.extra):
            return check
        return replace(check, score=mark.score, message="" if check.manual else check.message)

    checks = tuple(marked(check) for check in (*result.checks, *_asked(result, notebook, entry)))
    settled = _undecided(result.checks) and not _undecided(checks)
    return replace(result, checks=checks, status=GRADED if settled else result.status)


def _asked(result: Result, notebook: str, entry: Entry) -> Iterator[Check]:
    """The check on questions about a student's own code, where the class was asked."""
    mark = entry.marks.get((notebook, QUESTIONS))
    if mark is not None and all(check.id != QUESTIONS for check in result.checks):
        title, said = QUESTIONS_TITLE, "They are asked by a person."
        yield Check(QUESTIONS, title, mark.max_score, None, COULD_NOT_RUN, said, manual=True)


def _undecided(checks: Iterable[Check]) -> bool:
    return any(check.score is None and not check.manual for check in checks)


def joined(parts: list[Result]) -> Result:
    """One result of a student from those of the assignment's notebooks."""
    if len(parts) == 1:
        return parts[0]
    worst = (COULD_NOT_RUN, NEEDS_A_PERSON)
    status = next((s for s in worst if any(part.status == s for part in parts)), parts[0].status)
    return replace(
        parts[0],
        status=status,
        checks=tuple(check for part in parts for check in part.checks),
        flags=tuple(dict.fromkeys(flag for part in parts for flag in part.flags)),
        notebook=None,
        seconds=sum(part.seconds for part in parts),
    )
