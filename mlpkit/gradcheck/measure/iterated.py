"""A loss that is solved by an iteration and carries complex numbers through it.

The complex step gives the exact slope of what was computed, which is what so many rounds of the
iteration made; from the slope of what is meant that is off by about the tolerance, and nothing at
the point itself tells. But where the number of rounds changes, the slope of the loss jumps and the
gradient's claim does not: that is told from a mistake in the gradient, which stays, and from a
kink, at which both of them jump.
"""

import numpy as np

from mlpkit.gradcheck.measure.derivative import UNIT
from mlpkit.gradcheck.measure.direction import Direction, moved
from mlpkit.gradcheck.measure.noise import find_jump
from mlpkit.gradcheck.measure.preconditions import Gradient
from mlpkit.gradcheck.measure.screen import Residual, Screen

REACHES = (1 / 4, 1 / 32)  # of the line, relative to the natural step
PLACES = 17  # on the line
ROUNDS = 100.0  # times what one round changes may be left when an iteration stops
KINK = 3.0  # times the jump of the residual: so much of it the claim may have
ROUNDINGS = 64  # of the loss: a larger jump of its value is no rounding
FAINT = 1e-5  # relative errors below this are of iterations whose values do not jump visibly


class Line:
    """The slope of the loss and the gradient's claim along ``direction``, at places on a line."""

    def __init__(
        self, screen: Screen, gradient: Gradient, direction: Direction, reach: float
    ) -> None:
        self.screen, self.gradient, self.direction = screen, gradient, direction
        self.along = screen.relative_direction()
        self.low = -reach * screen.engine.step(self.along)
        self.step = -2 * self.low / (PLACES - 1)

    def claim(self, place: float) -> float:
        there = self.gradient.at(moved(self.screen.engine.point, self.along, self._at(place)))
        return Screen(self.screen.engine, there, self.screen.rng).claim(self.direction)

    def gap(self, place: float) -> float:
        """The claim minus the slope."""
        engine = self.screen.engine
        there = moved(engine.point, self.along, self._at(place))
        return self.claim(place) - engine.complex_step(self.direction, there)

    def value(self, place: float) -> float:
        return self.screen.engine.at(self.along, self._at(place))

    def _at(self, place: float) -> float:
        return self.low + self.step * place


def slope_error(
    screen: Screen, gradient: Gradient, direction: Direction, residual: Residual
) -> float:
    """By how much slopes along ``direction`` are off if the residual is an iteration's doing; 0
    where nothing says so."""
    for reach in REACHES:
        line = Line(screen, gradient, direction, reach)
        gaps = np.array([line.gap(place) for place in range(PLACES)])
        jump = find_jump(line.gap, gaps)
        if jump is None or ROUNDS * jump.size < abs(residual.value):
            continue
        if abs(line.claim(jump.right) - line.claim(jump.left)) > KINK * jump.size:
            continue  # a kink: the claim jumps with the slope
        change = abs(line.value(jump.right) - line.value(jump.left))
        expected = abs(line.value(jump.right + jump.right - jump.left) - line.value(jump.right))
        is_visible = change > 2 * expected + ROUNDINGS * UNIT * abs(screen.engine.base)
        if is_visible or residual.relative < FAINT:
            return float(np.max(np.abs(gaps)))
    return 0.0
