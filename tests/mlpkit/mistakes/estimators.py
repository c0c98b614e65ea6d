"""Right gradients of likelihoods, time series and factorisations, as other people write them.

As in ``layers``: (loss, gradient, params, constants, alternatives).
"""

import numpy as np
from scipy.special import digamma, expit, gammaln, log_expit, logsumexp


def gp_squared_exponential(rng):
    n = 20
    X = rng.uniform(-3, 3, size=n)
    y = np.sin(X) + 0.1 * rng.normal(size=n)
    D2 = (X[:, None] - X[None, :]) ** 2

    def loss(theta):
        ell, sf, sn = np.exp(theta)
        K = sf**2 * np.exp(-0.5 * D2 / ell**2) + (sn**2 + 1e-8) * np.eye(n)
        L = np.linalg.cholesky(K)
        z = np.linalg.solve(L, y)
        return 0.5 * z @ z + np.log(np.diag(L)).sum() + 0.5 * n * np.log(2 * np.pi)

    def gradient(theta):
        ell, sf, sn = np.exp(theta)
        Kf = sf**2 * np.exp(-0.5 * D2 / ell**2)
        K = Kf + (sn**2 + 1e-8) * np.eye(n)
        Ki = np.linalg.inv(K)
        alpha = Ki @ y
        Q = Ki - np.outer(alpha, alpha)
        dK = [Kf * D2 / ell**2, 2 * Kf, 2 * sn**2 * np.eye(n)]
        return np.array([0.5 * np.sum(Q * d) for d in dK])

    return loss, gradient, np.array([0.2, 0.1, -1.0]), {"n": n}, {}


def gp_matern_ard(rng):
    n, d = 15, 3
    X = rng.normal(size=(n, d))
    y = rng.normal(size=n)

    def kernel(ell):
        Z = (X[:, None, :] - X[None, :, :]) / ell
        r = np.sqrt(3 * (Z**2).sum(axis=2))
        return Z, r, (1 + r) * np.exp(-r)

    def loss(p):
        _, _, k = kernel(np.exp(p["log_ell"]))
        K = np.exp(p["log_var"]) * k + np.exp(p["log_noise"]) * np.eye(n)
        sign, logdet = np.linalg.slogdet(K)
        return 0.5 * y @ np.linalg.solve(K, y) + 0.5 * logdet

    def gradient(p):
        Z, r, k = kernel(np.exp(p["log_ell"]))
        v, s = np.exp(p["log_var"]), np.exp(p["log_noise"])
        K = v * k + s * np.eye(n)
        alpha = np.linalg.solve(K, y)
        Q = 0.5 * (np.linalg.inv(K) - np.outer(alpha, alpha))
        dell = np.array([(Q * v * 3 * Z[:, :, j] ** 2 * np.exp(-r)).sum() for j in range(d)])
        return {"log_ell": dell, "log_var": (Q * v * k).sum(), "log_noise": s * np.trace(Q)}

    return (
        loss,
        gradient,
        {"log_ell": 0.3 * rng.normal(size=d), "log_var": 0.1, "log_noise": -1.2},
        {},
        {},
    )


def cox_partial_likelihood(rng):
    n, d = 40, 4
    X = rng.normal(size=(n, d))
    event = rng.random(n) < 0.7

    def loss(beta):
        eta = X @ beta
        ll = 0.0
        for i in np.flatnonzero(event):
            ll = ll + eta[i] - np.log(np.exp(eta[i:]).sum())
        return -ll / n

    def gradient(beta):
        w = np.exp(X @ beta)
        risk = np.cumsum(w[::-1])[::-1]
        riskX = np.cumsum((w[:, None] * X)[::-1], axis=0)[::-1]
        return -(X - riskX / risk[:, None])[event].sum(axis=0) / n

    return loss, gradient, 0.5 * rng.normal(size=d), {"n": n}, {}


