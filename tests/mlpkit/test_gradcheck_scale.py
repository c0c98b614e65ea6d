"""Losses that change their character within a hair of the point: safe divisions, clipped lengths."""

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient

RNG = np.random.default_rng(0)
V = RNG.normal(size=5)
A = RNG.normal(size=(4, 5))
ROWS = RNG.normal(size=(4, 5))
ZERO_ROW = np.where(np.arange(4)[:, None] == 1, 0.0, ROWS)
CONSTANT_ROW = np.where(np.arange(4)[:, None] == 2, 0.7, ROWS)


def length(x):
    return np.sqrt((x * x).sum(axis=-1, keepdims=True))


def normalised(eps):
    """sum(a x / max(|x|, eps)), over the last axis."""

    def loss(x):
        a = V if x.ndim == 1 else A
        return (a * x / np.maximum(length(x), eps)).sum()

    def gradient(x):
        a = V if x.ndim == 1 else A
        n = length(x)
        along = (a * x).sum(axis=-1, keepdims=True) * x / np.maximum(n, 1e-90) ** 3
        return a / np.maximum(n, eps) - np.where(n > eps, along, 0)

    return loss, gradient


def added(eps):
    """V . x / (|x| + eps)."""

    def gradient(x):
        n = length(x)
        return V / (n + eps) - (x * (V @ x) / (n * (n + eps) ** 2) if n > 0 else 0)

    return lambda x: (V * x / (length(x) + eps)).sum(), gradient


def smooth(eps):
    """V . x / sqrt(|x|^2 + eps)."""

    def gradient(x):
        d = np.sqrt((x * x).sum() + eps)
        return V / d - x * (V @ x) / d**3

    return lambda x: V @ x / np.sqrt((x * x).sum() + eps), gradient


def standardised(eps, is_clipped=False):
    """A layer normalisation; eps is added to the variance, or the least standard deviation."""

    def parts(x):
        c = x - x.mean(axis=1, keepdims=True)
        v = (c * c).mean(axis=1, keepdims=True)
        return c, np.maximum(np.sqrt(v), eps) if is_clipped else np.sqrt(v + eps)

    def loss(x):
        c, s = parts(x)
        return (A * c / s).sum()

    def gradient(x):
        c, s = parts(x)
        h = c / s
        turned = h * (A * h).mean(axis=1, keepdims=True)
        flows = s > eps if is_clipped else True
        return (A - A.mean(axis=1, keepdims=True) - np.where(flows, turned, 0)) / s

    return loss, gradient


def steep(slope):
    def gradient(x):
        return slope / np.cosh(np.minimum(np.abs(slope * x), 300)) ** 2

    return lambda x: np.tanh(slope * x).sum(), gradient


CASES = {
    "a zero vector, 1e-8": (*normalised(1e-8), np.zeros(5)),
    "a zero vector, 1e-12": (*normalised(1e-12), np.zeros(5)),
    "beside the zero vector": (*normalised(1e-8), np.full(5, 1e-10)),
    "a zero row among others": (*normalised(1e-8), ZERO_ROW),
    "eps added to the length": (*added(1e-8), np.zeros(5)),
    "eps added to the square, 1e-8": (*smooth(1e-8), np.zeros(5)),
    "eps added to the square, 1e-24": (*smooth(1e-24), np.zeros(5)),
    "a constant row, 1e-5": (*standardised(1e-5), CONSTANT_ROW),
    "a constant row, 1e-12": (*standardised(1e-12), CONSTANT_ROW),
    "a constant row, clipped deviation": (*standardised(1e-8, is_clipped=True), CONSTANT_ROW),
    "log(x + 1e-10)": (
        lambda x: np.log(x + 1e-10).sum(),
        lambda x: 1 / (x + 1e-10),
        np.array([0.0, 0.5, 1.0]),
    ),
    "tanh(1e6 x)": (*steep(1e6), np.zeros(3)),
    "tanh(1e9 x)": (*steep(1e9), np.zeros(3)),
    "ties of a log-softmax": (
        lambda x: V @ (x - x.max() - np.log(np.exp(x - x.max()).sum())),
        lambda x: V - V.sum() * np.exp(x) / np.exp(x).sum(),
        np.zeros(5),
    ),
}


