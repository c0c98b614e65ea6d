"""Small courses, one feature each, with the points that stock nbgrader gave them once.

The features stand in the tables of the tests that try them; here they are put together as what
nbgrader reads. ``python -m tests.courses.corpus FILE`` grades all of them with stock nbgrader, for
minutes, and writes ``stock_points.json`` anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.gradebook.gradebook import Gradebook
from tests.exam import (
    test_course_features,
    test_course_kinds,
    test_library_objects,
    test_names,
    test_one_process,
    test_shared_state,
)
from tests.exam.test_wild_courses import cell
from tests.threats.room import notebook

RECORDED = Path(__file__).with_name("stock_points.json")


@dataclass(frozen=True)
class Small:
    """A course of one notebook: its solution cells, its check, a wrong text of the first cell."""

    cells: list[str]
    check: str
    wrong: str
    given: str = ""  # a locked cell before them

    def written(self, *, wrong: bool = False) -> dict[str, Any]:
        """Its source, or what a student with the wrong answer hands in."""
        texts = [self.wrong, *self.cells[1:]] if wrong else self.cells
        solutions = [cell("solution", f"s{place}", text) for place, text in enumerate(texts)]
        given = [cell("given", "given", self.given)] if self.given else []
        return notebook([*given, *solutions, cell("test", "check", self.check)])


def small_courses() -> dict[str, Small]:
    """All of them, by a name that is a file's."""
    found = {
        f"name: {form}": Small([solution], test_names.checked(check), "pass")
        for form, (solution, check) in test_names.FORMS.items()
    }
    for kind, table in (("beside", test_one_process.CASES), ("object", test_library_objects.CASES)):
        for case, (cells, check, wrong) in table.items():
            found[f"{kind}: {case}"] = Small(cells, check, wrong)
    for kind, others in (
        ("shared", test_shared_state.CASES),
        ("kind", test_course_kinds.CASES),
        ("feature", test_course_features.CASES),
    ):
        for case, (given, solution, check, wrong) in others.items():
            found[f"{kind}: {case}"] = Small([solution], check, wrong, given)
    return {_file_name(name): small for name, small in found.items()}


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def record(file: Path) -> None:
    """Grade all with stock nbgrader, as notebooks of one assignment, and write down the points."""
    with tempfile.TemporaryDirectory() as folder:
        course = Course.open(_laid_out(Path(folder)))
        search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        subprocess.run(
            [sys.executable, "-m", "tests.courses.stock", folder, "small"],
            check=True,
            capture_output=True,
            env={**os.environ, "PATH": search},
        )
        with Gradebook(course) as book:
            entries = book.entries("small")
        points = {
            name: [entries[student].marks[name, "check"].auto for student in ("right", "wrong")]
            for name in small_courses()
        }
    rows = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in points.items()]
    file.write_text("{\n" + ",\n".join(rows) + "\n}\n")


def _laid_out(folder: Path) -> Path:
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    for where, wrong in (("source/small", False), ("submitted/right/small", False),
                         ("submitted/wrong/small", True)):  # fmt: skip
        (folder / where).mkdir(parents=True)
        for name, small in small_courses().items():
            (folder / where / f"{name}.ipynb").write_text(json.dumps(small.written(wrong=wrong)))
    return folder


if __name__ == "__main__":
    record(Path(sys.argv[1]))