def weibull_aft(rng):
    n, d = 50, 3
    X = np.column_stack([np.ones(n), rng.normal(size=(n, d - 1))])
    logt = rng.normal(size=n)
    delta = (rng.random(n) < 0.8).astype(float)

    def loss(p):
        sigma = np.exp(p["log_sigma"])
        z = (logt - X @ p["beta"]) / sigma
        return -(delta * (z - p["log_sigma"]) - np.exp(z)).sum()

    def gradient(p):
        sigma = np.exp(p["log_sigma"])
        z = (logt - X @ p["beta"]) / sigma
        r = delta - np.exp(z)
        return {"beta": X.T @ r / sigma, "log_sigma": (delta + z * r).sum()}

    return loss, gradient, {"beta": 0.3 * rng.normal(size=d), "log_sigma": -0.2}, {}, {}


def gamma_glm(rng):
    n, d = 60, 3
    X = np.column_stack([np.ones(n), rng.normal(size=(n, d - 1))])
    y = rng.gamma(2.0, size=n)

    def loss(p):
        a = np.exp(p["log_shape"])
        eta = X @ p["beta"]
        return -(
            a * np.log(a) - a * eta + (a - 1) * np.log(y) - a * y * np.exp(-eta) - gammaln(a)
        ).mean()

    def gradient(p):
        a = np.exp(p["log_shape"])
        eta = X @ p["beta"]
        ye = y * np.exp(-eta)
        dbeta = a * X.T @ (1 - ye) / n
        da = -(np.log(a) + 1 - eta + np.log(y) - ye - digamma(a)).mean()
        return {"beta": dbeta, "log_shape": a * da}

    return loss, gradient, {"beta": 0.3 * rng.normal(size=d), "log_shape": 0.4}, {"N": n}, {}


def tweedie_deviance(rng):
    n, d, power = 50, 4, 1.5
    X = rng.normal(size=(n, d))
    y = rng.poisson(1.0, size=n) * rng.gamma(2.0, size=n)
    weight = rng.uniform(0.5, 2, size=n)
    alpha = 0.01

    def loss(w):
        mu = np.exp(X @ w[1:] + w[0])
        dev = y * mu ** (1 - power) / (1 - power) - mu ** (2 - power) / (2 - power)
        return -(weight * dev).sum() / weight.sum() + 0.5 * alpha * (w[1:] ** 2).sum()

    def gradient(w):
        mu = np.exp(X @ w[1:] + w[0])
        d_eta = -weight * (y * mu ** (1 - power) - mu ** (2 - power)) / weight.sum()
        g = np.empty_like(w)
        g[0] = d_eta.sum()
        g[1:] = X.T @ d_eta + alpha * w[1:]
        return g

    return loss, gradient, 0.3 * rng.normal(size=d + 1), {"alpha": alpha}, {}


def negative_binomial(rng):
    n, d = 80, 3
    X = np.column_stack([np.ones(n), rng.normal(size=(n, d - 1))])
    y = rng.poisson(rng.gamma(2.0, size=n)).astype(float)

    def loss(params):
        mu = np.exp(X @ params[:-1])
        r = 1 / np.exp(params[-1])
        ll = gammaln(y + r) - gammaln(r) - gammaln(y + 1)
        ll = ll + r * np.log(r / (r + mu)) + y * np.log(mu / (r + mu))
        return -ll.sum()

    def gradient(params):
        mu = np.exp(X @ params[:-1])
        r = 1 / np.exp(params[-1])
        dbeta = X.T @ (r * (y - mu) / (r + mu))
        dr = digamma(y + r) - digamma(r) + np.log(r / (r + mu)) + 1 - (r + y) / (r + mu)
        return -np.append(dbeta, -r * dr.sum())

    return loss, gradient, np.array([0.3, 0.2, -0.4, -0.6]), {"n": n}, {}


def ordinal_logit(rng):
    n, d, K = 60, 3, 4
    X = rng.normal(size=(n, d))
    y = rng.integers(K, size=n)

    def cuts(p):
        inner = p["first"] + np.concatenate([[0.0], np.cumsum(np.exp(p["log_gap"]))])
        return np.concatenate([[-40.0], inner, [40.0]])

    def loss(p):
        c, eta = cuts(p), X @ p["beta"]
        return -np.log(expit(c[y + 1] - eta) - expit(c[y] - eta)).sum()

    def gradient(p):
        c, eta = cuts(p), X @ p["beta"]
        Fu, Fl = expit(c[y + 1] - eta), expit(c[y] - eta)
        fu, fl = Fu * (1 - Fu), Fl * (1 - Fl)
        P = Fu - Fl
        dbeta = X.T @ ((fu - fl) / P)
        dc = np.zeros(K + 1)
        np.add.at(dc, y + 1, -fu / P)
        np.add.at(dc, y, fl / P)
        dc = dc[1:-1]
        tail = np.cumsum(dc[::-1])[::-1]
        return {"beta": dbeta, "first": dc.sum(), "log_gap": tail[1:] * np.exp(p["log_gap"])}

    params = {"beta": rng.normal(size=d), "first": -1.0, "log_gap": 0.2 * rng.normal(size=K - 2)}
    return loss, gradient, params, {}, {}


