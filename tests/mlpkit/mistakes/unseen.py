"""Right gradients of yet other models, written before the checker had seen any of them.

As in ``layers``: (loss, gradient, params, constants, alternatives).
"""

import math

import numpy as np
from scipy.special import erf, expit, i0e, i1e, log_ndtr, logsumexp


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def hawkes_exponential(rng):
    t = np.cumsum(rng.exponential(0.4, size=40))
    horizon = t[-1] + 0.5

    def loss(p):
        mu, alpha, beta = np.exp(p["log_mu"]), np.exp(p["log_alpha"]), np.exp(p["log_beta"])
        A, ll = 0.0, np.log(mu)
        for i in range(1, len(t)):
            A = np.exp(-beta * (t[i] - t[i - 1])) * (1 + A)
            ll = ll + np.log(mu + alpha * A)
        return -(ll - mu * horizon - alpha / beta * (1 - np.exp(-beta * (horizon - t))).sum())

    def gradient(p):
        mu, alpha, beta = np.exp(p["log_mu"]), np.exp(p["log_alpha"]), np.exp(p["log_beta"])
        A, dA, dmu, dalpha, dbeta = 0.0, 0.0, 1 / mu, 0.0, 0.0
        for i in range(1, len(t)):
            gap = t[i] - t[i - 1]
            e = np.exp(-beta * gap)
            dA = -gap * e * (1 + A) + e * dA
            A = e * (1 + A)
            lam = mu + alpha * A
            dmu += 1 / lam
            dalpha += A / lam
            dbeta += alpha * dA / lam
        left = horizon - t
        tail = np.exp(-beta * left)
        dmu -= horizon
        dalpha -= (1 - tail).sum() / beta
        dbeta -= -alpha / beta**2 * (1 - tail).sum() + alpha / beta * (left * tail).sum()
        return {"log_mu": -dmu * mu, "log_alpha": -dalpha * alpha, "log_beta": -dbeta * beta}

    return loss, gradient, {"log_mu": 0.2, "log_alpha": -0.5, "log_beta": 0.4}, {}, {}


def plackett_luce(rng):
    n, m = 6, 8
    orders = np.array([rng.permutation(n) for _ in range(m)])
    lam = 0.05

    def loss(s):
        S = s[orders]
        total = 0.0
        for k in range(n - 1):
            total = total + (np.log(np.exp(S[:, k:]).sum(axis=1)) - S[:, k]).sum()
        return total / m + lam * (s**2).sum()

    def gradient(s):
        g = 2 * lam * s
        for order in orders:
            w = np.exp(s[order])
            for k in range(n - 1):
                g[order[k:]] += w[k:] / w[k:].sum() / m
                g[order[k]] -= 1 / m
        return g

    return loss, gradient, rng.normal(size=n), {"m": m, "lambda": lam}, {}


def item_response_2pl(rng):
    n, J = 12, 5
    Y = (rng.random((n, J)) < 0.5).astype(float)

    def loss(p):
        z = np.exp(p["log_a"]) * (p["theta"][:, None] - p["b"])
        return (np.log1p(np.exp(z)) - Y * z).sum() + 0.5 * (p["theta"] ** 2).sum()

    def gradient(p):
        a = np.exp(p["log_a"])
        d = p["theta"][:, None] - p["b"]
        E = expit(a * d) - Y
        return {
            "log_a": (E * d).sum(axis=0) * a,
            "b": -E.sum(axis=0) * a,
            "theta": E @ a + p["theta"],
        }

    return (
        loss,
        gradient,
        {"log_a": 0.3 * rng.normal(size=J), "b": rng.normal(size=J), "theta": rng.normal(size=n)},
        {"n": n, "J": J},
        {},
    )


