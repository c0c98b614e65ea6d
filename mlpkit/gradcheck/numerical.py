"""The derivative without calculus: move each entry a little, watch the loss.

Three ways to estimate the slope of f at x along a direction d. With u = 1.1e-16, the rounding
unit of float64, and f of the size of 1:

================  =====================================  ==============  =================
forward           (f(x + h d) - f(x)) / h                error h + u/h   best 1e-8
central           (f(x + h d) - f(x - h d)) / 2h         h**2 + u/h      best 1e-10
complex step      Im f(x + i h d) / h                    h**2            u, with h = 1e-30
================  =====================================  ==============  =================

The first two subtract two nearly equal numbers: a smaller h makes the formula better and the
subtraction worse. The complex step subtracts nothing, so h can be absurdly small.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

Scalar = Callable[[np.ndarray], float]


def forward(f: Scalar, x: np.ndarray, d: np.ndarray, h: float = 1e-8) -> float:
    """(f(x + h d) - f(x)) / h, with an error of h f''/2."""
    return (f(x + h * d) - f(x)) / h


def central(f: Scalar, x: np.ndarray, d: np.ndarray, h: float = 6e-6) -> float:
    """(f(x + h d) - f(x - h d)) / 2h, with an error of h**2 f'''/6."""
    return (f(x + h * d) - f(x - h * d)) / (2 * h)


def richardson(f: Scalar, x: np.ndarray, d: np.ndarray, h: float = 1e-3) -> float:
    """Two central differences, combined so that the h**2 in their errors cancels: h**4 is left."""
    return (4 * central(f, x, d, h / 2) - central(f, x, d, h)) / 3


def complex_step(f: Scalar, x: np.ndarray, d: np.ndarray, h: float = 1e-30) -> float:
    """Im f(x + i h d) / h: the Taylor series f(x) + i h f'(x) - h**2 f''(x)/2 ... says why."""
    return np.imag(f(x + 1j * h * d)) / h


METHODS = {f.__name__: f for f in (forward, central, richardson)} | {"complex": complex_step}


def numerical_gradient(f: Scalar, x: np.ndarray, method: str = "complex") -> np.ndarray:
    """Gradient of the scalar function f at x, one entry at a time.

    f takes an array of the shape of x and returns one number; x is any array of floats (or one
    number) and is not changed; method is "complex", "central", "richardson" or "forward". Returns
    an array of the shape of x. It calls f once or more for each entry of x, which is why it is
    used to check gradients and not to train networks.

    The complex step needs a function that is happy with complex numbers. numpy's arithmetic, exp,
    log, tanh, maximum and where are; abs, norm, var, std, sign and vdot are not: use "central".
    """
    if method not in METHODS:
        raise ValueError(f"no method {method!r}: choose one of {', '.join(METHODS)}")
    x = _floats(x)
    slope, gradient = METHODS[method], np.zeros(x.shape)
    with warnings.catch_warnings():  # once: to catch them costs more than a small loss
        if slope is complex_step:
            warnings.simplefilter("error", ComplexWarning)
        for index in np.ndindex(x.shape):
            d = np.zeros(x.shape)
            d[index] = 1.0  # the direction in which this entry, and no other, grows
            gradient[index] = _number(slope, f, x, d)
    return gradient


def _floats(x: np.ndarray) -> np.ndarray:
    array = np.asarray(x)
    if array.dtype.kind != "f":
        raise TypeError(f"x holds {array.dtype} values and no floats: write x.astype(float)")
    return array.astype(float)


def _number(slope: Callable[..., Any], f: Scalar, x: np.ndarray, d: np.ndarray) -> float:
    """The slope, or a sentence where f is no scalar function or cannot carry complex numbers."""
    try:
        value = np.asarray(slope(f, x, d))
    except (TypeError, ComplexWarning) as error:
        if slope is not complex_step:
            raise
        message = f"f cannot carry complex numbers ({error}): use method='central'"
        raise TypeError(message) from error
    if value.size != 1:
        raise ValueError(f"f returns an array of shape {value.shape}; a loss is one number")
    number: float = value.item()
    return number
