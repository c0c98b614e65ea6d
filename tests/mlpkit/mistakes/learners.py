"""Right gradients of networks, embeddings and losses of machine learning, as other people write them.

As in ``layers``: (loss, gradient, params, constants, alternatives).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import erf, expit, logsumexp


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def gcn_two_layers(rng):
    n, d, h, K = 8, 4, 5, 3
    A = (rng.random((n, n)) < 0.3).astype(float)
    A = np.clip(A + A.T + np.eye(n), 0, 1)
    D = A.sum(axis=1)
    A = A / np.sqrt(np.outer(D, D))
    X, y = rng.normal(size=(n, d)), rng.integers(K, size=n)
    train = np.array([0, 2, 3, 6])

    def loss(p):
        H = np.tanh(A @ X @ p["W1"])
        Z = A @ H @ p["W2"]
        logp = Z - logsumexp(Z, axis=1, keepdims=True)
        return -logp[train, y[train]].mean()

    def gradient(p):
        H = np.tanh(A @ X @ p["W1"])
        Z = A @ H @ p["W2"]
        G = np.zeros_like(Z)
        G[train] = softmax(Z)[train]
        G[train, y[train]] -= 1
        G /= len(train)
        dH = A.T @ G @ p["W2"].T
        return {"W1": (A @ X).T @ (dH * (1 - H**2)), "W2": (A @ H).T @ G}

    return (
        loss,
        gradient,
        {"W1": rng.normal(size=(d, h)), "W2": rng.normal(size=(h, K))},
        {"n": n},
        {},
    )


def skip_gram(rng):
    V, d = 7, 3
    center = np.array([0, 1, 2, 1, 4, 5, 1])
    context = np.array([1, 2, 1, 0, 5, 4, 6])
    negative = rng.integers(V, size=(7, 4))

    def loss(p):
        v = p["in"][center]
        pos = (v * p["out"][context]).sum(axis=1)
        neg = np.einsum("nd,nkd->nk", v, p["out"][negative])
        return (np.log1p(np.exp(-pos)) + np.log1p(np.exp(neg)).sum(axis=1)).sum()

    def gradient(p):
        v = p["in"][center]
        pos = (v * p["out"][context]).sum(axis=1)
        neg = np.einsum("nd,nkd->nk", v, p["out"][negative])
        dpos, dneg = expit(pos) - 1, expit(neg)
        dv = dpos[:, None] * p["out"][context] + np.einsum("nk,nkd->nd", dneg, p["out"][negative])
        din, dout = np.zeros_like(p["in"]), np.zeros_like(p["out"])
        np.add.at(din, center, dv)
        np.add.at(dout, context, dpos[:, None] * v)
        np.add.at(dout, negative, dneg[:, :, None] * v[:, None, :])
        return {"in": din, "out": dout}

    return loss, gradient, {"in": rng.normal(size=(V, d)), "out": rng.normal(size=(V, d))}, {}, {}


def info_nce(rng):
    B, d, tau = 6, 4, 0.2

    def normalise(z):
        return z / np.sqrt((z**2).sum(axis=1, keepdims=True))

    def loss(p):
        a, b = normalise(p["a"]), normalise(p["b"])
        S = a @ b.T / tau
        rows = logsumexp(S, axis=1) - np.diag(S)
        cols = logsumexp(S, axis=0) - np.diag(S)
        return 0.5 * (rows.mean() + cols.mean())

    def gradient(p):
        a, b = normalise(p["a"]), normalise(p["b"])
        S = a @ b.T / tau
        G = 0.5 * (softmax(S, 1) + softmax(S, 0) - 2 * np.eye(B)) / B / tau
        da, db = G @ b, G.T @ a
        na = np.sqrt((p["a"] ** 2).sum(axis=1, keepdims=True))
        nb = np.sqrt((p["b"] ** 2).sum(axis=1, keepdims=True))
        da = (da - a * (a * da).sum(axis=1, keepdims=True)) / na
        db = (db - b * (b * db).sum(axis=1, keepdims=True)) / nb
        return {"a": da, "b": db}

    return (
        loss,
        gradient,
        {"a": rng.normal(size=(B, d)), "b": rng.normal(size=(B, d))},
        {"tau": tau, "B": B},
        {},
    )


def triplet_margin(rng):
    n, d, margin = 8, 4, 1.0
    X = rng.normal(size=(3, n, d))

    def loss(W):
        a, p, q = X @ W
        gap = ((a - p) ** 2).sum(axis=1) - ((a - q) ** 2).sum(axis=1) + margin
        return np.maximum(gap, 0).mean()

    def gradient(W):
        a, p, q = X @ W
        gap = ((a - p) ** 2).sum(axis=1) - ((a - q) ** 2).sum(axis=1) + margin
        on = (gap > 0)[:, None] / n
        da, dp, dq = 2 * on * (q - p), -2 * on * (a - p), 2 * on * (a - q)
        return X[0].T @ da + X[1].T @ dp + X[2].T @ dq

    return loss, gradient, rng.normal(size=(d, 3)), {"N": n}, {}


def focal_loss(rng):
    n, d, gam = 40, 4, 2.0
    X = rng.normal(size=(n, d))
    y = (rng.random(n) < 0.3).astype(float)

    def loss(p):
        s = expit_(X @ p["w"] + p["b"])
        pt = np.where(y == 1, s, 1 - s)
        return -((1 - pt) ** gam * np.log(pt)).mean()

    def expit_(z):
        return 1 / (1 + np.exp(-z))

    def gradient(p):
        s = expit_(X @ p["w"] + p["b"])
        pt = np.where(y == 1, s, 1 - s)
        dpt = gam * (1 - pt) ** (gam - 1) * np.log(pt) - (1 - pt) ** gam / pt
        dz = dpt * np.where(y == 1, 1, -1) * s * (1 - s) / n
        return {"w": X.T @ dz, "b": dz.sum()}

    return loss, gradient, {"w": rng.normal(size=d), "b": -0.3}, {"N": n, "gamma": gam}, {}


def label_smoothing(rng):
    n, d, K, eps = 12, 4, 3, 0.1
    X, y = rng.normal(size=(n, d)), rng.integers(K, size=n)
    Q = np.full((n, K), eps / K)
    Q[np.arange(n), y] += 1 - eps

    def loss(p):
        Z = X @ p["W"] + p["b"]
        return -(Q * (Z - logsumexp(Z, axis=1, keepdims=True))).sum() / n

    def gradient(p):
        Z = X @ p["W"] + p["b"]
        G = (softmax(Z) - Q) / n
        return {"W": X.T @ G, "b": G.sum(axis=0)}

    return (
        loss,
        gradient,
        {"W": rng.normal(size=(d, K)), "b": rng.normal(size=K)},
        {"N": n, "K": K},
        {},
    )


def distillation_kl(rng):
    n, d, K, T = 10, 4, 5, 3.0
    X = rng.normal(size=(n, d))
    teacher = softmax(rng.normal(size=(n, K)) * 3 / T)

    def loss(W):
        Z = X @ W / T
        logq = Z - logsumexp(Z, axis=1, keepdims=True)
        return T**2 * (teacher * (np.log(teacher) - logq)).sum(axis=1).mean()

    def gradient(W):
        return T * X.T @ (softmax(X @ W / T) - teacher) / n

    return loss, gradient, rng.normal(size=(d, K)), {"T": T, "N": n}, {}


def sorted_wasserstein(rng):
    n, d = 15, 3
    X = rng.normal(size=(n, d))
    target = np.sort(rng.normal(size=n))

    def loss(theta):
        return ((np.sort(X @ theta) - target) ** 2).mean()

    def gradient(theta):
        z = X @ theta
        order = np.argsort(z)
        g = 2 * (z[order] - target) / n
        return X[order].T @ g

    return loss, gradient, rng.normal(size=d), {"N": n}, {}


def vae_fixed_noise(rng):
    n, d, h, k = 6, 5, 4, 2
    X = rng.random((n, d))
    noise = rng.normal(size=(n, k))

    def forward(p):
        H = np.tanh(X @ p["We"] + p["be"])
        mu, lv = H @ p["Wm"], H @ p["Wv"]
        z = mu + np.exp(0.5 * lv) * noise
        logits = z @ p["Wd"] + p["bd"]
        return H, mu, lv, z, logits

    def loss(p):
        H, mu, lv, z, logits = forward(p)
        rec = (np.log1p(np.exp(logits)) - X * logits).sum()
        kl = -0.5 * (1 + lv - mu**2 - np.exp(lv)).sum()
        return (rec + kl) / n

    def gradient(p):
        H, mu, lv, z, logits = forward(p)
        dl = (expit(logits) - X) / n
        dz = dl @ p["Wd"].T
        dmu = dz + mu / n
        dlv = dz * noise * 0.5 * np.exp(0.5 * lv) + 0.5 * (np.exp(lv) - 1) / n
        dH = dmu @ p["Wm"].T + dlv @ p["Wv"].T
        da = dH * (1 - H**2)
        return {
            "We": X.T @ da,
            "be": da.sum(axis=0),
            "Wm": H.T @ dmu,
            "Wv": H.T @ dlv,
            "Wd": z.T @ dl,
            "bd": dl.sum(axis=0),
        }

    params = {
        "We": rng.normal(size=(d, h)),
        "be": rng.normal(size=h),
        "Wm": rng.normal(size=(h, k)),
        "Wv": 0.5 * rng.normal(size=(h, k)),
        "Wd": rng.normal(size=(k, d)),
        "bd": rng.normal(size=d),
    }
    return loss, gradient, params, {"N": n}, {}


def affine_coupling_flow(rng):
    n, d = 10, 4
    X = rng.normal(size=(n, d))

    def loss(p):
        x1, x2 = X[:, :2], X[:, 2:]
        s = np.tanh(x1 @ p["Ws"] + p["bs"])
        t = x1 @ p["Wt"]
        z2 = x2 * np.exp(s) + t
        y1 = x1 + np.tanh(z2 @ p["V"])
        return (0.5 * (y1**2).sum() + 0.5 * (z2**2).sum() - s.sum()) / n

    def gradient(p):
        x1, x2 = X[:, :2], X[:, 2:]
        s = np.tanh(x1 @ p["Ws"] + p["bs"])
        z2 = x2 * np.exp(s) + x1 @ p["Wt"]
        u = np.tanh(z2 @ p["V"])
        y1 = x1 + u
        du = y1 / n * (1 - u**2)
        dz2 = z2 / n + du @ p["V"].T
        ds = (dz2 * x2 * np.exp(s) - 1 / n) * (1 - s**2)
        return {"Ws": x1.T @ ds, "bs": ds.sum(axis=0), "Wt": x1.T @ dz2, "V": z2.T @ du}

    params = {k: rng.normal(size=(2, 2)) for k in ("Ws", "Wt", "V")} | {"bs": rng.normal(size=2)}
    return loss, gradient, params, {"N": n}, {}


def causal_attention(rng):
    T, d, heads = 5, 4, 2
    dh = d // heads
    X, Y = rng.normal(size=(T, d)), rng.normal(size=(T, d))
    mask = np.where(np.tril(np.ones((T, T))) == 1, 0.0, -np.inf)

    def split(M):
        return M.reshape(T, heads, dh).transpose(1, 0, 2)

    def merge(M):
        return M.transpose(1, 0, 2).reshape(T, d)

    def forward(p):
        Q, K, V = (split(X @ p[k]) for k in ("Wq", "Wk", "Wv"))
        S = Q @ K.transpose(0, 2, 1) / math.sqrt(dh) + mask
        S = S - S.real.max(axis=-1, keepdims=True)
        E = (
            np.exp(S.real) * (np.cos(S.imag) + 1j * np.sin(S.imag))
            if np.iscomplexobj(S)
            else np.exp(S)
        )
        A = E / E.sum(axis=-1, keepdims=True)
        O = merge(A @ V)
        return Q, K, V, A, O, O @ p["Wo"]

    def loss(p):
        return ((forward(p)[-1] - Y) ** 2).mean()

    def gradient(p):
        Q, K, V, A, O, out = forward(p)
        dout = 2 * (out - Y) / out.size
        dO = split(dout @ p["Wo"].T)
        dA = dO @ V.transpose(0, 2, 1)
        dV = A.transpose(0, 2, 1) @ dO
        dS = A * (dA - (dA * A).sum(axis=-1, keepdims=True)) / math.sqrt(dh)
        dQ = dS @ K
        dK = dS.transpose(0, 2, 1) @ Q
        return {
            "Wq": X.T @ merge(dQ),
            "Wk": X.T @ merge(dK),
            "Wv": X.T @ merge(dV),
            "Wo": O.T @ dout,
        }

    params = {k: rng.normal(size=(d, d)) for k in ("Wq", "Wk", "Wv", "Wo")}
    return loss, gradient, params, {"T": T, "d": d}, {}


def layer_norm(rng):
    n, d, h = 6, 5, 4
    X, Y = rng.normal(size=(n, d)), rng.normal(size=n)
    eps = 1e-5

    def loss(p):
        A = X @ p["W"]
        mu = A.mean(axis=1, keepdims=True)
        var = ((A - mu) ** 2).mean(axis=1, keepdims=True)
        N = (A - mu) / np.sqrt(var + eps) * p["gamma"] + p["beta"]
        return ((np.tanh(N) @ p["v"] - Y) ** 2).mean()

    def gradient(p):
        A = X @ p["W"]
        mu = A.mean(axis=1, keepdims=True)
        var = ((A - mu) ** 2).mean(axis=1, keepdims=True)
        inv = 1 / np.sqrt(var + eps)
        xhat = (A - mu) * inv
        H = np.tanh(xhat * p["gamma"] + p["beta"])
        e = 2 * (H @ p["v"] - Y) / n
        dN = np.outer(e, p["v"]) * (1 - H**2)
        dx = dN * p["gamma"]
        dA = inv * (
            dx - dx.mean(axis=1, keepdims=True) - xhat * (dx * xhat).mean(axis=1, keepdims=True)
        )
        return {
            "W": X.T @ dA,
            "gamma": (dN * xhat).sum(axis=0),
            "beta": dN.sum(axis=0),
            "v": H.T @ e,
        }

    params = {
        "W": rng.normal(size=(d, h)),
        "gamma": rng.uniform(0.5, 2, size=h),
        "beta": rng.normal(size=h),
        "v": rng.normal(size=h),
    }
    return loss, gradient, params, {"N": n}, {}


def batch_norm(rng):
    n, d, h = 8, 4, 3
    X, y = rng.normal(size=(n, d)), rng.integers(h, size=n)

    def loss(p):
        A = X @ p["W"] + p["b"]
        mu, var = A.mean(axis=0), ((A - A.mean(axis=0)) ** 2).mean(axis=0)
        Z = p["gamma"] * (A - mu) / np.sqrt(var + 1e-5) + p["beta"]
        return (logsumexp(Z, axis=1) - Z[np.arange(n), y]).mean()

    def gradient(p):
        A = X @ p["W"] + p["b"]
        mu, var = A.mean(axis=0), A.var(axis=0)
        std = np.sqrt(var + 1e-5)
        xhat = (A - mu) / std
        G = softmax(p["gamma"] * xhat + p["beta"])
        G[np.arange(n), y] -= 1
        G /= n
        dx = G * p["gamma"]
        dA = (n * dx - dx.sum(axis=0) - xhat * (dx * xhat).sum(axis=0)) / (n * std)
        return {
            "W": X.T @ dA,
            "b": dA.sum(axis=0),
            "gamma": (G * xhat).sum(axis=0),
            "beta": G.sum(axis=0),
        }

    params = {
        "W": rng.normal(size=(d, h)),
        "b": rng.normal(size=h),
        "gamma": rng.uniform(0.5, 2, size=h),
        "beta": rng.normal(size=h),
    }
    return loss, gradient, params, {"N": n}, {}


def group_norm_conv(rng):
    N, C, L, G = 2, 4, 6, 2
    X, T = rng.normal(size=(N, C, L)), rng.normal(size=(N, C, L))
    eps = 1e-5

    def normalise(Z):
        Zg = Z.reshape(N, G, -1)
        mu = Zg.mean(axis=2, keepdims=True)
        var = ((Zg - mu) ** 2).mean(axis=2, keepdims=True)
        return (Zg - mu) / np.sqrt(var + eps), np.sqrt(var + eps)

    def loss(p):
        Z = np.einsum("oc,ncl->nol", p["W"], X)
        xhat = normalise(Z)[0].reshape(N, C, L)
        out = p["gamma"][:, None] * xhat + p["beta"][:, None]
        return 0.5 * ((out - T) ** 2).mean()

    def gradient(p):
        Z = np.einsum("oc,ncl->nol", p["W"], X)
        xg, std = normalise(Z)
        xhat = xg.reshape(N, C, L)
        dout = (p["gamma"][:, None] * xhat + p["beta"][:, None] - T) / T.size
        dx = (dout * p["gamma"][:, None]).reshape(N, G, -1)
        dZ = (
            dx - dx.mean(axis=2, keepdims=True) - xg * (dx * xg).mean(axis=2, keepdims=True)
        ) / std
        return {
            "W": np.einsum("nol,ncl->oc", dZ.reshape(N, C, L), X),
            "gamma": (dout * xhat).sum(axis=(0, 2)),
            "beta": dout.sum(axis=(0, 2)),
        }

    return (
        loss,
        gradient,
        {
            "W": rng.normal(size=(C, C)),
            "gamma": rng.uniform(0.5, 2, size=C),
            "beta": rng.normal(size=C),
        },
        {},
        {},
    )


def dropout_mlp(rng):
    n, d, h, keep = 10, 4, 6, 0.7
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    mask = (rng.random((n, h)) < keep) / keep
    lam = 0.01

    def loss(p):
        H = np.maximum(X @ p["W1"] + p["b1"], 0) * mask
        reg = lam * ((p["W1"] ** 2).sum() + (p["w2"] ** 2).sum())
        return 0.5 * ((H @ p["w2"] + p["b2"] - y) ** 2).mean() + reg

    def gradient(p):
        Z = X @ p["W1"] + p["b1"]
        H = np.maximum(Z, 0) * mask
        e = (H @ p["w2"] + p["b2"] - y) / n
        dZ = np.outer(e, p["w2"]) * mask * (Z > 0)
        return {
            "W1": X.T @ dZ + 2 * lam * p["W1"],
            "b1": dZ.sum(axis=0),
            "w2": H.T @ e + 2 * lam * p["w2"],
            "b2": e.sum(),
        }

    params = {
        "W1": rng.normal(size=(d, h)),
        "b1": rng.normal(size=h),
        "w2": rng.normal(size=h),
        "b2": 0.1,
    }
    return loss, gradient, params, {"N": n, "lambda": lam, "keep": keep}, {}


def tied_autoencoder(rng):
    n, d, h = 8, 6, 3
    X = rng.normal(size=(n, d))

    def loss(p):
        H = np.tanh(X @ p["W"] + p["b"])
        return ((H @ p["W"].T + p["c"] - X) ** 2).sum() / n

    def gradient(p):
        H = np.tanh(X @ p["W"] + p["b"])
        R = 2 * (H @ p["W"].T + p["c"] - X) / n
        dZ = (R @ p["W"]) * (1 - H**2)
        return {"W": X.T @ dZ + R.T @ H, "b": dZ.sum(axis=0), "c": R.sum(axis=0)}

    return (
        loss,
        gradient,
        {"W": rng.normal(size=(d, h)), "b": rng.normal(size=h), "c": rng.normal(size=d)},
        {"N": n},
        {},
    )


def embedding_bag(rng):
    V, d, K, n, L = 8, 3, 3, 6, 5
    tokens, y = rng.integers(V, size=(n, L)), rng.integers(K, size=n)

    def loss(p):
        bag = p["E"][tokens].mean(axis=1)
        Z = bag @ p["W"]
        return (logsumexp(Z, axis=1) - Z[np.arange(n), y]).mean()

    def gradient(p):
        bag = p["E"][tokens].mean(axis=1)
        P = softmax(bag @ p["W"])
        P[np.arange(n), y] -= 1
        P /= n
        dE = np.zeros_like(p["E"])
        np.add.at(dE, tokens, (P @ p["W"].T)[:, None, :] / L)
        return {"E": dE, "W": bag.T @ P}

    return (
        loss,
        gradient,
        {"E": rng.normal(size=(V, d)), "W": rng.normal(size=(d, K))},
        {"N": n, "L": L},
        {},
    )


def sparse_logistic(rng):
    n, d, C = 50, 20, 10.0
    X = sparse.random(n, d, 0.2, random_state=rng, format="csr")
    y = rng.choice([-1.0, 1.0], size=n)

    def loss(w):
        return 0.5 * w @ w + C * np.logaddexp(0, -y * (X @ w)).sum()

    def gradient(w):
        return w - C * X.T @ (y * expit(-y * (X @ w)))

    return loss, gradient, rng.normal(size=d), {"C": C}, {}


def lstm(rng):
    T, n, d, h = 4, 3, 2, 3
    X, Y = rng.normal(size=(T, n, d)), rng.normal(size=(n, h))

    def sig(z):
        return 1 / (1 + np.exp(-z))

    def forward(p):
        H, C, tape = np.zeros((n, h)), np.zeros((n, h)), []
        for t in range(T):
            inp = np.concatenate([X[t], H], axis=1)
            a = inp @ p["W"] + p["b"]
            i, f, o, g = (
                sig(a[:, :h]),
                sig(a[:, h : 2 * h]),
                sig(a[:, 2 * h : 3 * h]),
                np.tanh(a[:, 3 * h :]),
            )
            Cn = f * C + i * g
            H = o * np.tanh(Cn)
            tape.append((inp, i, f, o, g, C, Cn))
            C = Cn
        return H, tape

    def loss(p):
        return 0.5 * ((forward(p)[0] - Y) ** 2).sum() / n

    def gradient(p):
        H, tape = forward(p)
        dH, dC = (H - Y) / n, np.zeros((n, h))
        dW, db = np.zeros_like(p["W"]), np.zeros_like(p["b"])
        for inp, i, f, o, g, C, Cn in reversed(tape):
            tc = np.tanh(Cn)
            dC = dC + dH * o * (1 - tc**2)
            di, df, do, dg = dC * g, dC * C, dH * tc, dC * i
            da = np.concatenate(
                [di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)], axis=1
            )
            dW += inp.T @ da
            db += da.sum(axis=0)
            dH = (da @ p["W"].T)[:, d:]
            dC = dC * f
        return {"W": dW, "b": db}

    return (
        loss,
        gradient,
        {"W": rng.normal(size=(d + h, 4 * h)), "b": rng.normal(size=4 * h)},
        {"N": n, "T": T},
        {},
    )


def gru(rng):
    T, d, h = 5, 2, 3
    X, Y = rng.normal(size=(T, d)), rng.normal(size=(T, h))

    def sig(a):
        return 1 / (1 + np.exp(-a))

    def forward(p):
        s, tape = np.zeros(h), []
        for t in range(T):
            z = sig(X[t] @ p["Wz"] + s @ p["Uz"])
            r = sig(X[t] @ p["Wr"] + s @ p["Ur"])
            c = np.tanh(X[t] @ p["Wc"] + (r * s) @ p["Uc"])
            new = (1 - z) * s + z * c
            tape.append((s, z, r, c, new))
            s = new
        return tape

    def loss(p):
        return 0.5 * sum(((row[-1] - Y[t]) ** 2).sum() for t, row in enumerate(forward(p)))

    def gradient(p):
        tape = forward(p)
        g = {k: np.zeros_like(v) for k, v in p.items()}
        ds = np.zeros(h)
        for t in range(T - 1, -1, -1):
            s, z, r, c, new = tape[t]
            ds = ds + new - Y[t]
            dc = ds * z * (1 - c**2)
            dz = ds * (c - s) * z * (1 - z)
            drs = dc @ p["Uc"].T
            dr = drs * s * r * (1 - r)
            g["Wz"] += np.outer(X[t], dz)
            g["Uz"] += np.outer(s, dz)
            g["Wr"] += np.outer(X[t], dr)
            g["Ur"] += np.outer(s, dr)
            g["Wc"] += np.outer(X[t], dc)
            g["Uc"] += np.outer(r * s, dc)
            ds = ds * (1 - z) + drs * r + dz @ p["Uz"].T + dr @ p["Ur"].T
        return g

    params = {f"W{k}": rng.normal(size=(d, h)) for k in "zrc"} | {
        f"U{k}": rng.normal(size=(h, h)) for k in "zrc"
    }
    return loss, gradient, params, {"T": T}, {}


def bidirectional_rnn(rng):
    T, d, h, K = 5, 2, 3, 3
    X, y = rng.normal(size=(T, d)), rng.integers(K, size=T)

    def run(x, W, U):
        out, s = [], np.zeros(h)
        for t in range(T):
            s = np.tanh(x[t] @ W + s @ U)
            out.append(s)
        return np.array(out)

    def loss(p):
        F = run(X, p["Wf"], p["Uf"])
        B = run(X[::-1], p["Wb"], p["Ub"])[::-1]
        Z = np.concatenate([F, B], axis=1) @ p["V"]
        return (logsumexp(Z, axis=1) - Z[np.arange(T), y]).sum()

    def back(x, H, dH, U):
        dW, dU, ds = np.zeros((d, h)), np.zeros((h, h)), np.zeros(h)
        for t in range(T - 1, -1, -1):
            da = (dH[t] + ds) * (1 - H[t] ** 2)
            dW += np.outer(x[t], da)
            if t > 0:
                dU += np.outer(H[t - 1], da)
            ds = da @ U.T
        return dW, dU

    def gradient(p):
        F = run(X, p["Wf"], p["Uf"])
        B = run(X[::-1], p["Wb"], p["Ub"])
        H = np.concatenate([F, B[::-1]], axis=1)
        G = softmax(H @ p["V"])
        G[np.arange(T), y] -= 1
        dH = G @ p["V"].T
        dWf, dUf = back(X, F, dH[:, :h], p["Uf"])
        dWb, dUb = back(X[::-1], B, dH[::-1, h:], p["Ub"])
        return {"Wf": dWf, "Uf": dUf, "Wb": dWb, "Ub": dUb, "V": H.T @ G}

    params = {k: rng.normal(size=(d, h)) for k in ("Wf", "Wb")} | {
        k: rng.normal(size=(h, h)) for k in ("Uf", "Ub")
    }
    return loss, gradient, params | {"V": rng.normal(size=(2 * h, K))}, {"T": T}, {}


def strided_conv(rng):
    N, C, H, O, k, s, pad = 2, 2, 6, 3, 3, 2, 1
    X = np.pad(rng.normal(size=(N, C, H, H)), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = (H + 2 * pad - k) // s + 1
    y = rng.normal(size=(N, O, out, out))

    def loss(p):
        Z = np.zeros((N, O, out, out), dtype=p["K"].dtype)
        for i in range(out):
            for j in range(out):
                patch = X[:, :, s * i : s * i + k, s * j : s * j + k]
                Z[:, :, i, j] = np.tensordot(patch, p["K"], axes=([1, 2, 3], [1, 2, 3])) + p["b"]
        return 0.5 * ((np.tanh(Z) - y) ** 2).sum() / N

    def gradient(p):
        dK = np.zeros_like(p["K"])
        db = np.zeros_like(p["b"])
        for i in range(out):
            for j in range(out):
                patch = X[:, :, s * i : s * i + k, s * j : s * j + k]
                A = np.tanh(np.tensordot(patch, p["K"], axes=([1, 2, 3], [1, 2, 3])) + p["b"])
                dZ = (A - y[:, :, i, j]) * (1 - A**2) / N
                dK += np.tensordot(dZ, patch, axes=(0, 0))
                db += dZ.sum(axis=0)
        return {"K": dK, "b": db}

    return (
        loss,
        gradient,
        {"K": rng.normal(size=(O, C, k, k)), "b": rng.normal(size=O)},
        {"N": N},
        {},
    )


def dilated_conv1d_pool(rng):
    N, L, C, k, dil = 3, 12, 3, 3, 2
    X, y = rng.normal(size=(N, L)), rng.normal(size=N)
    out = L - dil * (k - 1)
    idx = np.arange(out)[:, None] + dil * np.arange(k)

    def loss(p):
        A = np.maximum(X[:, idx] @ p["K"].T + p["b"], 0)
        M = A.reshape(N, out // 2, 2, C).max(axis=2)
        return ((M.mean(axis=1) @ p["w"] - y) ** 2).mean()

    def gradient(p):
        Z = X[:, idx] @ p["K"].T + p["b"]
        A = np.maximum(Z, 0).reshape(N, out // 2, 2, C)
        M = A.max(axis=2)
        f = M.mean(axis=1)
        e = 2 * (f @ p["w"] - y) / N
        dM = np.broadcast_to((np.outer(e, p["w"]) / (out // 2))[:, None, :], M.shape)
        dA = np.zeros_like(A)
        np.put_along_axis(dA, A.argmax(axis=2)[:, :, None, :], dM[:, :, None, :], axis=2)
        dZ = dA.reshape(Z.shape) * (Z > 0)
        return {
            "K": np.einsum("noc,nok->ck", dZ, X[:, idx]),
            "b": dZ.sum(axis=(0, 1)),
            "w": f.T @ e,
        }

    return (
        loss,
        gradient,
        {"K": rng.normal(size=(C, k)), "b": rng.normal(size=C), "w": rng.normal(size=C)},
        {"N": N},
        {},
    )


def depthwise_separable(rng):
    N, C, H, O, k = 2, 3, 5, 2, 3
    X = rng.normal(size=(N, C, H, H))
    out = H - k + 1
    T = rng.normal(size=(N, O, out, out))

    def windows():
        return np.lib.stride_tricks.sliding_window_view(X, (k, k), axis=(2, 3))

    def loss(p):
        D = np.einsum("nchwij,cij->nchw", windows(), p["depth"])
        Z = np.einsum("nchw,oc->nohw", np.tanh(D), p["point"])
        return ((Z - T) ** 2).mean()

    def gradient(p):
        D = np.tanh(np.einsum("nchwij,cij->nchw", windows(), p["depth"]))
        dZ = 2 * (np.einsum("nchw,oc->nohw", D, p["point"]) - T) / T.size
        dD = np.einsum("nohw,oc->nchw", dZ, p["point"]) * (1 - D**2)
        return {
            "depth": np.einsum("nchw,nchwij->cij", dD, windows()),
            "point": np.einsum("nohw,nchw->oc", dZ, D),
        }

    return (
        loss,
        gradient,
        {"depth": rng.normal(size=(C, k, k)), "point": rng.normal(size=(O, C))},
        {"N": N},
        {},
    )


@dataclass
class Block:
    W: np.ndarray
    V: np.ndarray
    scale: float


def residual_gelu(rng):
    n, d, h = 6, 4, 5
    X, Y = rng.normal(size=(n, d)), rng.normal(size=(n, d))

    def Phi(a):
        return 0.5 * (1 + erf(a / math.sqrt(2)))

    def loss(p):
        A = X @ p.W
        return 0.5 * ((X + p.scale * (A * Phi(A)) @ p.V - Y) ** 2).mean()

    def gradient(p):
        A = X @ p.W
        F = A * Phi(A)
        R = (X + p.scale * F @ p.V - Y) / Y.size
        dF = p.scale * R @ p.V.T
        dA = dF * (Phi(A) + A * np.exp(-(A**2) / 2) / math.sqrt(2 * math.pi))
        return Block(X.T @ dA, p.scale * F.T @ R, (R * (F @ p.V)).sum())

    return (
        loss,
        gradient,
        Block(rng.normal(size=(d, h)), rng.normal(size=(h, d)), 0.8),
        {"N": n},
        {},
    )


def multiclass_hinge(rng):
    n, d, K, lam = 20, 4, 3, 0.05
    X, y = rng.normal(size=(n, d)), rng.integers(K, size=n)

    def loss(W):
        S = X @ W
        margin = np.maximum(0, S - S[np.arange(n), y][:, None] + 1)
        margin[np.arange(n), y] = 0
        return margin.sum() / n + lam * (W**2).sum()

    def gradient(W):
        S = X @ W
        on = ((S - S[np.arange(n), y][:, None] + 1) > 0).astype(float)
        on[np.arange(n), y] = 0
        on[np.arange(n), y] = -on.sum(axis=1)
        return X.T @ on / n + 2 * lam * W

    return loss, gradient, rng.normal(size=(d, K)), {"N": n, "lambda": lam}, {}


def squared_hinge(rng):
    n, d, C = 30, 4, 0.5
    X, y = rng.normal(size=(n, d)), rng.choice([-1.0, 1.0], size=n)

    def loss(p):
        m = np.maximum(0, 1 - y * (X @ p["w"] + p["b"]))
        return 0.5 * p["w"] @ p["w"] + C * (m**2).sum()

    def gradient(p):
        m = np.maximum(0, 1 - y * (X @ p["w"] + p["b"]))
        g = -2 * C * m * y
        return {"w": p["w"] + X.T @ g, "b": g.sum()}

    return loss, gradient, {"w": rng.normal(size=d), "b": 0.3}, {"C": C}, {}


def mds_stress(rng):
    n = 7
    D = rng.uniform(0.5, 3, size=(n, n))
    D = np.triu(D, 1)
    D = D + D.T

    def loss(X):
        d = np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2) + np.eye(n))
        return 0.5 * (((d - D) * (1 - np.eye(n))) ** 2).sum()

    def gradient(X):
        diff = X[:, None] - X[None]
        d = np.sqrt((diff**2).sum(axis=2) + np.eye(n))
        return 2 * (((d - D) / d * (1 - np.eye(n)))[:, :, None] * diff).sum(axis=1)

    return loss, gradient, rng.normal(size=(n, 2)), {}, {}


def tsne_kl(rng):
    n = 8
    P = rng.random((n, n))
    np.fill_diagonal(P, 0)
    P = (P + P.T) / (2 * P.sum())

    def loss(Y):
        num = 1 / (1 + ((Y[:, None] - Y[None]) ** 2).sum(axis=2)) * (1 - np.eye(n))
        Q = num / num.sum()
        off = ~np.eye(n, dtype=bool)
        return (P[off] * np.log(P[off] / Q[off])).sum()

    def gradient(Y):
        diff = Y[:, None] - Y[None]
        num = 1 / (1 + (diff**2).sum(axis=2)) * (1 - np.eye(n))
        PQ = (P - num / num.sum()) * num
        return 4 * (PQ[:, :, None] * diff).sum(axis=1)

    return loss, gradient, rng.normal(size=(n, 2)), {}, {}


def actor_entropy(rng):
    n, d, K, c = 15, 4, 3, 0.01
    S, a, adv = rng.normal(size=(n, d)), rng.integers(K, size=n), rng.normal(size=n)

    def loss(W):
        logp = S @ W - logsumexp(S @ W, axis=1, keepdims=True)
        ent = -(np.exp(logp) * logp).sum(axis=1)
        return -(adv * logp[np.arange(n), a]).mean() - c * ent.mean()

    def gradient(W):
        p = softmax(S @ W)
        logp = np.log(p)
        G = p * adv[:, None]
        G[np.arange(n), a] -= adv
        H = -(p * logp).sum(axis=1, keepdims=True)
        G += c * p * (logp + H)
        return S.T @ G / n

    return loss, gradient, rng.normal(size=(d, K)), {"N": n, "c": c}, {}


def dueling_td(rng):
    n, d, K, disc = 10, 4, 3, 0.9
    S, S2 = rng.normal(size=(n, d)), rng.normal(size=(n, d))
    a, r = rng.integers(K, size=n), rng.normal(size=n)

    def loss(p):
        Q = S @ p["A"] + (S @ p["v"])[:, None]
        Q2 = S2 @ p["A"] + (S2 @ p["v"])[:, None]
        td = Q[np.arange(n), a] - r - disc * Q2.mean(axis=1)
        return 0.5 * (td**2).mean()

    def gradient(p):
        Q = S @ p["A"] + (S @ p["v"])[:, None]
        Q2 = S2 @ p["A"] + (S2 @ p["v"])[:, None]
        td = (Q[np.arange(n), a] - r - disc * Q2.mean(axis=1)) / n
        dA = np.zeros_like(p["A"])
        np.add.at(dA.T, a, td[:, None] * S)
        dA -= disc / K * (S2.T @ td)[:, None]
        return {"A": dA, "v": S.T @ td - disc * S2.T @ td}

    return (
        loss,
        gradient,
        {"A": rng.normal(size=(d, K)), "v": rng.normal(size=d)},
        {"N": n, "discount": disc},
        {},
    )
