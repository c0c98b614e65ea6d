"""Grading a descent: the exact trajectory, and the rate, on a quadratic."""

from contextlib import suppress
from typing import Any

import numpy as np

from mlpkit.momentum.conventions import OTHERS, iterates_of
from mlpkit.momentum.observed import observed_recurrence
from mlpkit.momentum.quadratic import Quadratic
from mlpkit.momentum.theory import convergence_rate, radius_of, trajectory
from mlpkit.testing import assert_array

MISFIT = 1e-6  # relative; rounding leaves less, and any other method deviates by more


def assert_trajectory(
    iterates: Any,
    quadratic: Quadratic,
    theta0: np.ndarray,
    gamma: float,
    alpha: float,
    steps: int,
    *,
    rtol: float = 1e-9,
    name: str = "theta",
) -> None:
    """Raise AssertionError unless ``iterates`` are those of Domke's step, from phi = 0.

    The message names the other convention, or the slip, whose iterates they are.

    Parameters
    ----------
    iterates : what the student returned; right is shape (steps + 1, p), row 0 being ``theta0``
    rtol : largest error relative to the largest entry of the trajectory
    name : what the message calls it
    """
    right = trajectory(quadratic, theta0, gamma, alpha, steps)
    with suppress(AssertionError):  # the other methods are run only to explain a wrong path
        assert_array(iterates, right, name, rtol=rtol)
        return
    given = (quadratic.gradient, theta0, gamma, alpha, steps)
    hints = {sentence: iterates_of(method, *given) for sentence, method in OTHERS.items()}
    hints |= {
        "row 0 should be theta0; these rows begin after the first step": right[1:],
        "the last step is missing: theta0 and the steps after it make steps + 1 rows": right[:-1],
        "every row is the last iterate: the same array is stored each time and then changed in "
        "place; store theta.copy()": np.broadcast_to(right[-1], right.shape),
        "only the last iterate is returned, not all of them": right[-1],
    }
    assert_array(iterates, right, name, rtol=rtol, hints=hints)


def assert_rate(
    iterates: Any,
    quadratic: Quadratic,
    gamma: float,
    alpha: float,
    *,
    rtol: float = 1e-3,
    name: str = "rate of convergence",
) -> None:
    """Raise AssertionError unless ``iterates`` converge at the rate of Domke's step.

    Here any convention may have made them: they must follow the recurrence of momentum with some
    constant step and momentum, and its rate on this quadratic must be that of gamma and alpha.
    Both are measured on the iterates, so a path drawn by hand to the minimiser does not pass.

    Parameters
    ----------
    iterates : what the student returned, shape (steps + 1, p) with steps >= 3
    rtol : largest relative error of the rate
    """
    right = convergence_rate(quadratic.curvatures, gamma, alpha)
    if right == 0:
        raise ValueError("gamma and alpha arrive in two steps; there is no rate to measure")
    _assert_form(iterates, quadratic.curvatures.size, name)
    eta, beta, misfit = observed_recurrence(iterates, quadratic)
    if misfit > MISFIT:
        raise AssertionError(
            f"{name}: the iterates follow no momentum method with constant gamma and alpha.\n"
            "Next: check that phi is carried over from step to step, that the gradient is taken at "
            "the current theta, and that phi is updated before theta moves."
        )
    rate = float(np.max(radius_of(1 + beta - eta * quadratic.curvatures, beta)))
    if abs(rate - right) <= rtol * right:
        return
    raise AssertionError(
        f"{name}: the distance to the minimiser is multiplied by {rate:.6g} per step in the long "
        f"run, expected {right:.6g} for gamma = {gamma:g} and alpha = {alpha:g}.\n"
        f"Likely cause: {_cause(eta, beta, gamma, alpha)}.\n"
        "Next: run two steps by hand with your numbers, and compare them with your iterates."
    )


def _assert_form(iterates: Any, p: int, name: str) -> None:
    if type(iterates) is not np.ndarray:
        given = f"{type(iterates).__name__}"
    elif iterates.ndim != 2 or iterates.shape[1] != p or len(iterates) < 4:
        given = f"an array of shape {iterates.shape}"
    elif iterates.dtype.kind != "f":
        given = f"an array of dtype {iterates.dtype}"
    elif not np.isfinite(iterates).all():
        given = f"NaN or infinity, first in row {np.argwhere(~np.isfinite(iterates))[0, 0]}"
    else:
        return
    raise AssertionError(
        f"{name}: you returned {given}, expected floats of shape (steps + 1, {p}) with 3 steps or "
        "more.\nNext: collect theta0 and every theta after it, and return np.array(iterates)."
    )


def _cause(eta: float, beta: float, gamma: float, alpha: float) -> str:
    """Say in which convention gamma and alpha give the step and momentum that were measured."""
    known = {
        "alpha and 1 - alpha are swapped": (gamma * (1 - alpha), alpha),
        "the gradient is not multiplied by alpha (heavy ball, CS231n, Polyak)": (gamma, 1 - alpha),
        "beta = alpha was taken for the momentum of heavy ball": (gamma, alpha),
        "phi is not carried over from step to step": (gamma * alpha, 0.0),
        "there is no momentum": (gamma, 0.0),
        "the sign of the step": (-gamma * alpha, 1 - alpha),
    }
    for sentence, pair in known.items():
        if np.allclose((eta, beta), pair, rtol=1e-5, atol=1e-5 * abs(gamma)):
            return sentence
    return (
        f"your iterates follow theta_new = theta - {eta:.4g} gradient + {beta:.4g} (theta - "
        f"theta_old), expected gamma alpha = {gamma * alpha:.4g} and 1 - alpha = {1 - alpha:.4g}"
    )
