"""Kinks: points at which ReLU, max or abs have two slopes.

The complex step never crosses a kink that is merely near. Exactly on one, the loss has two slopes
along the same line: +ih and -ih tell them apart where the loss uses np.maximum, and real
differences to the right and to the left always do. The gradient there is a convention. So it is
checked a hair beside the kink, where there is none, and at the kink it has to lie between what the
sides give.
"""

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.derivative import COMPLEX, LADDER, Slope, typical
from mlpkit.gradcheck.measure.screen import Residual, Screen

HAIR = {COMPLEX: 1e-6, LADDER: 0.1}  # distance to a neighbour, relative to each parameter's size
PROBED = 3  # entries looked at one by one on the kink
SLACK = 1e-4  # of real one-sided differences, relative


def is_kink(screen: Screen, direction: Point, residual: Residual) -> bool:
    """Whether +ih and -ih give two slopes along a direction on which the gradient failed."""
    engine = screen.engine
    if engine.method != COMPLEX:
        return engine.bends(direction)
    left = screen.compare(direction, Slope(engine.complex_step(direction, engine.point, sign=-1)))
    return not (residual - left).is_zero


def neighbour(screen: Screen, home: Point) -> Point:
    """A point beside ``home``, off every kink that it sits on."""
    rng, hair = screen.rng, HAIR[screen.engine.method]
    return {
        name: array
        + hair
        * (typical(array) or 1.0)
        * rng.choice((-1.0, 1.0), array.shape)
        * rng.uniform(0.5, 1.5, array.shape)
        for name, array in home.items()
    }


def outside(screen: Screen, beside: list[Point]) -> set[str]:
    """Parameters whose gradient at the kink does not lie between what the sides give.

    Looks at the entries that jump most between the kink and its neighbours; finding these costs
    nothing.
    """
    return {name for name in screen.gradient if _is_outside(screen, name, beside)}


def _is_outside(screen: Screen, name: str, beside: list[Point]) -> bool:
    g = screen.gradient[name]
    sides = np.stack([point[name] for point in beside])
    gap = np.maximum(g - sides.max(0), sides.min(0) - g)
    for index in zip(*np.unravel_index(np.argsort(-gap, axis=None)[:PROBED], g.shape), strict=True):
        unit = np.zeros(g.shape)
        unit[index] = 1.0
        slopes = [screen.engine.one_sided({name: unit}, sign) for sign in (1, -1)]
        slopes += list(sides[(slice(None), *index)])
        slack = np.ptp(slopes) + SLACK * max(np.abs(slopes))
        if not min(slopes) - slack <= g[index] <= max(slopes) + slack:
            return True
    return False
