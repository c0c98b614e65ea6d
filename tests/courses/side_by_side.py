"""Stock nbgrader and ours on a folder of real courses, cell by cell.

    python -m tests.courses.side_by_side FOLDER [--table FILE] [--only WORD] [--reference]
        [--most N] [--keep FOLDER] [--seconds N]

Each directory of FOLDER is an nbgrader course: ``source/ASSIGNMENT/*.ipynb``. It is graded in a
copy; nothing of it is changed or kept. The reference solution, an untouched release and six
corrupted references are handed in, and what lies in its ``submitted/``. ``--keep`` writes down what stock gave, which takes by far the
longest, and takes it from there the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.exam import examine
from autograder.gradebook.autotests import with_autotests
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import described, read_source_notebook
from autograder.grading.batch import Batch
from autograder.result import BESIDE
from autograder.sandbox.limits import Limits
from tests.courses.corrupted import submissions
from tests.threats.room import tier

SECONDS = 10  # for a cell, in both; a submission has an endless loop
Scores = dict[tuple[str, str, str], float | None]  # (student, notebook, check) -> points


@dataclass
class Comparison:
    """One assignment, graded by both."""

    name: str
    stock: Scores = field(default_factory=dict)
    ours: Scores = field(default_factory=dict)
    beside: set[tuple[str, str, str]] = field(default_factory=set)
    messages: dict[tuple[str, str, str], str] = field(default_factory=dict)
    points: dict[tuple[str, str], float] = field(default_factory=dict)
    refused: str = ""  # why stock did not grade it
    seconds: tuple[float, float] = (0.0, 0.0)  # stock's, ours

    def passed(self) -> list[tuple[str, str, str]]:
        """Checks of any submission that earn all their points in stock."""
        return [
            key for key, score in self.stock.items() if score and score == self.points.get(key[1:])
        ]

    def differing(self) -> Iterator[tuple[tuple[str, str, str], float | None, float | None]]:
        """Checks with other points: stock's and ours."""
        for key, score in sorted(self.stock.items()):
            if score != self.ours.get(key):
                yield key, score, self.ours.get(key)


def courses(folder: Path) -> Iterator[Path]:
    """The course directories in a folder."""
    yield from (path for path in sorted(folder.iterdir()) if (path / "source").is_dir())


def compare(
    course: Path,
    assignment: str,
    reference_only: bool = False,
    keep: Path | None = None,
    seconds: int = SECONDS,
) -> Comparison:
    """Grade one assignment of a course in two copies of it; a cell has so many ``seconds``."""
    kept = keep and keep / f"{course.name}+{assignment}+{'one' if reference_only else 'all'}.json"
    found = Comparison(f"{course.name}/{assignment}")
    with tempfile.TemporaryDirectory() as scratch:
        stock, ours = (
            copied(course, assignment, Path(scratch) / name, seconds) for name in ("s", "o")
        )
        try:
            students = _hand_in(ours, assignment, reference_only)
            if not reference_only:
                students += _handed_in_before(course, ours, assignment)
        except AutograderError as error:
            found.refused = f"ours: {error}"
            return found
        per = max(len(students), 1)
        begun = time.monotonic()
        _grade_ours(ours, assignment, found, Limits(cell_seconds=seconds))
        took = (time.monotonic() - begun) / per
        if kept and kept.exists():
            found.refused, taken, scores = json.loads(kept.read_text())
            found.stock = {tuple(key.split("\n")): score for key, score in scores.items()}
        else:
            begun = time.monotonic()
            for student in students:
                places = (one.path("submitted", student, assignment) for one in (ours, stock))
                shutil.copytree(*places)
            _grade_stock(stock, assignment, found)
            taken = (time.monotonic() - begun) / per
        if kept:
            scores = {"\n".join(key): score for key, score in found.stock.items()}
            kept.write_text(json.dumps([found.refused, taken, scores]))
        found.seconds = taken, took
    return found


def copied(course: Path, assignment: str, target: Path, seconds: int) -> Course:
    (target / "source").mkdir(parents=True)
    shutil.copytree(course / "source" / assignment, target / "source" / assignment)
    for path in target.rglob("*.ipynb"):
        _make_it_count(path)
    for path in course.iterdir():  # beside source: header, configuration, modules
        if path.is_file() and path.suffix in (".py", ".ipynb"):
            shutil.copy(path, target)
    config = target / "nbgrader_config.py"
    text = config.read_text() if config.exists() else "c = get_config()\n"
    config.write_text(text + f"\nc.ExecutePreprocessor.timeout = {seconds}\n")
    return Course.open(target)


def _make_it_count(path: Path) -> None:
    """A check that is worth nothing is worth a point: else nobody sees whether it passed.

    Stock refuses a whole notebook for a locked cell without a name, and for points that are text.
    """
    notebook = json.loads(path.read_text())
    for cell in notebook.get("cells", []):
        mark = cell.get("metadata", {}).get("nbgrader", {})
        if mark.get("grade") and not mark.get("points"):
            mark["points"] = 1.0
        if isinstance(mark.get("points"), str):
            mark["points"] = float(mark["points"])
        if not any(map(mark.get, ("grade_id", "grade", "solution"))):
            cell.get("metadata", {}).pop("nbgrader", None)
    path.write_text(json.dumps(notebook))


