"""A value that is not finite, of a function that is right everywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograder.mutants.calls_seen import Call, alike, leaves

LARGE = 80.0  # exp of it is beyond float32; of 710 beyond float64


def about_not_finite(call: Call, right: Any, others: Sequence[tuple[Any, Any]]) -> str:
    """The cause, for a student; "" where it is not known.

    ``others`` are the pairs (theirs, right) of the function's other calls: where these agree, the
    formula is right, and what is special about the arguments of ``call`` is at fault.
    """
    others = [pair for pair in others if _finite(pair[1])]
    if _finite(call.value) or not _finite(right) or not others:
        return ""
    if not all(alike(theirs, ours) for theirs, ours in others):
        return ""
    inputs = list(_numbers((call.args, call.kwargs)))
    largest = max((float(np.abs(one).max(initial=0)) for one in inputs), default=0.0)
    if largest >= LARGE:
        return (
            "the formula is right for numbers of ordinary size; at the large ones of this case exp "
            "overflows, or gives 0 of which the logarithm is taken"
        )
    if any((one == 0).any() for one in inputs):
        return (
            "the formula is right elsewhere; where an entry is exactly 0, log 0 or a division by "
            "0 is infinite, and 0 times that is NaN"
        )
    return ""


def _numbers(value: Any) -> Iterator[np.ndarray]:
    for _, leaf in leaves(value):
        if isinstance(leaf, np.ndarray | np.number | float):
            array = np.asarray(leaf)
            if array.dtype.kind == "f":
                yield array


def _finite(value: Any) -> bool:
    return all(bool(np.isfinite(one).all()) for one in _numbers(value))
