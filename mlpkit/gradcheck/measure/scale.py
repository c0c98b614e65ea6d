"""Entries along which the loss changes its character long before they have moved by their size.

At x = 0 the function x / max(|x|, 1e-8) is a straight line that ends at 1e-8, and tanh(1e6 x) one
that ends at 1e-6. A step of usual size sees nothing of it, and calls its slope wrong. But such a
gradient claims a change of the loss that is far larger than the change that is seen; by that factor
the steps have to shrink. If the claim is right, both agree then; a gradient that is wrong by a
factor stays wrong by it, however small the steps are.
"""

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.derivative import Engine
from mlpkit.gradcheck.measure.direction import Entries

REACH = 1 / 16  # of the natural size
STEEP = 30.0  # times the change that is seen: so much is claimed by a gradient that may be steep
AGREES = 4.0  # the claim of one that is, with steps small enough
ROUNDS = 6
IMPROVES = 4.0  # the factor by which a round brings both together
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
            return engine.scale != before
        _shrink(engine, gradient, ratio, seen)
    engine.scale = before
    return False


def _compare(engine: Engine, gradient: Point) -> tuple[float, float]:
    """The change of the loss that is claimed, relative to the one that is seen; and this one: the
    smaller one of both senses, since one may cross a pole or leave the domain."""
    uphill = {
        name: Entries(slice(None), REACH * engine.size(name) * np.sign(g.reshape(-1)))
        for name, g in gradient.items()
    }
    claimed = sum(float(np.sum(_claims(engine, name, g))) for name, g in gradient.items())
    changes = [abs(engine.at(uphill, sign) - engine.base) for sign in (1.0, -1.0)]
    seen = min((change for change in changes if np.isfinite(change)), default=np.nan)
    if not np.isfinite(seen) or not claimed:
        return np.nan, seen
    seen = max(seen, LEAST * engine.magnitude)
    return (claimed / seen if seen else np.nan), seen


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
