"""The momentum methods that a descent may be mistaken for.

Each takes (gradient, theta0, gamma, alpha) and yields theta0, theta1, ... for ever. The keys of
`OTHERS` say what it does that Domke's step does not. Heavy ball, CS231n's and Polyak's form give
the same iterates when their parameters correspond, so they share a sentence.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

Gradient = Callable[[np.ndarray], np.ndarray]
Iterates = Iterator[np.ndarray]


def _weighted(
    gradient: Gradient, theta: np.ndarray, gamma: float, keep: float, add: float, phi: Any = 0.0
) -> Iterates:
    """phi <- keep phi + add gradient; theta <- theta - gamma phi."""
    while True:
        yield theta
        phi = keep * phi + add * gradient(theta)
        theta = theta - gamma * phi


def _step_first(gradient: Gradient, theta: np.ndarray, gamma: float, alpha: float) -> Iterates:
    phi = np.zeros_like(theta)
    while True:
        yield theta
        old = theta
        theta = theta - gamma * phi
        phi = (1 - alpha) * phi + alpha * gradient(old)


def _step_first_then_gradient(
    gradient: Gradient, theta: np.ndarray, gamma: float, alpha: float
) -> Iterates:
    phi = np.zeros_like(theta)
    while True:
        yield theta
        theta = theta - gamma * phi
        phi = (1 - alpha) * phi + alpha * gradient(theta)


def _nesterov(gradient: Gradient, theta: np.ndarray, gamma: float, alpha: float) -> Iterates:
    phi = np.zeros_like(theta)
    while True:
        yield theta
        phi = (1 - alpha) * phi + alpha * gradient(theta - gamma * (1 - alpha) * phi)
        theta = theta - gamma * phi


def _stale(gradient: Gradient, theta: np.ndarray, gamma: float, alpha: float) -> Iterates:
    first = gradient(theta)
    return _weighted(lambda _: first, theta, gamma, 1 - alpha, alpha)


OTHERS: dict[str, Callable[[Gradient, np.ndarray, float, float], Iterates]] = {
    "alpha and 1 - alpha are swapped: alpha belongs to the gradient, 1 - alpha to the old phi": (
        lambda f, theta, gamma, alpha: _weighted(f, theta, gamma, alpha, 1 - alpha)
    ),
    "the step is taken before phi is updated; theta must move by the new phi": _step_first,
    "the step is taken before phi is updated, and the gradient after it; first the gradient, then "
    "phi, then theta": _step_first_then_gradient,
    "the gradient enters phi with weight 1 instead of alpha: that is heavy ball (also CS231n's and "
    "Polyak's form) with beta = 1 - alpha": (
        lambda f, theta, gamma, alpha: _weighted(f, theta, gamma, 1 - alpha, 1.0)
    ),
    "the gradient enters phi with weight 1 and the old phi with weight alpha: that is heavy ball "
    "(also CS231n's and Polyak's form) with beta = alpha": (
        lambda f, theta, gamma, alpha: _weighted(f, theta, gamma, alpha, 1.0)
    ),
    "the old phi is not multiplied by 1 - alpha": (
        lambda f, theta, gamma, alpha: _weighted(f, theta, gamma, 1.0, alpha)
    ),
    "phi is not carried over: it is 0 again at the start of every step": (
        lambda f, theta, gamma, alpha: _weighted(f, theta, gamma, 0.0, alpha)
    ),
    "there is no momentum: theta moves by gamma times the gradient": (
        lambda f, theta, gamma, alpha: _weighted(f, theta, gamma, 0.0, 1.0)
    ),
    "phi begins as the gradient at theta0; it must begin at 0": (
        lambda f, theta, gamma, alpha: _weighted(f, theta, gamma, 1 - alpha, alpha, f(theta))
    ),
    "theta moves uphill: the sign of the step is wrong": (
        lambda f, theta, gamma, alpha: _weighted(f, theta, -gamma, 1 - alpha, alpha)
    ),
    "the gradient is taken ahead of theta: that is Nesterov's method": _nesterov,
    "the gradient is computed once, at theta0; it must be computed at every theta": _stale,
}


def iterates_of(
    method: Callable[..., Any],
    gradient: Gradient,
    theta0: np.ndarray,
    gamma: float,
    alpha: float,
    steps: int,
) -> np.ndarray:
    """Return the first ``steps + 1`` iterates of one of these methods, shape (steps + 1, p)."""
    with np.errstate(over="ignore", invalid="ignore"):  # a wrong method may run away
        path = method(gradient, np.array(theta0, dtype=float), gamma, alpha)
        return np.array(list(islice(path, steps + 1)))
