"""A derivative that is computed numerically earns nothing; every honest way to write one does."""

import copy
import json

import pytest

from autograder.exam import examine
from tests.threats.room import cell, notebook, own, tier

SETUP = """\
import numpy as np
from mlpkit import check_gradient, numerical_gradient
from mlpkit.testing import assert_array, assert_number, secret_rng"""
LOSS = """\
def loss(params, x, y):
    ### BEGIN SOLUTION
    r = params["w"] @ x + params["b"] - y
    return 0.5 * r ** 2
    ### END SOLUTION"""
TEST_LOSS = """\
params = {"w": np.array([1.0, 2.0, 3.0]), "b": 0.5}
assert_number(loss(params, np.ones(3), 1.0), 0.5 * 5.5 ** 2, "L")"""
GRADIENT = """\
def gradient(params, x, y):
    ### BEGIN SOLUTION
    return (params["w"] @ x + params["b"] - y) * x
    ### END SOLUTION"""
TEST_GRADIENT = """\
x, y = np.array([1.0, -1.0, 2.0]), 0.3
right = 5.2 * x
assert_array(gradient(params, x, y), right, "dL/dw", rtol=1e-5)
### BEGIN HIDDEN TESTS
rng = secret_rng("gradient")
params, x = {"w": rng.normal(size=4), "b": rng.normal()}, rng.normal(size=4)
right = (params["w"] @ x + params["b"] - y) * x
assert_array(gradient(params, x, y), right, "dL/dw", rtol=1e-5)
### END HIDDEN TESTS"""
SLOPE = """\
def slope(z):
    ### BEGIN SOLUTION
    return 1 - np.tanh(z) ** 2
    ### END SOLUTION"""
TEST_SLOPE = 'assert_number(slope(0.3), 1 - np.tanh(0.3) ** 2, "slope", rtol=1e-5)'
NUDGE = """\
def nudge(f, x):
    ### BEGIN SOLUTION
    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
    ### END SOLUTION"""
TEST_NUDGE = 'assert_number(nudge(np.sin, 0.0), 1.0, "nudge", rtol=1e-5)'
CELLS = [
    ("given", "setup", SETUP),
    ("solution", "neuron", LOSS),
    ("test", "test_neuron", TEST_LOSS),
    ("solution", "outer", GRADIENT),
    ("test", "test_outer", TEST_GRADIENT),
    ("solution", "risk", SLOPE),
    ("test", "test_risk", TEST_SLOPE),
    ("solution", "descent", NUDGE),
    ("test", "test_descent", TEST_NUDGE),
]
SOURCE = notebook([cell(*row) for row in CELLS])


def grade(source=SOURCE, extra="", **texts):
    made = copy.deepcopy(source)
    for one in made["cells"]:
        one["source"] = texts.get(one["id"], one["source"])
    if extra:
        made["cells"].insert(3, own(extra))
    return examine(source, json.dumps(made).encode(), isolation=tier(), seed="secret")


def checks(result):
    return {check.id: check for check in result.checks}


HEAD = "def gradient(params, x, y):\n"
AT = "    def at(w): return loss({**params, 'w': w}, x, y)\n"
NUMERICAL = {
    "the course's own": AT + "    return numerical_gradient(at, params['w'])",
    "under another name": "    from mlpkit import numerical_gradient as grad\n"
    + AT
    + "    return grad(at, params['w'])",
    "from where it is written": "    import mlpkit.gradcheck.numerical as n\n"
    + AT
    + "    return np.array([n.central(at, params['w'], d) for d in np.eye(len(x))])",
    "by attribute": "    import mlpkit\n"
    + AT
    + "    return getattr(mlpkit, 'numerical' + '_gradient')(at, params['w'])",
    "of a copy of the loss": "    def at(w): return 0.5 * (w @ x + params['b'] - y) ** 2\n"
    "    return numerical_gradient(at, params['w'])",
    "scipy's": "    from scipy.optimize import approx_fprime\n"
    + AT
    + "    return approx_fprime(params['w'], at, 1e-7)",
    "central differences in place": "    w, out = params['w'], np.zeros(len(x))\n    for i in range(len(x)):\n"
    "        old = w[i]; w[i] = old + 1e-5; up = loss(params, x, y); w[i] = old - 1e-5\n"
    "        out[i] = (up - loss(params, x, y)) / 2e-5; w[i] = old\n    return out",
    "forward differences": AT + "    w, h = params['w'], 1e-8\n"
    "    return np.array([(at(w + h * d) - at(w)) / h for d in np.eye(len(w))])",
    "differences of a lambda": "    at = lambda w: 0.5 * (w @ x + params['b'] - y) ** 2\n    w, h = params['w'], 1e-6\n"
    "    return np.array([(at(w + h * d) - at(w - h * d)) / (2 * h) for d in np.eye(len(w))])",
    "a complex step": "    w = params['w'].astype(complex)\n    out = np.zeros(len(w))\n    for i in range(len(w)):\n"
    "        v = w.copy(); v[i] += 1e-30j\n        out[i] = loss({**params, 'w': v}, x, y).imag / 1e-30\n    return out",
    "a complex step without a call": "    w, out = params['w'].astype(complex), np.zeros(len(x))\n    for i in range(len(w)):\n"
    "        v = w.copy(); v[i] += 1e-30j\n        out[i] = (0.5 * (v @ x + params['b'] - y) ** 2).imag / 1e-30\n    return out",
    "five points": AT + "    w, h = params['w'], 1e-2\n"
    "    return np.array([(8*(at(w+h*d)-at(w-h*d)) - (at(w+2*h*d)-at(w-2*h*d))) / (12*h) for d in np.eye(len(w))])",
}


