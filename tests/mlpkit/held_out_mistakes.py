"""Mistakes to measure the diagnosis with, written after it.

Five gradients as a student writes them, and one-line edits, each with what the message for the
first wrong parameter must say. ``None``: nobody can know the cause from the numbers, so the
checker should give none.

EDITS came first: 91 of its 102 causes were named rightly and 4 wrongly when it was first run; the
diagnosis then learned from it. HELD_OUT was written after that: 75 of 79 rightly and 2 wrongly (of
the other 2, one expectation here was wrong and one message was worded otherwise) when first run.
"""

from dataclasses import dataclass

import numpy as np


def tanh_net(P):
    """Domke: one column vector a sample, f = c + V tanh(b + W x), summed over the samples."""
    S = P["W"] @ X.T + P["b"][:, None]
    H = np.tanh(S)
    F = P["V"] @ H + P["c"][:, None]
    F = F - F.real.max(axis=0)
    return (np.log(np.exp(F).sum(axis=0)) - F[Y, np.arange(N)]).sum()


TANH = """
def gradient(P):
    S = P["W"] @ X.T + P["b"][:, None]
    H = np.tanh(S)
    F = P["V"] @ H + P["c"][:, None]
    G = np.exp(F - F.max(axis=0))
    G = G / G.sum(axis=0)
    E = np.eye(K)[Y].T
    dF = G - E
    dH = P["V"].T @ dF
    dS = (1 - H ** 2) * dH
    dV = dF @ H.T
    dc = dF.sum(axis=1)
    dW = dS @ X
    db = dS.sum(axis=1)
    return {"W": dW, "b": db, "V": dV, "c": dc}
"""


def relu_net(P):
    """Hao: one row a sample, ReLU, mean cross-entropy, penalty on both weights."""
    D = X @ P["W1"] + P["b1"]
    C = np.where(D.real > 0, D, 0) @ P["W2"] + P["b2"]
    C = C - C.real.max(axis=1, keepdims=True)
    entropy = np.log(np.exp(C).sum(axis=1)) - C[np.arange(N), Y]
    return entropy.mean() + ALPHA / 2 * ((P["W1"] ** 2).sum() + (P["W2"] ** 2).sum())


RELU = """
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
"""


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_net(P):
    """Li: sigmoid units, independent sigmoid outputs, summed over samples and outputs."""
    Z = sigmoid(X @ P["W1"] + P["b1"])
    T = Z @ P["W2"] + P["b2"]
    return (np.log(1 + np.exp(T)) - TARGETS * T).sum()


SIGMOID = """
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
"""


def deep_net(P):
    """Gutfreund: three layers with tanh, mean over the samples."""
    x = X
    for i in (1, 2):
        x = np.tanh(x @ P[f"W{i}"] + P[f"b{i}"])
    z = x @ P["W3"] + P["b3"]
    z = z - z.real.max(axis=1, keepdims=True)
    return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(N), Y]).mean()


DEEP = """
def gradient(P):
    x1 = X
    x2 = np.tanh(x1 @ P["W1"] + P["b1"])
    x3 = np.tanh(x2 @ P["W2"] + P["b2"])
    z = x3 @ P["W3"] + P["b3"]
    q = np.exp(z - z.max(axis=1, keepdims=True))
    q = q / q.sum(axis=1, keepdims=True)
    d3 = (q - np.eye(K)[Y]) / N
    d2 = (d3 @ P["W3"].T) * (1 - x3 ** 2)
    d1 = (d2 @ P["W2"].T) * (1 - x2 ** 2)
    return {"W1": x1.T @ d1, "b1": d1.sum(axis=0), "W2": x2.T @ d2, "b2": d2.sum(axis=0),
            "W3": x3.T @ d3, "b3": d3.sum(axis=0)}
"""


def logistic(P):
    """Li, section 1: squared loss of a single sigmoid."""
    return 0.5 * ((sigmoid(X @ P["w"] + P["b"]) - T) ** 2).sum()


LOGISTIC = """
def gradient(P):
    z = X @ P["w"] + P["b"]
    yhat = sigmoid(z)
    r = (yhat - T) * yhat * (1 - yhat)
    return {"w": X.T @ r, "b": r.sum()}
"""

