"""Mistakes in a few entries, one row or one column, when the right gradient is known in full."""

from dataclasses import replace

import numpy as np

from mlpkit.gradcheck.explain.elementwise import shifted, times_parameter
from mlpkit.gradcheck.explain.mismatch import EXPLAINED, FITTED, Mismatch
from mlpkit.gradcheck.explain.penalty import penalised_alone
from mlpkit.gradcheck.explain.rearrange import axis_word, two_exchanged
from mlpkit.gradcheck.report import PARTLY, REST

FEW = 3
UNEVEN = 1e-2  # of the errors: what a rule explains it explains better than this
LINES = 1000  # rows or columns of which every pair is tried


def partial(mismatch: Mismatch) -> str | None:
    """Where the wrong entries are if most are right, and what is wrong with them."""
    if mismatch.right is None or mismatch.yours.size < 3:
        return None
    yours, right = mismatch.yours, mismatch.right
    wrong = np.abs(yours - right) > FITTED * np.maximum(np.abs(right), np.abs(yours))
    count = np.count_nonzero(wrong)
    if count == 0 or count == wrong.size:
        return None
    error = yours - right  # of float32, the tiny entries are off by most, and no place
    if np.linalg.norm(error[~wrong]) > EXPLAINED * np.linalg.norm(error):
        return None
    place, cause = where(wrong), inside(some_of(mismatch, right, wrong))
    if place is None or count > yours.size / 2:
        if cause == REST or mismatch.parameter is None:  # of toy numbers many are right by chance
            return None
        place = place or _run(wrong) or f"{count} of the {wrong.size} entries"
    verb = "is" if place.startswith(("entry ", "row ", "column ")) else "are"
    return f"{place} {PARTLY} {verb} wrong: {cause}"


def some_of(mismatch: Mismatch, right: np.ndarray, where: np.ndarray) -> Mismatch:
    """The same for some of the entries."""
    theta, some = mismatch.parameter, right[where]
    return replace(
        mismatch,
        yours=mismatch.yours[where],
        target=some,
        measure=np.ravel,
        right=some,
        parameter=None if theta is None or theta.shape != where.shape else theta[where],
        alike={name: array[where] for name, array in mismatch.alike.items()},
    )


def reordered(yours: np.ndarray, right: np.ndarray) -> str | None:
    """Rows, columns or the entries of a vector that stand in each other's place; of more axes the
    indices of one of them."""
    close = FITTED * np.linalg.norm(right)
    for axis in range(yours.ndim):
        mine, theirs = (np.moveaxis(a, axis, 0).reshape(a.shape[axis], -1) for a in (yours, right))
        moved = np.flatnonzero(np.linalg.norm(mine - theirs, axis=1) > close)
        apart = np.linalg.norm(mine[moved, None] - theirs[None, moved], axis=2)
        matches = apart <= close
        if len(moved) < 2 or np.any(matches.sum(axis=0) != 1) or np.any(matches.sum(axis=1) != 1):
            continue
        if len(moved) == 2:
            return f"yours has {two_exchanged(yours, axis, *moved)}"
        return f"yours has its {axis_word(yours, axis)} in another order"
    return None


def begun_late_or_early(yours: np.ndarray, right: np.ndarray) -> str | None:
    """Rows, or entries, that belong one place further on or back: one is lost at an end."""
    if yours.ndim not in (1, 2) or len(yours) < 3:
        return None
    word = "entry" if yours.ndim == 1 else "row"
    close = FITTED * np.linalg.norm(right)
    for mine, theirs, which, lost in (
        (yours[:-1], right[1:], "next", "first"),
        (yours[1:], right[:-1], "previous", "last"),
    ):
        apart = np.linalg.norm(right[1:] - right[:-1]) > close
        if apart and np.linalg.norm(mine - theirs) <= close:
            what = f"each {word} of yours is the {which} {word} of the right one"
            return f"{what}: the {lost} is missing"
    return None


def swapped(mismatch: Mismatch) -> str | None:
    """Two rows or columns in each other's place, where the right gradient is known only along
    directions: each pair changes the projections in its own way."""
    yours, directions = mismatch.yours, mismatch.directions
    if directions is None or yours.ndim != 2:
        return None
    missing = mismatch.target - mismatch.measure(yours)
    for axis, word in enumerate(("row", "column")):
        if yours.shape[axis] > LINES:
            continue
        lines, along = np.moveaxis(yours, axis, 0), np.moveaxis(directions, axis + 1, 1)
        crossed = along @ lines.T  # [k, i, j]: line j in the place of line i, along direction k
        own = np.diagonal(crossed, axis1=1, axis2=2)
        change = crossed + crossed.transpose(0, 2, 1) - own[:, :, None] - own[:, None, :]
        gaps = np.linalg.norm(change - missing[:, None, None], axis=0)
        i, j = sorted(np.unravel_index(gaps.argmin(), gaps.shape))
        if gaps[i, j] <= EXPLAINED * np.linalg.norm(missing):
            return f"yours has {word}s {i} and {j} exchanged"
    return None


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


def _run(wrong: np.ndarray) -> str | None:
    """Words for entries of a vector that stand side by side."""
    entries = np.flatnonzero(wrong)
    if wrong.ndim != 1 or entries[-1] - entries[0] + 1 != len(entries):
        return None
    return f"entries {entries[0]} to {entries[-1]}"


def inside(some: Mismatch) -> str:
    """What is wrong with entries of which both values are known."""
    yours, right = some.yours, some.target
    if not np.any(yours):
        return "zero, so perhaps never written"
    if not np.any(right):
        return "not zero, as the right one is there"
    with np.errstate(all="ignore"):
        ratios = yours / right
        spread = np.ptp(ratios) if np.all(np.isfinite(ratios)) else np.inf
    close = min(FITTED * np.abs(ratios).max(), UNEVEN * np.abs(ratios - 1).min())
    if spread <= close and (yours.size > 1 or some.names.is_simple(float(ratios[0]))):
        return some.names.factor(float(ratios[0])).removeprefix("yours is ")
    if yours.size > 1 and _are_same_numbers(yours, right):
        return "exchanged with each other" if yours.size == 2 else "right, but in another order"
    cause = times_parameter(some) or penalised_alone(some) or shifted(some)
    return cause.removeprefix("yours is ") if cause else REST


def _are_same_numbers(yours: np.ndarray, right: np.ndarray) -> bool:
    gap = np.linalg.norm(np.sort(yours, axis=None) - np.sort(right, axis=None))
    return bool(gap <= min(FITTED * np.linalg.norm(right), UNEVEN * np.linalg.norm(right - yours)))
