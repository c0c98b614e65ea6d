"""The right values of some entries of a gradient, read off the loss one by one.

The complex step takes one evaluation for an entry. Richardson's extrapolation takes about ten, and
an explanation needs many entries, but not many digits. So where the loss is exact one central
difference is taken for each; together they have to give the slope along a random direction, which
is extrapolated. Kinks and strong curvature show there, and then every entry is extrapolated.

Once all entries of a small gradient are read, where it is wrong follows without the loss.
"""

from dataclasses import dataclass

import numpy as np

from mlpkit.gradcheck.measure.confirm import ROUGH
from mlpkit.gradcheck.measure.derivative import COMPLEX
from mlpkit.gradcheck.measure.direction import Direction, Entries, pieces, taken
from mlpkit.gradcheck.measure.screen import Residual, Screen

SEVERAL = 2  # entries for which the shorter way pays
STEP = 3e-4  # of the central difference, relative to the entry's natural step
CLOSE = 1e-7  # relative error of such differences
PLAIN = 1e-3  # relative mismatch above which so few digits are enough
UNEVEN = 30  # how much worse than their sum single differences may be


@dataclass(frozen=True)
class Errors:
    """Yours minus the right value, for all entries of one parameter, and what of it may be the
    differences' own error: ``Locator`` takes it for a screen, and its residuals cost nothing."""

    values: np.ndarray
    noise: np.ndarray
    direction: Entries

    def residual(self, direction: Direction, accuracy: float = 0.0) -> Residual:
        """Of a direction in this one parameter."""
        del accuracy  # all is known
        ((_, flat, d),) = pieces(direction)
        value = float(taken(self.values, flat) @ d)
        return Residual(value, self.tolerance(direction), weight=1.0)

    def tolerance(self, direction: Direction) -> float:
        ((_, flat, d),) = pieces(direction)
        return float(np.linalg.norm(taken(self.noise, flat) * d))


@dataclass(frozen=True)
class Reading:
    """Right values, (count,); ``errors`` where these are a whole parameter, by differences."""

    right: np.ndarray
    errors: Errors | None = None


def read(screen: Screen, name: str, indices: tuple[np.ndarray, ...]) -> Reading:
    """Entries ``gradient[name][indices]`` as the loss has them; a scalar's as ()."""
    if not len(indices):
        return Reading(np.array(_slope(screen, name, 0)))
    numbers = np.ravel_multi_index(indices, screen.gradient[name].shape)
    quick = _differences(screen, name, numbers) if may_be_quick(screen, len(numbers)) else None
    return quick or Reading(np.array([_slope(screen, name, int(number)) for number in numbers]))


def may_be_quick(screen: Screen, count: int) -> bool:
    """Whether ``count`` entries take one central difference each."""
    engine = screen.engine
    is_exact = engine.noise <= ROUGH * engine.magnitude and not engine.inward
    return engine.method != COMPLEX and is_exact and count >= SEVERAL


def _slope(screen: Screen, name: str, number: int) -> float:
    return screen.engine.slope({name: Entries(np.array([number]), np.ones(1))}).value


def _differences(screen: Screen, name: str, numbers: np.ndarray) -> Reading | None:
    """One central difference for each entry; None where these are not good enough."""
    engine = screen.engine
    values = np.empty(len(numbers))
    for i, number in enumerate(numbers):
        entry = {name: Entries(np.array([number]), np.ones(1))}
        values[i] = engine.difference(entry, engine.point, STEP * engine.step(entry))
    yours = screen.gradient[name].reshape(-1)[numbers]
    if not np.linalg.norm(yours - values) > PLAIN * np.linalg.norm(values):
        return None
    direction = screen.natural(name, numbers)
    size = float(np.linalg.norm(values * direction.values))
    slope = engine.richardson({name: direction}, accuracy=CLOSE * size / 4)
    gap = abs(float(values @ direction.values) - slope.value)
    if not gap + slope.error <= CLOSE * size:
        return None
    if len(numbers) < screen.gradient[name].size:
        return Reading(values)
    noise = UNEVEN * CLOSE * size / np.abs(direction.values)
    return Reading(values, Errors(yours - values, noise, direction))
