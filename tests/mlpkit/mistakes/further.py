"""Right gradients of still other models, written before the checker had seen any of them.

As in ``layers``: (loss, gradient, params, constants, alternatives).
"""

import numpy as np
from scipy.special import logsumexp

from tests.mlpkit.mistakes.functions import sigmoid, softmax


def gated_causal_conv1d(rng):
    T, C, F, k, dil = 14, 3, 4, 3, 2
    x, Y = rng.normal(size=(T, C)), rng.normal(size=(T, F))
    padded = np.vstack([np.zeros(((k - 1) * dil, C)), x])
    taps = np.stack([padded[u * dil : u * dil + T] for u in range(k)], axis=1)

    def units(P):
        A = np.einsum("tuc,fcu->tf", taps, P["Wf"]) + P["bf"]
        B = np.einsum("tuc,fcu->tf", taps, P["Wg"])
        return np.tanh(A), sigmoid(B)

    def loss(P):
        f, g = units(P)
        return ((f * g - Y) ** 2).sum() / T

    def gradient(P):
        f, g = units(P)
        E = 2 * (f * g - Y) / T
        dA = E * g * (1 - f**2)
        dB = E * f * g * (1 - g)
        G = {"Wf": np.einsum("tf,tuc->fcu", dA, taps), "bf": dA.sum(axis=0)}
        G["Wg"] = np.einsum("tf,tuc->fcu", dB, taps)
        return G

    shape = (F, C, k)
    P = {"Wf": rng.normal(size=shape), "Wg": rng.normal(size=shape), "bf": rng.normal(size=F)}
    return loss, gradient, P, {"T": T}, {}


def peephole_lstm(rng):
    T, D, H = 5, 3, 3
    x, y = rng.normal(size=(T, D)), rng.normal(size=H)

    def forward(P):
        h = c = np.zeros(H)
        steps = []
        for t in range(T):
            z = P["W"] @ x[t] + P["U"] @ h
            i = sigmoid(z[:H] + P["p"][0] * c)
            f = sigmoid(z[H : 2 * H] + P["p"][1] * c)
            g = np.tanh(z[2 * H : 3 * H])
            new = f * c + i * g
            o = sigmoid(z[3 * H :] + P["p"][2] * new)
            steps.append((h, c, i, f, g, new, o))
            h, c = o * np.tanh(new), new
        return steps, h

    def loss(P):
        return ((forward(P)[1] - y) ** 2).sum() / 2

    def gradient(P):
        steps, h = forward(P)
        G = {name: np.zeros_like(value) for name, value in P.items()}
        dh, dc = h - y, np.zeros(H)
        for t in reversed(range(T)):
            before, c, i, f, g, new, o = steps[t]
            do = dh * np.tanh(new) * o * (1 - o)
            dc = dc + dh * o * (1 - np.tanh(new) ** 2) + do * P["p"][2]
            di = dc * g * i * (1 - i)
            df = dc * c * f * (1 - f)
            dg = dc * i * (1 - g**2)
            dz = np.concatenate([di, df, dg, do])
            G["W"] += np.outer(dz, x[t])
            G["U"] += np.outer(dz, before)
            G["p"] += np.array([di * c, df * c, do * new])
            dh = P["U"].T @ dz
            dc = dc * f + di * P["p"][0] + df * P["p"][1]
        return G

    P = {"W": rng.normal(size=(4 * H, D)), "U": rng.normal(size=(4 * H, H)) / 2}
    return loss, gradient, {**P, "p": rng.normal(size=(3, H))}, {"T": T, "H": H}, {}


def additive_attention(rng):
    T, D, K = 7, 4, 5
    S, q, y = rng.normal(size=(T, D)), rng.normal(size=D), rng.normal(size=D)

    def loss(P):
        a = softmax(np.tanh(S @ P["Ws"].T + P["Wq"] @ q) @ P["v"])
        return ((a @ S - y) ** 2).sum()

    def gradient(P):
        H = np.tanh(S @ P["Ws"].T + P["Wq"] @ q)
        a = softmax(H @ P["v"])
        da = S @ (2 * (a @ S - y))
        de = a * (da - a @ da)
        dH = np.outer(de, P["v"]) * (1 - H**2)
        return {"v": H.T @ de, "Ws": dH.T @ S, "Wq": np.outer(dH.sum(axis=0), q)}

    P = {"Ws": rng.normal(size=(K, D)), "Wq": rng.normal(size=(K, D)), "v": rng.normal(size=K)}
    return loss, gradient, P, {"T": T}, {}


