"""Has a random generator only been drawn from, or put into a state of somebody's choosing?

A generator that a check hands to a student's function comes back where that left it. Were any state
taken over, the function would choose the numbers that the check draws next.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exam.protocol.random_state import is_ahead

MOST_DRAWS = 1 << 22  # of 64 bits, by one call
STEPS = 1 << 16  # looked at one by one, where nothing better is known

_PCG = {  # bit generator -> multiplier of its linear congruential generator, modulo 2**128
    "PCG64": 0x2360ED051FC65DA44385DF649FCCF645,
    "PCG64DXSM": 0xDA942042E4DD58B5,
}
_MASK = (1 << 128) - 1


def was_only_drawn_from(before: np.random.Generator, after: np.random.Generator) -> bool:
    """Whether drawing takes a generator from the state of ``before`` to that of ``after``."""
    start, end = before.bit_generator.state, after.bit_generator.state
    if start["bit_generator"] != end["bit_generator"]:
        return False
    if _same(start, end):
        return True
    if start["bit_generator"] in _PCG:
        return _is_later_pcg(before, start, end)
    if start["bit_generator"] == "MT19937":
        places = (
            (start["state"]["key"], start["state"]["pos"]),
            (end["state"]["key"], end["state"]["pos"]),
        )
        return is_ahead(*places)
    return _is_a_few_steps_later(before, end)


def _is_later_pcg(before: np.random.Generator, start: Any, end: Any) -> bool:
    ours, theirs = start["state"], end["state"]
    if ours["inc"] != theirs["inc"]:
        return False
    multiplier = _PCG[start["bit_generator"]]
    draws = _distance(ours["state"], theirs["state"], multiplier, ours["inc"])
    if draws > MOST_DRAWS:
        return False
    if not end["has_uint32"]:
        return True
    if start["has_uint32"] and start["uinteger"] == end["uinteger"]:
        return True
    # Half of a draw is kept for later: it must be of one that was made.
    drawn = _copy(before).random_raw(draws)
    return bool(np.any(drawn >> np.uint64(32) == end["uinteger"]))


def _distance(start: int, end: int, multiplier: int, increment: int) -> int:
    """How many steps x -> multiplier x + increment, modulo 2**128, lead from start to end.

    Bit by bit: k steps of 2**i change no bit below the i-th (Brown, Random number generation with
    arbitrary strides, 1994).
    """
    steps, bit = 0, 1
    while start != end and steps <= MOST_DRAWS and bit <= MOST_DRAWS:
        if start & bit != end & bit:
            start = (start * multiplier + increment) & _MASK
            steps |= bit
        bit <<= 1
        increment = (multiplier + 1) * increment & _MASK
        multiplier = multiplier * multiplier & _MASK
    return steps if start == end else MOST_DRAWS + 1


def _is_a_few_steps_later(before: np.random.Generator, end: Any) -> bool:
    generator = _copy(before)
    for _ in range(STEPS):
        generator.random_raw(1, output=False)
        here = generator.state
        if _same(_without_half(here), _without_half(end)):
            return not end.get("has_uint32") or here.get("uinteger") == end.get("uinteger")
    return False


def _copy(generator: np.random.Generator) -> Any:
    made = type(generator.bit_generator)()
    made.state = generator.bit_generator.state
    return made


def _without_half(state: Any) -> Any:
    return {**state, "has_uint32": 0, "uinteger": 0}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(_same(one[key], other[key]) for key in one)
        )
    return bool(np.array_equal(one, other))
