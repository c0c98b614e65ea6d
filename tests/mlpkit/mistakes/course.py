"""The networks of the course's five notes as students write them, and a few beside them.

As all models here: a function of a generator that returns the loss, the gradient, a point, the
numbers of the problem by symbol, and the mistakes that ``known_mistakes`` knows.
"""

import numpy as np

from mlpkit.gradcheck import known_mistakes
from tests.mlpkit.mistakes.functions import sigmoid

N, P_, M, K, ALPHA = 13, 6, 5, 4, 0.03
_data = np.random.default_rng(2026)
X = _data.normal(size=(N, P_))
Y = _data.integers(0, K, N)
TARGETS = _data.integers(0, 2, (N, K)).astype(float)
T = _data.integers(0, 2, N).astype(float)
SEQUENCE = _data.normal(size=(4, N, P_))
CONSTANTS = {"N": N, "K": K, "M": M, "alpha": ALPHA}
TWO = [("W1", "b1"), ("W2", "b2")]
THREE = [*TWO, ("W3", "b3")]


def draw(rng, **shapes):
    return {name: 0.7 * rng.normal(size=shape) for name, shape in shapes.items()}


def tanh(rng):
    """Domke: one column vector a sample, f = c + V tanh(b + W x), summed over the samples."""
    params = draw(rng, W=(M, P_), b=M, V=(K, M), c=K)

    def loss(P):
        S = P["W"] @ X.T + P["b"][:, None]
        H = np.tanh(S)
        F = P["V"] @ H + P["c"][:, None]
        F = F - F.real.max(axis=0)
        return (np.log(np.exp(F).sum(axis=0)) - F[Y, np.arange(N)]).sum()

    def gradient(P):
        S = P["W"] @ X.T + P["b"][:, None]
        H = np.tanh(S)
        F = P["V"] @ H + P["c"][:, None]
        G = np.exp(F - F.max(axis=0))
        G = G / G.sum(axis=0)
        E = np.eye(K)[Y].T
        dF = G - E
        dH = P["V"].T @ dF
        dS = (1 - H**2) * dH
        dV = dF @ H.T
        dc = dF.sum(axis=1)
        dW = dS @ X
        db = dS.sum(axis=1)
        return {"W": dW, "b": db, "V": dV, "c": dc}

    known = known_mistakes(X, Y, [("W", "b"), ("V", "c")], columns=True)
    return loss, gradient, params, CONSTANTS, known


def relu(rng):
    """Hao: one row a sample, ReLU, mean cross-entropy, penalty on both weights."""
    params = draw(rng, W1=(P_, M), b1=M, W2=(M, K), b2=K)

    def loss(P):
        D = X @ P["W1"] + P["b1"]
        C = np.where(D.real > 0, D, 0) @ P["W2"] + P["b2"]
        C = C - C.real.max(axis=1, keepdims=True)
        entropy = np.log(np.exp(C).sum(axis=1)) - C[np.arange(N), Y]
        return entropy.mean() + ALPHA / 2 * ((P["W1"] ** 2).sum() + (P["W2"] ** 2).sum())

    def gradient(P):
        D = X @ P["W1"] + P["b1"]
        h = np.maximum(D, 0)
        c = h @ P["W2"] + P["b2"]
        q = np.exp(c - c.max(axis=1, keepdims=True))
        q = q / q.sum(axis=1, keepdims=True)
        dc = q.copy()
        dc[np.arange(N), Y] -= 1
        dc = dc / N
        dh = dc @ P["W2"].T
        dD = dh * (D > 0)
        dW2 = h.T @ dc + ALPHA * P["W2"]
        db2 = dc.sum(axis=0)
        dW1 = X.T @ dD + ALPHA * P["W1"]
        db1 = dD.sum(axis=0)
        return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}

    known = known_mistakes(X, Y, TWO, hidden="relu", mean=True, penalty=ALPHA)
    return loss, gradient, params, CONSTANTS, known


