"""The forward passes of the five notes, each as one loss in plain numpy.

Nothing here knows a derivative. Each loss uses operators, ``@``, ``exp``, ``log``, ``tanh``,
``maximum``, sums, indices and ``.T`` alone, so that it takes real arrays, complex ones, and
whatever else behaves like an array, such as the variables of an autodiff.

    loss = partial(forward.domke_risk, X=X, y=y)
    numerical_gradient(lambda W: loss({**params, "W": W}), params["W"])
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Params = Mapping[str, Any]


def li_squared(params: Params, X: np.ndarray, y: np.ndarray) -> Any:
    """Li (1): half the squared error of one neuron. W (p,), b (); X (n, p), y (n,)."""
    return ((_sigmoid(X @ params["W"] + params["b"]) - y) ** 2).sum() / 2


def li_cross_entropy(params: Params, X: np.ndarray, y: np.ndarray) -> Any:
    """Li (3): the cross-entropy of one neuron. W (p,), b (); X (n, p), y (n,) of 0 and 1."""
    return _logistic(X @ params["W"] + params["b"], y)


def domke_risk(params: Params, X: np.ndarray, y: np.ndarray) -> Any:
    """Domke, sections 2, 3 and 5. W (M, p), b (M,), V (K, M), c (K,); X (N, p), y (N,) classes."""
    H = np.tanh(params["b"] + X @ params["W"].T)
    return _softmax_loss(params["c"] + H @ params["V"].T, y)


def hao_loss(params: Params, X: np.ndarray, m: np.ndarray, alpha: float) -> Any:
    """Hao (1) to (5), a mean. W1 (p, M), b1, W2 (M, K), b2; X (N, p), m (N,) classes."""
    h = np.maximum(X @ params["W1"] + params["b1"], 0)
    squares = (params["W1"] ** 2).sum() + (params["W2"] ** 2).sum()
    return _softmax_loss(h @ params["W2"] + params["b2"], m) / len(X) + alpha / 2 * squares


def gutfreund_loss(params: Params, X: np.ndarray, y: np.ndarray) -> Any:
    """Gutfreund, section 4, with tanh: W1, b1 to Wn, bn, each W (units, inputs); y (N,) classes."""
    depth, a = len(params) // 2, X
    for i in range(1, depth + 1):
        z = a @ params[f"W{i}"].T + params[f"b{i}"]
        a = np.tanh(z)
    return _softmax_loss(z, y)


def li_minibatch_loss(params: Params, X: np.ndarray, Y: np.ndarray) -> Any:
    """Li, sections 2 and 3, summed. W1 (p, M), b1, W2 (M, K), b2; X (N, p), Y (N, K) of 0 and 1."""
    Z = _sigmoid(X @ params["W1"] + params["b1"])
    return _logistic(Z @ params["W2"] + params["b2"], Y)


def galvan_loss(
    params: Params, links: Sequence[tuple[int, int]], x: Sequence[float], y: float
) -> Any:
    """Galvan (3) and (4) with tanh, and half the squared error of the last unit.

    ``params["w"]`` (len(links),) holds the weight of each link (l, j), from unit j to unit l.
    Units are numbered in an order of evaluation, the inputs ``x`` first.
    """
    phi = dict(enumerate(x))
    for unit in range(len(x), max(unit for unit, _ in links) + 1):
        entering = [i for i, (to, _) in enumerate(links) if to == unit]
        phi[unit] = np.tanh(sum(params["w"][i] * phi[links[i][1]] for i in entering))
    return (phi[unit] - y) ** 2 / 2


def recurrent_loss(params: Params, X: np.ndarray, target: np.ndarray) -> Any:
    """Galvan's figure 1 unrolled: h_t = tanh(W h_{t-1} + U x_t) from h_0 = 0, and half the squared
    error of the last h. W (M, M), U (M, p); X (T, p), target (M,)."""
    h = np.zeros(len(target))
    for x in X:
        h = np.tanh(params["W"] @ h + params["U"] @ x)
    return ((h - target) ** 2).sum() / 2


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _logistic(z: Any, y: np.ndarray) -> Any:
    """Cross-entropy of independent sigmoids, from scores of moderate size."""
    return (np.log(1 + np.exp(z)) - y * z).sum()


def _softmax_loss(z: Any, y: np.ndarray) -> Any:
    """Minus the logarithm of each row's probability of its class, summed."""
    z = z - z.max(axis=1, keepdims=True)
    return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]).sum()