N, P_, M, K, ALPHA = 13, 6, 5, 4, 0.03
_rng = np.random.default_rng(2026)
X = _rng.normal(size=(N, P_))
Y = _rng.integers(0, K, N)
TARGETS = _rng.integers(0, 2, (N, K)).astype(float)
T = _rng.integers(0, 2, N).astype(float)
CONSTANTS = {"N": N, "K": K, "M": M, "alpha": ALPHA}


def _params(**shapes):
    return {name: 0.7 * _rng.normal(size=shape) for name, shape in shapes.items()}


@dataclass(frozen=True)
class Case:
    """A network of the course, with what its assignment tells the checker."""

    loss: object
    source: str
    params: dict
    mistakes: dict  # arguments of known_mistakes; empty: none

    def gradient(self, old, new):
        """The student's function after one edit."""
        assert self.source.count(old) == 1, old
        scope = {
            "np": np,
            "X": X,
            "Y": Y,
            "N": N,
            "K": K,
            "M": M,
            "ALPHA": ALPHA,
            "T": T,
            "TARGETS": TARGETS,
            "SEQUENCE": SEQUENCE,
            "sigmoid": sigmoid,
        }
        exec(self.source.replace(old, new), scope)
        return scope["gradient"]


NETS = {
    "tanh": Case(
        tanh_net, TANH, _params(W=(M, P_), b=M, V=(K, M), c=K),
        {"X": X, "y": Y, "layers": [("W", "b"), ("V", "c")], "columns": True},
    ),
    "relu": Case(
        relu_net, RELU, _params(W1=(P_, M), b1=M, W2=(M, K), b2=K),
        {"X": X, "y": Y, "layers": [("W1", "b1"), ("W2", "b2")], "hidden": "relu", "mean": True,
         "penalty": ALPHA},
    ),
    "sigmoid": Case(
        sigmoid_net, SIGMOID, _params(W1=(P_, M), b1=M, W2=(M, K), b2=K),
        {"X": X, "y": TARGETS, "layers": [("W1", "b1"), ("W2", "b2")], "hidden": "sigmoid",
         "output": "sigmoid"},
    ),
    "deep": Case(
        deep_net, DEEP, _params(W1=(P_, M), b1=M, W2=(M, M), b2=M, W3=(M, K), b3=K),
        {"X": X, "y": Y, "layers": [("W1", "b1"), ("W2", "b2"), ("W3", "b3")], "mean": True},
    ),
    "logistic": Case(logistic, LOGISTIC, _params(w=P_, b=()), {}),
}  # fmt: skip

