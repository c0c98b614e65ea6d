"""Mistakes entry by entry, which show once the right gradient is known in full."""

from collections.abc import Iterator

import numpy as np

from mlpkit.gradcheck.explain.constants import functions
from mlpkit.gradcheck.explain.mismatch import FITTED, Mismatch

CLOSER = 0.1  # of what the right gradient is away: an explanation has to be nearer
DIGITS = "the digits of"
_LEFT_OUT = "is that factor of the chain rule left out?"
ENOUGH = 3  # entries that are off by the same number: no chance


def altered(mismatch: Mismatch) -> str | None:
    """Something that was done to every entry, or summed over an axis."""
    if mismatch.right is None or mismatch.yours.size < 2:
        return _rounded(mismatch)
    if (
        np.count_nonzero(np.abs(mismatch.yours - mismatch.right) > FITTED * np.abs(mismatch.right))
        < 2
    ):
        return _rounded(mismatch)  # one entry alone is no rule
    for sentence, array in (*_functions(mismatch, mismatch.right), *_sums(mismatch.right)):
        if _fits(array, mismatch.yours, mismatch.right):
            return sentence
    return shifted(mismatch) or _rounded(mismatch)


def pointwise(mismatch: Mismatch) -> str | None:
    """Something that was done to every entry, as a sample of entries tells it."""
    yours, right = mismatch.yours, mismatch.right
    if right is None or np.count_nonzero(np.abs(yours - right) > FITTED * np.abs(right)) < 2:
        return None
    for sentence, array in _functions(mismatch, right):
        if _fits(array, yours, right):
            return sentence
    return None


def _fits(array: np.ndarray, yours: np.ndarray, right: np.ndarray) -> bool:
    """Whether this is yours, and nearer to it than the right gradient is: |x| of positive entries
    explains nothing."""
    gap = float(np.linalg.norm(array - yours))
    near = min(FITTED * np.linalg.norm(yours), CLOSER * np.linalg.norm(right - yours))
    return bool(gap <= near)


def _functions(mismatch: Mismatch, right: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    limit = np.abs(mismatch.yours).max()
    yield "yours is the absolute value of the right one", np.abs(right)
    yield "yours is minus the absolute value of the right one", -np.abs(right)
    yield "yours is the square of the right one", right**2
    if np.any(right > 0) and np.any(right < 0):  # else it is ones, which other mistakes give, too
        yield "yours is only the sign of the right one", np.sign(right)
    yield "yours is the right one with its negative entries cut off", np.maximum(right, 0)
    yield "yours is the right one with its positive entries cut off", np.minimum(right, 0)
    if np.count_nonzero(np.abs(mismatch.yours) == limit) > 1:
        text = f"yours is the right one clipped to at most {limit:.6g}"
        yield text, np.clip(right, -limit, limit)
    for limit, cut, side in (
        (mismatch.yours.max(), np.minimum, "above"),
        (mismatch.yours.min(), np.maximum, "below"),
    ):
        if 1 < np.count_nonzero(mismatch.yours == limit) < mismatch.yours.size:
            yield f"yours is the right one cut off {side} {limit:.6g}", cut(right, limit)
    yield from of_parameter(mismatch, right)


def of_parameter(mismatch: Mismatch, right: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """A factor that the chain rule may hold, left out or once too much."""
    each = ", entry by entry" if mismatch.yours.size > 1 else ""
    own = {} if mismatch.parameter is None else {mismatch.name: mismatch.parameter}
    for name, array in (own | dict(mismatch.alike)).items():
        for text, values in functions(name, array):
            with np.errstate(all="ignore"):
                yield f"yours is the right one times {text}{each}", right * values
                yield f"yours is the right one over {text}{each}: {_LEFT_OUT}", right / values


def times_parameter(mismatch: Mismatch) -> str | None:
    """The message for a function of the parameter as a factor, in all of the entries given."""
    yours, right = mismatch.yours, mismatch.right
    if right is None:
        return None
    for sentence, array in of_parameter(mismatch, right):
        if _fits(array, yours, right):
            return sentence
    return None


def shifted(mismatch: Mismatch) -> str | None:
    """The same number added to every entry of a gradient; toy numbers differ so by chance."""
    yours, right = mismatch.yours, mismatch.right
    if right is None or mismatch.parameter is None or yours.size < ENOUGH:
        return None
    error = yours - right
    size = float(np.mean(error))
    if np.ptp(error) > FITTED * abs(size):
        return None
    shown = mismatch.names.show(abs(size))
    return f"yours is the right one {'plus' if size > 0 else 'minus'} {shown}, entry by entry: a \
term that is the same in all of them is off"


def _sums(right: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    added = np.cumsum(right).reshape(right.shape)
    yield "yours is the right one summed up entry after entry (cumsum)", added
    for axis in range(right.ndim if right.ndim > 1 else 0):
        for word, reduced in (
            ("sum", right.sum(axis, keepdims=True)),
            ("mean", right.mean(axis, keepdims=True)),
        ):
            text = (
                f"yours is the {word} of the right one over axis {axis}, repeated along that axis"
            )
            yield text, np.broadcast_to(reduced, right.shape)
    yield "yours is the sum of all entries, repeated", np.full(right.shape, right.sum())
    yield "yours is the mean of all entries, repeated", np.full(right.shape, right.mean())


def _rounded(mismatch: Mismatch) -> str | None:
    """Fewer digits than there should be; seen on yours alone, with a mismatch of that size."""
    yours, relative = mismatch.yours, mismatch.size / (np.linalg.norm(mismatch.target) or 1.0)
    if yours.size < 2 or not np.any(yours):
        return None
    with np.errstate(over="ignore"):
        for kind, limit in ((np.float32, 1e-5), (np.float16, 1e-2)):
            if np.array_equal(yours, yours.astype(kind)) and relative < limit:
                return f"yours has only {DIGITS} {kind.__name__}"
    for digits in range(9):
        if mismatch.right is not None and np.any(np.abs(yours - mismatch.right) >= 10.0**-digits):
            return None  # so far off is no rounding
        error = 10.0**-digits * 1.5 * np.sqrt(mismatch.target.size * yours.size)
        if np.array_equal(yours, np.round(yours, digits)) and mismatch.size <= error:
            if digits == 0:
                return "yours is cut to whole numbers: integer arrays lose the digits"
            return f"yours is rounded to {digits} decimals"
    return None


def uneven(mismatch: Mismatch) -> str | None:
    """Every row, or every column, is right up to a factor of its own."""
    yours, right = mismatch.yours, mismatch.right
    if right is None or yours.ndim != 2 or min(yours.shape) < 2:
        return None
    for axis, word in ((1, "row"), (0, "column")):
        if not np.ptp(right, axis=axis).any():  # a factor explains any row of equal numbers
            continue
        numerator = np.sum(yours * right, axis=axis, keepdims=True)
        denominator = np.sum(right * right, axis=axis, keepdims=True)
        factors = np.divide(
            numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0
        )
        if _fits(factors * right, yours, right):
            shown = ", ".join(f"{f:.4g}" for f in factors.ravel()[:3])
            return f"every {word} of yours is the right one times a factor of its own ({shown}, \
...): a vector along the {word}s is left out, doubled or the wrong one"
    return None
