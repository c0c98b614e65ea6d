"""Entries along which the loss changes its character long before they have moved by their size.

At x = 0 the function x / max(|x|, 1e-8) is a straight line that ends at 1e-8, and tanh(1e6 x) one
that ends at 1e-6. A step of usual size sees nothing of it, and calls its slope wrong. But such a
gradient claims a change of the loss that is far larger than the change that is seen; by that factor
the steps have to shrink. If the claim is right, both agree then; a gradient that is wrong by a
factor stays wrong by it, however small the steps are.
"""

from itertools import pairwise

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.derivative import COMPLEX, UNIT, Engine
from mlpkit.gradcheck.measure.direction import Direction, Entries

REACH = 1 / 16  # of the natural size
STEEP = 30.0  # times the change that is seen: so much is claimed by a gradient that may be steep
AGREES = 4.0  # the claim of one that is, with steps small enough
ROUNDS = 6
NEAR = (1 / 16, 1 / 32, 1 / 64)  # of such steps: so near the loss is a straight line,
STRAIGHT = 1 / 3  # if half of the way changes it by half, up to this
ROUNDINGS = 16  # of the loss, that it changes by at least
IMPROVES = 4.0  # the factor by which a round brings both together
CLOSER = 10.0 ** -np.arange(0, 14, 1.5)  # steps that real differences are looked at with
FLAT = (1.0, 1e-2, 1e-4)  # of the usual step: a loss that is the same there is level
MISSED = 1 / 4  # of the gap: the differences are as near as that to the slope
LEAST = 1e-10  # of the loss: smaller changes are not seen


def find_scales(engine: Engine, gradient: Point) -> bool:
    """Set ``engine.scale`` so that the gradient's claim agrees with the loss about how much this
    changes where all entries go uphill; False, and nothing set, where no scale does that."""
    before, ratio = dict(engine.scale), np.inf
    for _ in range(ROUNDS):
        last, (ratio, seen) = ratio, _compare(engine, gradient)
        if not ratio <= last / IMPROVES and ratio > AGREES:
            break
        if ratio <= (AGREES if engine.scale != before else STEEP):
            if engine.scale != before and _is_straight(engine, gradient):
                return True
            break
        _shrink(engine, gradient, ratio, seen)
    engine.scale = before
    return False


def find_closer(engine: Engine, direction: Direction, slope: float, gap: float) -> bool:
    """Set ``engine.scale`` so that real differences along ``direction`` give ``slope``, up to part
    of the ``gap`` by which they miss it in steps of the usual size; False where no scale does, and
    where the complex step is at odds with differences about as large: that is a solver's doing."""
    usual, noise = REACH * engine.step(direction), UNIT * abs(engine.base)
    if engine.method == COMPLEX:  # one value mostly tells that differences are as large
        change = engine.at(direction, usual) - engine.base
        if abs(change) > MISSED * abs(slope) * usual:
            return False

    is_level = slope == 0 and _is_flat_on_one_side(engine, direction, usual)

    def is_near(found: float) -> bool:
        is_seen = found != 0 or is_level  # 0 is mostly what rounding leaves of a small change
        return bool(is_seen and abs(found - slope) <= MISSED * gap)

    for closer in CLOSER:
        h = closer * usual
        found = _difference(engine, direction, h)
        is_alike = engine.method == COMPLEX and abs(found) > MISSED * abs(slope)
        if noise / h > MISSED * gap or (closer == 1 and is_alike):
            return False
        if not is_near(found):
            continue
        is_chance = not is_near(_difference(engine, direction, h / 4))
        if closer == 1 and is_chance:  # curvature, and a kink that makes up for it
            continue
        if closer == 1 or is_chance:
            return False
        for name in direction:
            old = engine.scale.get(name, np.ones(engine.point[name].size))
            engine.scale[name] = (REACH if is_level else 1.0) * closer * old  # level so far only
        return True
    return False


def _is_flat_on_one_side(engine: Engine, direction: Direction, usual: float) -> bool:
    """Whether the loss does not change at all to one side, as below the kink of a ReLU."""
    return any(
        all(engine.at(direction, sign * near * usual) == engine.base for near in FLAT)
        for sign in (1, -1)
    )


def _difference(engine: Engine, direction: Direction, h: float) -> float:
    """A central difference, at the edge of a domain one to a side; NaN where there is none."""
    side = engine.side(direction)
    sides = (side,) if side else (0, 1, -1)
    found = (engine.quotient(direction, engine.point, h, sign) for sign in sides)
    return next((value for value in found if np.isfinite(value)), np.nan)


def _compare(engine: Engine, gradient: Point) -> tuple[float, float]:
    """The change of the loss that is claimed, relative to the one that is seen; and this one: the
    smaller one of both senses, since one may cross a pole or leave the domain."""
    uphill = _uphill(engine, gradient)
    claimed = sum(float(np.sum(_claims(engine, name, g))) for name, g in gradient.items())
    changes = [abs(engine.at(uphill, sign) - engine.base) for sign in (1.0, -1.0)]
    seen = min((change for change in changes if np.isfinite(change)), default=np.nan)
    if not np.isfinite(seen) or not claimed:
        return np.nan, seen
    seen = max(seen, LEAST * engine.magnitude)
    return (claimed / seen if seen else np.nan), seen


def _uphill(engine: Engine, gradient: Point) -> dict[str, Entries]:
    return {
        name: Entries(slice(None), REACH * engine.size(name) * np.sign(g.reshape(-1)))
        for name, g in gradient.items()
    }


def _is_straight(engine: Engine, gradient: Point) -> bool:
    """Whether the loss changes in proportion to such steps, as rounding does not."""
    uphill = _uphill(engine, gradient)
    changes = [engine.at(uphill, h) - engine.base for h in NEAR]
    is_visible = abs(changes[0]) > ROUNDINGS * engine.unit * abs(engine.base)
    halves = (abs(2 * near - far) <= STRAIGHT * abs(far) for far, near in pairwise(changes))
    return is_visible and all(halves)


def _claims(engine: Engine, name: str, g: np.ndarray) -> np.ndarray:
    claims: np.ndarray = REACH * engine.size(name) * np.abs(g.reshape(-1))
    return claims


def _shrink(engine: Engine, gradient: Point, ratio: float, seen: float) -> None:
    """Smaller steps for the entries that claim more than is seen, each of them alone."""
    scale = dict(engine.scale)
    for name, g in gradient.items():
        is_steep = _claims(engine, name, g) > seen
        if np.any(is_steep):
            old = scale.get(name, np.ones(g.size))
            scale[name] = np.where(is_steep, old / ratio, old)
    engine.scale = scale