def planar_flow(rng):
    n, d = 9, 3
    Z = rng.normal(size=(n, d))

    def loss(p):
        h = np.tanh(Z @ p["w"] + p["b"])
        X = Z + np.outer(h, p["u"])
        det = 1 + (1 - h**2) * (p["u"] @ p["w"])
        return (0.5 * ((X - 1) ** 2).sum() - np.log(np.sqrt(det**2)).sum()) / n

    def gradient(p):
        h = np.tanh(Z @ p["w"] + p["b"])
        s = 1 - h**2
        uw = p["u"] @ p["w"]
        R = (Z + np.outer(h, p["u"]) - 1) / n
        q = 1 / (1 + s * uw) / n
        da = (R @ p["u"]) * s + q * uw * 2 * h * s
        return {
            "w": Z.T @ da - (q * s).sum() * p["u"],
            "b": da.sum(),
            "u": R.T @ h - (q * s).sum() * p["w"],
        }

    return (
        loss,
        gradient,
        {"w": rng.normal(size=d), "b": 0.2, "u": 0.4 * rng.normal(size=d)},
        {"N": n},
        {},
    )


def rbm_free_energy(rng):
    n, d, h = 6, 5, 3
    V, M = (rng.random((n, d)) < 0.5) * 1.0, (rng.random((n, d)) < 0.5) * 1.0

    def free(v, p):
        return -v @ p["a"] - np.log1p(np.exp(v @ p["W"] + p["c"])).sum(axis=1)

    def loss(p):
        return (free(V, p) - free(M, p)).mean()

    def gradient(p):
        hv, hm = expit(V @ p["W"] + p["c"]), expit(M @ p["W"] + p["c"])
        return {
            "W": (M.T @ hm - V.T @ hv) / n,
            "a": (M - V).mean(axis=0),
            "c": (hm - hv).mean(axis=0),
        }

    return (
        loss,
        gradient,
        {"W": rng.normal(size=(d, h)), "a": rng.normal(size=d), "c": rng.normal(size=h)},
        {"N": n},
        {},
    )


def mixture_of_experts(rng):
    n, d, K = 15, 3, 3
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)

    def loss(p):
        G = X @ p["gate"]
        logg = G - logsumexp(G, axis=1, keepdims=True)
        r = (y[:, None] - X @ p["experts"]) * np.exp(-p["log_s"])
        return -logsumexp(logg - 0.5 * r**2 - p["log_s"], axis=1).mean()

    def gradient(p):
        G = X @ p["gate"]
        logg = G - logsumexp(G, axis=1, keepdims=True)
        r = (y[:, None] - X @ p["experts"]) * np.exp(-p["log_s"])
        lj = logg - 0.5 * r**2 - p["log_s"]
        post = np.exp(lj - logsumexp(lj, axis=1, keepdims=True)) / n
        return {
            "gate": X.T @ (np.exp(logg) / n - post),
            "experts": -X.T @ (post * r) * np.exp(-p["log_s"]),
            "log_s": -(post * (r**2 - 1)).sum(axis=0),
        }

    params = {
        "gate": rng.normal(size=(d, K)),
        "experts": rng.normal(size=(d, K)),
        "log_s": 0.3 * rng.normal(size=K),
    }
    return loss, gradient, params, {"N": n, "K": K}, {}


def ppo_clipped(rng):
    n, d, K, eps = 20, 4, 3, 0.2
    S, a, adv = rng.normal(size=(n, d)), rng.integers(K, size=n), rng.normal(size=n)
    old = np.log(softmax(rng.normal(size=(n, K))))[np.arange(n), a]

    def loss(W):
        Z = S @ W
        logp = (Z - logsumexp(Z, axis=1, keepdims=True))[np.arange(n), a]
        ratio = np.exp(logp - old)
        clipped = np.where(
            ratio.real > 1 + eps, 1 + eps, np.where(ratio.real < 1 - eps, 1 - eps, ratio)
        )
        return -np.minimum(ratio * adv, clipped * adv).mean()

    def gradient(W):
        P = softmax(S @ W)
        ratio = np.exp(np.log(P[np.arange(n), a]) - old)
        active = np.where(adv > 0, ratio <= 1 + eps, ratio >= 1 - eps)
        coef = -adv * ratio * active / n
        G = -P * coef[:, None]
        G[np.arange(n), a] += coef
        return S.T @ G

    return loss, gradient, 0.5 * rng.normal(size=(d, K)), {"N": n, "eps": eps}, {}


