"""Before any number is compared: is this a loss, is this a gradient, and are they left alone?

Most failures of a gradient check are not calculus: a loss with dropout left on, a missing return,
a transposed shape, an argument changed in place. Each gets its own sentence.
"""

import warnings
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from mlpkit.gradcheck.inputs.arrays import unit_of
from mlpkit.gradcheck.inputs.parse import ParsedGradient, parse
from mlpkit.gradcheck.inputs.pytree import Point, Tree, flatten
from mlpkit.gradcheck.measure.derivative import Engine, LossError
from mlpkit.gradcheck.measure.direction import BLOCK

FEW_ROUNDINGS = 64  # by which two calls may differ and not be random


def measure_loss(engine: Engine, nondet_tol: float | None = None) -> None:
    """Set ``engine.base``. Raises LossError when the loss is random, complex, NaN or infinite.

    Two calls may differ by ``nondet_tol``, relative; by default by a few rounding errors, as sums
    do that several threads add up in any order.
    """
    given = {name: array.copy() for name, array in engine.point.items()}
    first = engine.value(given)
    changed = changed_arrays(engine.point, given)
    if changed:
        raise LossError(f"the loss changes {', '.join(changed)} in place: work on a copy")
    if np.iscomplexobj(first):
        raise LossError(f"the loss is the complex number {first!r}; it must be real")
    if not np.isfinite(first):
        raise LossError(f"the loss is {first} at these parameters and has no derivative there")
    second = engine.value(engine.point)
    tolerance = FEW_ROUNDINGS * engine.unit if nondet_tol is None else nondet_tol
    if not abs(first - second) <= tolerance * abs(first):
        raise LossError(
            f"the loss is random: two calls with the same parameters gave {first!r} and "
            f"{second!r}. Switch dropout and noise off, or seed them inside the loss"
        )
    engine.base = float(first)
    engine.noise = 2 * abs(first - second)


def compare_losses(parsed: ParsedGradient, engine: Engine) -> None:
    """Note when the gradient function also returns a loss, and another one."""
    tolerance = 1e-4 if engine.tree.is_low_precision else 1e-9
    loss, base = parsed.loss, engine.base
    if loss is not None and abs(loss - base) > tolerance * abs(base):
        parsed.notes.append(
            f"the loss returned with the gradient is {loss:.10g}, and loss(params) is {base:.10g}"
        )


def _copy(leaf: Any) -> Any:
    return leaf.copy(order="K") if isinstance(leaf, np.ndarray) else leaf


