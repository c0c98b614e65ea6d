"""Right gradients of layers outside plain networks: convolution, recurrence, attention, norms.

Each function takes a generator and returns (loss, gradient, params, constants, alternatives); the
gradient ends in ``return G``, where ``results`` of the table are put.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.mlpkit.mistakes.functions import sigmoid, softmax


def conv2d(rng):
    """Square kernels over two channels, tanh, mean over the image, squared error."""
    N, C, F, k = 4, 3, 3, 3
    X, Y = rng.normal(size=(N, C, 6, 6)), rng.normal(size=(N, F))
    params = {"K": rng.normal(size=(F, C, k, k)) / 3, "b": rng.normal(size=F)}
    patches = sliding_window_view(X, (k, k), axis=(2, 3))  # n c i j u v

    def loss(P):
        A = np.einsum("ncijuv,fcuv->nfij", patches, P["K"]) + P["b"][:, None, None]
        return ((np.tanh(A).mean(axis=(2, 3)) - Y) ** 2).sum() / (2 * N)

    def gradient(P):
        A = np.einsum("ncijuv,fcuv->nfij", patches, P["K"]) + P["b"][:, None, None]
        H = np.tanh(A)
        E = (H.mean(axis=(2, 3)) - Y) / N
        D = E[:, :, None, None] * (1 - H**2) / H[0, 0].size
        G = {"K": np.einsum("nfij,ncijuv->fcuv", D, patches), "b": D.sum(axis=(0, 2, 3))}
        return G

    return loss, gradient, params, {"N": N, "F": F}, {}


def strided_conv1d(rng):
    """A convolution with stride 2 over a sequence, softplus, logistic loss, decay lam."""
    N, C, F, k, lam = 7, 2, 4, 5, 0.03
    X, y = rng.normal(size=(N, C, 15)), rng.integers(0, 2, N)
    params = {"K": rng.normal(size=(F, C, k)), "b": rng.normal(size=F), "v": rng.normal(size=F)}
    patches = sliding_window_view(X, k, axis=2)[:, :, ::2]  # n c t u

    def hidden(P):
        return np.einsum("nctu,fcu->nft", patches, P["K"]) + P["b"][:, None]

    def loss(P):
        s = np.log(1 + np.exp(hidden(P))).sum(axis=2) @ P["v"]
        data = (np.log(1 + np.exp(-s)) + (1 - y) * s).sum() / N
        return data + lam / 2 * (P["K"] ** 2).sum()

    def gradient(P):
        A = hidden(P)
        pooled = np.log(1 + np.exp(A)).sum(axis=2)
        d = (sigmoid(pooled @ P["v"]) - y) / N
        D = d[:, None, None] * P["v"][:, None] * sigmoid(A)
        dK = np.einsum("nft,nctu->fcu", D, patches)
        G = {"K": dK + lam * P["K"], "b": D.sum(axis=(0, 2)), "v": pooled.T @ d}
        return G

    return loss, gradient, params, {"N": N, "lambda": lam}, {}


def elman(rng):
    """A recurrent tanh cell over five steps, squared error at the last."""
    N, T, p, M = 6, 5, 3, 4
    X, y = rng.normal(size=(T, N, p)), rng.normal(size=N)
    params = {
        "W": rng.normal(size=(p, M)), "U": rng.normal(size=(M, M)) / 2,
        "b": rng.normal(size=M), "v": rng.normal(size=M),
    }  # fmt: skip

    def states(P):
        H = [np.zeros((N, M))]
        for t in range(T):
            H.append(np.tanh(X[t] @ P["W"] + H[-1] @ P["U"] + P["b"]))
        return H

    def loss(P):
        return ((states(P)[-1] @ P["v"] - y) ** 2).sum() / (2 * N)

    def gradient(P):
        H = states(P)
        e = (H[-1] @ P["v"] - y) / N
        G = {name: np.zeros_like(array) for name, array in P.items()}
        G["v"] = H[-1].T @ e
        D = np.outer(e, P["v"])
        for t in reversed(range(T)):
            D = D * (1 - H[t + 1] ** 2)
            G["W"] += X[t].T @ D
            G["U"] += H[t].T @ D
            G["b"] += D.sum(axis=0)
            D = D @ P["U"].T
        return G

    return loss, gradient, params, {"N": N, "T": T}, {}


def lstm(rng):
    """An LSTM cell over four steps; the gates i, f, o, g stand side by side in W, U and b."""
    N, T, p, M = 5, 4, 3, 3
    X, Y = rng.normal(size=(T, N, p)), rng.normal(size=(N, M))
    params = {
        "W": rng.normal(size=(p, 4 * M)), "U": rng.normal(size=(M, 4 * M)),
        "b": rng.normal(size=4 * M),
    }  # fmt: skip

    def run(P):
        h, c, tape = np.zeros((N, M)), np.zeros((N, M)), []
        for t in range(T):
            A = X[t] @ P["W"] + h @ P["U"] + P["b"]
            i, f, o = (sigmoid(A[:, n * M : (n + 1) * M]) for n in range(3))
            g = np.tanh(A[:, 3 * M :])
            before, c = c, f * c + i * g
            tape.append((h, before, i, f, o, g, c))
            h = o * np.tanh(c)
        return h, tape

    def loss(P):
        return ((run(P)[0] - Y) ** 2).sum() / 2

    def gradient(P):
        h, tape = run(P)
        G = {name: np.zeros_like(array) for name, array in P.items()}
        dh, dc = h - Y, np.zeros((N, M))
        for t in reversed(range(T)):
            before, c0, i, f, o, g, c = tape[t]
            dc = dc + dh * o * (1 - np.tanh(c) ** 2)
            di = dc * g * i * (1 - i)
            df = dc * c0 * f * (1 - f)
            do = dh * np.tanh(c) * o * (1 - o)
            dg = dc * i * (1 - g**2)
            D = np.hstack([di, df, do, dg])
            G["W"] += X[t].T @ D
            G["U"] += before.T @ D
            G["b"] += D.sum(axis=0)
            dh = D @ P["U"].T
            dc = dc * f
        return G

    return loss, gradient, params, {"N": N}, {}


def gru(rng):
    """A gated recurrent unit, one step from a given state; gates kept apart."""
    N, p, M = 8, 3, 4
    X, h0, Y = rng.normal(size=(N, p)), rng.normal(size=(N, M)), rng.normal(size=(N, M))
    params = {f"W{k}": rng.normal(size=(p, M)) for k in "zrn"}
    params |= {f"U{k}": rng.normal(size=(M, M)) for k in "zrn"}

    def run(P):
        z = sigmoid(X @ P["Wz"] + h0 @ P["Uz"])
        r = sigmoid(X @ P["Wr"] + h0 @ P["Ur"])
        n = np.tanh(X @ P["Wn"] + (r * h0) @ P["Un"])
        return z, r, n, (1 - z) * n + z * h0

    def loss(P):
        return ((run(P)[3] - Y) ** 2).sum() / (2 * N)

    def gradient(P):
        z, r, n, h = run(P)
        E = (h - Y) / N
        dn = E * (1 - z) * (1 - n**2)
        dz = E * (h0 - n) * z * (1 - z)
        dr = (dn @ P["Un"].T) * h0 * r * (1 - r)
        G = {"Wz": X.T @ dz, "Wr": X.T @ dr, "Wn": X.T @ dn}
        G |= {"Uz": h0.T @ dz, "Ur": h0.T @ dr, "Un": (r * h0).T @ dn}
        return G

    return loss, gradient, params, {"N": N, "M": M}, {}


def attention(rng):
    """One head of scaled dot-product attention over five tokens."""
    T, p, d = 5, 4, 4
    X, Y = rng.normal(size=(T, p)), rng.normal(size=(T, p))
    params = {name: rng.normal(size=(p, d)) for name in ("Wq", "Wk", "Wv")}
    params["Wo"] = rng.normal(size=(d, p))
    root = np.sqrt(d) * 1.1

    def run(P):
        Q, K, V = X @ P["Wq"], X @ P["Wk"], X @ P["Wv"]
        A = softmax(Q @ K.T / root)
        return Q, K, V, A, A @ V

    def loss(P):
        return ((run(P)[-1] @ P["Wo"] - Y) ** 2).sum() / 2

    def gradient(P):
        Q, K, V, A, Z = run(P)
        E = Z @ P["Wo"] - Y
        dZ = E @ P["Wo"].T
        dA = dZ @ V.T
        dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / root
        dQ, dK, dV = dS @ K, dS.T @ Q, A.T @ dZ
        G = {"Wq": X.T @ dQ, "Wk": X.T @ dK, "Wv": X.T @ dV, "Wo": Z.T @ E}
        return G

    return loss, gradient, params, {"T": T, "d": d}, {}


def layer_norm(rng):
    """x W, normalised over the features, scaled by g and shifted by b; cross-entropy."""
    N, p, M = 9, 3, 5
    X, labels = rng.normal(size=(N, p)), rng.integers(0, M, N)
    T = np.eye(M)[labels]
    params = {"W": rng.normal(size=(p, M)), "g": rng.normal(size=M), "b": rng.normal(size=M)}

    def run(P):
        A = X @ P["W"]
        C = A - A.mean(axis=1, keepdims=True)
        s = np.sqrt((C**2).mean(axis=1, keepdims=True) + 1e-5)
        return C / s, s

    def loss(P):
        S = run(P)[0] * P["g"] + P["b"]
        return (np.log(np.exp(S).sum(axis=1)) - (S * T).sum(axis=1)).sum() / N

    def gradient(P):
        Z, s = run(P)
        E = (softmax(Z * P["g"] + P["b"]) - T) / N
        D = E * P["g"]
        dA = (D - D.mean(axis=1, keepdims=True) - Z * (D * Z).mean(axis=1, keepdims=True)) / s
        G = {"W": X.T @ dA, "g": (E * Z).sum(axis=0), "b": E.sum(axis=0)}
        return G

    return loss, gradient, params, {"N": N, "M": M}, {}


def batch_norm(rng):
    """x W, normalised over the batch, then a squared error of tanh."""
    N, p, M = 11, 3, 4
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, M))
    params = {
        "W": rng.normal(size=(p, M)), "gamma": rng.normal(size=M), "beta": rng.normal(size=M),
    }  # fmt: skip

    def run(P):
        A = X @ P["W"]
        C = A - A.mean(axis=0)
        s = np.sqrt((C**2).mean(axis=0) + 1e-3)
        return C / s, s

    def loss(P):
        return ((np.tanh(run(P)[0] * P["gamma"] + P["beta"]) - Y) ** 2).sum() / (2 * N)

    def gradient(P):
        Z, s = run(P)
        H = np.tanh(Z * P["gamma"] + P["beta"])
        E = (H - Y) * (1 - H**2) / N
        D = E * P["gamma"]
        dA = (D - D.mean(axis=0) - Z * (D * Z).mean(axis=0)) / s
        G = {"W": X.T @ dA, "gamma": (E * Z).sum(axis=0), "beta": E.sum(axis=0)}
        return G

    return loss, gradient, params, {"N": N}, {}


def graph_conv(rng):
    """Two rounds of averaging over neighbours, sigmoid between, squared error."""
    n, p, M = 7, 3, 4
    A = rng.integers(0, 2, (n, n)) + np.eye(n)
    A = A / A.sum(axis=1, keepdims=True)
    X, Y = rng.normal(size=(n, p)), rng.normal(size=(n, 2))
    params = {"W": rng.normal(size=(p, M)), "V": rng.normal(size=(M, 2))}

    def loss(P):
        return ((A @ sigmoid(A @ X @ P["W"]) @ P["V"] - Y) ** 2).sum() / (2 * n)

    def gradient(P):
        H = sigmoid(A @ X @ P["W"])
        E = (A @ H @ P["V"] - Y) / n
        D = (A.T @ E @ P["V"].T) * H * (1 - H)
        G = {"W": (A @ X).T @ D, "V": (A @ H).T @ E}
        return G

    return loss, gradient, params, {"N": n}, {}


def gated_linear(rng):
    """(x W + b) times sigmoid(x V + c), summed, log-cosh error, decay on W and V."""
    N, p, M, lam = 10, 4, 4, 0.07
    X, Y = rng.normal(size=(N, p)), rng.normal(size=(N, M))
    params = {
        "W": rng.normal(size=(p, M)), "b": rng.normal(size=M),
        "V": rng.normal(size=(p, M)), "c": rng.normal(size=M),
    }  # fmt: skip

    def loss(P):
        H = (X @ P["W"] + P["b"]) * sigmoid(X @ P["V"] + P["c"])
        decay = lam / 2 * ((P["W"] ** 2).sum() + (P["V"] ** 2).sum())
        return np.log(np.cosh(H - Y)).sum() / N + decay

    def gradient(P):
        A, S = X @ P["W"] + P["b"], sigmoid(X @ P["V"] + P["c"])
        E = np.tanh(A * S - Y) / N
        dA, dS = E * S, E * A * S * (1 - S)
        G = {"W": X.T @ dA + lam * P["W"], "b": dA.sum(axis=0)}
        G |= {"V": X.T @ dS + lam * P["V"], "c": dS.sum(axis=0)}
        return G

    return loss, gradient, params, {"N": N, "lambda": lam}, {}


def embedding(rng):
    """Words by table row, averaged over a window; softmax over the output table."""
    N, V, d, width = 12, 8, 4, 3
    words, target = rng.integers(0, V, (N, width)), rng.integers(0, V, N)
    params = {"E": rng.normal(size=(V, d)), "O": rng.normal(size=(V, d))}

    def loss(P):
        S = P["E"][words].mean(axis=1) @ P["O"].T
        return (np.log(np.exp(S).sum(axis=1)) - S[np.arange(N), target]).sum() / N

    def gradient(P):
        H = P["E"][words].mean(axis=1)
        D = softmax(H @ P["O"].T)
        D[np.arange(N), target] -= 1
        D = D / N
        dH = D @ P["O"] / width
        dE = np.zeros_like(P["E"])
        np.add.at(dE, words, dH[:, None, :])
        G = {"E": dE, "O": D.T @ H}
        return G

    return loss, gradient, params, {"N": N, "V": V}, {}


def contrastive(rng):
    """Cosines of two projections, cross-entropy over the pairs of a batch."""
    N, p, d, tau = 6, 4, 3, 0.7
    X, Z = rng.normal(size=(N, p)), rng.normal(size=(N, p))
    params = {"W": rng.normal(size=(p, d)), "V": rng.normal(size=(p, d))}

    def unit(A):
        r = np.sqrt((A**2).sum(axis=1, keepdims=True))
        return A / r, r

    def loss(P):
        S = unit(X @ P["W"])[0] @ unit(Z @ P["V"])[0].T / tau
        return (np.log(np.exp(S).sum(axis=1)) - np.diag(S)).sum() / N

    def gradient(P):
        (A, r), (B, q) = unit(X @ P["W"]), unit(Z @ P["V"])
        D = (softmax(A @ B.T / tau) - np.eye(N)) / N / tau
        dA, dB = D @ B, D.T @ A
        dA = (dA - A * (dA * A).sum(axis=1, keepdims=True)) / r
        dB = (dB - B * (dB * B).sum(axis=1, keepdims=True)) / q
        G = {"W": X.T @ dA, "V": Z.T @ dB}
        return G

    return loss, gradient, params, {"N": N, "tau": tau}, {}
