"""Slopes of the loss along a direction, and how far to trust them.

The complex step is exact to rounding and never crosses a kink, because numpy orders complex
numbers by their real part and that does not move. But abs, norm, var, sign and a cast to float
drop the imaginary part without a word, and much code refuses complex numbers. So one slope is
compared with differences of the real loss; where these do not confirm it, the engine changes over
to Richardson's extrapolation of real differences, with an error estimate of its own.
"""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.exceptions import ComplexWarning

from mlpkit.gradcheck.inputs.arrays import as_number, unit_of
from mlpkit.gradcheck.inputs.pytree import Point, Tree
from mlpkit.gradcheck.measure import domain
from mlpkit.gradcheck.measure.direction import (
    Direction,
    Entries,
    largest,
    moved,
    natural_size,
    natural_step,
    pieces,
    taken,
    typical,
)
from mlpkit.gradcheck.measure.noise import POINTS, is_flat, is_line, jump_in, noise_in, noise_of

UNIT = 2.0**-53  # rounding unit of float64
STEP = 1e-30
COMPLEX, RICHARDSON = "complex step", "ladder of central differences"
FIRST = 1 / 16  # the largest real step, relative to the natural one
SHORT = 1 / 64  # so much of it, if few digits are enough
RUNGS = 9  # of real steps; each is a quarter of the one before, or half of it
RESOLVED = 1e-3  # a slope that real differences know better than this confirms another
FINE = np.array([1e-4, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10])  # the first one sees most; kinks are near
COARSE = 10.0 ** -np.arange(3, 0, -1.0)  # steps that rise above the noise of a coarse loss
CLOSE, APART = 1e-6, (0.03, 0.1)  # spacings at which rounding, and at which jumps are looked for
KINKED = np.array([1e-5, 1e-6, 1e-9])  # steps at which a kink is the same
CLOSER = 1e-9  # and at which a steep one is a straight line
COARSE_FIRST, COARSE_NOISE = 1 / 2, 1e-10  # the first step of a loss with more relative noise
WIDE = 1 / 2  # step along which a flat loss stays flat
ROUNDINGS = 8  # times the rounding of a flat loss: as much may be left of a gradient that cancels
JUMP = 1e-13  # relative; smaller ones are not looked for


class Slope(NamedTuple):
    """A directional derivative, a bound on its error (0: rounding only), and the last step."""

    value: float
    error: float = 0.0
    step: float = np.inf


class LossError(ValueError):
    """The loss is no number that can be differentiated; the text says why."""


