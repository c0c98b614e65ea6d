"""The reference of 01_logistic against an independent autodiff (HIPS autograd)."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from tests.assignments.reference import assert_close, load_reference

REFERENCE = load_reference("01_logistic")
# (n, p, scale of W); with scale 400 every prediction is 0 or 1 in float64, and some are wrong
SHAPES = [(5, 3, 1), (1, 4, 1), (6, 1, 1), (3, 3, 1), (2, 2, 3), (8, 2, 400), (40, 30, 400)]


def sigmoid(z):
    return 0.5 * (1 + anp.tanh(z / 2))


def squared_loss(W, b, X, y):
    return 0.5 * anp.sum((sigmoid(anp.dot(X, W) + b) - y) ** 2)


def cross_entropy(W, b, X, y):
    return anp.sum(anp.logaddexp(0.0, (1 - 2 * y) * (anp.dot(X, W) + b)))


def random_problem(n, p, scale):
    rng = np.random.default_rng(n + 10 * p)
    W, b, X = scale * rng.normal(size=p), rng.normal(), rng.normal(size=(n, p))
    z = REFERENCE.scores(W, b, X)
    y = (np.arange(n) + (z[0] > 0)) % 2  # the first one is predicted wrongly
    return W, b, X, y, z, REFERENCE.sigmoid(z)


def both_gradients(loss, W, b, X, y):
    return [autograd.grad(loss, argument)(W, b, X, y) for argument in (0, 1)]


@pytest.mark.parametrize(("n", "p", "scale"), SHAPES)
def test_both_losses_agree_with_ones_written_another_way(n, p, scale):
    W, b, X, y, z, s = random_problem(n, p, scale)
    assert_close(REFERENCE.squared_loss(s, y), squared_loss(W, b, X, y))
    assert_close(REFERENCE.cross_entropy(z, y), cross_entropy(W, b, X, y))


@pytest.mark.parametrize(("n", "p", "scale"), SHAPES)
def test_gradient_2_agrees_with_autodiff(n, p, scale):
    W, b, X, y, _, s = random_problem(n, p, scale)
    found = REFERENCE.squared_gradient(s, y, X)
    if scale == 400:  # nothing of the slope is left in float64; autodiff agrees absolutely
        assert np.abs(found[0]).max() < 1e-9
        return
    for value, expected in zip(found, both_gradients(squared_loss, W, b, X, y), strict=True):
        assert_close(value, expected)


@pytest.mark.parametrize(("n", "p", "scale"), SHAPES)
def test_gradients_7_and_8_agree_with_autodiff(n, p, scale):
    ref = REFERENCE
    W, b, X, y, _, s = random_problem(n, p, scale)
    dW, db = both_gradients(cross_entropy, W, b, X, y)
    found_W, found_b = ref.cross_entropy_gradient(s, y, X)
    assert_close(found_W, dW)
    assert_close(found_b, db)
    assert_close(ref.two_terms(s, y, X), dW)


@pytest.mark.parametrize(("n", "p", "scale"), [shape for shape in SHAPES if shape[2] < 400])
def test_the_chain_4_5_6_agrees_with_autodiff(n, p, scale):
    ref = REFERENCE
    W, b, X, y, _, s = random_problem(n, p, scale)
    slope = autograd.elementwise_grad(sigmoid)(ref.scores(W, b, X))
    assert_close(ref.sigmoid_slope(s), slope)
    assert_close(ref.dL_dyhat(s, y), autograd.grad(lambda s: 0.5 * anp.sum((s - y) ** 2))(s))
    inner = ref.dsigma_dW(s, X)
    outer = ref.dL_dsigma(s, y)
    assert_close(inner, autograd.jacobian(lambda W: sigmoid(anp.dot(X, W) + b))(W))
    entropy = autograd.grad(lambda s: -anp.sum(y * anp.log(s) + (1 - y) * anp.log(1 - s)))
    assert_close(outer, entropy(s))
    assert_close(ref.chain_rule(outer, inner), autograd.grad(cross_entropy)(W, b, X, y))


@pytest.mark.parametrize("size", [36.0, 709.0, 745.0, 1000.0, 1e308])
def test_nothing_overflows_far_out(size):
    ref, z = REFERENCE, np.array([-size, size])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        s = ref.sigmoid(z)
        wrong, right = (ref.cross_entropy(score, np.array([1])) for score in z[:, None])
    np.testing.assert_allclose(s, [np.exp(-size), 1.0], rtol=1e-12)
    np.testing.assert_allclose(wrong, size, rtol=1e-12)
    np.testing.assert_allclose(right, np.exp(-size), rtol=1e-12)


def test_from_a_confidently_wrong_start_only_cross_entropy_gets_away():
    ref, rng = REFERENCE, np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    y = (X[:, 0] > 0).astype(int)
    start = np.array([-30.0, 0.0])

    def errors_after_descent(gradient):
        def objective(W, b):
            return 0.0, *gradient(ref.sigmoid(ref.scores(W, b, X)), y, X)

        W, b, _ = ref.gradient_descent(objective, start, 0.0, 0.02, 200)
        return np.mean(ref.decide(ref.scores(W, b, X)) != y)

    assert errors_after_descent(ref.cross_entropy_gradient) < 0.1
    assert errors_after_descent(ref.squared_gradient) > 0.9
