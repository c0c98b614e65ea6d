"""How many values lie where, as bars for a page: the page's own colours, and no picture to load."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360.0, 150.0  # of the drawing; bars stand on HEIGHT
_MOST = 20  # bars


@dataclass(frozen=True)
class Bar:
    """One bar in drawing units, and how many values lie from ``low`` to ``high``."""

    x: float
    y: float
    width: float
    height: float
    count: int
    low: float
    high: float


@dataclass(frozen=True)
class Histogram:
    """Bars over an axis; ``ticks`` are values with their places, ``median`` is a place on it."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    median: float

    width = WIDTH
    height = HEIGHT


def histogram(values: Sequence[float], top: float = 0.0) -> Histogram:
    """Bars of 1, 2 or 5 times a power of ten; the axis goes from 0 to ``top`` or beyond.

    Of not more than 20 bars; the last has the values at the axis' end. ``values`` are not negative.
    """
    top = max(top, *values) or 1.0
    step = _step(top)
    number = max(1, math.ceil(top / step - 1e-9))
    counts = [0] * number
    for value in values:
        counts[min(int(value / step + 1e-9), number - 1)] += 1
    width, scale = WIDTH / number, HEIGHT / max(counts)
    bars = tuple(
        Bar(n * width, HEIGHT - height, width, height, count, n * step, (n + 1) * step)
        for n, count in enumerate(counts)
        if count and (height := max(2.0, count * scale))
    )
    every = math.ceil(number / 6)
    ticks = tuple((n * width, f"{n * step:.4g}") for n in range(0, number + 1, every))
    return Histogram(bars, ticks, statistics.median(values) / step * width)


def _step(top: float) -> float:
    """The smallest of 1, 2, 5, 10 ... (and their tenths) that needs no more than ``_MOST`` bars."""
    power = 10.0 ** math.floor(math.log10(top / _MOST))
    return next(power * n for n in (1, 2, 5, 10) if top / (power * n) <= _MOST)
