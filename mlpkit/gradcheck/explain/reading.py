"""The right values of some entries of a gradient, read off the loss one by one.

The complex step takes one evaluation for an entry. Richardson's extrapolation takes about ten, and
an explanation needs many entries, but not many digits. So where the loss is exact one central
difference is taken for each; together they have to give the slope along a random direction, which
is extrapolated. Kinks and strong curvature show there, and then every entry is extrapolated.
"""

import numpy as np

from mlpkit.gradcheck.measure.confirm import ROUGH
from mlpkit.gradcheck.measure.derivative import COMPLEX
from mlpkit.gradcheck.measure.direction import Entries
from mlpkit.gradcheck.measure.screen import Screen

SEVERAL = 6  # entries for which the shorter way pays
STEP = 3e-4  # of the central difference, relative to the entry's natural step
CLOSE = 1e-7  # relative error of such differences
PLAIN = 1e-3  # relative mismatch above which so few digits are enough


def right_values(screen: Screen, name: str, indices: tuple[np.ndarray, ...]) -> np.ndarray:
    """Entries ``gradient[name][indices]`` as the loss has them, (count,); a scalar's as ()."""
    if not len(indices):
        return np.array(_slope(screen, name, 0))
    numbers = np.ravel_multi_index(indices, screen.gradient[name].shape)
    quick = _differences(screen, name, numbers)
    if quick is not None:
        return quick
    return np.array([_slope(screen, name, int(number)) for number in numbers])


def _slope(screen: Screen, name: str, number: int) -> float:
    return screen.engine.slope({name: Entries(np.array([number]), np.ones(1))}).value


def _differences(screen: Screen, name: str, numbers: np.ndarray) -> np.ndarray | None:
    """One central difference for each entry; None where these are not good enough."""
    engine = screen.engine
    is_exact = engine.noise <= ROUGH * abs(engine.base) and not engine.inward
    if engine.method == COMPLEX or not is_exact or len(numbers) < SEVERAL:
        return None
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
    return values if gap + slope.error <= CLOSE * size else None
