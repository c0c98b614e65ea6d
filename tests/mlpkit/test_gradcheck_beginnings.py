"""Losses where people begin and end: equal scores, optima, and each convention on a kink."""

import numpy as np
import pytest

from mlpkit import check_gradient

Q = np.array([0.1, 0.2, 0.3, 0.4])
Y, X = np.array([1.0, -1, 1, 1]), np.array([[1.0, 2], [0, 1], [0.5, -1], [2, 2]])
SCALES = 10.0 ** np.array([-8, -4, 0, 4, 8])


def log_softmax(z):
    z = z - z.real.max()
    return z - np.log(np.exp(z).sum())


def chained(p, t):
    """Through a softmax."""
    return p * (t - (p * t).sum())


def positive(z):
    return np.where(z.real > 0, z, 0)


def hinge(w):
    return positive(1 - Y * (X @ w)).mean()


def hinge_slope(at_0):
    def slope(w):
        margin = 1 - Y * (X @ w)
        return -X.T @ (Y * np.where(np.abs(margin) < 1e-15, at_0, margin > 0)) / 4

    return slope


def clipped(x):
    return np.where(np.abs(x.real) > 1, np.sign(x.real), x).sum()


def clip_slope(at_1):
    return lambda x: np.where(np.abs(x) == 1, at_1, np.abs(x) < 1)


def entropy(z):
    return -(np.exp(log_softmax(z)) * log_softmax(z)).sum()


def entropy_slope(z):
    return -chained(np.exp(log_softmax(z)), log_softmax(z))


def divergence(z):
    return (np.exp(log_softmax(z)) * (log_softmax(z) - np.log(Q))).sum()


def divergence_slope(z):
    return chained(np.exp(log_softmax(z)), log_softmax(z) - np.log(Q))


def shannon(z):
    p = np.exp(log_softmax(z))
    middle = (p + Q) / 2
    return (p * np.log(p / middle) + Q * np.log(Q / middle)).sum() / 2


def shannon_slope(z):
    p = np.exp(log_softmax(z))
    return chained(p, np.log(2 * p / (p + Q)) / 2)


CASES = {
    "entropy, equal scores": (entropy, entropy_slope, np.zeros(5)),
    "entropy, equal and large": (entropy, entropy_slope, np.full(6, 1234.5)),
    "entropy, nearly equal": (entropy, entropy_slope, [1e-6, -2e-6, 5e-7]),
    "divergence at its end": (divergence, divergence_slope, np.log(Q)),
    "divergence, shifted": (divergence, divergence_slope, np.log(Q) + 300),
    "Jensen and Shannon's at its end": (shannon, shannon_slope, np.log(Q)),
    "Jensen and Shannon's": (shannon, shannon_slope, [1.0, 0, -1, 0.5]),
    "hinge, on": (hinge, hinge_slope(1), [1.0, 0]),
    "hinge, off": (hinge, hinge_slope(0), [1.0, 0]),
    "hinge, mean": (hinge, hinge_slope(0.5), [1.0, 0]),
    "clip, inside": (clipped, clip_slope(1), [1.0, -1, 0.3, 2]),
    "clip, outside": (clipped, clip_slope(0), [1.0, -1, 0.3, 2]),
    "clip, mean": (clipped, clip_slope(0.5), [1.0, -1, 0.3, 2]),
    "maximum, first": (
        lambda x: 1 * x[np.argmax(x.real)],
        lambda x: np.eye(3)[x.argmax()],
        [2, 2, 1],
    ),
    "maximum, shared": (
        lambda x: 1 * x[np.argmax(x.real)],
        lambda x: (x == x.max()) / (x == x.max()).sum(),
        [2, 2, 1],
    ),
    "normalised with a guard": (
        lambda v: v @ [1, 2] / np.sqrt(v @ v + 1e-8),
        lambda v: (
            np.array([1, 2]) / np.sqrt(v @ v + 1e-8) - v * (v @ [1, 2]) / (v @ v + 1e-8) ** 1.5
        ),
        [0, 0],
    ),
    "logarithm with a guard": (
        lambda p: -np.log(p + 1e-12)[1],
        lambda p: -np.array([0, 1, 0]) / (p + 1e-12),
        [0, 0.5, 0.5],
    ),
    "mixed units": (
        lambda x: ((x / SCALES - 1) ** 2).sum(),
        lambda x: 2 * (x / SCALES - 1) / SCALES,
        SCALES * [0.5, 1, 2, 3, 0.1],
    ),
    "mixed units, optimum": (
        lambda x: ((x / SCALES - 1) ** 2).sum(),
        lambda x: 2 * (x / SCALES - 1) / SCALES,
        SCALES,
    ),
    "offset of the loss": (
        lambda x: np.tanh(x).sum() - 1e9,
        lambda x: 1 / np.cosh(x) ** 2,
        [0, 0.4, -1],
    ),
    "offset of the parameter": (
        lambda t: np.sin((t - 1e9) / 2).sum(),
        lambda t: np.cos((t - 1e9) / 2) / 2,
        1e9 + np.array([0.25, 1, -3]),
    ),
}


@pytest.mark.parametrize("is_real", [False, True], ids=["as it is", "real only"])
@pytest.mark.parametrize("case", CASES)
def test_a_right_gradient_is_right_and_one_with_a_factor_is_wrong(case, is_real):
    function, gradient, point = CASES[case]

    def loss(x):
        if is_real and np.iscomplexobj(x):
            raise TypeError("real numbers only")
        return function(x)

    x = np.array(point, dtype=float)
    assert check_gradient(loss, gradient, x).verdict == "correct"
    off = 0.01 if case != "divergence, shifted" else 0
    if case != "mixed units, optimum" and (off or np.abs(gradient(x)).max() > 1e-3):
        factor = check_gradient(loss, lambda x: 1.1 * gradient(x) + off, x)
        assert factor.verdict == "wrong"