def zero_inflated_poisson(rng):
    n, d = 70, 3
    X = np.column_stack([np.ones(n), rng.normal(size=(n, d - 1))])
    y = rng.poisson(2.0, size=n) * (rng.random(n) < 0.6)

    def loss(p):
        eta, xi = X @ p["beta"], X @ p["gamma"]
        lam = np.exp(eta)
        zero = np.logaddexp(xi, -lam)
        pos = y * eta - lam - gammaln(y + 1)
        return -(np.where(y == 0, zero, pos) - np.logaddexp(0, xi)).mean()

    def gradient(p):
        eta, xi = X @ p["beta"], X @ p["gamma"]
        lam = np.exp(eta)
        post = np.exp(xi - np.logaddexp(xi, -lam))
        d_eta = np.where(y == 0, -(1 - post) * lam, y - lam)
        d_xi = np.where(y == 0, post, 0) - expit(xi)
        return {"beta": -X.T @ d_eta / n, "gamma": -X.T @ d_xi / n}

    return (
        loss,
        gradient,
        {"beta": 0.4 * rng.normal(size=d), "gamma": rng.normal(size=d)},
        {"n": n},
        {},
    )


def gaussian_mixture(rng):
    n, K, d = 50, 3, 2
    X = rng.normal(size=(n, d)) + 3 * rng.integers(2, size=(n, 1))

    def log_joint(p):
        logpi = p["logits"] - logsumexp(p["logits"])
        z = (X[:, None] - p["mu"]) * np.exp(-p["log_sigma"])
        return logpi - 0.5 * (z**2).sum(axis=2) - p["log_sigma"].sum(axis=1), z

    def loss(p):
        return -logsumexp(log_joint(p)[0], axis=1).sum()

    def gradient(p):
        lj, z = log_joint(p)
        R = np.exp(lj - logsumexp(lj, axis=1, keepdims=True))
        pi = np.exp(p["logits"] - logsumexp(p["logits"]))
        dmu = -(R[:, :, None] * z).sum(axis=0) * np.exp(-p["log_sigma"])
        dls = -(R[:, :, None] * (z**2 - 1)).sum(axis=0)
        return {"logits": n * pi - R.sum(axis=0), "mu": dmu, "log_sigma": dls}

    params = {
        "logits": rng.normal(size=K),
        "mu": 2 * rng.normal(size=(K, d)),
        "log_sigma": 0.3 * rng.normal(size=(K, d)),
    }
    return loss, gradient, params, {"N": n, "K": K}, {}


def em_objective(rng):
    n, K = 40, 3
    x = rng.normal(size=n)
    R = rng.dirichlet(np.ones(K), size=n)

    def loss(p):
        pi = np.exp(p["logits"]) / np.exp(p["logits"]).sum()
        q = np.log(pi) - 0.5 * np.log(p["var"]) - 0.5 * (x[:, None] - p["mu"]) ** 2 / p["var"]
        return -(R * q).sum()

    def gradient(p):
        pi = np.exp(p["logits"]) / np.exp(p["logits"]).sum()
        Nk = R.sum(axis=0)
        e = x[:, None] - p["mu"]
        return {
            "logits": n * pi - Nk,
            "mu": -(R * e).sum(axis=0) / p["var"],
            "var": 0.5 * Nk / p["var"] - 0.5 * (R * e**2).sum(axis=0) / p["var"] ** 2,
        }

    return (
        loss,
        gradient,
        {
            "logits": rng.normal(size=K),
            "mu": rng.normal(size=K),
            "var": rng.uniform(0.5, 2, size=K),
        },
        {"N": n},
        {},
    )