def instance_norm(rng):
    N, C, L, eps, lam = 4, 3, 6, 1e-3, 0.2
    X, Y = rng.normal(size=(N, C, L)), rng.normal(size=(N, C, L))

    def normed(P):
        A = np.einsum("dc,ncl->ndl", P["M"], X)
        m = A.mean(axis=2, keepdims=True)
        s = np.sqrt(((A - m) ** 2).mean(axis=2, keepdims=True) + eps)
        return (A - m) / s, s

    def loss(P):
        Z, _ = normed(P)
        out = P["gamma"][:, None] * Z + P["beta"][:, None]
        return ((out - Y) ** 2).sum() / (2 * N) + lam / 2 * (P["M"] ** 2).sum()

    def gradient(P):
        Z, s = normed(P)
        E = (P["gamma"][:, None] * Z + P["beta"][:, None] - Y) / N
        dZ = E * P["gamma"][:, None]
        mean = dZ.mean(axis=2, keepdims=True)
        dA = (dZ - mean - Z * (dZ * Z).mean(axis=2, keepdims=True)) / s
        G = {"gamma": (E * Z).sum(axis=(0, 2)), "beta": E.sum(axis=(0, 2))}
        G["M"] = np.einsum("ndl,ncl->dc", dA, X) + lam * P["M"]
        return G

    P = {"M": rng.normal(size=(C, C)), "gamma": rng.normal(size=C), "beta": rng.normal(size=C)}
    return loss, gradient, P, {"N": N, "lambda": lam}, {}


def gumbel_maxima(rng):
    N = 25
    X = np.c_[np.ones(N), rng.normal(size=(N, 2))]
    t = rng.gumbel(size=N)

    def loss(p):
        r = (t - X @ p["w"]) * np.exp(-p["log_s"])
        return (p["log_s"] + r + np.exp(-r)).mean()

    def gradient(p):
        s = np.exp(p["log_s"])
        r = (t - X @ p["w"]) / s
        dr = (1 - np.exp(-r)) / N
        return {"w": -X.T @ dr / s, "log_s": 1 - (dr * r).sum()}

    return loss, gradient, {"w": rng.normal(size=3) / 3, "log_s": 0.3}, {"N": N}, {}


def inverse_gaussian(rng):
    N = 20
    X, y = rng.normal(size=(N, 3)), rng.wald(1.0, 2.0, size=N)

    def loss(p):
        mu, lam = np.exp(X @ p["w"]), np.exp(p["log_lam"])
        return (lam * (y - mu) ** 2 / (2 * mu**2 * y) - p["log_lam"] / 2).sum()

    def gradient(p):
        mu, lam = np.exp(X @ p["w"]), np.exp(p["log_lam"])
        of_mu = -lam * (y - mu) / mu**3
        deviance = (y - mu) ** 2 / (2 * mu**2 * y)
        return {"w": X.T @ (of_mu * mu), "log_lam": lam * deviance.sum() - N / 2}

    return loss, gradient, {"w": rng.normal(size=3) / 4, "log_lam": 0.4}, {"N": N}, {}


def crf_with_ends(rng):
    T, K, lam = 6, 4, 0.1
    S, path = rng.normal(size=(T, K)), np.array([0, 2, 2, 1, 3, 0])

    def sweep(P):
        a = [P["start"] + S[0]]
        for t in range(1, T):
            a.append(logsumexp(a[-1][:, None] + P["A"], axis=0) + S[t])
        return a

    def loss(P):
        Z = logsumexp(sweep(P)[-1] + P["end"])
        gold = P["start"][path[0]] + P["end"][path[-1]] + S[np.arange(T), path].sum()
        gold = gold + P["A"][path[:-1], path[1:]].sum()
        return Z - gold + lam * (P["A"] ** 2).sum()

    def gradient(P):
        a, b = sweep(P), [P["end"] + np.zeros(K)]
        for t in range(T - 1, 0, -1):
            b.insert(0, logsumexp(P["A"] + S[t] + b[0], axis=1))
        Z = logsumexp(a[-1] + P["end"])
        G = {name: np.zeros_like(value) for name, value in P.items()}
        for t in range(1, T):
            G["A"] += np.exp(a[t - 1][:, None] + P["A"] + S[t] + b[t] - Z)
            G["A"][path[t - 1], path[t]] -= 1
        G["A"] += 2 * lam * P["A"]
        G["start"] = np.exp(a[0] + b[0] - Z) - np.eye(K)[path[0]]
        G["end"] = np.exp(a[-1] + b[-1] - Z) - np.eye(K)[path[-1]]
        return G

    P = {"A": rng.normal(size=(K, K)), "start": rng.normal(size=K), "end": rng.normal(size=K)}
    return loss, gradient, P, {"lambda": lam, "T": T}, {}


def student_precision(rng):
    N, d, nu = 15, 3, 4.0
    X = rng.standard_t(nu, size=(N, d))

    def loss(L):
        L = np.tril(L)
        q = ((X @ L) ** 2).sum(axis=1)
        return (nu + d) / 2 * np.log1p(q / nu).sum() - N * np.log(np.diag(L)).sum()

    def gradient(L):
        L = np.tril(L)
        Z = X @ L
        q = (Z**2).sum(axis=1)
        weights = (nu + d) / (nu + q)
        full = X.T @ (weights[:, None] * Z) - N * np.diag(1 / np.diag(L))
        return np.tril(full)

    L = np.tril(rng.normal(size=(d, d))) + 3 * np.eye(d)
    return loss, gradient, L, {"N": N, "nu": nu}, {}


