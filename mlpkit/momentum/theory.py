"""What Domke's step does to a quadratic: exact trajectory, exact rate, best parameters.

Source: Domke, section 5, for the step; Polyak, Some methods of speeding up the convergence of
iteration methods (1964), for the best parameters, here translated to alpha and gamma.
"""

from collections.abc import Sequence

import numpy as np

from mlpkit.momentum.quadratic import Quadratic


def step_matrix(curvature: float, gamma: float, alpha: float) -> np.ndarray:
    """Return the 2 x 2 matrix of one step on (theta - minimiser, phi) along one direction.

    phi' = (1 - alpha) phi + alpha lambda theta and theta' = theta - gamma phi', so the matrix is
    [[1 - gamma alpha lambda, -gamma (1 - alpha)], [alpha lambda, 1 - alpha]].
    """
    return np.array(
        [
            [1 - gamma * alpha * curvature, -gamma * (1 - alpha)],
            [alpha * curvature, 1 - alpha],
        ]
    )


def spectral_radius(
    curvature: float | Sequence[float] | np.ndarray, gamma: float, alpha: float
) -> np.ndarray:
    """Return the largest absolute eigenvalue of `step_matrix`, for each curvature.

    The eigenvalues solve z^2 - t z + d = 0 with trace t = 2 - alpha - gamma alpha lambda and
    determinant d = 1 - alpha. A complex pair has absolute value sqrt(d), whatever lambda is.
    """
    curvature = np.asarray(curvature, dtype=float)
    return radius_of(2 - alpha - gamma * alpha * curvature, 1 - alpha)


def radius_of(trace: np.ndarray, determinant: float) -> np.ndarray:
    """Return the largest absolute root of z^2 - trace z + determinant."""
    discriminant = np.asarray(trace**2 - 4 * determinant)
    real = (np.abs(trace) + np.sqrt(np.maximum(discriminant, 0.0))) / 2
    radius: np.ndarray = np.where(discriminant < 0, np.sqrt(abs(determinant)), real)
    return radius


def convergence_rate(curvatures: Sequence[float] | np.ndarray, gamma: float, alpha: float) -> float:
    """Return the factor by which the distance shrinks per step in the long run; 1 or more: never.

    It is the largest spectral radius over all curvatures: the slowest direction decides.
    """
    return float(np.max(spectral_radius(curvatures, gamma, alpha)))


def trajectory(
    quadratic: Quadratic, theta0: np.ndarray, gamma: float, alpha: float, steps: int
) -> np.ndarray:
    """Return the exact iterates, shape (steps + 1, p), from ``theta0`` with phi = 0.

    Each direction is taken by itself through powers of its `step_matrix`; no gradient is used, so
    this is another way to the same numbers than running the method.
    """
    matrices = np.array([step_matrix(c, gamma, alpha) for c in quadratic.curvatures])
    start = quadratic.coordinates(theta0)
    states = np.empty((steps + 1, start.size, 2))  # (theta - minimiser, phi) along each direction
    states[0] = np.column_stack([start, np.zeros_like(start)])
    for k in range(steps):
        states[k + 1] = np.einsum("jab,jb->ja", matrices, states[k])
    return states[:, :, 0] @ quadratic.directions.T + quadratic.minimiser


def best_parameters(smallest: float, largest: float) -> tuple[float, float, float]:
    """Return (alpha, gamma, rate): the fastest descent for curvatures from smallest to largest.

    The rate is (sqrt(kappa) - 1) / (sqrt(kappa) + 1) with kappa = largest / smallest. There both
    ends have a double eigenvalue, and all between them a complex pair of the same absolute value.
    """
    _check(smallest, largest)
    low, high = np.sqrt(smallest), np.sqrt(largest)
    rate = (high - low) / (high + low)
    alpha = 1 - rate**2
    return float(alpha), float(4 / (low + high) ** 2 / alpha), float(rate)


def best_step_size(smallest: float, largest: float) -> tuple[float, float]:
    """Return (gamma, rate) of the fastest descent without momentum (alpha = 1).

    The rate is (kappa - 1) / (kappa + 1) with kappa = largest / smallest.
    """
    _check(smallest, largest)
    return 2 / (smallest + largest), (largest - smallest) / (largest + smallest)


def _check(smallest: float, largest: float) -> None:
    if not 0 < smallest <= largest < np.inf:
        raise ValueError(
            f"the curvatures go from {smallest} to {largest}, expected 0 < smallest <= largest"
        )