def hmm_forward(rng):
    T, K = 15, 3
    x = rng.normal(size=T)

    def log_softmax(a):
        return a - logsumexp(a, axis=-1, keepdims=True)

    def loss(p):
        logA, logpi = log_softmax(p["A"]), log_softmax(p["pi"])
        logB = -0.5 * (x[:, None] - p["mu"]) ** 2
        alpha = logpi + logB[0]
        for t in range(1, T):
            alpha = logsumexp(alpha[:, None] + logA, axis=0) + logB[t]
        return -logsumexp(alpha)

    def gradient(p):
        logA, logpi = log_softmax(p["A"]), log_softmax(p["pi"])
        logB = -0.5 * (x[:, None] - p["mu"]) ** 2
        alpha, beta = np.zeros((T, K)), np.zeros((T, K))
        alpha[0] = logpi + logB[0]
        for t in range(1, T):
            alpha[t] = logsumexp(alpha[t - 1][:, None] + logA, axis=0) + logB[t]
        for t in range(T - 2, -1, -1):
            beta[t] = logsumexp(logA + logB[t + 1] + beta[t + 1], axis=1)
        ll = logsumexp(alpha[-1])
        gamma = np.exp(alpha + beta - ll)
        xi = np.zeros((K, K))
        for t in range(T - 1):
            xi += np.exp(alpha[t][:, None] + logA + logB[t + 1] + beta[t + 1] - ll)
        dA = -(xi - xi.sum(axis=1, keepdims=True) * np.exp(logA))
        dpi = -(gamma[0] - np.exp(logpi))
        dmu = -(gamma * (x[:, None] - p["mu"])).sum(axis=0)
        return {"A": dA, "pi": dpi, "mu": dmu}

    return (
        loss,
        gradient,
        {"A": rng.normal(size=(K, K)), "pi": rng.normal(size=K), "mu": rng.normal(size=K)},
        {},
        {},
    )


def linear_chain_crf(rng):
    T, K, d = 8, 4, 3
    X = rng.normal(size=(T, d))
    y = rng.integers(K, size=T)
    C = 0.1

    def scores(p):
        return X @ p["W"]

    def loss(p):
        U, A = scores(p), p["T"]
        alpha = U[0]
        for t in range(1, T):
            alpha = logsumexp(alpha[:, None] + A, axis=0) + U[t]
        path = U[np.arange(T), y].sum() + A[y[:-1], y[1:]].sum()
        return logsumexp(alpha) - path + C * ((p["W"] ** 2).sum() + (A**2).sum())

    def gradient(p):
        U, A = scores(p), p["T"]
        alpha, beta = np.zeros((T, K)), np.zeros((T, K))
        alpha[0] = U[0]
        for t in range(1, T):
            alpha[t] = logsumexp(alpha[t - 1][:, None] + A, axis=0) + U[t]
        for t in range(T - 2, -1, -1):
            beta[t] = logsumexp(A + U[t + 1] + beta[t + 1], axis=1)
        logZ = logsumexp(alpha[-1])
        dU = np.exp(alpha + beta - logZ)
        dU[np.arange(T), y] -= 1
        dA = 2 * C * A
        for t in range(T - 1):
            dA = dA + np.exp(alpha[t][:, None] + A + U[t + 1] + beta[t + 1] - logZ)
            dA[y[t], y[t + 1]] -= 1
        return {"W": X.T @ dU + 2 * C * p["W"], "T": dA}

    return (
        loss,
        gradient,
        {"W": rng.normal(size=(d, K)), "T": rng.normal(size=(K, K))},
        {"C": C},
        {},
    )


