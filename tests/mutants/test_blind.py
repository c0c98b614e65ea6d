"""Mistakes and right answers that were written down before anyone knew what is said about them.

`blind_first.txt` and `blind_second.txt` were written without sight of the operators, by someone who
had the released notebooks and the references only; `right_answers.txt` holds right answers in
unusual styles. Each has a cause, or how it is right, and a whole function. A line ``never:`` holds
what was once said of it and is not true.

`blind_third.txt` came last. What each cause must say was written with the mistake, before a run, and
made stricter when the messages had been read; ``knowable: no`` marks what no values can tell.
`blind_fourth.txt` was written in the same way, by someone who had seen the stubs and the references;
where a message says the cause in words that nobody foresaw, they were added after it was read.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.answer_bank import fill
from autograder.authoring.source import read_source
from autograder.exam import examine

HERE = Path(__file__).parent
SOLUTIONS = HERE.parents[1] / "solutions"
SAYS = (  # what names a cause without the words "Likely cause:"
    "you returned None",
    "nothing was left of the shape",
    "expected 3 things, the xs: x",
    "every epoch has the same order",
    "the last, smaller batch was dropped",
    "comes before unit",
    "b was stretched over the samples",
)


@dataclass(frozen=True)
class Written:
    """One function as somebody wrote it."""

    assignment: str
    name: str
    style: str
    why: str
    code: str
    never: str = ""
    says: str = ""
    knowable: str = ""


def bank(file):
    found = []
    for block in re.split(r"^== ", (HERE / file).read_text(encoding="utf-8"), flags=re.M)[1:]:
        head, why, code = block.split("\n", 2)
        told = {}
        while known := re.match(r"(never|says|knowable): (.*)\n", code):
            told[known[1]], code = known[2], code[known.end() :]
        found.append(Written(*head.split(), why, code.strip() + "\n", **told))
    return found


FIRST, SECOND, THIRD, FOURTH = (
    bank(f"blind_{place}.txt") for place in ("first", "second", "third", "fourth")
)
RIGHT = bank("right_answers.txt")
ALL, SOME = pytest.mark.soak, 17  # every one, or each seventeenth


def sampled(everything, share=None):
    """Every one, of which at least ``share`` is named, or some, too few to count."""
    return [
        pytest.param(everything, share, marks=ALL, id="all"),
        pytest.param(everything[::SOME], share and 0.0, id="some"),
    ]


@cache
def source(assignment):
    return read_source(SOLUTIONS / assignment / f"{assignment}.py")


def lost(one):
    """The checks that the notebook loses with this one function, the first one first."""
    notebook = source(one.assignment)
    filled = fill(notebook, notebook)
    cell = next(cell for cell in filled.cells if cell.id == one.name)
    cell.source = cell.source.split(f"def {one.name}(")[0] + one.code
    ast.parse(cell.source)
    data = nbformat.writes(filled).encode()
    result = examine(notebook, data, isolation="none", seed="natural")
    return [check for check in result.checks if not check.manual and check.status != "passed"]


def is_named(message):
    return "Likely cause:" in message or any(text in message for text in SAYS)


@pytest.mark.parametrize(("mistakes", "at_least"), [*sampled(FIRST, 0.85), *sampled(SECOND, 0.85)])
def test_a_mistake_that_nobody_prepared_is_refused_and_gets_its_cause(mistakes, at_least):
    named = 0
    for one in mistakes:
        checks = lost(one)
        assert checks, f"{one.name} is accepted, and {one.why}"
        if one.never:
            assert one.never not in checks[0].message, one
        named += is_named(checks[0].message)
    assert named >= at_least * len(mistakes)


def test_what_was_false_once_is_not_said_again():
    for one in FIRST:
        if one.never:
            assert one.never not in lost(one)[0].message, one


@pytest.mark.parametrize(("mistakes", "at_least"), [*sampled(THIRD, 0.97), *sampled(FOURTH, 0.92)])
def test_the_cause_that_is_named_is_the_one_that_was_written_down(mistakes, at_least):
    named, knowable = 0, [one for one in mistakes if not one.knowable]
    for one in mistakes:
        checks = lost(one)
        assert checks, f"{one.name} is accepted, and {one.why}"
        cause = re.search("^Likely cause: .*", checks[0].message, re.M)
        assert not cause or re.search(one.says, cause[0]), (one.name, one.why, cause[0])
        named += bool(cause and not one.knowable)
    assert named >= at_least * len(knowable)


@pytest.mark.parametrize(("answers", "_"), sampled([one for one in RIGHT if one.style == "right"]))
def test_a_right_answer_in_an_unusual_style_loses_nothing(answers, _):
    for one in answers:
        assert not lost(one), one


def test_a_loop_over_samples_is_refused_by_the_visible_part_of_a_check():
    for one in RIGHT:
        if one.style == "loops":
            assert "your function loops over the samples" in lost(one)[0].message
