"""From residuals to parameters that are wrong: what is no kink and no rounding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.confirm import (
    COARSE_LOSS,
    ROUGH,
    Confirmation,
    MisledError,
    NoisyError,
)
from mlpkit.gradcheck.measure.derivative import COMPLEX, UNIT
from mlpkit.gradcheck.measure.direction import Direction, Entries, natural_step
from mlpkit.gradcheck.measure.iterated import slope_error
from mlpkit.gradcheck.measure.kinks import all_sides, is_kink, neighbour, opposite, outside
from mlpkit.gradcheck.measure.localise import entry_numbers
from mlpkit.gradcheck.measure.loops import ends_early
from mlpkit.gradcheck.measure.preconditions import Gradient
from mlpkit.gradcheck.measure.scale import find_closer, find_scales
from mlpkit.gradcheck.measure.screen import FLOORS, ROUNDINGS, Residual, Screen

BEYOND = (0.1, 1e-3)  # ways from where a gradient is nearly zero, relative to each entry
BESIDE = 2  # neighbours of a kink at which the gradient has to hold
DROWNED = 30  # rounding is at least so much of what the gradient contributes
SPREAD = 4.0  # how much larger than what was seen an iteration's errors may be
HARMLESS = 1e-5  # errors below this are taken for an iteration's, if there is one
PRECISE = 1e-8  # and an agreement that is no better than this is its doing
GRAIN = 1e-8  # relative noise that float32 explains
UNEVEN = 16.0  # how much larger roundings are in some places than in others
ROUNDED_AWAY = 1e5  # roundings of the loss, in a natural step: no more is a gradient of zero
FAINT = 1e-3  # relative errors below this are not of steps that are far too large
LOOSE = 1e-4  # where no better agreement is seen, a factor is looked for along the gradient
QUESTIONS = 3  # at most: more than one where what was found is not all
UNSEEN = 1e-2  # a relative error of every entry that could hide in rounding: the gradient is zero


@dataclass(frozen=True)
class Failure:
    """One parameter whose residual along ``direction`` is not zero."""

    name: str
    direction: Entries
    residual: Residual

    def join(self, other: "Failure", shape: tuple[int, ...]) -> "Failure":
        """Two failed parts of one large parameter as one."""
        flat = [entry_numbers(f.direction.flat, shape) for f in (self, other)]
        values = np.concatenate([self.direction.values, other.direction.values])
        direction = Entries(np.concatenate(flat), values)
        return Failure(self.name, direction, self.residual + other.residual)


class SteepError(Exception):
    """Steps were too large, and ``engine.scale`` knows now of which entries."""


class Detector:
    """Runs the screen. Afterwards ``bound`` is the agreement seen, relative to every entry that is
    not tiny; ``kinks`` names the parameters along which the point sits on a kink, and
    ``vanishing`` those whose gradient is zero up to rounding."""

    def __init__(self, screen: Screen, gradient: Gradient) -> None:
        self.screen, self.gradient = screen, gradient
        self.bound = 0.0
        self.kinks: tuple[str, ...] = ()
        self.vanishing: list[str] = []
        self.off_kink: set[str] = set()  # right beside a kink, and on it none of its slopes
        self._kinked: list[str] = []
        self._questions = 0  # whether the loss is steeper than its steps can show
        self._confirmation = Confirmation(screen, gradient)

    def find(self) -> list[Failure]:
        """Parameters that are wrong."""
        while True:
            try:
                failed = self._find()
                if not failed or self.screen.engine.jumps <= self.screen.engine.noise:
                    return failed
                self._start_again(self.screen.engine.jumps)
            except SteepError:
                self._shrink_steps()
            except MisledError:  # by the complex step
                self._start_again()
            except NoisyError as error:
                self._start_again(error.noise)

    def _is_steep(self, part: dict[str, Entries], whole: Residual) -> bool:
        """Whether steps have to be smaller than could be known before; asked again only if that
        was so."""
        engine = self.screen.engine
        if self._questions >= QUESTIONS or self.kinks:
            return False
        self._questions += 1
        if self._questions == 1 and find_scales(engine, self.screen.gradient):
            return True
        slope, gap = self.screen.claim(part), whole.weight
        if np.isfinite(whole.value):
            slope -= whole.value if engine.method == COMPLEX else 0.0
            gap = min(gap or np.inf, abs(whole.value) or gap)
        found = find_closer(engine, part, slope, gap)
        self._questions = self._questions if found else QUESTIONS
        return found

    def _shrink_steps(self) -> None:
        """Start again with ``engine.scale``."""
        engine = self.screen.engine
        engine.method, engine.noise, engine.jumps = COMPLEX, 0.0, 0.0
        engine.is_solved = engine.is_flat = False
        self.screen = Screen(engine, self.screen.gradient, self.screen.rng)
        self.screen.choose_method()
        self._confirmation = Confirmation(self.screen, self.gradient)
        self.bound, self.vanishing = 0.0, []

    def _start_again(self, noise: float = 0.0) -> None:
        """By real differences, of a loss with this noise."""
        engine = self.screen.engine
        if engine.method == COMPLEX:
            engine.use_differences(self.screen.relative_direction())
        is_coarse = engine.noise > GRAIN * engine.magnitude and noise <= UNEVEN * engine.noise
        engine.is_solved = engine.is_solved or (noise > engine.noise and not is_coarse)
        engine.noise = max(engine.noise, noise)
        self.bound, self.vanishing = 0.0, []

    def find_again(self, failure: Failure) -> list[Failure] | None:
        """What is wrong by real differences, if ``failure`` is an error of the loss; else None."""
        if self.screen.engine.method != COMPLEX or self.kinks:
            return None
        direction = {failure.name: self.screen.relative_direction()[failure.name]}
        try:
            stands = self._confirmation.stands(direction, self.screen.residual(direction))
        except NoisyError as error:
            self._start_again(error.noise)
            return self.find()
        if stands is False:
            self._start_again()
            return self.find()
        return None

    def look_closer(self, direction: Direction, gap: float) -> list[Failure] | None:
        """What is wrong if differences along ``direction``, which miss the gradient by ``gap``,
        come to agree with it in smaller steps, as beside a kink; None if they do not."""
        engine, claim = self.screen.engine, self.screen.claim(direction)
        if engine.method == COMPLEX or self.kinks or not find_closer(engine, direction, claim, gap):
            return None
        self._questions = QUESTIONS
        self._shrink_steps()
        return self.find()

    def blame_rounds(self, failures: Sequence[Failure]) -> list[Failure] | None:
        """What is wrong if an iteration, and so its errors, is inside of the loss; None if it is
        not seen to be the cause of these failures."""
        screen, engine = self.screen, self.screen.engine
        if engine.method != COMPLEX or self.kinks or not engine.is_solved:
            return None
        worst = max(failures, key=lambda failure: failure.residual.relative, default=None)
        if worst is None:
            return None
        own, relative = {worst.name: worst.direction}, worst.residual.relative
        if relative > HARMLESS:
            error = slope_error(screen, self.gradient, own, worst.residual)
            relative = error / worst.residual.weight
        if not relative:
            return None
        self.bound, self.vanishing = 0.0, []
        screen.noise *= max(1.0, SPREAD * relative / (ROUNDINGS * UNIT))
        return self.find()

    def look_for_rounds(self, failures: Sequence[Failure]) -> None:
        """Note whether the loss runs loops that may end early, if that would explain something."""
        engine = self.screen.engine
        is_vague = self.bound > PRECISE and engine.method == COMPLEX
        if (failures or is_vague) and not engine.is_solved:
            engine.is_solved = ends_early(lambda: engine.value(engine.point))

    @property
    def has_followed(self) -> bool:
        """Whether what was found stays along a path, so that it is no noise."""
        return self._confirmation.has_followed

    @property
    def is_cancelled(self) -> bool:
        """Whether the agreement is limited by the rounding of terms of the loss's own size."""
        engine, screen = self.screen.engine, self.screen
        return self.bound * screen.contribution <= ROUGH * engine.magnitude

    def _find(self) -> list[Failure]:
        engine = self.screen.engine
        if engine.on_kink:
            return self._beside(self._bent())
        failed = self._screen(FLOORS[0])
        if self._kinked:
            return self._beside(self._kinked)
        if failed or engine.is_solved:
            return failed
        if engine.method == COMPLEX:
            return self._screen(FLOORS[1])
        if self.bound <= LOOSE:
            return failed
        if not self._questions and find_scales(engine, self.screen.gradient):
            self._questions = 1  # next to a singularity, where no step is small enough
            raise SteepError
        return self._screen(FLOORS[1], [self.screen.uphill()])

    def _screen(
        self, floor: float, parts: Iterable[dict[str, Entries]] | None = None
    ) -> list[Failure]:
        failed: dict[str, Failure] = {}
        engine, self._kinked = self.screen.engine, []
        for part in self.screen.parts(floor) if parts is None else parts:
            whole = self._residual(part)
            is_suspect = self._confirmation.is_suspect(whole)
            is_off = is_suspect and whole.relative > (PRECISE if self._questions else FAINT)
            is_unknown = engine.method != COMPLEX and whole.tolerance > whole.weight > 0
            if (is_off or is_unknown) and self._is_steep(part, whole):
                raise SteepError
            if not is_suspect:
                self._agree(floor, part, whole)
                continue
            for failure in self._by_name(part, whole, floor):
                name = failure.name
                shape = self.screen.gradient[name].shape
                failed[name] = failed[name].join(failure, shape) if name in failed else failure
        return [failed[name] for name in self.screen.gradient if name in failed]

    def _residual(self, part: dict[str, Entries]) -> Residual:
        """Raises MisledError where the loss drops the imaginary part of these entries alone, as it
        does when another array decides about the type of a result."""
        residual = self.screen.residual(part)
        if self.screen.engine.method == COMPLEX and np.isnan(residual.value):
            raise MisledError
        return residual

    def _by_name(self, part: dict[str, Entries], left: Residual, floor: float) -> Iterator[Failure]:
        """The parameters that are wrong, largest first, until they explain what is wrong in all."""
        names = sorted(part, key=lambda name: -part[name].values.size)
        for i, name in enumerate(names):
            own = {name: part[name]}
            residual = self._residual(own) if len(part) > 1 else left
            left = left - residual
            if self._confirmation.is_suspect(residual):
                if is_kink(self.screen, own, residual):
                    self._kinked.append(name)
                    continue
                residual = self._confirmation.settle(own, residual)
            if not residual.is_zero:
                yield Failure(name, part[name], residual)
            else:
                self._agree(floor, own, residual)
            if name in self.vanishing and i + 1 < len(names):  # its noise would hide the others
                left = self.screen.residual({other: part[other] for other in names[i + 1 :]})
            if left.is_zero:
                self._agree(floor, {other: part[other] for other in names[i + 1 :]}, left)
                return

    def _agree(self, floor: float, part: Direction, residual: Residual) -> None:
        """Note how well a part agrees: that is what would not have been seen."""
        if floor != FLOORS[0] or not part:
            return
        is_known = np.isfinite(residual.tolerance) and self._is_rounding()
        is_hidden = is_known and (residual.bound > UNSEEN or not residual.weight)
        is_drowned = residual.weight <= DROWNED * residual.tolerance
        if is_hidden and is_drowned and self._is_tiny(part, residual):
            self.vanishing += [name for name in part if name not in self.vanishing]
        elif not is_hidden or len(part) == 1:
            self.bound = max(self.bound, residual.bound)
        else:
            for name, d in part.items():
                own = {name: d}
                residual = self.screen.residual(own)
                self._agree(floor, own, residual)

    def _is_tiny(self, part: Direction, residual: Residual) -> bool:
        """Whether the gradient changes the loss by no more than rounding does in steps of the usual
        size; where a kink or a jump spoils the differences, or all drowns in rounding because it
        lets them be tiny only, that is no reason to call it zero."""
        engine = self.screen.engine
        rounding = max(engine.noise, UNIT * engine.magnitude)
        change = residual.weight * natural_step(engine.point, part, engine.unlike)
        return engine.method == COMPLEX or change <= ROUNDED_AWAY * rounding

    def _is_rounding(self) -> bool:
        """Whether the loss is good to the digits of some floating-point type."""
        engine = self.screen.engine
        is_exact = engine.method != COMPLEX or not engine.is_solved
        return is_exact and engine.noise <= COARSE_LOSS * engine.magnitude

    def holds_beside(self) -> float:
        """How well the gradient agrees with the loss at a point beside, where it is not nearly zero
        as at an optimum: a relative error, infinite where it does not agree or nothing is seen."""
        here, engine = self.screen, self.screen.engine
        home, base = engine.point, engine.base
        try:
            for hair in BEYOND:
                engine.move(neighbour(here, home, hair))
                if np.isfinite(engine.base):
                    break
            else:
                return np.inf
            there = Detector(
                Screen(engine, self.gradient.at(engine.point), here.rng), self.gradient
            )
            failed = there._screen(FLOORS[0])
            return np.inf if failed or there.vanishing or there._kinked else there.bound
        except (MisledError, NoisyError, SteepError):  # nothing is seen there either
            return np.inf
        finally:
            engine.point, engine.base = home, base

    def _bent(self) -> list[str]:
        """Parameters along which the point sits on a kink."""
        engine, names = self.screen.engine, list(self.screen.gradient)
        directions = self.screen.relative_direction()
        return [name for name in names if engine.bends({name: directions[name]})] or names

    def _beside(self, kinked: list[str]) -> list[Failure]:
        """The check beside the kink, and then that the value on it is one of those allowed."""
        here, engine = self.screen, self.screen.engine
        beside: list[Point] = []
        self.kinks, home = tuple(kinked), engine.point
        for _ in range(BESIDE):
            method = engine.method
            engine.move(neighbour(here, home))
            here.choose_method()
            if engine.method != method:  # differences need more room than the complex step
                engine.move(neighbour(here, home))
                here.choose_method()
            beside.append(self.gradient.at(engine.point))
            self.screen = Screen(engine, beside[-1], here.rng)
            self._confirmation = Confirmation(self.screen, self.gradient)
            failed = self._screen(FLOORS[0])
            if failed:
                return failed
        beside.append(self.gradient.at(opposite(home, engine.point)))  # a tie falls both ways
        engine.move(home)
        self.screen = here
        bad = outside(here, beside, cache(lambda: self._around(home)), self.vanishing)
        failed = [self._failure(name) for name in here.gradient if name in bad]
        if engine.method == COMPLEX:  # a convention that is the loss's own is right
            failed = [failure for failure in failed if not failure.residual.is_zero]
        self.off_kink = {failure.name for failure in failed}
        return failed

    def _around(self, home: Point) -> list[Point]:
        return [self.gradient.at(point) for point in all_sides(self.screen, home)]

    def _failure(self, name: str) -> Failure:
        d = self.screen.direction(name)
        return Failure(name, d, self.screen.residual({name: d}))
