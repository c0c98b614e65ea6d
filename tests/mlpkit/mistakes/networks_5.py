"""Correct gradients of a third set of models; ``networks_5.toml`` edits them."""

import numpy as np

from mlpkit.gradcheck import known_mistakes
from tests.mlpkit.mistakes.functions import log_sum_exp, sigmoid, softmax


def softplus_net(rng):
    """Softplus units, linear outputs, half of the mean square."""
    N, p, M, K = 8, 3, 6, 2
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, K))
    params = {
        "W": rng.normal(size=(p, M)),
        "b": rng.normal(size=M),
        "V": rng.normal(size=(M, K)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        H = np.log(1 + np.exp(X @ P["W"] + P["b"]))
        return ((H @ P["V"] + P["c"] - Y) ** 2).sum() / (2 * N)

    def gradient(P):
        A = X @ P["W"] + P["b"]
        H = np.log(1 + np.exp(A))
        E = (H @ P["V"] + P["c"] - Y) / N
        dV, dc = H.T @ E, E.sum(axis=0)
        D = E @ P["V"].T * sigmoid(A)
        dW, db = X.T @ D, D.sum(axis=0)
        return {"W": dW, "b": db, "V": dV, "c": dc}

    return loss, gradient, params, {"N": N, "M": M, "K": K}, {}


def bilinear(rng):
    """A score x A z + b for pairs, logistic, the sum, lambda/2 |A|^2."""
    N, p, q, lam = 13, 4, 5, 0.08
    X, Z, y = rng.normal(size=(N, p)), rng.normal(size=(N, q)), rng.integers(0, 2, N)
    params = {"A": rng.normal(size=(p, q)), "b": np.array(0.35)}

    def loss(P):
        s = ((X @ P["A"]) * Z).sum(axis=1) + P["b"]
        return (np.log(1 + np.exp(-s)) + (1 - y) * s).sum() + lam / 2 * (P["A"] ** 2).sum()

    def gradient(P):
        s = ((X @ P["A"]) * Z).sum(axis=1) + P["b"]
        delta = sigmoid(s) - y
        dA = (X * delta[:, None]).T @ Z + lam * P["A"]
        db = delta.sum()
        return {"A": dA, "b": db}

    return loss, gradient, params, {"N": N, "lambda": lam}, {}


def normal_noise(rng):
    """A linear mean and the log of a standard deviation for each of two outputs."""
    N, p, K = 10, 3, 2
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, K))
    params = {
        "W": rng.normal(size=(p, K)),
        "b": rng.normal(size=K),
        "s": rng.normal(size=K) / 3,
    }

    def loss(P):
        z = (Y - X @ P["W"] - P["b"]) * np.exp(-P["s"])
        return (z**2 / 2 + P["s"]).sum() / N

    def gradient(P):
        z = (Y - X @ P["W"] - P["b"]) * np.exp(-P["s"])
        delta = -z * np.exp(-P["s"]) / N
        dW = X.T @ delta
        db = delta.sum(axis=0)
        ds = 1 - (z**2).sum(axis=0) / N
        return {"W": dW, "b": db, "s": ds}

    return loss, gradient, params, {"N": N, "K": K}, {}


