"""Directions through the space of all parameters, and how far one may step along them.

A direction is a dict from parameter names to how fast they move: an array of the parameter's
shape, or `Entries` where only some of its entries move. Of ten million parameters a part of the
entries is then a small array, not a large one that is mostly zero.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point

NEGLIGIBLE = 1e-9  # entries smaller than this times the typical one have no size of their own
BLOCK = 2**17  # entries looked at together, where an array of all of them would cost memory


@dataclass(frozen=True)
class Entries:
    """A direction that moves the entries ``flat`` (of the raveled parameter) and no others."""

    flat: slice | np.ndarray
    values: np.ndarray


Direction = Mapping[str, np.ndarray | Entries]


def pieces(direction: Direction) -> Iterator[tuple[str, slice | np.ndarray, np.ndarray]]:
    """(name, which raveled entries, how fast each of them moves), without what is empty."""
    for name, d in direction.items():
        flat, values = (d.flat, d.values) if isinstance(d, Entries) else (slice(None), np.ravel(d))
        if values.size:
            yield name, flat, values


def blocks(
    flat: slice | np.ndarray, values: np.ndarray
) -> Iterator[tuple[slice | np.ndarray, np.ndarray]]:
    """One of the pieces, BLOCK entries at a time."""
    for start in range(0, values.size, BLOCK):
        part = slice(start, min(start + BLOCK, values.size))
        if isinstance(flat, slice):
            first, step = flat.start or 0, flat.step or 1
            yield slice(first + step * part.start, first + step * part.stop, step), values[part]
        else:
            yield flat[part], values[part]


def taken(array: np.ndarray, flat: slice | np.ndarray) -> np.ndarray:
    """Some entries of the raveled array; a view, where that can be."""
    some: np.ndarray = array.reshape(-1)[flat]
    return some


def moved(point: Point, direction: Direction, h: complex) -> Point:
    """point + h * direction; arrays that do not move are not copied."""
    there = dict(point)
    for name, flat, values in pieces(direction):
        array = point[name]
        there[name] = np.array(array, dtype=complex if isinstance(h, complex) else float)
        entries = there[name].reshape(-1)
        if isinstance(h, complex):
            entries.imag[flat] += h.imag * values
        else:
            entries[flat] += h * values
    return there


def claimed(gradient: Point, direction: Direction) -> float:
    """The slope along ``direction`` according to a gradient; sums pairwise, so accurately."""
    return float(sum(np.sum(taken(gradient[name], f) * d) for name, f, d in pieces(direction)))


def largest(direction: Direction) -> float:
    """The largest entry, by its size."""
    return max((float(np.max(np.abs(v))) for _, _, v in pieces(direction)), default=0.0)


def natural_step(
    point: Point,
    direction: Direction,
    unlike: Collection[str] = (),
    scale: Mapping[str, np.ndarray] | None = None,
) -> float:
    """The largest step that moves no entry by more than its own size."""
    steps = []
    for name, flat, values in pieces(direction):
        usual = typical(point[name])
        for some, block in blocks(flat, values):
            moving = block != 0
            if np.any(moving):
                size = natural_size(point[name], some, name in unlike, usual)
                if scale and name in scale:
                    size *= scale[name][some]
                steps.append(float(np.min(size[moving] / np.abs(block[moving]))))
    return min(steps, default=1.0)


def natural_size(
    array: np.ndarray,
    flat: slice | np.ndarray = slice(None),
    is_unlike: bool = False,
    usual: float | None = None,
) -> np.ndarray:
    """How far each entry can move before the loss changes its character: by its own size, since
    entries of one vector may have different units. An entry at zero has none; it takes the size
    that is typical of the others, or 1. So does one next to zero, unless ``is_unlike`` says that
    the units are so different that it has its own. ``usual``: ``typical(array)``, if known."""
    size = np.abs(taken(array, flat))
    usual = (typical(array) if usual is None else usual) or 1.0
    least = 0.0 if is_unlike else NEGLIGIBLE * usual
    return np.where(size > least, size, usual)


def typical(array: np.ndarray) -> float:
    """Root mean square of the entries that are not zero; 0 where all are."""
    flat = array.reshape(-1)
    blocks = [flat[start : start + BLOCK] for start in range(0, flat.size, BLOCK)]
    top = max((float(np.max(np.abs(block))) for block in blocks), default=0.0)
    if not top:
        return 0.0
    count = sum(np.count_nonzero(block) for block in blocks)
    squares = sum(float(np.sum(np.square(block / top))) for block in blocks)  # 1e-200 squared: 0
    return float(top * np.sqrt(squares / count))
