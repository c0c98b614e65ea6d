"""The reference passes every test whatever the run's secret: no student meets an unlucky draw."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring.answer_bank import fill
from autograder.authoring.source import read_source

SOLUTIONS = Path(__file__).parents[2] / "solutions"
ASSIGNMENTS = sorted(path.stem for path in SOLUTIONS.glob("*/*.py"))

# In a fresh process: the notebook once, then each test cell again for each further secret.
CHILD = """
import json, os, sys, traceback
cells, seeds = json.load(sys.stdin)
namespace, tests, failures = {"__name__": "__main__"}, [], []
for cell_id, text, is_test in cells:
    code = compile(text, cell_id, "exec")
    if is_test:
        tests.append((cell_id, code, dict(namespace)))
    else:
        exec(code, namespace)
for seed in [None, *seeds]:  # None: a student's own machine, and nbgrader's
    os.environ.pop("MLPKIT_SEED", None)
    if seed is not None:
        os.environ["MLPKIT_SEED"] = str(seed)
    for cell_id, code, before in tests:
        try:
            exec(code, dict(before))
        except Exception as error:
            failures.append([seed, cell_id, "".join(traceback.format_exception_only(error))])
json.dump(failures, sys.stderr)
"""


def failures(assignment: str, seeds: range) -> str:
    """A paragraph for each (secret, test) that the reference does not pass."""
    source = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    cells = [
        (cell.id, cell.source, cell.metadata.nbgrader.grade)
        for cell in fill(source, source).cells
        if cell.cell_type == "code" and "tags" not in cell.metadata
    ]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD],
        input=json.dumps([cells, list(seeds)]),
        capture_output=True,
        text=True,
        env={**os.environ, "MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1", "MLPKIT_SEED": "0"},
    )
    assert done.returncode == 0, done.stderr
    return "\n".join(f"seed {seed}, {name}: {text}" for seed, name, text in json.loads(done.stderr))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_reference_passes_for_twenty_secrets(assignment):
    assert failures(assignment, range(20)) == ""


@pytest.mark.soak
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_reference_passes_for_a_thousand_secrets(assignment):
    assert failures(assignment, range(1000)) == ""