# network, the line, what the student wrote, what the message must say
EDITS = [
    # the course's own list of real mistakes
    ("tanh", "dF = G - E", "dF = E + G", r"yhat \+ y"),
    ("tanh", "dF = G - E", "dF = E - G", "sign"),
    ("tanh", "np.eye(K)[Y].T", "np.eye(K)[(Y + 1) % K].T", "one class too"),
    ("tanh", "np.eye(K)[Y].T", "np.eye(K)[Y - 1].T", "one class too"),
    ("tanh", "(1 - H ** 2) * dH", "dH", "sigma' is left out"),
    ("tanh", "(1 - H ** 2) * dH", "(1 - np.tanh(H) ** 2) * dH", "at h instead of at s"),
    ("tanh", "(1 - H ** 2) * dH", "(1 - S ** 2) * dH", r"1 - s\^2"),
    ("tanh", "(1 - H ** 2) * dH", "(1 - H) * dH", "1 - h instead"),
    ("tanh", "(1 - H ** 2) * dH", "H * (1 - H) * dH", "sigmoid"),
    ("tanh", "(1 - H ** 2) * dH", "-(1 - H ** 2) * dH", "sign"),
    ("tanh", "(1 - H ** 2) * dH", "(H ** 2 - 1) * dH", "sign"),
    ("tanh", "dV = dF @ H.T", "dV = H @ dF.T", "transposed"),
    ("tanh", "dV = dF @ H.T", "dV = (H @ dF.T).reshape(K, M)", "reshape"),
    ("tanh", "dV = dF @ H.T", "dV = dF @ S.T", "s stands where h"),
    ("tanh", "dW = dS @ X", "dW = dS @ X / N", "divided by N"),
    ("tanh", "dW = dS @ X", "dW = (dS @ X).T", "transposed"),
    ("tanh", "dW = dS @ X", "dW = np.outer(dS[:, -1], X[-1])", "last sample"),
    ("tanh", "dW = dS @ X", "dW = dS[:, :-1] @ X[:-1]", "last sample is left out"),
    ("tanh", "dW = dS @ X", "dW = dS @ X + P['W']", "W"),
    ("tanh", "db = dS.sum(axis=1)", "db = dS.mean(axis=1)", "divided by N"),
    ("tanh", "db = dS.sum(axis=1)", "db = dS.sum(axis=0)", "wrong axis"),
    ("tanh", "db = dS.sum(axis=1)", "db = dS", "shape"),
    ("tanh", "db = dS.sum(axis=1)", "db = dS.sum(axis=1, keepdims=True)", "axis of length 1"),
    ("tanh", "db = dS.sum(axis=1)", "db = dH.sum(axis=1)", "sigma' is left out"),
    ("tanh", "db = dS.sum(axis=1)", "db = dS[:, 0]", "first sample"),
    ("tanh", "db = dS.sum(axis=1)", "db = dS.sum()", "nothing was left of the shape"),
    ("tanh", "dc = dF.sum(axis=1)", "dc = G.sum(axis=1)", "targets are not subtracted"),
    ("tanh", "dc = dF.sum(axis=1)", "dc = np.abs(dF.sum(axis=1))", "absolute value"),
    ("tanh", "dc = dF.sum(axis=1)", "dc = dF.sum(axis=1)[::-1]", "reverse"),
    ("tanh", "G / G.sum(axis=0)", "G / G.sum(axis=1, keepdims=True)", "over the samples"),
    ("tanh", '"V": dV, "c": dc}', '"V": dV, "c": db}', "shape"),
    ("tanh", '"V": dV, "c": dc}', '"V": dV}', "has no 'c'"),
    ("tanh", "return {", "{", "None"),
    # ReLU and a penalty
    ("relu", "    dc = dc / N\n", "", "multiplied by N"),
    ("relu", "    dc = dc / N\n", "    dc = dc / N ** 2\n", "divided by N"),
    ("relu", "    dc = dc / N\n", "    dc = dc / K\n", "N/K"),
    ("relu", "    dc = dc / N\n", "    dc = 2 * dc / N\n", "twice"),
    ("relu", ' + ALPHA * P["W2"]', "", "lacks alpha W2"),
    ("relu", ' + ALPHA * P["W2"]', " + 2 * ALPHA * P['W2']", "2 alpha|twice|too much"),
    ("relu", ' + ALPHA * P["W2"]', " + ALPHA / 2 * P['W2']", "alpha/2"),
    ("relu", ' + ALPHA * P["W2"]', " - ALPHA * P['W2']", "wrong sign"),
    ("relu", ' + ALPHA * P["W2"]', " + ALPHA / N * P['W2']", "alpha/N"),
    ("relu", ' + ALPHA * P["W2"]', " + P['W2']", "W2 too much|1 W2 instead"),
    ("relu", ' + ALPHA * P["W2"]', " + ALPHA * np.linalg.norm(P['W2'])", None),
    ("relu", "db2 = dc.sum(axis=0)", "db2 = dc.sum(axis=0) + ALPHA * P['b2']", "does not penalise"),
    ("relu", "dh * (D > 0)", "dh", "sigma' is left out"),
    ("relu", "dh * (D > 0)", "dh * (dh > 0)", None),
    ("relu", "dh * (D > 0)", "dh * (D < 0)", "s < 0"),
    ("relu", "dh * (D > 0)", "dh * h", "sigma stands where"),
    ("relu", "dh * (D > 0)", "dh * D", "s stands where sigma'"),
    ("relu", "dh * (D > 0)", "np.maximum(dh, 0)", None),
    ("relu", "dW1 = X.T @ dD", "dW1 = X.T @ dh", "sigma' is left out"),
    ("relu", "dW1 = X.T @ dD", "dW1 = N * X.T @ dD", "multiplied by N"),
    ("relu", "dW2 = h.T @ dc", "dW2 = D.T @ dc", "s stands where h"),
    ("relu", "dc[np.arange(N), Y] -= 1", "dc[np.arange(N), Y] += 1", r"yhat \+ y"),
    ("relu", "dc[np.arange(N), Y] -= 1", "pass", "targets are not subtracted"),
    ("relu", "dc[np.arange(N), Y] -= 1", "dc[:, Y] -= 1", None),
    ("relu", "dc = q.copy()", "dc = c.copy()", "raw scores"),
    ("relu", "db1 = dD.sum(axis=0)", "db1 = dD.max(axis=0)", None),
    ("relu", "db1 = dD.sum(axis=0)", "db1 = np.roll(dD.sum(axis=0), 1)", "shifted by one"),
    ("relu", "db1 = dD.sum(axis=0)", "db1 = np.zeros(M)", "zero everywhere"),
    ("relu", "db1 = dD.sum(axis=0)", "db1 = dD.sum(axis=0).astype(int)", "integers"),
    ("relu", "db1 = dD.sum(axis=0)", "db1 = dD.sum(axis=0) / M", "divided by M"),
    ("relu", '"W2": dW2, "b2"', '"W2": P["W2"] - 0.1 * dW2, "b2"', "after a step"),
    ("relu", '"W2": dW2, "b2"', '"W2": dW2 / np.linalg.norm(dW2), "b2"', "normalised"),
    ("relu", '"W2": dW2, "b2"', '"W2": np.clip(dW2, -0.05, 0.05), "b2"', "clipped"),
    ("relu", '"W2": dW2, "b2"', '"W2": dW2.astype(np.float16), "b2"', "float16"),
    # independent sigmoids
    ("sigmoid", "delta2 = Yhat - TARGETS", "delta2 = TARGETS - Yhat", "sign"),
    (
        "sigmoid",
        "delta2 = Yhat - TARGETS",
        "delta2 = (Yhat - TARGETS) * Yhat * (1 - Yhat)",
        "multiplied in again",
    ),
    ("sigmoid", "delta2 = Yhat - TARGETS", "delta2 = (Yhat - TARGETS) / N", "divided by N"),
    ("sigmoid", "delta2 = Yhat - TARGETS", "delta2 = (Yhat > 0.5) - TARGETS", None),
    ("sigmoid", "delta2 = Yhat - TARGETS", "delta2 = 2 * (Yhat - TARGETS)", "twice"),
    ("sigmoid", " * Z * (1 - Z)", " * Z", "sigma stands where"),
    ("sigmoid", " * Z * (1 - Z)", " * (1 - Z)", "1 - h"),
    ("sigmoid", " * Z * (1 - Z)", " * (1 - Z ** 2)", "tanh"),
    ("sigmoid", " * Z * (1 - Z)", " * T1 * (1 - T1)", r"s \(1 - s\)"),
    ("sigmoid", " * Z * (1 - Z)", " * sigmoid(Z) * (1 - sigmoid(Z))", "at h instead of at s"),
    ("sigmoid", " * Z * (1 - Z)", " * Z * Z", None),
    ("sigmoid", "dW2 = Z.T @ delta2", "dW2 = T1.T @ delta2", "s stands where h"),
    ("sigmoid", "dW2 = Z.T @ delta2", "dW2 = (delta2.T @ Z).reshape(M, K)", "reshape"),
    ("sigmoid", "db2 = delta2.sum(axis=0)", "db2 = delta2[-1]", "last sample"),
    ("sigmoid", "db1 = delta1.sum(axis=0)", "db1 = delta1.sum(axis=0) * P['b1']", "times b1"),
    (
        "sigmoid",
        "dW1 = X.T @ delta1",
        "dW1 = np.zeros((6, M))\n    for i in range(5): dW1[i] = X[:, i] @ delta1",
        "never written",
    ),
    ("sigmoid", "dW1 = X.T @ delta1", "dW1 = X.T @ delta1\n    dW1[:, 0] *= -1", "sign"),
    (
        "sigmoid",
        "dW1 = X.T @ delta1",
        "dW1 = X.T @ delta1\n    dW1[2, 3] = 0",
        "never written|zero",
    ),
    # deeper
    ("deep", " * (1 - x2 ** 2)", "", "sigma' is left out"),
    ("deep", " * (1 - x3 ** 2)", "", "sigma' is left out"),
    ("deep", 'd2 @ P["W2"].T', "d2 @ P['W2']", "transpose is meant"),
    ("deep", " * (1 - x2 ** 2)", " * (1 - x3 ** 2)", None),
    ("deep", " * (1 - x2 ** 2)", " * (1 - x2)", "1 - h instead"),
    ("deep", "np.eye(K)[Y]) / N", "np.eye(K)[Y])", "multiplied by N"),
    ("deep", '"W2": x2.T @ d2', '"W2": (x2.T @ d2).T', "transpose"),
    ("deep", '"W2": x2.T @ d2', '"W2": x3.T @ d2', None),
    ("deep", '"W2": x2.T @ d2, "b2": d2.sum', '"W2": x2.T @ d2, "b2": d1.sum', "exchanged|b1"),
    ("deep", '"b1": d1.sum(axis=0), "W2"', '"b1": d2.sum(axis=0), "W2"', "b2"),
    # one sigmoid with the squared loss
    ("logistic", " * yhat * (1 - yhat)", "", None),
    ("logistic", " * yhat * (1 - yhat)", " * yhat", None),
    ("logistic", "(yhat - T) *", "2 * (yhat - T) *", "twice"),
    ("logistic", "(yhat - T) *", "(T - yhat) *", "sign"),
    ("logistic", "X.T @ r,", "X.T @ r / N,", "divided by N"),
    ("logistic", "r.sum()", "r.mean()", "divided by N"),
    ("logistic", "r.sum()", "r", "axis 0, of length 13|shape"),
]


