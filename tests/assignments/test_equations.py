"""Every numbered, boxed or displayed equation of the five notes is written by a student somewhere.

One row an equation: the note, its number (or the section, where it stands without one), the
assignment, the section there, the function that implements it, and the oracle its tests hold it
against. Where the oracle is the complex step a student derives the result in that section, as a
rung of a ladder or as its top, and the box is closed below; elsewhere the formula is given (see
test_ladders.py).
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from autograder.authoring.source import read_source

SOLUTIONS = Path(__file__).parents[2] / "solutions"

# What each note numbers, boxes or displays, in its own order. A chain rule that is displayed on the
# way goes with its result; sizes and definitions of letters are no equations.
REQUIRED = {
    "Gutfreund": ["1 h", "1 yhat, yhat[i]", "1 L", "footnote dL/dyhat", "footnote softmax",
                  "2 dL/dz by the chain", "2 dL/dz", "2 dz/dU, dz/db, dz/dh", "2 dh/dW, dh/db",
                  "2 SGD", "3 dL/dU", "3 dL/dbhat", "3 dL/dW", "3 dL/db", "4 layers",
                  "4 product form", "4 recursion, i = n", "4 recursion, i < n"],
    "Galvan": [*(f"({number})" for number in range(1, 14)), "between (4) and (5) dL/dw"],
    "Hao": [f"({number})" for number in range(1, 10)],
    "Domke": ["2 f", "3 L", "3 average loss", "4 h", "box dL/df", "4.1 g", "box dL/dc",
              "box dL/dV", "4.4 dL/dh", "4.4 dL/ds", "4.5 dL/db = dL/ds", "box dL/db", "box dL/dW",
              "5 R", "5 gradient descent", "5 momentum"],
    "Li": ["above (1) sigma", "below (1) z", *(f"({number})" for number in range(1, 11)),
           "2 t1, z1, yhat", "2 L", "2 yhat_i", "2 dW2 by column", "2 dW2", "2 db2",
           "2.1 dW2 as a sum", "3 L, L_0", "3 one term", "3 one column", "3 dW1"],
}  # fmt: skip

COMPLEX = "complex step on a trusted loss"
SLOW = "slow loop in the test"
BOX = re.compile(r"<details>.*?</details>", re.DOTALL)
HEADING = re.compile(r"^###? (\d+(?:\.\d+)?) ", re.MULTILINE)

TABLE = [
    ("Li", "above (1) sigma", "01_logistic", "1.2", "sigmoid", SLOW),
    ("Li", "below (1) z", "01_logistic", "1.1", "scores", SLOW),
    ("Li", "(1)", "01_logistic", "2.1", "squared_loss", SLOW),
    ("Li", "(2)", "01_logistic", "2.2", "dL_dyhat", COMPLEX),
    ("Li", "(2)", "01_logistic", "2.5", "squared_gradient", COMPLEX),
    ("Li", "(3)", "01_logistic", "3", "cross_entropy", SLOW),
    ("Li", "(4)", "01_logistic", "4.1", "dL_dsigma", COMPLEX),
    ("Li", "(5)", "01_logistic", "2.3", "sigmoid_slope", COMPLEX),
    ("Li", "(5)", "01_logistic", "2.4", "dsigma_dW", COMPLEX),
    ("Li", "(6)", "01_logistic", "4.2", "chain_rule", COMPLEX),
    ("Li", "(7)", "01_logistic", "4.3", "two_terms", COMPLEX),
    ("Li", "(8)", "01_logistic", "4.4", "cross_entropy_gradient", COMPLEX),
    ("Li", "(9)", "05_minibatch", "2.4", "output_gradients", COMPLEX),
    ("Li", "(10)", "05_minibatch", "1.1", "unit_input", SLOW),
    ("Li", "2 t1, z1, yhat", "05_minibatch", "1.3", "forward", SLOW),
    ("Li", "2 L", "05_minibatch", "1.4", "loss", SLOW),
    ("Li", "2 yhat_i", "05_minibatch", "1.3", "forward", SLOW),
    ("Li", "2 dW2 by column", "05_minibatch", "2.1", "dW2_column", COMPLEX),
    ("Li", "2 dW2", "05_minibatch", "2.2", "output_one", COMPLEX),
    ("Li", "2 db2", "05_minibatch", "2.2", "output_one", COMPLEX),
    ("Li", "2.1 dW2 as a sum", "05_minibatch", "2.3", "dW2_loop", COMPLEX),
    ("Li", "3 L, L_0", "05_minibatch", "1.4", "loss", SLOW),
    ("Li", "3 one term", "05_minibatch", "3.1", "dLk_dzj", COMPLEX),
    ("Li", "3 one term", "05_minibatch", "3.2", "hidden_slope", COMPLEX),
    ("Li", "3 one term", "05_minibatch", "3.3", "dW1_term", COMPLEX),
    ("Li", "3 one column", "05_minibatch", "3.4", "dW1_column", COMPLEX),
    ("Li", "3 dW1", "05_minibatch", "3.5", "hidden_one", COMPLEX),
    ("Li", "3 dW1", "05_minibatch", "3.6", "hidden_gradients", COMPLEX),
    ("Domke", "2 f", "02_momentum", "1", "predict", SLOW),
    ("Domke", "3 L", "02_momentum", "2", "loss", SLOW),
    ("Domke", "3 average loss", "02_momentum", "4.1", "risk", SLOW),
    ("Domke", "4 h", "02_momentum", "4.2", "risk_gradient", COMPLEX),
    ("Domke", "4.1 g", "02_momentum", "3.1", "dlogsum_df", COMPLEX),
    ("Domke", "box dL/df", "02_momentum", "3.2", "dL_df", COMPLEX),
    ("Domke", "box dL/dc", "02_momentum", "3.3", "dL_dc", COMPLEX),
    ("Domke", "box dL/dV", "02_momentum", "3.4", "dL_dV_entry", COMPLEX),
    ("Domke", "box dL/dV", "02_momentum", "3.5", "dL_dV", COMPLEX),
    ("Domke", "box dL/db", "02_momentum", "3.8", "dL_db", COMPLEX),
    ("Domke", "box dL/dW", "02_momentum", "3.9", "dL_dW", COMPLEX),
    ("Domke", "4.5 dL/db = dL/ds", "02_momentum", "3.8", "dL_db", COMPLEX),
    ("Domke", "4.4 dL/dh", "02_momentum", "3.6", "dL_dh", COMPLEX),
    ("Domke", "4.4 dL/ds", "02_momentum", "3.7", "dL_ds", COMPLEX),
    ("Domke", "5 R", "02_momentum", "4.1", "risk", SLOW),
    ("Domke", "5 R", "02_momentum", "4.2", "risk_gradient", COMPLEX),
    ("Domke", "5 gradient descent", "02_momentum", "5", "gradient_descent", "exact recurrence"),
    ("Domke", "5 momentum", "02_momentum", "6", "momentum_descent", "exact recurrence"),
    ("Hao", "(1)", "03_relu_l2", "2.2", "loss", SLOW),
    ("Hao", "(1)", "03_relu_l2", "2.1", "penalty", SLOW),
    ("Hao", "(2)", "03_relu_l2", "1.3", "softmax", SLOW),
    ("Hao", "(3)", "03_relu_l2", "1.1", "affine", SLOW),
    ("Hao", "(4)", "03_relu_l2", "1.2", "relu", SLOW),
    ("Hao", "(5)", "03_relu_l2", "1.1", "affine", SLOW),
    ("Hao", "(6)", "03_relu_l2", "5.1", "penalty_gradient", COMPLEX),
    ("Hao", "(6)", "03_relu_l2", "5.2", "weight_gradient", COMPLEX),
    ("Hao", "(6)", "03_relu_l2", "3.1", "dL_dq_m", COMPLEX),
    ("Hao", "(6)", "03_relu_l2", "3.2", "dq_m_dc", COMPLEX),
    ("Hao", "(6)", "03_relu_l2", "4.1", "dL_dh", COMPLEX),
    ("Hao", "(6)", "03_relu_l2", "4.2", "dL_dD", COMPLEX),
    ("Hao", "(7)", "03_relu_l2", "5.3", "bias_gradient", COMPLEX),
    ("Hao", "(8)", "03_relu_l2", "5.2", "weight_gradient", COMPLEX),
    ("Hao", "(8)", "03_relu_l2", "3.3", "dL_dc", COMPLEX),
    ("Hao", "(9)", "03_relu_l2", "5.4", "gradients", COMPLEX),
    ("Gutfreund", "1 h", "04_deep_mlp", "1.1", "hidden", SLOW),
    ("Gutfreund", "1 yhat, yhat[i]", "04_deep_mlp", "1.2", "softmax", SLOW),
    ("Gutfreund", "1 L", "04_deep_mlp", "1.3", "cross_entropy", SLOW),
    ("Gutfreund", "footnote dL/dyhat", "04_deep_mlp", "2.1", "dL_dyhat", COMPLEX),
    ("Gutfreund", "footnote softmax", "04_deep_mlp", "2.2", "dyhat_own", COMPLEX),
    ("Gutfreund", "footnote softmax", "04_deep_mlp", "2.3", "softmax_jacobian", COMPLEX),
    ("Gutfreund", "2 dL/dz by the chain", "04_deep_mlp", "2.4", "dL_dz_chain", COMPLEX),
    ("Gutfreund", "2 dL/dz", "04_deep_mlp", "2.5", "dL_dz", COMPLEX),
    ("Gutfreund", "2 dz/dU, dz/db, dz/dh", "04_deep_mlp", "3.1", "da_dx", COMPLEX),
    ("Gutfreund", "2 dz/dU, dz/db, dz/dh", "04_deep_mlp", "3.2", "da_db", COMPLEX),
    ("Gutfreund", "2 dh/dW, dh/db", "04_deep_mlp", "3.2", "da_db", COMPLEX),
    ("Gutfreund", "2 dh/dW, dh/db", "04_deep_mlp", "3.3", "da_dW", COMPLEX),
    ("Gutfreund", "2 SGD", "04_deep_mlp", "7", "sgd", SLOW),
    ("Gutfreund", "3 dL/dU", "04_deep_mlp", "3.4", "output_gradients", COMPLEX),
    ("Gutfreund", "3 dL/dbhat", "04_deep_mlp", "3.4", "output_gradients", COMPLEX),
    ("Gutfreund", "3 dL/dW", "04_deep_mlp", "3.6", "dL_dW", COMPLEX),
    ("Gutfreund", "3 dL/db", "04_deep_mlp", "3.5", "dL_db", COMPLEX),
    ("Gutfreund", "4 layers", "04_deep_mlp", "5", "forward", SLOW),
    ("Gutfreund", "4 product form", "04_deep_mlp", "6.1", "step_down", COMPLEX),
    ("Gutfreund", "4 product form", "04_deep_mlp", "6.2", "product_form", COMPLEX),
    ("Gutfreund", "4 recursion, i = n", "04_deep_mlp", "6.3", "backward", COMPLEX),
    ("Gutfreund", "4 recursion, i < n", "04_deep_mlp", "6.3", "backward", COMPLEX),
    ("Galvan", "(1)", "06_graph", "1.1", "dataset", SLOW),
    ("Galvan", "(2)", "06_graph", "3.5", "mean_over_data", SLOW),
    ("Galvan", "(3)", "06_graph", "2", "forward", SLOW),
    ("Galvan", "(4)", "06_graph", "2", "forward", SLOW),
    ("Galvan", "(5)", "06_graph", "3.1", "output_deltas", COMPLEX),
    ("Galvan", "between (4) and (5) dL/dw", "06_graph", "3.4", "link_gradients", COMPLEX),
    ("Galvan", "(6)", "06_graph", "1.2", "fed_by", SLOW),
    ("Galvan", "(7)", "06_graph", "3.2", "across_link", COMPLEX),
    ("Galvan", "(7)", "06_graph", "3.3", "backward", COMPLEX),
    ("Galvan", "(8)", "06_graph", "4.1", "forward_layers", SLOW),
    ("Galvan", "(9)", "06_graph", "4.1", "forward_layers", SLOW),
    ("Galvan", "(10)", "06_graph", "4.1", "forward_layers", SLOW),
    ("Galvan", "(11)", "06_graph", "4.3", "layer_gradients", COMPLEX),
    ("Galvan", "(12)", "06_graph", "4.2", "layer_deltas", COMPLEX),
    ("Galvan", "(13)", "06_graph", "4.2", "layer_deltas", COMPLEX),
]


def equations(table):
    return {(note, equation) for note, equation, *_ in table}


WANTED = {(note, equation) for note, labels in REQUIRED.items() for equation in labels}


def test_no_equation_of_a_note_is_missing():
    assert WANTED - equations(TABLE) == set()
    assert equations(TABLE) - WANTED == set(), "a row for an equation that no note has"


@pytest.mark.parametrize("note", REQUIRED)
def test_students_derive_at_least_four_results_of_each_note(note):
    assert len(equations(row for row in TABLE if row[0] == note and row[-1] == COMPLEX)) >= 4


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]}-{row[4]}")
def test_the_function_is_a_stub_that_names_its_equation(row):
    _, equation, assignment, _, function, _ = row
    stubs, _ = stubs_and_tests(assignment)
    assert function in stubs, f"{assignment} has no stub {function}"
    assert place(equation) in places_named(stubs[function])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]}-{row[4]}")
def test_a_graded_test_calls_the_function_and_has_the_oracle(row):
    _, _, assignment, _, function, oracle = row
    _, tests = stubs_and_tests(assignment)
    names = [used for used in tests if function in used]
    assert names, f"no graded test of {assignment} calls {function}"
    numerical = any({"numerical_gradient", "assert_derivative"} & used for used in names)
    assert numerical == (oracle == COMPLEX), f"the test of {function} has another oracle"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]}-{row[4]}")
def test_the_function_stands_in_its_section_and_what_is_derived_above_a_closed_box(row):
    _, _, assignment, section, function, oracle = row
    found, box = sections_and_boxes(assignment)[function]
    assert found == section
    if oracle == COMPLEX:
        assert "$" in box, f"no closed box with a formula below {function}"


@cache
def sections_and_boxes(assignment):
    """For each stub its section, such as "2.3", and the next closed box of the same chapter."""
    notebook = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    section, open_stubs, places = "", [], {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            boxes = [box for box in BOX.findall(cell.source) if "Hint" not in box]
            for name in open_stubs if boxes else ():
                places[name] = (places[name][0], boxes[0])
            headings = HEADING.findall(cell.source)
            if boxes or any("." not in number for number in headings):
                open_stubs = []
            section = headings[-1] if headings else section
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef):
                    places[node.name] = (section, "")
                    open_stubs.append(node.name)
    return places


def place(equation):
    """Where a label says that an equation stands: "(8)" -> "8", "box dL/dc" -> "box"."""
    return (re.findall(r"\d+(?:\.\d+)?", equation) or equation.split())[0]


def test_places_are_read_from_labels_and_docstrings():
    labels = ("(8)", "4.4 dL/dh", "footnote softmax", "between (4) and (5)")
    assert [place(label) for label in labels] == ["8", "4.4", "footnote", "4"]
    assert places_named("x  (note, box 3, section 4.3)") == {"note", "box", "3", "section", "4.3"}
    assert places_named("x  (note, in equations 6 to 9)") >= {"6", "7", "8", "9"}


def places_named(docstring):
    """Words and numbers of a docstring's "(note, ...)", with ranges written out."""
    found = re.search(r"\((?:note|completes)[^()]*", docstring)
    text = found.group() if found else ""
    places = set(re.findall(r"[a-z]+|\d+(?:\.\d+)?", text))
    for first, last in re.findall(r"(\d+) to (\d+)", text):
        places |= {str(number) for number in range(int(first), int(last) + 1)}
    return places


@cache
def stubs_and_tests(assignment):
    """Docstrings of an assignment's stubs by name, and for each graded test the names in it."""
    notebook = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    stubs, tests = {}, []
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not mark:
            continue
        tree = ast.parse(cell.source)
        if mark["solution"]:
            stubs |= {node.name: ast.get_docstring(node) or "" for node in tree.body
                      if isinstance(node, ast.FunctionDef)}
        elif mark["grade"]:
            tests.append({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    return stubs, tests
