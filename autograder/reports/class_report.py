"""A page about the class: how it did, which checks were lost and why, and who needs a person.

One file without scripts. The figures are matplotlib's, drawn without its global state.
"""

from __future__ import annotations

import base64
import io
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.files import write_atomically
from autograder.grading.run import sandbox_file
from autograder.grading.standings import (
    NOT_GRADED_YET,
    WITHDRAWN,
    Standing,
    read_standings,
    summarise,
)
from autograder.reports.flags import grouped_flags
from autograder.reports.item_statistics import CheckStatistics, check_statistics
from autograder.reports.pages import template
from autograder.result import COULD_NOT_RUN, NEEDS_A_PERSON, NO_SANDBOX, Result

# Okabe and Ito's colours, told apart by every eye.
BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#9aa3ad"
LISTED = 200  # students in one list; more make no page that anybody reads
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
    strangers = sorted(set(course.students(assignment)) - {one.person.id for one in standings})
    file = sandbox_file(course, assignment)
    sandbox = file.read_text(errors="replace").strip() if file.is_file() else ""
    text = report(assignment, standings, strangers, sandbox)
    write_atomically(path, text.encode("utf-8", "replace"))
    return path


def report(
    assignment: str,
    standings: Sequence[Standing],
    strangers: Sequence[str] = (),
    sandbox: str = "",
) -> str:
    """The report as HTML; ``strangers`` handed in and are not in the class list; ``sandbox`` says
    in what students' code was run.
    """
    known = [one for one in standings if one.result is not None and one.status != WITHDRAWN]
    if not known:
        raise AutograderError(
            f"Nobody's {assignment} is graded yet. Type: autograder grade DIR {assignment}"
        )
    results = [one.result for one in known if one.result is not None]
    scores = [one.score for one in known if one.score is not None]
    class_summary = summarise(standings)
    checks = check_statistics(results)
    return template("report.html.j2").render(
        assignment=assignment,
        sandbox=sandbox,
        summary=class_summary,
        max_score=class_summary.top,
        checks=checks,
        histogram=_picture(_score_figure(scores, class_summary.top)) if scores else "",
        failures=_picture(_failure_figure(checks)) if checks else "",
        times=_picture(_time_figure([result.seconds for result in results])),
        middle_seconds=statistics.median(result.seconds for result in results),
        slowest=_slowest(known),
        people=_people(known),
        flags=grouped_flags({one.person.id: one.flags for one in known}),
        open_questions=_open_questions(results),
        late=[Row(o.person.id, _name(o), f"-{o.penalty:g}") for o in known if o.penalty],
        missing=[o.person.id for o in standings if o.status == NOT_GRADED_YET] + list(strangers),
        unsafe=any(NO_SANDBOX in result.flags for result in results),
        listed=LISTED,
    )


def _name(one: Standing) -> str:
    return ", ".join(filter(None, [one.person.last_name, one.person.first_name]))


def _people(known: Sequence[Standing]) -> list[Row]:
    """Who needs a person, and why; a written answer alone is no reason to be here."""
    needing = [one for one in known if one.status in (NEEDS_A_PERSON, COULD_NOT_RUN)]
    return [Row(one.person.id, _name(one), _because(one)) for one in needing]


def _because(one: Standing) -> str:
    return ("The grader failed: " if one.status == COULD_NOT_RUN else "") + one.why


def _slowest(known: Sequence[Standing]) -> list[Row]:
    """Whose exams took longest, slowest first."""
    timed = [(one.result.seconds, one) for one in known if one.result is not None]
    timed.sort(key=lambda pair: -pair[0])
    return [Row(o.person.id, _name(o), f"{seconds:.2g} s") for seconds, o in timed[:SLOWEST]]


def _open_questions(results: Sequence[Result]) -> dict[str, int]:
    """How many answers of each written question still wait."""
    waiting: dict[str, int] = {}
    for result in results:
        for check in result.checks:
            if check.manual and check.score is None:
                waiting[check.title] = waiting.get(check.title, 0) + 1
    return waiting


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _score_figure(scores: Sequence[float], top: float) -> Any:
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    figure, axes = _figure(6.4, 2.8)
    edges = np.linspace(0, max(top, *scores, 1), min(20, max(5, int(top))) + 1)
    axes.hist(scores, edges, color=BLUE, edgecolor="white")
    axes.axvline(statistics.median(scores), color=ORANGE, linewidth=2, label="median")
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1))
    axes.set(xlabel=f"points of {top:g}", ylabel="students", xlim=(0, edges[-1]))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _failure_figure(checks: Sequence[CheckStatistics]) -> Any:
    from matplotlib.ticker import MaxNLocator

    figure, axes = _figure(6.4, 0.8 + 0.26 * len(checks))
    names = [check.id.removeprefix("test_") for check in checks]
    failed = [100 * check.failed for check in checks]
    axes.barh(names, failed, color=BLUE, label="wrong")
    not_done = [100 * check.not_done for check in checks]
    axes.barh(names, not_done, left=failed, color=GREY, label="not done")
    axes.invert_yaxis()
    limit = max(10.0, *(a + b for a, b in zip(failed, not_done, strict=True)))
    axes.set(xlabel="% of the students", xlim=(0, 1.05 * limit))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.tick_params(axis="y", length=0)
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return figure


def _time_figure(seconds: Sequence[float]) -> Any:
    figure, axes = _figure(6.4, 2.2)
    axes.hist(seconds, 30, color=GREY, edgecolor="white")
    axes.set(xlabel="seconds of one exam", ylabel="students", yscale="log")
    return figure


def _picture(figure: Any) -> str:
    """A figure as an image in the page."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
