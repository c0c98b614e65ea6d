"""For each parameter that is wrong: where, three entries to look at, and why."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlpkit.gradcheck.case import Case
from mlpkit.gradcheck.constants import Names
from mlpkit.gradcheck.diagnosis import diagnose
from mlpkit.gradcheck.failures import Failure
from mlpkit.gradcheck.hygiene import Gradient
from mlpkit.gradcheck.localise import Locator, Place
from mlpkit.gradcheck.places import inside
from mlpkit.gradcheck.reading import read
from mlpkit.gradcheck.report import Entry, Finding
from mlpkit.gradcheck.screen import Screen
from mlpkit.gradcheck.tree import Point

SHOWN = 3  # entries whose right value is read off
FULL = 64  # a gradient of at most so many entries is read off whole
PROJECTIONS = 8  # directions that stand for a larger one
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
        self.names, self.given = Names(constants), alternatives or {}
        self._alternatives: dict[str, Point] | None = None

    def explain(self, failure: Failure) -> Finding:
        name, g = failure.name, self.screen.gradient[failure.name]
        place = Locator(self.screen, name, failure.direction).locate(failure.residual)
        indices = place.indices or tuple(np.indices(g.shape).reshape(g.ndim, -1))
        right = self._read_off(name, indices) if indices_size(g, place) <= FULL else None
        if place.indices is None:
            cause = diagnose(self._case(name, right))
        elif right is not None:
            cause = inside(g[indices], right, self.names)
        else:
            cause = self._of_line(name, indices)
        entries = self._entries(name, indices, right)
        relative = failure.residual.relative
        if relative < ROUNDED and (cause is None or "digits of" in cause):
            cause = cause or "agrees to few digits only, in every entry"
            return Finding(name, cause, place.words, entries, relative, is_rounding=True)
        return Finding(name, cause or self._oddity(name), place.words, entries, relative)

    def _slope(self, name: str, index: tuple[int, ...]) -> float:
        unit = np.zeros(self.screen.gradient[name].shape)
        unit[index] = 1.0
        return self.screen.engine.slope({name: unit}).value

    def _read_off(self, name: str, indices: tuple[np.ndarray, ...]) -> np.ndarray:
        """The right values of some entries, one evaluation each."""
        if not indices:
            return np.array(self._slope(name, ()))
        return np.array([self._slope(name, index) for index in zip(*indices, strict=True)])

    def _entries(
        self, name: str, indices: tuple[np.ndarray, ...], right: np.ndarray | None
    ) -> tuple[Entry, ...]:
        """The entries with the largest errors; of unknown ones, those with the largest gradients."""
        g = self.screen.gradient[name]
        if not indices:
            return (Entry((), float(g), float(right)),)
        yours = g[indices]
        size = np.abs(yours) if right is None else np.abs(yours - right)
        entries = []
        for i in np.argsort(-size, kind="stable")[:SHOWN]:
            index = tuple(int(axis[i]) for axis in indices)
            value = self._slope(name, index) if right is None else right[i]
            entries.append(Entry(index, float(yours[i]), float(value)))
        return tuple(entries)

    def _case(self, name: str, right: np.ndarray | None) -> Case:
        """All that is known of a parameter that is wrong everywhere."""
        g, engine = self.screen.gradient[name], self.screen.engine
        if right is not None:
            target, measure, right = right.ravel(), np.ravel, right.reshape(g.shape)
        else:
            target, measure = self._project(name, np.ones(g.shape, dtype=bool))
        others = {other: a for other, a in self.screen.gradient.items() if other != name}
        return Case(
            g,
            target,
            measure,
            right,
            engine.point[name],
            name,
            self.names,
            alternatives=self._known(name),
            exchanged=others,
        )

    def _of_line(self, name: str, indices: tuple[np.ndarray, ...]) -> str | None:
        """The cause in one long row or column."""
        g = self.screen.gradient[name]
        mask = np.zeros(g.shape, dtype=bool)
        mask[indices] = True
        target, measure = self._project(name, mask)
        theta = np.where(mask, self.screen.engine.point[name], 0.0)
        return diagnose(
            Case(np.where(mask, g, 0.0), target, measure, None, theta, name, self.names)
        )

    def _project(self, name: str, mask: np.ndarray) -> tuple[np.ndarray, Any]:
        """The right gradient along a few random directions, and the projection as a function."""
        rng = self.screen.rng
        rows = rng.choice((-1.0, 1.0), (PROJECTIONS, *mask.shape))
        rows *= rng.uniform(0.5, 1.5, rows.shape) * mask
        target = np.array([self.screen.engine.slope({name: d}).value for d in rows])
        flat = rows.reshape(PROJECTIONS, -1)
        return target, lambda array: flat @ np.ravel(array)

    def _known(self, name: str) -> dict[str, np.ndarray]:
        """The caller's alternatives for one parameter."""
        if self._alternatives is None:
            tree, point = self.screen.engine.tree, self.screen.engine.point
            self._alternatives = {
                text: read(wrong(tree.build(point)) if callable(wrong) else wrong, tree).arrays
                for text, wrong in self.given.items()
            }
        return {
            text: np.asarray(arrays[name], dtype=float)
            for text, arrays in self._alternatives.items()
            if name in arrays
        }

    def _oddity(self, name: str) -> str | None:
        """What was odd about the returned array may be the cause."""
        if self.gradient.reading.arrays[name].dtype.kind in "iu":
            return "yours holds integers, which cut off the digits: use floats"
        shared = [note for note in self.gradient.reading.notes if "same array" in note]
        return next((note for note in shared if name in note), None)


def indices_size(g: np.ndarray, place: Place) -> int:
    return g.size if place.indices is None else len(place.indices[0])
