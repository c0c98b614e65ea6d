"""Why a gradient is wrong: which known mistake turns the right one into it.

Each step is a function from a mismatch to a sentence about "yours", or None. The first that fits
exactly wins; what fits only roughly is not said.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mlpkit.gradcheck.explain.constants import Names
from mlpkit.gradcheck.explain.elementwise import DIGITS, altered, uneven
from mlpkit.gradcheck.explain.mismatch import EXPLAINED, FITTED, Mismatch, solve
from mlpkit.gradcheck.explain.penalty import l1_penalised, penalised
from mlpkit.gradcheck.explain.rearrange import rearrangements
from mlpkit.gradcheck.explain.regions import begun_late_or_early, partial, reordered, swapped
from mlpkit.shapes import shape_message

__all__ = ["DIGITS", "diagnose", "explain_difference", "same_as"]


def explain_difference(
    yours: Any,
    right: Any,
    *,
    parameter: np.ndarray | None = None,
    name: str = "it",
    others: Mapping[str, np.ndarray] | None = None,
    constants: Mapping[str, float] | None = None,
    alternatives: Mapping[str, Any] | None = None,
) -> str | None:
    """Say how ``yours`` differs from the array ``right``, or None where no known mistake fits.

    The sentence is about "yours" and has no full stop: "yours is the right one times -1: the
    sign". ``parameter`` is the array that the gradient belongs to, of that ``name`` (to see a
    penalty that is missing or doubled); ``others`` are other right arrays with which it may have
    been exchanged; ``constants`` the numbers of the problem by symbol ({"N": 7, "lambda": 0.1});
    ``alternatives`` wrong arrays by the sentence that each explains ({"sigma' is left out": a}).
    """
    if yours is None:
        return "yours is None: is a return statement missing?"
    yours, right = np.asarray(yours), np.asarray(right)
    if yours.dtype.kind not in "fiub" or right.dtype.kind not in "fiub":
        return None
    if yours.shape != right.shape:
        return shape_message(yours.shape, right.shape)
    if not np.all(np.isfinite(yours)):
        return "yours holds NaN or infinite entries" if np.all(np.isfinite(right)) else None
    if yours.dtype.kind in "iub" and np.any(right != np.trunc(right)):
        return "yours holds integers, which cut off the digits: use floats"
    mismatch = Mismatch(
        yours.astype(float),
        right.astype(float).ravel(),
        right=right.astype(float),
        parameter=parameter,
        name=name,
        names=Names(constants),
        alternatives=_arrays(alternatives, right.shape),
        others=_arrays(others, None),
    )
    return None if np.array_equal(yours, right) else diagnose(mismatch)


def _arrays(
    given: Mapping[str, Any] | None, shape: tuple[int, ...] | None
) -> dict[str, np.ndarray]:
    arrays = {key: np.asarray(value, dtype=float) for key, value in (given or {}).items()}
    return {key: a for key, a in arrays.items() if shape is None or a.shape == shape}


def diagnose(mismatch: Mismatch) -> str | None:
    """The first explanation that fits, or None."""
    for step in STEPS:
        sentence = step(mismatch)
        if sentence:
            return sentence
    return None


def same_as(
    yours: np.ndarray, alternatives: Mapping[str, np.ndarray], relative: float
) -> str | None:
    """The sentence of the wrong gradient that yours is; much nearer to it than to the right one,
    from which yours is off by ``relative``."""
    size = float(np.linalg.norm(yours))
    for sentence, wrong in alternatives.items():
        if size and np.linalg.norm(yours - wrong) <= min(FITTED, EXPLAINED * relative) * size:
            return sentence
    return None


def known_alternative(mismatch: Mismatch) -> str | None:
    """Yours is a wrong gradient that the caller described, perhaps times a constant."""
    relative = mismatch.size / float(np.linalg.norm(mismatch.target) or 1.0)
    exactly = same_as(mismatch.yours, mismatch.alternatives, relative)
    if exactly:
        return exactly
    size = float(np.linalg.norm(mismatch.yours))
    for sentence, wrong in mismatch.alternatives.items():
        fit = solve([wrong.ravel()], mismatch.yours.ravel(), size)
        factor = None if fit is None else mismatch.names.find(fit[0])
        if factor and factor != "1" and not _is_right(mismatch, wrong):
            return f"{sentence}; and a factor of {factor}"
    return None


def _is_right(mismatch: Mismatch, array: np.ndarray) -> bool:
    """Whether an alternative is in truth the right gradient, here, up to a factor."""
    return mismatch.fit(array) is not None


def zero(mismatch: Mismatch) -> str | None:
    if not np.any(mismatch.yours) and np.any(mismatch.target):
        return "yours is zero everywhere: it is never computed, or its factor vanishes"
    return None


def scaled(mismatch: Mismatch) -> str | None:
    """right = c yours"""
    fit = mismatch.fit(mismatch.yours)
    if fit is None:
        return None
    factor = float(1 / fit[0])
    if mismatch.names.find(factor):
        return mismatch.names.factor(factor)
    for length, words in _lengths(mismatch.yours):
        for power, verb in ((1, "multiplied"), (-1, "divided")):
            if length > 1 and abs(factor * length**-power - 1) <= FITTED:
                return f"yours is the right one {verb} by {length:.6g}, {words}"
    if (
        abs(np.linalg.norm(mismatch.yours) - 1) <= FITTED
        or abs(np.abs(mismatch.yours).max() - 1) <= FITTED
    ):
        return f"yours is the right one times {factor:.6g}, so that its length is 1: normalised?"
    return mismatch.names.factor(factor)


def _lengths(yours: np.ndarray) -> Iterator[tuple[int, str]]:
    axes = ("rows", "columns") if yours.ndim == 2 else ("entries",)
    yield from (
        (n, f"as many as it has {axis}") for n, axis in zip(yours.shape, axes, strict=False)
    )
    yield yours.size, "as many as it has entries"


def rearranged(mismatch: Mismatch) -> str | None:
    """The right numbers in the wrong order."""
    for sentence, array in rearrangements(mismatch.yours):
        if np.array_equal(array, mismatch.yours):
            continue
        fit = mismatch.fit(array)
        if fit is not None:
            return sentence + _times(mismatch, 1 / fit[0])
    if mismatch.right is None:
        return swapped(mismatch)
    return reordered(mismatch.yours, mismatch.right) or begun_late_or_early(
        mismatch.yours, mismatch.right
    )


def exchanged(mismatch: Mismatch) -> str | None:
    """Another parameter's gradient."""
    for other, array in mismatch.exchanged.items():
        for sentence, form in _forms(array, mismatch.yours.shape):
            fit = mismatch.fit(form)
            if fit is not None:
                what = f"the right one is what you return for {other}{sentence}: exchanged"
                return what + _times(mismatch, 1 / fit[0])
    for other, array in mismatch.exchanged.items():
        for sentence, form in _forms(array, mismatch.yours.shape):
            if np.array_equal(form, mismatch.yours):
                return f"yours is what you also return for {other}{sentence}"
    for other, array in mismatch.others.items():
        for sentence, form in _forms(array, mismatch.yours.shape):
            fit = solve(
                [form.ravel()], mismatch.yours.ravel(), float(np.linalg.norm(mismatch.yours))
            )
            if fit is not None:
                return f"yours is the one for {other}{sentence}" + _times(mismatch, fit[0])
    return None


