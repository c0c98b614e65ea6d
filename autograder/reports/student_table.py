"""The table of everybody in a class: where each one stands, what is late, where the pages are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.course.deadline import Deadline, in_words
from autograder.course.directory import Course
from autograder.grading.standings import NOT_GRADED_YET, STATUSES, Standing
from autograder.notebook.cell_fields import role_of
from autograder.result import FAILED, GRADED

LATE = "late"
_WORDS = {GRADED: "decided"}  # others are said as they are


@dataclass(frozen=True)
class Student:
    """One row of the table. ``kinds`` are the filters that show it, ``page`` a link or ""."""

    id: str
    name: str
    status: str
    kinds: tuple[str, ...]
    score: float | None
    lost: int | None
    handed_in: str
    late: str
    extended: str
    page: str


@dataclass(frozen=True)
class Links:
    """Where the feedback pages are, seen from the report; without them no link is made.

    ``cells`` are, by check, the notebook and the student's cell that it is about.
    """

    folder: str = ""
    assignment: str = ""
    notebooks: tuple[str, ...] = ()
    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    students: frozenset[str] = frozenset()

    @classmethod
    def read(cls, course: Course, assignment: str, report: Path) -> Links:
        """Links from a report at ``report`` to the pages that are there."""
        from autograder.gradebook.registration import read_source_notebook

        sources = course.sources(assignment)
        feedback = course.root / "feedback"
        cells = {
            check: (name, cell)
            for name, path in sources.items()
            for check, cell in _cells_before(read_source_notebook(path))
        }
        there = frozenset(
            student
            for student in course.students(assignment)
            if any(course.path("feedback", student, assignment).glob("*.html"))
        )
        folder = os.path.relpath(feedback, report.absolute().parent).replace(os.sep, "/")
        return cls(f"./{folder}", assignment, tuple(sources), cells, there)

    def page(self, student: str) -> str:
        """The student's page; "" when there is none."""
        return self._page(student, self.notebooks[0]) if student in self.students else ""

    def cell(self, student: str, check: str) -> str:
        """The place of a student's cell that a check is about."""
        if student not in self.students or check not in self.cells:
            return self.page(student)
        notebook, cell = self.cells[check]
        return f"{self._page(student, notebook)}#{quote(cell)}"

    def _page(self, student: str, notebook: str) -> str:
        place = "/".join(quote(part, safe="") for part in (student, self.assignment, notebook))
        return f"{quote(self.folder)}/{place}.html"


def _cells_before(source: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Each check, and the anchor of the solution cell before it; a written question is both."""
    before = ""
    for cell in source["cells"]:
        role = role_of(cell)
        if role.get("solution"):
            before = f"cell-{role['grade_id']}"
        if role.get("grade") and before:
            yield role["grade_id"], before


def students(
    standings: Sequence[Standing],
    strangers: Iterable[str] = (),
    deadline: Deadline | None = None,
    links: Links | None = None,
) -> list[Student]:
    """A row for everybody, by id; ``strangers`` handed in and are in no class list."""
    deadline, links = deadline or Deadline(), links or Links()
    rows = [_row(one, deadline, links) for one in standings]
    for name in strangers:
        kinds = (NOT_GRADED_YET,)
        rows.append(
            Student(name, "", f"{NOT_GRADED_YET}, in no class list", kinds, None, None, *[""] * 4)
        )
    return sorted(rows, key=lambda row: row.id)


def filters(rows: Sequence[Student]) -> dict[str, tuple[str, int]]:
    """The filters that show anybody: key -> (words, how many)."""
    count = {kind: sum(kind in row.kinds for row in rows) for kind in (*STATUSES, LATE)}
    return {kind: (_WORDS.get(kind, kind), number) for kind, number in count.items() if number}


def full_name(one: Standing) -> str:
    """``Lovelace, Ada``."""
    return ", ".join(filter(None, [one.person.last_name, one.person.first_name]))


def _row(one: Standing, deadline: Deadline, links: Links) -> Student:
    student, moment = one.person.id, one.entry.timestamp if one.entry else None
    late = deadline.late(student, moment)
    until = deadline.until(student)
    checks = one.result.checks if one.result else ()
    failed = sum(check.status == FAILED and not check.manual for check in checks)
    return Student(
        id=student,
        name=full_name(one),
        status=_WORDS.get(one.status, one.status),
        kinds=(one.status, *([LATE] if late or one.penalty else [])),
        score=one.score,
        lost=failed if one.result and one.score is not None else None,
        handed_in=deadline.written(moment, "%Y-%m-%d %H:%M") if moment else "",
        late=_late(one, in_words(late) if late else ""),
        extended=deadline.written(until, "%Y-%m-%d %H:%M")
        if until and deadline.extended(student)
        else "",
        page=links.page(student),
    )


def _late(one: Standing, by: str) -> str:
    """``2 h late, -1.5 points``."""
    taken = f"-{one.penalty:.4g} points" if one.penalty else ""
    return ", ".join(filter(None, [f"{by} late" if by else "", taken]))
