"""Gradient descent with momentum on quadratics, where everything about it is known exactly.

The step is Domke's: ``phi <- (1 - alpha) phi + alpha grad R(theta)``, then
``theta <- theta - gamma phi``, with the new phi. On a quadratic each direction of curvature moves
by itself, and (theta, phi) along it is multiplied by the same 2 x 2 matrix at every step.

    quadratic = Quadratic([0.1, 1.0, 10.0], random_state=0)
    alpha, gamma, rate = best_parameters(0.1, 10.0)
    assert_trajectory(my_iterates, quadratic, theta0, gamma, alpha, steps=100)
"""

from mlpkit.momentum.checks import assert_rate, assert_trajectory
from mlpkit.momentum.observed import observed_rate, observed_recurrence
from mlpkit.momentum.quadratic import Quadratic
from mlpkit.momentum.theory import (
    best_parameters,
    best_step_size,
    convergence_rate,
    spectral_radius,
    step_matrix,
    trajectory,
)

__all__ = [
    "Quadratic",
    "assert_rate",
    "assert_trajectory",
    "best_parameters",
    "best_step_size",
    "convergence_rate",
    "observed_rate",
    "observed_recurrence",
    "spectral_radius",
    "step_matrix",
    "trajectory",
]