def nmf_divergence(rng):
    n, m, k = 5, 6, 2
    V = rng.uniform(0.5, 3, size=(n, m))

    def loss(p):
        R = p["W"] @ p["H"]
        return (V * np.log(V / R) - V + R).sum()

    def gradient(p):
        Q = 1 - V / (p["W"] @ p["H"])
        return {"W": Q @ p["H"].T, "H": p["W"].T @ Q}

    return (
        loss,
        gradient,
        {"W": rng.uniform(0.2, 2, size=(n, k)), "H": rng.uniform(0.2, 2, size=(k, m))},
        {"k": k},
        {},
    )


def probit_ridge(rng):
    n, d, alpha = 40, 4, 0.3
    X, y = rng.normal(size=(n, d)), rng.choice([-1.0, 1.0], size=n)

    def loss(w):
        return -log_ndtr(y * (X @ w[1:] + w[0])).sum() + 0.5 * alpha * w[1:] @ w[1:]

    def gradient(w):
        q = y * (X @ w[1:] + w[0])
        mills = np.exp(-0.5 * q**2 - log_ndtr(q)) / math.sqrt(2 * math.pi)
        return np.concatenate([[-(y * mills).sum()], -X.T @ (y * mills) + alpha * w[1:]])

    return loss, gradient, 0.5 * rng.normal(size=d + 1), {"n": n, "alpha": alpha}, {}


def von_mises_regression(rng):
    n = 30
    x, angle = rng.normal(size=n), rng.uniform(-np.pi, np.pi, size=n)

    def loss(p):
        kappa = np.exp(p["log_kappa"])
        mu = p["mu0"] + 2 * np.arctan(p["beta"] * x)
        return -(kappa * np.cos(angle - mu) - np.log(2 * np.pi * i0e(kappa)) - kappa).sum()

    def gradient(p):
        kappa = np.exp(p["log_kappa"])
        mu = p["mu0"] + 2 * np.arctan(p["beta"] * x)
        dmu = -kappa * np.sin(angle - mu)
        dkappa = -(np.cos(angle - mu) - i1e(kappa) / i0e(kappa)).sum()
        return {
            "mu0": dmu.sum(),
            "beta": (dmu * 2 * x / (1 + (p["beta"] * x) ** 2)).sum(),
            "log_kappa": dkappa * kappa,
        }

    return loss, gradient, {"mu0": 0.4, "beta": 0.7, "log_kappa": 0.3}, {}, {}


def allen_cahn(rng):
    n, eps, h = 8, 0.1, 1 / 8

    def loss(u):
        dx, dy = np.roll(u, -1, 0) - u, np.roll(u, -1, 1) - u
        return eps / 2 * (dx**2 + dy**2).sum() + h**2 / (4 * eps) * ((u**2 - 1) ** 2).sum()

    def gradient(u):
        lap = np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1) - 4 * u
        return -eps * lap + h**2 / eps * u * (u**2 - 1)

    return loss, gradient, rng.normal(size=(n, n)), {"eps": eps, "h": h}, {}


def swiglu_rmsnorm(rng):
    n, d, h = 5, 4, 6
    X, Y = rng.normal(size=(n, d)), rng.normal(size=(n, d))

    def loss(p):
        rms = np.sqrt((X**2).mean(axis=1, keepdims=True) + 1e-6)
        N = X / rms * p["g"]
        a, b = N @ p["W1"], N @ p["W3"]
        return ((X + (a / (1 + np.exp(-a)) * b) @ p["W2"] - Y) ** 2).sum() / n

    def gradient(p):
        xhat = X / np.sqrt((X**2).mean(axis=1, keepdims=True) + 1e-6)
        N = xhat * p["g"]
        a, b = N @ p["W1"], N @ p["W3"]
        s = expit(a)
        F = a * s * b
        R = 2 * (X + F @ p["W2"] - Y) / n
        dF = R @ p["W2"].T
        da, db = dF * b * (s + a * s * (1 - s)), dF * a * s
        dN = da @ p["W1"].T + db @ p["W3"].T
        return {"g": (dN * xhat).sum(axis=0), "W1": N.T @ da, "W3": N.T @ db, "W2": F.T @ R}

    params = {
        "g": rng.uniform(0.5, 1.5, size=d),
        "W1": rng.normal(size=(d, h)),
        "W3": rng.normal(size=(d, h)),
        "W2": rng.normal(size=(h, d)),
    }
    return loss, gradient, params, {"N": n}, {}


