"""The release: nbgrader's own, without its hidden parts, the same bytes each time."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader import preprocessors

from autograder.authoring.installed import course_sources
from autograder.authoring.release import (
    make_release,
    to_bytes,
    without_hidden_tests,
    write_notebook,
)
from autograder.authoring.source import read_source

LINE = Path(__file__).parent / "bank" / "solutions" / "01_line" / "01_line.py"


@pytest.fixture(scope="module")
def source():
    return read_source(LINE)


@pytest.fixture(scope="module")
def release(source):
    return make_release(source)


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


def test_the_student_sees_stubs_and_visible_tests(release):
    text = to_bytes(release).decode()
    for secret in (
        "BEGIN",
        "END",
        "the sum over all",
        "compare the sign",
        "linear in w",
        "points f",
    ):
        assert secret not in text
    cells = by_id(release)
    assert cells["dL_dw"].source == (
        "def dL_dw(w, x, y):\n"
        '    """dL/dw = sum (w x - y) x; shapes as above."""\n'
        "    # YOUR CODE HERE\n"
        "    raise NotImplementedError()"
    )
    assert cells["why"].source == "Why is the loss a parabola in w?\n\nYOUR ANSWER HERE"
    assert "is the factor x there?" in cells["test_dL_dw"].source


def test_the_source_stays_as_it_was(source, release):
    assert source == read_source(LINE)
    assert [cell.id for cell in release.cells] == [cell.id for cell in source.cells]


def test_what_is_not_the_students_is_locked(release):
    cells = by_id(release)
    for name in ("imports", "test_dL_dw", "figure_loss"):
        assert cells[name].metadata.editable is False
    for name in ("dL_dw", "why"):
        assert cells[name].metadata.deletable is False
        assert "editable" not in cells[name].metadata
    assert "skip-execution" in cells["figure_loss"].metadata.tags


def test_writing_makes_the_folder_and_the_same_bytes_again(release, tmp_path):
    path = tmp_path / "new" / "a.ipynb"
    write_notebook(release, path)
    assert path.read_bytes() == to_bytes(release) == to_bytes(nbformat.read(path, as_version=4))
    assert make_release(read_source(LINE)) == release


def test_a_notebook_that_breaks_the_format_is_not_written(release, tmp_path):
    broken = copy.deepcopy(release)
    broken.cells[0].id = "not an id"
    with pytest.raises(nbformat.ValidationError):
        write_notebook(broken, tmp_path / "a.ipynb")
    assert not (tmp_path / "a.ipynb").exists()


def test_the_reading_copy_has_solutions_and_no_hidden_tests(source):
    reading = without_hidden_tests(source)
    text = json.dumps(reading)
    for secret in ("###", "the sum over all samples", "compare the sign", "nbgrader", "skip-"):
        assert secret not in text
    cells = by_id(reading)
    assert cells["dL_dw"].source.endswith("    return np.sum((w * x - y) * x)")
    assert "**Model answer**\n\nIt is a sum" in cells["why"].source
    assert "**Marking scheme**\n\n1 point" in cells["why"].source


def test_stock_nbgrader_makes_the_same_release_of_the_same_source(source, release, tmp_path):
    """Its process, with a hash seed of its own: a second build elsewhere gives the same bytes."""
    write_notebook(source, tmp_path / "source" / "01_line" / "01_line.ipynb")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "01_line"]
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # alembic
    environment = {**os.environ, "PATH": tools}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    stock = tmp_path / "release" / "01_line" / "01_line.ipynb"
    assert to_bytes(nbformat.read(stock, as_version=4)) == to_bytes(release)


STEPS = (
    "LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata", "ClearHiddenTests",
    "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata",
)  # fmt: skip


@pytest.mark.parametrize("path", [LINE, *course_sources().values()], ids=lambda path: path.stem)
def test_nbgraders_own_steps_make_the_same_release(path):
    theirs, resources = read_source(path), {}
    for step in STEPS:
        theirs, resources = getattr(preprocessors, step)().preprocess(theirs, resources)
    assert make_release(read_source(path)) == theirs


def test_its_steps_come_without_what_renders_pages_which_can_be_imported_afterwards():
    code = (
        "import sys; from autograder.lean_imports import leave_out_servers, preprocessors;"
        "leave_out_servers(); lock, late = preprocessors('LockCells', 'AssignLatePenalties');"
        "assert not {'bs4', 'nbconvert', 'nbgrader.preprocessors'} & set(sys.modules);"
        "assert preprocessors('LockCells', 'AssignLatePenalties') == [lock, late];"
        "import nbconvert.preprocessors.base, nbgrader.preprocessors.lockcells;"
        "from nbconvert import HTMLExporter; from nbgrader.preprocessors import Execute, LockCells;"
        "assert preprocessors('LockCells') == [LockCells] and LockCells is not lock;"
        "print(lock().preprocess.__name__, late().plugin_class.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "preprocess LateSubmissionPlugin\n", done.stderr


def test_nbgrader_works_without_its_servers():
    code = (
        "import sys; from autograder import lean_imports as lean; lean.leave_out_formats();"
        "lean.leave_out_servers(); lean.leave_out_servers(); lean.leave_out_archives();"
        "import nbgrader.api, nbgrader;"
        "assert 'nbgrader.server_extensions' not in sys.modules and nbgrader.__version__ > '0.9';"
        "unused = {'isoduration.parser', 'notebook', 'nbconvert', 'setuptools'};"
        "assert not unused & set(sys.modules);"
        "from nbgrader.apps import NbGraderAPI; from nbgrader.plugins import BasePlugin;"
        "print(NbGraderAPI.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "NbGraderAPI\n", done.stderr
