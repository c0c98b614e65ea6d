"""Do two implementations give the same, wherever a check may ask?

They are called with the arguments that the check asks the reference with, hidden ones included,
and with the same arguments drawn anew. So a mutant is found to be no mistake, and a cause to be
false that was named for a mutant.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from autograder.mutants.calls_seen import Call, Raised, alike, leaves, snapshot
from autograder.mutants.derive import ROUNDS, TICK, Mutant, Rounds
from autograder.mutants.readings import quiet, redrawn
from autograder.mutants.rerun import limited, rebound

DRAWS = 6  # of the arguments of each call, on which two have to agree
EXACTLY, NEARLY = 2, 1
DUST = 1e-12
_BY_A_LENGTH = re.compile(r"(divided|multiplied) by a length")  # of whichever array


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
    if any(_is_part(one, mutant) for one in readings):
        return True
    calls = [call for call in calls if call.name == mutant.function]
    told = [_values(one, calls, space) for one in readings]
    places = [(mutant.site, mutant.new), *mutant.also] if mutant.also else ()
    single = [replace(mutant, site=site, new=new, also=()) for site, new in places]
    return any(
        _alike_where_finite(values, theirs)
        for theirs in (_values(one, calls, space) for one in [mutant, *single] if one.code)
        for values in told
    )


def _alike_where_finite(values: Sequence[Any], others: Sequence[Any]) -> bool:
    """What overflows for one of two equal formulas says nothing about them."""
    pairs = zip(values, others, strict=True)
    return all(alike(a, b, 1e-6) or not (_finite(a) and _finite(b)) for a, b in pairs)


def _finite(value: Any) -> bool:
    numbers = [leaf for _, leaf in leaves(value) if isinstance(leaf, np.ndarray | float)]
    return all(bool(np.isfinite(one).all()) for one in numbers)


def _is_part(one: Mutant, mutant: Mutant) -> bool:
    if one is mutant or (mutant.also and one.kind == mutant.kind):
        return True
    one_says, mutant_is = (_BY_A_LENGTH.search(it.what) for it in (one, mutant))
    return bool(one_says and mutant_is and one_says[0] == mutant_is[0])


def _cleared(value: Any) -> Any:
    """The value with 0 for what rounding leaves of a sum that cancels."""
    if isinstance(value, np.ndarray | np.floating | float) and np.asarray(value).dtype.kind == "f":
        return value * (np.abs(value) >= DUST)
    if isinstance(value, dict):
        return {key: _cleared(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_cleared(item) for item in value)
    return value


def _values(mutant: Mutant, calls: Sequence[Call], space: dict[str, Any]) -> list[Any]:
    functions, rng, values = _written(mutant, space), np.random.default_rng(0), []
    with quiet():
        for call in calls:
            for draw in range(DRAWS):
                functions[TICK].left = ROUNDS
                drawn = call.drawn(partial(redrawn, rng=rng, draw=draw))
                try:
                    with limited():
                        values.append(_cleared(drawn.again(functions.get)))
                except Exception as error:
                    values.append(Raised(type(error).__name__))
    return values


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
        except Exception:
            return EXACTLY
        try:
            value = functions[call.name](*map(turned, snapshot(args)), **snapshot(call.kwargs))
        except Exception:
            return 0
    if not _finite(right):
        return NEARLY
    if not alike(value, right):
        return 0
    return EXACTLY if alike(value, right, rtol=0.0) else NEARLY