def ctc_alignment(rng):
    T, V = 9, 5
    label = [1, 3, 3, 2]
    ext = [0]
    for c in label:
        ext += [c, 0]
    ext = np.array(ext)
    S = len(ext)
    skip = np.array([s >= 2 and ext[s] != 0 and ext[s] != ext[s - 2] for s in range(S)])

    def forward(logp, ext=ext, skip=skip):
        a = np.full((T, S), -1e30)
        a[0, 0], a[0, 1] = logp[0, ext[0]], logp[0, ext[1]]
        for t in range(1, T):
            for s in range(S):
                terms = [a[t - 1, s]]
                if s >= 1:
                    terms.append(a[t - 1, s - 1])
                if skip[s]:
                    terms.append(a[t - 1, s - 2])
                a[t, s] = logsumexp(terms) + logp[t, ext[s]]
        return a

    def loss(z):
        logp = z - logsumexp(z, axis=1, keepdims=True)
        a = forward(logp)
        return -np.logaddexp(a[-1, -1], a[-1, -2])

    def gradient(z):
        logp = z - logsumexp(z, axis=1, keepdims=True)
        a = forward(logp)
        back_skip = np.array(
            [s >= 2 and ext[::-1][s] != 0 and ext[::-1][s] != ext[::-1][s - 2] for s in range(S)]
        )
        b = forward(logp[::-1], ext[::-1], back_skip)[::-1, ::-1]
        ll = np.logaddexp(a[-1, -1], a[-1, -2])
        gamma = np.exp(a + b - logp[:, ext] - ll)
        occ = np.zeros((T, V))
        for s in range(S):
            occ[:, ext[s]] += gamma[:, s]
        return np.exp(logp) - occ

    return loss, gradient, rng.normal(size=(T, V)), {}, {}


def soft_dtw(rng):
    n, m, gamma = 5, 6, 0.5
    y = rng.normal(size=m)

    def softmin(a, b, c):
        return -gamma * logsumexp(-np.array([a, b, c]) / gamma)

    def table(x):
        D = (x[:, None] - y[None, :]) ** 2
        R = np.full((n + 2, m + 2), np.inf)
        R[0, 0] = 0
        for i in range(1, n + 1):
            for j in range(1, m + 1):
                R[i, j] = D[i - 1, j - 1] + softmin(R[i - 1, j], R[i, j - 1], R[i - 1, j - 1])
        return D, R

    def loss(x):
        return table(x)[1][n, m]

    def gradient(x):
        D, R = table(x)
        E = np.zeros((n + 2, m + 2))
        R[:, -1] = R[-1, :] = -np.inf
        Dp = np.zeros((n + 2, m + 2))
        Dp[1:-1, 1:-1] = D
        E[-1, -1] = 1
        R[-1, -1] = R[-2, -2]
        for j in range(m, 0, -1):
            for i in range(n, 0, -1):
                a = np.exp((R[i + 1, j] - R[i, j] - Dp[i + 1, j]) / gamma)
                b = np.exp((R[i, j + 1] - R[i, j] - Dp[i, j + 1]) / gamma)
                c = np.exp((R[i + 1, j + 1] - R[i, j] - Dp[i + 1, j + 1]) / gamma)
                E[i, j] = E[i + 1, j] * a + E[i, j + 1] * b + E[i + 1, j + 1] * c
        return (E[1:-1, 1:-1] * 2 * (x[:, None] - y[None, :])).sum(axis=1)

    return loss, gradient, rng.normal(size=n), {"gamma": gamma}, {}


def quantile_regression(rng):
    n, d, tau = 31, 3, 0.9
    X = np.column_stack([np.ones(n), rng.normal(size=(n, d - 1))])
    y = rng.normal(size=n)

    def loss(b):
        r = y - X @ b
        return np.maximum(tau * r, (tau - 1) * r).mean()

    def gradient(b):
        r = y - X @ b
        return -X.T @ np.where(r > 0, tau, tau - 1) / n

    return loss, gradient, rng.normal(size=d), {"n": n, "tau": tau}, {}


def huber_regression(rng):
    n, d = 40, 4
    X, y = rng.normal(size=(n, d)), 3 * rng.standard_t(2, size=n)
    k, alpha = 1.35, 0.1

    def loss(p):
        r = (y - X @ p["w"] - p["b"]) / p["sigma"]
        rho = np.where(abs(r) <= k, r**2, 2 * k * abs(r) - k**2)
        return p["sigma"] * (n + rho.sum()) + alpha * (p["w"] ** 2).sum()

    def gradient(p):
        r = (y - X @ p["w"] - p["b"]) / p["sigma"]
        psi = np.where(abs(r) <= k, 2 * r, 2 * k * np.sign(r))
        rho = np.where(abs(r) <= k, r**2, 2 * k * abs(r) - k**2)
        return {
            "w": -X.T @ psi + 2 * alpha * p["w"],
            "b": -psi.sum(),
            "sigma": n + rho.sum() - (psi * r).sum(),
        }

    return (
        loss,
        gradient,
        {"w": rng.normal(size=d), "b": 0.2, "sigma": 1.3},
        {"alpha": alpha, "n": n},
        {},
    )