def sigmoid_units(rng):
    """Li: sigmoid units, independent sigmoid outputs, summed over samples and outputs."""
    params = draw(rng, W1=(P_, M), b1=M, W2=(M, K), b2=K)

    def loss(P):
        Z = sigmoid(X @ P["W1"] + P["b1"])
        T = Z @ P["W2"] + P["b2"]
        return (np.log(1 + np.exp(T)) - TARGETS * T).sum()

    def gradient(P):
        T1 = X @ P["W1"] + P["b1"]
        Z = sigmoid(T1)
        Yhat = sigmoid(Z @ P["W2"] + P["b2"])
        delta2 = Yhat - TARGETS
        dW2 = Z.T @ delta2
        db2 = delta2.sum(axis=0)
        delta1 = (delta2 @ P["W2"].T) * Z * (1 - Z)
        dW1 = X.T @ delta1
        db1 = delta1.sum(axis=0)
        return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}

    known = known_mistakes(X, TARGETS, TWO, hidden="sigmoid", output="sigmoid")
    return loss, gradient, params, CONSTANTS, known


def deep(rng):
    """Gutfreund: three layers with tanh, mean over the samples."""
    params = draw(rng, W1=(P_, M), b1=M, W2=(M, M), b2=M, W3=(M, K), b3=K)

    def loss(P):
        x = X
        for i in (1, 2):
            x = np.tanh(x @ P[f"W{i}"] + P[f"b{i}"])
        z = x @ P["W3"] + P["b3"]
        z = z - z.real.max(axis=1, keepdims=True)
        return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(N), Y]).mean()

    def gradient(P):
        x1 = X
        x2 = np.tanh(x1 @ P["W1"] + P["b1"])
        x3 = np.tanh(x2 @ P["W2"] + P["b2"])
        z = x3 @ P["W3"] + P["b3"]
        q = np.exp(z - z.max(axis=1, keepdims=True))
        q = q / q.sum(axis=1, keepdims=True)
        d3 = (q - np.eye(K)[Y]) / N
        d2 = (d3 @ P["W3"].T) * (1 - x3**2)
        d1 = (d2 @ P["W2"].T) * (1 - x2**2)
        return {"W1": x1.T @ d1, "b1": d1.sum(axis=0), "W2": x2.T @ d2, "b2": d2.sum(axis=0),
                "W3": x3.T @ d3, "b3": d3.sum(axis=0)}  # fmt: skip

    return loss, gradient, params, CONSTANTS, known_mistakes(X, Y, THREE, mean=True)


def logistic(rng):
    """Li, section 1: squared loss of a single sigmoid."""
    params = draw(rng, w=P_, b=())

    def loss(P):
        return 0.5 * ((sigmoid(X @ P["w"] + P["b"]) - T) ** 2).sum()

    def gradient(P):
        z = X @ P["w"] + P["b"]
        yhat = sigmoid(z)
        r = (yhat - T) * yhat * (1 - yhat)
        return {"w": X.T @ r, "b": r.sum()}

    return loss, gradient, params, CONSTANTS, {}


def one_sample(rng):
    """Domke with a single sample, as the notes print it."""
    params = draw(rng, c=K, V=(K, M), b=M, W=(M, P_))

    def loss(P):
        f = P["c"] + P["V"] @ np.tanh(P["b"] + P["W"] @ X[0])
        return np.log(np.exp(f).sum()) - f[Y[0]]

    def gradient(P):
        x, y = X[0], Y[0]
        s = P["b"] + P["W"] @ x
        h = np.tanh(s)
        f = P["c"] + P["V"] @ h
        g = np.exp(f) / np.exp(f).sum()
        e = np.zeros(K)
        e[y] = 1
        dLdf = -e + g
        dLdh = P["V"].T @ dLdf
        dLds = dLdh * (1 - h * h)
        return {"c": dLdf, "V": np.outer(dLdf, h), "b": dLds, "W": np.outer(dLds, x)}

    known = known_mistakes(X[0], Y[:1], [("W", "b"), ("V", "c")], columns=True)
    return loss, gradient, params, CONSTANTS, known


