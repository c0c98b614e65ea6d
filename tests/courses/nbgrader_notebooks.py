"""nbgrader's own test notebooks, laid out as courses for the comparison with stock.

    python -m tests.courses.nbgrader_notebooks FOLDER [TESTS]
    COURSES=FOLDER make soak

TESTS is nbgrader's folder ``tests``, that of the installed nbgrader by default. A folder of test
files becomes a course, a notebook in it an assignment. Besides the eight usual submissions, every
notebook of the folder that has its grading cells is handed in, as nbgrader's tests hand in
``submitted-changed.ipynb``. Those that are named as submissions are no assignments.
"""

from __future__ import annotations

import argparse
import json
import re
from importlib.resources import files
from pathlib import Path

from autograder.files import write_atomically

TESTS = Path(str(files("nbgrader"))) / "tests"
BESIDE = ("*.txt", "*.png", "*.yml")  # what a notebook may read, and nbgrader's autotests
HANDED_IN = re.compile("submitted-(?!unchanged).*|autotest-.*-(changed|right|wrong)")


def lay_out(tests: Path, target: Path) -> list[str]:
    """Write the courses; their names."""
    folders = sorted({path.parent for path in tests.rglob("*.ipynb")})
    names = ["-".join(folder.relative_to(tests).parts) for folder in folders]
    for folder, name in zip(folders, names, strict=True):
        _lay_out_course(folder, target / name)
    return names


def _lay_out_course(folder: Path, course: Path) -> None:
    beside = [path for pattern in BESIDE for path in folder.glob(pattern)]
    graded = {path: _graded(path) for path in sorted(folder.glob("*.ipynb"))}
    for source, cells in graded.items():
        if HANDED_IN.fullmatch(source.stem):
            continue
        for path in (source, *beside):
            _copy(path, course / "source" / source.stem / path.name)
        for other, others in graded.items():
            if cells and cells <= others and source != other:
                _copy(other, course / "submitted" / other.stem / source.stem / source.name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, source.read_bytes())


def _graded(path: Path) -> set[str]:
    """The names of a notebook's grading cells."""
    marks = (
        cell.get("metadata", {}).get("nbgrader", {})
        for cell in json.loads(path.read_text())["cells"]
    )
    return {mark["grade_id"] for mark in marks if mark.get("grade") and mark.get("grade_id")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("tests", type=Path, nargs="?", default=TESTS)
    options = parser.parse_args()
    for name in lay_out(options.tests, options.folder):
        print(options.folder / name)


if __name__ == "__main__":
    main()
