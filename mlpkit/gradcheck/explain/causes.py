"""For each parameter that is wrong: where, three entries to look at, and why."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlpkit.gradcheck.explain.constants import Names
from mlpkit.gradcheck.explain.diagnosis import DIGITS, diagnose, same_as, scaled
from mlpkit.gradcheck.explain.elementwise import pointwise
from mlpkit.gradcheck.explain.mismatch import Mismatch
from mlpkit.gradcheck.explain.reading import PLAIN, Reading, may_be_quick, read
from mlpkit.gradcheck.explain.regions import inside, reordered
from mlpkit.gradcheck.inputs.parse import parse
from mlpkit.gradcheck.inputs.pytree import Point
from mlpkit.gradcheck.measure.detect import Failure
from mlpkit.gradcheck.measure.direction import BLOCK, Direction
from mlpkit.gradcheck.measure.localise import EVERYWHERE, LOST, Locator, Place
from mlpkit.gradcheck.measure.preconditions import Gradient
from mlpkit.gradcheck.measure.screen import Screen
from mlpkit.gradcheck.report import PARTLY, REST, Entry, Finding

SHOWN = 3  # entries whose right value is read off
FULL = 64  # a gradient of at most so many entries is read off whole
LINE = 16  # so is a row or column of so many
SAMPLED = 6  # so many largest entries of a larger one, and as many of every size
PROJECTIONS = 8  # directions that stand for a larger one
PROOFS = 3  # that prove what one direction suggests
ENOUGH = 1e-8  # relative error of a projection by real differences
ROUNDING = 1e-6  # of the largest error: entries that are off by less are right
ROUNDED_EVERYWHERE = "agrees to few digits only, in every entry"
SEEN = 0.1  # of a relative error: if all that is shown is off by less, it is not what is wrong
HIDDEN = "off by so little that rounding hides in which entries"
NOISY = 1e3  # rounding of a gradient, relative to float64's, that is float32's
ROUNDED = 1e-5  # a mismatch in every entry that is smaller looks like float32


class Causes:
    """Explains failures of one gradient; evaluates the loss as it needs to."""

    def __init__(
        self,
        screen: Screen,
        gradient: Gradient,
        constants: Mapping[str, float] | None,
        alternatives: Mapping[str, Any] | None,
    ) -> None:
        self.screen, self.gradient = screen, gradient
        point = screen.engine.point
        scalars = {name: float(a.item()) for name, a in point.items() if a.size == 1}
        self.names, self.given = Names(constants, scalars), alternatives or {}
        self._alternatives: dict[str, Point] | None = None
        self._whole: dict[str, Reading] = {}  # parameters that are read off already

    def explain(self, failure: Failure) -> Finding:
        name, relative = failure.name, failure.residual.relative
        if self.gradient.parsed.arrays[name].dtype.kind in "iu":
            whole = "yours holds integers, which cut off the digits: use floats"
            return Finding(name, whole, "", self._largest(name), relative)
        known = same_as(self.screen.gradient[name], self._known(name), relative)
        if known:
            return Finding(name, known, "", self._largest(name), relative)
        factor = self._scaled(failure)
        if factor:
            return Finding(name, factor, EVERYWHERE.words, self._largest(name), relative)
        place = self._place(failure)
        if place is LOST:
            return Finding(name, HIDDEN, relative_error=relative)
        if relative < ROUNDED and self.screen.noise > NOISY:  # no place: the others barely hide
            worst = self._largest(name)
            return Finding(name, ROUNDED_EVERYWHERE, "", worst, relative, is_rounding=True)
        cause: str | None = None
        count = 0 if place.indices is None else len(place.indices[0])
        if not count or (count > 1 and self.screen.gradient[name].size <= FULL):
            cause, entries = self._everywhere(name)
        if place.indices is not None and (not cause or PARTLY in cause):
            cause, entries = self._somewhere(name, place.indices)
        if relative < ROUNDED and place.indices is None and (not cause or DIGITS in cause):
            cause = cause or ROUNDED_EVERYWHERE
            return Finding(name, cause, place.words, entries, relative, is_rounding=True)
        shown = max((entry.error for entry in entries), default=np.inf)
        if shown <= SEEN * min(relative, 1.0) and self.screen.gradient[name].size > 1:
            entries = self._one_that_is_wrong(failure)
        return Finding(name, cause or self._anomaly(name), place.words, entries, relative)

    def _scaled(self, failure: Failure) -> str | None:
        """A constant that the whole gradient is off by, if it shows along the direction that
        failed: then nothing needs to be searched for."""
        name, g = failure.name, self.screen.gradient[failure.name]
        claim = self.screen.claim({name: failure.direction})
        slope = claim - failure.residual.value
        if not slope or g.size < 2 or not np.all(g):
            return None
        if self.names.find(claim / slope) in (None, "1"):
            return None
        return scaled(self._projected(name, np.ones(g.shape, dtype=bool), PROOFS))

    def _place(self, failure: Failure) -> Place:
        """Where it is wrong. By real differences a search costs as much as reading off a few
        entries, so of a small gradient all of them are read, which the cause needs anyway."""
        name, residual = failure.name, failure.residual
        g = self.screen.gradient[name]
        search = Locator(self.screen, name, failure.direction, g.shape)
        is_plain = residual.relative > PLAIN and may_be_quick(self.screen, g.size)
        if not is_plain or g.size > FULL:
            return search.locate(residual)
        if g.size > LINE:
            place = search.locate(residual, few=1)
            if place.indices is not None:
                return place
        errors = self._read_whole(name).errors
        if errors is None:
            return search.locate(residual)
        known = Locator(errors, name, errors.direction, g.shape)
        return known.locate(errors.residual({name: errors.direction}))

    def _one_that_is_wrong(self, failure: Failure) -> tuple[Entry, ...]:
        """An entry to show where the largest are right."""
        g = self.screen.gradient[failure.name]
        search = Locator(self.screen, failure.name, failure.direction, g.shape)
        indices = np.unravel_index([search.one(failure.residual)], g.shape)
        return _worst(indices, g[indices], self._read_off(failure.name, indices))

    def _read_whole(self, name: str) -> Reading:
        if name not in self._whole:
            self._whole[name] = read(self.screen, name, _all(self.screen.gradient[name]))
        return self._whole[name]

    def _everywhere(self, name: str) -> tuple[str | None, tuple[Entry, ...]]:
        """Cause and entries of a parameter that is wrong in every entry."""
        g = self.screen.gradient[name]
        if g.size == 1:  # one number fits any explanation
            right = self._read_whole(name).right.reshape(g.shape)
            cause: str | None = inside(self._some(name, _all(g), right.ravel()))
            return (None if cause == REST else cause), _worst(_all(g), g, right)
        if g.size <= FULL:
            right = self._read_whole(name).right.reshape(g.shape)
            point, names = self.screen.engine.point[name], self.names
            mismatch = Mismatch(
                g, right.ravel(), right=right, parameter=point, name=name, names=names
            )
        else:
            mismatch = self._projected(name, np.ones(g.shape, dtype=bool))
        mismatch.alternatives = self._known(name)
        mismatch.exchanged = {k: a for k, a in self.screen.gradient.items() if k != name}
        arrays = self.screen.engine.point.items()
        mismatch.alike = {k: a for k, a in arrays if k != name and a.shape == g.shape}
        found = diagnose(mismatch)
        if mismatch.right is not None:
            return found, _worst(_all(g), g, mismatch.right)
        return (found, self._largest(name)) if found else self._sampled(name)

    def _somewhere(
        self, name: str, indices: tuple[np.ndarray, ...]
    ) -> tuple[str | None, tuple[Entry, ...]]:
        """Cause and entries where only some are wrong: a few, or rows or columns."""
        g = self.screen.gradient[name]
        if len(indices[0]) <= LINE:
            right = self._read_off(name, indices)
            cause = self._reordered(g, indices, right) or inside(self._some(name, indices, right))
            return cause, _worst(indices, g[indices], right)
        mask = np.zeros(g.shape, dtype=bool)
        mask[indices] = True
        mismatch = self._projected(name, mask)
        return diagnose(mismatch), self._largest(name, mask)

    def _some(self, name: str, indices: tuple[np.ndarray, ...], right: np.ndarray) -> Mismatch:
        """A few entries, of which the right values are known."""
        yours, point = self.screen.gradient[name], self.screen.engine.point[name]
        single = len(indices) > 0 and len(indices[0]) == 1 and yours.size > 1
        return Mismatch(
            np.atleast_1d(yours[indices]),
            right,
            right=right,
            parameter=np.atleast_1d(point[indices]),
            name=f"{name}{[int(i[0]) for i in indices]}" if single else name,
            names=self.names,
        )

    def _reordered(
        self, g: np.ndarray, indices: tuple[np.ndarray, ...], right: np.ndarray
    ) -> str | None:
        if g.size > BLOCK:  # a few entries of so many are no rows
            return None
        whole = g.copy()
        whole[indices] = right
        return reordered(g, whole)

    def _sampled(self, name: str) -> tuple[str | None, tuple[Entry, ...]]:
        """What was done to every entry of an array too large to be read off whole, from a few of
        its entries, the worst of which are shown: the largest, where clipping shows, and some of
        every size."""
        g = self.screen.gradient[name]
        order = np.argsort(-np.abs(g), axis=None, kind="stable")
        spread = np.linspace(0, g.size - 1, SAMPLED).astype(int)
        picked = np.unique(np.concatenate([order[:SAMPLED], order[spread]]))
        indices = np.unravel_index(picked, g.shape)
        right = self._read_off(name, indices)
        point = self.screen.engine.point[name]
        some = Mismatch(g[indices], right, right=right, parameter=point[indices], name=name)
        return pointwise(some), _worst(indices, g[indices], right)

    def _read_off(self, name: str, indices: tuple[np.ndarray, ...]) -> np.ndarray:
        if name in self._whole and len(indices):
            whole = self._whole[name].right.reshape(self.screen.gradient[name].shape)
            return np.asarray(whole[indices])
        return read(self.screen, name, indices).right

    def _largest(self, name: str, mask: np.ndarray | None = None) -> tuple[Entry, ...]:
        """The largest of your entries, with the right values read off."""
        g = self.screen.gradient[name]
        order = np.unravel_index(_first(g, SHOWN, mask), g.shape)
        return _worst(order, g[order], self._read_off(name, order))

    def _projected(self, name: str, mask: np.ndarray, count: int = PROJECTIONS) -> Mismatch:
        """The masked part of one gradient, the right one along a few random directions."""
        rng, engine = self.screen.rng, self.screen.engine
        rows = rng.choice((-1.0, 1.0), (count, *mask.shape))
        rows *= rng.uniform(0.5, 1.5, rows.shape) * mask
        target = np.array([self._slope({name: d}) for d in rows])
        flat = rows.reshape(count, -1)
        return Mismatch(
            np.where(mask, self.screen.gradient[name], 0.0),
            target,
            lambda array: flat @ np.ravel(array),
            directions=rows,
            parameter=np.where(mask, engine.point[name], 0.0),
            name=name,
            names=self.names,
        )

    def _slope(self, direction: Direction) -> float:
        accuracy = ENOUGH * self.screen.weight(direction)
        return self.screen.engine.slope(direction, accuracy=accuracy).value

    def _known(self, name: str) -> dict[str, np.ndarray]:
        """The caller's alternatives for one parameter."""
        if self._alternatives is None:
            tree, point = self.screen.engine.tree, _copies(self.screen.engine.point)
            self._alternatives = {
                text: parse(wrong(tree.build(point)) if callable(wrong) else wrong, tree).arrays
                for text, wrong in self.given.items()
            }
        return {
            text: np.asarray(arrays[name], dtype=float)
            for text, arrays in self._alternatives.items()
            if name in arrays
        }

    def _anomaly(self, name: str) -> str | None:
        """What hygiene has seen may be the cause: two gradients in one array, changed arguments."""
        parsed = self.gradient.parsed
        shared = [note for note in parsed.notes if "same array" in note and name in note]
        if any(finding.cause and "in place" in finding.cause for finding in parsed.findings):
            return "wrong, perhaps by what is changed in place"
        return shared[0] if shared else None


