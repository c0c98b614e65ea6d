"""Other graders on the same submissions: stock nbgrader, otter-grader, and nbclient alone."""

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import nbformat

from autograder.authoring.installed import course_sources
from autograder.authoring.source import read_source
from autograder.course.directory import Course
from benchmarks.classes import notebooks, student
from benchmarks.measure import Cost, cost_of

ROOT = Path(__file__).parents[1]
OTTER = ROOT / ".venv" / "otter"  # otter's requirements need not fit ours
_NBCLIENT = """
import sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    NotebookClient(nbformat.read(path, 4), kernel_name="python3", allow_errors=True).execute()
"""


def each(few: Cost, many: Cost, between: int) -> dict[str, float]:
    """Wall and CPU seconds per submission without start-up: the difference of two runs."""
    return {"wall": (many.wall - few.wall) / between, "cpu": (many.cpu - few.cpu) / between}


def stock(course: Course, assignment: str, count: int) -> tuple[dict[str, float], list[float]]:
    """`nbgrader autograde`: the first of the class, then ``count`` others; all their scores."""
    command = [Path(sys.executable).with_name("nbgrader"), "autograde", assignment]
    seed = {"MLPKIT_SEED": course.seed()}
    runs = [
        cost_of([*command, f"--student={some}"], cwd=course.root, environment=seed)
        for some in (student(0), f"{student(0)[:-1]}[!0]")  # nbgrader takes a pattern
    ]
    return each(*runs, count - 1), _scores(course, assignment)


def _scores(course: Course, assignment: str) -> list[float]:
    from nbgrader.api import Gradebook

    with Gradebook(course.db_url, course.course_id) as book:
        found = {row.student.id: row.score for row in book.assignment_submissions(assignment)}
    return [found[name] for name in sorted(found)]


def nbclient(folder: Path, assignment: str, count: int) -> dict[str, float]:
    """A kernel for each notebook, its cells run, nothing scored; hidden tests are in it."""
    paths = []
    for number, notebook in enumerate(islice(notebooks(assignment), count + 1)):
        paths.append(folder / f"{number}.ipynb")
        nbformat.write(notebook, paths[-1])
    command = [sys.executable, "-c", _NBCLIENT]
    runs = [cost_of([*command, *some]) for some in (paths[:1], paths)]
    return each(*runs, count)


def otter(folder: Path, assignment: str, count: int) -> tuple[dict[str, float], list[float]]:
    """`otter run`, once for each submission, on tests that run our test cells' text."""
    install_otter()
    package = _otter_package(folder, assignment)
    environment = {
        "PATH": f"{OTTER / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "MLPKIT_SEED": "otter",
        "MPLBACKEND": "agg",
    }
    costs, scores = [], []
    for number, notebook in enumerate(islice(notebooks(assignment), count)):
        where = folder / f"otter{number}"
        where.mkdir()
        notebook.cells = [cell for cell in notebook.cells if not _left_out(cell)]
        nbformat.write(notebook, where / "submission.ipynb")
        command = [OTTER / "bin" / "otter", "run", "-a", package, "-o", where]
        costs.append(cost_of([*command, where / "submission.ipynb"], where, environment))
        results = json.loads((where / "results.json").read_text())
        scores.append(sum(test.get("score", 0.0) for test in results["tests"]))
    cost = {"wall": sum(c.wall for c in costs) / count, "cpu": sum(c.cpu for c in costs) / count}
    return cost, scores


def install_otter() -> Path:
    """otter-grader in an environment of its own; its command."""
    command = OTTER / "bin" / "otter"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", OTTER], check=True)
        pip = [OTTER / "bin" / "pip", "install", "--quiet", "otter-grader", "ipykernel", ROOT]
        subprocess.run(pip, check=True)
    return command


def _left_out(cell) -> bool:
    mark = cell.metadata.get("nbgrader", {})
    test = mark.get("grade") and not mark.get("solution")
    return cell.cell_type == "code" and (test or "experiment" in cell.metadata.get("tags", ()))


def otter_tests(folder: Path, assignment: str) -> Path:
    """A folder with a test file in otter's OK format for each of our test cells."""
    tests = folder / "tests"
    tests.mkdir()
    for cell in read_source(course_sources()[assignment]).cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("grade") and not mark.get("solution"):
            case = {"code": f">>> exec({cell.source!r}, globals())", "hidden": True}
            suite = {"cases": [case], "scored": True, "type": "doctest"}
            test = {"name": cell.id, "points": mark["points"], "suites": [suite]}
            (tests / f"{cell.id}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
    return tests


def _otter_package(folder: Path, assignment: str) -> Path:
    """otter's autograder.zip with these tests."""
    tests = otter_tests(folder, assignment)
    package = folder / "autograder.zip"
    command = [OTTER / "bin" / "otter", "generate", "-t", tests, "-o", package, "--no-environment"]
    subprocess.run(list(map(str, command)), check=True, cwd=folder, capture_output=True)
    return package
