"""The reference of 03_relu_l2 against an independent autodiff (HIPS autograd)."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from mlpkit import check_gradient
from tests.assignments.reference import assert_close, load_reference

REFERENCE = load_reference("03_relu_l2")
# (N, p, H, K, alpha, scale of W2); with scale 1000 every share is 0 or 1 in float64
SHAPES = [
    (6, 4, 3, 5, 0.3, 1),
    (1, 3, 2, 4, 0.1, 1),
    (7, 2, 5, 2, 0.0, 1),
    (4, 3, 3, 3, 1.5, 3),
    (3, 5, 2, 2, 0.7, 8),
    (5, 6, 4, 3, 0.2, 1000),
    (1, 1, 4, 2, 0.0, 1000),
]


def log_shares(c):
    largest = anp.max(c, axis=1, keepdims=True)
    return c - largest - anp.log(anp.sum(anp.exp(c - largest), axis=1, keepdims=True))


def of_scores(c, m):
    """Σ_n -log q_m: without the mean, as sections 3 and 4 have it."""
    return -anp.sum(log_shares(c)[np.arange(len(m)), m])


def whole_loss(params, X, m, alpha):
    h = anp.maximum(anp.dot(X, params["W1"]) + params["b1"], 0.0)
    c = anp.dot(h, params["W2"]) + params["b2"]
    squares = anp.sum(params["W1"] ** 2) + anp.sum(params["W2"] ** 2)
    return of_scores(c, m) / len(X) + alpha / 2 * squares


def random_problem(N, p, H, K, scale):
    ref, rng = REFERENCE, np.random.default_rng(N + 10 * p)
    params, X = ref.random_params(p, H, K, rng), rng.normal(size=(N, p))
    params["W2"] = scale * params["W2"]
    D = ref.affine(X, params["W1"], params["b1"])
    c = ref.affine(ref.relu(D), params["W2"], params["b2"])
    return params, X, c.argmin(axis=1), D, c  # the true class is the one that is believed least


@pytest.mark.parametrize(("N", "p", "H", "K", "alpha", "scale"), SHAPES)
def test_loss_and_four_gradients_agree_with_autodiff(N, p, H, K, alpha, scale):
    params, X, m, _, _ = random_problem(N, p, H, K, scale)
    assert_close(REFERENCE.loss(params, X, m, alpha), whole_loss(params, X, m, alpha))
    found = REFERENCE.gradients(params, X, m, alpha)
    expected = autograd.grad(whole_loss)(params, X, m, alpha)
    assert set(found) == set(params)
    for name in params:
        assert_close(found[name], expected[name])


@pytest.mark.parametrize(("N", "p", "H", "K", "alpha", "scale"), SHAPES)
def test_every_station_on_the_way_back_agrees_with_autodiff(N, p, H, K, alpha, scale):
    ref = REFERENCE
    params, X, m, D, c = random_problem(N, p, H, K, scale)
    W2, b2 = params["W2"], params["b2"]
    dc = ref.dL_dc(ref.softmax(c), m)
    dh = ref.dL_dh(dc, W2)
    assert_close(dc, autograd.grad(of_scores)(c, m))
    assert_close(dh, autograd.grad(lambda h: of_scores(anp.dot(h, W2) + b2, m))(ref.relu(D)))
    by_D = autograd.grad(lambda D: of_scores(anp.dot(anp.maximum(D, 0.0), W2) + b2, m))(D)
    assert_close(ref.dL_dD(D, dh), by_D)
    left, right = ref.one_sided(D, dh)
    assert_close(left, by_D)
    assert_close(right, by_D)


@pytest.mark.parametrize(("N", "p", "H", "K", "alpha", "scale"), SHAPES)
def test_the_first_lines_of_6_to_9_build_the_last(N, p, H, K, alpha, scale):
    ref = REFERENCE
    params, X, m, D, c = random_problem(N, p, H, K, scale)
    dc = ref.dL_dc(ref.softmax(c), m)
    dD = ref.dL_dD(D, ref.dL_dh(dc, params["W2"]))
    whole = ref.gradients(params, X, m, alpha)
    assert_close(ref.weight_gradient(X, dD, params["W1"], alpha), whole["W1"])
    assert_close(ref.weight_gradient(ref.relu(D), dc, params["W2"], alpha), whole["W2"])
    assert_close(ref.bias_gradient(dD), whole["b1"])
    assert_close(ref.bias_gradient(dc), whole["b2"])


@pytest.mark.parametrize(("N", "p", "H", "K", "alpha", "scale"), SHAPES[:5])  # then q_m is 0
def test_the_chain_through_softmax_agrees_with_autodiff(N, p, H, K, alpha, scale):
    ref = REFERENCE
    _, _, m, _, c = random_problem(N, p, H, K, scale)
    q, rows = ref.softmax(c), np.arange(N)
    jacobian = autograd.jacobian(lambda c: anp.exp(log_shares(c))[rows, m])(c)
    assert_close(ref.dq_m_dc(q, m), jacobian[rows, rows])
    by_q = autograd.grad(lambda q: -anp.sum(anp.log(q[rows, m])))(q)
    assert_close(ref.dL_dq_m(q, m), by_q[rows, m])
    assert_close(ref.dL_dq_m(q, m)[:, None] * ref.dq_m_dc(q, m), ref.dL_dc(q, m))


def kink_problem():
    """A black image and zero biases: every unit of the first row stands at D = 0."""
    params, X, m, _, _ = random_problem(6, 4, 3, 5, 1)
    X[0] = 0.0
    return {**params, "b1": np.zeros(3)}, X, m


def test_the_checker_calls_a_kink_a_kink():
    ref, (params, X, m) = REFERENCE, kink_problem()
    report = check_gradient(
        lambda params: ref.loss(params, X, m, 0.1),
        lambda params: ref.gradients(params, X, m, 0.1),
        params,
    )
    assert report.verdict == "correct", str(report)
    assert report.kinks == ("b1",)


def test_one_sided_derivatives_at_a_kink_are_what_one_sided_differences_find():
    ref, (params, X, m) = REFERENCE, kink_problem()
    D = ref.affine(X, params["W1"], params["b1"])
    q = ref.softmax(ref.affine(ref.relu(D), params["W2"], params["b2"]))
    sides = ref.one_sided(D, ref.dL_dh(ref.dL_dc(q, m), params["W2"]))
    for step, side in zip((-1e-7, 1e-7), sides, strict=True):
        for j, unit in enumerate(np.eye(3)):
            moved = {**params, "b1": step * unit}
            change = ref.loss(moved, X, m, 0.0) - ref.loss(params, X, m, 0.0)
            np.testing.assert_allclose(change / step, side[:, j].mean(), rtol=1e-5)
    assert np.abs(sides[1] - sides[0])[0].min() > 1e-3  # the two do differ there


def test_central_differences_are_right_up_to_the_safe_step_and_wrong_beyond():
    ref, rng = REFERENCE, np.random.default_rng(3)
    params, X, m, D, _ = random_problem(40, 6, 20, 3, 1)
    direction = {name: rng.normal(size=array.shape) for name, array in params.items()}
    found = ref.gradients(params, X, m, 0.1)
    slope = sum((found[name] * direction[name]).sum() for name in params)
    limit = ref.safe_step(D, ref.affine(X, direction["W1"], direction["b1"]))

    def error(t):
        ahead, behind = (
            ref.loss({k: v + s * direction[k] for k, v in params.items()}, X, m, 0.1)
            for s in (t, -t)
        )
        return abs((ahead - behind) / (2 * t) / slope - 1)

    assert 1e-7 < limit < 1e-2
    assert error(0.99 * limit) < 1e-6
    assert error(3 * limit) > 10 * error(0.99 * limit)