EDGE = np.array([0.0, 0.3, 0.7])


def guarded(eps):
    """A quotient whose denominator is at least eps."""

    def gradient(x):
        flows = -x[1] / x[0] ** 2 if x[0] > eps else 0.0
        return np.array([flows, 1 / max(x[0], eps)])

    return lambda x: x[1] / np.maximum(x[0], eps), gradient


def divided(eps):
    """A quotient with eps added to its denominator."""

    def gradient(x):
        return np.array([-x[1] / (x[0] + eps) ** 2, 1 / (x[0] + eps)])

    return lambda x: x[1] / (x[0] + eps), gradient


GUARDS = {
    "max(x, eps) below": (guarded, np.zeros(2)),
    "x + eps below": (divided, np.zeros(2)),
    "max(x, eps) below what is large": (guarded, np.array([0.0, 0.7])),
    "sqrt(x + eps)": (
        lambda e: (lambda x: np.sqrt(x + e).sum(), lambda x: 0.5 / np.sqrt(x + e)),
        np.array([0.0, 0.5, 1.0]),
    ),
    "x log(x + eps)": (
        lambda e: (lambda x: (x * np.log(x + e)).sum(), lambda x: np.log(x + e) + x / (x + e)),
        EDGE,
    ),
    "log(1 - x + eps)": (
        lambda e: (lambda x: -np.log(1 - x + e).sum(), lambda x: 1 / (1 - x + e)),
        1 - EDGE,
    ),
}


def real(loss):
    """A loss that carries no complex numbers."""
    return lambda x: float(loss(np.real(x)))


@pytest.mark.parametrize("wrap", [real, lambda loss: loss], ids=["real", "complex"])
@pytest.mark.parametrize("name", CASES)
def test_a_right_gradient_is_right_and_a_factor_is_seen(name, wrap):
    loss, gradient, x = CASES[name]
    for seed in range(2):
        right = check_gradient(wrap(loss), gradient, x, seed=seed)
        hard = name == "eps added to the length" and right.verdict == "inconclusive"  # a kink, too
        assert right.verdict == "correct" or hard, str(right)
    for factor in (2, -1, 1.01):
        off = check_gradient(wrap(loss), lambda x, f=factor: f * gradient(x), x)
        assert not off.ok, (factor, str(off))


def test_a_jump_beside_the_point_does_not_make_a_gradient_zero():
    """The differences cross the end of log's flat piece, and rounding is not to blame."""

    def loss(x):
        return np.log(np.maximum(x, 1e-7)).sum()

    def gradient(x):
        return np.where(x > 1e-7, 1 / np.maximum(x, 1e-7), 0.0)

    x = np.array([0.0, 0.5, 1.0])
    assert check_gradient(real(loss), gradient, x).verdict != "wrong"
    assert not check_gradient(real(loss), lambda x: 2 * gradient(x), x).ok


@pytest.mark.parametrize("wrap", [real, lambda loss: loss], ids=["real", "complex"])
@pytest.mark.parametrize("eps", [1e-3, 1e-6, 1e-10])
@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_has_a_slope_of_its_own(name, eps, wrap):
    make, x = GUARDS[name]
    loss, gradient = make(eps)
    right = check_gradient(wrap(loss), gradient, x)
    assert right.verdict == "correct", str(right)
    for factor in (2, -1):
        off = check_gradient(wrap(loss), lambda x, f=factor: f * gradient(x), x)
        assert off.verdict in ("wrong", "inconclusive"), (factor, str(off))


def test_a_constant_row_is_no_kink():
    """Its variance is 0, and the loss bends within 1e-5 of that as |x| does."""
    loss, gradient = standardised(1e-10)
    report = check_gradient(real(loss), gradient, np.full((4, 5), 0.2))
    assert report.verdict == "correct" and not report.kinks, str(report)
