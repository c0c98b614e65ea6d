"""Each student notebook, filled with the reference, runs in a real kernel, experiments included."""

import time
from pathlib import Path

import pytest

from autograder.authoring.answer_bank import fill
from autograder.authoring.execute import execute
from autograder.authoring.release import make_release
from autograder.authoring.source import read_source

SOLUTIONS = Path(__file__).parents[2] / "solutions"
ASSIGNMENTS = sorted(path.stem for path in SOLUTIONS.glob("*/*.py"))


@pytest.mark.soak
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_finished_notebook_runs_from_top_to_bottom(assignment):
    source = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    filled = fill(make_release(source), source)
    began = time.monotonic()
    executed = execute(assignment, filled, experiments=True)  # raises where a cell does
    print(f"{assignment}: {time.monotonic() - began:.1f} s")  # read it with pytest -s
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    left_out = [cell.id for cell in code if cell.source.strip() and not cell.execution_count]
    assert not left_out
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 2
