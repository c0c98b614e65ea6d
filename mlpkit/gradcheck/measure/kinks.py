"""Kinks: points at which ReLU, max or abs have two slopes.

The complex step never crosses a kink that is merely near. Exactly on one, the loss has two slopes
along the same line: +ih and -ih tell them apart where the loss uses np.maximum, and real
differences to the right and to the left always do. The gradient there is a convention. So it is
checked a hair beside the kink, where there is none, and at the kink it has to lie between the
one-sided slopes: entry by entry, and along directions in which several entries move at once. The
latter refuses (1, 1) for max(a, b) at a tie, whose slope along (1, 1) is 1. It holds for kinks that
open upwards, and for those that open downwards, but not for a mixture; so entries are taken
together with those of their own sense only.

Where many kinks meet (ReLU with all weights zero), one entry moves units on in some rows and off in
others, and what a convention gives, such as zero, need not lie between. That it need not is seen
where slopes right beside the point do not either.
"""

from collections.abc import Callable, Collection

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.derivative import COMPLEX, RICHARDSON, UNIT, Engine, Slope
from mlpkit.gradcheck.measure.direction import Direction, Entries, claimed, pieces, taken
from mlpkit.gradcheck.measure.screen import Residual, Screen

HAIR = {COMPLEX: 1e-6, RICHARDSON: 0.1}  # distance to a neighbour, relative to each entry's size
PROBED = 4  # entries looked at one by one on the kink
TOGETHER = 3  # directions in which they move together
SLACK = 1e-4  # of real one-sided differences, relative
PAIRS = 8  # of points on opposite sides of where kinks meet
REACH = 3.0  # how far conventions may be from the middle, as a multiple of what such points show

Around = Callable[[], list[Point]]  # gradients on all sides of the kink


def is_kink(screen: Screen, direction: Direction, residual: Residual) -> bool:
    """Whether +ih and -ih give two slopes along a direction on which the gradient failed; what
    rounding leaves of none, where terms of the loss cancel, are not two."""
    engine = screen.engine
    if engine.method != COMPLEX:
        return engine.bends(direction)
    left = screen.compare(direction, Slope(engine.complex_step(direction, engine.point, sign=-1)))
    between = residual - left
    resolution = UNIT * abs(engine.base) / engine.step(direction)
    return not between.is_zero and abs(between.value) > resolution


def is_too_near(engine: Engine) -> bool:
    """Whether a kink is nearer than the steps of real differences that show a slope: a loss that
    float64 rounds, and no worse, bends at all of them."""
    noise, scale = engine.noise, engine.scale
    engine.noise, engine.scale = 0.0, {}
    try:
        direction = {name: engine.size(name) for name in engine.tree.leaves}
        return engine.method != COMPLEX and engine.bends(direction)
    finally:
        engine.noise, engine.scale = noise, scale


def neighbour(screen: Screen, home: Point, hair: float | None = None) -> Point:
    """A point beside ``home``, off every kink that it sits on; ``hair`` away, relative to the size
    of each entry."""
    rng, hair = screen.rng, hair or HAIR[screen.engine.method]
    return {
        name: array
        + hair
        * screen.engine.size(name).reshape(array.shape)
        * rng.choice((-1.0, 1.0), array.shape)
        * rng.uniform(0.5, 1.5, array.shape)
        for name, array in home.items()
    }


def opposite(home: Point, there: Point) -> Point:
    """The point as far from ``home``, on the other side."""
    return {name: 2 * array - there[name] for name, array in home.items()}


def all_sides(screen: Screen, home: Point) -> list[Point]:
    """Points very near, two by two on opposite sides."""
    ones = [neighbour(screen, home, HAIR[COMPLEX]) for _ in range(PAIRS)]
    return ones + [opposite(home, one) for one in ones]


def outside(
    screen: Screen, beside: list[Point], around: Around, unseen: Collection[str]
) -> set[str]:
    """Parameters whose gradient at the kink does not lie between the one-sided slopes.

    Looks at the entries that jump most between the kink and its neighbours; finding these costs
    nothing. The gradients of those ``unseen`` were not seen to be right beside: they prove nothing.
    """
    known = {name: list if name in unseen else around for name in screen.gradient}
    return {name for name in known if _is_outside(screen, name, beside, known[name])}


def _is_outside(screen: Screen, name: str, beside: list[Point], around: Around) -> bool:
    g = screen.gradient[name].reshape(-1)
    sides = np.stack([point[name].reshape(-1) for point in beside])
    gap = np.maximum(g - sides.max(0), sides.min(0) - g)
    jump = np.ptp(np.vstack([sides, g]), axis=0)
    probed = np.lexsort((-jump, -np.maximum(gap, 0)))[:PROBED]
    probed = probed[jump[probed] > SLACK * np.max(np.abs(sides), initial=0.0)]
    upward: list[int] = []
    downward: list[int] = []
    for index in probed:
        d = {name: Entries(np.array([index]), np.ones(1))}
        left, right = _two_sided(screen, d)
        if _is_refused(screen, d, left, right, around):
            return True
        (upward if right.value > left.value else downward).append(index)
    return any(
        _is_outside_together(screen, name, np.sort(np.array(group)), around)
        for group in (upward, downward)
        if len(group) > 1
    )


def _is_outside_together(screen: Screen, name: str, entries: np.ndarray, around: Around) -> bool:
    for k in range(TOGETHER):
        d = screen.rng.uniform(0.5, 1.5, len(entries))
        d *= screen.rng.choice((-1.0, 1.0), len(entries)) if k else 1.0
        direction = {name: Entries(entries, d)}
        if _is_refused(screen, direction, *_two_sided(screen, direction), around):
            return True
    return False


def _two_sided(screen: Screen, direction: Direction) -> tuple[Slope, Slope]:
    left, right = (screen.engine.one_sided(direction, sign) for sign in (-1, 1))
    return left, right


def _is_refused(
    screen: Screen, direction: Direction, left: Slope, right: Slope, around: Around
) -> bool:
    """Whether the gradient is no convention: not between the slopes, though those on all sides are;
    or far from what they are."""
    claim = screen.claim(direction)
    if _is_between(claim, left, right):
        return False
    sides = np.array([claimed(gradient, direction) for gradient in around()])
    if all(_is_between(side, left, right) for side in sides):
        return True
    reach = 0.0
    for name, flat, values in pieces(direction):
        spread = np.ptp([taken(side[name], flat) for side in around()], axis=0) / 2
        reach += float(np.sum(spread * np.abs(values)))
    return bool(abs(claim - np.mean(sides)) > REACH * reach)


def _is_between(claim: float, left: Slope, right: Slope) -> bool:
    """Between the two slopes, up to their errors."""
    slopes = [left.value, right.value]
    slack = SLACK * max(map(abs, slopes)) + left.error + right.error
    return bool(min(slopes) - slack <= claim <= max(slopes) + slack)