def recurrent(rng):
    """Shared weights, unrolled over four steps; half the squared error of the last output."""
    params = draw(rng, U=(P_, M), R=(M, M), b=M, v=M)

    def loss(P):
        h = np.zeros((N, M))
        for t in range(4):
            h = np.tanh(SEQUENCE[t] @ P["U"] + h @ P["R"] + P["b"])
        return 0.5 * ((h @ P["v"] - T) ** 2).sum()

    def gradient(P):
        hs = [np.zeros((N, M))]
        for t in range(4):
            hs.append(np.tanh(SEQUENCE[t] @ P["U"] + hs[-1] @ P["R"] + P["b"]))
        error = hs[-1] @ P["v"] - T
        dv = hs[-1].T @ error
        dU, dR, db = np.zeros(P["U"].shape), np.zeros((M, M)), np.zeros(M)
        delta = np.outer(error, P["v"])
        for t in range(3, -1, -1):
            delta = delta * (1 - hs[t + 1] ** 2)
            dU += SEQUENCE[t].T @ delta
            dR += hs[t].T @ delta
            db += delta.sum(axis=0)
            delta = delta @ P["R"].T
        return {"U": dU, "R": dR, "b": db, "v": dv}

    return loss, gradient, params, CONSTANTS, {}


def wide(rng):
    """Two hidden ReLU layers, summed cross-entropy, penalty on the weights, larger than FULL."""
    params = draw(rng, W1=(P_, 17), b1=17, W2=(17, 12), b2=12, W3=(12, K), b3=K)

    def loss(P):
        a = X
        for i in (1, 2):
            s = a @ P[f"W{i}"] + P[f"b{i}"]
            a = np.where(s.real > 0, s, 0)
        z = a @ P["W3"] + P["b3"]
        z = z - z.real.max(axis=1, keepdims=True)
        penalty = sum((P[f"W{i}"] ** 2).sum() for i in (1, 2, 3))
        return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(N), Y]).sum() + ALPHA / 2 * penalty

    def gradient(P):
        s1 = X @ P["W1"] + P["b1"]
        a1 = np.maximum(s1, 0)
        s2 = a1 @ P["W2"] + P["b2"]
        a2 = np.maximum(s2, 0)
        z = a2 @ P["W3"] + P["b3"]
        q = np.exp(z - z.max(axis=1, keepdims=True))
        q /= q.sum(axis=1, keepdims=True)
        onehot = np.zeros((N, K))
        onehot[np.arange(N), Y] = 1.0
        d3 = q - onehot
        d2 = (d3 @ P["W3"].T) * (s2 > 0)
        d1 = (d2 @ P["W2"].T) * (s1 > 0)
        grads = {}
        grads["W3"] = a2.T @ d3 + ALPHA * P["W3"]
        grads["b3"] = d3.sum(axis=0)
        grads["W2"] = a1.T @ d2 + ALPHA * P["W2"]
        grads["b2"] = d2.sum(axis=0)
        grads["W1"] = X.T @ d1 + ALPHA * P["W1"]
        grads["b1"] = d1.sum(axis=0)
        return grads

    known = known_mistakes(X, Y, THREE, hidden="relu", penalty=ALPHA)
    return loss, gradient, params, CONSTANTS, known


def ridge(rng):
    """Linear regression: mean of half squared errors, penalty on w."""
    params = draw(rng, w=P_, b=())

    def loss(P):
        return 0.5 * ((X @ P["w"] + P["b"] - T) ** 2).mean() + ALPHA / 2 * (P["w"] ** 2).sum()

    def gradient(P):
        r = X @ P["w"] + P["b"] - T
        return {"w": X.T @ r / N + ALPHA * P["w"], "b": r.mean()}

    return loss, gradient, params, CONSTANTS, {}
