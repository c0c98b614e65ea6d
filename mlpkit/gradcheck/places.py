"""Mistakes in a few entries, one row or one column, when the right gradient is known in full."""

import numpy as np

from mlpkit.gradcheck.case import FITTED, Case
from mlpkit.gradcheck.constants import Names

FEW = 3
PARTLY = "of yours"
REST = "the rest is right"


def partial(case: Case) -> str | None:
    """Where the wrong entries are if most are right, and what is wrong with them."""
    if case.right is None or case.yours.size < 3:
        return None
    yours, right = case.yours, case.right
    wrong = np.abs(yours - right) > FITTED * np.maximum(np.abs(right), np.abs(yours))
    count = np.count_nonzero(wrong)
    if count == 0 or count > yours.size / 2:
        return None
    place = where(wrong)
    if place is None:
        return None
    verb = "are" if place.startswith("entries") else "is"
    return f"{place} {PARTLY} {verb} wrong: {inside(yours[wrong], right[wrong], case.names)}"


def where(wrong: np.ndarray) -> str | None:
    """Words for a mask: few entries, one row, one column."""
    entries = np.argwhere(wrong)
    if len(entries) <= FEW:
        listed = ", ".join(str([int(i) for i in index]) for index in entries)
        return f"entry {listed}" if len(entries) == 1 else f"entries {listed}"
    for axis, word in enumerate(("row", "column")[: wrong.ndim if wrong.ndim > 1 else 0]):
        lines = np.unique(entries[:, axis])
        if len(lines) == 1:
            last = " (the last one)" if lines[0] == wrong.shape[axis] - 1 else ""
            return f"{word} {lines[0]}{last}"
    return None


def inside(yours: np.ndarray, right: np.ndarray, names: Names) -> str:
    """What is wrong with entries of which both values are known."""
    if not np.any(yours):
        return "zero, so perhaps never written"
    with np.errstate(all="ignore"):
        ratios = yours / right
    is_even = np.all(np.isfinite(ratios)) and np.ptp(ratios) <= FITTED * np.abs(ratios).max()
    if is_even and (yours.size > 1 or names.is_simple(float(ratios[0]))):
        return names.factor(float(ratios[0])).removeprefix("yours is ")
    return REST
