"""Few random directions that see an error in any single entry of the gradient.

Along d the right gradient gives the slope of the loss: sum_i g_i d_i = dL/dt L(x + t d). With
d_i = sign * U(0.5, 1.5) / abs(g_i) every entry contributes about one, however small it is, so an
entry that is off by a relative delta shows as delta: nothing is swamped by larger entries or by
other parameters. Pure signs would cancel exactly on pairs of errors; U(0, 1) hides entries.

Real steps cannot go so far: an entry moves by its own size at most, and what it contributes then
is |g_i x_i|. So d_i = sign * U(0.5, 1.5) min(x_i, C / |g_i|) / C, with a typical C: entries
contribute about one or as much as they can.

What rounding may explain grows like the root of the number of terms, so large arrays are taken in
parts, a handful at most. There is no absolute tolerance: all of it scales with the loss.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.derivative import COMPLEX, UNIT, Engine, Slope
from mlpkit.gradcheck.measure.direction import (
    BLOCK,
    NEGLIGIBLE,
    Direction,
    Entries,
    claimed,
    natural_size,
    pieces,
    taken,
    typical,
)

PART = 200_000  # entries that one direction covers at most, unless there are more than
PARTS = 4  # times as many: then as many as that
ROUNDINGS = 32  # rounding errors of one standard deviation each that a slope may show
UNLIKE = 1e3  # times what a typical entry contributes: too much for one step
FLOORS = (1 / 4, 1e-6)  # entries smaller than this times the typical one get no larger weight


@dataclass(frozen=True)
class Residual:
    """gradient . d minus the slope of the loss along d, and what rounding can explain of it."""

    value: float
    tolerance: float
    weight: float  # what the residual would be if every entry were off by 100 %
    least: float = 0.5  # what an entry that is not tiny contributes at least

    @property
    def is_zero(self) -> bool:
        return abs(self.value) <= self.tolerance or np.isinf(self.tolerance)

    @property
    def bound(self) -> float:
        """Relative error that an entry which is not tiny could have without being seen."""
        return self.tolerance / self.least

    @property
    def relative(self) -> float:
        return abs(self.value) / self.weight if self.weight else np.inf

    def __add__(self, other: "Residual") -> "Residual":
        """Along the sum of two directions that have no entry in common."""
        return self._with(self.value + other.value, other)

    def __sub__(self, part: "Residual") -> "Residual":
        """What is left without a part of the direction."""
        return self._with(self.value - part.value, part)

    def drowned(self, tolerance: float = 0.0) -> "Residual":
        """The same with so much noise that it is zero."""
        return replace(self, tolerance=max(abs(self.value), self.tolerance, tolerance))

    def _with(self, value: float, other: "Residual") -> "Residual":
        tolerance = np.hypot(self.tolerance, other.tolerance)  # independent roundings
        weight = float(np.hypot(self.weight, other.weight))
        return Residual(value, float(tolerance), weight, min(self.least, other.least))


class Screen:
    """Residuals of one gradient at one point, along directions weighted by that gradient."""

    def __init__(self, engine: Engine, gradient: Point, rng: np.random.Generator) -> None:
        self.engine, self.gradient, self.rng = engine, gradient, rng
        self.size = {name: typical(g) for name, g in gradient.items()}
        self.noise = 1.0  # factor on the tolerance, raised by what re-evaluation shows

    def tell_units_apart(self) -> None:
        """Let entries next to zero step by their own size where the gradient says that they have
        units of their own: their usual step would change the loss out of all proportion, and their
        own does change it."""
        for name, g in self.gradient.items():
            x = np.abs(self.engine.point[name])
            usual = typical(x)
            small = (x > 0) & (x <= NEGLIGIBLE * usual)
            if not np.any(small):
                continue
            own = np.abs(g) * natural_size(x, is_unlike=True).reshape(x.shape)
            far, all_of_them = np.abs(g[small]) * usual, typical(own)
            is_own = (far > UNLIKE * all_of_them) & (own[small] > FLOORS[1] * all_of_them)
            if np.any(is_own):
                self.engine.unlike.add(name)

    def direction(
        self, name: str, floor: float = FLOORS[0], flat: slice | np.ndarray = slice(None)
    ) -> Entries:
        """Random direction for (some entries of) one parameter in which they contribute alike; in
        real steps as nearly as these can."""
        g = np.abs(taken(self.gradient[name], flat))
        if self.engine.method == COMPLEX:
            size = self.size[name] or max(self.size.values()) or 1.0
            values = self._random(g.shape) / np.maximum(g, floor * size)
            return Entries(flat, values)
        return self.natural(name, flat)

    def natural(self, name: str, flat: slice | np.ndarray = slice(None)) -> Entries:
        """Random direction along which no entry moves by more than (1.5 times) its own size."""
        g = np.abs(taken(self.gradient[name], flat))
        step = self.engine.size(name, flat) / self.contribution
        with np.errstate(divide="ignore"):
            values = self._random(g.shape) * np.minimum(step, 1 / g)
        direction = self.engine.inside({name: Entries(flat, values)})[name]
        assert isinstance(direction, Entries)
        return direction

    def uphill(self) -> dict[str, Entries]:
        """The direction in which all entries add up: a factor shows there that signs at random
        would hide in the noise of a coarse loss."""
        part = {}
        for name, g in self.gradient.items():
            values = self.natural(name).values
            sign = 1 if self.engine.inward else np.sign(g.reshape(-1)) * np.sign(values)
            part[name] = Entries(slice(None), values * sign)
        return part

    @property
    def contribution(self) -> float:
        """What a typical entry changes the loss by when it moves by its own size."""
        return max(self._contributions.values(), default=0.0) or 1.0

    @cached_property
    def _contributions(self) -> dict[str, float]:
        return {name: self._contribution_of(name) for name in self.gradient}

    def _contribution_of(self, name: str) -> float:
        g, usual = self.gradient[name], 0.0
        blocks = [slice(start, start + BLOCK) for start in range(0, g.size, BLOCK)]
        sizes = [typical(taken(g, b) * self.engine.size(name, b)) for b in blocks]
        usual = float(np.sqrt(np.mean(np.square(sizes)))) if sizes else 0.0
        return usual

    def _random(self, shape: tuple[int, ...]) -> np.ndarray:
        values = self.rng.uniform(0.5, 1.5, shape)
        values[self.rng.integers(0, 2, shape, dtype=np.int8) == 0] *= -1
        return values

    def choose_method(self) -> None:
        """The complex step where the loss is seen to carry complex numbers, else differences. Of a
        very large parameter a part of the entries shows that; all of them would cost memory."""
        direction = self.relative_direction(PART)
        if self.engine.carries_complex(direction):
            return
        is_whole = all(g.size <= PART for g in self.gradient.values())
        self.engine.use_differences(direction if is_whole else self.relative_direction())

    def relative_direction(self, most: int | None = None) -> dict[str, Entries]:
        """Random direction in proportion to the size of each entry, for steps of real size; of
        each parameter at most so many entries move."""
        return {name: self._relative(name, most or a.size) for name, a in self.gradient.items()}

    def _relative(self, name: str, most: int) -> Entries:
        flat = slice(0, None, max(1, -(-self.gradient[name].size // most)))
        values = self.engine.size(name, flat)
        values *= self._random(values.shape)
        return Entries(flat, values)

    def parts(self, floor: float) -> Iterator[dict[str, Entries]]:
        """Directions that together cover all parameters, a part of the entries in each. A gradient
        that is all zero goes alone: the slope there must vanish next to nothing else."""
        part: dict[str, Entries] = {}
        size = 0
        limit = max(PART, -(-sum(g.size for g in self.gradient.values()) // PARTS))
        for name, g in self.gradient.items():
            if not self.size[name]:
                yield {name: self.direction(name, floor)}
                continue
            start = 0
            while start < g.size:
                if size == limit:
                    yield part
                    part, size = {}, 0
                stop = min(g.size, start + limit - size)
                part[name] = self.direction(name, floor, slice(start, stop))
                start, size = stop, size + stop - start
        if part:
            yield part

    def residual(self, direction: Direction, accuracy: float = 0.0) -> Residual:
        return self.compare(direction, self.engine.slope(direction, accuracy=accuracy))

    def compare(self, direction: Direction, slope: Slope) -> Residual:
        """The gradient's claim along ``direction`` against the slope found there."""
        tolerance, least = self.tolerance(direction) + slope.error, 0.5
        if self.engine.method != COMPLEX:
            least = self._least(direction) or UNIT
            tolerance += self._of_point(direction) / slope.step
        value = self.claim(direction) - slope.value
        return Residual(value, tolerance, self.weight(direction), least)

    def _of_point(self, direction: Direction) -> float:
        """What rounding the point changes in the loss: much, if steps are far smaller than it."""
        changes = [
            np.linalg.norm(taken(self.gradient[n], f) * taken(self.engine.point[n], f) * (d != 0))
            for n, f, d in pieces(direction)
        ]
        return ROUNDINGS * UNIT * float(np.linalg.norm(changes))

    def _least(self, direction: Direction) -> float:
        """What an entry of the least parameter contributes; where the loss is solved by an
        iteration, whose errors hide far more than rounding does, the least entry itself."""
        if not self.engine.is_solved:
            seen = (self._contributions[name] for name, _, _ in pieces(direction))
            return min(seen, default=0.0) / self.contribution / 8
        terms = (np.abs(taken(self.gradient[n], flat) * d) for n, flat, d in pieces(direction))
        return min((float(np.min(t[t > 0], initial=1.0)) for t in terms), default=0.0)

    def claim(self, direction: Direction) -> float:
        """The slope along ``direction`` according to the gradient."""
        return claimed(self.gradient, direction)

    def tolerance(self, direction: Direction) -> float:
        """What rounding can explain along ``direction``."""
        return self.noise * ROUNDINGS * UNIT * self.weight(direction)

    def _usual(self, name: str, flat: slice | np.ndarray) -> float | np.ndarray:
        """The typical derivative; of unlike units that with which each contributes as usual."""
        if name in self.engine.unlike:
            return self.contribution / self.engine.size(name, flat)
        return self.size[name]

    def weight(self, direction: Direction) -> float:
        """Root of the squared sum of what the entries contribute."""
        squares = 0.0
        for name, flat, d in pieces(direction):
            terms = np.abs(taken(self.gradient[name], flat))
            terms = np.maximum(terms, self._usual(name, flat), out=terms)
            terms *= d
            squares += float(np.vdot(terms, terms))
        return float(np.sqrt(squares))
