"""From residuals to parameters that are wrong: what is no kink and no rounding."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.kinks import is_kink, neighbour, outside
from mlpkit.gradcheck.measure.preconditions import Gradient
from mlpkit.gradcheck.measure.screen import FLOORS, Residual, Screen

BORDERLINE = 1e-3  # relative residuals above this are no rounding
SHAKES = 2  # nearby points at which a borderline residual is measured again
TINY = 2e-13  # relative residuals below this are measured at MANY
MANY = 8
SUSPECT = 3 / 4  # of the tolerance, and there already if TINY: MANY tell better than one
SHAKE = 1e-6  # how far these points are, relative to each entry: enough to draw new roundings
CLEAR = 8  # a residual has to exceed its own scatter by this factor
SURE = 3  # standard deviations that the mean of MANY has to be away from zero
BESIDE = 2  # neighbours of a kink at which the gradient has to hold


@dataclass(frozen=True)
class Failure:
    """One parameter whose residual along ``direction`` is not zero."""

    name: str
    direction: np.ndarray
    residual: Residual

    def join(self, other: "Failure") -> "Failure":
        """Two failed parts of one large parameter as one."""
        residual = self.residual + other.residual
        return Failure(self.name, self.direction + other.direction, residual)


class Detector:
    """Runs the screen. Afterwards ``bound`` is the agreement seen, relative to every entry that is
    not tiny, and ``kinks`` names the parameters along which the point sits on a kink."""

    def __init__(self, screen: Screen, gradient: Gradient) -> None:
        self.screen, self.gradient = screen, gradient
        self.bound, self.kinks = 0.0, ()
        self.shaken = None  # the screen they belong to, and points beside it

    def find(self) -> list[Failure]:
        """Parameters that are wrong."""
        if self.screen.engine.on_kink:
            return self._beside(self._kinked())
        failed = self._screen(FLOORS[0])
        kinked = [f.name for f in failed if is_kink(self.screen, {f.name: f.direction}, f.residual)]
        if kinked:
            return self._beside(kinked)
        return failed or self._screen(FLOORS[1])

    def _screen(self, floor: float) -> list[Failure]:
        failed: dict[str, Failure] = {}
        for part in self.screen.parts(floor):
            whole = self.screen.residual(part)
            if not _is_suspect(whole):
                self._agree(floor, whole)
                continue
            for failure in self._by_name(part, whole, floor):
                name = failure.name
                failed[name] = failed[name].join(failure) if name in failed else failure
        return [failed[name] for name in self.screen.gradient if name in failed]

    def _by_name(self, part: Point, left: Residual, floor: float) -> Iterator[Failure]:
        """The parameters that are wrong, largest first, until they explain what is wrong in all."""
        for name in sorted(part, key=lambda name: -part[name].size):
            own = self.screen.residual({name: part[name]}) if len(part) > 1 else left
            left = left - own
            own = self._settled({name: part[name]}, own)
            if own.is_zero:
                self._agree(floor, own)
            else:
                yield Failure(name, part[name], own)
            if left.is_zero:
                self._agree(floor, left)
                return

    def _agree(self, floor: float, residual: Residual) -> None:
        if floor == FLOORS[0]:
            self.bound = max(self.bound, residual.bound)

    def _settled(self, part: Point, residual: Residual) -> Residual:
        """The residual; if it is small and suspect, against its scatter at nearby points.

        Rounding errors are drawn anew with every change of the parameters, a mistake stays.
        """
        engine = self.screen.engine
        if not _is_suspect(residual) or residual.relative > BORDERLINE:
            return residual
        tolerance = residual.tolerance
        count = SHAKES if residual.relative > TINY else MANY
        there = np.array(
            [
                screen.compare(part, engine.slope(part, point)).value
                for point, screen in self._nearby(count)
            ]
        )
        if not np.all(np.isfinite(there)):
            return residual
        if residual.relative > TINY:
            noise = CLEAR * np.max(np.abs(there - residual.value))
        else:  # near the limit of float64: is the mean clear of its scatter?
            noise = SURE * np.std(there, ddof=1)
            mean = float(np.mean(there))
            residual = Residual(mean, tolerance / np.sqrt(MANY), residual.weight)
        if abs(residual.value) > noise:
            return residual
        self.screen.noise *= max(1.0, noise / tolerance)
        return Residual(residual.value, float(noise), residual.weight)

    def _nearby(self, count: int) -> list[tuple[Point, Screen]]:
        """A few points beside this one, and the gradients there."""
        home = self.screen
        if self.shaken is None or self.shaken[0] is not home:
            self.shaken = home, []
        points = self.shaken[1]
        while len(points) < count:
            point = _shaken(home.engine.point, home.rng)
            points.append((point, Screen(home.engine, self.gradient.at(point), home.rng)))
        return points[:count]

    def _kinked(self) -> list[str]:
        """Parameters along which the point sits on a kink."""
        engine, names = self.screen.engine, list(self.screen.gradient)
        directions = self.screen.relative_direction()
        return [name for name in names if engine.bends({name: directions[name]})] or names

    def _beside(self, kinked: list[str]) -> list[Failure]:
        """The check beside the kink, and then that the value on it is one of those allowed."""
        here, engine, beside = self.screen, self.screen.engine, []
        self.kinks, home = tuple(kinked), engine.point
        for _ in range(BESIDE):
            method = engine.method
            engine.move(neighbour(here, home))
            engine.choose_method(here.relative_direction())
            if engine.method != method:  # differences need more room than the complex step
                engine.move(neighbour(here, home))
                engine.choose_method(here.relative_direction())
            beside.append(self.gradient.at(engine.point))
            self.screen = Screen(engine, beside[-1], here.rng)
            failed = self._screen(FLOORS[0])
            if failed:
                return failed
        engine.move(home)
        self.screen = here
        bad = outside(here, beside)
        return [self._failure(name) for name in kinked if name in bad]

    def _failure(self, name: str) -> Failure:
        d = self.screen.direction(name)
        return Failure(name, d, self.screen.residual({name: d}))


def _is_suspect(residual: Residual) -> bool:
    """Whether it is worth a second look: not zero, or nearly so at the limit of float64."""
    near = SUSPECT * residual.tolerance < abs(residual.value) < residual.tolerance
    return not residual.is_zero or (near and residual.relative < TINY)


def _shaken(point: Point, rng: np.random.Generator) -> Point:
    """A point beside this one, so near that a mistake is the same there, and of the same signs."""
    return {
        name: array * (1 + SHAKE * rng.uniform(-1.0, 1.0, array.shape))
        for name, array in point.items()
    }
