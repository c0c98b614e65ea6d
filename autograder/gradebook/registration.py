"""What the gradebook keeps of a source notebook: the cells that nbgrader's release step saves."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.notebook.cell_fields import role_of
from autograder.notebook.markers import Markers

_ROLES = "grade", "solution", "task"  # each needs the name by which the gradebook knows the cell
# nbgrader's steps before the cells are saved, and after.
FIRST = "LockCells", "ClearSolutions", "ClearOutput", "ComputeChecksums"
LAST = "ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums"


@dataclass(frozen=True)
class Described:
    """One notebook's cells by name, each with the values of its row.

    ``released`` is the notebook that students get: no solutions, no hidden tests.
    """

    kernelspec: str
    grades: dict[str, dict[str, Any]]
    solutions: dict[str, dict[str, Any]]
    tasks: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    released: Any


def described(notebook: Any, config: Any = None, name: str = "this notebook") -> Described:
    """The cells as nbgrader registers them: solutions cut, hidden tests in, checksums computed.

    ``config`` is the course's (it may name other markers), ``name`` what messages call the
    notebook. Of nbgrader's steps the check of metadata is left out: a source was checked when it
    was read or built, and that takes longer than the rest.

    Raises AutograderError where nbgrader would not release it.
    """
    from nbformat import from_dict
    from nbgrader.utils import is_grade, is_locked, is_solution, is_task

    from autograder.lean_imports import preprocessors

    nb = from_dict(copy.deepcopy(notebook))
    nb = _after(preprocessors(*FIRST), nb, config, name)
    graded: dict[str, Any] = {}
    solutions: dict[str, Any] = {}
    tasks: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    for cell in nb.cells:
        about = role_of(cell)
        name = str(about.get("grade_id", ""))
        worth = {"max_score": float(about.get("points") or 0), "cell_type": cell.cell_type}
        if is_grade(cell):
            graded[name] = worth
        if is_solution(cell):
            solutions[name] = {}
        if is_task(cell):
            tasks[name] = worth
        if is_grade(cell) or is_solution(cell) or is_locked(cell) or is_task(cell):
            sources[name] = {
                "cell_type": cell.cell_type,
                "locked": is_locked(cell),
                "source": cell.source,
                "checksum": about.get("checksum"),
            }
    kernelspec = json.dumps(nb.metadata.get("kernelspec", {}))
    nb = _after(preprocessors(*LAST), nb, config, name)
    return Described(kernelspec, graded, solutions, tasks, sources, nb)


def _after(steps: Iterable[Any], notebook: Any, config: Any, name: str) -> Any:
    """The notebook after some of nbgrader's preprocessors; they refuse with RuntimeError."""
    for step in steps:
        try:
            notebook, _ = step(config=config).preprocess(notebook, {"nbgrader": {}})
        except RuntimeError as error:
            raise AutograderError(
                f"nbgrader would not release {name}: {_first_line(error).rstrip('.')}."
            ) from error
    return notebook


def read_source_notebook(path: Path, config: Any = None) -> dict[str, Any]:
    """A course directory's source notebook as plain data, in nbformat 4.

    It carries the markers that the course's ``config`` names. Metadata of older versions of
    nbgrader are brought to the present one, as ``nbgrader update`` does, points that are text are
    numbers, and the metadata of a cell that has no name and is neither answered nor graded are
    left out. The file stays as it is.

    Raises AutograderError when it is no notebook, or nbgrader would not release it.
    """
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator, ValidationError
    from nbgrader.nbgraderformat.common import SchemaMismatchError

    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # whatever a broken file makes nbformat raise
        raise AutograderError(f"The source {path} is no notebook: {_first_line(error)}") from error
    for cell in notebook.cells:
        mark = role_of(cell)
        if mark and not mark.get("grade_id") and not any(map(mark.get, _ROLES)):
            del cell.metadata["nbgrader"]
        elif isinstance(points := mark.get("points"), str):
            with contextlib.suppress(ValueError):
                cell.metadata["nbgrader"]["points"] = float(points)
    validator = MetadataValidator()
    try:
        notebook = validator.upgrade_notebook_metadata(notebook)
        validator.validate_nb(notebook)
    except (ValidationError, SchemaMismatchError, KeyError, TypeError, ValueError) as error:
        raise AutograderError(
            f"nbgrader cannot use the source {path}: {_first_line(error)}. Fix the settings of "
            "that cell (View > Cell toolbar > Create assignment)."
        ) from error
    source = json.loads(json.dumps(notebook))
    Markers.configured(config).into(source)
    return source


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