def pooled(rng):
    """One bag of vectors, pooled by softmax weights, then a softmax over classes."""
    T, d, K = 7, 5, 3
    X, y = rng.normal(size=(T, d)), 2
    params = {
        "v": rng.normal(size=d),
        "U": rng.normal(size=(K, d)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        weights = softmax(X @ P["v"])
        z = P["U"] @ (weights @ X) + P["c"]
        return log_sum_exp(z) - z[y]

    def gradient(P):
        weights = softmax(X @ P["v"])
        bag = weights @ X
        dz = softmax(P["U"] @ bag + P["c"])
        dz[y] -= 1
        dU = np.outer(dz, bag)
        dbag = P["U"].T @ dz
        dweights = X @ dbag
        ds = weights * (dweights - weights @ dweights)
        dv = X.T @ ds
        return {"v": dv, "U": dU, "c": dz}

    return loss, gradient, params, {"T": T, "K": K}, {}


def deep_sigmoid(rng):
    """Three sigmoid layers and squared sigmoid outputs, the mean, decay; partly large."""
    N, p, M, L, K, lam = 16, 12, 9, 7, 3, 0.03
    X, Y = rng.normal(size=(N, p)), rng.random(size=(N, K))
    params = {
        "W1": rng.normal(size=(p, M)),
        "b1": rng.normal(size=M),
        "W2": rng.normal(size=(M, L)),
        "b2": rng.normal(size=L),
        "W3": rng.normal(size=(L, K)),
        "b3": rng.normal(size=K),
    }

    def loss(P):
        h = X
        for k in "123":
            h = sigmoid(h @ P["W" + k] + P["b" + k])
        decay = sum((P["W" + k] ** 2).sum() for k in "123")
        return ((h - Y) ** 2).sum() / (2 * N) + lam / 2 * decay

    def gradient(P):
        h1 = sigmoid(X @ P["W1"] + P["b1"])
        a2 = h1 @ P["W2"] + P["b2"]
        h2 = sigmoid(a2)
        out = sigmoid(h2 @ P["W3"] + P["b3"])
        d3 = (out - Y) * out * (1 - out) / N
        d2 = d3 @ P["W3"].T * h2 * (1 - h2)
        d1 = d2 @ P["W2"].T * h1 * (1 - h1)
        return {
            "W1": X.T @ d1 + lam * P["W1"],
            "b1": d1.sum(axis=0),
            "W2": h1.T @ d2 + lam * P["W2"],
            "b2": d2.sum(axis=0),
            "W3": h2.T @ d3 + lam * P["W3"],
            "b3": d3.sum(axis=0),
        }

    layers = [("W1", "b1"), ("W2", "b2"), ("W3", "b3")]
    known = known_mistakes(
        X, Y, layers, hidden="sigmoid", output="squared sigmoid", mean=True, penalty=lam
    )
    return loss, gradient, params, {"N": N, "K": K, "lambda": lam}, known


def relu_column(rng):
    """One sample, ReLU, softmax, decay; V relu(W x + b) + c."""
    p, M, K, alpha = 4, 8, 3, 0.12
    x, y = rng.normal(size=p), 0
    params = {
        "W": rng.normal(size=(M, p)),
        "b": rng.normal(size=M),
        "V": rng.normal(size=(K, M)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        a = P["W"] @ x + P["b"]
        z = P["V"] @ np.where(a.real > 0, a, 0) + P["c"]
        decay = (P["W"] ** 2).sum() + (P["V"] ** 2).sum()
        return log_sum_exp(z) - z[y] + alpha / 2 * decay

    def gradient(P):
        a = P["W"] @ x + P["b"]
        h = np.maximum(a, 0)
        dz = softmax(P["V"] @ h + P["c"])
        dz[y] -= 1
        dV = np.outer(dz, h) + alpha * P["V"]
        da = (P["V"].T @ dz) * (a > 0)
        dW = np.outer(da, x) + alpha * P["W"]
        return {"W": dW, "b": da, "V": dV, "c": dz}

    known = known_mistakes(
        x, y, [("W", "b"), ("V", "c")], hidden="relu", penalty=alpha, columns=True
    )
    return loss, gradient, params, {"M": M, "K": K, "alpha": alpha}, known


def wide_softmax(rng):
    """Softmax regression on many inputs, the sum of cross-entropies."""
    N, p, K = 25, 40, 6
    X, y = rng.normal(size=(N, p)) / 3, rng.integers(0, K, N)
    Y = np.eye(K)[y]
    params = {"W": rng.normal(size=(p, K)), "b": rng.normal(size=K)}

    def loss(P):
        z = X @ P["W"] + P["b"]
        return (log_sum_exp(z) - (z * Y).sum(axis=1)).sum()

    def gradient(P):
        z = X @ P["W"] + P["b"]
        q = softmax(z)
        delta = q - Y
        dW = X.T @ delta
        db = delta.sum(axis=0)
        return {"W": dW, "b": db}

    return loss, gradient, params, {"N": N, "K": K}, known_mistakes(X, y, [("W", "b")])


def deep_linear(rng):
    """Two linear layers of the same width as the inputs, half of the mean square."""
    N, p, K = 9, 4, 3
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, K))
    params = {
        "W1": rng.normal(size=(p, p)),
        "b1": rng.normal(size=p),
        "W2": rng.normal(size=(p, p)),
        "b2": rng.normal(size=p),
        "W3": rng.normal(size=(p, K)),
        "b3": rng.normal(size=K),
    }

    def loss(P):
        h = (X @ P["W1"] + P["b1"]) @ P["W2"] + P["b2"]
        return ((h @ P["W3"] + P["b3"] - Y) ** 2).sum() / (2 * N)

    def gradient(P):
        h1 = X @ P["W1"] + P["b1"]
        h2 = h1 @ P["W2"] + P["b2"]
        d3 = (h2 @ P["W3"] + P["b3"] - Y) / N
        d2 = d3 @ P["W3"].T
        d1 = d2 @ P["W2"].T
        dW1, db1 = X.T @ d1, d1.sum(axis=0)
        dW2, db2 = h1.T @ d2, d2.sum(axis=0)
        dW3, db3 = h2.T @ d3, d3.sum(axis=0)
        return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}

    layers = [("W1", "b1"), ("W2", "b2"), ("W3", "b3")]
    known = known_mistakes(X, Y, layers, hidden="identity", output="squared", mean=True)
    return loss, gradient, params, {"N": N, "p": p, "K": K}, known