def diagonal_state_space(rng):
    T, N = 8, 3
    u, y = rng.normal(size=T), rng.normal(size=T)

    def loss(p):
        a = np.exp(-np.exp(p["log_decay"]))
        x, total = np.zeros(N), 0.0
        for t in range(T):
            x = a * x + p["B"] * u[t]
            total = total + (p["C"] @ x + p["D"] * u[t] - y[t]) ** 2
        return total / T

    def gradient(p):
        decay = np.exp(p["log_decay"])
        a = np.exp(-decay)
        xs = [np.zeros(N)]
        for t in range(T):
            xs.append(a * xs[-1] + p["B"] * u[t])
        dC, dB, da, dD, lam = np.zeros(N), np.zeros(N), np.zeros(N), 0.0, np.zeros(N)
        for t in range(T - 1, -1, -1):
            e = 2 * (p["C"] @ xs[t + 1] + p["D"] * u[t] - y[t]) / T
            dC += e * xs[t + 1]
            dD += e * u[t]
            lam = lam + e * p["C"]
            dB += lam * u[t]
            da += lam * xs[t]
            lam = lam * a
        return {"log_decay": -da * a * decay, "B": dB, "C": dC, "D": dD}

    return (
        loss,
        gradient,
        {
            "log_decay": rng.normal(size=N),
            "B": rng.normal(size=N),
            "C": rng.normal(size=N),
            "D": 0.5,
        },
        {"T": T},
        {},
    )


