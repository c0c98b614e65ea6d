"""Where this installation keeps its own assignments: their sources, and the student notebooks.

A checkout has both beside the packages. Installed, the notebooks are in the distribution mlpkit;
the sources, with solutions and hidden tests, are in mlpkit-solutions, which students need not have.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from autograder.errors import AutograderError

_ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "mlpkit_solutions"  # what the distribution mlpkit-solutions installs


def course_files() -> Path:
    """The folder of the assignments' sources; it need not exist."""
    if _in_checkout() and (_ROOT / "solutions").is_dir():
        return _ROOT / "solutions"
    spec = find_spec(PACKAGE)
    return Path(next(iter(spec.submodule_search_locations or ()))) if spec else _ROOT / PACKAGE


def course_sources() -> dict[str, Path]:
    """The percent source of each assignment, by name."""
    found = sorted(course_files().glob("[0-9]*/*.py"))
    return {path.stem: path for path in found if path.parent.name == path.stem}


def needed_sources() -> dict[str, Path]:
    """The same; AutograderError with what to type where this installation has none."""
    if sources := course_sources():
        return sources
    raise AutograderError(
        "The course's hidden tests and solutions are not installed. They come with: "
        "pip install mlpkit-solutions (in a checkout of the project: pip install ./solutions)"
    )


def student_notebooks() -> dict[str, Path]:
    """The notebook of each assignment as students get it, by name."""
    home = _ROOT / ("assignments" if _in_checkout() else "mlpkit/notebooks")
    found = sorted(home.glob("[0-9]*/*.ipynb"))
    return {path.stem: path for path in found if path.parent.name == path.stem}


def _in_checkout() -> bool:
    """Whether what lies next to the packages is ours; in site-packages it is not."""
    return (_ROOT / "pyproject.toml").is_file()
