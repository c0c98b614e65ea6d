"""The room where hostile submissions sit between two honest ones: a small assignment of its own."""

from __future__ import annotations

import copy
import json
from functools import cache

from autograder.exam import Limits, examine
from autograder.result import GRADED
from autograder.sandbox.launch import SandboxError, choose

SETUP = '''\
import numpy as np
from mlpkit import testing

def sigmoid(z):
    """Locked: everybody's."""
    return 1 / (1 + np.exp(-z))'''

NEURON = '''\
def neuron(W, x):
    """sigma(W x)"""
    ### BEGIN SOLUTION
    return sigmoid(W @ x)
    ### END SOLUTION'''

TEST_NEURON = '''\
"""A layer of neurons"""
W, x = np.arange(6.0).reshape(2, 3) / 10, np.ones(3)
testing.assert_array(testing.assert_unchanged(neuron, W, x), sigmoid(W @ x), "h")
### BEGIN HIDDEN TESTS
rng = testing.secret_rng("neuron")
W, x = rng.normal(size=(4, 3)), rng.normal(size=3)
testing.assert_array(testing.assert_unchanged(neuron, W, x), sigmoid(W @ x), "h")
### END HIDDEN TESTS'''

OUTER = '''\
def outer(d, h):
    """dL/dW = d h^T"""
    ### BEGIN SOLUTION
    return np.outer(d, h)
    ### END SOLUTION'''

TEST_OUTER = '''\
"""The gradient with respect to W"""
d, h = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])
testing.assert_array(testing.assert_unchanged(outer, d, h), d[:, None] * h, "dL/dW")
### BEGIN HIDDEN TESTS
rng = testing.secret_rng("outer")
d, h = rng.normal(size=8)[::2], rng.normal(size=5)
testing.assert_array(outer(d, h), d[:, None] * h, "dL/dW")
### END HIDDEN TESTS'''

RISK = '''\
def risk(w, X):
    """The mean of sigma(x w) over the rows of X"""
    ### BEGIN SOLUTION
    return float(np.mean(sigmoid(X @ w)))
    ### END SOLUTION'''

TEST_RISK = '''\
"""The risk, vectorised"""
w, X = np.array([0.5, -1.0]), np.arange(12.0).reshape(6, 2)
testing.assert_number(risk(w, X), np.mean(1 / (1 + np.exp(-X @ w))), "risk")
### BEGIN HIDDEN TESTS
rng = testing.secret_rng("risk")
w, X = rng.normal(size=3), rng.normal(size=(7, 3))
testing.assert_number(risk(w, X), np.mean(1 / (1 + np.exp(-X @ w))), "risk")
testing.assert_vectorised(risk, lambda n: (w, np.ones((n, 3))))
### END HIDDEN TESTS'''

DESCEND = '''\
class Descent:
    """Gradient descent with momentum; step() returns the new place."""
    ### BEGIN SOLUTION
    def __init__(self, gradient, w, alpha=0.1, gamma=0.5):
        self.gradient, self.w, self.v = gradient, w, np.zeros_like(w)
        self.alpha, self.gamma = alpha, gamma

    def step(self):
        self.v = self.gamma * self.v - self.alpha * self.gradient(self.w)
        self.w = self.w + self.v
        return self.w
    ### END SOLUTION'''

TEST_DESCEND = '''\
"""Momentum on a bowl"""
### BEGIN HIDDEN TESTS
rng = testing.secret_rng("descent")
w = rng.normal(size=3)
bowl = lambda w: 3 * w
descent, v = Descent(bowl, w, alpha=0.2), np.zeros(3)
for _ in range(3):
    v = 0.5 * v - 0.2 * 3 * w
    w = w + v
    testing.assert_array(descent.step(), w, "w")
### END HIDDEN TESTS'''

CELLS = [
    ("given", "setup", SETUP),
    ("solution", "neuron", NEURON),
    ("test", "test_neuron", TEST_NEURON),
    ("solution", "outer", OUTER),
    ("test", "test_outer", TEST_OUTER),
    ("solution", "risk", RISK),
    ("test", "test_risk", TEST_RISK),
    ("solution", "descent", DESCEND),
    ("test", "test_descent", TEST_DESCEND),
    ("experiment", "figure", "raise RuntimeError('never run at grading')"),
    ("manual", "why", "### BEGIN SOLUTION\nThe chain rule.\n### END SOLUTION"),
]
POINTS = {"test_neuron": 1.0, "test_outer": 2.0, "test_risk": 3.0, "test_descent": 4.0, "why": 5.0}
FULL = {name: points for name, points in POINTS.items() if name != "why"}
ROLES = {
    "given": (False, False),
    "solution": (False, True),
    "test": (True, False),
    "manual": (True, True),
    "experiment": (False, False),
}