# ------------------------------------------------------------------- a second, unused list
def one_sample(P):
    """Domke with a single sample, as the notes print it."""
    f = P["c"] + P["V"] @ np.tanh(P["b"] + P["W"] @ X[0])
    return np.log(np.exp(f).sum()) - f[Y[0]]


ONE = """
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
"""


def recurrent(P):
    """Shared weights, unrolled over four steps; half the squared error of the last output."""
    h = np.zeros((N, M))
    for t in range(4):
        h = np.tanh(SEQUENCE[t] @ P["U"] + h @ P["R"] + P["b"])
    return 0.5 * ((h @ P["v"] - T) ** 2).sum()


RECURRENT = """
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
"""


def wide_relu(P):
    """Two hidden ReLU layers, summed cross-entropy, penalty on the weights, larger than FULL."""
    a = X
    for i in (1, 2):
        s = a @ P[f"W{i}"] + P[f"b{i}"]
        a = np.where(s.real > 0, s, 0)
    z = a @ P["W3"] + P["b3"]
    z = z - z.real.max(axis=1, keepdims=True)
    penalty = sum((P[f"W{i}"] ** 2).sum() for i in (1, 2, 3))
    return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(N), Y]).sum() + ALPHA / 2 * penalty


WIDE = """
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
"""


