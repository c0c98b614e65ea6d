"""Correct gradients, as students write them; ``networks_3.toml`` edits their text.

Every model takes a generator and returns its loss, its gradient, a point, the numbers that it would
hand to ``check_gradient`` by symbol and, for the networks that ``known_mistakes`` covers, what that
makes. All dimensions differ unless the name says otherwise; no bias is zero.
"""

import numpy as np

from mlpkit.gradcheck import known_mistakes
from tests.mlpkit.mistakes.functions import log_sum_exp, sigmoid, softmax

HIDDEN = [("W", "b"), ("V", "c")]


def line(rng):
    """Linear regression, the sum of squares without a half."""
    N, p = 11, 4
    X, y = rng.normal(size=(N, p)), rng.normal(size=N)
    params = {"w": rng.normal(size=p), "b": np.array(0.7)}

    def loss(P):
        return ((X @ P["w"] + P["b"] - y) ** 2).sum()

    def gradient(P):
        error = X @ P["w"] + P["b"] - y
        dw = 2 * X.T @ error
        db = 2 * error.sum()
        return {"w": dw, "b": db}

    return loss, gradient, params, {"N": N}, {}


def ridge(rng):
    """Several outputs, half of the mean square, weight decay."""
    N, p, K, lam = 13, 5, 3, 0.4
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, K))
    params = {"W": rng.normal(size=(p, K)), "b": rng.normal(size=K)}

    def loss(P):
        squares = (X @ P["W"] + P["b"] - Y) ** 2
        return squares.sum() / (2 * N) + lam / 2 * (P["W"] ** 2).sum()

    def gradient(P):
        error = (X @ P["W"] + P["b"] - Y) / N
        dW = X.T @ error + lam * P["W"]
        db = error.sum(axis=0)
        return {"W": dW, "b": db}

    known = known_mistakes(X, Y, [("W", "b")], output="squared", mean=True, penalty=lam)
    return loss, gradient, params, {"N": N, "K": K, "lambda": lam}, known


def logistic(rng):
    """One neuron with a bias, the sum of cross-entropies."""
    N, p = 9, 6
    X, y = rng.normal(size=(N, p)), rng.integers(0, 2, N)
    params = {"w": rng.normal(size=p), "b": np.array(-0.4)}

    def loss(P):
        z = X @ P["w"] + P["b"]
        return (np.log(1 + np.exp(-z)) + (1 - y) * z).sum()

    def gradient(P):
        q = sigmoid(X @ P["w"] + P["b"])
        delta = q - y
        dw = X.T @ delta
        db = delta.sum()
        return {"w": dw, "b": db}

    return loss, gradient, params, {"N": N}, {}


def softmax_rows(rng):
    """Softmax regression with W of one row a class, mean, weight decay."""
    N, p, K, lam = 10, 6, 4, 0.25
    X, y = rng.normal(size=(N, p)), rng.integers(0, K, N)
    params = {"W": rng.normal(size=(K, p)), "b": rng.normal(size=K)}

    def loss(P):
        scores = X @ P["W"].T + P["b"]
        fit = (log_sum_exp(scores) - scores[np.arange(N), y]).mean()
        return fit + lam / 2 * (P["W"] ** 2).sum()

    def gradient(P):
        Q = softmax(X @ P["W"].T + P["b"])
        Q[np.arange(N), y] -= 1
        dW = Q.T @ X / N + lam * P["W"]
        db = Q.sum(axis=0) / N
        return {"W": dW, "b": db}

    known = known_mistakes(X, y, [("W", "b")], mean=True, penalty=lam, columns=True)
    return loss, gradient, params, {"N": N, "K": K, "lambda": lam}, known


