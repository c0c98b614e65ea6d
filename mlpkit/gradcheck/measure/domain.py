"""Where a loss can be evaluated at all: steps of real numbers that do not leave its domain.

Logarithms, roots and gamma functions end somewhere, and a step across gives NaN or an exception.
Entries next to zero may have a size of their own, by which they can step; and at an edge all steps
go inwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlpkit.gradcheck.measure.direction import Direction, Entries, pieces

if TYPE_CHECKING:
    from mlpkit.gradcheck.measure.derivative import Engine


def find_units(engine: Engine, direction: Direction) -> Direction:
    """Let entries next to zero step by their own size, if else they leave the domain, such as
    probabilities of 1e-12 do; the direction in these sizes."""
    names = set(direction) - engine.unlike
    h = 1e-6 * engine.step(direction)
    if not names or _is_inside(engine, direction, h):
        return direction
    usual = {name: engine.size(name) for name in direction}
    engine.unlike |= names
    found = pieces(direction)
    closer = {n: Entries(f, v * engine.size(n, f) / usual[n][f]) for n, f, v in found}
    if _is_inside(engine, closer, h):
        return closer
    engine.unlike -= names
    return direction


def _is_inside(engine: Engine, direction: Direction, h: float) -> bool:
    """Whether the loss can be evaluated on both sides."""
    return bool(np.isfinite(engine.at(direction, h)) and np.isfinite(engine.at(direction, -h)))


def find_edges(engine: Engine, direction: Direction) -> None:
    """Find signs with which steps stay inside of the domain, where those of ``direction`` in
    either sense do not: entries at zero go up, then all go up, down, or to the middle."""
    h = 1e-6 * engine.step(direction)
    engine.inward = {}
    if _is_inside(engine, direction, h):
        return
    x = {name: np.sign(engine.point[name]) for name in direction}
    for inward in (
        {name: (s == 0).astype(float) for name, s in x.items()},
        {name: np.ones(s.shape) for name, s in x.items()},
        {name: -np.ones(s.shape) for name, s in x.items()},
        {name: np.where(s == 0, 1.0, -s) for name, s in x.items()},
    ):
        engine.inward = inward
        if np.isfinite(engine.at(engine.inside(direction), h)):
            return
    engine.inward = {}
