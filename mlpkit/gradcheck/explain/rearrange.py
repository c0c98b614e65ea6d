"""The right numbers in the wrong order: transposed, reversed, shifted, blocks exchanged."""

from collections.abc import Iterator
from itertools import combinations, permutations

import numpy as np

AXES = 4  # arrays of more axes are left alone: too many orders to try
TWICE = 2**17  # entries up to which two things at once are tried
BLOCKS = (2, 3, 4)  # gates that stand side by side in one array

Candidate = tuple[str, np.ndarray]  # (what was done, the array with that undone)


def rearrangements(yours: np.ndarray) -> Iterator[Candidate]:
    """Orders in which ``yours`` may have been meant, the likeliest first."""
    if yours.ndim > AXES:
        return
    yield from _axes(yours)
    yield from _reversed(yours)
    yield from _shifted(yours)
    yield from _blocks(yours)
    if yours.ndim > 2 and yours.size <= TWICE:
        yield from _exchanged_and_reversed(yours)


def _axes(yours: np.ndarray) -> Iterator[Candidate]:
    if yours.ndim == 2:
        if yours.shape[0] == yours.shape[1]:
            yield "yours is the transpose of the right one", yours.T
        mixed = "yours has rows and columns exchanged: reshape was used where a transpose is meant"
        yield mixed, yours.reshape(yours.shape[::-1]).T
        yield mixed, yours.ravel(order="F").reshape(yours.shape)
        return
    for order in permutations(range(yours.ndim)):
        moved = [axis for axis, other in enumerate(order) if axis != other]
        undone = yours.transpose(np.argsort(order))
        if moved and undone.shape == yours.shape:
            how = "exchanged" if len(moved) == 2 else f"in the order {order}"
            yield f"yours has its axes {_listed(moved)} {how}", undone


def _reversed(yours: np.ndarray) -> Iterator[Candidate]:
    axes = [axis for axis, length in enumerate(yours.shape) if length > 1]
    for count in range(1, len(axes) + 1):
        for some in combinations(axes, count):
            yield f"yours has {_lines(yours, some)} in reverse order", np.flip(yours, some)


def _shifted(yours: np.ndarray) -> Iterator[Candidate]:
    for axis in range(yours.ndim):
        for shift in (1, -1):
            what = f"yours has {_lines(yours, (axis,))} shifted by one: an index that is off by one"
            yield what, np.roll(yours, shift, axis)


def _blocks(yours: np.ndarray) -> Iterator[Candidate]:
    """Equal blocks of rows or columns in each other's place."""
    for axis, length in enumerate(yours.shape):
        for count in BLOCKS:
            if length % count:
                continue
            parts = np.split(yours, count, axis)
            for order in permutations(range(count)):
                moved = [block for block, other in enumerate(order) if block != other]
                if not moved:
                    continue
                undone = np.concatenate([parts[k] for k in np.argsort(order)], axis)
                what = _block_names(yours, axis, length // count, moved)
                gates = ": two gates, or halves, in each other's place?" * (length > count)
                yield f"yours has {what}{gates}", undone


def _exchanged_and_reversed(yours: np.ndarray) -> Iterator[Candidate]:
    """Both at once, as in a convolution that is undone: channels exchanged and kernels flipped."""
    for a, b in combinations(range(yours.ndim), 2):
        if yours.shape[a] == yours.shape[b]:
            swapped = yours.swapaxes(a, b)
            for what, undone in _reversed(swapped):
                yield f"{what}, and axes {a} and {b} exchanged", undone


def _block_names(yours: np.ndarray, axis: int, size: int, moved: list[int]) -> str:
    if len(moved) > 2:
        of = "its " if size == 1 else f"its blocks of {size} "
        return f"{of}{axis_word(yours, axis)} in another order"
    ends = ((block * size, (block + 1) * size - 1) for block in moved)
    return two_exchanged(yours, axis, *(f"{a} to {b}" if b > a else f"{a}" for a, b in ends))


def two_exchanged(yours: np.ndarray, axis: int, one: object, other: object) -> str:
    """Words for two places of an axis: rows, columns, entries, or indices of it."""
    if yours.ndim > 2:
        return f"indices {one} and {other} of axis {axis} exchanged"
    return f"{axis_word(yours, axis)} {one} and {other} exchanged"


def axis_word(yours: np.ndarray, axis: int) -> str:
    if yours.ndim == 1:
        return "entries"
    return ("rows", "columns")[axis] if yours.ndim == 2 else f"indices of axis {axis}"


def _lines(yours: np.ndarray, axes: tuple[int, ...]) -> str:
    if yours.ndim < 3:
        return "its " + " and ".join(axis_word(yours, axis) for axis in axes)
    return f"its ax{'e' if len(axes) > 1 else 'i'}s {_listed(axes)}"


def _listed(numbers: list[int] | tuple[int, ...]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last