def pendulum_midpoint(rng):
    T, dt = 30, 0.1
    target = rng.normal(size=2)

    def path(p):
        s = [p["s0"]]
        for _ in range(T):
            mid = s[-1] + dt / 2 * slope(s[-1], p)
            s.append(s[-1] + dt * slope(mid, p))
        return s

    def slope(s, p):
        return np.array([s[1], -p["k"] * np.sin(s[0]) - p["c"] * s[1]])

    def loss(p):
        return ((path(p)[-1] - target) ** 2).sum()

    def jacobian(s, p):
        return np.array([[0, 1], [-p["k"] * np.cos(s[0]), -p["c"]]])

    def gradient(p):
        states = path(p)
        a, dk, dc = 2 * (states[-1] - target), 0.0, 0.0
        for s in states[-2::-1]:
            mid = s + dt / 2 * slope(s, p)
            half = dt / 2 * dt * jacobian(mid, p).T @ a
            dk += -dt * a[1] * np.sin(mid[0]) - half[1] * np.sin(s[0])
            dc += -dt * a[1] * mid[1] - half[1] * s[1]
            a = a + dt * jacobian(mid, p).T @ a + jacobian(s, p).T @ half
        return {"s0": a, "k": dk, "c": dc}

    return loss, gradient, {"s0": np.array([1.0, 0.2]), "k": 1.7, "c": 0.3}, {"dt": dt, "T": T}, {}


def implicit_euler(rng):
    n, T, dt = 4, 12, 0.2
    A, u0, y = rng.normal(size=(n, n)) / 2, rng.normal(size=n), rng.normal(size=n)

    def path(K):
        u = [u0]
        for _ in range(T):
            u.append(np.linalg.solve(np.eye(n) - dt * (K - np.eye(n)), u[-1]))
        return u

    def loss(K):
        return ((path(K)[-1] - y) ** 2).sum() / 2

    def gradient(K):
        u = path(K)
        B = np.eye(n) - dt * (K - np.eye(n))
        a, G = u[-1] - y, np.zeros((n, n))
        for t in range(T, 0, -1):
            a = np.linalg.solve(B.T, a)
            G += dt * np.outer(a, u[t])
        return G

    return loss, gradient, A, {"dt": dt}, {}


def periodic_gp(rng):
    N = 12
    t, y = np.sort(rng.uniform(0, 5, N)), rng.normal(size=N)
    gap = np.abs(t[:, None] - t[None, :])

    def parts(p):
        s = np.sin(np.pi * gap * np.exp(-p["log_period"]))
        R = np.exp(2 * p["log_scale"] - 2 * s**2 * np.exp(-2 * p["log_length"]))
        return s, R, R + np.exp(2 * p["log_noise"]) * np.eye(N)

    def loss(p):
        _, _, K = parts(p)
        return (y @ np.linalg.solve(K, y) + np.log(np.linalg.det(K))) / 2

    def gradient(p):
        s, R, K = parts(p)
        inverse = np.linalg.inv(K)
        alpha = inverse @ y
        M = (inverse - np.outer(alpha, alpha)) / 2
        turn = np.pi * gap * np.exp(-p["log_period"])
        length = np.exp(-2 * p["log_length"])
        return {
            "log_scale": (M * 2 * R).sum(),
            "log_length": (M * R * 4 * s**2 * length).sum(),
            "log_period": (M * R * 4 * s * np.cos(turn) * turn * length).sum(),
            "log_noise": 2 * np.exp(2 * p["log_noise"]) * np.trace(M),
        }

    p = {"log_scale": 0.1, "log_length": 0.2, "log_period": 0.6, "log_noise": -0.7}
    return loss, gradient, p, {"N": N}, {}


def gompertz_hazards(rng):
    N, lam = 24, 0.3
    X, t = rng.normal(size=(N, 3)), rng.exponential(size=N)
    event = (rng.random(N) < 0.7).astype(float)

    def loss(p):
        eta, b = X @ p["w"] + p["log_a"], p["b"]
        total = np.exp(eta) * (np.exp(b * t) - 1) / b
        return (total - event * (eta + b * t)).sum() + lam * (p["w"] ** 2).sum() / 2

    def gradient(p):
        eta, b = X @ p["w"] + p["log_a"], p["b"]
        total = np.exp(eta) * (np.exp(b * t) - 1) / b
        r = total - event
        of_b = np.exp(eta) * (t * np.exp(b * t) / b - (np.exp(b * t) - 1) / b**2) - event * t
        return {"w": X.T @ r + lam * p["w"], "log_a": r.sum(), "b": of_b.sum()}

    p = {"w": rng.normal(size=3) / 3, "log_a": -0.4, "b": 0.5}
    return loss, gradient, p, {"N": N, "lambda": lam}, {}
