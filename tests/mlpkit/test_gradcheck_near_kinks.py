"""Kinks next to the point, which steps of real numbers cross before they are small."""

import numpy as np
import pytest

from mlpkit import check_gradient

SEEDS = (
    48,
    80,
    325,
    405,
    463,
    594,
    637,
    712,
    1021,
    1164,
    1363,
)  # that were called wrong once, of 1300
SMOOTH = (
    (lambda x: 0.0, lambda x: 0 * x),
    (lambda x: (x**2).sum(), lambda x: 2 * x),
    (lambda x: np.exp(0.3 * x).sum(), lambda x: 0.3 * np.exp(0.3 * x)),
    (lambda x: 1e3 + np.sin(x).sum(), np.cos),
)


def beside(seed):
    """A loss with kinks and a smooth part, one of the kinks 1e-7 to 3e-5 away."""
    rng = np.random.default_rng(seed)
    n, near = int(rng.integers(1, 8)), 10 ** rng.uniform(-7, -4.5)
    k = rng.normal(size=n) * 10 ** rng.uniform(-1, 1)
    x = rng.normal(size=n) + k
    j = rng.integers(n)
    x[j] = k[j] + near * rng.choice((-1, 1))
    c = rng.normal(size=n) * (10 ** rng.uniform(-1, 1, n))
    smooth, slope = SMOOTH[rng.integers(4)]
    kind = rng.integers(3)
    if kind == 0:
        kinks, sides = (lambda x: c * np.abs(x - k)), (lambda x: c * np.sign(x - k))
    elif kind == 1:
        kinks, sides = (lambda x: c * np.maximum(x - k, 0)), (lambda x: c * (x > k))
    else:
        A, s = rng.normal(size=(6, n)), rng.normal(size=6)
        s[0] = near
        b, v = s - A @ x, rng.normal(size=6)
        kinks, sides = (
            lambda x: v * np.maximum(A @ x + b, 0),
            lambda x: A.T @ (v * (A @ x + b > 0)),
        )
    return (lambda x: float(kinks(x).sum() + smooth(x))), (lambda x: sides(x) + slope(x)), x


@pytest.mark.parametrize("seed", [*SEEDS, *range(12)])
def test_a_kink_that_is_near_spoils_no_right_gradient_and_hides_no_wrong_one(seed):
    loss, gradient, x = beside(seed)
    assert check_gradient(loss, gradient, x, method="real").verdict == "correct"
    wrong = check_gradient(loss, lambda x: 1.05 * gradient(x) + 0.01, x, method="real")
    assert wrong.verdict == "wrong"


def test_a_gradient_of_zero_is_wrong_beside_the_kink_where_the_loss_has_a_slope():
    for near in (3e-6, 1e-6, 3e-7):
        report = check_gradient(lambda x: max(x - 1, 0.0), lambda x: 0.0, 1 + near, method="real")
        assert report.verdict == "wrong"


def test_a_loss_in_steps_excuses_no_gradient_of_zero():
    def rounded(x):
        return float(np.round((x**2).sum(), 6))

    assert check_gradient(rounded, lambda x: 0 * x, np.array([1.0, 2.0])).verdict != "correct"


def clipped(limit):
    """A linear function of a vector whose length is clipped; at its limit there is a kink."""
    c = np.array([1.0, -2.0, 0.5])

    def loss(x):
        return float(x @ c * min(1, limit / np.sqrt(x @ x)))

    def gradient(x, is_clipped=np.greater):
        n = np.sqrt(x @ x)
        return limit / n * (c - x * (x @ c) / n**2) if is_clipped(n, limit) else c

    return loss, gradient


@pytest.mark.parametrize("is_clipped", [np.greater, np.greater_equal])
@pytest.mark.parametrize("limit", [5.0, 5 * (1 + 2e-16), 4.0, 6.0, 5 * (1 + 1e-6), 5 * (1 - 1e-6)])
def test_a_length_clipped_at_its_limit_has_a_gradient_of_either_side(limit, is_clipped):
    loss, gradient = clipped(limit)
    x = np.array([3.0, 0.0, 4.0])
    assert check_gradient(loss, lambda x: gradient(x, is_clipped), x).verdict == "correct"
    assert check_gradient(loss, lambda x: 1.1 * gradient(x, is_clipped), x).verdict == "wrong"


def test_a_kink_that_is_too_near_is_the_reason_and_not_float32():
    for limit in (5 * (1 + 1e-12), 5 * (1 - 1e-12)):
        loss, gradient = clipped(limit)
        report = check_gradient(loss, gradient, np.array([3.0, 0.0, 4.0]))
        assert report.verdict == "correct" or "a kink is nearer than" in report.reason
        assert "float32" not in report.reason


@pytest.mark.parametrize("offset", [0.0, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("near", 10.0 ** -np.arange(6, 14))
def test_a_kink_nearer_than_any_step_makes_no_gradient_zero(near, offset):
    x = np.array([1 + near, 2.0, 0.5])

    def loss(x):
        return offset + float(np.abs(x - 1).sum() + (x**2).sum())

    def gradient(x):
        return np.sign(x - 1) + 2 * x

    report = check_gradient(loss, gradient, x, method="real")
    assert report.verdict in ("correct", "inconclusive")
    assert "zero up to rounding" not in str(report)
    for wrong in (1.5 * gradient(x), gradient(x) + [0, 0, 0.3], 0 * x):
        assert not check_gradient(loss, lambda x, g=wrong: g, x, method="real").ok
