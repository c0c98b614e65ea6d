"""Kinks: points at which ReLU, max or abs have two slopes.

The complex step moves to the right with +ih and to the left with -ih, and never crosses a kink
that is merely near. If both slopes differ, the point sits exactly on a kink: the gradient there is
a convention. Then the gradient is checked a hair beside the kink, where it is none, and at the
kink it has to lie between what the two sides give.
"""

import numpy as np

from mlpkit.gradcheck.engine import Engine, typical
from mlpkit.gradcheck.screen import ROUNDINGS, UNIT, Screen
from mlpkit.gradcheck.tree import Point

HAIR = 1e-6  # distance to a neighbour, relative to each parameter's size
PROBED = 3  # entries looked at one by one on the kink


def is_kink(screen: Screen, direction: Point) -> bool:
    """Whether the loss has two different slopes along ``direction`` at this point."""
    engine = screen.engine
    if engine.method == "complex step":
        right = engine.imaginary(direction, engine.point)
        left = engine.imaginary(direction, engine.point, sign=-1)
        return abs(right - left) > screen.compare(direction, engine.slope(direction)).tolerance
    return _bends(engine, direction)


def _bends(engine: Engine, direction: Point) -> bool:
    """The same from real values: the jump of the slope does not shrink with the step."""
    jumps = [engine.jump(direction, step) for step in (1e-4, 1e-5)]
    return abs(jumps[1]) > abs(jumps[0]) / 2


def neighbour(point: Point, rng: np.random.Generator) -> Point:
    """A point beside this one, off every kink that it sits on."""
    return {
        name: array
        + HAIR
        * (typical(array) or 1.0)
        * rng.choice((-1.0, 1.0), array.shape)
        * rng.uniform(0.5, 1.5, array.shape)
        for name, array in point.items()
    }


def brackets(screen: Screen, beside: list[Point]) -> str | None:
    """Name of a parameter whose gradient at the kink lies outside of what its sides give.

    Looks at the entries that jump most between the kink and its neighbours, which cost no
    evaluation to find.
    """
    engine = screen.engine
    for name, g in screen.gradient.items():
        sides = np.stack([point[name] for point in beside])
        gap = np.maximum(g - sides.max(0), sides.min(0) - g).reshape(-1)
        for flat in np.argsort(gap)[::-1][:PROBED]:
            index = np.unravel_index(flat, g.shape)
            unit = np.zeros(g.shape)
            unit[index] = 1.0
            slopes = [engine.imaginary({name: unit}, engine.point, sign) for sign in (1, -1)]
            slopes += list(sides[(slice(None), *index)])
            slack = max(slopes) - min(slopes) + ROUNDINGS * UNIT * screen.size[name]
            if not min(slopes) - slack <= g[index] <= max(slopes) + slack:
                return name
    return None
