"""The reference of 04_deep_mlp against an independent autodiff (HIPS autograd)."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from tests.assignments.reference import assert_close, load_reference

REFERENCE = load_reference("04_deep_mlp")
ACTIVATIONS = {
    "tanh": anp.tanh,
    "sigmoid": lambda a: 0.5 * (1 + anp.tanh(a / 2)),
    "relu": lambda a: anp.where(a > 0, a, 0.0),
    "identity": lambda a: a,
}
# (p, M, K, scale of U); with scale 400 the probabilities are 0 and 1
SHAPES = [(3, 5, 4, 1), (1, 2, 2, 1), (4, 4, 4, 1), (6, 1, 2, 3), (2, 7, 3, 400), (8, 3, 2, 400)]
# (N, sizes, activations of the hidden layers, scale)
NETWORKS = [
    (6, (3, 5, 4), ["tanh"], 1),
    (1, (4, 2), [], 1),
    (5, (3, 3, 3, 3), ["relu", "sigmoid"], 2),
    (7, (2, 1, 4, 2), ["identity", "tanh"], 1),
    (1, (5, 4, 6, 2), ["sigmoid", "relu"], 40),
    (4, (3, 6, 5, 4, 3, 2), ["tanh", "relu", "sigmoid", "identity"], 1.5),
]


def cross_entropy_of_scores(Y, Z):
    """-Σ y log softmax(z) over the last axis, for scores of any size."""
    largest = anp.max(Z, axis=-1, keepdims=True)
    logs = Z - largest - anp.log(anp.sum(anp.exp(Z - largest), axis=-1, keepdims=True))
    return -anp.sum(Y * logs)


def random_sample(p, M, K, scale, seed=0):
    rng = np.random.default_rng(seed)
    W, b, U = rng.normal(size=(M, p)), rng.normal(size=M), scale * rng.normal(size=(K, M))
    x, bhat = rng.normal(size=p), rng.normal(size=K)
    least = np.argmin(U @ np.tanh(W @ x + b) + bhat)  # the true class, and believed least
    return W, b, U, bhat, x, np.eye(K)[least]


@pytest.mark.parametrize(("p", "M", "K", "scale"), SHAPES)
def test_four_gradients_of_one_sample_agree_with_autodiff(p, M, K, scale):
    ref = REFERENCE
    W, b, U, bhat, x, y = random_sample(p, M, K, scale)

    def loss(W, b, U, bhat):
        return cross_entropy_of_scores(y, anp.dot(U, anp.tanh(anp.dot(W, x) + b)) + bhat)

    h = ref.hidden(W, b, x)
    dz = ref.dL_dz(y, ref.softmax(U @ h + bhat))
    dU, dbhat = ref.output_gradients(dz, h)
    db = ref.dL_db(U, dz, h)
    dW = ref.dL_dW(db, x)
    for argument, value in enumerate([dW, db, dU, dbhat]):
        assert_close(value, autograd.grad(loss, argument)(W, b, U, bhat))


@pytest.mark.parametrize("K", [2, 3, 4, 7, 10])
def test_pieces_of_the_softmax_agree_with_autodiff(K):
    ref, rng = REFERENCE, np.random.default_rng(K)
    z, y = rng.normal(size=K), rng.dirichlet(np.ones(K))
    yhat = ref.softmax(z)
    jacobian = autograd.jacobian(lambda z: anp.exp(z) / anp.sum(anp.exp(z)))(z)
    dyhat = autograd.grad(lambda yhat: -anp.sum(y * anp.log(yhat)))(yhat)
    dz = autograd.grad(lambda z: cross_entropy_of_scores(y, z))(z)
    assert_close(ref.cross_entropy(y, yhat), cross_entropy_of_scores(y, z))
    assert_close(ref.softmax_jacobian(yhat), jacobian)
    assert_close(ref.dyhat_own(yhat), np.diag(jacobian))
    assert_close(ref.dL_dyhat(y, yhat), dyhat)
    assert_close(ref.dL_dz_chain(dyhat, jacobian), dz)
    assert_close(ref.dL_dz(y, yhat), dz)


@pytest.mark.parametrize(("p", "M", "K", "scale"), SHAPES)
def test_jacobians_of_a_layer_agree_with_autodiff(p, M, K, scale):
    W, b, _, _, x, _ = random_sample(p, M, K, scale)

    def layer(x, b, W):
        return anp.tanh(anp.dot(W, x) + b)

    slope = 1 - layer(x, b, W) ** 2
    found = (REFERENCE.da_dx(W, slope), REFERENCE.da_db(slope), REFERENCE.da_dW(x, slope))
    for argument, value in enumerate(found):
        assert_close(value, autograd.jacobian(layer, argument)(x, b, W))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_agree_with_autodiff(name):
    a = np.concatenate([np.random.default_rng(0).normal(size=40), [-30.0, 30.0, -300.0, 300.0]])
    assert_close(REFERENCE.activation(name, a), ACTIVATIONS[name](a))
    derivative = autograd.elementwise_grad(ACTIVATIONS[name])(a)
    assert_close(REFERENCE.slope(name, a), derivative)


@pytest.mark.parametrize(("N", "sizes", "names", "scale"), NETWORKS)
def test_both_backward_forms_agree_with_autodiff(N, sizes, names, scale):
    ref, rng = REFERENCE, np.random.default_rng(1)
    layers = ref.random_layers(sizes, rng, scale)
    X, Y = rng.normal(size=(N, sizes[0])), np.eye(sizes[-1])[rng.integers(sizes[-1], size=N)]

    def loss(layers):
        A = X
        for (W, b), name in zip(layers, [*names, "identity"], strict=True):
            A = ACTIVATIONS[name](anp.dot(A, W.T) + b)
        return cross_entropy_of_scores(Y, A)

    gs = [lambda a, name=name: ref.activation(name, a) for name in names]
    gs.append(lambda Z: np.array([ref.softmax(z) for z in Z]))
    xs, pres = ref.forward(layers, gs, X)
    slopes = [ref.slope(name, a) for name, a in zip(names, pres, strict=False)]
    weights, error = [W for W, _ in layers], xs[-1] - Y
    found, expected = ref.backward(weights, slopes, xs[:-1], error), autograd.grad(loss)(layers)
    for pair, right in zip(found, expected, strict=True):
        assert_close(pair[0], right[0])
        assert_close(pair[1], right[1])
    below = error
    for i in reversed(range(len(slopes))):  # the steps down, one sample after the other
        pairs = zip(below, slopes[i], strict=True)
        below = np.array([ref.step_down(delta, weights[i + 1], slope) for delta, slope in pairs])
        assert_close(below.sum(axis=0), expected[i][1])
    for i, right in enumerate(expected):
        parts = [
            ref.product_form(weights, [s[n] for s in slopes], [x[n] for x in xs], error[n], i)
            for n in range(N)
        ]
        assert_close(sum(dW for dW, _ in parts), right[0])
        assert_close(sum(db for _, db in parts), right[1])


def test_sgd_reaches_the_solution_of_consistent_equations():
    ref, rng = REFERENCE, np.random.default_rng(2)
    W, b = rng.normal(size=(2, 3)), rng.normal(size=2)
    X = rng.normal(size=(20, 3))
    Y = X @ W.T + b

    def gradient(layers, x, y):
        error = x @ layers[0][0].T + layers[0][1] - y
        return [(error.T @ x, error[0])]

    start = [(np.zeros((2, 3)), np.zeros(2))]
    [(found_W, found_b)] = ref.sgd(gradient, start, X, Y, 0.1, 200, np.random.default_rng(3))
    np.testing.assert_allclose(found_W, W, rtol=1e-9)
    np.testing.assert_allclose(found_b, b, rtol=1e-9)
