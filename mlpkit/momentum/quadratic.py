"""A risk with known curvatures and a known minimiser."""

from collections.abc import Sequence
from functools import partial

import numpy as np


class Quadratic:
    """R(theta) = 1/2 (theta - minimiser)^T A (theta - minimiser).

    Parameters
    ----------
    curvatures : the eigenvalues of A, shape (p,), all positive
    minimiser : ndarray of shape (p,); by default drawn from ``random_state``
    random_state : seed of the rotation (and of the minimiser). None leaves the axes as they are
        and puts the minimiser at 0, which is good for figures and bad for tests.

    Attributes
    ----------
    curvatures : (p,), the eigenvalues of A
    directions : (p, p); column j belongs to ``curvatures[j]``
    minimiser : (p,)
    hessian : (p, p), symmetric: A
    objective : function of theta (p,) that returns R and grad R, (p,)
    """

    def __init__(
        self,
        curvatures: Sequence[float] | np.ndarray,
        minimiser: Sequence[float] | np.ndarray | None = None,
        random_state: int | np.random.Generator | None = None,
    ):
        self.curvatures = np.array(curvatures, dtype=float)
        p = self.curvatures.size
        if self.curvatures.shape != (p,) or p == 0 or not (self.curvatures > 0).all():
            raise ValueError(f"curvatures are {curvatures}, expected a list of positive numbers")
        if random_state is None:
            self.directions, drawn = np.eye(p), np.zeros(p)
        else:
            random = np.random.default_rng(random_state)
            self.directions, drawn = _rotation(random, p), random.normal(size=p)
        self.minimiser = drawn if minimiser is None else np.array(minimiser, dtype=float)
        if self.minimiser.shape != (p,):
            raise ValueError(f"minimiser has shape {self.minimiser.shape}, expected ({p},)")
        self.hessian = (self.directions * self.curvatures) @ self.directions.T
        for array in (self.curvatures, self.directions, self.minimiser, self.hessian):
            array.flags.writeable = False
        self.objective = partial(value_and_gradient, self.hessian, self.minimiser)

    def value(self, theta: np.ndarray) -> float:
        """Return R(theta) for theta of shape (p,)."""
        return float(0.5 * self.curvatures @ self.coordinates(theta) ** 2)

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        """Return grad R(theta) = A (theta - minimiser), shape (p,)."""
        slope: np.ndarray = self.hessian @ (np.asarray(theta) - self.minimiser)
        return slope

    def coordinates(self, theta: np.ndarray) -> np.ndarray:
        """Return theta seen from the minimiser along the directions; shape (..., p)."""
        seen: np.ndarray = (np.asarray(theta) - self.minimiser) @ self.directions
        return seen

    def distance(self, theta: np.ndarray) -> np.ndarray:
        """Return norm(theta - minimiser) over the last axis: one number for each iterate."""
        lengths: np.ndarray = np.linalg.norm(np.asarray(theta) - self.minimiser, axis=-1)
        return lengths

    def __repr__(self) -> str:
        return f"Quadratic(curvatures={self.curvatures.tolist()})"


def value_and_gradient(
    hessian: np.ndarray, minimiser: np.ndarray, theta: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return R(theta) = 1/2 (theta - minimiser)^T hessian (theta - minimiser), and its gradient.

    hessian is (p, p) and symmetric, minimiser and theta (p,); so is the gradient.
    """
    gradient = hessian @ (theta - minimiser)
    return float(0.5 * (theta - minimiser) @ gradient), gradient


def _rotation(random: np.random.Generator, p: int) -> np.ndarray:
    """Draw an orthogonal matrix, each one as likely as any other."""
    Q, R = np.linalg.qr(random.normal(size=(p, p)))
    return Q * np.sign(np.diag(R))
