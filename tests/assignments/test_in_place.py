"""Arguments ruined in place fool no check.

What a function does to its arguments reaches the test that passed them. A check that works out
what is right after the call, from what is left of them, would agree with a function that empties
them first; here every function does, whenever a test calls it.
"""

import json

import pytest

from autograder.authoring.answer_bank import fill
from autograder.exam import examine
from autograder.notebook.source_cells import read_source_cells
from autograder.result import PASSED
from tests.assignments.test_answers import ASSIGNMENTS, release_of, source_of

# Checks whose functions are handed nothing that could be changed.
NOTHING_TO_RUIN = {
    "00_wires": {"test_values", "test_times_gate", "test_max_gate", "test_circuit_gradient"},
    "02_momentum": {"test_step_matrix", "test_best_gamma_alpha"},
    "05_minibatch": {"test_minibatches"},
    "07_debug_the_notes": {"test_domke_verdicts", "test_gutfreund_verdicts",
                           "test_galvan_hao_verdicts", "test_li_verdicts"},
}
# A dict whose numbers are of no account, a function to differentiate: zeros change nothing.
NO_NUMBERS = {
    "06_graph": {"test_topological_order", "test_mean_over_data"},
    "08_autodiff": {"test_backward"},
}

RUIN = """

import functools, numpy
calls = globals().get("calls", [])

def ruin(value):
    if isinstance(value, numpy.ndarray) and value.dtype.kind == "f" and value.flags.writeable:
        value[...] = 0
    elif isinstance(value, (list, tuple, dict)):
        for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
            if type(part) is float and not isinstance(value, tuple):
                value[key] = 0.0
            ruin(part)
        if EMPTY and not isinstance(value, tuple):
            value.clear()

def ruining(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        if not calls:
            ruin(list(args)), ruin(list(kwargs.values()))
        calls.append(1)
        try:
            return function(*args, **kwargs)
        finally:
            calls.pop()
    return wrapper
"""


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_arguments_ruined_in_place_fool_no_check(assignment, empty):
    source = json.loads(json.dumps(source_of(assignment)))
    made = json.loads(json.dumps(fill(release_of(assignment), source_of(assignment), None)))
    cells = {cell["id"]: cell for cell in made["cells"]}
    for step in read_source_cells(source):
        names = [name for name, kind in (step.names or {}).items() if kind == "function"]
        if names:
            cells[step.id]["source"] += RUIN.replace("EMPTY", str(empty)) + "".join(
                f"{name} = ruining({name})\n" for name in names)
    result = examine(source, json.dumps(made).encode(), seed="bank")
    passed = {check.id for check in result.checks if check.status == PASSED}
    harmless = NOTHING_TO_RUIN.get(assignment, set())
    assert passed == (harmless if empty else harmless | NO_NUMBERS.get(assignment, set()))