def changed_arrays(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> list[str]:
    """Names of the arrays that are no longer what they were."""
    return [name for name, old in before.items() if not _is_equal(old, after[name])]


def _is_equal(one: np.ndarray, other: np.ndarray) -> bool:
    """np.array_equal with NaN equal to NaN, which would copy both arrays."""
    if one.size <= BLOCK or one.shape != np.shape(other):
        return np.array_equal(one, other, equal_nan=True)
    one, other = np.ravel(one), np.ravel(other)  # views, but of arrays in no order
    parts = (slice(start, start + BLOCK) for start in range(0, one.size, BLOCK))
    return all(np.array_equal(one[part], other[part], equal_nan=True) for part in parts)


class Gradient:
    """The gradient function, watched: what it returns, and what it does to its arguments."""

    def __init__(
        self,
        function: Callable[[Any], Any],
        tree: Tree,
        watch: Mapping[str, np.ndarray],
        nondet_tol: float | None = None,
    ) -> None:
        self.function, self.tree, self.calls = function, tree, 0
        self.nondet_tol = nondet_tol
        leaves = {k: leaf for k, leaf in tree.leaves.items() if isinstance(leaf, np.ndarray)}
        self.watched = {**watch, **leaves}
        self.parsed = ParsedGradient()
        self.unsteady = ""  # a sentence, where two calls at the same parameters differ

    def inspect(self) -> ParsedGradient:
        """Two calls at the caller's own parameters, and what is wrong with them but numbers."""
        before = {name: np.array(array) for name, array in self.watched.items()}
        container = self.tree.fill(self.tree.leaves)
        parsed = self.parsed = parse(self._call(container), self.tree)
        self._compare_arguments(before, container)
        self._name_shared_memory()
        first = {name: np.array(array) for name, array in parsed.arrays.items()}
        lent = {} if parsed.findings else self._large(before)
        again = parse(self._call(self.tree.fill(self._copies(lent))), self.tree).arrays
        self._restore({name: array for name, array in before.items() if name not in lent})
        self._compare_calls(first, again)
        parsed.arrays = first
        return parsed

    def _compare_calls(self, first: Point, again: Mapping[str, np.ndarray]) -> None:
        """``first`` holds copies; what the first call returned may have changed since."""
        for name, array in first.items():
            is_kept = name in again and np.may_share_memory(again[name], self.parsed.arrays[name])
            if name in again and not self._is_same(array, again[name]):
                self.unsteady = (
                    f"two calls of the gradient with the same parameters differ, and both return "
                    f"the same array for {name}: it keeps what an earlier call left in it"
                    if is_kept
                    else "the gradient is random, or changes what it reads: two calls with the "
                    "same parameters differ. Switch dropout and noise off, or seed them inside it"
                )
            elif is_kept or not np.array_equal(array, self.parsed.arrays[name]):
                self.parsed.notes.append(
                    f"the array returned for {name} is the same one in every call, and the next "
                    "call may overwrite it: copy it before you keep it"
                )

    def _is_same(self, one: np.ndarray, other: np.ndarray) -> bool:
        """Whether two calls returned the same, up to what is no randomness."""
        if np.array_equal(one, other):
            return True
        unit = max(unit_of(one), unit_of(other))
        tolerance = FEW_ROUNDINGS * unit if self.nondet_tol is None else self.nondet_tol
        size = float(np.max(np.abs(one), initial=0.0))
        with np.errstate(invalid="ignore"):
            return bool(np.all(np.abs(one - other) <= tolerance * size))

    def at(self, point: Point) -> Point:
        """The gradient at a point, in float64, for the parameters that could be read at the
        first; NaN where it cannot be read here."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                arrays = parse(self._call(self.tree.build(point)), self.tree).arrays
            except Exception:  # outside of its domain
                arrays = {}
        return {
            name: np.array(arrays.get(name, np.full(array.shape, np.nan)), dtype=float)
            for name, array in self.parsed.arrays.items()
        }

    def _call(self, params: Any) -> Any:
        self.calls += 1
        return self.function(params)

    def _large(self, copies: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The parameters of which another copy would cost memory: a function that has changed
        nothing may have this one."""
        leaves = self.tree.leaves
        return {name: a for name, a in copies.items() if name in leaves and a.size > BLOCK}

    def _copies(self, lent: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """The caller's leaves as copies, apart from those that are ``lent``."""
        return {
            name: lent[name] if name in lent else _copy(leaf)
            for name, leaf in self.tree.leaves.items()
        }

    def _compare_arguments(self, before: Mapping[str, np.ndarray], container: Any) -> None:
        for name in changed_arrays(before, self.watched):
            self.parsed.add(name, f"the function changes {name} in place: work on a copy")
        self._restore(before)
        try:
            after = flatten(container, list(self.tree.leaves)).leaves
        except (TypeError, ValueError):
            after = {}
        replaced = [name for name, leaf in self.tree.leaves.items() if after.get(name) is not leaf]
        if replaced:
            sentence = "the function puts other values into params: work on a copy"
            self.parsed.add(", ".join(replaced), sentence)

    def _restore(self, before: Mapping[str, np.ndarray]) -> None:
        """The caller's arrays as the caller left them."""
        for name in changed_arrays(before, self.watched):
            self.watched[name][...] = before[name]

    def _name_shared_memory(self) -> None:
        arrays, note = self.parsed.arrays, self.parsed.notes.append
        for name, array in arrays.items():
            for other, watched in self.watched.items():
                if np.may_share_memory(array, watched):
                    note(
                        f"the gradient for {name} shares its memory with {other}: a step in "
                        "place would change both; return a copy"
                    )
        for one, two in combinations(arrays, 2):
            if np.may_share_memory(arrays[one], arrays[two]):
                note(f"the gradients for {one} and {two} are the same array in memory")
