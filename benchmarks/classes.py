"""A simulated class: any number of submissions, all distinct, from an assignment's answers."""

import copy
import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.authoring.answer_bank import fill, read_mistakes, read_variants
from autograder.authoring.installed import course_sources
from autograder.authoring.source import read_source
from autograder.course.directory import Course
from autograder.grading.new_course import init


def student(number: int) -> str:
    return f"s{number:05}"


def notebooks(assignment: str, notebook: Any = None) -> Iterator[dict[str, Any]]:
    """Filled-in notebooks without end: the reference, every variant and mistake in turn.

    ``notebook`` is what is filled in: the release, or the source itself (the default). A comment
    with its number makes each one different: results are kept by content.
    """
    path = course_sources()[assignment]
    source = read_source(path)
    bank = [None, *read_variants(path.parent, source), *read_mistakes(path.parent, source)]
    filled = [fill(source if notebook is None else notebook, source, answer) for answer in bank]
    first = next(
        place
        for place, cell in enumerate(source.cells)
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    )
    for number, one in enumerate(itertools.cycle(filled)):
        mine = copy.copy(one)
        mine.cells = list(one.cells)
        mine.cells[first] = copy.copy(one.cells[first])
        mine.cells[first].source += f"\n# submission {number}"
        yield mine


def course_of(folder: Path, assignment: str, count: int, fresh: Path | None = None) -> Course:
    """A course directory in which ``count`` students have handed in; ``fresh`` is one to copy."""
    from nbformat import from_dict

    if fresh is None:
        course = init(folder)
    else:
        shutil.copytree(fresh, folder)
        course = Course.open(folder)
    release = course.path("release", ".", assignment) / f"{assignment}.ipynb"
    made = notebooks(assignment, from_dict(json.loads(release.read_text(encoding="utf-8"))))
    for number, notebook in zip(range(count), made, strict=False):
        path = course.path("submitted", student(number), assignment) / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    return course
