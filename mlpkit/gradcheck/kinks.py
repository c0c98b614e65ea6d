"""Kinks: points at which ReLU, max or abs have two slopes.

The complex step moves to the right with +ih and to the left with -ih, and never crosses a kink
that is merely near. If both slopes differ, the point sits exactly on a kink: the gradient there is
a convention. Then the gradient is checked a hair beside the kink, where it is none, and at the
kink it has to lie between what the two sides give.
"""

import numpy as np

from mlpkit.gradcheck.engine import UNIT, typical
from mlpkit.gradcheck.screen import ROUNDINGS, Residual, Screen
from mlpkit.gradcheck.tree import Point

HAIR = {"complex step": 1e-6}  # distance to a neighbour, relative to each parameter's size
FAR = 0.1  # for engines that must not reach over the kink
JUMP = 1e-4  # relative difference of the two slopes that real differences can tell from a curve
PROBED = 3  # entries looked at one by one on the kink


def is_kink(screen: Screen, direction: Point, residual: Residual) -> bool:
    """Whether the loss has two different slopes along ``direction`` at this point."""
    engine = screen.engine
    left = engine.one_sided(direction, -1)
    if engine.method == "complex step":
        right = screen.claim(direction) - residual.value  # measured before
        return abs(right - left) > residual.tolerance
    right = engine.one_sided(direction, 1)
    return abs(right - left) > JUMP * max(abs(right), abs(left))


def neighbour(screen: Screen) -> Point:
    """A point beside this one, off every kink that it sits on."""
    rng, hair = screen.rng, HAIR.get(screen.engine.method, FAR)
    return {
        name: array
        + hair
        * (typical(array) or 1.0)
        * rng.choice((-1.0, 1.0), array.shape)
        * rng.uniform(0.5, 1.5, array.shape)
        for name, array in screen.engine.point.items()
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
        slack = np.ptp(slopes) + ROUNDINGS * UNIT * screen.size[name]
        if not min(slopes) - slack <= g[index] <= max(slopes) + slack:
            return True
    return False
