"""Whose code is alike, on one page: the pairs, and the most alike ones side by side."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from autograder.course.collected import Collected
from autograder.course.directory import Course
from autograder.course.submissions import read_submission
from autograder.files import write_atomically
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import read_source_notebook
from autograder.notebook.source_cells import read_source_cells
from autograder.notebook.submitted_cells import read_cells
from autograder.reports import html
from autograder.reports.pages import template
from autograder.similar.pairs import Own, Pair, spanning
from autograder.similar.passages import Passage

LISTED, SHOWN = 200, 50  # pairs in the list, and side by side; nobody reads more
LEAST_PASSAGES = 3  # that two cells share to be shown beside each other


@dataclass(frozen=True)
class Compared:
    """What a comparison found: the pairs, most alike first, and who could not be read, why."""

    path: Path
    students: int
    pairs: list[Pair]
    unread: dict[str, str]


@dataclass(frozen=True)
class Row:
    """Two cells side by side, as HTML."""

    one: str
    other: str


def write_similar(course: Course, assignment: str, path: Path) -> Compared:
    """Compare all submissions of an assignment, and write the page."""
    cells, given, unread = _read(course, assignment)
    own = Own(cells, given)
    groups = _groups(course, assignment)
    pairs = [
        pair
        for pair in own.pairs()
        if pair.one not in groups or groups[pair.one] != groups.get(pair.other)
    ]
    with Gradebook(course) as book:
        people = book.people()
    names = {
        student: " ".join(filter(None, [person.first_name, person.last_name]))
        for student, person in people.items()
    }
    compared = Compared(path, len(cells), pairs, unread)
    write_atomically(path, _page(compared, own, assignment, names).encode("utf-8", "replace"))
    return compared


def _read(
    course: Course, assignment: str
) -> tuple[dict[str, list[str]], list[str], dict[str, str]]:
    """Everybody's code cells, the course's, and why somebody's could not be read."""
    sources = course.sources(assignment)
    given: list[str] = []
    for source in sources.values():
        steps = read_source_cells(read_source_notebook(source, course.config))
        given += [text for step in steps if step.code for text in (step.source, step.released)]
    cells: dict[str, list[str]] = {}
    unread: dict[str, str] = {}
    for student in course.students(assignment):
        for name in sources:
            submission = read_submission(course, assignment, student, name, len(sources) == 1)
            found, message = read_cells(submission.data)
            if found is None:
                unread[student] = submission.flags[0] if submission.flags else message
            else:
                texts = (cell.text for cell in found if cell.code)
                cells[student] = [*cells.get(student, ()), *dict.fromkeys(texts)]
    return cells, given, unread


def _groups(course: Course, assignment: str) -> dict[str, tuple[str, ...]]:
    """Of which upload each student's submission is: that of a group is its members' alike."""
    collected = Collected(course, assignment)
    counting = {student: collected.counting(student) for student in collected.students()}
    return {s: (v.platform, v.label, v.digest) for s, v in counting.items() if v is not None}


def _page(compared: Compared, own: Own, assignment: str, names: dict[str, str]) -> str:
    shown = spanning(compared.pairs)[:SHOWN]
    return template("similar.html.j2").render(
        assignment=assignment,
        students=compared.students,
        pairs=compared.pairs[:LISTED],
        more=max(0, len(compared.pairs) - LISTED),
        places={(pair.one, pair.other): place for place, pair in enumerate(shown, 1)},
        shown=[(pair, _rows(own, pair)) for pair in shown],
        names=names,
        unread=compared.unread,
        code_style=html.code_style(),
    )


def _rows(own: Own, pair: Pair) -> list[Row]:
    """Each cell of one with shared passages, beside the cell of the other that has most of them."""
    rows, there = [], own.cells[pair.other]
    for text in own.cells[pair.one]:
        shared = [own.of(text).keys() & own.of(other).keys() for other in there]
        best = max(range(len(there)), key=lambda place: len(shared[place]), default=0)
        if there and len(shared[best]) >= LEAST_PASSAGES:
            rows.append(Row(*(_code(own, t, shared[best]) for t in (text, there[best]))))
    return rows


def _code(own: Own, text: str, shared: Set[Passage]) -> str:
    lines = {line for passage in shared for line in own.of(text)[passage]}
    return html.code(text, tuple(sorted(lines)))
