"""The global random generators, numpy's old one and ``random``'s, shared by both sides of an exam.

A check that seeds them and then calls a student's function means one generator; so does a given
cell that draws data without a seed. The examiner's state goes along with every request, and the
examiner's generators go on from where the student's code left them: on, and nowhere else. Code
that sets the state cannot choose which numbers a check draws next.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograder.exam.protocol.codec import ProtocolError

WORDS = 624  # of the Mersenne Twister's state
FARTHEST = 2_000  # times that many draws, by one call or cell: a million and more

_OWN = "default_rng|Generator|SeedSequence|BitGenerator|RandomState|PCG64|MT19937|Philox|SFC64"
_USES = re.compile(rf"\brandom\.(?!{_OWN})[a-z]|\brandom import")


def is_used(texts: Iterable[str]) -> bool:
    """Whether any of these cells looks as if it draws from a global generator."""
    return any(_USES.search(text) for text in texts)


def get_state() -> list[Any]:
    """Where both generators are, as plain data."""
    _, key, position, has_gauss, gauss = np.random.get_state()
    _, internal, gauss_next = random.getstate()
    return [key, position, has_gauss, gauss, np.array(internal, np.uint32), gauss_next]


def advance_to(value: Any) -> None:
    """Go on to where the other side has drawn to; stay, where that is not ahead of here.

    ProtocolError for what is no state.
    """
    before = get_state()
    set_state(value)
    after = get_state()
    numpy_old, python_old = (before[0], before[1]), (before[4][:-1], int(before[4][-1]))
    if not is_ahead(numpy_old, (after[0], after[1])):
        after[:4] = before[:4]
    if not is_ahead(python_old, (after[4][:-1], int(after[4][-1]))):
        after[4:] = before[4:]
    set_state(after)


def is_ahead(start: tuple[Any, int], end: tuple[Any, int]) -> bool:
    """Whether a Mersenne Twister comes from one (words, place) to the other by drawing."""
    if np.array_equal(start[0], end[0]):
        return start[1] <= end[1]
    twister = np.random.MT19937()
    twister.state = {"bit_generator": "MT19937", "state": {"key": start[0], "pos": start[1]}}
    last = end[0][-1]
    for _ in range(FARTHEST):
        place = twister.state["state"]["pos"]
        twister.random_raw(WORDS - place + 1 if place else WORDS, output=False)
        key = twister.state["state"]["key"]
        if key[-1] == last and np.array_equal(key, end[0]):
            return True
    return False


def set_state(value: Any) -> None:
    """Set both generators; ProtocolError for what is no state of theirs."""
    try:
        if type(value) is not list:
            raise ValueError("not a list")
        key, position, has_gauss, gauss, internal, gauss_next = value
        if type(key) is not np.ndarray or type(internal) is not np.ndarray:
            raise ValueError("no words")
        if not {type(has_gauss), type(gauss), type(gauss_next)} <= {int, bool, float, type(None)}:
            raise ValueError("no number left over")
        words = [key, internal[:-1]]
        if any(part.dtype != np.uint32 or part.shape != (WORDS,) for part in words):
            raise ValueError("not the words of a Mersenne Twister")
        for place in (position, int(internal[-1])):
            if type(place) is not int or not 0 <= place <= WORDS:
                raise ValueError("no place in them")
        gauss_next = None if gauss_next is None else float(gauss_next)
        np.random.set_state(("MT19937", key, position, int(bool(has_gauss)), float(gauss)))
        random.setstate((3, tuple(internal.tolist()), gauss_next))
    except (TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise ProtocolError("a random generator in an impossible state.") from error
