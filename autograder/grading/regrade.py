"""After a test or the secret was changed: who changes, by how much, and why; then write it.

Everybody is examined again, and what would be is compared with what is recorded. A score that a
student has seen in feedback is lowered only on explicit request, and then says so in a flag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.course.directory import Course
from autograder.grading.batch import Batch
from autograder.result import COULD_NOT_RUN, Check, Result


@dataclass
class Change:
    """One student: the scores over all notebooks, and what makes the difference."""

    student: str
    before: float = 0.0
    after: float = 0.0
    released: bool = False  # whether feedback was given out
    undecided: bool = False  # whether the grader failed, so that nothing will be written
    why: list[str] = field(default_factory=list)

    @property
    def falls(self) -> bool:
        """Whether the student would have less than before."""
        return self.after < self.before

    def __str__(self) -> str:
        known = ", and the student knows the old score" if self.falls and self.released else ""
        head = (
            f"{self.student}: {self.before:g} -> {self.after:g} "
            f"({self.after - self.before:+g}{known})"
        )
        return "\n    ".join([head, *self.why])


def regrade_class(
    course: Course,
    assignment: str,
    students: Sequence[str],
    *,
    jobs: int | None = None,
    isolation: str = "auto",
    strict: bool = False,
    apply: bool = False,
    lower: bool = False,
) -> tuple[list[Change], list[str]]:
    """Everyone whose checks come out differently, and who was left as they were.

    Without ``apply`` nothing is written, and nobody is named as left.
    """
    from autograder.exam import examine
    from autograder.gradebook.gradebook import Gradebook
    from autograder.grading.executors import open_executor

    with Gradebook(course) as book, open_executor(jobs) as (executor, window):
        batch = Batch(course, assignment, book, isolation=isolation, register=False, strict=strict)
        found = {student: Change(student) for student in students}
        for notebook, kept, new in batch.preview(examine, executor, window, students):
            page = course.path("feedback", new.student, assignment) / f"{notebook}.html"
            _compare(found[new.student], kept, new, page.exists())
        changes = [change for change in found.values() if change.why]
        if not apply:
            return changes, []
        left = [c.student for c in changes if c.undecided or c.falls and c.released and not lower]
        chosen = [student for student in students if student not in left]
        batch = Batch(course, assignment, book, isolation=isolation, strict=strict)
        batch.run(examine, executor, window, chosen)
    return changes, left


def _compare(change: Change, kept: Result | None, new: Result, released: bool) -> None:
    """Add one notebook to a student's change."""
    change.before += kept.score if kept else 0.0
    change.after += new.score if new.checks or not kept else kept.score
    change.released |= released
    if not new.checks:
        change.undecided = True
        change.why += new.flags
        return
    old = {check.id: check for check in kept.checks} if kept else {}
    for check in new.checks:
        was = old.get(check.id)
        if was is None or (was.score, was.points) != (check.score, check.points):
            reason = check.message.splitlines()[0] if check.message else ""
            change.why.append(
                f"{check.id}: {_mark(was)} -> {_mark(check)}" + (f"  {reason}" if reason else "")
            )
    for name in old.keys() - {check.id for check in new.checks}:
        change.why.append(f"{name}: {_mark(old[name])} -> gone")


def _mark(check: Check | None) -> str:
    if check is None:
        return "new"
    if check.score is None:
        return "could not run" if check.status == COULD_NOT_RUN and not check.manual else "open"
    return f"{check.score:g} of {check.points:g}"
