"""A small exam, held by a warm process before it forks any.

Python learns as it runs: bytecode is specialised, methods and names are found once. What a warm
process has learned, its children need not, and the pages that hold it stay shared.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import Any

from autograder.exam.protocol.channel import Channel
from autograder.notebook.side_files import NO_FILES
from autograder.result import Result
from autograder.sandbox.limits import Limits

GIVEN = "import numpy as np\nfrom mlpkit.testing import *"
SOLUTIONS = {
    "affine": "def affine(W, b, x):\n    return W @ x + b",
    "loss": "def loss(params, X):\n    return float(((X @ params['W'].T + params['b'])**2).sum())",
    "gradient": "def gradient(params, X):\n"
    "    s = X @ params['W'].T + params['b']\n"
    "    return {'W': 2 * s.T @ X, 'b': 2 * s.sum(0)}",
    "missing": "def missing(x):\n    raise NotImplementedError",
}
CHECKS = {
    "affine": """
for n in range(1, 12):
    W, b, x = np.ones((3, n)), np.arange(3.0), np.full(n, 0.5)
    right = W @ x + b
    assert_array(assert_unchanged(affine, W, b, x), right, "s", hints={"b": right - b})
""",
    "loss": """
for n in range(1, 12):
    params, X = {"W": np.ones((2, 3)), "b": np.zeros(2)}, np.arange(3.0 * n).reshape(n, 3)
    assert_number(loss(params, X), float(((X @ params["W"].T)**2).sum()), "L", hints={"0": 0.0})
### BEGIN HIDDEN TESTS
assert_vectorised(loss, lambda n: (params, np.ones((n, 3))))
### END HIDDEN TESTS
""",
    "gradient": """
for n in range(1, 12):
    params, X = {"W": np.ones((2, 3)), "b": np.zeros(2)}, np.ones((n, 3))
    found = assert_unchanged(gradient, params, X)
    assert_array(found["b"], 2 * (X @ params["W"].T).sum(0), "dL/db")
### BEGIN HIDDEN TESTS
assert_array(found["W"], np.zeros((2, 3)), "dL/dW", hints={"all 1": np.ones((2, 3))})
### END HIDDEN TESTS
""",
    "missing": "missing(1.0)",
}


def run_sample_exam(role: str, shell: Any) -> Result | None:
    """Hold the exam, this process in its role and a child of it in the other.

    Its result, where this is the examiner.
    """
    here, there = socket.socketpair()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)}
    result, child = None, os.fork()
    if (child == 0) == (role == "examiner"):
        here.close()
        _answer(Channel(there), shell)
    else:
        there.close()
        result = _examine(Channel(here), shell)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    here.close()
    there.close()
    for number, handler in handlers.items():
        signal.signal(number, handler)
    shell.ipython.reset()
    return result


def _answer(channel: Channel, shell: Any) -> None:
    from autograder.exam.student.executor import StudentExecutor

    StudentExecutor(channel, shell, Limits(), {}, frozenset()).serve()


def _examine(channel: Channel, shell: Any) -> Result:
    from autograder.exam.compiled import compile_source
    from autograder.exam.examiner.examiner import Examiner

    source = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": _cells()})
    prepared = compile_source(source.encode(), {}, [])
    candidates = _Waiting(channel)
    result = Examiner(prepared, source.encode(), Limits(), candidates, shell, NO_FILES).hold()
    json.dumps(result.to_dict())
    channel.close()
    return result


class _Waiting:
    """The one student process there is."""

    def __init__(self, channel: Channel):
        self.channel = channel

    def start(self, limits: Limits) -> Channel:
        return self.channel

    def cpu_seconds(self) -> None:
        """Nobody asks."""

    def interrupt(self) -> None:
        """It is not slow."""

    def end(self) -> int:
        return 0


def _cells() -> list[dict[str, Any]]:
    cells = [_cell("given", GIVEN, locked=True)]
    for name, text in SOLUTIONS.items():
        cells.append(_cell(name, text, solution=True))
        title = f'"""{name}"""\n'
        cells.append(_cell(f"test_{name}", title + CHECKS[name].strip(), grade=True, points=1))
    return cells


def _cell(name: str, text: str, **mark: Any) -> dict[str, Any]:
    roles = {
        "schema_version": 3,
        "grade_id": name,
        "grade": False,
        "solution": False,
        "locked": True,
        "task": False,
        **mark,
    }
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": roles},
        "source": text,
        "execution_count": None,
        "outputs": [],
    }
