"""A page for each submission: the score, what each check says, and the student's own work.

One file without scripts, links to elsewhere, or anything of the hidden tests, where nbgrader puts
its feedback. Scores and comments that a person gave in formgrader are on it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course.autograded import read_autograded
from autograder.course.deadline import Deadline, in_words
from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.files import write_atomically
from autograder.gradebook.records import QUESTIONS, Entry
from autograder.grading.class_results import with_marks
from autograder.notebook.cell_fields import name_of, role_of, text_of
from autograder.reports import html
from autograder.reports.flags import merged_flags
from autograder.reports.give_back import for_exchange
from autograder.reports.pages import template
from autograder.result import COULD_NOT_RUN, FAILED, NO_SANDBOX, PASSED, Check, Result

# Headings over the checks, and the states of those below each.
_GROUPS = {
    "Lost": ("failed",),
    "Not decided yet": ("broken", "waiting"),
    "Graded by a person": ("marked",),
    "Passed": ("passed",),
}
_HEADING = re.compile(r"^#{1,3} +(.+?)\s*$", re.M)


@dataclass(frozen=True)
class Line:
    """A check as the page shows it."""

    check: Check
    comment: str = ""
    cell: str = ""  # anchor of the student's cell it is about

    @property
    def state(self) -> str:
        """passed, failed, waiting (for a person), or broken (could not run)."""
        if self.check.manual:
            return "waiting" if self.check.score is None else "marked"
        return {PASSED: "passed", FAILED: "failed"}.get(self.check.status, "broken")

    @property
    def message(self) -> str:
        """What to say about it: nothing about what was passed."""
        return "" if self.state == "passed" else self.check.message

    @property
    def aligned(self) -> bool:
        """Whether the message has columns, and so needs a fixed-width font."""
        return bool(re.search(r"\S {3,}\S|^ {2,}\S", self.message, re.M))


@dataclass
class Work:
    """A piece of the student's notebook as HTML."""

    anchor: str
    heading: str
    body: str
    outputs: list[str]
    lines: list[Line] = field(default_factory=list)
    comment: str = ""


def write_pages(
    course: Course, assignment: str, students: Sequence[str]
) -> tuple[list[Path], dict[str, str]]:
    """Write the students' pages; returns them, and a message for each student who has none."""
    from tqdm import tqdm

    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.registration import read_source_notebook

    sources = {
        name: read_source_notebook(path) for name, path in course.sources(assignment).items()
    }
    with Gradebook(course) as book:
        entries, people = book.entries(assignment), book.people()
        deadline = book.deadline(assignment)
    written, missing = [], {}
    for student in tqdm(students, unit="page", disable=None):
        for name, source in sources.items():
            path = course.path("autograded", student, assignment) / f"{name}.ipynb"
            result = read_autograded(path)
            if result is None or student not in entries:
                missing[student] = (
                    "not graded yet. Type: "
                    f"autograder grade {shlex.quote(str(course.root))} {assignment}"
                )
                continue
            person = people.get(student, Person(student))
            text = page(result, source, name, entries[student], person, deadline)
            target = course.path("feedback", student, assignment) / f"{name}.html"
            write_atomically(target, text.encode("utf-8", "replace"))
            written.append(target)
        if student not in missing:
            for_exchange(course, assignment, student)
    return written, missing


def page(
    result: Result,
    source: Mapping[str, Any],
    name: str,
    entry: Entry | None = None,
    person: Person | None = None,
    deadline: Deadline | None = None,
) -> str:
    """The page of one result.

    ``source`` tells which cells are the course's; ``entry`` is what the gradebook has by now,
    ``person`` who the student is, ``deadline`` until when it was to be handed in.
    """
    entry = entry or Entry(result.student)
    result = with_marks(result, name, entry)
    comments = {cell: text for (notebook, cell), text in entry.comments.items() if notebook == name}
    works = list(_works(result, source, comments))
    lines = _lines(result, works, comments)
    score = max(0.0, result.score - entry.penalty)
    return template("feedback.html.j2").render(
        COULD_NOT_RUN=COULD_NOT_RUN,
        result=result,
        title=_title(source, name),
        name=_full_name(person or Person(result.student)),
        groups=_groups(lines),
        times=_times(entry, deadline or Deadline()),
        count=len(lines),
        works=works,
        score=score,
        share=round(100 * score / result.max_score) if result.max_score else 0,
        penalty=entry.penalty,
        open_points=sum(c.points for c in result.checks if c.score is None),
        lost=sum(line.state == "failed" for line in lines),
        unsafe=NO_SANDBOX in result.flags,
        flags=merged_flags(result.flags),
        code_style=html.code_style(),
    )


def _works(
    result: Result, source: Mapping[str, Any], comments: Mapping[str, str]
) -> Iterator[Work]:
    """The student's own cells in order, and the figures of experiments."""
    ours = {name_of(cell) for cell in source["cells"] if not role_of(cell).get("solution")}
    heading = ""
    for cell in (result.notebook or {}).get("cells", ()):
        name, text = name_of(cell), text_of(cell)
        if name in ours:
            if cell["cell_type"] == "markdown" and (found := _HEADING.findall(text)):
                heading = html.heading(found[-1])
            if "experiment" not in cell.get("metadata", {}).get("tags", ()):
                continue
            text = ""
        is_code = cell["cell_type"] == "code"
        body = (html.code if is_code else html.markdown)(text) if text.strip() else ""
        shown = html.outputs(cell.get("outputs"))
        if body or shown:
            yield Work(f"cell-{name}", heading, body, shown, comment=comments.get(name, ""))


def _lines(result: Result, works: Iterable[Work], comments: Mapping[str, str]) -> list[Line]:
    """The checks, each tied to the student's cell that stands before it."""
    by_anchor = {work.anchor: work for work in works}
    checks = {check.id: check for check in result.checks}
    lines, before = {}, ""
    for cell in (result.notebook or {}).get("cells", ()):
        name = name_of(cell)
        if role_of(cell).get("solution") and f"cell-{name}" in by_anchor:
            before = f"cell-{name}"
        if name in checks:
            comment = comments.get(name, "") if checks[name].manual else ""
            lines[name] = Line(checks[name], comment, before)
            if before:
                by_anchor[before].lines.append(lines[name])
    asked = comments.get(QUESTIONS, "")
    return [
        lines.get(check.id) or Line(check, asked if check.id == QUESTIONS else "")
        for check in result.checks
    ]


def _groups(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """The checks under headings, what was lost first; headings without a check are left out."""
    groups = {
        heading: [line for line in lines if line.state in states]
        for heading, states in _GROUPS.items()
    }
    return {heading: found for heading, found in groups.items() if found}


@dataclass(frozen=True)
class _Times:
    """When it was handed in and for which date, in words; "" for what is not known."""

    handed_in: str
    late: str
    due: str
    extended: bool


def _times(entry: Entry, deadline: Deadline) -> _Times:
    until, late = deadline.until(entry.student), deadline.late(entry.student, entry.timestamp)
    return _Times(
        deadline.written(entry.timestamp) if entry.timestamp else "",
        in_words(late) if late else "",
        deadline.written(until) if until else "",
        deadline.extended(entry.student),
    )


def _title(source: Mapping[str, Any], name: str) -> str:
    """The notebook's own first heading, else its name."""
    for cell in source["cells"]:
        if cell["cell_type"] == "markdown" and (found := _HEADING.search(text_of(cell))):
            return found.group(1).replace("$", "")
    return name


def _full_name(person: Person) -> str:
    return " ".join(filter(None, [person.first_name, person.last_name])) or person.id
