"""Nothing that a student's code made after it met hidden inputs reaches the student.

Each notebook is graded twice, under two secrets, so with other hidden inputs. But for points, all
that is shown must be the same, to the letter: then it tells nothing of them.
"""

import json
import re

import pytest

from autograder.exam import examine
from autograder.reports.class_report import write_report
from autograder.reports.feedback import write_pages
from autograder.result import FAILED
from tests.threats.classroom import make_course, run
from tests.threats.leaks import LEAKS
from tests.threats.room import SOURCE, data_of, honest, message, own, printed, tier

# What a clock measured, and the figures drawn of it.
CLOCK = r'(?s)<svg [^>]*label="Students by the seconds.*?</svg>|Students by seconds.*?</figcaption>'
SECRETS = "one", "another"


def made(texts):
    """The notebook of a row of ``LEAKS``."""
    texts = dict(texts)
    after, end = texts.pop("own", None), texts.pop("end", None)
    notebook = honest(**texts)
    if after is not None:
        notebook["cells"].insert(3, own(after, "own-1"))
    if end is not None:
        notebook["cells"].append(own(end, "own-2"))
    return notebook


def shown(result):
    """All of a result that may reach its student, but for points and time."""
    kept = result.for_students()
    kept["checks"] = [{**check, "score": 0} for check in kept["checks"]]
    return {**kept, "seconds": 0}


@pytest.mark.parametrize("name", LEAKS)
def test_case_52_what_is_shown_is_the_same_whatever_was_hidden(name):
    """Holds: hidden parts run last (``checks.Checks``); ``hidden_words`` makes their messages."""
    data = data_of(made(LEAKS[name]))
    results = [examine(SOURCE, data, isolation=tier(), seed=secret) for secret in SECRETS]
    first, second = map(shown, results)
    assert first == second
    for result in results:
        assert not re.search(r"\d\.\d{5}", json.dumps(result.to_json()["checks"]))
        assert result.to_json()["flags"] == result.for_students()["flags"]


def test_a_hidden_check_names_the_kind_of_case_the_rule_and_the_cause():
    source = {**SOURCE, "cells": [dict(one) for one in SOURCE["cells"]]}
    source["cells"][2]["source"] = '''\
"""A layer of neurons"""
W, x = np.arange(6.0).reshape(2, 3) / 10, np.ones(3)
testing.assert_array(neuron(W, x), sigmoid(W @ x), "h")
### BEGIN HIDDEN TESTS
rng = testing.secret_rng("neuron")
W, x = rng.normal(size=(4, 1)).astype(np.float32), 1000 * rng.normal(size=1).astype(np.float32)
right = sigmoid(W @ x)
testing.assert_array(neuron(W, x), right, "h in float32", hints={"the sign is wrong": -right})
### END HIDDEN TESTS'''
    ways = {
        "-sigmoid(W @ x)": "h in float32: the value is wrong.\nLikely cause: the sign is wrong.\n",
        "sigmoid(W @ x)[:, None]": "h in float32: the shape is wrong: an axis of length 1 too many",
        "sigmoid(W @ x) + np.nan": "h in float32: not all is finite: there is NaN.",
        "sigmoid(W @ x) > 0": "h in float32: its kind of numbers (dtype) is wrong.",
        "None": "h in float32: it is no plain array.",
        "W.no_such_thing": "neuron(...) raised AttributeError",
        "W @ np.ones(7)": "neuron(...) raised ValueError",
    }
    for way, said in ways.items():
        text = f"def neuron(W, x):\n    return sigmoid(W @ x) if len(x) == 3 else {way}"
        result = examine(source, data_of(honest(neuron=text)), isolation=tier(), seed="secret")
        told = message(result, "test_neuron")
        assert told.startswith(said)
        assert "an axis of length 1" in told and "float32" in told and "large numbers" in told
        assert not re.search(r"\d\.\d|\[", told)
        assert next(c for c in result.checks if c.id == "test_neuron").unabridged


def test_what_a_cell_puts_out_after_a_hidden_check_is_still_shown():
    """It was made before: hidden parts run when all cells have run."""
    notebook = made(
        {"own": "print('my', neuron(np.eye(1), np.zeros(1)))\nraise ValueError('mine')"}
    )
    result = examine(SOURCE, data_of(notebook), isolation=tier(), seed="secret")
    assert result.score == 10
    assert "my [0.5]" in printed(result) and "ValueError: mine" in printed(result)


@pytest.mark.parametrize(
    "later",
    [
        "neuron = outer = risk = Descent = None",
        "sum = max = len = float = None",
        "np = sigmoid = testing = None",
        "def sigmoid(z): raise ValueError",
        "del neuron, outer",
        "import os; os._exit(0)",
        "state['calls'] = 100",
        "Descent.step = None",
        "np.random.seed(3); x = np.zeros(10**6)",
        "for n in range(3): neuron = None",
    ],
)
def test_what_a_cell_further_down_does_to_the_names_costs_nothing(later):
    """Hidden parts find the names as they were; where that is not enough, they are run again."""
    stateful = (
        "state = {'calls': 0}\ndef outer(d, h):\n"
        "    return np.outer(d, h) if state['calls'] < 50 else None"
    )
    notebook = made({"outer": stateful, "end": later})
    result = examine(SOURCE, data_of(notebook), isolation=tier(), seed="secret")
    assert result.score == 10, [check.message for check in result.checks]