def ridge(P):
    """Linear regression: mean of half squared errors, penalty on w."""
    return 0.5 * ((X @ P["w"] + P["b"] - T) ** 2).mean() + ALPHA / 2 * (P["w"] ** 2).sum()


RIDGE = """
def gradient(P):
    r = X @ P["w"] + P["b"] - T
    return {"w": X.T @ r / N + ALPHA * P["w"], "b": r.mean()}
"""

SEQUENCE = _rng.normal(size=(4, N, P_))
NETS |= {
    "one": Case(
        one_sample, ONE, _params(c=K, V=(K, M), b=M, W=(M, P_)),
        {"X": X[0], "y": Y[:1], "layers": [("W", "b"), ("V", "c")], "columns": True},
    ),
    "recurrent": Case(recurrent, RECURRENT, _params(U=(P_, M), R=(M, M), b=M, v=M), {}),
    "wide": Case(
        wide_relu, WIDE, _params(W1=(P_, 17), b1=17, W2=(17, 12), b2=12, W3=(12, K), b3=K),
        {"X": X, "y": Y, "layers": [("W1", "b1"), ("W2", "b2"), ("W3", "b3")], "hidden": "relu",
         "penalty": ALPHA},
    ),
    "ridge": Case(ridge, RIDGE, _params(w=P_, b=()), {}),
}  # fmt: skip

