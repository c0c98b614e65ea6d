"""Slopes of the loss along a direction, and how far to trust them.

The complex step is exact to rounding and never crosses a kink, because numpy orders complex
numbers by their real part and that does not move. But abs, norm, var, sign and a cast to float
drop the imaginary part without a word. So one slope is compared with plain differences of the
real loss; where they disagree, the engine changes over to a ladder of central differences.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

from mlpkit.gradcheck.inputs.pytree import Point, Tree

UNIT = 2.0**-53  # rounding unit of float64
STEP = 1e-30
COMPLEX, LADDER = "complex step", "ladder of central differences"
RUNGS = 7  # of the ladder; each step is a quarter of the one before


@dataclass(frozen=True)
class Slope:
    """A directional derivative and a bound on its error (0: rounding only)."""

    value: float
    error: float = 0.0


class LossError(ValueError):
    """The loss is no number that can be differentiated; the text says why."""


class Engine:
    """The loss as a function along directions (dicts from parameter names to arrays)."""

    def __init__(self, loss: Callable[[Any], Any], tree: Tree) -> None:
        self.loss, self.tree, self.evaluations = loss, tree, 0
        self.point = tree.point
        self.base = np.nan  # loss at the point
        self.method, self.noise = COMPLEX, 0.0  # noise: error of one value of the loss
        self.on_kink = False

    def move(self, point: Point) -> None:
        """Look at another point from now on."""
        self.point, self.base = point, float(np.real(self.value(point)))

    def value(self, point: Point) -> Any:
        """loss(point), one number; of (loss, gradient) the loss."""
        self.evaluations += 1
        with np.errstate(all="ignore"):  # steps may leave the loss's domain
            value = self.loss(self.tree.build(point))
        if isinstance(value, tuple) and len(value) == 2:
            value = value[0]
        if not isinstance(value, (np.ndarray, np.generic, float, int, complex)):
            raise LossError(f"the loss returned {value!r:.60}, which is no number")
        if np.size(value) != 1:
            raise LossError(f"the loss has the shape {np.shape(value)}; it must be one number")
        return np.asarray(value).item()

    def slope(self, direction: Mapping[str, np.ndarray], point: Point | None = None) -> Slope:
        """Derivative of the loss along ``direction``."""
        point = self.point if point is None else point
        if self.method == COMPLEX:
            return Slope(self.complex_step(direction, point))
        return self.richardson(direction, point)

    def complex_step(
        self, direction: Mapping[str, np.ndarray], point: Point, sign: int = 1
    ) -> float:
        """Im L(x + i h d) / h; no entry moves by more than 1e-30, into either direction."""
        h = sign * STEP / max((np.max(np.abs(d)) for d in direction.values()), default=1.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", ComplexWarning)
            value = self.value(moved(point, direction, 1j * h))
        return float(np.imag(value)) / h

    def one_sided(self, direction: Mapping[str, np.ndarray], sign: int) -> float:
        """Slope to the right (sign 1) or to the left (-1) by real differences, to six digits."""
        h = sign * 1e-6 * natural_step(self.point, direction)
        return (self.value(moved(self.point, direction, h)) - self.base) / h

    def difference(self, direction: Mapping[str, np.ndarray], point: Point, h: float) -> float:
        upper = self.value(moved(point, direction, h))
        lower = self.value(moved(point, direction, -h))
        return (upper - lower) / (2 * h)

    def richardson(self, direction: Mapping[str, np.ndarray], point: Point) -> Slope:
        """Richardson's extrapolation over shrinking steps; the best rung by its own error."""
        h, previous, best = natural_step(point, direction) / 100, [], Slope(np.nan, np.inf)
        for _ in range(RUNGS):
            row = [self.difference(direction, point, h)]
            rounding = self.noise / h
            for order, coarse in enumerate(previous, start=1):
                fine = row[-1]
                row.append(fine + (fine - coarse) / (16**order - 1))
                error = 4 * max(abs(row[-1] - fine), abs(row[-1] - coarse)) + rounding
                if error < best.error:
                    best = Slope(row[-1], error)
            previous, h = row, h / 4
        return best

    def choose_method(self, direction: Mapping[str, np.ndarray]) -> None:
        """Trust the complex step only where real differences confirm it, or a kink excuses it."""
        self.on_kink = False
        try:
            if self._confirmed(self.complex_step(direction, self.point), direction):
                return
        except LossError:
            raise
        except (TypeError, ValueError, ComplexWarning, np.linalg.LinAlgError):
            self._fall_back(direction)
            return
        self.on_kink = self.bends(direction)
        if not self.on_kink:
            self._fall_back(direction)

    def _fall_back(self, direction: Mapping[str, np.ndarray]) -> None:
        """Use the ladder, and measure how noisy the loss is (float32 inside?): what a polynomial
        through values at small steps leaves over cannot be the loss itself."""
        self.method, self.noise = LADDER, 4 * UNIT * abs(self.base)
        t = np.cos(np.arange(1, 10))  # nine places, unevenly spaced
        for h in natural_step(self.point, direction) * np.array([1e-3, 1e-5]):
            values = np.array([self.value(moved(self.point, direction, s * h)) for s in t])
            fit = np.polynomial.Polynomial.fit(t, values, deg=4)
            if np.all(np.isfinite(values)):
                self.noise = max(self.noise, 4 * np.max(np.abs(fit(t) - values)))

    def bends(self, direction: Mapping[str, np.ndarray]) -> bool:
        """Whether the real loss has two slopes here: their difference stays the same as h shrinks.

        That of a smooth loss shrinks with it; that of a loss full of rounding errors grows.
        """
        jumps = []
        for h in natural_step(self.point, direction) * np.array([1e-5, 1e-6]):
            upper, lower = (self.value(moved(self.point, direction, s * h)) for s in (1, -1))
            jumps.append((upper - 2 * self.base + lower) / h)
        noise = 16 * UNIT * abs(self.base) / h
        is_same = 0.5 < jumps[1] / jumps[0] < 2 if jumps[0] else False
        return is_same and abs(jumps[1]) > noise

    def _confirmed(self, slope: float, direction: Mapping[str, np.ndarray]) -> bool:
        """Whether real differences tend to ``slope``; 4 evaluations where no kink is near.

        Steps that reach over a kink are off by the kink, so smaller ones follow. A term that the
        complex step cannot see stays missing at every step; hence agreement at a smaller step
        counts only where that step sees much less than what was missing at first.
        """
        if not np.isfinite(slope):
            return False
        first = None
        for h in natural_step(self.point, direction) * 10.0 ** -np.arange(6, 11):
            far, near = (self.difference(direction, self.point, step) for step in (2 * h, h))
            estimate = (4 * near - far) / 3
            error = abs(estimate - near) / 100 + 8 * UNIT * abs(self.base) / h
            gap = abs(slope - estimate)
            if gap <= error + 1e-9 * abs(slope) and (first is None or error < first / 10):
                return True
            first = gap if first is None else first
        return False


def moved(point: Point, direction: Mapping[str, np.ndarray], h: complex) -> Point:
    """point + h * direction, for the parameters that the direction names."""
    return {
        name: array + h * direction[name] if name in direction else array
        for name, array in point.items()
    }


def natural_step(point: Point, direction: Mapping[str, np.ndarray]) -> float:
    """The step that moves some parameter by its own size, and none by more."""
    sizes = [
        (typical(point[name]) or 1.0) / np.max(np.abs(d))
        for name, d in direction.items()
        if np.any(d)
    ]
    return min(sizes, default=1.0)


def typical(array: np.ndarray) -> float:
    """Root mean square of the entries that are not zero; 0 where all are."""
    entries = array[array != 0]
    largest = np.max(np.abs(entries), initial=0.0)  # squares of 1e-200 would vanish
    return float(largest * np.sqrt(np.mean(np.square(entries / largest)))) if entries.size else 0.0
