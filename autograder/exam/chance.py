"""The global random generators, numpy's old one and ``random``'s, shared by both sides of an exam.

A check that seeds them and then calls a student's function means one generator; so does a given
cell that draws data without a seed. The examiner's state goes along with every request, and what
the student's code left of it comes back.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograder.exam.wire import WireError

WORDS = 624  # of the Mersenne Twister's state

_OWN = "default_rng|Generator|SeedSequence|BitGenerator|RandomState|PCG64|MT19937|Philox|SFC64"
_USES = re.compile(rf"\brandom\.(?!{_OWN})[a-z]|\brandom import")


def uses(texts: Iterable[str]) -> bool:
    """Whether any of these cells looks as if it draws from a global generator."""
    return any(_USES.search(text) for text in texts)


def state() -> list[Any]:
    """Where both generators are, as plain data."""
    _, key, position, has_gauss, gauss = np.random.get_state()
    _, internal, gauss_next = random.getstate()
    return [key, position, has_gauss, gauss, np.array(internal, np.uint32), gauss_next]


def restore(value: Any) -> None:
    """Set both generators; WireError for what is no state of theirs."""
    try:
        key, position, has_gauss, gauss, internal, gauss_next = value
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
        raise WireError("a random generator in an impossible state.") from error
