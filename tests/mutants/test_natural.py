"""Mistakes that nobody prepared: all are refused, most get their cause."""

import ast
import textwrap
from functools import cache
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.answer_bank import fill
from autograder.authoring.source import read_source
from autograder.exam import examine
from tests.mutants.natural import NATURAL
from tests.mutants.own_words import OWN_WORDS
from tests.mutants.second_bank import SECOND_BANK
from tests.mutants.third_bank import THIRD_BANK

SOLUTIONS = Path(__file__).parents[2] / "solutions"
EDITS = [(assignment, cell, (old, new)) for assignment, cell, old, new in NATURAL]
NAMED = {  # of those refused, at least
    "edits": 0.9,
    "own words": 0.8,
    "second bank": 0.75,
    "third bank": 0.85,
}
EQUIVALENT = {  # right after all: a zero gate, a slope's value at 0, a tie's share are conventions
    ("dL_dD", "(D > 0) * dh"),
    ("maximum_rule", "G * (a < b)"),
}


@cache
def source(assignment):
    return read_source(SOLUTIONS / assignment / f"{assignment}.py")


def lost(assignment, cell_id, mistake):
    """The checks that a notebook loses in which one solution is wrong, the first one first."""
    notebook = source(assignment)
    filled = fill(notebook, notebook)
    whole = next(cell.source for cell in notebook.cells if cell.id == cell_id)
    head, solution = whole.split("### BEGIN SOLUTION")
    if isinstance(mistake, tuple):
        assert solution.count(mistake[0]) == 1, mistake
        text = (head + solution.replace(*mistake)).replace("### END SOLUTION", "")
    else:
        text = head.rstrip() + "\n" + textwrap.indent(mistake, "    ")
    ast.parse(text)
    next(cell for cell in filled.cells if cell.id == cell_id).source = text
    data = nbformat.writes(filled).encode()
    result = examine(notebook, data, isolation="none", seed="natural")
    return [check for check in result.checks if check.status == "failed"]


@pytest.mark.parametrize(
    ("kind", "bank"),
    [
        ("edits", EDITS),
        ("own words", OWN_WORDS),
        ("second bank", SECOND_BANK),
        ("third bank", THIRD_BANK),
    ],
    ids=list(NAMED),
)
def test_unprepared_mistakes_are_refused_and_most_get_their_cause(kind, bank):
    named = refused = 0
    for assignment, cell, mistake in bank:
        checks = lost(assignment, cell, mistake)
        if not checks:
            assert isinstance(mistake, tuple) and (cell, mistake[1]) in EQUIVALENT, mistake
            continue
        refused += 1
        named += "Likely cause:" in checks[0].message
    assert named >= NAMED[kind] * refused


@pytest.mark.parametrize(
    ("assignment", "cell", "body"),
    [
        one
        for one in OWN_WORDS
        if one[1] in ("loss", "softmax", "cross_entropy") and "max()" not in one[2]
    ],
)
def test_an_infinite_value_names_no_wrong_reading(assignment, cell, body):
    """Overflow makes many mistakes alike: to say which it was would be a guess."""
    for check in lost(assignment, cell, body):
        if "infinite" in check.message or "NaN" in check.message:
            assert "Likely cause: the sign" not in check.message
            assert "is used instead of" not in check.message


def test_batches_of_another_size_are_not_called_dropped():
    (mistake,) = (body for _, cell, body in OWN_WORDS if cell == "minibatches")
    message = lost("05_minibatch", "minibatches", mistake)[0].message
    assert "expected [4, 4, 2]" in message and "dropped" not in message