class Engine:
    """The loss as a function along directions."""

    def __init__(self, loss: Callable[[Any], Any], tree: Tree) -> None:
        self.loss, self.tree, self.evaluations = loss, tree, 0
        self.point = tree.point
        self.base = np.nan  # loss at the point
        self.method, self.noise = COMPLEX, 0.0  # noise: error of one value of the loss
        self._far = 0.0  # the largest value of the loss among those that its noise is read from
        self.is_flat = False  # the loss changes by its rounding only, wherever one looks
        self.unit = UNIT  # of the type in which the loss came
        self.jumps = 0.0  # of the loss, some way off: its error too, if the slopes are off here
        self.is_solved = False  # by an iteration, as it seems: the noise is no rounding
        self.on_kink = False
        self.inward: dict[str, np.ndarray] = {}  # at the edge of a domain: the sign to step with
        self._typical: dict[str, tuple[np.ndarray, float]] = {}  # of these arrays, to spare time
        self.scale: dict[str, np.ndarray] = {}  # of entries that may not go so far, (size,)
        self.unlike: set[str] = set()  # parameters whose small entries have units of their own

    @property
    def magnitude(self) -> float:
        """How large the loss is around the point: at a minimum it may be 0. Of one that is flat
        all terms cancel, and its rounding tells how large they are."""
        terms = self.noise / (4 * self.unit) if self.is_flat else 0.0
        return max(abs(self.base), self._far, terms)

    def move(self, point: Point) -> None:
        """Look at another point from now on; ``base`` is NaN outside of the loss's domain."""
        self.point, self.base = point, self.at({}, 0.0, point)

    def step(self, direction: Direction, point: Point | None = None) -> float:
        """The largest step along ``direction`` that moves no entry by more than its own size."""
        point = self.point if point is None else point
        return natural_step(point, direction, self.unlike, self.scale)

    def size(self, name: str, flat: slice | np.ndarray = slice(None)) -> np.ndarray:
        """How far entries of one parameter can move before the loss changes its character."""
        array = self.point[name]
        if name not in self._typical or self._typical[name][0] is not array:
            self._typical[name] = (array, typical(array))
        size = natural_size(array, flat, name in self.unlike, self._typical[name][1])
        if name in self.scale:
            size *= self.scale[name][flat]
        return size

    def value(self, point: Point) -> Any:
        """loss(point), one number; of (loss, gradient) the loss."""
        self.evaluations += 1
        with np.errstate(all="ignore"):  # steps may leave the loss's domain
            value = self.loss(self.tree.build(point))
        if isinstance(value, tuple) and len(value) == 2:
            value = value[0]
        try:
            number = as_number(value)
            self.unit = max(self.unit, unit_of(value))
            return number
        except (TypeError, ValueError) as error:
            raise LossError(f"the loss {error}") from None

    def at(self, direction: Direction, h: float, point: Point | None = None) -> float:
        """The real loss a step further; NaN outside of its domain: it raises or is infinite."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                value = self.value(moved(self.point if point is None else point, direction, h))
            except Exception:
                return np.nan
        return float(np.real(value)) if np.isfinite(value) else np.nan

    def slope(
        self, direction: Direction, point: Point | None = None, accuracy: float = 0.0
    ) -> Slope:
        """Derivative of the loss along ``direction``; an error below ``accuracy`` is enough."""
        point = self.point if point is None else point
        if self.method == COMPLEX:
            return Slope(self.complex_step(direction, point))
        if self.is_flat:
            return self._flat(direction, point)
        return self.richardson(direction, point, accuracy)

    def complex_step(
        self, direction: Direction, point: Point | Callable[[], Point], sign: int = 1
    ) -> float:
        """Im L(x + i h d) / h; no entry moves by more than 1e-30, into either direction. NaN where
        the loss raises: not every code is made for complex numbers. A point that is made when it
        is needed takes no memory while the loss is evaluated."""
        h = sign * STEP / (largest(direction) or 1.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", ComplexWarning)
            try:
                value = self.value(moved(point() if callable(point) else point, direction, 1j * h))
            except LossError:
                raise
            except Exception:
                return np.nan
        return float(np.imag(value)) / h

    def one_sided(self, direction: Direction, sign: int) -> Slope:
        """Slope to the right (sign 1) or to the left (-1) by real differences."""
        h = sign * 1e-5 * self.step(direction)
        near, far = (self.at(direction, step) for step in (h, 2 * h))
        value = (4 * near - far - 3 * self.base) / (2 * h)
        error = 1e-2 * abs(value - (near - self.base) / h)
        return Slope(value, error + 4 * max(self.noise, 2 * UNIT * abs(self.base)) / abs(h))

    def difference(self, direction: Direction, point: Point, h: float) -> float:
        return (self.at(direction, h, point) - self.at(direction, -h, point)) / (2 * h)

    def richardson(
        self, direction: Direction, point: Point | None = None, accuracy: float = 0.0
    ) -> Slope:
        """Extrapolation over shrinking steps; the best rung by its own error. Rungs outside of the
        loss's domain are left out."""
        point = self.point if point is None else point
        side = self.side(direction)
        noise, best = max(self.noise, UNIT * abs(self.base)), Slope(np.nan, np.inf)
        row: list[float] = []
        is_coarse = noise > COARSE_NOISE * self.magnitude
        shrink = 2 if is_coarse else 4  # few steps rise above the noise: use more of them
        first = (COARSE_FIRST if is_coarse else FIRST) * self.step(direction, point)
        if accuracy:  # a smaller step is nearer to the slope, as long as noise allows it
            first = min(first, max(SHORT * first, 16 * noise / accuracy))
        for h in first / float(shrink) ** np.arange(RUNGS):
            slope = self.quotient(direction, point, float(h), side)
            if not np.isfinite(slope):
                row = []
                continue
            previous, row = row, [slope]
            for order, coarse in enumerate(previous, start=1):
                fine = row[-1]
                row.append(fine + (fine - coarse) / (shrink ** (order if side else 2 * order) - 1))
                error = 4 * max(abs(row[-1] - fine), abs(row[-1] - coarse)) + noise / float(h)
                if error < best.error:
                    best = Slope(row[-1], error, float(h))
            is_hopeless = 0 < accuracy < noise / h  # and a smaller step is worse
            if best.error <= accuracy or noise / h > best.error or is_hopeless:
                break
        return best

    def _flat(self, direction: Direction, point: Point) -> Slope:
        """Of a loss that changes by rounding only: the longest way shows the slope best."""
        h, side = WIDE * self.step(direction, point), self.side(direction)
        return Slope(self.quotient(direction, point, h, side), ROUNDINGS * self.noise / h)

    def quotient(self, direction: Direction, point: Point, h: float, side: int) -> float:
        if not side:
            return self.difference(direction, point, h)
        base = self.base if point is self.point else self.at({}, 0.0, point)
        return (self.at(direction, side * h, point) - base) / (side * h)

    def carries_complex(self, direction: Direction) -> bool:
        """Whether to trust the complex step: only where real differences confirm it, or a kink
        excuses it."""
        self.on_kink = False
        slope = self.complex_step(direction, self.point)
        verdict = self._confirmed(slope, direction) if np.isfinite(slope) else False
        if verdict is None:
            verdict = self._confirmed_beside(direction)
        if verdict:  # where both find no slope, is it the mean of two, as of |x| at 0?
            self.on_kink = slope == 0 and self.bends(direction)
            return True
        self.on_kink = bool(np.isfinite(slope)) and self.bends(direction)
        return self.on_kink

    def _confirmed_beside(self, direction: Direction) -> bool:
        """The same at a point nearby, where the loss is steeper. If it is not, the complex step is
        trusted if it sees anything at all: whatever it finds will be confirmed one by one."""
        home, base = self.point, self.base
        wave = {n: Entries(f, v * np.cos(np.arange(v.size))) for n, f, v in pieces(direction)}
        try:
            self.move(moved(home, wave, 0.1 * self.step(wave)))
            slope = self.complex_step(direction, self.point)
            verdict = self._confirmed(slope, direction) if np.isfinite(self.base) else None
        except Exception:  # outside of the loss's domain
            verdict, slope = None, 1.0
        finally:
            self.point, self.base = home, base
        return slope != 0 if verdict is None else verdict

    def use_differences(self, direction: Direction) -> None:
        """Step in real numbers from now on; look for the edge of the domain, and measure the noise
        in the loss (float32 inside?)."""
        self.method, self.noise = RICHARDSON, max(self.noise, 4 * UNIT * abs(self.base))
        direction = domain.find_units(self, direction)
        domain.find_edges(self, direction)
        step = self.step(direction := self.inside(direction)) * (self.side(direction) or 1)
        spacings = [float(spacing * step) for spacing in APART]
        close, *apart = (self._values(direction, h) for h in (CLOSE * step, *spacings))
        self.noise = max(self.noise, noise_of(close, *apart))
        if is_flat(close, *apart) and not is_line(self._values(direction, CLOSER * step)):
            self.is_flat = True
            self.noise = max(self.noise, float(np.ptp([close, *apart])) / 2)
            return
        self.jumps = max(map(partial(self._jumps, direction), spacings, apart))

    def _jumps(self, direction: Direction, h: float, values: np.ndarray) -> float:
        """By how much the loss jumps at places further apart, as solvers do and pieces."""
        if np.all(np.isfinite(values)):
            self._far = max(self._far, float(np.max(np.abs(values))))
        if 2 * noise_in(values) <= max(10 * self.noise, JUMP * abs(self.base)):
            return 0.0
        return jump_in(partial(self._along, direction, h), values)

    def _along(self, direction: Direction, h: float, t: float) -> float:
        return self.at(direction, h * t)

    def _values(self, direction: Direction, h: float) -> np.ndarray:
        there = [self._along(direction, h, i) for i in range(1, POINTS)]
        return np.array([self.base, *there])

    def bends(self, direction: Direction) -> bool:
        """Whether the real loss has two slopes here: their difference stays the same as h shrinks.

        That of a smooth loss shrinks with it; that of a loss full of rounding errors grows.
        """
        jumps: list[float] = []
        for h in self.step(direction) * KINKED:
            noise = max(16 * UNIT * abs(self.base), 8 * self.noise) / h
            if len(jumps) > 1 and noise > abs(jumps[-1]) / 4:
                break  # so near rounding hides it
            upper, lower = (self.at(direction, s * h) for s in (1, -1))
            jumps.append(jump := (upper - 2 * self.base + lower) / h)
            if not abs(jump) > noise or (len(jumps) > 1 and not 0.5 < jump / jumps[-2] < 2):
                return False
        return True

    def _confirmed(self, slope: float, direction: Direction) -> bool | None:
        """Whether real differences tend to ``slope``; 4 evaluations where no kink is near. None
        where rounding hides it: at an optimum, or in a loss with a large offset.

        Steps that reach over a kink are off by the kink, so smaller ones follow. A term that the
        complex step cannot see stays missing at every step; hence agreement at a smaller step
        counts only where that step sees much less than what was missing at first. Differences that
        drown in the loss's own rounding confirm nothing; then larger steps follow.
        """
        first, is_flat, is_refuted = np.inf, True, False
        for gap, error, estimate in self._gaps(slope, direction, FINE):
            is_resolved = error <= RESOLVED * abs(slope)
            is_flat = is_flat and slope == 0 == estimate
            if gap <= error + 1e-9 * abs(slope):
                if is_resolved and error < first / 10:
                    return True
                if not is_resolved:
                    break
            first = gap if first == np.inf else first
        for gap, error, estimate in self._gaps(slope, direction, COARSE):
            is_flat = is_flat and slope == 0 == estimate
            if error <= RESOLVED * abs(slope):
                if gap <= error + 1e-9 * abs(slope):
                    return True
                is_refuted = True
            elif not gap <= 4 * error:
                is_refuted = True
        return None if not (is_refuted or is_flat) else is_flat and not is_refuted

    def _gaps(
        self, slope: float, direction: Direction, steps: np.ndarray
    ) -> Iterator[tuple[float, float, float]]:
        """Real differences at some steps: how far from ``slope``, their error, and themselves."""
        for h in self.step(direction) * steps:
            far, near = (self.difference(direction, self.point, step) for step in (2 * h, h))
            estimate = (4 * near - far) / 3
            error = abs(estimate - near) / 100 + 8 * UNIT * abs(self.base) / h
            yield abs(slope - estimate), error, estimate

    def side(self, direction: Direction) -> int:
        """0, or at the edge of the domain the sign of the steps that stay inside."""
        for name, flat, values in pieces(direction):
            if name in self.inward:
                signs = taken(self.inward[name], flat) * values
                if np.any(signs):
                    return 1 if np.all(signs >= 0) else -1
        return 0

    def inside(self, direction: Direction) -> Direction:
        """The direction with signs that do not leave the domain."""
        if not self.inward:
            return direction
        turned: dict[str, np.ndarray | Entries] = {}
        for name, flat, values in pieces(direction):
            signs = taken(self.inward[name], flat)
            turned[name] = Entries(flat, np.where(signs == 0, values, signs * np.abs(values)))
        return turned
