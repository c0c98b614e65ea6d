"""Mutants that are one reading in other words: they agree with each other on whatever they are given."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from autograder.mutants.calls_seen import STOPPED, Call, Raised, alike, leaves, snapshot
from autograder.mutants.derive import ROUNDS, TICK, Mutant

VAGUE = "whole", "other_names", "averaged"  # operators whose words say least
WHOLE_NUMBERS = "loops", "indices", "in_place", "rounds"  # these are not drawn anew
CALLS, DRAWS = 4, 3  # of each call, on which two mutants have to agree
BOLD_DRAWS = 24  # of all calls: a case that one draw in eight meets is met
DUST, DUST32 = 1e-9, 1e-3  # below this, what is left of a sum that cancels may be rounding
_BY_A_LENGTH = re.compile(r"(divided|multiplied) by a length")  # of whichever array


def distinct(
    mutants: Sequence[Mutant],
    calls: Sequence[Call],
    built: Callable[[Mutant], dict[str, Any] | None],
    asked: Callable[[], Sequence[Call]] = tuple,
) -> list[Mutant]:
    """One mutant of each reading, those that say most first.

    ``built`` gives the functions of a mutant. Two mutants are one reading where they give the same
    for ``calls`` with other arguments, and for all that the check asks the reference, ``asked()``.
    """
    if len(mutants) < 2:
        return list(mutants)
    others = _Asked(asked, built)
    found: list[tuple[Mutant, list[Any]]] = []
    with quiet():
        for mutant in sorted(mutants, key=lambda one: (one.operator in VAGUE, bool(one.also))):
            values = values_of(_drawn(calls), built(mutant))
            if not any(
                repeats(mutant, one)
                or (
                    not _same_node(mutant, one)
                    and alike(values, other)
                    and others.alike(mutant, one)
                )
                for one, other in found
            ):
                found.append((mutant, values))
    return [mutant for mutant, _ in found]


class _Asked:
    """What mutants give for all that a check asks; worked out for those that are compared."""

    def __init__(
        self,
        asked: Callable[[], Sequence[Call]],
        built: Callable[[Mutant], dict[str, Any] | None],
    ) -> None:
        self.asked, self.built = cache(asked), built
        self.known: dict[Mutant, list[Any]] = {}

    def alike(self, one: Mutant, other: Mutant) -> bool:
        return alike_where_finite(self._values(one), self._values(other))

    def _values(self, mutant: Mutant) -> list[Any]:
        if mutant not in self.known:
            own = [call for call in self.asked() if call.name == mutant.function]
            self.known[mutant] = values_of(redrawn_calls(own), self.built(mutant))
        return self.known[mutant]


def alike_where_finite(values: Sequence[Any], others: Sequence[Any]) -> bool:
    """What overflows for one of two equal formulas says nothing about them."""
    pairs = zip(values, others, strict=True)
    return all(alike(a, b, 1e-6) or not (finite(a) and finite(b)) for a, b in pairs)


def finite(value: Any) -> bool:
    numbers = [leaf for _, leaf in leaves(value) if isinstance(leaf, np.ndarray | float)]
    return all(bool(np.isfinite(one).all()) for one in numbers)


def repeats(mutant: Mutant, one: Mutant) -> bool:
    """Whether the words of ``one`` hold of ``mutant`` whatever the values.

    Who believes something repeats it; and of a length it is said that it may be another array's.
    """
    by_length, same = (_BY_A_LENGTH.search(it.what) for it in (mutant, one))
    if by_length and same and by_length[0] == same[0]:
        return True
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


def values_of(calls: Iterable[Call], functions: dict[str, Any] | None) -> list[Any]:
    """What a mutant gives for some calls; ``functions`` holds it."""
    values: list[Any] = []
    for call in calls:
        if functions and TICK in functions:
            functions[TICK].left = ROUNDS
        try:
            values.append(_cleared(call.again((functions or {}).get)))
        except STOPPED as error:
            values.append(Raised(type(error).__name__))
    return values


def _cleared(value: Any) -> Any:
    """The value with 0 for what rounding leaves of a sum that cancels."""
    if isinstance(value, np.ndarray | np.floating | float) and np.asarray(value).dtype.kind == "f":
        return value * (
            np.abs(value) >= (DUST32 if np.asarray(value).dtype == np.float32 else DUST)
        )
    if isinstance(value, dict):
        return {key: _cleared(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_cleared(item) for item in value)
    return value


def redrawn_calls(calls: Iterable[Call], draws: int = DRAWS) -> Iterator[Call]:
    """Each call with its own arguments and with others much like these."""
    rng = np.random.default_rng(0)
    for call in calls:
        for draw in range(draws):
            yield call.drawn(partial(redrawn, rng=rng, draw=draw))


def _drawn(calls: Sequence[Call]) -> Iterator[Call]:
    """Calls with other arguments: much like their own, of either sign, and of other lengths."""
    rng, calls = np.random.default_rng(0), calls[:CALLS]
    for call in calls:
        for draw in range(DRAWS):
            yield call.drawn(partial(redrawn, rng=rng, draw=draw))
        for count in range(BOLD_DRAWS // len(calls)):
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
    if isinstance(value, float | np.floating) and boldly:
        return type(value)(rng.normal())
    if isinstance(value, float | np.floating) and value != np.round(value):
        return type(value)(value * rng.uniform(0.5, 1.0))
    return snapshot(value)
