"""Few random directions that see an error in any single entry of the gradient.

Along d the right gradient gives the slope of the loss: sum_i g_i d_i = dL/dt L(x + t d). With
d_i = sign * U(0.5, 1.5) / abs(g_i) every entry contributes about one, however small it is, so an
entry that is off by a relative delta shows as delta: nothing is swamped by larger entries or by
other parameters. Pure signs would cancel exactly on pairs of errors; U(0, 1) hides entries.

What rounding may explain grows like the root of the number of terms, so large arrays are taken in
parts. There is no absolute tolerance: all of it scales with the loss.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.derivative import UNIT, Engine, Slope, typical

PART = 200_000  # entries that one direction covers at most
ROUNDINGS = 32  # rounding errors of one standard deviation each that a slope may show
FLOORS = (1 / 4, 1e-6)  # entries smaller than this times the typical one get no larger weight


@dataclass(frozen=True)
class Residual:
    """gradient . d minus the slope of the loss along d, and what rounding can explain of it."""

    value: float
    tolerance: float
    weight: float  # what the residual would be if every entry were off by 100 %

    @property
    def is_zero(self) -> bool:
        return abs(self.value) <= self.tolerance or np.isinf(self.tolerance)

    @property
    def bound(self) -> float:
        """Relative error that an entry which is not tiny could have without being seen."""
        return 2 * self.tolerance  # such an entry contributes at least a half

    @property
    def relative(self) -> float:
        return abs(self.value) / self.weight if self.weight else np.inf

    def __add__(self, other: "Residual") -> "Residual":
        """Along the sum of two directions that have no entry in common."""
        return self._with(self.value + other.value, other)

    def __sub__(self, part: "Residual") -> "Residual":
        """What is left without a part of the direction."""
        return self._with(self.value - part.value, part)

    def _with(self, value: float, other: "Residual") -> "Residual":
        tolerance = np.hypot(self.tolerance, other.tolerance)  # independent roundings
        return Residual(value, float(tolerance), float(np.hypot(self.weight, other.weight)))


class Screen:
    """Residuals of one gradient at one point, along directions weighted by that gradient."""

    def __init__(self, engine: Engine, gradient: Point, rng: np.random.Generator) -> None:
        self.engine, self.gradient, self.rng = engine, gradient, rng
        self.size = {name: typical(g) for name, g in gradient.items()}
        self.noise = 1.0  # factor on the tolerance, raised by what re-evaluation shows

    def direction(self, name: str, floor: float = FLOORS[0]) -> np.ndarray:
        """Random direction for one parameter in which its entries contribute alike."""
        g = self.gradient[name]
        size = self.size[name] or max(self.size.values()) or 1.0
        weights = self.rng.uniform(0.5, 1.5, g.shape) / np.maximum(np.abs(g), floor * size)
        return self.rng.choice((-1.0, 1.0), g.shape) * weights

    def relative_direction(self) -> Point:
        """Random direction in proportion to each parameter's size, for steps of real size."""
        return {
            name: (typical(array) or 1.0)
            * self.rng.choice((-1.0, 1.0), array.shape)
            * self.rng.uniform(0.5, 1.5, array.shape)
            for name, array in self.engine.point.items()
        }

    def parts(self, floor: float) -> Iterator[Point]:
        """Directions that together cover all parameters, PART entries at most in each. A gradient
        that is all zero goes alone: the slope there must vanish next to nothing else."""
        part, size = {}, 0
        for name, g in self.gradient.items():
            if not g.size:
                continue
            d = self.direction(name, floor)
            if not self.size[name]:
                yield {name: d}
                continue
            for start in range(0, g.size, PART):
                if size and size + min(PART, g.size - start) > PART:
                    yield part
                    part, size = {}, 0
                part[name] = d if g.size <= PART else _only(d, start, start + PART)
                size += min(PART, g.size - start)
        if part:
            yield part

    def residual(self, direction: Point) -> Residual:
        return self.compare(direction, self.engine.slope(direction))

    def compare(self, direction: Point, slope: Slope) -> Residual:
        """The gradient's claim along ``direction`` against the slope found there."""
        tolerance = self.tolerance(direction) + slope.error
        return Residual(self.claim(direction) - slope.value, tolerance, self.weight(direction))

    def claim(self, direction: Point) -> float:
        """The slope along ``direction`` according to the gradient; sums pairwise, so accurately."""
        return float(sum(np.sum(self.gradient[name] * d) for name, d in direction.items()))

    def tolerance(self, direction: Point) -> float:
        """What rounding can explain along ``direction``."""
        return self.noise * ROUNDINGS * UNIT * self.weight(direction)

    def weight(self, direction: Point) -> float:
        """Root of the squared sum of what the entries contribute."""
        return float(
            np.sqrt(
                sum(
                    np.sum(np.square(np.maximum(np.abs(self.gradient[name]), self.size[name]) * d))
                    for name, d in direction.items()
                )
            )
        )


def _only(d: np.ndarray, start: int, stop: int) -> np.ndarray:
    """A copy of d that is zero outside of the flat range."""
    piece = np.zeros(d.shape)
    piece.reshape(-1)[start:stop] = d.reshape(-1)[start:stop]
    return piece
