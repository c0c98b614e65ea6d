"""The reference of 05_minibatch against an independent autodiff (HIPS autograd)."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from tests.assignments.reference import assert_close, load_reference

REFERENCE = load_reference("05_minibatch")
# (N, p, M, K, scale of W2); with scale 400 the outputs are 0 and 1
SHAPES = [
    (6, 4, 3, 5, 1),
    (1, 3, 2, 4, 1),
    (7, 2, 5, 2, 1),
    (4, 4, 4, 4, 3),
    (1, 1, 1, 2, 1),
    (5, 3, 6, 2, 400),
    (3, 8, 4, 10, 400),
]


def outputs(params, X):
    Z = 0.5 * (1 + anp.tanh((anp.dot(X, params["W1"]) + params["b1"]) / 2))
    return anp.dot(Z, params["W2"]) + params["b2"]


def autodiff_loss(params, X, Y):
    T = outputs(params, X)
    return anp.sum(anp.logaddexp(0.0, T) - Y * T)


def batch(N, p, M, K, scale):
    """params, X, Y, with every other target the less believed one."""
    rng = np.random.default_rng(N + p + M + K)
    params = REFERENCE.random_params(p, M, K, rng)
    params["W2"] = scale * params["W2"]
    X = rng.normal(size=(N, p))
    believed = outputs(params, X) > 0
    wrong = (np.add.outer(np.arange(N), np.arange(K)) % 2) == 0
    return params, X, (believed ^ wrong).astype(float)


@pytest.mark.parametrize("shape", SHAPES)
def test_loss_and_gradient_agree_with_autodiff(shape):
    params, X, Y = batch(*shape)
    value, gradient = REFERENCE.loss_and_gradient(params, X, Y)
    expected = autograd.grad(autodiff_loss)(params, X, Y)
    assert_close(value, autodiff_loss(params, X, Y))
    assert_close(REFERENCE.loss(outputs(params, X), Y), value)
    for name, array in expected.items():
        assert_close(gradient[name], array)


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_of_each_layer_agree_with_autodiff(shape):
    params, X, Y = batch(*shape)
    ref, expected = REFERENCE, autograd.grad(autodiff_loss)(params, X, Y)
    Z, T = ref.forward(params, X)
    Yhat = ref.sigmoid(T)
    for value, name in zip(ref.output_gradients(Z, Y, Yhat), ("W2", "b2"), strict=True):
        assert_close(value, expected[name])
    found = ref.hidden_gradients(params["W2"], X, Z, Y, Yhat)
    for value, name in zip(found, ("W1", "b1"), strict=True):
        assert_close(value, expected[name])
    assert_close(ref.dW2_loop(Z, Y, Yhat), expected["W2"])


@pytest.mark.parametrize("shape", SHAPES)
def test_columns_and_terms_of_one_sample_agree_with_autodiff(shape):
    ref, (params, X, Y) = REFERENCE, batch(*shape)
    x, y, W2 = X[0], Y[0], params["W2"]
    expected = autograd.grad(autodiff_loss)(params, X[:1], Y[:1])
    (z,), (t,) = ref.forward(params, X[:1])
    yhat = ref.sigmoid(t)
    columns = [ref.dW2_column(z, y, yhat, i) for i in range(len(y))]
    assert_close(np.column_stack(columns), expected["W2"])
    assert_close(ref.output_one(z, y, yhat)[0], expected["W2"])
    assert_close(ref.output_one(z, y, yhat)[1], expected["b2"])
    units = range(len(z))
    columns = [ref.dW1_column(W2, x, z, y, yhat, j) for j in units]
    terms = [sum(ref.dW1_term(W2, x, z, y, yhat, j, k) for k in range(len(y))) for j in units]
    assert_close(np.column_stack(columns), expected["W1"])
    assert_close(np.column_stack(terms), expected["W1"])
    rungs = [sum(ref.dLk_dzj(W2, y, yhat, j, k) for k in range(len(y))) for j in units]
    assert_close(np.outer(x, ref.hidden_slope(z) * rungs), expected["W1"])
    assert_close(ref.hidden_one(W2, x, z, y, yhat)[0], expected["W1"])
    assert_close(ref.hidden_one(W2, x, z, y, yhat)[1], expected["b1"])
    inputs = np.array([ref.unit_input(params["W1"], params["b1"], x, j) for j in units])
    assert_close(ref.sigmoid(inputs), z)


def test_a_tenth_of_the_printed_sizes_trains_with_batches_of_128():
    """300 images of 3072 numbers, in two full batches and one of 44."""
    from mlpkit import datasets

    ref, rng = REFERENCE, np.random.default_rng(0)
    X, labels = datasets.make_cifar_like(300, random_state=0)
    (X,) = datasets.standardise(X)
    sizes = []

    def batches():
        dealt = ref.minibatches(300, 128, rng)
        sizes.append([len(rows) for rows in dealt])
        return dealt

    start = ref.random_params(3072, 51, 10, rng)
    targets = datasets.one_hot(labels, 10)
    _, losses = ref.sgd(ref.loss_and_gradient, start, X, targets, batches, 0.2, 20)
    assert sizes == [[128, 128, 44]] * 20
    assert losses[-1] < 0.5 * losses[0]