def _first(g: np.ndarray, count: int, mask: np.ndarray | None) -> np.ndarray:
    """Numbers of the largest entries, where the mask is; block by block, to sort no large array."""
    best = np.array([], dtype=int)
    flat = g.reshape(-1)
    allowed = None if mask is None else mask.reshape(-1)
    for start in range(0, max(flat.size, 1), BLOCK):
        best = np.append(best, np.arange(start, min(start + BLOCK, flat.size)))
        size = np.abs(flat[best])
        size = size if allowed is None else np.where(allowed[best], size, -1.0)
        best = best[np.argsort(-size, kind="stable")[:count]]
    return best


def _copies(point: Point) -> Point:
    return {name: array.copy() for name, array in point.items()}


def _all(g: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(np.indices(g.shape).reshape(g.ndim, g.size)) if g.ndim else ()


def _worst(indices: Any, yours: np.ndarray, right: np.ndarray) -> tuple[Entry, ...]:
    """The entries with the largest errors."""
    if not len(indices):
        return (Entry((), float(yours), float(right)),)
    yours, right = np.ravel(yours), np.ravel(right)
    error = np.abs(yours - right)
    order = np.argsort(-error, kind="stable")[:SHOWN]
    return tuple(
        Entry(tuple(int(axis[i]) for axis in indices), float(yours[i]), float(right[i]))
        for i in order
        if error[i] >= ROUNDING * error[order[0]]
    )
