"""Courses written for older versions of nbgrader and of Jupyter, and unusual ones."""

import json
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.exam import examine
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import read_source_notebook
from autograder.grading.batch import Batch
from tests.threats.room import tier

SOLUTION = "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
CHECK = "assert f(2) == 4"

# nbgrader's metadata of the two cells, by version of its schema.
MARKS = {
    0: ({"solution": True, "grade_id": "f"}, {"grade": True, "grade_id": "check", "points": "3"}),
    1: (
        {"schema_version": 1, "solution": True, "grade": False, "locked": False, "grade_id": "f"},
        {"schema_version": 1, "solution": False, "grade": True, "locked": False, "grade_id": "check", "points": 3},
    ),
    2: (
        {"schema_version": 2, "solution": True, "grade": False, "locked": False, "grade_id": "f", "cell_type": "code", "checksum": "0" * 32},
        {"schema_version": 2, "solution": False, "grade": True, "locked": True, "grade_id": "check", "points": 3, "cell_type": "code", "checksum": "0" * 32},
    ),
    3: (
        {"schema_version": 3, "solution": True, "grade": False, "locked": False, "task": False, "grade_id": "f"},
        {"schema_version": 3, "solution": False, "grade": True, "locked": True, "task": False, "grade_id": "check", "points": 3},
    ),
}  # fmt: skip


def written(version, solution=SOLUTION, kernel="python3"):
    cells = [
        {"cell_type": "code", "metadata": {"nbgrader": dict(mark)}, "source": text, "outputs": [], "execution_count": None}
        for mark, text in zip(MARKS[version], (solution, CHECK), strict=True)
    ]  # fmt: skip
    kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {"kernelspec": kernelspec}, "cells": cells}  # fmt: skip


def in_format_3(notebook):
    """The same in nbformat 3, with a heading cell, which nbformat 4 knows no more."""
    node = nbformat.convert(nbformat.from_dict(notebook), 3)
    node.worksheets[0].cells.insert(0, nbformat.v3.new_heading_cell("Title", level=1))
    return json.loads(nbformat.v3.writes_json(node))


def graded(folder, notebooks, config="c = get_config()\n"):
    """The points of a right and a wrong answer: by student, notebook and check."""
    (folder / "nbgrader_config.py").write_text(config)
    course = Course.open(folder)
    for name, (source, wrong) in notebooks.items():
        for place, made in (
            ("source/ps", source),
            ("submitted/right/ps", source),
            ("submitted/wrong/ps", wrong),
        ):
            (folder / place).mkdir(parents=True, exist_ok=True)
            (folder / place / f"{name}.ipynb").write_text(json.dumps(made))  # fmt: skip
    with Gradebook(course) as book, ThreadPoolExecutor(1) as executor:
        Batch(course, "ps", book, isolation=tier()).run(examine, executor, 1, quiet=True)
        return {
            student: {key: mark.auto for key, mark in entry.marks.items()}
            for student, entry in book.entries("ps").items()
        }


WRONG = "def f(x):\n    return x"


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
@pytest.mark.parametrize("version", MARKS)
def test_older_metadata_are_upgraded_in_memory(version, tmp_path):
    source = written(version)
    found = graded(tmp_path, {"one": (source, written(version, WRONG))})
    assert found == {"right": {("one", "check"): 3}, "wrong": {("one", "check"): 0}}
    assert json.loads((tmp_path / "source/ps/one.ipynb").read_text()) == source


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_a_notebook_in_format_3_with_heading_cells(tmp_path):
    found = graded(tmp_path, {"one": (in_format_3(written(1)), in_format_3(written(1, WRONG)))})
    assert found == {"right": {("one", "check"): 3}, "wrong": {("one", "check"): 0}}


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_several_notebooks_a_computing_configuration_and_a_kernel_of_another_name(tmp_path):
    config = "import os\nc = get_config()\nfor name in ['a', 'b']:\n    c.CourseDirectory.course_id = name * 2\n"
    notebooks = {
        name: (written(3, kernel=kernel), written(3, WRONG, kernel=kernel))
        for name, kernel in (("one", "xpython"), ("two", "conda-env-course-py"))
    }
    found = graded(tmp_path, notebooks, config)
    assert found["right"] == {("one", "check"): 3, ("two", "check"): 3}
    assert set(found["wrong"].values()) == {0}


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_a_locked_cell_without_a_name_and_points_as_text(tmp_path):
    source, wrong = written(1), written(1, WRONG)
    for made in (source, wrong):
        mark = {"grade": False, "locked": True, "solution": False}
        prose = {"cell_type": "markdown", "metadata": {"nbgrader": mark}, "source": "The end."}
        made["cells"].append(prose)
        made["cells"][1]["metadata"]["nbgrader"]["points"] = "3"
    found = graded(tmp_path, {"one": (source, wrong)})
    assert found == {"right": {("one", "check"): 3}, "wrong": {("one", "check"): 0}}


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_metadata_that_nbgrader_refuses_are_said_to_be(tmp_path):
    source = written(3)
    source["cells"][1]["metadata"]["nbgrader"]["grade_id"] = "f"
    path = tmp_path / "ps.ipynb"
    path.write_text(json.dumps(source))
    with pytest.raises(AutograderError, match="Duplicate grade id"):
        read_source_notebook(path)


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_both_sides_are_told_that_this_is_grading(tmp_path):
    """nbgrader's variable, by which courses leave out long cells or keep checks back."""
    solution = "import os\ndef f(x):\n    return os.environ['NBGRADER_EXECUTION']"
    source = written(3, solution)
    source["cells"][1]["source"] = (
        "import os\nassert os.environ['NBGRADER_EXECUTION'] == f(2) == 'autograde'"
    )
    found = graded(tmp_path, {"one": (source, written(3, WRONG))})
    assert found == {"right": {("one", "check"): 3}, "wrong": {("one", "check"): 0}}


def test_a_source_that_nbgrader_would_not_release_is_named(tmp_path):
    """Markers in a cell that is no solution, as in a notebook whose metadata were lost."""
    made = written(3)
    made["cells"].append({**made["cells"][0], "metadata": {}})
    with pytest.raises(AutograderError, match=r"would not release ps\.ipynb: Solution region"):
        graded(tmp_path, {"ps": (made, made)})


def test_metadata_of_a_later_nbgrader_are_named(tmp_path):
    made = written(3)
    made["cells"][0]["metadata"]["nbgrader"]["schema_version"] = 10
    with pytest.raises(AutograderError, match="cannot use the source .*too new"):
        graded(tmp_path, {"ps": (made, made)})
