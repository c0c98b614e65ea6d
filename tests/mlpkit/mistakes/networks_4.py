"""Correct gradients of other models than the third bank's; ``networks_4.toml`` edits them."""

import numpy as np

from mlpkit.gradcheck import known_mistakes
from tests.mlpkit.mistakes.functions import log_sum_exp, sigmoid, softmax


def poisson(rng):
    """Counts with an exponential rate, the mean of exp(z) - y z."""
    n, p = 14, 5
    X, y = rng.normal(size=(n, p)) / 2, rng.integers(0, 6, n)
    params = {"w": rng.normal(size=p) / 2, "b": np.array(0.6)}

    def loss(P):
        z = X @ P["w"] + P["b"]
        return (np.exp(z) - y * z).mean()

    def gradient(P):
        rate = np.exp(X @ P["w"] + P["b"])
        error = (rate - y) / n
        dw = X.T @ error
        db = error.sum()
        return {"w": dw, "b": db}

    return loss, gradient, params, {"n": n}, {}


def squared_hinge(rng):
    """A margin of one, squared, the sum; alpha/2 |w|^2."""
    N, p, alpha = 17, 6, 0.7
    X, t = rng.normal(size=(N, p)), rng.choice((-1.0, 1.0), N)
    params = {"w": rng.normal(size=p), "b": np.array(0.2)}

    def loss(P):
        margin = 1 - t * (X @ P["w"] + P["b"])
        short = np.where(margin.real > 0, margin, 0)
        return (short**2).sum() + alpha / 2 * (P["w"] ** 2).sum()

    def gradient(P):
        margin = 1 - t * (X @ P["w"] + P["b"])
        slack = np.maximum(margin, 0)
        delta = -2 * t * slack
        dw = X.T @ delta + alpha * P["w"]
        db = delta.sum()
        return {"w": dw, "b": db}

    return loss, gradient, params, {"N": N, "alpha": alpha}, {}


def whole_decay(rng):
    """Softmax regression, the mean, lambda |W|^2 without a half."""
    N, p, K, lam = 11, 7, 3, 0.3
    X, y = rng.normal(size=(N, p)), rng.integers(0, K, N)
    params = {"W": rng.normal(size=(p, K)), "b": rng.normal(size=K)}

    def loss(P):
        scores = X @ P["W"] + P["b"]
        fit = (log_sum_exp(scores) - scores[np.arange(N), y]).mean()
        return fit + lam * (P["W"] ** 2).sum()

    def gradient(P):
        Q = softmax(X @ P["W"] + P["b"])
        Q[np.arange(N), y] -= 1
        dW = X.T @ Q / N + 2 * lam * P["W"]
        db = Q.mean(axis=0)
        return {"W": dW, "b": db}

    known = known_mistakes(X, y, [("W", "b")], mean=True, penalty=2 * lam)
    return loss, gradient, params, {"N": N, "K": K, "lambda": lam}, known


