"""Mutants that are one reading in other words: they agree with each other on whatever they are given."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
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
        drawn = [redrawn(call.args, rng, draw) for draw in range(DRAWS)]
        bold = [redrawn(call.args, rng, 1, boldly=True) for _ in range(BOLD_DRAWS // len(calls))]
        half = len(bold) // 2
        for args in (*drawn, *bold[:half], *map(grown, bold[half:])):
            if functions and TICK in functions:
                functions[TICK].left = ROUNDS
            try:
                values.append(call.with_arguments(args).again((functions or {}).get))
            except Exception:
                values.append(_RAISES)
    return values


def grown(value: Any) -> Any:
    """The same arguments with one more entry along each axis, and whole numbers one larger.

    So n = 2 and y = 2 are not the same as 2. Axes of equal lengths keep equal lengths; an axis of
    length 1 stays. What was a label or an index is one still.
    """
    if type(value) is int:
        return value + 1
    if isinstance(value, np.ndarray) and value.ndim:
        return np.pad(value, [(0, int(length > 1)) for length in value.shape], mode="wrap")
    if isinstance(value, dict):
        return {key: grown(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(grown(item) for item in value)
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
