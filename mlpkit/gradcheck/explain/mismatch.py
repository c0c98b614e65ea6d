"""One wrong gradient and what is known of the right one: all of it, or a few projections."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from mlpkit.gradcheck.explain.constants import Names

FITTED = 1e-6  # relative residual up to which a fit counts as exact
EXPLAINED = 1e-3  # share of the mismatch that a fit may leave unexplained


@dataclass
class Mismatch:
    """``yours`` in full; the right gradient as ``measure(right) = target``.

    ``measure`` is linear: it flattens, or projects on a few directions when the right gradient is
    too large to be read off entry by entry; then ``right`` is None.
    """

    yours: np.ndarray
    target: np.ndarray
    measure: Callable[[np.ndarray], np.ndarray] = np.ravel
    right: np.ndarray | None = None
    directions: np.ndarray | None = None  # of the projection, (count, *shape)
    parameter: np.ndarray | None = None
    name: str = "it"  # of the parameter
    names: Names = field(default_factory=Names)
    alternatives: Mapping[str, np.ndarray] = field(default_factory=dict)
    exchanged: Mapping[str, np.ndarray] = field(default_factory=dict)  # your other gradients
    others: Mapping[str, np.ndarray] = field(default_factory=dict)  # other right gradients
    alike: Mapping[str, np.ndarray] = field(default_factory=dict)  # other parameters of this shape

    @property
    def size(self) -> float:
        return float(np.linalg.norm(self.measure(self.yours) - self.target))

    def fit(self, *arrays: np.ndarray) -> np.ndarray | None:
        """Coefficients with sum_j c_j arrays_j = right, or None if there are none."""
        columns = [self.measure(np.asarray(array, dtype=float)) for array in arrays]
        return solve(columns, self.target, self.size)


def solve(columns: list[np.ndarray], target: np.ndarray, mismatch: float) -> np.ndarray | None:
    """Least squares that must explain the target and nearly all of the mismatch.

    None also where there are no more equations than unknowns, which would fit anything, and where
    a column does not help.
    """
    matrix = np.stack(columns, axis=1)
    if len(target) <= matrix.shape[1]:
        return None
    sizes = np.linalg.norm(matrix, axis=0)
    if not np.all(sizes) or not np.any(target):
        return None
    coefficients, _, rank, _ = np.linalg.lstsq(matrix / sizes, target, rcond=1e-10)
    left = float(np.linalg.norm(matrix / sizes @ coefficients - target))
    enough = min(FITTED * float(np.linalg.norm(target)), EXPLAINED * mismatch)
    if rank < len(sizes) or left > enough:
        return None
    fitted: np.ndarray = coefficients / sizes
    return fitted
