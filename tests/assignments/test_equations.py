"""Every numbered or boxed equation of the five notes is written by a student somewhere.

One row an equation: the note, its number (or the section, where it stands without one), the
assignment, the function that implements it, and the oracle its tests hold it against.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

from autograder.source import read_source

SOLUTIONS = Path(__file__).parents[2] / "solutions"

# What each note numbers, boxes or displays as a result.
REQUIRED = {
    "Gutfreund": ["1 h", "1 yhat", "1 L", "footnote dL/dyhat", "footnote softmax", "2 dL/dz",
                  "2 dz/dU, dz/db, dz/dh", "2 dh/dW, dh/db", "3 dL/dU", "3 dL/dbhat", "3 dL/dW",
                  "3 dL/db", "4 layers", "4 product form", "4 recursion", "2 SGD"],
    "Galvan": [f"({number})" for number in range(1, 14)],
    "Hao": [f"({number})" for number in range(1, 10)],
    "Domke": ["2 f", "3 L", "box dL/df", "box dL/dc", "box dL/dV", "box dL/db", "box dL/dW",
              "4.4 dL/dh", "4.4 dL/ds", "5 R", "5 gradient descent", "5 momentum"],
    "Li": [f"({number})" for number in range(1, 11)]
    + ["2 t1, z1, yhat", "2 L", "2 dW2 by column", "2 dW2", "2 db2", "2.1 dW2 as a sum",
       "3 one term", "3 one column", "3 dW1"],
}

COMPLEX = "complex step on a trusted loss"
SLOW = "slow loop in the test"

TABLE = [
    ("Li", "(1)", "01_logistic", "squared_loss", SLOW),
    ("Li", "(2)", "01_logistic", "squared_gradient", COMPLEX),
    ("Li", "(3)", "01_logistic", "cross_entropy", SLOW),
    ("Li", "(4)", "01_logistic", "dL_dsigma", COMPLEX),
    ("Li", "(5)", "01_logistic", "dsigma_dW", COMPLEX),
    ("Li", "(6)", "01_logistic", "chain_rule", COMPLEX),
    ("Li", "(7)", "01_logistic", "two_terms", COMPLEX),
    ("Li", "(8)", "01_logistic", "cross_entropy_gradient", COMPLEX),
    ("Li", "(9)", "05_minibatch", "output_gradients", COMPLEX),
    ("Li", "(10)", "05_minibatch", "unit_input", SLOW),
    ("Li", "2 t1, z1, yhat", "05_minibatch", "forward", SLOW),
    ("Li", "2 L", "05_minibatch", "loss", SLOW),
    ("Li", "2 dW2 by column", "05_minibatch", "dW2_column", COMPLEX),
    ("Li", "2 dW2", "05_minibatch", "output_one", COMPLEX),
    ("Li", "2 db2", "05_minibatch", "output_one", COMPLEX),
    ("Li", "2.1 dW2 as a sum", "05_minibatch", "dW2_loop", COMPLEX),
    ("Li", "3 one term", "05_minibatch", "dW1_term", COMPLEX),
    ("Li", "3 one column", "05_minibatch", "dW1_column", COMPLEX),
    ("Li", "3 dW1", "05_minibatch", "hidden_one", COMPLEX),
    ("Li", "3 dW1", "05_minibatch", "hidden_gradients", COMPLEX),
    ("Domke", "2 f", "02_momentum", "predict", SLOW),
    ("Domke", "3 L", "02_momentum", "loss", SLOW),
    ("Domke", "box dL/df", "02_momentum", "dL_df", COMPLEX),
    ("Domke", "box dL/dc", "02_momentum", "dL_dc", COMPLEX),
    ("Domke", "box dL/dV", "02_momentum", "dL_dV", COMPLEX),
    ("Domke", "box dL/db", "02_momentum", "dL_db", COMPLEX),
    ("Domke", "box dL/dW", "02_momentum", "dL_dW", COMPLEX),
    ("Domke", "4.4 dL/dh", "02_momentum", "dL_dh", COMPLEX),
    ("Domke", "4.4 dL/ds", "02_momentum", "dL_ds", COMPLEX),
    ("Domke", "5 R", "02_momentum", "risk", SLOW),
    ("Domke", "5 R", "02_momentum", "risk_gradient", COMPLEX),
    ("Domke", "5 gradient descent", "02_momentum", "gradient_descent", "exact recurrence"),
    ("Domke", "5 momentum", "02_momentum", "momentum_descent", "exact recurrence"),
    ("Hao", "(1)", "03_relu_l2", "loss", SLOW),
    ("Hao", "(1)", "03_relu_l2", "penalty", SLOW),
    ("Hao", "(2)", "03_relu_l2", "softmax", SLOW),
    ("Hao", "(3)", "03_relu_l2", "affine", SLOW),
    ("Hao", "(4)", "03_relu_l2", "relu", SLOW),
    ("Hao", "(5)", "03_relu_l2", "affine", SLOW),
    ("Hao", "(6)", "03_relu_l2", "weight_gradient", COMPLEX),
    ("Hao", "(6)", "03_relu_l2", "dL_dD", COMPLEX),
    ("Hao", "(7)", "03_relu_l2", "bias_gradient", COMPLEX),
    ("Hao", "(8)", "03_relu_l2", "weight_gradient", COMPLEX),
    ("Hao", "(8)", "03_relu_l2", "dL_dc", COMPLEX),
    ("Hao", "(9)", "03_relu_l2", "gradients", COMPLEX),
    ("Gutfreund", "1 h", "04_deep_mlp", "hidden", SLOW),
    ("Gutfreund", "1 yhat", "04_deep_mlp", "softmax", SLOW),
    ("Gutfreund", "1 L", "04_deep_mlp", "cross_entropy", SLOW),
    ("Gutfreund", "footnote dL/dyhat", "04_deep_mlp", "dL_dyhat", COMPLEX),
    ("Gutfreund", "footnote softmax", "04_deep_mlp", "softmax_jacobian", COMPLEX),
    ("Gutfreund", "2 dL/dz", "04_deep_mlp", "dL_dz", COMPLEX),
    ("Gutfreund", "2 dz/dU, dz/db, dz/dh", "04_deep_mlp", "layer_jacobians", COMPLEX),
    ("Gutfreund", "2 dh/dW, dh/db", "04_deep_mlp", "layer_jacobians", COMPLEX),
    ("Gutfreund", "2 SGD", "04_deep_mlp", "sgd", SLOW),
    ("Gutfreund", "3 dL/dU", "04_deep_mlp", "output_gradients", COMPLEX),
    ("Gutfreund", "3 dL/dbhat", "04_deep_mlp", "output_gradients", COMPLEX),
    ("Gutfreund", "3 dL/dW", "04_deep_mlp", "hidden_gradients", COMPLEX),
    ("Gutfreund", "3 dL/db", "04_deep_mlp", "hidden_gradients", COMPLEX),
    ("Gutfreund", "4 layers", "04_deep_mlp", "forward", SLOW),
    ("Gutfreund", "4 product form", "04_deep_mlp", "product_form", COMPLEX),
    ("Gutfreund", "4 recursion", "04_deep_mlp", "backward", COMPLEX),
    ("Galvan", "(1)", "06_graph", "dataset", SLOW),
    ("Galvan", "(2)", "06_graph", "mean_over_data", COMPLEX),
    ("Galvan", "(3)", "06_graph", "forward", SLOW),
    ("Galvan", "(4)", "06_graph", "forward", SLOW),
    ("Galvan", "(5)", "06_graph", "output_deltas", COMPLEX),
    ("Galvan", "(6)", "06_graph", "fed_by", SLOW),
    ("Galvan", "(7)", "06_graph", "backward", COMPLEX),
    ("Galvan", "(8)", "06_graph", "forward_layers", SLOW),
    ("Galvan", "(9)", "06_graph", "forward_layers", SLOW),
    ("Galvan", "(10)", "06_graph", "forward_layers", SLOW),
    ("Galvan", "(11)", "06_graph", "layer_gradients", COMPLEX),
    ("Galvan", "(12)", "06_graph", "layer_deltas", COMPLEX),
    ("Galvan", "(13)", "06_graph", "layer_deltas", COMPLEX),
]


def test_no_equation_of_a_note_is_missing():
    covered = {(note, equation) for note, equation, *_ in TABLE}
    wanted = {(note, equation) for note, numbers in REQUIRED.items() for equation in numbers}
    assert wanted - covered == set()
    assert covered - wanted == set(), "a row for an equation that no note has"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]}-{row[3]}")
def test_the_function_is_a_stub_that_a_test_calls_and_names_its_note(row):
    _, _, assignment, function, oracle = row
    stubs, called = stubs_and_calls(assignment)
    assert oracle
    assert function in stubs, f"{assignment} has no stub {function}"
    assert function in called, f"no graded test of {assignment} calls {function}"
    assert "(note" in stubs[function] or "(completes" in stubs[function]


@cache
def stubs_and_calls(assignment):
    """Docstrings of an assignment's stubs by name, and the names that graded tests use."""
    notebook = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    stubs, called = {}, set()
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not mark:
            continue
        tree = ast.parse(cell.source)
        if mark["solution"]:
            stubs |= {node.name: ast.get_docstring(node) or "" for node in tree.body
                      if isinstance(node, ast.FunctionDef)}
        elif mark["grade"]:
            called |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return stubs, called
