"""Right gradients of further layers and losses of deep learning; ``more_layers.toml`` edits them."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.mlpkit.mistakes.layers import sigmoid, softmax


def depthwise_conv(rng):
    """One kernel a channel, then a mix of the channels (1x1), softsign, squared error, decay."""
    N, C, F, h, w, lam = 3, 4, 2, 3, 2, 0.05
    X, Y = rng.normal(size=(N, C, 7, 6)), rng.normal(size=(N, F, 5, 5))
    params = {"D": rng.normal(size=(C, h, w)), "M": rng.normal(size=(F, C)) / 2}
    patches = sliding_window_view(X, (h, w), axis=(2, 3))  # n c i j u v

    def loss(P):
        A = np.einsum("ncijuv,cuv->ncij", patches, P["D"])
        S = np.einsum("fc,ncij->nfij", P["M"], A)
        decay = (P["D"] ** 2).sum() + (P["M"] ** 2).sum()
        return ((np.arctan(S) - Y) ** 2).sum() / (2 * N) + lam / 2 * decay

    def gradient(P):
        A = np.einsum("ncijuv,cuv->ncij", patches, P["D"])
        S = np.einsum("fc,ncij->nfij", P["M"], A)
        E = (np.arctan(S) - Y) / (1 + S**2) / N
        dM = np.einsum("nfij,ncij->fc", E, A)
        dA = np.einsum("fc,nfij->ncij", P["M"], E)
        dD = np.einsum("ncij,ncijuv->cuv", dA, patches)
        G = {"D": dD + lam * P["D"], "M": dM + lam * P["M"]}
        return G

    return loss, gradient, params, {"N": N, "C": C, "lambda": lam}, {}


def transposed_conv(rng):
    """A signal from codes: each code adds its kernel every third step; half of the sum of squares."""
    T, C, k, stride = 6, 3, 5, 3
    length = (T - 1) * stride + k
    y = rng.normal(size=length)
    params = {"z": rng.normal(size=(T, C)), "K": rng.normal(size=(C, k)), "b": np.array(0.2)}

    def signal(P):
        out = np.zeros(length, dtype=np.result_type(P["z"], P["K"])) + P["b"]
        for t in range(T):
            out[t * stride : t * stride + k] += P["z"][t] @ P["K"]
        return out

    def loss(P):
        return ((signal(P) - y) ** 2).sum() / 2

    def gradient(P):
        e = signal(P) - y
        windows = np.array([e[t * stride : t * stride + k] for t in range(T)])
        dz = windows @ P["K"].T
        dK = P["z"].T @ windows
        G = {"z": dz, "K": dK, "b": e.sum()}
        return G

    return loss, gradient, params, {"T": T, "C": C}, {}


def max_pool(rng):
    """A convolution over time, the largest value over time, logistic loss."""
    N, C, F, k = 8, 3, 5, 4
    X, y = rng.normal(size=(N, C, 10)), rng.integers(0, 2, N)
    params = {"K": rng.normal(size=(F, C, k)), "b": rng.normal(size=F), "v": rng.normal(size=F)}
    patches = sliding_window_view(X, k, axis=2)  # n c t u

    def pooled(P):
        A = np.einsum("nctu,fcu->nft", patches, P["K"]) + P["b"][:, None]
        at = A.real.argmax(axis=2)
        return np.take_along_axis(A, at[:, :, None], axis=2)[:, :, 0], at

    def loss(P):
        s = pooled(P)[0] @ P["v"]
        return (np.log(1 + np.exp(s)) - y * s).sum() / N

    def gradient(P):
        H, at = pooled(P)
        d = (sigmoid(H @ P["v"]) - y) / N
        D = np.outer(d, P["v"])
        chosen = patches[np.arange(N)[:, None], :, at]  # n f c u
        dK = np.einsum("nf,nfcu->fcu", D, chosen)
        G = {"K": dK, "b": D.sum(axis=0), "v": H.T @ d}
        return G

    return loss, gradient, params, {"N": N, "F": F}, {}


def heads(rng):
    """Two heads of causal attention over six tokens, summed over the heads, squared error."""
    T, p, d, H = 6, 5, 3, 2
    X, Y = rng.normal(size=(T, p)), rng.normal(size=(T, p))
    params = {name: rng.normal(size=(H, p, d)) for name in ("Wq", "Wk", "Wv")}
    params["Wo"] = rng.normal(size=(H, d, p))
    later = np.triu(np.ones((T, T)), 1) == 1
    scale = 1 / np.sqrt(d)

    def run(P):
        Q, K, V = (np.einsum("tp,hpd->htd", X, P[name]) for name in ("Wq", "Wk", "Wv"))
        S = np.where(later, -1e9, Q @ K.transpose(0, 2, 1) * scale)
        A = softmax(S)
        return Q, K, V, A, A @ V

    def loss(P):
        return ((np.einsum("htd,hdp->tp", run(P)[-1], P["Wo"]) - Y) ** 2).sum() / (2 * T)

    def gradient(P):
        Q, K, V, A, Z = run(P)
        E = (np.einsum("htd,hdp->tp", Z, P["Wo"]) - Y) / T
        dO = np.einsum("htd,tp->hdp", Z, E)
        dZ = np.einsum("tp,hdp->htd", E, P["Wo"])
        dA = dZ @ V.transpose(0, 2, 1)
        dS = A * (dA - (A * dA).sum(axis=-1, keepdims=True)) * scale
        dQ, dK, dV = dS @ K, dS.transpose(0, 2, 1) @ Q, A.transpose(0, 2, 1) @ dZ
        dWq, dWk, dWv = (np.einsum("tp,htd->hpd", X, D) for D in (dQ, dK, dV))
        G = {"Wq": dWq, "Wk": dWk, "Wv": dWv, "Wo": dO}
        return G

    return loss, gradient, params, {"T": T, "H": H, "d": d}, {}


def rms_norm(rng):
    """Divided by the root of the mean square, a gain, then softmax cross-entropy, summed."""
    N, p, M, K = 10, 4, 6, 3
    X, T = rng.normal(size=(N, p)), np.eye(K)[rng.integers(0, K, N)]
    params = {"W": rng.normal(size=(p, M)), "g": rng.normal(size=M), "V": rng.normal(size=(M, K))}

    def run(P):
        A = X @ P["W"]
        r = np.sqrt((A**2).mean(axis=1, keepdims=True) + 1e-6)
        return A / r, r

    def loss(P):
        S = (run(P)[0] * P["g"]) @ P["V"]
        return (np.log(np.exp(S).sum(axis=1)) - (S * T).sum(axis=1)).sum()

    def gradient(P):
        Z, r = run(P)
        H = Z * P["g"]
        E = softmax(H @ P["V"]) - T
        dH = E @ P["V"].T
        dZ = dH * P["g"]
        dA = (dZ - Z * (dZ * Z).mean(axis=1, keepdims=True)) / r
        G = {"W": X.T @ dA, "g": (dH * Z).sum(axis=0), "V": H.T @ E}
        return G

    return loss, gradient, params, {"N": N, "K": K, "M": M}, {}


def two_ways(rng):
    """A recurrent cell forwards and another backwards over a sequence; both last states count."""
    T, N, p, M = 4, 6, 3, 4
    X, y = rng.normal(size=(T, N, p)), rng.normal(size=N)
    params = {
        "Wf": rng.normal(size=(p, M)), "Uf": rng.normal(size=(M, M)) / 2,
        "Wb": rng.normal(size=(p, M)), "Ub": rng.normal(size=(M, M)) / 2,
        "v": rng.normal(size=2 * M),
    }  # fmt: skip

    def states(W, U, steps):
        H = [np.zeros((N, M))]
        for t in steps:
            H.append(np.tanh(X[t] @ W + H[-1] @ U))
        return H

    def both(P):
        F = states(P["Wf"], P["Uf"], range(T))
        return F, states(P["Wb"], P["Ub"], reversed(range(T)))

    def loss(P):
        F, B = both(P)
        return ((np.hstack([F[-1], B[-1]]) @ P["v"] - y) ** 2).mean() / 2

    def back(H, D, U, steps):
        dW, dU = np.zeros((p, M)), np.zeros((M, M))
        for i, t in enumerate(steps):
            D = D * (1 - H[T - i] ** 2)
            dW += X[t].T @ D
            dU += H[T - i - 1].T @ D
            D = D @ U.T
        return dW, dU

    def gradient(P):
        F, B = both(P)
        last = np.hstack([F[-1], B[-1]])
        e = (last @ P["v"] - y) / N
        D = np.outer(e, P["v"])
        dWf, dUf = back(F, D[:, :M], P["Uf"], reversed(range(T)))
        dWb, dUb = back(B, D[:, M:], P["Ub"], range(T))
        G = {"Wf": dWf, "Uf": dUf, "Wb": dWb, "Ub": dUb, "v": last.T @ e}
        return G

    return loss, gradient, params, {"N": N, "T": T, "M": M}, {}


def word_tags(rng):
    """Words and positions by table row, added; each word's tag by softmax, the mean over words."""
    n, T, V, d, K = 5, 4, 9, 6, 3
    words, tags = rng.integers(0, V, (n, T)), rng.integers(0, K, (n, T))
    params = {"E": rng.normal(size=(V, d)), "P": rng.normal(size=(T, d)),
              "O": rng.normal(size=(d, K))}  # fmt: skip

    def loss(Q):
        S = (Q["E"][words] + Q["P"]) @ Q["O"]
        picked = np.take_along_axis(S, tags[:, :, None], axis=2)[:, :, 0]
        return (np.log(np.exp(S).sum(axis=2)) - picked).mean()

    def gradient(Q):
        H = Q["E"][words] + Q["P"]
        D = (softmax(H @ Q["O"]) - np.eye(K)[tags]) / (n * T)
        dH = D @ Q["O"].T
        dE = np.zeros_like(Q["E"])
        np.add.at(dE, words, dH)
        G = {"E": dE, "P": dH.sum(axis=0), "O": np.einsum("ntd,ntk->dk", H, D)}
        return G

    return loss, gradient, params, {"n": n, "T": T}, {}


