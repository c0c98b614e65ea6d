"""Right gradients at and beside a minimum, by real differences: hardly anything is to be seen."""

import numpy as np
import pytest
from scipy.optimize import minimize

from mlpkit.gradcheck import check_gradient

RNG = np.random.default_rng(3)
X = RNG.normal(size=(40, 4))
Y = (X[:, 0] + RNG.normal(size=40) > 0).astype(float)


def real(loss):
    return lambda x: float(loss(np.real(x)))


def logistic(w):
    s = X @ w
    return (np.logaddexp(0, s) - Y * s).mean() + 0.01 * w @ w


def slope(w):
    return X.T @ (1 / (1 + np.exp(-X @ w)) - Y) / 40 + 0.02 * w


BEST = minimize(logistic, np.zeros(4), jac=slope, method="BFGS", options={"gtol": 1e-10}).x


@pytest.mark.parametrize("shift", [0, 1e-9, 1e-8, 1e-6])
def test_logistic_regression_at_its_optimum_and_beside(shift):
    w = BEST + shift * np.array([1.0, -2.0, 0.5, 1.0])
    report = check_gradient(real(logistic), slope, w)
    assert report.verdict == "correct", str(report)


@pytest.mark.parametrize("factor", [-1, 0.5, 1.01])
def test_a_wrong_factor_is_not_called_right_beside_it(factor):
    w = BEST + 1e-8 * np.array([1.0, -2.0, 0.5, 1.0])
    report = check_gradient(real(logistic), lambda w: factor * slope(w), w)
    assert report.verdict != "correct"


MINIMA = {
    "a divergence": (
        lambda x: (np.exp(2 * x) / 2 - 0.5 - x).sum(),
        lambda x: np.exp(2 * x) - 1,
    ),
    "squared ReLU": (lambda x: (np.maximum(x, 0) ** 2).sum(), lambda x: 2 * np.maximum(x, 0)),
    "squared maximum": (lambda x: (x.max(axis=1) ** 2).sum(), lambda x: 0 * x),
    "x - tanh x": (
        lambda x: (X[:7, :] * (x - np.tanh(x))).sum(),
        lambda x: X[:7] * np.tanh(x) ** 2,
    ),
}


@pytest.mark.parametrize("name", MINIMA)
def test_a_gradient_that_is_exactly_zero_where_the_loss_is_zero(name):
    loss, gradient = MINIMA[name]
    report = check_gradient(real(loss), gradient, np.zeros((7, 4)))
    assert report.verdict == "correct", str(report)
    assert "zero up to rounding" in str(report)


@pytest.mark.parametrize("seed", range(4))
def test_float32_with_some_small_entries(seed):
    x = np.random.default_rng(seed).normal(size=(40, 4))

    def loss(x):
        return (X.astype(np.float32) * np.tanh(x.astype(np.float32))).sum()

    def gradient(x):
        return X * (1 - np.tanh(x) ** 2)

    assert check_gradient(real(loss), gradient, x).verdict == "correct"
    off = check_gradient(real(loss), lambda x: 1.01 * gradient(x), x)
    assert off.verdict == "wrong", str(off)


def test_a_loss_of_16_bits_is_said_to_be_one():
    """numpy's float16 stands for what torch and jax have."""
    x = RNG.normal(size=5)

    def loss(x):
        return np.float16((np.real(x).astype(np.float16) ** 2).sum())

    report = check_gradient(loss, lambda x: 2 * x, x)
    assert report.verdict == "inconclusive"
    assert "16 bits" in report.reason


def nuclear(x):
    return np.linalg.svd(x, compute_uv=False).sum()


def polar(x):
    u, _, v = np.linalg.svd(x, full_matrices=False)
    return u @ v


KINKS = {  # (loss, gradient, what times it at 0 does not lie between both slopes)
    "absolute value": (lambda x: np.abs(x).sum(), lambda x: np.where(x < 0, -1.0, 1.0), 3),
    "nuclear norm": (nuclear, polar, 1.5),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_that_opens_alike_on_both_sides(name):
    """The mean of both slopes is 0, as is what a loss gives that drops imaginary parts."""
    loss, gradient, outside = KINKS[name]
    x = np.zeros((5, 3))

    def times(factor):
        return lambda x: gradient(x) * (1 if np.any(x) else factor)

    for factor in (1, 0.5, 0, -1):
        report = check_gradient(real(loss), times(factor), x)
        assert report.verdict == "correct", str(report)
        assert "kink" in str(report)
    assert check_gradient(real(loss), times(outside), x).verdict == "wrong"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", [(4,), (7,), (2, 3)], ids=str)
def test_what_rounding_leaves_at_a_maximum_is_no_kink(shape, seed):
    """The entropy of a softmax of equal scores: all of its terms cancel."""

    def softmax(z):
        e = np.exp(z - z.real.max())
        return e / e.sum()

    def loss(z):
        p = softmax(z)
        return -(p * np.log(p)).sum()

    def gradient(z):
        p = softmax(z)
        return -p * (np.log(p) - (p * np.log(p)).sum())

    report = check_gradient(loss, gradient, np.zeros(shape), seed=seed)
    assert report.verdict == "correct"
    assert not report.kinks