TRANSPOSED = "def outer(d, h):\n    return np.outer(h, d)"

# The student process's own harness, as far as a student can read it: it is public.
HARNESS = """
import gc, socket, struct, json
from autograder.exam.protocol import codec as wire, messages
from autograder.exam.student import executor
me = next(o for o in gc.get_objects() if type(o) is executor.StudentExecutor)
"""


def cell(kind, name, text):
    grade, solution = ROLES[kind]
    mark = {
        "grade_id": name,
        "schema_version": 3,
        "task": False,
        "grade": grade,
        "solution": solution,
        "locked": not solution,
    }
    if grade:
        mark["points"] = POINTS.get(name, 1)
    made = {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": mark},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }
    if kind == "experiment":
        made["metadata"]["tags"] = ["experiment", "skip-execution"]
    if kind == "manual":
        made["cell_type"] = "markdown"
        del made["outputs"], made["execution_count"]
    return made


def notebook(cells):
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        "cells": cells,
    }


SOURCE = notebook([cell(*row) for row in CELLS])
HONEST = {"why": "Because of the chain rule."}


def honest(**texts):
    """The reference as a student's notebook, some cells in other words; to be changed at will."""
    made = copy.deepcopy(SOURCE)
    for one in made["cells"]:
        one["source"] = {**HONEST, **texts}.get(one["id"], one["source"])
    return made


def own(text, name="mine"):
    """A cell of the student's own."""
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


def with_cell(place, text, **texts):
    """The honest notebook with a cell of the student's own at ``place``."""
    made = honest(**texts)
    made["cells"].insert(place, own(text))
    return made


def find(made, name):
    return next(one for one in made["cells"] if one.get("id") == name)


def data_of(made):
    return made if isinstance(made, bytes) else json.dumps(made).encode()


@cache
def tier():
    """The strongest isolation of this machine."""
    try:
        return choose("auto")
    except SandboxError:
        return "none"


def sit(made, *, limits=Limits(), isolation=None):
    return examine(SOURCE, data_of(made), limits, isolation=isolation or tier(), seed="secret")


NEIGHBOUR = honest()


def between(*hostile, **options):
    """The results of submissions that sat between honest ones, which lost nothing by it."""
    results = [sit(one, **options) for one in (NEIGHBOUR, *hostile, NEIGHBOUR)]
    for neighbour in (results[0], results[-1]):
        assert scores(neighbour) == FULL and neighbour.flags == ()
        assert neighbour.status == GRADED
    return results[1:-1]


def grade(made, **options):
    """The result of one submission between two honest ones."""
    return between(made, **options)[0]


def scores(result):
    """Scores of the checks that no person grades."""
    return {check.id: check.score for check in result.checks if not check.manual}


def without(*names):
    return {name: 0.0 if name in names else points for name, points in FULL.items()}


def message(result, name):
    return next(check.message for check in result.checks if check.id == name)


def printed(result, name="own"):
    """What a cell printed, its displays and errors too, as one text."""
    texts = []
    for one in result.notebook["cells"]:
        if one["id"].startswith(name):
            for output in one.get("outputs", ()):
                texts += [
                    output.get("text", ""),
                    *output.get("traceback", ()),
                    *output.get("data", {}).values(),
                ]
    return "".join(texts)


def flagged(result, words):
    return any(words in flag for flag in result.flags)


def walk_between(answer, use, **limits):
    """The result of a notebook with a function ``walk``, a test that uses it, and one that not."""
    source = notebook(
        [
            cell("given", "setup", "def double(n): return 2 * n"),
            cell(
                "solution",
                "neuron",
                "def neuron(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION",
            ),
            cell("test", "test_neuron", "assert neuron(1) == 1"),
            cell(
                "solution",
                "outer",
                "def walk(f, n):\n    ### BEGIN SOLUTION\n    return [n]\n    ### END SOLUTION",
            ),
            cell("test", "test_outer", use),
            cell(
                "solution",
                "risk",
                "def risk():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION",
            ),
            cell("test", "test_risk", "assert risk() == 1"),
        ]
    )
    made = json.loads(json.dumps(source))
    find(made, "outer")["source"] = answer
    sit(NEIGHBOUR)
    result = examine(source, json.dumps(made).encode(), Limits(**limits), isolation=tier())
    assert scores(sit(NEIGHBOUR)) == FULL
    return result