def autoencoder(rng):
    """Tied weights: encoded by W, decoded by W transposed, half of the mean square, decay."""
    N, p, M, lam = 14, 6, 3, 0.08
    X = rng.normal(size=(N, p))
    params = {"W": rng.normal(size=(p, M)), "b": rng.normal(size=M), "c": rng.normal(size=p)}

    def loss(P):
        H = sigmoid(X @ P["W"] + P["b"])
        E = H @ P["W"].T + P["c"] - X
        return (E**2).sum() / (2 * N) + lam / 2 * (P["W"] ** 2).sum()

    def gradient(P):
        H = sigmoid(X @ P["W"] + P["b"])
        E = (H @ P["W"].T + P["c"] - X) / N
        D = (E @ P["W"]) * H * (1 - H)
        dW = X.T @ D + E.T @ H
        G = {"W": dW + lam * P["W"], "b": D.sum(axis=0), "c": E.sum(axis=0)}
        return G

    return loss, gradient, params, {"N": N, "M": M, "lambda": lam}, {}


def triplets(rng):
    """Distances of projections: near to the alike, far from the other, softplus of the gap."""
    N, p, d = 12, 5, 3
    A, B, C = (rng.normal(size=(N, p)) for _ in range(3))
    params = {"W": rng.normal(size=(p, d)), "m": np.array(0.5)}

    def gap(P):
        near, far = (A - B) @ P["W"], (A - C) @ P["W"]
        return (near**2).sum(axis=1) - (far**2).sum(axis=1) + P["m"], near, far

    def loss(P):
        return np.log(1 + np.exp(gap(P)[0])).sum() / N

    def gradient(P):
        g, near, far = gap(P)
        s = sigmoid(g) / N
        dW = 2 * ((A - B).T @ (s[:, None] * near) - (A - C).T @ (s[:, None] * far))
        G = {"W": dW, "m": s.sum()}
        return G

    return loss, gradient, params, {"N": N}, {}


