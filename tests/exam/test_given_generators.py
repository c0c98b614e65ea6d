"""A generator that a check hands over comes back drawn from, or the check says what was done."""

import copy

import numpy as np
import pytest

from autograder.exam.protocol.generators import MOST_DRAWS, was_only_drawn_from
from tests.exam.test_policy import CELLS, checks, grade
from tests.threats.room import cell, notebook

KINDS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]
DRAWS = {
    "nothing": lambda rng: None,
    "a number": lambda rng: rng.random(),
    "an odd number of small integers": lambda rng: rng.integers(5, size=3, dtype=np.int32),
    "small integers, then floats": lambda rng: (rng.integers(9, dtype=np.int32), rng.random(5)),
    "normal ones": lambda rng: rng.normal(size=1_000),
    "a shuffle": lambda rng: rng.permutation(100),
    "a choice": lambda rng: rng.choice(50, size=7, replace=False),
}


def generator(kind):
    return np.random.Generator(getattr(np.random, kind)(7))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("draw", DRAWS)
def test_drawing_is_all_right(kind, draw):
    before = generator(kind)
    before.integers(5, dtype=np.int32)  # half of a draw waits
    after = copy.deepcopy(before)
    DRAWS[draw](after)
    assert was_only_drawn_from(before, after)


def test_millions_of_draws_are_drawing_and_too_many_are_not():
    before = generator("PCG64")
    after = copy.deepcopy(before)
    after.bit_generator.advance(MOST_DRAWS)
    assert was_only_drawn_from(before, after)
    after.bit_generator.advance(1)
    assert not was_only_drawn_from(before, after)


def changed(given, **parts):
    return {**given, **parts}


@pytest.mark.parametrize("kind", KINDS)
def test_another_state_is_not(kind):
    before, other = generator(kind), np.random.Generator(getattr(np.random, kind)(8))
    assert not was_only_drawn_from(before, other)
    earlier = copy.deepcopy(before)
    before.random(3)
    assert not was_only_drawn_from(before, earlier)


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM"])
def test_the_half_of_a_draw_that_waits_was_drawn(kind):
    before, after = generator(kind), generator(kind)
    after.random(3)
    state = after.bit_generator.state
    after.bit_generator.state = changed(state, has_uint32=1, uinteger=12345)
    assert not was_only_drawn_from(before, after)
    after.bit_generator.state = changed(state, state=changed(state["state"], inc=3))
    assert not was_only_drawn_from(before, after)


def test_a_check_whose_generator_was_set_is_lost_and_says_so():
    source = notebook([cell(*row) for row in CELLS])
    source["cells"][5]["source"] = (
        "def slope(rng):\n    ### BEGIN SOLUTION\n    return rng.normal()\n    ### END SOLUTION"
    )
    source["cells"][6]["source"] = (
        "rng = secret_rng('x')\nslope(rng)\nassert rng.normal() != 0.12573022118836634"
    )
    assert checks(grade(source))["test_risk"].score == 3
    ways = {
        "rng.bit_generator.state = np.random.default_rng(0).bit_generator.state": 0,
        "rng.bit_generator.advance(-5)": 0,
        "rng.normal(size=1000)": 3,
    }
    for way, score in ways.items():
        check = checks(grade(source, risk=f"def slope(rng):\n    {way}\n    return 0.5"))[
            "test_risk"
        ]
        assert check.score == score
        assert score or "random generator" in check.message