def gumbel_softmax_codebook(rng):
    n, K, d, tau = 7, 4, 3, 0.6
    noise, T = rng.gumbel(size=(n, K)), rng.normal(size=(n, d))

    def loss(p):
        P = softmax_((p["logits"] + noise) / tau)
        return ((P @ p["codes"] - T) ** 2).sum(axis=1).mean()

    def softmax_(z):
        e = np.exp(z - z.real.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def gradient(p):
        P = softmax_((p["logits"] + noise) / tau)
        R = 2 * (P @ p["codes"] - T) / n
        dP = R @ p["codes"].T
        dZ = P * (dP - (P * dP).sum(axis=1, keepdims=True)) / tau
        return {"logits": dZ.sum(axis=0), "codes": P.T @ R}

    return (
        loss,
        gradient,
        {"logits": rng.normal(size=K), "codes": rng.normal(size=(K, d))},
        {"N": n, "tau": tau},
        {},
    )


def weight_norm_layer(rng):
    n, d, h = 9, 4, 3
    X, Y = rng.normal(size=(n, d)), rng.normal(size=(n, h))

    def loss(p):
        W = p["g"] * p["V"] / np.sqrt((p["V"] ** 2).sum(axis=0))
        return 0.5 * ((np.tanh(X @ W) - Y) ** 2).sum() / n

    def gradient(p):
        norm_ = np.sqrt((p["V"] ** 2).sum(axis=0))
        U = p["V"] / norm_
        H = np.tanh(X @ (p["g"] * U))
        dW = X.T @ ((H - Y) * (1 - H**2)) / n
        dg = (dW * U).sum(axis=0)
        return {"g": dg, "V": p["g"] / norm_ * (dW - U * dg)}

    return (
        loss,
        gradient,
        {"g": rng.uniform(0.5, 2, size=h), "V": rng.normal(size=(d, h))},
        {"N": n},
        {},
    )


def robot_arm(rng):
    lengths = np.array([1.0, 0.8, 0.5])
    target = np.array([1.2, 0.9])
    mu = 0.01

    def loss(q):
        a = np.cumsum(q)
        tip = np.array([(lengths * np.cos(a)).sum(), (lengths * np.sin(a)).sum()])
        return 0.5 * ((tip - target) ** 2).sum() + 0.5 * mu * (q**2).sum()

    def gradient(q):
        a = np.cumsum(q)
        c, s = lengths * np.cos(a), lengths * np.sin(a)
        e = np.array([c.sum(), s.sum()]) - target

        def back(v):
            return np.cumsum(v[::-1])[::-1]

        return -e[0] * back(s) + e[1] * back(c) + mu * q

    return loss, gradient, rng.normal(size=3), {"mu": mu}, {}


def wave_leapfrog(rng):
    n, steps = 10, 6
    obs = rng.normal(size=(steps, n))

    def run(c, u0):
        us = [u0, u0]
        for _ in range(steps):
            u = us[-1]
            lap = np.roll(u, 1) + np.roll(u, -1) - 2 * u
            us.append(2 * u - us[-2] + c * lap)
        return us

    def loss(p):
        us = run(p["c2"], p["u0"])
        return 0.5 * sum(((us[k + 2] - obs[k]) ** 2).sum() for k in range(steps))

    def gradient(p):
        us = run(p["c2"], p["u0"])
        bar = [np.zeros(n) for _ in us]
        dc = np.zeros(n)
        for k in range(steps - 1, -1, -1):
            bar[k + 2] = bar[k + 2] + us[k + 2] - obs[k]
            b, u = bar[k + 2], us[k + 1]
            lap = np.roll(u, 1) + np.roll(u, -1) - 2 * u
            dc += b * lap
            cb = p["c2"] * b
            bar[k + 1] = bar[k + 1] + 2 * b + np.roll(cb, 1) + np.roll(cb, -1) - 2 * cb
            bar[k] = bar[k] - b
        return {"c2": dc, "u0": bar[0] + bar[1]}

    return loss, gradient, {"c2": rng.uniform(0.1, 0.4, size=n), "u0": rng.normal(size=n)}, {}, {}


def torsion_angle(rng):
    k = 2.5

    def cross(a, b):
        return np.array(
            [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
        )

    def loss(r):
        b1, b2, b3 = r[1] - r[0], r[2] - r[1], r[3] - r[2]
        n1, n2 = cross(b1, b2), cross(b2, b3)
        cosphi = n1 @ n2 / np.sqrt((n1 @ n1) * (n2 @ n2))
        return k * (1 - 0.5 * cosphi) ** 2

    def gradient(r):
        b1, b2, b3 = r[1] - r[0], r[2] - r[1], r[3] - r[2]
        n1, n2 = cross(b1, b2), cross(b2, b3)
        l1, l2 = np.sqrt(n1 @ n1), np.sqrt(n2 @ n2)
        c = n1 @ n2 / (l1 * l2)
        d1 = n2 / (l1 * l2) - c * n1 / l1**2
        d2 = n1 / (l1 * l2) - c * n2 / l2**2
        db1, db2, db3 = cross(b2, d1), cross(d1, b1) + cross(b3, d2), cross(d2, b2)
        scale = -k * (1 - 0.5 * c)
        return scale * np.array([-db1, db1 - db2, db2 - db3, db3])

    return loss, gradient, rng.normal(size=(4, 3)), {"k": k}, {}


def graph_attention(rng):
    n, d, h = 6, 3, 4
    A = (rng.random((n, n)) < 0.5) | np.eye(n, dtype=bool)
    X, Y = rng.normal(size=(n, d)), rng.normal(size=(n, h))

    def alpha(H, p):
        E = (H @ p["src"])[:, None] + (H @ p["dst"])[None, :]
        L = np.where(E.real > 0, E, 0.2 * E)
        W = np.where(A, np.exp(L), 0)
        return E, W / W.sum(axis=1, keepdims=True)

    def loss(p):
        H = X @ p["W"]
        return ((alpha(H, p)[1] @ H - Y) ** 2).mean()

    def gradient(p):
        H = X @ p["W"]
        E, P = alpha(H, p)
        R = 2 * (P @ H - Y) / Y.size
        dP = R @ H.T
        dL = P * (dP - (P * dP).sum(axis=1, keepdims=True))
        dE = dL * np.where(E > 0, 1, 0.2)
        ds, dt = dE.sum(axis=1), dE.sum(axis=0)
        dH = P.T @ R + np.outer(ds, p["src"]) + np.outer(dt, p["dst"])
        return {"W": X.T @ dH, "src": H.T @ ds, "dst": H.T @ dt}

    return (
        loss,
        gradient,
        {"W": rng.normal(size=(d, h)), "src": rng.normal(size=h), "dst": rng.normal(size=h)},
        {"n": n},
        {},
    )


def nelson_siegel(rng):
    m = np.array([0.25, 0.5, 1, 2, 3, 5, 7, 10, 20, 30])
    y = 0.03 + 0.002 * rng.normal(size=10)
    weight = np.sqrt(m)

    def loss(p):
        b0, b1, b2, tau = p
        x = m / tau
        s = (1 - np.exp(-x)) / x
        return (weight * (b0 + b1 * s + b2 * (s - np.exp(-x)) - y) ** 2).sum()

    def gradient(p):
        b0, b1, b2, tau = p
        x = m / tau
        e = np.exp(-x)
        s = (1 - e) / x
        r = 2 * weight * (b0 + b1 * s + b2 * (s - e) - y)
        ds = (e - s) / x
        dx = b1 * ds + b2 * (ds + e)
        return np.array([r.sum(), r @ s, r @ (s - e), (r * dx * -m / tau**2).sum()])

    return loss, gradient, np.array([0.04, -0.01, 0.02, 1.5]), {}, {}


def black_scholes_calibration(rng):
    K = np.array([80.0, 90, 100, 110, 120])
    T = np.array([0.5, 1.0, 1.0, 1.5, 2.0])
    price = np.array([24.0, 17.0, 11.5, 9.0, 8.0])
    S, r = 100.0, 0.02

    def Phi(x):
        return 0.5 * (1 + erf(x / math.sqrt(2)))

    def loss(v):
        sT = v * np.sqrt(T)
        d1 = (np.log(S / K) + (r + v**2 / 2) * T) / sT
        C = S * Phi(d1) - K * np.exp(-r * T) * Phi(d1 - sT)
        return ((C - price) ** 2).mean()

    def gradient(v):
        sT = v * np.sqrt(T)
        d1 = (np.log(S / K) + (r + v**2 / 2) * T) / sT
        C = S * Phi(d1) - K * np.exp(-r * T) * Phi(d1 - sT)
        vega = S * np.exp(-0.5 * d1**2) / math.sqrt(2 * math.pi) * np.sqrt(T)
        return 2 * (C - price) * vega / len(K)

    return loss, gradient, rng.uniform(0.15, 0.4, size=5), {}, {}


def sir_euler(rng):
    steps, dt = 25, 0.2
    data = rng.uniform(0, 0.3, size=steps)

    def loss(p):
        beta, gamma, i0 = p
        s, i, total = 1 - i0, i0, 0.0
        for k in range(steps):
            new = beta * s * i
            s, i = s - dt * new, i + dt * (new - gamma * i)
            total = total + (i - data[k]) ** 2
        return total

    def gradient(p):
        beta, gamma, i0 = p
        s, i = 1 - i0, i0
        ds, di = np.array([0.0, 0.0, -1.0]), np.array([0.0, 0.0, 1.0])
        g = np.zeros(3)
        for k in range(steps):
            new = beta * s * i
            dnew = np.array([s * i, 0.0, 0.0]) + beta * (ds * i + s * di)
            dout = np.array([0.0, i, 0.0]) + gamma * di
            s, i = s - dt * new, i + dt * (new - gamma * i)
            ds, di = ds - dt * dnew, di + dt * (dnew - dout)
            g += 2 * (i - data[k]) * di
        return g

    return loss, gradient, np.array([1.4, 0.5, 0.02]), {}, {}


def bilinear_sampler(rng):
    image = rng.normal(size=(7, 7))
    target = rng.normal(size=(6,))
    grid = rng.uniform(-0.5, 0.5, size=(6, 2))

    def look(p):
        xy = grid @ p["A"].T + p["t"]
        u = (xy + 1) * 3
        f = np.clip(np.floor(u.real).astype(int), 0, 5)
        w = u - f
        i, j = f[:, 0], f[:, 1]
        return i, j, w[:, 0], w[:, 1]

    def loss(p):
        i, j, a, b = look(p)
        v = (1 - a) * ((1 - b) * image[i, j] + b * image[i, j + 1]) + a * (
            (1 - b) * image[i + 1, j] + b * image[i + 1, j + 1]
        )
        return 0.5 * ((v - target) ** 2).sum()

    def gradient(p):
        i, j, a, b = look(p)
        q00, q01, q10, q11 = image[i, j], image[i, j + 1], image[i + 1, j], image[i + 1, j + 1]
        v = (1 - a) * ((1 - b) * q00 + b * q01) + a * ((1 - b) * q10 + b * q11)
        e = v - target
        da = e * ((1 - b) * (q10 - q00) + b * (q11 - q01)) * 3
        db = e * ((1 - a) * (q01 - q00) + a * (q11 - q10)) * 3
        d = np.stack([da, db], axis=1)
        return {"A": d.T @ grid, "t": d.sum(axis=0)}

    return (
        loss,
        gradient,
        {"A": np.eye(2) + 0.2 * rng.normal(size=(2, 2)), "t": 0.1 * rng.normal(size=2)},
        {},
        {},
    )


def mmd_rbf(rng):
    n, m, d = 7, 8, 2
    Y = rng.normal(size=(m, d))

    def k(A, B):
        return np.exp(-0.5 * ((A[:, None] - B[None]) ** 2).sum(axis=2))

    def loss(X):
        return k(X, X).sum() / n**2 - 2 * k(X, Y).sum() / (n * m) + k(Y, Y).sum() / m**2

    def gradient(X):
        Kxx, Kxy = k(X, X), k(X, Y)
        dxx = -(Kxx[:, :, None] * (X[:, None] - X[None])).sum(axis=1)
        dxy = -(Kxy[:, :, None] * (X[:, None] - Y[None])).sum(axis=1)
        return 2 * dxx / n**2 - 2 * dxy / (n * m)

    return loss, gradient, rng.normal(size=(n, d)), {"n": n, "m": m}, {}


def soft_dice(rng):
    n, d = 30, 4
    X, y = rng.normal(size=(n, d)), (rng.random(n) < 0.4) * 1.0

    def loss(p):
        s = 1 / (1 + np.exp(-(X @ p["w"] + p["b"])))
        return 1 - (2 * (s * y).sum() + 1) / (s.sum() + y.sum() + 1)

    def gradient(p):
        s = expit(X @ p["w"] + p["b"])
        num, den = 2 * (s * y).sum() + 1, s.sum() + y.sum() + 1
        ds = -(2 * y * den - num) / den**2
        dz = ds * s * (1 - s)
        return {"w": X.T @ dz, "b": dz.sum()}

    return loss, gradient, {"w": rng.normal(size=d), "b": -0.2}, {"N": n}, {}


def crps_gaussian(rng):
    n, d = 25, 3
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)

    def loss(p):
        sig = np.exp(p["log_sigma"])
        z = (y - X @ p["w"]) / sig
        phi = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
        return (sig * (z * erf(z / math.sqrt(2)) + 2 * phi - 1 / math.sqrt(math.pi))).mean()

    def gradient(p):
        sig = np.exp(p["log_sigma"])
        z = (y - X @ p["w"]) / sig
        phi = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
        dw = -X.T @ erf(z / math.sqrt(2)) / n
        dls = sig * (2 * phi - 1 / math.sqrt(math.pi)).mean()
        return {"w": dw, "log_sigma": dls}

    return loss, gradient, {"w": rng.normal(size=d), "log_sigma": 0.25}, {"N": n}, {}


def kernel_ridge(rng):
    n, lam = 14, 0.2
    X = rng.uniform(-2, 2, size=n)
    y = np.cos(X) + 0.1 * rng.normal(size=n)
    K = np.exp(-((X[:, None] - X) ** 2))

    def loss(a):
        r = y - K @ a
        return r @ r / n + lam * a @ K @ a

    def gradient(a):
        return -2 * K @ (y - K @ a) / n + 2 * lam * K @ a

    return loss, gradient, rng.normal(size=n), {"N": n, "lambda": lam}, {}


def ica_log_cosh(rng):
    n, d = 40, 3
    X = rng.laplace(size=(n, d)) @ rng.normal(size=(d, d))

    def loss(W):
        S = X @ W.T
        return np.log(np.cosh(S)).sum() / n - np.linalg.slogdet(W)[1]

    def gradient(W):
        return np.tanh(X @ W.T).T @ X / n - np.linalg.inv(W).T

    return loss, gradient, np.eye(d) + 0.3 * rng.normal(size=(d, d)), {"N": n}, {}