def highway(rng):
    """Two layers that each pass part of their input on, by a gate; absolute error made smooth."""
    N, M = 9, 5
    X, y = rng.normal(size=(N, M)), rng.normal(size=N)
    params = {f"{k}{i}": rng.normal(size=(M, M)) / 2 for i in (1, 2) for k in "WT"}
    params["v"] = rng.normal(size=M)

    def run(P):
        x, tape = X, []
        for i in (1, 2):
            h, t = np.tanh(x @ P[f"W{i}"]), sigmoid(x @ P[f"T{i}"])
            tape.append((x, h, t))
            x = t * h + (1 - t) * x
        return x, tape

    def loss(P):
        return np.sqrt((run(P)[0] @ P["v"] - y) ** 2 + 0.1).sum()

    def gradient(P):
        x, tape = run(P)
        e = x @ P["v"] - y
        e = e / np.sqrt(e**2 + 0.1)
        G = {"v": x.T @ e}
        D = np.outer(e, P["v"])
        for i in (2, 1):
            x, h, t = tape[i - 1]
            dh, dt = D * t * (1 - h**2), D * (h - x) * t * (1 - t)
            G |= {f"W{i}": x.T @ dh, f"T{i}": x.T @ dt}
            D = D * (1 - t) + dh @ P[f"W{i}"].T + dt @ P[f"T{i}"].T
        G = {name: G[name] for name in P}
        return G

    return loss, gradient, params, {"N": N}, {}
