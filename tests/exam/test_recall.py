"""A hidden part finds the names as they were at its place, in the first exam that is held."""

import dataclasses
import json

import pytest

from autograder.exam import examine, pool
from tests.exam.test_exam import cell, notebook, scores

SOLUTION = """### BEGIN SOLUTION
import os
k = 2
def f(x):
    if x is None:
        os._exit(3)
    return k * x
### END SOLUTION"""
PARTS = {
    "the first request is a call": "assert f(3) == 6",
    "the first request sets a name": "unit = 1\nk = 5\nassert f(3) == 15",
    "a process dies on the way": "try:\n    f(None)\nexcept Exception:\n    pass\nassert f(3) == 6",
}


@pytest.fixture
def once(monkeypatch):
    """No second exam: neither of a submission, nor of the course's solution."""
    learned = pool._learned

    def held(tier, exam):
        return dataclasses.replace(learned(tier, exam), broken={}, degraded=pool.Degraded())

    monkeypatch.setattr(pool, "_learned", held)
    monkeypatch.setattr(pool, "_confirmed", lambda tier, exam, outcome: outcome.result)


@pytest.mark.parametrize("part", PARTS)
def test_names_are_as_they_were(part, once):
    test = f"assert f(1) == 2\n### BEGIN HIDDEN TESTS\n{PARTS[part]}\n### END HIDDEN TESTS"
    later = "### BEGIN SOLUTION\nk = 7\ndef g(x): return x\n### END SOLUTION"
    source = notebook(
        [
            cell("solution", "f", SOLUTION),
            cell("test", "first", test),
            cell("solution", "g", later),
            cell("test", "second", "assert g(1) == 1"),
        ]
    )
    result = examine(source, json.dumps(source).encode(), isolation="none", seed="s")
    assert set(scores(result).values()) == {1.0}, [check.message for check in result.checks]