def residual(rng):
    """Two blocks h + tanh(h W + b) of one width, then a linear layer; half squares, summed."""
    N, M, K = 6, 5, 3
    X, Y = rng.normal(size=(N, M)), rng.normal(size=(N, K))
    params = {
        "A": rng.normal(size=(M, M)) / 2,
        "a": rng.normal(size=M),
        "B": rng.normal(size=(M, M)) / 2,
        "b": rng.normal(size=M),
        "V": rng.normal(size=(M, K)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        h = X + np.tanh(X @ P["A"] + P["a"])
        h = h + np.tanh(h @ P["B"] + P["b"])
        return ((h @ P["V"] + P["c"] - Y) ** 2).sum() / 2

    def gradient(P):
        s = np.tanh(X @ P["A"] + P["a"])
        h = X + s
        t = np.tanh(h @ P["B"] + P["b"])
        top = h + t
        E = top @ P["V"] + P["c"] - Y
        dV, dc = top.T @ E, E.sum(axis=0)
        dtop = E @ P["V"].T
        dt = dtop * (1 - t**2)
        dB, db = h.T @ dt, dt.sum(axis=0)
        dh = dtop + dt @ P["B"].T
        ds = dh * (1 - s**2)
        dA, da = X.T @ ds, ds.sum(axis=0)
        return {"A": dA, "a": da, "B": dB, "b": db, "V": dV, "c": dc}

    return loss, gradient, params, {"N": N, "M": M, "K": K}, {}


def factors(rng):
    """A matrix as a product U V^T, half of the squares over the entries that are known."""
    n, m, r, lam = 8, 6, 2, 0.05
    R, seen = rng.normal(size=(n, m)), rng.random(size=(n, m)) < 0.7
    params = {"U": rng.normal(size=(n, r)), "V": rng.normal(size=(m, r))}

    def loss(P):
        gaps = np.where(seen, P["U"] @ P["V"].T - R, 0)
        decay = (P["U"] ** 2).sum() + (P["V"] ** 2).sum()
        return (gaps**2).sum() / 2 + lam / 2 * decay

    def gradient(P):
        E = np.where(seen, P["U"] @ P["V"].T - R, 0)
        dU = E @ P["V"] + lam * P["U"]
        dV = E.T @ P["U"] + lam * P["V"]
        return {"U": dU, "V": dV}

    return loss, gradient, params, {"n": n, "m": m, "lambda": lam}, {}


def gated(rng):
    """A gated unit sigmoid(X F + f) * tanh(X G + g), then softmax; the mean."""
    N, p, M, K = 9, 6, 4, 3
    X, y = rng.normal(size=(N, p)), rng.integers(0, K, N)
    Y = np.eye(K)[y]
    params = {
        "F": rng.normal(size=(p, M)),
        "f": rng.normal(size=M),
        "G": rng.normal(size=(p, M)),
        "g": rng.normal(size=M),
        "V": rng.normal(size=(M, K)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        h = sigmoid(X @ P["F"] + P["f"]) * np.tanh(X @ P["G"] + P["g"])
        scores = h @ P["V"] + P["c"]
        return (log_sum_exp(scores) - (scores * Y).sum(axis=1)).mean()

    def gradient(P):
        gate, value = sigmoid(X @ P["F"] + P["f"]), np.tanh(X @ P["G"] + P["g"])
        h = gate * value
        D = (softmax(h @ P["V"] + P["c"]) - Y) / N
        dh = D @ P["V"].T
        dF = dh * value * gate * (1 - gate)
        dG = dh * gate * (1 - value**2)
        return {
            "F": X.T @ dF,
            "f": dF.sum(axis=0),
            "G": X.T @ dG,
            "g": dG.sum(axis=0),
            "V": h.T @ D,
            "c": D.sum(axis=0),
        }

    return loss, gradient, params, {"N": N, "M": M, "K": K}, {}


def filtered(rng):
    """One filter slid along signals, a bias, the mean over signals of half the squares."""
    N, length, width = 5, 12, 4
    X, Y = rng.normal(size=(N, length)), rng.normal(size=(N, length - width + 1))
    params = {"k": rng.normal(size=width), "b": np.array(0.5)}

    def loss(P):
        total = P["b"] - Y
        for j in range(width):
            total = total + P["k"][j] * X[:, j : j + length - width + 1]
        return (total**2).sum() / (2 * N)

    def gradient(P):
        windows = np.lib.stride_tricks.sliding_window_view(X, width, axis=1)
        E = (windows @ P["k"] + P["b"] - Y) / N
        dk = np.einsum("nt,ntj->j", E, windows)
        db = E.sum()
        return {"k": dk, "b": db}

    return loss, gradient, params, {"N": N, "width": width}, {}


def relu_regression(rng):
    """Three layers of ReLU units as columns, W x + b, half of the sum of squares."""
    N, p, M, L, K = 7, 4, 6, 5, 2
    X, Y = rng.normal(size=(p, N)), rng.normal(size=(K, N))
    sizes = {"1": (M, p), "2": (L, M), "3": (K, L)}
    params = {f"W{k}": rng.normal(size=s) for k, s in sizes.items()}
    params |= {f"b{k}": rng.normal(size=s[0]) for k, s in sizes.items()}

    def loss(P):
        h = X
        for k in "12":
            s = P[f"W{k}"] @ h + P[f"b{k}"][:, None]
            h = np.where(s.real > 0, s, 0)
        return ((P["W3"] @ h + P["b3"][:, None] - Y) ** 2).sum() / 2

    def gradient(P):
        s1 = P["W1"] @ X + P["b1"][:, None]
        h1 = np.maximum(s1, 0)
        s2 = P["W2"] @ h1 + P["b2"][:, None]
        h2 = np.maximum(s2, 0)
        d3 = P["W3"] @ h2 + P["b3"][:, None] - Y
        d2 = P["W3"].T @ d3 * (s2 > 0)
        d1 = P["W2"].T @ d2 * (s1 > 0)
        return {
            "W1": d1 @ X.T,
            "W2": d2 @ h1.T,
            "W3": d3 @ h2.T,
            "b1": d1.sum(axis=1),
            "b2": d2.sum(axis=1),
            "b3": d3.sum(axis=1),
        }

    layers = [("W1", "b1"), ("W2", "b2"), ("W3", "b3")]
    known = known_mistakes(
        X.T, Y.T, layers, hidden="relu", output="squared", columns=True
    )  # fmt: skip
    return loss, gradient, params, {"N": N, "K": K}, known


def one_output(rng):
    """One sigmoid output above tanh units, cross-entropy, the mean; one number a sample."""
    N, p, M, lam = 10, 5, 7, 0.02
    X, y = rng.normal(size=(N, p)), rng.integers(0, 2, N).astype(float)
    params = {
        "W": rng.normal(size=(p, M)),
        "b": rng.normal(size=M),
        "V": rng.normal(size=(M, 1)),
        "c": rng.normal(size=1),
    }

    def loss(P):
        z = (np.tanh(X @ P["W"] + P["b"]) @ P["V"] + P["c"])[:, 0]
        decay = (P["W"] ** 2).sum() + (P["V"] ** 2).sum()
        return (np.log(1 + np.exp(-z)) + (1 - y) * z).mean() + lam / 2 * decay

    def gradient(P):
        A = X @ P["W"] + P["b"]
        H = np.tanh(A)
        q = sigmoid(H @ P["V"] + P["c"])
        D = (q - y[:, None]) / N
        dV, dc = H.T @ D + lam * P["V"], D.sum(axis=0)
        E = D @ P["V"].T * (1 - H**2)
        dW, db = X.T @ E + lam * P["W"], E.sum(axis=0)
        return {"W": dW, "b": db, "V": dV, "c": dc}

    known = known_mistakes(
        X, y[:, None], [("W", "b"), ("V", "c")], output="sigmoid", mean=True, penalty=lam
    )
    return loss, gradient, params, {"N": N, "M": M, "lambda": lam}, known


def large(rng):
    """A net whose gradients are too large to be read off: tanh, softmax, the mean, decay."""
    N, p, M, K, lam = 20, 30, 24, 6, 0.01
    X, y = rng.normal(size=(N, p)), rng.integers(0, K, N)
    Y = np.eye(K)[y]
    params = {
        "W": rng.normal(size=(p, M)) / 3,
        "b": rng.normal(size=M),
        "V": rng.normal(size=(M, K)) / 3,
        "c": rng.normal(size=K),
    }

    def loss(P):
        scores = np.tanh(X @ P["W"] + P["b"]) @ P["V"] + P["c"]
        decay = (P["W"] ** 2).sum() + (P["V"] ** 2).sum()
        return (log_sum_exp(scores) - (scores * Y).sum(axis=1)).mean() + lam / 2 * decay

    def gradient(P):
        A = X @ P["W"] + P["b"]
        H = np.tanh(A)
        D = (softmax(H @ P["V"] + P["c"]) - Y) / N
        dV, dc = H.T @ D + lam * P["V"], D.sum(axis=0)
        E = D @ P["V"].T * (1 - H**2)
        dW, db = X.T @ E + lam * P["W"], E.sum(axis=0)
        return {"W": dW, "b": db, "V": dV, "c": dc}

    known = known_mistakes(X, y, [("W", "b"), ("V", "c")], mean=True, penalty=lam)
    return loss, gradient, params, {"N": N, "M": M, "K": K, "lambda": lam}, known
