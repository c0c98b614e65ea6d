"""A mistake stays along a path; what an iteration leaves in the loss does not.

A loss that is solved to a tolerance is smooth between two changes of its iteration count, and its
slope there is off by more than any difference of it shows. But its values are right to the
tolerance everywhere. So follow a line and compare

    F(t) = integral of gradient . d from 0 to t  -  (L(x + t d) - L(x))

A mistake in the gradient makes F a smooth function that grows with t. Of a right gradient F is the
error of the loss itself: it jumps up and down and grows no further. The integral is that of the
Chebyshev interpolant of gradient . d, exact to rounding where these are smooth; the last
coefficients tell whether they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlpkit.gradcheck.measure.derivative import UNIT, Engine
from mlpkit.gradcheck.measure.direction import Direction, moved
from mlpkit.gradcheck.measure.noise import find_jump
from mlpkit.gradcheck.measure.preconditions import Gradient
from mlpkit.gradcheck.measure.screen import Screen

if TYPE_CHECKING:  # imported where it is used: few gradients come to this
    from numpy.polynomial import Chebyshev

REACHES = 2.0 ** -np.arange(2, 24, 3)  # of the path, relative to the natural step
NODES = 12  # of the interpolant
VALUES = 13  # of the loss along the path
DEGREE = 4  # of the polynomial that a smooth F is, so near
SMOOTH = 0.03  # F of a mistake is that smooth, relative to its size
UNEVEN = 1e-3  # what is less, relative, may be the curvature of F
PERSISTS = 0.2  # and it has at least this much of the size that the residual foretells
CLEAR = 10  # what is blamed on the loss has to exceed the error of the integral by this factor
NOTHING = 1e-4  # F below this times what the residual foretells: no error of the loss made it
ROUNDINGS = 2  # of values of the loss, that F may show
NEAR = 0.1  # of the residual: the gradient at the point is what it is on the path
CANCELLED = 64  # rounding units of the gradient elsewhere: so little is its own rounding here
RESOLVED = 30  # F has to rise above the rounding of the loss by this factor
SPREAD = 2.0  # how much larger than what was seen the error of the loss may be


@dataclass(frozen=True)
class Path:
    """F along one path: its largest size, what of it no smooth function explains, what even a
    less smooth one leaves, the size that a mistake of the size of the residual gives it, and what
    rounding the loss leaves of any."""

    size: float
    roughness: float
    rest: float
    expected: float
    rounding: float
    jumps: bool = True  # F does somewhere, so that it is the loss's error and no kink
    excuse: float | None = None  # how well the slope is known instead, if the gradient is not wrong

    @property
    def is_mistake(self) -> bool:
        if self.excuse is not None:
            return False
        if self.is_nothing:
            return True  # the loss is exact: the gradient is wrong at this very point alone
        is_smooth = self.roughness <= max(SMOOTH * self.size, self.rounding)
        return is_smooth and self.size >= PERSISTS * self.expected

    @property
    def is_nothing(self) -> bool:
        """Whether gradient and loss agree along the path."""
        return max(self.size, self.roughness) < NOTHING * self.expected

    @property
    def noise(self) -> float:
        """Error of single values of the loss, if one is seen: all of F, or what a mistake leaves
        of it."""
        if not self.jumps or self.excuse is not None:
            return 0.0
        if not self.is_mistake:
            return SPREAD * max(self.size, self.roughness)
        return SPREAD * self.rest if self.rest > UNEVEN * self.size else 0.0


def follow(screen: Screen, gradient: Gradient, direction: Direction, gap: float) -> Path | None:
    """The path on which a residual of the size ``gap`` along ``direction`` can be told from an
    error of the loss; None if on all of them rounding or kinks of the gradient hide it."""
    engine = screen.engine
    rounding = RESOLVED * max(engine.noise, engine.unit * abs(engine.base))
    for reach in REACHES:
        h = reach * engine.step(direction) * (engine.side(direction) or 1)
        if not gap * abs(h) > rounding:
            return None
        claimed = _claimed(screen, gradient, direction, h)
        if claimed is not None and gap <= CANCELLED * UNIT * np.max(np.abs(claimed.coef)):
            return Path(0.0, 0.0, 0.0, gap * abs(h), rounding, excuse=gap)
        if claimed is None or not _tail(claimed) <= SMOOTH * gap:
            continue
        path = _path(engine, claimed, direction, h, gap)
        if path is None:
            continue
        here = abs(float(claimed(0.0)) - screen.claim(direction))
        if path.is_nothing and here <= NEAR * gap:  # larger steps have crossed a kink
            return replace(path, excuse=(max(path.size, path.rounding) + rounding) / abs(h) + here)
        is_clear = path.jumps and path.roughness > CLEAR * _tail(claimed) * abs(h)
        if path.is_mistake or is_clear:
            return path
    return None


def _claimed(
    screen: Screen, gradient: Gradient, direction: Direction, h: float
) -> Chebyshev | None:
    """gradient . d along the path, as a function of t / h; None where it leaves the domain."""
    from numpy.polynomial import Chebyshev, chebyshev

    engine = screen.engine
    low = 0 if engine.side(direction) else -1

    def slopes(nodes: np.ndarray) -> np.ndarray:
        at = low + (nodes + 1) / 2 * (1 - low)
        return np.array([_slope(engine, screen, gradient, direction, h * t) for t in at])

    coefficients: np.ndarray = chebyshev.chebinterpolate(slopes, NODES - 1)
    finite = np.all(np.isfinite(coefficients))
    return Chebyshev(coefficients, domain=[low, 1]) if finite else None


def _slope(
    engine: Engine, screen: Screen, gradient: Gradient, direction: Direction, t: float
) -> float:
    there = gradient.at(moved(engine.point, direction, t))
    return Screen(engine, there, screen.rng).claim(direction)


def _tail(claimed: Chebyshev) -> float:
    return float(np.max(np.abs(claimed.coef[-2:])))


def _path(
    engine: Engine, claimed: Chebyshev, direction: Direction, h: float, gap: float
) -> Path | None:
    integral, (low, high) = claimed.integ(lbnd=0), claimed.domain

    def departure(place: float) -> float:
        t = low + (high - low) * place / (VALUES - 1)
        change = engine.at(direction, h * t) - engine.base if t else 0.0
        return float(h * integral(t)) - change

    values = np.array([departure(place) for place in range(VALUES)])
    if not np.all(np.isfinite(values)):
        return None
    t = np.linspace(low, high, VALUES)
    roughness, rest = (_misfit(t, values, degree) for degree in (DEGREE, 2 * DEGREE))
    rounding = ROUNDINGS * engine.unit * abs(engine.base)
    path = Path(float(np.max(np.abs(values))), roughness, rest, gap * abs(h), rounding)
    is_suspect = not path.is_mistake or path.noise > 0
    return replace(path, jumps=is_suspect and find_jump(departure, values) is not None)


def _misfit(t: np.ndarray, values: np.ndarray, degree: int) -> float:
    """Root mean square of what a polynomial leaves, each of its coefficients paid for."""
    from numpy.polynomial import Chebyshev

    left = values - Chebyshev.fit(t, values, degree)(t)
    return float(np.sqrt(np.sum(left**2) / (t.size - degree - 1)))
