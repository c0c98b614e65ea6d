"""Mutants that are one reading in other words: they agree with each other on whatever they are given."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograder.mutants.calls_seen import Call, alike, snapshot
from autograder.mutants.derive import ROUNDS, TICK, Mutant

VAGUE = "whole", "other_names", "averaged"  # operators whose words say least
WHOLE_NUMBERS = "loops", "indices", "in_place", "rounds"  # these are not drawn anew
CALLS, DRAWS = 4, 3  # on which two mutants have to agree
BOLD_DRAWS = 24  # of all calls: a case that one draw in eight meets is met
_RAISES = "it raises"


def distinct(
    mutants: Sequence[Mutant],
    calls: Sequence[Call],
    built: Callable[[Mutant], dict[str, Any] | None],
) -> list[Mutant]:
    """One mutant of each reading, those that say most first.

    ``built`` gives the functions of a mutant. The arguments of ``calls`` are drawn anew.
    """
    if len(mutants) < 2:
        return list(mutants)
    found: list[tuple[Mutant, list[Any]]] = []
    with quiet():
        for mutant in sorted(mutants, key=lambda one: (one.operator in VAGUE, bool(one.also))):
            values = _values(calls, built(mutant))
            if not any(
                _repeats(mutant, one) or (alike(values, other) and not _same_node(mutant, one))
                for one, other in found
            ):
                found.append((mutant, values))
    return [mutant for mutant, _ in found]


def _repeats(mutant: Mutant, one: Mutant) -> bool:
    return bool(mutant.also) and mutant.kind == one.kind


def _same_node(mutant: Mutant, one: Mutant) -> bool:
    """Two readings of one length or index: where they agree, the shapes are at fault."""
    return mutant.operator == one.operator in WHOLE_NUMBERS and mutant.site == one.site


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of wrong formulas."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _values(calls: Sequence[Call], functions: dict[str, Any] | None) -> list[Any]:
    rng = np.random.default_rng(0)
    values, calls = [], calls[:CALLS]
    for call in calls:
        for drawn in _draws(call, rng, BOLD_DRAWS // len(calls)):
            if functions and TICK in functions:
                functions[TICK].left = ROUNDS
            try:
                values.append(drawn.again((functions or {}).get))
            except Exception:
                values.append(_RAISES)
    return values


def _draws(call: Call, rng: np.random.Generator, bold: int) -> Iterator[Call]:
    """The call with other arguments: much like its own, of either sign, and of other lengths."""
    for draw in range(DRAWS):
        yield call.drawn(partial(redrawn, rng=rng, draw=draw))
    for count in range(bold):
        other = call.drawn(partial(redrawn, rng=rng, draw=1, boldly=True))
        if count % 2:
            other = other.drawn(partial(grown, at_least=1 if count % 4 == 1 else 2))
        yield other


def grown(value: Any, at_least: int = 2) -> Any:
    """The same arguments with one more entry along each axis, and whole numbers one larger.

    So n = 2 and y = 2 are not the same as 2. Axes of equal lengths keep equal lengths; one that is
    shorter than ``at_least`` stays. What was a label or an index is one still.
    """
    if type(value) is int:
        return value + 1
    if isinstance(value, np.ndarray) and value.ndim:
        return np.pad(value, [(0, int(length >= at_least)) for length in value.shape], mode="wrap")
    if isinstance(value, dict):
        return {key: grown(item, at_least) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(grown(item, at_least) for item in value)
    return value


def redrawn(value: Any, rng: np.random.Generator, draw: int, boldly: bool = False) -> Any:
    """The same arguments with other floats: as they are in the first draw, then scaled.

    What holds whole numbers only, such as labels, stays; what lies between 0 and 1 stays there;
    unless they are drawn ``boldly``: then all floats are new ones of either sign.
    """
    if draw == 0:
        return snapshot(value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size:
        if boldly:
            return np.asarray(rng.normal(size=value.shape), dtype=value.dtype)
        if (value == np.round(value)).all():
            return value.copy()
        share = (value >= 0).all() and (value <= 1).all()
        factor = rng.uniform(0.5, 1.0 if share else 1.5, value.shape)
        return (value * factor ** (draw % 3)).astype(value.dtype)
    if isinstance(value, dict):
        return {key: redrawn(item, rng, draw, boldly) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(redrawn(item, rng, draw, boldly) for item in value)
    if type(value) is float and boldly:
        return float(rng.normal())
    if type(value) is float and value != round(value):
        return value * rng.uniform(0.5, 1.0)
    return snapshot(value)
