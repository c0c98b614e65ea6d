"""A residual that is not zero, looked at a second time: is it a mistake, or what rounding left?

Where terms of the loss cancel (at an optimum, at zero weights, before a normalisation) what is left
of a slope is no larger than the rounding of the terms, and the size of the gradient says nothing
of that. So before anything is called wrong, it has to stand twice: real differences, with an error
of their own, must deny the gradient's claim as well; where they are too coarse to tell, the
residual must be the same at points nearby, for rounding errors are drawn anew with every change of
the parameters and a mistake stays.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.derivative import COMPLEX, UNIT
from mlpkit.gradcheck.measure.direction import Direction, Entries, blocks, claimed
from mlpkit.gradcheck.measure.path import Path, follow
from mlpkit.gradcheck.measure.preconditions import Gradient
from mlpkit.gradcheck.measure.screen import Residual, Screen

BORDERLINE = 1e-3  # relative residuals above this are no rounding of the gradient's
SHAKES = 4  # nearby points at which a residual is measured again
TINY = 2e-13  # relative residuals below this are measured at MANY
MANY = 8
FAINT = 100  # so are slopes of so many rounding errors of the loss, per natural step
SUSPECT = 1 / 2  # of the tolerance, and there already if TINY: MANY tell better than one
SHAKE = 1e-6  # how far these points are, relative to each entry: enough to draw new roundings
TURN = 0.01  # of the direction, for the same end: some roundings depend on its leading digits
ANEW = 2  # other directions along which a mistake may show that is cancelled along one
CLEAR = 8  # a residual has to exceed its own scatter by this factor
SURE = 3  # standard deviations that the mean of MANY has to be away from zero
OPEN = 2  # so many leave it open: as many points again decide
VISIBLE = 1e-13  # slopes, relative to the loss per natural step, that real differences can see
KEPT = 2**18  # entries at most, of points and gradients that are kept
QUARTER = 1 / 4  # of a residual: real differences that know it better than this decide
SMALL = 1e-2  # noise above this, relative, is all that there is of a gradient
GROWS = 1.5  # noise that is found to be larger by this factor changes what was measured before
ROUGH = 1e-13  # relative noise above this is not float64's rounding
COARSE_LOSS = 2e-6  # relative noise above this is no rounding, not even float32's


class MisledError(Exception):
    """The real loss sides with the gradient and against the complex step."""


class NoisyError(Exception):
    """The loss itself is off by more than was known: by ``noise`` in one value."""

    def __init__(self, noise: float) -> None:
        super().__init__(noise)
        self.noise = noise


class Confirmation:
    """Second looks at the residuals of one screen."""

    def __init__(self, screen: Screen, gradient: Gradient) -> None:
        self.screen, self.gradient = screen, gradient
        self._seeds: list[int] = []  # of points nearby
        self._points: list[tuple[Point, Point]] = []  # these and the gradients there, if small
        self.has_followed = False  # a path, which told the loss's errors from a mistake

    def is_suspect(self, residual: Residual) -> bool:
        """Whether it is worth a second look: not zero, or nearly so at the limit of float64."""
        near = SUSPECT * residual.tolerance < abs(residual.value) < residual.tolerance
        return not residual.is_zero or (near and residual.relative < TINY)

    def settle(self, part: dict[str, Entries], residual: Residual) -> Residual:
        """The residual if it stands twice; else with the noise that explains it as tolerance."""
        engine = self.screen.engine
        if engine.method != COMPLEX:
            return self._again(part, residual)
        resolution = UNIT * abs(engine.base) / engine.step(part)
        is_faint = residual.relative <= TINY or abs(residual.value) < FAINT * resolution
        is_denied = not is_faint and self._denied_by_differences(part, residual)
        if is_denied and (residual.relative > BORDERLINE or self._shows_elsewhere(part)):
            return residual
        shakes = SHAKES // 2 if is_denied else SHAKES
        return self._against_scatter(part, residual, MANY if is_faint else shakes)

    def _shows_elsewhere(self, part: dict[str, Entries]) -> bool:
        """Whether a residual that may be rounding is what cancellation has left of a mistake: then
        it is clear along another direction."""
        for _ in range(ANEW):
            fresh = {name: self.screen.direction(name, flat=d.flat) for name, d in part.items()}
            residual = self.screen.residual(fresh)
            if not self._denied_by_differences(fresh, residual):
                continue
            if residual.relative > BORDERLINE or self._is_clear(residual, fresh):
                return True
        return False

    def _is_clear(self, residual: Residual, part: dict[str, Entries]) -> bool:
        """Whether a residual exceeds its own scatter."""
        apart = np.abs(self._scatter(part, 0, SHAKES) - residual.value)
        return apart.size > 1 and abs(residual.value) > CLEAR * float(np.max(apart))

    def _denied_by_differences(self, part: dict[str, Entries], residual: Residual) -> bool:
        """Whether real differences say that the gradient is wrong; False where they cannot tell.
        They step along a direction of their own, in which no entry moves too far."""
        screen, engine = self.screen, self.screen.engine
        direction = {name: screen.natural(name, d.flat) for name, d in part.items()}
        imaginary = engine.complex_step(direction, engine.point)
        claim = screen.claim(direction)
        gap = abs(claim - imaginary)
        if gap < VISIBLE * abs(engine.base) / engine.step(direction):
            return False
        real = engine.richardson(direction, accuracy=QUARTER * gap / 2)
        if not real.error <= QUARTER * gap:
            return False
        h = engine.step(direction) / 2
        if not real.value and not 0 < abs(engine.at(direction, h) - engine.base) <= gap * h:
            return False  # where it changes by nothing, or by rounding, its terms may cancel
        if abs(claim - real.value) <= 2 * QUARTER * gap:
            raise MisledError
        return abs(imaginary - real.value) <= 2 * QUARTER * gap

    def _again(self, part: dict[str, Entries], residual: Residual) -> Residual:
        """A residual of real differences: along a path, where that can tell, else from other steps
        along another direction."""
        path = self._followed(part, residual)
        if path is not None and path.excuse is not None:
            value = float(np.clip(residual.value, -path.excuse, path.excuse))
            return replace(residual, value=value, tolerance=path.excuse)
        if path is not None:
            return residual if path.is_mistake else residual.drowned()
        other = {name: Entries(d.flat, d.values * self._jitter(d, 0.3)) for name, d in part.items()}
        second = self.screen.residual(other, abs(residual.value) / 8)
        if not second.is_zero:
            return residual
        return residual.drowned(second.tolerance)

    def stands(self, part: Direction, residual: Residual) -> bool | None:
        """Whether a residual is a mistake and no error of the loss; None where nothing tells."""
        path = self._followed(part, residual)
        return None if path is None else path.is_mistake

    def _followed(self, part: Direction, residual: Residual) -> Path | None:
        """The path that tells. Raises NoisyError if the loss turns out to be less exact than was
        known."""
        engine = self.screen.engine
        if engine.is_flat:
            return None
        path = follow(self.screen, self.gradient, part, abs(residual.value))
        if path is None:
            return None
        if path.noise > max(GROWS * engine.noise, ROUGH * engine.magnitude):
            raise NoisyError(path.noise)
        self.has_followed = True
        return path

    def _jitter(self, d: Entries, size: float) -> np.ndarray:
        return 1 + size * self.screen.rng.uniform(-1.0, 1.0, d.values.shape)

    def _against_scatter(
        self, part: dict[str, Entries], residual: Residual, count: int
    ) -> Residual:
        """The residual, against its scatter at nearby points."""
        there = self._scatter(part, 0, count)
        if len(there) < 2:
            return residual
        here, tolerance = residual, residual.tolerance
        if count < MANY:
            noise = CLEAR * float(np.max(np.abs(there - residual.value)))
        else:  # near the limit of float64: is the mean clear of its scatter?
            if OPEN < abs(np.mean(there)) / np.std(there, ddof=1) < SURE:
                there = np.append(there, self._scatter(part, count, 2 * count))
            noise = SURE * float(np.std(there, ddof=1)) * np.sqrt(MANY / len(there))
            mean = float(np.mean(there))
            residual = Residual(mean, tolerance / np.sqrt(len(there)), residual.weight)
        if abs(residual.value) > noise:  # the mean is of other directions: no part of this one
            return residual if here.is_zero else here
        if noise <= SMALL * residual.weight:
            self.screen.noise *= max(1.0, noise / tolerance)
        return Residual(residual.value, max(noise, tolerance), residual.weight)

    def _scatter(self, part: dict[str, Entries], first: int, end: int) -> np.ndarray:
        """The residual at some nearby points, where it is a number."""
        engine, values = self.screen.engine, []
        for i in range(first, end):  # another direction too: new roundings
            d = {
                name: Entries(d.flat, d.values * self._jitter(d, TURN)) for name, d in part.items()
            }
            claim = claimed(self._gradient_nearby(i), d)
            values.append(claim - engine.complex_step(d, partial(self._nearby, i)))
        return np.array(values)[np.isfinite(values)]

    def _nearby(self, i: int) -> Point:
        """One of a few points beside this one, so near that a mistake is the same there."""
        if i < len(self._points):
            return self._points[i][0]
        while len(self._seeds) <= i:
            self._seeds.append(int(self.screen.rng.integers(2**32)))
        rng, engine, there = np.random.default_rng(self._seeds[i]), self.screen.engine, {}
        for name, array in engine.point.items():
            there[name] = array.copy()
            for flat, values in blocks(slice(None), there[name].reshape(-1)):
                values += rng.uniform(-SHAKE, SHAKE, values.shape) * engine.size(name, flat)
        return there

    def _gradient_nearby(self, i: int) -> Point:
        """The gradient there; kept for other parts with its point, unless they are so large that
        they would take most of the memory."""
        if i < len(self._points):
            return self._points[i][1]
        point = self._nearby(i)
        there = self.gradient.at(point)
        if sum(g.size for g in there.values()) <= KEPT:
            self._points.append((point, there))
        return there
