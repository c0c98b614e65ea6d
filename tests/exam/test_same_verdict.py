"""What a visible test accepts or refuses in a notebook, the grader accepts or refuses as well."""

import json

import pytest

from autograder.exam import examine
from autograder.result import PASSED
from mlpkit.testing.words import CheckFailed
from tests.exam.test_exam import cell, notebook

FORMS = {  # of the right answer [1, 2, 3], by what a student returned
    "an array": "np.array([1.0, 2.0, 3.0])",
    "a list": "[1.0, 2.0, 3.0]",
    "a tuple": "(1.0, 2.0, 3.0)",
    "a matrix": "np.array([[1.0, 2.0, 3.0]]).view(np.matrix)",
    "whole numbers": "np.array([1, 2, 3])",
    "float32": "np.array([1, 2, 3], dtype=np.float32)",
    "float16": "np.array([1, 2, 3], dtype=np.float16)",
    "longdouble": "np.array([1, 2, 3], dtype=np.longdouble)",
    "big endian": "np.array([1, 2, 3], dtype='>f8')",
    "complex": "np.array([1, 2, 3], dtype=complex)",
    "objects": "np.array([1.0, 2.0, 3.0], dtype=object)",
    "bool": "np.array([True, True, True])",
    "a column": "np.array([[1.0], [2.0], [3.0]])",
    "a row": "np.array([[1.0, 2.0, 3.0]])",
    "one axis more": "np.array([1.0, 2.0, 3.0])[None, :, None]",
    "one entry more": "np.array([1.0, 2.0, 3.0, 4.0])",
    "no entry": "np.array([])",
    "one number": "np.float64(1.0)",
    "an array of no axis": "np.array(1.0)",
    "a view with a step": "np.arange(7.0)[1:7:2] - np.array([0.0, 1.0, 2.0])",
    "a view, backwards": "np.array([3.0, 2.0, 1.0])[::-1]",
    "a view of an argument": "x[:]",
    "a broadcast view": "np.broadcast_to(np.array([1.0, 2.0, 3.0]), (3,))",
    "read-only": "np.frombuffer(np.array([1.0, 2.0, 3.0]).tobytes())",
    "in Fortran's order": "np.asfortranarray([[1.0, 2.0, 3.0]])[0]",
    "masked": "np.ma.array([1.0, 2.0, 3.0])",
    "a subclass": "np.array([1.0, 2.0, 3.0]).view(Mine)",
    "a record": "np.rec.array([(1.0, 2.0, 3.0)])",
    "a generator": "(v for v in [1.0, 2.0, 3.0])",
    "a map": "map(float, [1, 2, 3])",
    "a range": "range(1, 4)",
    "an array of the library": "array.array('d', [1.0, 2.0, 3.0])",
    "memory": "memoryview(np.array([1.0, 2.0, 3.0]))",
    "a data frame's column": "pd.Series([1.0, 2.0, 3.0])",
    "strings": "np.array(['1', '2', '3'])",
    "NaN": "np.array([1.0, np.nan, 3.0])",
    "None": "None",
}
NUMBERS = {  # of the right answer 2.5
    "a float": "2.5",
    "numpy's": "np.float64(2.5)",
    "float32": "np.float32(2.5)",
    "an array of no axis": "np.array(2.5)",
    "an array of one": "np.array([2.5])",
    "a list of one": "[2.5]",
    "a fraction": "fractions.Fraction(5, 2)",
    "a decimal": "decimal.Decimal('2.5')",
    "complex": "2.5 + 0j",
    "a string": "'2.5'",
    "infinite": "np.inf",
    "None": "None",
}
GIVEN = """import array, decimal, fractions
import numpy as np
import pandas as pd
from mlpkit import testing
class Mine(np.ndarray):
    pass"""
CASES = [("assert_array", value) for value in FORMS.values()]
CASES += [("assert_number", value) for value in NUMBERS.values()]
IDS = [*FORMS, *(f"{name}, as a number" for name in NUMBERS)]
RIGHT = {"assert_array": "np.array([1.0, 2.0, 3.0])", "assert_number": "2.5"}


def check_of(kind, k):
    return f'testing.{kind}(f{k}({RIGHT[kind]}), {RIGHT[kind]}, "x")'


def in_a_notebook(k):
    """Whether the test passes where a student's code and it run in one process."""
    kind, value = CASES[k]
    space = {"__name__": "__main__"}
    exec(f"{GIVEN}\ndef f{k}(x):\n    return {value}", space)
    try:
        exec(check_of(kind, k), space)
    except CheckFailed:
        return False
    return True


@pytest.fixture(scope="module")
def at_grading():
    """By check, whether it passes in one exam: seen_K in its visible part, unseen_K in its hidden."""
    source, done = ([cell("given", "g", GIVEN)] for _ in range(2))
    for k, (kind, value) in enumerate(CASES):
        head = f"def f{k}(x):\n"
        stub = f"    ### BEGIN SOLUTION\n    return {RIGHT[kind]}\n    ### END SOLUTION"
        source.append(cell("solution", f"f{k}", head + stub))
        done.append(cell("solution", f"f{k}", f"{head}    return {value}"))
        test = check_of(kind, k)
        hidden = f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
        tests = [cell("test", f"seen_{k}", test), cell("test", f"unseen_{k}", hidden)]
        source += tests
        done += tests
    handed_in = json.dumps(notebook(done)).encode()
    result = examine(notebook(source), handed_in, isolation="none")
    return {check.id: check.status == PASSED for check in result.checks}


@pytest.mark.parametrize("k", range(len(CASES)), ids=IDS)
def test_a_form_has_one_verdict(k, at_grading):
    verdicts = in_a_notebook(k), at_grading[f"seen_{k}"], at_grading[f"unseen_{k}"]
    assert len(set(verdicts)) == 1, verdicts


def test_of_each_kind_some_pass_and_most_fail(at_grading):
    assert 10 < sum(at_grading.values()) < len(at_grading) // 2
