"""A page about the class: how it did, which checks were lost and why, and who needs a person.

One file without scripts; it links to the students' feedback pages where these have been written.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.deadline import Deadline
from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.files import write_atomically
from autograder.grading.run import sandbox_file
from autograder.grading.standings import (
    WITHDRAWN,
    Standing,
    read_standings,
    summarise,
    written_answers,
)
from autograder.reports.flags import grouped_flags
from autograder.reports.histogram import histogram
from autograder.reports.item_statistics import NOT_DONE, check_statistics
from autograder.reports.pages import template
from autograder.reports.student_table import Links, filters, full_name, students
from autograder.result import COULD_NOT_RUN, NEEDS_A_PERSON, NO_SANDBOX

LISTED = 200  # students in one list; more make no page that anybody reads
LINKED = 50  # students of one cause with a link each; the others are named
SLOWEST = 5  # students whose exams took longest


@dataclass(frozen=True)
class Row:
    """A student in a list of the report."""

    student: str
    name: str
    text: str


def write_report(course: Course, assignment: str, path: Path) -> Path:
    """Write the report of an assignment; AutograderError when nobody is graded yet."""
    from autograder.gradebook.gradebook import Gradebook

    with Gradebook(course) as book:
        standings = read_standings(course, assignment, book)
        deadline = book.deadline(assignment)
    strangers = sorted(set(course.students(assignment)) - {one.person.id for one in standings})
    file = sandbox_file(course, assignment)
    sandbox = file.read_text(errors="replace").strip() if file.is_file() else ""
    links = Links.read(course, assignment, path)
    text = report(assignment, standings, strangers, sandbox, deadline, links)
    write_atomically(path, text.encode("utf-8", "replace"))
    return path


def report(
    assignment: str,
    standings: Sequence[Standing],
    strangers: Sequence[str] = (),
    sandbox: str = "",
    deadline: Deadline | None = None,
    links: Links | None = None,
) -> str:
    """The report as HTML; ``strangers`` handed in and are not in the class list; ``sandbox`` says
    in what students' code was run, ``links`` where their pages are.
    """
    deadline, links = deadline or Deadline(), links or Links()
    known = [one for one in standings if one.result is not None and one.status != WITHDRAWN]
    if not known:
        raise AutograderError(
            f"Nobody's {assignment} is graded yet. Type: autograder grade DIR {assignment}"
        )
    results = [replace(one.result, student=one.person.id) for one in known if one.result]
    scores = [one.score for one in known if one.score is not None]
    class_summary = summarise(standings)
    everybody = students(standings, strangers, deadline, links)
    shown = filters(everybody)
    return template("report.html.j2").render(
        assignment=assignment,
        sandbox=sandbox,
        summary=class_summary,
        max_score=class_summary.top,
        checks=check_statistics(results),
        scores=histogram(scores, class_summary.top) if scores else None,
        times=histogram([result.seconds for result in results]),
        middle_seconds=statistics.median(result.seconds for result in results),
        slowest=_slowest(known),
        people=_people(known),
        flags=grouped_flags({one.person.id: one.flags for one in known}),
        open_questions=written_answers(known),
        students=everybody,
        filters=shown,
        kinds={key: f"k{number}" for number, key in enumerate(shown, 1)},
        due=deadline.written(deadline.due) if deadline.due else "",
        zone=deadline.zone,
        links=links,
        NOT_DONE=NOT_DONE,
        rows={student.id: number for number, student in enumerate(everybody)},
        unsafe=any(NO_SANDBOX in result.flags for result in results),
        listed=LISTED,
        linked=LINKED,
    )


def _people(known: Sequence[Standing]) -> list[Row]:
    """Who needs a person, and why; a written answer alone is no reason to be here."""
    needing = [one for one in known if one.status in (NEEDS_A_PERSON, COULD_NOT_RUN)]
    return [Row(one.person.id, full_name(one), _because(one)) for one in needing]


def _because(one: Standing) -> str:
    return ("The grader failed: " if one.status == COULD_NOT_RUN else "") + one.why


def _slowest(known: Sequence[Standing]) -> list[Row]:
    """Whose exams took longest, slowest first."""
    timed = [(one.result.seconds, one) for one in known if one.result is not None]
    timed.sort(key=lambda pair: -pair[0])
    return [Row(o.person.id, full_name(o), f"{seconds:.2g} s") for seconds, o in timed[:SLOWEST]]
