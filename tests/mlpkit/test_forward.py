"""The notes' forward passes against one written entry by entry, and on complex numbers."""

from functools import partial

import numpy as np
import pytest

from mlpkit import forward, numerical_gradient

RNG = np.random.default_rng(0)
X, CLASSES, Y = RNG.normal(size=(5, 3)), RNG.integers(4, size=5), RNG.integers(2, size=(5, 4))
ROWS = {"W1": RNG.normal(size=(3, 2)), "b1": RNG.normal(size=2), "W2": RNG.normal(size=(2, 4)),
        "b2": RNG.normal(size=4)}  # fmt: skip
COLUMNS = {"W": ROWS["W1"].T, "b": ROWS["b1"], "V": ROWS["W2"].T, "c": ROWS["b2"]}


def softmax_loss(z, label):
    return np.log(sum(np.exp(score) for score in z)) - z[label]


def logistic(z, y):
    q = 1 / (1 + np.exp(-z))
    return -y * np.log(q) - (1 - y) * np.log(1 - q)


def test_one_neuron():
    W, b, y = ROWS["W1"][:, 0], 0.3, Y[:, 0]
    z = np.array([W @ x + b for x in X])
    params = {"W": W, "b": b}
    squared = sum((1 / (1 + np.exp(-a)) - t) ** 2 for a, t in zip(z, y, strict=True)) / 2
    entropy = sum(logistic(a, t) for a, t in zip(z, y, strict=True))
    assert forward.li_squared(params, X, y) == pytest.approx(squared, rel=1e-13)
    assert forward.li_cross_entropy(params, X, y) == pytest.approx(entropy, rel=1e-13)


def test_one_hidden_layer_in_four_alphabets():
    s = [ROWS["W1"].T @ x + ROWS["b1"] for x in X]

    def scores(activation):
        return [ROWS["W2"].T @ activation(a) + ROWS["b2"] for a in s]

    tanh = sum(softmax_loss(z, k) for z, k in zip(scores(np.tanh), CLASSES, strict=True))
    assert forward.domke_risk(COLUMNS, X, CLASSES) == pytest.approx(tanh, rel=1e-13)
    deep = {"W1": COLUMNS["W"], "b1": COLUMNS["b"], "W2": COLUMNS["V"], "b2": COLUMNS["c"]}
    assert forward.gutfreund_loss(deep, X, CLASSES) == pytest.approx(tanh, rel=1e-13)
    relu = sum(
        softmax_loss(z, k) for z, k in zip(scores(lambda a: np.maximum(a, 0)), CLASSES, strict=True)
    )
    squares = sum((ROWS[name] ** 2).sum() for name in ("W1", "W2"))
    hao = forward.hao_loss(ROWS, X, CLASSES, alpha=0.3)
    assert hao == pytest.approx(relu / 5 + 0.15 * squares, rel=1e-13)
    sigmoid = sum(
        logistic(z, y).sum() for z, y in zip(scores(lambda a: 1 / (1 + np.exp(-a))), Y, strict=True)
    )
    assert forward.li_minibatch_loss(ROWS, X, Y) == pytest.approx(sigmoid, rel=1e-13)


def test_a_graph_and_an_unrolled_network():
    links, w = [(2, 0), (2, 1), (3, 1), (3, 2)], np.array([0.5, -1.0, 2.0, 0.25])
    phi2 = np.tanh(0.5 * 0.4 - 1.0 * -0.7)
    phi3 = np.tanh(2.0 * -0.7 + 0.25 * phi2)
    loss = forward.galvan_loss({"w": w}, links, [0.4, -0.7], 1.0)
    assert loss == pytest.approx((phi3 - 1) ** 2 / 2, rel=1e-13)
    W, U, h = RNG.normal(size=(2, 2)), RNG.normal(size=(2, 3)), np.zeros(2)
    for x in X:
        h = np.array([np.tanh(W[i] @ h + U[i] @ x) for i in range(2)])
    loss = forward.recurrent_loss({"W": W, "U": U}, X, np.ones(2))
    assert loss == pytest.approx(((h - 1) ** 2).sum() / 2, rel=1e-13)


@pytest.mark.parametrize(
    ("loss", "params"),
    [
        (partial(forward.domke_risk, X=X, y=CLASSES), COLUMNS),
        (partial(forward.hao_loss, X=X, m=CLASSES, alpha=0.3), ROWS),
        (partial(forward.li_minibatch_loss, X=X, Y=Y), ROWS),
        (
            partial(forward.recurrent_loss, X=X, target=np.ones(2)),
            {"W": RNG.normal(size=(2, 2)), "U": RNG.normal(size=(2, 3))},
        ),
    ],
    ids=["domke", "hao", "li", "recurrent"],
)
def test_the_complex_step_agrees_with_differences(loss, params):
    for name, value in params.items():

        def of_one(a, name=name):
            return loss({**params, name: a})

        exact = numerical_gradient(of_one, value, "complex")
        np.testing.assert_allclose(exact, numerical_gradient(of_one, value, "richardson"), 1e-6)
