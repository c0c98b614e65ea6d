"""How exactly a loss is computed: the noise in its values, told apart from its curvature.

Differences of a smooth function on a fine grid die out order by order; those of rounding errors do
not: order k of independent errors of size s has the size s sqrt((2k)! / k!^2). So s is read off
where consecutive orders agree on it and the differences change sign. After ECnoise (J. J. More and
S. M. Wild, Estimating computational noise, SIAM J. Sci. Comput. 33, 2011).
"""

from collections.abc import Callable
from math import factorial
from typing import NamedTuple

import numpy as np

IN_FLOAT32 = 2.0**-24  # rounding unit
POINTS = 9  # values of the loss for one estimate
AGREE = 4.0  # consecutive orders estimate the same noise up to this factor
ORDERS = 3  # so many of them
FARTHER = 16.0  # times the spread over a short way: by so few points it is known no better
MOSTLY = 1 / 2  # of the ways go up and down; a short one may by chance not
LEVELS = 6  # values of rounding near zero, among three times POINTS
BENT = 0.1  # of its steps: a line has smaller bends
HALVINGS = 12  # of an interval with a jump in it
STAYS = 0.8  # of a jump, when its interval is halved; of a kink half is left


def noise_of(close: np.ndarray, *apart: np.ndarray) -> float:
    """Error of one of POINTS values close together: twice their noise; at least a rounding of
    float32, if no value has more digits than that, further apart neither."""
    noise, values = 2 * noise_in(close), np.concatenate([close, *apart])
    with np.errstate(over="ignore", invalid="ignore"):
        is_single = bool(np.all((values == values.astype(np.float32)) | np.isnan(values)))
    if not is_single or np.nanmin(values) == np.nanmax(values):  # a constant has few digits, too
        return noise
    return max(noise, IN_FLOAT32 * abs(float(close[0])))


def noise_in(values: np.ndarray) -> float:
    """Standard deviation of the noise in POINTS values at equal distances; 0 if none is seen."""
    top = float(np.max(np.abs(values)))
    if not 0 < top < np.inf:
        return 0.0
    estimates, alternates, differences = [], [], np.asarray(values, dtype=float) / top
    for k in range(1, len(values) - 1):
        differences = np.diff(differences)
        gamma = factorial(k) ** 2 / factorial(2 * k)
        estimates.append(float(np.sqrt(gamma * np.mean(np.square(differences)))))
        alternates.append(bool(np.any(differences > 0) and np.any(differences < 0)))
    for k in range(len(estimates) - ORDERS + 1):
        some = estimates[k : k + ORDERS]
        if alternates[k] and min(some) > 0 and max(some) <= AGREE * min(some):
            return top * float(np.mean(some))
    return 0.0


def is_flat(close: np.ndarray, *apart: np.ndarray) -> bool:
    """Whether a function changes by its own rounding only: no more over a long way than over a
    short one, and up and down. So does a loss that is zero everywhere, such as the sum of what has
    a mean of zero. The first value of each, at the point itself, may be no exception."""
    base, others = close[0], np.stack([close, *apart])[:, 1:]
    spread, whole = float(np.ptp(others[0])), float(np.ptp(others))
    if not spread and abs(base) <= whole and len(np.unique(others)) <= LEVELS:
        spread = whole  # rounding has few values there, and by chance only one close to the point
    is_usual = np.min(others) - whole <= base <= np.max(others) + whole
    steps = np.diff(others)
    alternates = np.any(steps > 0, axis=1) == np.any(steps < 0, axis=1)
    return bool(is_usual and whole <= FARTHER * spread and np.mean(alternates) > MOSTLY)


def is_line(values: np.ndarray) -> bool:
    """Whether values at equal distances lie on a line that is not level."""
    return bool(np.max(np.abs(np.diff(values, 2))) < BENT * np.max(np.abs(np.diff(values))))


def jump_in(f: Callable[[float], float], values: np.ndarray) -> float:
    """By how much f jumps, where ``values`` = f(0), f(1), ... are the least smooth; 0 if it does
    not."""
    jump = find_jump(f, values)
    return 0.0 if jump is None else jump.size


class Jump(NamedTuple):
    """Between two places close together; by how much is for whoever looks there to say."""

    left: float
    right: float
    size: float


def find_jump(f: Callable[[float], float], values: np.ndarray) -> Jump | None:
    """The jump of f where ``values`` = f(0), f(1), ... are the least smooth; None if it has none.

    Halves the interval in which the value departs most from a straight line. What a kink or
    curvature leaves there shrinks with the interval; a jump stays.
    """
    if not np.all(np.isfinite(values)):
        return None
    slope = float(np.median(np.diff(values)))
    low = int(np.argmax(np.abs(np.diff(values, 4)))) + 1  # curvature hides less in order 4
    left, right = (float(low), float(values[low])), (low + 2.0, float(values[low + 2]))
    departure = before = np.inf
    for _ in range(HALVINGS):
        middle = (left[0] + right[0]) / 2
        at_middle = (middle, f(middle))
        halves = [(left, at_middle), (at_middle, right)]
        departures = [abs(b[1] - a[1] - slope * (b[0] - a[0])) for a, b in halves]
        wider = int(departures[1] > departures[0])
        (left, right), before, departure = halves[wider], departure, departures[wider]
    return Jump(left[0], right[0], departure) if departure > STAYS * before else None