def _forms(array: np.ndarray, shape: tuple[int, ...]) -> Iterator[tuple[str, np.ndarray]]:
    if array.shape == shape:
        yield "", array
    if array.ndim == 2 and array.T.shape == shape:
        yield ", transposed", array.T


def _times(mismatch: Mismatch, factor: float) -> str:
    return "" if abs(factor - 1) <= FITTED else f", times {mismatch.names.show(factor)}"


def mixed_with_penalty(mismatch: Mismatch) -> str | None:
    """yours = c wrong + e parameter, for a wrong gradient that the caller described."""
    if mismatch.parameter is None or not np.any(mismatch.parameter):
        return None
    size = float(np.linalg.norm(mismatch.yours))
    for sentence, wrong in mismatch.alternatives.items():
        fit = solve([wrong.ravel(), mismatch.parameter.ravel()], mismatch.yours.ravel(), size)
        if (
            fit is not None
            and mismatch.names.find(fit[0])
            and mismatch.fit(wrong, mismatch.parameter) is None
        ):
            part = f"{mismatch.names.show(fit[1])} {mismatch.name}"
            return f"{sentence}{_times(mismatch, fit[0])}; and the penalty is off by {part}"
    return None


STEPS: tuple[Callable[[Mismatch], str | None], ...] = (
    known_alternative,
    zero,
    scaled,
    penalised,
    l1_penalised,
    rearranged,
    exchanged,
    mixed_with_penalty,
    altered,
    partial,
    uneven,
)
