"""Mistakes in a part of a large array, the largest entries of which are right."""

import numpy as np
import pytest

from mlpkit import check_gradient

CHANGES = {
    "negative entries cut off": lambda g: np.maximum(g, 0),
    "cut off from above": lambda g: np.minimum(g, np.median(np.abs(g))),
    "small entries dropped": lambda g: np.where(np.abs(g) < np.median(np.abs(g)), 0, g),
    "small entries times 1.1": lambda g: g * (1 + 0.1 * (np.abs(g) < np.median(np.abs(g)))),
    "every 50th dropped": lambda g: np.where(np.arange(g.size).reshape(g.shape) % 50 == 13, 0, g),
    "three rows": lambda g: np.where(np.arange(len(g))[:, None] < 3, np.maximum(g, 0), g),
}


def model(shape, seed=5):
    """A gradient whose 64 largest entries are positive."""
    rng = np.random.default_rng(seed)
    a, x = rng.normal(size=shape), rng.uniform(0.5, 1.5, size=shape)
    a.flat[rng.permutation(a.size)[:64]] = 9.0
    return lambda x: (a * x**2).sum(), lambda x: 2 * a * x, x


@pytest.mark.parametrize("method", ["auto", "real"])
@pytest.mark.parametrize("shape", [(20, 10), (200, 30)], ids=str)
@pytest.mark.parametrize("change", CHANGES)
def test_that_the_largest_entries_are_right_excuses_no_others(change, shape, method):
    loss, gradient, x = model(shape)

    def changed(x):
        return CHANGES[change](gradient(x))

    report = check_gradient(loss, changed, x, method=method)
    assert report.verdict == "wrong"
    worst = report.findings[0].entries[0]
    assert worst.yours == changed(x)[worst.index]
    assert worst.yours != gradient(x)[worst.index]
    assert worst.right == pytest.approx(gradient(x)[worst.index], rel=1e-6)


def test_what_the_caller_accepts_is_held_against_entries_that_are_wrong():
    loss, gradient, x = model((200, 30))
    report = check_gradient(loss, lambda x: np.maximum(gradient(x), 0), x, rtol=1e-3)
    assert report.verdict == "wrong"
    assert "negative entries cut off" in str(report)


@pytest.mark.parametrize("method", ["auto", "real"])
@pytest.mark.parametrize("x", [1.5, np.array(1.5), np.array([1.5]), np.array([[1.5, 2.0]])])
def test_a_gradient_of_zero_is_shown_whatever_its_shape(x, method):
    report = check_gradient(lambda x: np.sum(x**2), lambda x: 0 * x, x, method=method)
    assert report.verdict == "wrong"
    assert report.findings[0].yours == 0