@pytest.mark.parametrize("name", NUMERICAL)
def test_a_numerical_derivative_earns_nothing_and_is_told_so(name):
    found = checks(grade(outer=HEAD + NUMERICAL[name]))
    lost = found.pop("test_outer")
    assert lost.score == 0 and "computed numerically" in lost.message
    assert "write the formula" in lost.message and lost.message.startswith("gradient(...)")
    assert all(check.score == check.points for check in found.values())


def test_one_in_a_helper_or_of_a_single_number_is_noticed_too():
    helper = "def differentiate(f, x):\n    return numerical_gradient(f, x)"
    uses = HEAD + AT + "    return differentiate(at, params['w'])"
    assert checks(grade(extra=helper, outer=uses))["test_outer"].score == 0
    single = "def slope(z):\n    return (tanh(z + 1e-6) - tanh(z - 1e-6)) / 2e-6"
    found = checks(grade(extra="def tanh(z): return np.tanh(z)", risk=single))["test_risk"]
    assert found.score == 0 and "computed numerically" in found.message


HONEST = {
    "a loop": "    r = params['w'] @ x + params['b'] - y\n    return np.array([r * x_i for x_i in x])",
    "a helper for each entry": "    def entry(x_i, r): return r * x_i\n    r = params['w'] @ x + params['b'] - y\n"
    "    return np.array([entry(x_i, r) for x_i in x])",
    "the loss for its sign": "    r = np.sqrt(2 * loss(params, x, y))\n"
    "    return (r if params['w'] @ x + params['b'] > y else -r) * x",
    "complex numbers for nothing": "    r = (params['w'] @ x + params['b'] - y) + 0j\n    return r.real * x",
    "a recursion": "    def total(i): return 0.0 if i == len(x) else params['w'][i] * x[i] + total(i + 1)\n"
    "    return (total(0) + params['b'] - y) * x",
    "a search by steps": "    r = params['w'] @ x + params['b'] - y\n    w = params['w']\n"
    "    for _ in range(5): w = w - 0.01 * r * x; loss({**params, 'w': w}, x, y)\n    return r * x",
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_formula_is_none(name):
    assert grade(outer=HEAD + HONEST[name]).score == 10


def test_cells_of_ones_own_may_check_gradients():
    check = (
        "p = {'w': np.ones(3), 'b': 0.0}\n"
        "numerical_gradient(lambda w: loss({**p, 'w': w}, np.ones(3), 1.0), p['w'])"
    )
    assert grade(extra=check).score == 10


def test_where_the_solution_itself_is_numerical_a_student_may_be_too():
    again = "def nudge(f, x):\n    h = 1e-5\n    return (f(x + h) - f(x - h)) / (2 * h)"
    assert checks(grade(descent=again))["test_descent"].score == 4


def test_other_courses_have_no_such_rule():
    source = copy.deepcopy(SOURCE)
    for one in source["cells"]:
        one["source"] = (
            one["source"]
            .replace("from mlpkit import check_gradient, numerical_gradient\n", "")
            .replace("from mlpkit.testing import assert_array, assert_number, secret_rng", "")
            .replace('rng = secret_rng("gradient")', "rng = np.random.default_rng(1)")
            .replace(', "dL/dw", rtol=1e-5', "")
            .replace("assert_array(", "np.testing.assert_array_almost_equal(")
            .replace("assert_number(", "assert abs(")
            .replace(', "L")', " - 0) < 1e9")
            .replace(', "slope", rtol=1e-5)', " - 0) < 1e9")
            .replace(', "nudge", rtol=1e-5)', " - 0) < 1e9")
            .replace("0.5 * 5.5 ** 2 -", "")
        )
    for place, call in ((2, "loss(params, np.ones(3), 1.0)"), (6, "slope(0.3)")):
        head = source["cells"][place]["source"].partition("assert")[0]
        source["cells"][place]["source"] = f"{head}assert {call} is not None"
    source["cells"][8]["source"] = "assert nudge(np.sin, 0.0) > 0"
    assert not any("mlpkit" in one["source"] for one in source["cells"])
    way = HEAD + NUMERICAL["forward differences"]
    assert checks(grade(source, outer=way))["test_outer"].score == 2