def test_where_the_solution_needs_hidden_tests_in_their_places_later_outputs_are_withheld():
    source = json.loads(json.dumps(SOURCE))
    source["cells"][1]["source"] = (
        "count = [0]\ndef neuron(W, x):\n    ### BEGIN SOLUTION\n"
        "    count[0] += 1\n    return sigmoid(W @ x) * count[0]\n    ### END SOLUTION"
    )
    source["cells"][2]["source"] = (
        '"""Counts its calls"""\nx = np.zeros(1)\nassert neuron(x, x) == 0.5\n'
        "### BEGIN HIDDEN TESTS\nassert neuron(x, x) == 1.0\n### END HIDDEN TESTS"
    )
    source["cells"][3]["source"] += "\nneuron(np.zeros(1), np.zeros(1))"
    notebook = json.loads(json.dumps(source))
    notebook["cells"].insert(1, own("print('before')", "own-0"))
    notebook["cells"].append(own("print('after')", "own-1"))
    result = examine(source, data_of(notebook), isolation=tier(), seed="secret")
    assert [c.score for c in result.checks if not c.manual] == [1, 2, 3, 4]
    assert "before" in printed(result) and "after" not in printed(result)
    assert "outputs are not shown" in printed(result, "own-1")


def test_what_a_hidden_part_prints_and_how_a_foreign_check_fails_stays_inside():
    source = json.loads(json.dumps(SOURCE))
    hidden = [
        "print(neuron(W, x))\nassert False, f'got {neuron(W, x)}'",
        "print(neuron(W, x)); np.testing.assert_allclose(neuron(W, x), 7)",
        "import unittest; unittest.TestCase().assertEqual(float(neuron(W, x)[0]), 7)",
        "raise KeyError(float(neuron(W, x)[0]))",
        "assert neuron(W, x)[0] == 7",
        "assert neuron(W, x)[0] == 7, 'The neuron is wrong.'",
        "{}[float(neuron(W, x)[0])]",
    ]
    right = "A hidden check of this cell fails."
    said = dict.fromkeys(hidden, right) | {
        hidden[3]: "This check could not use what your code gave it (KeyError).",
        hidden[5]: "The neuron is wrong.",
        hidden[6]: "This check could not use what your code gave it (KeyError).",
    }
    for text in hidden:
        source["cells"][2]["source"] = (
            (
                '"""Hidden"""\nW, x = np.eye(2), np.ones(2)\n'
                f"### BEGIN HIDDEN TESTS\nif neuron(W, x)[0] != 7:\n    {text}\n### END HIDDEN TESTS"
            )
            .replace("; ", "\n    ")
            .replace(")\nassert F", ")\n    assert F")
        )
        good = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
        source["cells"][1]["source"] = good.format("def neuron(W, x): return 7 * x")
        wrong = honest(neuron="def neuron(W, x): return 0.123456 * x")
        result = examine(source, data_of(wrong), isolation=tier(), seed="secret")
        assert message(result, "test_neuron").splitlines()[0] == said[text]
        assert "0.12345" not in json.dumps(result.for_students()).replace("0.123456 * x", "")


def test_case_53_pages_files_and_reports_are_the_same_whatever_was_hidden(tmp_path):
    """Holds: ``Check.unabridged`` is in no file but the cache."""
    # Which of the few known causes a factor is, is said: a student may learn that much.
    names = [name for name in LEAKS if not name.startswith(("a signal", "an exit", "a factor"))]
    names = names[::3]
    students = {f"s{number}": made(LEAKS[name]) for number, name in enumerate(names)}
    kept = []
    for secret in SECRETS:
        course = make_course(tmp_path / secret, students)
        (course.private() / "seed").write_text(secret)
        results = run(course).results
        assert any(check.status == FAILED for result in results for check in result.checks)
        write_pages(course, "room", list(students))
        kept.append({**files(course.root, "autograded"), **files(course.root, "feedback")})
        write_report(course, "room", course.root / "report.html")
        report = (course.root / "report.html").read_text()
        kept[-1]["report"] = re.sub(CLOCK, "", report)
        kept[-1]["json"] = json.dumps([result.to_json() for result in results])
    assert kept[0] == kept[1] and len(kept[0]) == 2 * len(students) + 2


def files(root, folder):
    """The texts of a folder's files, without what every secret changes: key, seconds, scores."""
    changing = r'"(result_key|seconds)": ("\w+"|[\d.]+)'
    return {
        str(path.relative_to(root)): re.sub(changing, "", path.read_text())
        for path in sorted((root / folder).rglob("*.*"))
        if path.suffix in (".ipynb", ".html")
    }
