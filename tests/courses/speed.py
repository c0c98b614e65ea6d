"""CPU seconds of stock nbgrader and of ours, for classes of real courses.

    python -m tests.courses.speed FOLDER [--only WORD] [--class N ...] [--table FILE]

Seconds are of the whole tree of processes, user and system, from the start of the command to its
end: wall clock says little on a machine with other work. Nobody hands in an endless loop, which
costs in both what the limit allows, and no two submissions are equal, so that none is taken from
the cache. Stock's courses are released and graded in one process, which spares it the imports of
``nbgrader autograde`` for each command.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.gradebook.autotests import with_autotests
from autograder.gradebook.registration import described, read_source_notebook
from autograder.result import BESIDE
from benchmarks.measure import cost_of
from tests.courses.corrupted import is_solution, submissions
from tests.courses.side_by_side import SECONDS, copied, courses

BIN = Path(sys.executable).parent
CLASSES = 8, 30  # submissions


@dataclass(frozen=True)
class Cost:
    """CPU seconds for one submission of a class, and whether any check ran beside its code."""

    course: str
    number: int
    stock: float
    ours: float
    beside: bool

    def row(self) -> str:
        """Of the table."""
        times = f"{self.stock / self.ours:.1f}{' (b)' if self.beside else ''}"
        return f"| {self.course} | {self.number} | {self.stock:.2f} | {self.ours:.3f} | {times} |"


HEAD = (
    "| course | submissions | stock, CPU s | ours, CPU s | times faster |\n"
    "| --- | --: | --: | --: | --: |"
)


def measured(course: Path, assignment: str, number: int) -> Cost:
    """Both grade a class of so many, one after the other."""
    with tempfile.TemporaryDirectory() as scratch:
        stock, ours = (copied(course, assignment, Path(scratch) / who, SECONDS) for who in "so")
        hand_in(ours, assignment, number)
        shutil.copytree(ours.path("submitted"), stock.path("submitted"))
        path = os.pathsep.join([str(BIN), os.environ["PATH"]])  # for alembic
        environment = {"PATH": path, "MPLBACKEND": "agg"}
        command = [sys.executable, "-m", "tests.courses.stock", stock.root, assignment]
        theirs = cost_of(command, environment=environment).cpu / number
        command = [
            sys.executable,
            "-m",
            "autograder",
            "grade",
            ours.root,
            assignment,
            "--enrol",
            "--jobs",
            "1",
        ]
        report = Path(scratch) / "class.json"
        mine = cost_of([*command, "--json", report]).cpu / number
        return Cost(course.name, number, theirs, mine, BESIDE[:-1] in report.read_text())


def hand_in(course: Course, assignment: str, number: int) -> None:
    """A class of so many, each with a comment of their own in each solution cell."""
    for notebook, path in course.sources(assignment).items():
        for place, made in enumerate(itertools.islice(_all_kinds(path, course), number)):
            folder = course.path("submitted", f"student{place:03}", assignment)
            if not folder.exists():
                shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns("*.ipynb"))
            (folder / f"{notebook}.ipynb").write_text(json.dumps(_by(place, made)))


def _all_kinds(path: Path, course: Course) -> Iterator[dict[str, Any]]:
    source = with_autotests(read_source_notebook(path, course.config), path, course)
    released = json.loads(json.dumps(described(source, course.config).released))
    kinds = [made for name, made in submissions(source, released) if name != "endless"]
    return itertools.cycle(kinds)


def _by(place: int, made: dict[str, Any]) -> dict[str, Any]:
    mine = copy.deepcopy(made)
    for cell in filter(is_solution, mine["cells"]):
        text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        cell["source"] = f"{text}\n# by student {place}"
    return mine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="courses that contain this")
    parser.add_argument("--class", dest="numbers", type=int, nargs="+", default=CLASSES)
    parser.add_argument("--table", type=Path, help="write the table to this file")
    options = parser.parse_args()
    rows = [HEAD]
    for course in courses(options.folder):
        assignment = sorted(path.name for path in (course / "source").iterdir())[0]
        for number in options.numbers if options.only in course.name else ():
            rows.append(measured(course, assignment, number).row())
            print(rows[-1], flush=True)
            if options.table:
                options.table.write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