def one_column(rng):
    """One sample as a column vector, tanh, softmax: c + V tanh(b + W x)."""
    p, M, K = 5, 4, 3
    x, y = rng.normal(size=p), 1
    params = {
        "W": rng.normal(size=(M, p)),
        "b": rng.normal(size=M),
        "V": rng.normal(size=(K, M)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        f = P["c"] + P["V"] @ np.tanh(P["b"] + P["W"] @ x)
        return log_sum_exp(f) - f[y]

    def gradient(P):
        a = P["b"] + P["W"] @ x
        h = np.tanh(a)
        q = softmax(P["c"] + P["V"] @ h)
        df = q - np.eye(K)[y]
        dV = np.outer(df, h)
        dh = P["V"].T @ df
        db = (1 - h**2) * dh
        dW = np.outer(db, x)
        return {"W": dW, "b": db, "V": dV, "c": df}

    return loss, gradient, params, {"M": M, "K": K}, known_mistakes(x, y, HIDDEN, columns=True)


def squared_sigmoid(rng):
    """Sigmoid hidden and output units, half of the sum of squares, rows."""
    N, p, M, K = 8, 5, 6, 3
    X, Y = rng.normal(size=(N, p)), rng.random(size=(N, K))
    params = {
        "W": rng.normal(size=(p, M)),
        "b": rng.normal(size=M),
        "V": rng.normal(size=(M, K)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        O = sigmoid(sigmoid(X @ P["W"] + P["b"]) @ P["V"] + P["c"])
        return ((O - Y) ** 2).sum() / 2

    def gradient(P):
        H = sigmoid(X @ P["W"] + P["b"])
        O = sigmoid(H @ P["V"] + P["c"])
        E = (O - Y) * O * (1 - O)
        dV = H.T @ E
        dc = E.sum(axis=0)
        D = E @ P["V"].T * H * (1 - H)
        dW = X.T @ D
        db = D.sum(axis=0)
        return {"W": dW, "b": db, "V": dV, "c": dc}

    known = known_mistakes(X, Y, HIDDEN, hidden="sigmoid", output="squared sigmoid")
    return loss, gradient, params, {"N": N, "M": M, "K": K}, known


def relu_decay(rng):
    """ReLU, softmax, the mean, weight decay on both matrices, rows."""
    N, p, M, K, lam = 12, 4, 7, 3, 0.15
    X, y = rng.normal(size=(N, p)), rng.integers(0, K, N)
    Y = np.eye(K)[y]
    params = {
        "W": rng.normal(size=(p, M)),
        "b": rng.normal(size=M),
        "V": rng.normal(size=(M, K)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        A = X @ P["W"] + P["b"]
        scores = np.where(A.real > 0, A, 0) @ P["V"] + P["c"]
        decay = (P["W"] ** 2).sum() + (P["V"] ** 2).sum()
        return (log_sum_exp(scores) - (scores * Y).sum(axis=1)).mean() + lam / 2 * decay

    def gradient(P):
        A = X @ P["W"] + P["b"]
        H = np.maximum(A, 0)
        D = (softmax(H @ P["V"] + P["c"]) - Y) / N
        dV = H.T @ D + lam * P["V"]
        dc = D.sum(axis=0)
        DH = D @ P["V"].T
        DA = DH * (A > 0)
        dW = X.T @ DA + lam * P["W"]
        db = DA.sum(axis=0)
        return {"W": dW, "b": db, "V": dV, "c": dc}

    known = known_mistakes(X, y, HIDDEN, hidden="relu", mean=True, penalty=lam)
    return loss, gradient, params, {"N": N, "M": M, "K": K, "lambda": lam}, known


def deep_list(rng):
    """Four layers as a list of (W, b), tanh, softmax, the mean."""
    N, sizes = 9, (7, 6, 5, 4, 3)
    X, y = rng.normal(size=(N, sizes[0])), rng.integers(0, sizes[-1], N)
    Y = np.eye(sizes[-1])[y]
    params = [
        (rng.normal(size=(m, n)) / 2, rng.normal(size=n))
        for m, n in zip(sizes, sizes[1:], strict=False)
    ]

    def loss(P):
        h = X
        for W, b in P[:-1]:
            h = np.tanh(h @ W + b)
        scores = h @ P[-1][0] + P[-1][1]
        return (log_sum_exp(scores) - (scores * Y).sum(axis=1)).mean()

    def gradient(P):
        outputs = [X]
        for W, b in P[:-1]:
            outputs.append(np.tanh(outputs[-1] @ W + b))
        delta = (softmax(outputs[-1] @ P[-1][0] + P[-1][1]) - Y) / N
        gradients = []
        for k in reversed(range(len(P))):
            h = outputs[k]
            dW = h.T @ delta
            db = delta.sum(axis=0)
            gradients.insert(0, (dW, db))
            delta = (delta @ P[k][0].T) * (1 - h**2)
        return gradients

    layers = [(f"W{k}", f"b{k}") for k in range(1, 5)]

    def nested(wrong):
        def function(P):
            flat = {}
            for (W, b), (weights, bias) in zip(layers, P, strict=True):
                flat |= {W: weights, b: bias}
            g = wrong(flat)
            return [(g[W], g[b]) for W, b in layers]

        return function

    known = known_mistakes(X, y, layers, mean=True)
    known = {message: nested(wrong) for message, wrong in known.items()}
    return loss, gradient, params, {"N": N, "K": sizes[-1]}, known


def recurrent(rng):
    """A recurrent net unrolled in time, shared weights, half of the sum of squares."""
    T, p, M, K = 6, 3, 4, 2
    X, Y = rng.normal(size=(T, p)), rng.normal(size=(T, K))
    params = {
        "U": rng.normal(size=(M, p)) / 2,
        "W": rng.normal(size=(M, M)) / 2,
        "b": rng.normal(size=M) / 2,
        "V": rng.normal(size=(K, M)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        h, total = np.zeros(M), 0
        for x, y in zip(X, Y, strict=True):
            h = np.tanh(P["U"] @ x + P["W"] @ h + P["b"])
            total = total + ((P["V"] @ h + P["c"] - y) ** 2).sum() / 2
        return total

    def gradient(P):
        h = [np.zeros(M)]
        for x in X:
            h.append(np.tanh(P["U"] @ x + P["W"] @ h[-1] + P["b"]))
        g = {name: np.zeros(a.shape) for name, a in P.items()}
        later = np.zeros(M)
        for t in reversed(range(T)):
            e = P["V"] @ h[t + 1] + P["c"] - Y[t]
            g["V"] += np.outer(e, h[t + 1])
            g["c"] += e
            dh = P["V"].T @ e + later
            da = dh * (1 - h[t + 1] ** 2)
            g["U"] += np.outer(da, X[t])
            g["W"] += np.outer(da, h[t])
            g["b"] += da
            later = P["W"].T @ da
        return g

    return loss, gradient, params, {"T": T, "M": M, "K": K}, {}


def multilabel(rng):
    """Independent sigmoid outputs, tanh hidden units, the mean over the samples."""
    N, p, M, K = 11, 6, 4, 5
    X, Y = rng.normal(size=(N, p)), rng.integers(0, 2, size=(N, K)).astype(float)
    params = {
        "W": rng.normal(size=(p, M)),
        "b": rng.normal(size=M),
        "V": rng.normal(size=(M, K)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        z = np.tanh(X @ P["W"] + P["b"]) @ P["V"] + P["c"]
        return (np.log(1 + np.exp(-z)) + (1 - Y) * z).sum() / N

    def gradient(P):
        A = X @ P["W"] + P["b"]
        H = np.tanh(A)
        O = sigmoid(H @ P["V"] + P["c"])
        D = (O - Y) / N
        dV = H.T @ D
        dc = D.sum(axis=0)
        E = D @ P["V"].T * (1 - H**2)
        dW = X.T @ E
        db = E.sum(axis=0)
        return {"W": dW, "b": db, "V": dV, "c": dc}

    known = known_mistakes(X, Y, HIDDEN, output="sigmoid", mean=True)
    return loss, gradient, params, {"N": N, "M": M, "K": K}, known


def square_layer(rng):
    """As many hidden units as inputs, sigmoid, W x + b, the sum of cross-entropies."""
    N, p, M, K = 7, 4, 4, 3
    X, y = rng.normal(size=(N, p)), rng.integers(0, K, N)
    Y = np.eye(K)[y]
    params = {
        "W": rng.normal(size=(M, p)),
        "b": rng.normal(size=M),
        "V": rng.normal(size=(K, M)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        scores = sigmoid(X @ P["W"].T + P["b"]) @ P["V"].T + P["c"]
        return (log_sum_exp(scores) - (scores * Y).sum(axis=1)).sum()

    def gradient(P):
        A = X @ P["W"].T + P["b"]
        H = sigmoid(A)
        D = softmax(H @ P["V"].T + P["c"]) - Y
        dV = D.T @ H
        dc = D.sum(axis=0)
        E = D @ P["V"] * H * (1 - H)
        dW = E.T @ X
        db = E.sum(axis=0)
        return {"W": dW, "b": db, "V": dV, "c": dc}

    known = known_mistakes(X, y, HIDDEN, hidden="sigmoid", columns=True)
    return loss, gradient, params, {"N": N, "M": M, "K": K}, known


def two_classes(rng):
    """K = 2, two hidden layers of the same width, softmax, the sum."""
    N, p, M, K = 8, 3, 5, 2
    X, y = rng.normal(size=(N, p)), rng.integers(0, K, N)
    params = {
        "W1": rng.normal(size=(p, M)),
        "b1": rng.normal(size=M),
        "W2": rng.normal(size=(M, M)) / 2,
        "b2": rng.normal(size=M),
        "W3": rng.normal(size=(M, K)),
        "b3": rng.normal(size=K),
    }

    def loss(P):
        h = np.tanh(X @ P["W1"] + P["b1"])
        scores = np.tanh(h @ P["W2"] + P["b2"]) @ P["W3"] + P["b3"]
        return (log_sum_exp(scores) - scores[np.arange(N), y]).sum()

    def gradient(P):
        H1 = np.tanh(X @ P["W1"] + P["b1"])
        H2 = np.tanh(H1 @ P["W2"] + P["b2"])
        D3 = softmax(H2 @ P["W3"] + P["b3"])
        D3[np.arange(N), y] -= 1
        D2 = D3 @ P["W3"].T * (1 - H2**2)
        D1 = D2 @ P["W2"].T * (1 - H1**2)
        dW1, db1 = X.T @ D1, D1.sum(axis=0)
        dW2, db2 = H1.T @ D2, D2.sum(axis=0)
        dW3, db3 = H2.T @ D3, D3.sum(axis=0)
        return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}

    known = known_mistakes(X, y, [("W1", "b1"), ("W2", "b2"), ("W3", "b3")])
    return loss, gradient, params, {"N": N, "M": M, "K": K}, known


def tiny(rng):
    """Softmax regression whose loss is of the order of 1e-6."""
    N, p, K, scale = 6, 5, 4, 1e-6
    X, y = rng.normal(size=(N, p)), rng.integers(0, K, N)
    Y = np.eye(K)[y]
    params = {"W": rng.normal(size=(p, K)), "b": rng.normal(size=K)}

    def loss(P):
        scores = X @ P["W"] + P["b"]
        return scale * (log_sum_exp(scores) - (scores * Y).sum(axis=1)).sum()

    def gradient(P):
        delta = scale * (softmax(X @ P["W"] + P["b"]) - Y)
        dW = X.T @ delta
        db = delta.sum(axis=0)
        return {"W": dW, "b": db}

    return loss, gradient, params, {"N": N, "K": K, "scale": scale}, {}


def single_digits(rng):
    """A gradient computed in float32: softmax regression, the mean, decay divided by N."""
    N, p, K, lam = 15, 4, 3, 2.5
    X, y = rng.normal(size=(N, p)), rng.integers(0, K, N)
    Y = np.eye(K)[y]
    params = {"W": rng.normal(size=(p, K)), "b": rng.normal(size=K)}

    def loss(P):
        scores = X @ P["W"] + P["b"]
        fit = (log_sum_exp(scores) - (scores * Y).sum(axis=1)).sum()
        return (fit + lam / 2 * (P["W"] ** 2).sum()) / N

    def gradient(P):
        W, b = P["W"].astype(np.float32), P["b"].astype(np.float32)
        Z = X.astype(np.float32)
        delta = (softmax(Z @ W + b) - Y.astype(np.float32)) / np.float32(N)
        dW = Z.T @ delta + np.float32(lam / N) * W
        db = delta.sum(axis=0)
        return {"W": dW, "b": db}

    known = known_mistakes(X, y, [("W", "b")], mean=True, penalty=lam / N)
    return loss, gradient, params, {"N": N, "K": K, "lambda": lam}, known


def tied(rng):
    """An autoencoder with tied weights: the decoder is the encoder's transpose."""
    N, p, M = 10, 6, 3
    X = rng.normal(size=(N, p))
    params = {
        "W": rng.normal(size=(p, M)) / 2,
        "b": rng.normal(size=M),
        "c": rng.normal(size=p),
    }

    def loss(P):
        H = np.tanh(X @ P["W"] + P["b"])
        return ((H @ P["W"].T + P["c"] - X) ** 2).sum() / (2 * N)

    def gradient(P):
        H = np.tanh(X @ P["W"] + P["b"])
        E = (H @ P["W"].T + P["c"] - X) / N
        D = E @ P["W"] * (1 - H**2)
        dW = X.T @ D + E.T @ H
        db = D.sum(axis=0)
        dc = E.sum(axis=0)
        return {"W": dW, "b": db, "c": dc}

    return loss, gradient, params, {"N": N, "M": M, "p": p}, {}


def words(rng):
    """A bag of words: rows of an embedding, averaged, then one neuron."""
    N, length, vocabulary, m = 5, 4, 9, 3
    S, y = rng.integers(0, vocabulary - 2, size=(N, length)), rng.integers(0, 2, N)
    S[0, :2] = 1
    params = {
        "E": rng.normal(size=(vocabulary, m)),
        "v": rng.normal(size=m),
        "c": np.array(0.3),
    }

    def loss(P):
        z = P["E"][S].mean(axis=1) @ P["v"] + P["c"]
        return (np.log(1 + np.exp(-z)) + (1 - y) * z).sum()

    def gradient(P):
        bags = P["E"][S].mean(axis=1)
        delta = sigmoid(bags @ P["v"] + P["c"]) - y
        dE = np.zeros_like(P["E"])
        for n in range(N):
            for word in S[n]:
                dE[word] += delta[n] * P["v"] / length
        dv = delta @ bags
        dc = delta.sum()
        return {"E": dE, "v": dv, "c": dc}

    return loss, gradient, params, {"N": N, "L": length}, {}


def sample_loop(rng):
    """Sample by sample as column vectors, sigmoid hidden, linear output, half the mean square."""
    N, p, M, K = 6, 5, 3, 4
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, K))
    params = {
        "W": rng.normal(size=(M, p)),
        "b": rng.normal(size=M),
        "V": rng.normal(size=(K, M)),
        "c": rng.normal(size=K),
    }

    def loss(P):
        total = 0
        for x, y in zip(X, Y, strict=True):
            f = P["V"] @ sigmoid(P["W"] @ x + P["b"]) + P["c"]
            total = total + ((f - y) ** 2).sum() / 2
        return total / N

    def gradient(P):
        g = {name: np.zeros(a.shape) for name, a in P.items()}
        for x, y in zip(X, Y, strict=True):
            a = P["W"] @ x + P["b"]
            h = sigmoid(a)
            df = P["V"] @ h + P["c"] - y
            da = P["V"].T @ df * h * (1 - h)
            g["V"] += df[:, None] @ h[None, :]
            g["c"] += df
            g["W"] += da[:, None] @ x[None, :]
            g["b"] += da
        return {name: a / N for name, a in g.items()}

    known = known_mistakes(
        X, Y, HIDDEN, hidden="sigmoid", output="squared", mean=True, columns=True
    )
    return loss, gradient, params, {"N": N, "M": M, "K": K}, known
