"""The cells of an assignment's source notebook, by what the exam does with them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.notebook.cell_fields import role_of, text_of
from autograder.notebook.defined_names import defined_names, imported_names
from autograder.notebook.markers import Markers

GIVEN = "given"  # locked code: student process and examiner both run it
OPEN = "open"  # code without metadata: the student process runs the student's text
SOLUTION = "solution"  # the student's text runs in the student process only
TEST = "test"  # runs in the examiner only
EXPERIMENT = "experiment"  # not run at grading
MANUAL = "manual"  # written, graded by a person
PROSE = "prose"
EXTRA = "extra"  # the student's own cell


@dataclass(frozen=True)
class SourceCell:
    """One cell of the source notebook.

    ``source`` is its whole text; ``names`` maps what a solution cell defines at top level to
    "function", "class" or "variable", ``imports`` what it imports there to the statement;
    ``code`` says whether it is a code cell; ``task`` whether
    it is answered in cells that the student adds (nbgrader's manually graded task); ``markers``
    what the course writes around its solutions and hidden tests.
    """

    kind: str
    id: str
    source: str
    points: float = 0.0
    code: bool = True
    names: Mapping[str, str] | None = None
    imports: Mapping[str, str] = field(default_factory=dict)
    task: bool = False
    markers: Markers = Markers()

    @cached_property
    def title(self) -> str:
        """The first line of a test cell's docstring, as far as students see it, else its id."""
        if self.kind == MANUAL:
            return f"Written answer: {self.id.replace('_', ' ')}"
        try:
            docstring = ast.get_docstring(ast.parse(self.released))
        except SyntaxError:  # magics
            docstring = None
        return docstring.strip().splitlines()[0] if docstring else self.id

    @cached_property
    def released(self) -> str:
        """What of this cell a student was given: stubs for solutions, hidden tests cut."""
        mine = self.kind in (SOLUTION, MANUAL) and not self.task
        return self.markers.released(self.source, code=self.code, solution=mine).strip()

    @cached_property
    def made(self) -> frozenset[str]:
        """The names that running this cell defines or imports."""
        return frozenset(defined_names(self.source)) | frozenset(imported_names(self.source))

    @cached_property
    def hidden_lines(self) -> frozenset[int]:
        """The lines of a test cell (1 is the first) that students are not given."""
        lines = range(1, self.source.count("\n") + 2) if self.kind == TEST else ()
        return frozenset(filter(self.hides, lines))

    def hides(self, line: int) -> bool:
        """Whether this line (1 is the first) stands between hidden-test markers."""
        return self.markers.hides(self.source, line)


def read_source_cells(source: Mapping[str, Any]) -> list[SourceCell]:
    """The steps of a source notebook (nbformat 4 as plain data)."""
    markers = Markers.of(source)
    return [_step(cell, place, markers) for place, cell in enumerate(source["cells"])]


def uses_mlpkit(steps: Iterable[SourceCell]) -> bool:
    """Whether the course checks with mlpkit, as what ``autograder build`` makes does."""
    return any("mlpkit" in step.source for step in steps if step.kind in (GIVEN, TEST))


def given_cells(steps: Iterable[SourceCell]) -> dict[int, str]:
    """The text of the cells that student processes run as they are, by their number there."""
    run = [step for step in steps if step.code and step.kind not in (TEST, EXPERIMENT)]
    return {number: step.source for number, step in enumerate(run, 1) if step.kind in (GIVEN, OPEN)}


def _step(cell: Mapping[str, Any], place: int, markers: Markers) -> SourceCell:
    metadata = cell.get("metadata", {})
    mark = role_of(cell)
    text = text_of(cell)
    code = cell["cell_type"] == "code"
    kind = _kind(code, mark, metadata.get("tags", ()))
    identity = str(mark.get("grade_id") or cell.get("id") or f"cell-{place}")
    theirs = code and kind in (SOLUTION, MANUAL)
    names, imports = (defined_names(text), imported_names(text)) if theirs else (None, {})
    points = float(mark.get("points") or 0.0) if kind in (TEST, MANUAL) else 0.0
    return SourceCell(
        kind, identity, text, points, code, names, imports, bool(mark.get("task")), markers
    )


def _kind(code: bool, mark: Mapping[str, Any], tags: Any) -> str:
    grade, solution = bool(mark.get("grade")), bool(mark.get("solution"))
    if mark.get("task") or (grade and solution):
        return MANUAL
    if not code:
        return PROSE
    if "experiment" in tags or "skip-execution" in tags:
        return EXPERIMENT
    if grade:
        return TEST
    if solution:
        return SOLUTION
    return GIVEN if mark.get("locked") else OPEN