def tukey_biweight(rng):
    n, d, c = 40, 3, 4.685
    X, y = rng.normal(size=(n, d)), 3 * rng.standard_t(2, size=n)

    def loss(w):
        u = (y - X @ w) / c
        return (c**2 / 6 * np.where(u**2 < 1, 1 - (1 - u**2) ** 3, 1.0)).sum()

    def gradient(w):
        u = (y - X @ w) / c
        psi = c * np.where(u**2 < 1, u * (1 - u**2) ** 2, 0.0)
        return -X.T @ psi

    return loss, gradient, rng.normal(size=d), {"c": c}, {}


def cauchy_localisation(rng):
    beacons = rng.uniform(0, 100, size=(6, 2))
    dist = np.linalg.norm(beacons - 40, axis=1) + rng.normal(size=6)

    def loss(p):
        r = (np.sqrt(((p["pos"] - beacons) ** 2).sum(axis=1)) + p["bias"] - dist) / p["scale"]
        return np.log1p(r**2).sum() + 6 * np.log(p["scale"])

    def gradient(p):
        d = p["pos"] - beacons
        rho = np.sqrt((d**2).sum(axis=1))
        r = (rho + p["bias"] - dist) / p["scale"]
        w = 2 * r / (1 + r**2) / p["scale"]
        return {"pos": (w / rho) @ d, "bias": w.sum(), "scale": -(w * r).sum() + 6 / p["scale"]}

    return loss, gradient, {"pos": np.array([30.0, 55.0]), "bias": 0.5, "scale": 2.0}, {}, {}


def logcosh_elastic_net(rng):
    n, d = 30, 5
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    l1, l2 = 0.05, 0.2

    def loss(w):
        return np.log(np.cosh(X @ w - y)).mean() + l1 * abs(w).sum() + 0.5 * l2 * w @ w

    def gradient(w):
        return X.T @ np.tanh(X @ w - y) / n + l1 * np.sign(w) + l2 * w

    return loss, gradient, rng.normal(size=d), {"N": n, "l1": l1, "l2": l2}, {}


def poisson_factorisation(rng):
    n, m, k = 6, 7, 2
    Y = rng.poisson(2.0, size=(n, m))

    def loss(p):
        R = np.exp(p["U"]) @ np.exp(p["V"]).T
        return (R - Y * np.log(R)).sum()

    def gradient(p):
        eU, eV = np.exp(p["U"]), np.exp(p["V"])
        G = 1 - Y / (eU @ eV.T)
        return {"U": (G @ eV) * eU, "V": (G.T @ eU) * eV}

    return (
        loss,
        gradient,
        {"U": 0.5 * rng.normal(size=(n, k)), "V": 0.5 * rng.normal(size=(m, k))},
        {},
        {},
    )


def matrix_factorisation(rng):
    n, m, k = 6, 5, 3
    rows, cols = rng.integers(n, size=20), rng.integers(m, size=20)
    r = rng.uniform(1, 5, size=20)
    lam = 0.1

    def loss(p):
        pred = p["mu"] + p["bu"][rows] + p["bi"][cols] + (p["P"][rows] * p["Q"][cols]).sum(axis=1)
        reg = sum((p[k] ** 2).sum() for k in ("bu", "bi", "P", "Q"))
        return ((r - pred) ** 2).sum() + lam * reg

    def gradient(p):
        pred = p["mu"] + p["bu"][rows] + p["bi"][cols] + (p["P"][rows] * p["Q"][cols]).sum(axis=1)
        e = -2 * (r - pred)
        g = {k: 2 * lam * p[k] for k in ("bu", "bi", "P", "Q")}
        np.add.at(g["bu"], rows, e)
        np.add.at(g["bi"], cols, e)
        np.add.at(g["P"], rows, e[:, None] * p["Q"][cols])
        np.add.at(g["Q"], cols, e[:, None] * p["P"][rows])
        g["mu"] = e.sum()
        return g

    params = {
        "mu": 3.0,
        "bu": rng.normal(size=n),
        "bi": rng.normal(size=m),
        "P": rng.normal(size=(n, k)),
        "Q": rng.normal(size=(m, k)),
    }
    return loss, gradient, params, {"lambda": lam, "k": k}, {}