HELD_OUT = [
    ("one", "dLdf = -e + g", "dLdf = e - g", "sign"),
    ("one", "dLdf = -e + g", "dLdf = e + g", r"yhat \+ y"),
    ("one", "dLdf = -e + g", "dLdf = g", "targets are not subtracted"),
    ("one", "dLdf = -e + g", "dLdf = -e + f", "raw scores"),
    ("one", "dLdf = -e + g", "dLdf = -e + np.exp(f)", "not divided by its sum"),
    ("one", "e[y] = 1", "e[y - 1] = 1", "one class too"),
    ("one", "e[y] = 1", "e[:y] = 1", "targets are not subtracted"),
    ("one", "dLdh * (1 - h * h)", "dLdh", "sigma' is left out|factor of its own"),
    ("one", "dLdh * (1 - h * h)", "dLdh * (1 - np.tanh(h) ** 2)", "at h instead"),
    ("one", "dLdh * (1 - h * h)", "dLdh * (1 - h * h) ** 2", "multiplied in twice"),
    ("one", "dLdh * (1 - h * h)", "dLdh / (1 - h * h)", "divided by instead"),
    ("one", "dLdh * (1 - h * h)", "dLdh * h * h", r"h\^2 instead"),
    ("one", "dLdh * (1 - h * h)", "dLdh * (1 + h * h)", r"1 \+ h\^2"),
    ("one", "np.outer(dLdf, h)", "np.outer(h, dLdf)", "transposed"),
    ("one", "np.outer(dLdf, h)", "np.outer(h, dLdf).reshape(K, M)", "reshape"),
    ("one", "np.outer(dLdf, h)", "np.outer(dLdf, s)", "s stands where h"),
    ("one", "np.outer(dLdf, h)", "np.outer(dLdf, h) / K", "divided by K"),
    ("one", "np.outer(dLdf, h)", "dLdf @ P['V'] * h", "shape"),
    ("one", "np.outer(dLds, x)", "np.outer(dLdh, x)", "sigma' is left out"),
    ("one", "np.outer(dLds, x)", "np.outer(dLds, x)[::-1]", "rows in reverse"),
    ("one", "np.outer(dLds, x)", "np.outer(dLds, np.ones(6))", "factor of its own|^$"),
    ("one", '"b": dLds', '"b": s', None),
    ("one", '"c": dLdf', '"c": dLdf[:, None]', "axis of length 1"),
    ("one", '"c": dLdf', '"c": np.round(dLdf, 2)', "rounded to 2 decimals"),
    ("one", '"c": dLdf', '"c": dLdf.astype(np.float32)', "float32"),
    ("recurrent", 'error = hs[-1] @ P["v"] - T', "error = T - hs[-1] @ P['v']", "sign"),
    ("recurrent", 'error = hs[-1] @ P["v"] - T', "error = 2 * (hs[-1] @ P['v'] - T)", "twice"),
    (
        "recurrent",
        'error = hs[-1] @ P["v"] - T',
        "error = (hs[-1] @ P['v'] - T) / N",
        "divided by N",
    ),
    ("recurrent", "dR += hs[t]", "dR += hs[t + 1]", None),
    ("recurrent", "dR += hs[t].T @ delta", "dR += (hs[t].T @ delta).T", "transpose"),
    ("recurrent", "dR += hs[t]", "dR = hs[t]", "zero everywhere|None"),
    ("recurrent", "dU += SEQ", "dU = SEQ", None),
    ("recurrent", 'delta @ P["R"].T', "delta @ P['R']", None),
    ("recurrent", "delta * (1 - hs[t + 1] ** 2)", "delta", None),
    ("recurrent", "delta * (1 - hs[t + 1] ** 2)", "delta * (1 - hs[t] ** 2)", None),
    ("recurrent", "range(3, -1, -1)", "range(3, 0, -1)", None),
    ("recurrent", "db += delta.sum(axis=0)", "db += delta.mean(axis=0)", "divided by N"),
    ("recurrent", "dv = hs[-1].T @ error", "dv = db = np.zeros(M)", "zero everywhere"),
    ("recurrent", '"b": db, "v": dv', '"b": dv, "v": db', "exchanged"),
    ("recurrent", '"U": dU, ', '"U": 0.5 * dU, ', "half"),
    ("recurrent", '"R": dR, ', '"R": dR - dR * np.eye(M), ', None),
    ("wide", "* (s1 > 0)", "", "sigma' is left out"),
    ("wide", "* (s2 > 0)", "", "sigma' is left out"),
    ("wide", "* (s1 > 0)", "* (s1 < 0)", "s < 0"),
    ("wide", "* (s1 > 0)", "* s1", "s stands where sigma'"),
    ("wide", "* (s2 > 0)", "* a2", "sigma stands where"),
    ("wide", "d3 = q - onehot", "d3 = (q - onehot) / N", "divided by N"),
    ("wide", "d3 = q - onehot", "d3 = (q - onehot) * q * (1 - q)", "multiplied in again"),
    ("wide", "d3 = q - onehot", "d3 = q - np.roll(onehot, 1, axis=1)", "one class too"),
    ("wide", "onehot[np.arange(N), Y]", "onehot[np.arange(N - 1), Y[:-1]]", None),
    ("wide", 'ALPHA * P["W3"]', "ALPHA * P['W3'] / N", "alpha/N"),
    ("wide", 'ALPHA * P["W3"]', "0", "lacks alpha W3"),
    ("wide", 'ALPHA * P["W2"]', "2 * ALPHA * P['W2']", "alpha W2 too much|2 alpha"),
    ("wide", 'ALPHA * P["W1"]', "ALPHA / 2 * P['W1']", "alpha/2"),
    ("wide", 'ALPHA * P["W1"]', "-ALPHA * P['W1']", "wrong sign"),
    ("wide", 'ALPHA * P["W2"]', "ALPHA * P['W2'] ** 2", None),
    ("wide", "= d2.sum(axis=0)", "= d2.sum(axis=0) + ALPHA * P['b2']", "does not penalise b2"),
    ("wide", "= d2.sum(axis=0)", "= d2.sum(axis=1)", "wrong axis"),
    ("wide", "= d2.sum(axis=0)", "= d2[0]", "first sample"),
    ("wide", "= d2.sum(axis=0)", "= -d2.sum(axis=0)", "sign"),
    ("wide", "a1.T @ d2 +", "s1.T @ d2 +", "s stands where h"),
    ("wide", "a1.T @ d2 +", "a1.T @ d2 / N +", "divided by N.*alpha W2 is right"),
    ("wide", "a1.T @ d2 +", "(a1.T @ d2).T.reshape(17, 12) +", None),
    (
        "wide",
        "    return grads",
        "    grads['W1'][3] = 0\n    return grads",
        "never (written|computed)",
    ),
    ("wide", "    return grads", "    grads['W1'][:, 11] *= -1\n    return grads", "sign"),
    ("wide", "    return grads", "    grads['W2'][5, 6] *= 2\n    return grads", "twice"),
    (
        "wide",
        "    return grads",
        "    grads['W2'] = grads['W2'].astype(int)\n    return grads",
        "integers",
    ),
    ("wide", "    return grads", "    P['W1'] -= 0.1 * grads['W1']\n    return grads", "in place"),
    ("wide", "    return grads", "    return tuple(grads.values())", "expected a dict"),
    (
        "wide",
        "    return grads",
        "    return {'d' + k: g for k, g in grads.items()}",
        "has no 'W1'",
    ),
    ("ridge", "X.T @ r / N +", "X.T @ r +", "multiplied by N.*alpha w is right"),
    ("ridge", 'X.T @ r / N + ALPHA * P["w"]', "(X.T @ r + ALPHA * P['w']) / N", "alpha/N"),
    ("ridge", "X.T @ r / N +", "-X.T @ r / N +", "sign"),
    ("ridge", "X.T @ r / N +", "2 * X.T @ r / N +", "twice"),
    ("ridge", ' + ALPHA * P["w"]', "", "lacks alpha w"),
    ("ridge", "r.mean()", "r.sum()", "multiplied by N"),
    ("ridge", "r.mean()", "r.mean() + ALPHA * P['b']", None),
    ("ridge", "r.mean()", "-r.mean()", "sign"),
    ("ridge", "r.mean()", "np.nan", "NaN"),
]
