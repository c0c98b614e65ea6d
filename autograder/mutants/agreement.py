"""Do two implementations give the same, wherever a check may ask?

They are called with the arguments that the check asks the reference with, hidden ones included,
and with the same arguments drawn anew. So a mutant is found to be no mistake, and a cause to be
false that was named for a mutant.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.mutants.calls_seen import STOPPED, Call, alike, snapshot
from autograder.mutants.derive import ROUNDS, TICK, Mutant, Rounds
from autograder.mutants.readings import (
    alike_where_finite,
    finite,
    quiet,
    redrawn,
    redrawn_calls,
    repeats,
    values_of,
)
from autograder.mutants.rerun import limited, rebound

DRAWS = 6  # of the arguments of each call, on which two have to agree
EXACTLY, NEARLY = 2, 1


def why_equivalent(mutant: Mutant, calls: Sequence[Call], space: dict[str, Any]) -> str:
    """Why a mutant is no mistake, "" where it is one.

    ``calls`` are those of its check, ``space`` holds the reference.
    """
    calls = [call for call in calls if call.name == mutant.function]
    functions = _written(mutant, space)
    rng = np.random.default_rng(0)
    exactly = EXACTLY
    for call in calls:
        for draw in range(DRAWS):
            args = redrawn(call.args, rng, draw)
            same = _agree(space[call.name], functions, call, args)
            if not same:
                return _at_ties_alone(mutant, calls, space, functions) or _backwards(
                    calls, space, functions
                )
            exactly = min(exactly, same)
    how = "to the last bit" if exactly == EXACTLY else "but for the rounding"
    return f"the same values, {how}, for {len(calls) * DRAWS} arguments"


def agrees(
    mutant: Mutant, readings: Sequence[Mutant], calls: Sequence[Call], space: dict[str, Any]
) -> bool:
    """Whether one of the readings gives the mutant's values for all arguments, or is a part of it.

    Who believes something repeats it: the sign is wrong in q where it is wrong in q and in p.
    """
    if any(one is mutant or repeats(mutant, one) for one in readings):
        return True
    calls = [call for call in calls if call.name == mutant.function]
    told = [_values(one, calls, space) for one in readings]
    places = [(mutant.site, mutant.new), *mutant.also] if mutant.also else ()
    single = [replace(mutant, site=site, new=new, also=()) for site, new in places]
    return any(
        alike_where_finite(values, theirs)
        for theirs in (_values(one, calls, space) for one in [mutant, *single] if one.code)
        for values in told
    )


def _values(mutant: Mutant, calls: Sequence[Call], space: dict[str, Any]) -> list[Any]:
    with quiet(), limited():
        return values_of(redrawn_calls(calls, DRAWS), _written(mutant, space))


def _written(mutant: Mutant, space: dict[str, Any]) -> dict[str, Any]:
    """A copy of the namespace with the mutant in it."""
    functions = {**rebound(space), TICK: Rounds()}
    assert mutant.code is not None
    exec(mutant.code, functions)
    return functions


def _at_ties_alone(
    mutant: Mutant, calls: Sequence[Call], space: dict[str, Any], functions: dict[str, Any]
) -> str:
    """Why > for >= is no mistake here: no check refuses it, and it agrees where nothing is equal."""
    if mutant.operator != "comparisons" or "the case of equality" not in mutant.what:
        return ""
    rng = np.random.default_rng(1)
    for call in calls:
        args = redrawn(call.args, rng, 1, boldly=True)
        if not _agree(space[call.name], functions, call, args):
            return ""
    return "it differs only where both sides are equal, and there the checks accept both"


class Backwards(np.random.Generator):
    """A generator that draws each permutation in the opposite order."""

    def permutation(self, *args: Any, **kwargs: Any) -> Any:
        return super().permutation(*args, **kwargs)[::-1]


def _backwards(calls: Sequence[Call], space: Mapping[str, Any], functions: dict[str, Any]) -> str:
    """Why another random order is no mistake: it is the reference's, drawn the other way round."""

    def turned(value: Any) -> Any:
        if isinstance(value, np.random.Generator):
            return Backwards(copy.deepcopy(value.bit_generator))
        return value

    drawing = [c for c in calls if any(isinstance(one, np.random.Generator) for one in c.args)]
    same = (_agree(space[c.name], functions, c, c.args, turned) for c in drawing)
    if not drawing or not all(same):
        return ""
    return (
        "it gives the reference's values where the generator draws the same order backwards, for "
        f"{len(drawing)} arguments: an order as random as the other"
    )


def _agree(
    reference: Any,
    functions: dict[str, Any],
    call: Call,
    args: Any,
    turned: Callable[[Any], Any] = lambda value: value,
) -> int:
    """Whether mutant and reference give the same: EXACTLY, NEARLY, or 0 if not.

    The mutant gets its arguments ``turned``.
    """
    functions[TICK].left = ROUNDS
    with limited():
        try:
            right = reference(*snapshot(args), **snapshot(call.kwargs))
        except STOPPED:
            return EXACTLY
        try:
            value = functions[call.name](*map(turned, snapshot(args)), **snapshot(call.kwargs))
        except STOPPED:
            return 0
    if not finite(right):
        return NEARLY
    if not alike(value, right):
        return 0
    return EXACTLY if alike(value, right, rtol=0.0) else NEARLY