def _hand_in(course: Course, assignment: str, reference_only: bool) -> list[str]:
    """Submissions of every kind, by students named after them."""
    names: dict[str, None] = {}
    for notebook, path in course.sources(assignment).items():
        source = with_autotests(read_source_notebook(path, course.config), path, course)
        released = json.loads(json.dumps(described(source, course.config).released))
        seen: list[dict[str, Any]] = []
        for student, made in submissions(source, released):
            if made in seen or (reference_only and student != "reference"):
                continue  # nothing to corrupt
            seen.append(made)
            folder = course.path("submitted", student, assignment)
            if student not in names:
                shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns("*.ipynb"))
            names[student] = None
            (folder / f"{notebook}.ipynb").write_text(json.dumps(made))
    return list(names)


def _handed_in_before(course: Path, copy: Course, assignment: str) -> list[str]:
    """What the course has submissions of, by the same students."""
    folders = sorted(course.glob(f"submitted/*/{assignment}"))
    for folder in folders:
        shutil.copytree(folder, copy.path("submitted", folder.parent.name, assignment))
    return [folder.parent.name for folder in folders]


def _grade_ours(course: Course, assignment: str, found: Comparison, limits: Limits) -> None:
    with Gradebook(course) as book, ThreadPoolExecutor(1) as executor:
        batch = Batch(course, assignment, book, isolation=tier(), limits=limits)
        run = batch.run(examine, executor, 1, quiet=True)
        for student, entry in book.entries(assignment).items():
            for (notebook, check), mark in entry.marks.items():
                found.ours[student, notebook, check] = mark.auto
                found.points[notebook, check] = mark.max_score
        one = len(batch.sources) == 1
        for student, result in zip(course.students(assignment), run.results, strict=True):
            for check in result.checks:
                for notebook in batch.sources:
                    name = check.id if one else check.id.removeprefix(f"{notebook}: ")
                    key = student, notebook, name
                    if key in found.ours:
                        found.messages[key] = f"{check.status}: {check.message}"
                        if check.message.startswith(BESIDE):
                            found.beside.add(key)


def _grade_stock(course: Course, assignment: str, found: Comparison) -> None:
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # for alembic
    done = subprocess.run(
        [sys.executable, "-m", "tests.courses.stock", str(course.root), assignment],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": search, "MPLBACKEND": "agg"},
    )
    errors = [line for line in done.stderr.splitlines() if "Error" in line or "ERROR" in line]
    failed = [line for line in errors if "There was an error processing" in line]
    if done.returncode or failed:
        found.refused = (errors or ["no reason"])[-1][:300]
    with Gradebook(course) as book:
        for student, entry in book.entries(assignment).items():
            for (notebook, check), mark in entry.marks.items():
                if not mark.needs_person:
                    found.stock[student, notebook, check] = mark.auto


def table(found: list[Comparison]) -> str:
    """What came out, course by course, in Markdown."""
    lines = [
        "| course | assignments | cells stock passes | same points | in two processes "
        "| other differences | stock, s | ours, s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    total: Counter[str] = Counter()
    by_course: dict[str, list[Comparison]] = {}
    for one in found:
        by_course.setdefault(one.name.partition("/")[0], []).append(one)
    for course, ones in by_course.items():
        row = _counted(ones)
        total.update(row)
        lines.append(_row(course, row))
    lines.append(_row("all", total))
    return "\n".join(lines)


def _counted(ones: list[Comparison]) -> Counter[str]:
    row: Counter[str] = Counter()
    for one in ones:
        passed = set(one.passed())
        equal = {key for key in passed if one.ours.get(key) == one.stock[key]}
        others = [key for key, *_ in one.differing() if key not in passed]
        row.update(
            assignments=1,
            passed=len(passed),
            equal=len(equal),
            apart=len(equal - one.beside),
            others=len(others),
            stock=one.seconds[0],
            ours=one.seconds[1],
        )
    return row


def _row(name: str, row: Counter[str]) -> str:
    number = max(row["assignments"], 1)
    cells = [row["assignments"], row["passed"], row["equal"], row["apart"], row["others"]]
    times = [f"{row['stock'] / number:.1f}", f"{row['ours'] / number:.2f}"]
    return "| " + " | ".join([name, *map(str, cells), *times]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--table", type=Path, help="write the table to this file")
    parser.add_argument("--only", default="", help="courses and assignments that contain this")
    parser.add_argument("--reference", action="store_true", help="only the reference solutions")
    parser.add_argument("--most", type=int, metavar="N", help="assignments of each course")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="that a cell has")
    parser.add_argument("--keep", type=Path, help="stock's points stand in this folder")
    options = parser.parse_args()
    found = []
    for course in courses(options.folder):
        names = sorted(path.name for path in (course / "source").iterdir())
        for assignment in names[: options.most]:
            if options.only in f"{course.name}/{assignment}":
                one = compare(course, assignment, options.reference, options.keep, options.seconds)
                found.append(one)
                _report(one)
                if options.table:
                    options.table.write_text(table(found) + "\n")
    print(table(found))


def _report(one: Comparison) -> None:
    stock, ours = one.seconds
    print(f"## {one.name}: {len(one.passed())} passed, {stock:.1f} s, ours {ours:.2f} s", end=" ")
    print(one.refused, flush=True)
    for key, stock_score, our_score in one.differing():
        message = " ".join(one.messages.get(key, "").split())[:400]
        print(f"  {'/'.join(key)}: {stock_score} stock, {our_score} ours; {message}", flush=True)


if __name__ == "__main__":
    main()