def factorisation_machine(rng):
    n, d, k = 30, 6, 2
    X = rng.normal(size=(n, d)) * (rng.random((n, d)) < 0.5)
    y = rng.choice([-1.0, 1.0], size=n)

    def loss(p):
        s = X @ p["V"]
        f = p["w0"] + X @ p["w"] + 0.5 * (s**2 - X**2 @ p["V"] ** 2).sum(axis=1)
        return np.log1p(np.exp(-y * f)).mean()

    def gradient(p):
        s = X @ p["V"]
        f = p["w0"] + X @ p["w"] + 0.5 * (s**2 - X**2 @ p["V"] ** 2).sum(axis=1)
        df = -y / (1 + np.exp(y * f)) / n
        dV = X.T @ (df[:, None] * s) - p["V"] * ((X**2).T @ df)[:, None]
        return {"w0": df.sum(), "w": X.T @ df, "V": dV}

    return (
        loss,
        gradient,
        {"w0": 0.1, "w": rng.normal(size=d), "V": rng.normal(size=(d, k))},
        {"N": n},
        {},
    )


def garch(rng):
    r = rng.normal(size=60) * 0.01

    def loss(p):
        omega, alpha, beta = p
        s2 = r.var()
        ll = 0.0
        for t in range(len(r)):
            if t > 0:
                s2 = omega + alpha * r[t - 1] ** 2 + beta * s2
            ll = ll - 0.5 * (np.log(s2) + r[t] ** 2 / s2)
        return -ll

    def gradient(p):
        omega, alpha, beta = p
        s2, ds = r.var(), np.zeros(3)
        g = np.zeros(3)
        for t in range(len(r)):
            if t > 0:
                ds = np.array([1.0, r[t - 1] ** 2, s2]) + beta * ds
                s2 = omega + alpha * r[t - 1] ** 2 + beta * s2
            g += 0.5 * (1 / s2 - r[t] ** 2 / s2**2) * ds
        return g

    return loss, gradient, np.array([1e-5, 0.08, 0.85]), {"T": 60}, {}


def portfolio_sharpe(rng):
    n = 6
    mu = rng.normal(size=n) * 0.05 + 0.08
    A = rng.normal(size=(n, n)) * 0.1
    Sigma = A @ A.T + 0.01 * np.eye(n)

    def loss(theta):
        w = np.exp(theta) / np.exp(theta).sum()
        return -(mu @ w - 0.02) / np.sqrt(w @ Sigma @ w)

    def gradient(theta):
        w = np.exp(theta) / np.exp(theta).sum()
        s = np.sqrt(w @ Sigma @ w)
        dw = -mu / s + (mu @ w - 0.02) * (Sigma @ w) / s**3
        return w * (dw - w @ dw)

    return loss, gradient, rng.normal(size=n), {}, {}


def dirichlet_multinomial(rng):
    N, K = 12, 4
    C = rng.multinomial(15, np.ones(K) / K, size=N).astype(float)

    def loss(a):
        s = a.sum()
        ll = gammaln(s) - gammaln(s + C.sum(axis=1))
        return -(ll + (gammaln(a + C) - gammaln(a)).sum(axis=1)).sum()

    def gradient(a):
        s = a.sum()
        common = N * digamma(s) - digamma(s + C.sum(axis=1)).sum()
        return -(common + (digamma(a + C) - digamma(a)).sum(axis=0))

    return loss, gradient, rng.uniform(0.3, 3, size=K), {"N": N, "K": K}, {}


def log_expit_bradley_terry(rng):
    n = 6
    i = rng.integers(n, size=30)
    j = (i + rng.integers(1, n, size=30)) % n

    def loss(s):
        return -log_expit(s[i] - s[j]).sum() + 0.01 * (s**2).sum()

    def gradient(s):
        p = expit(s[j] - s[i])
        g = 0.02 * s
        np.add.at(g, i, -p)
        np.add.at(g, j, p)
        return g

    return loss, gradient, rng.normal(size=n), {"lambda": 0.01}, {}
