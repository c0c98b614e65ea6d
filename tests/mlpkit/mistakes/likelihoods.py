"""Right gradients of likelihoods and the like, most of them of scipy's form or nearly.

As in ``layers``: (loss, gradient, params, constants, alternatives), and ``return G`` at the end.
"""

import numpy as np
from scipy.special import loggamma, psi

from tests.mlpkit.mistakes.layers import sigmoid, softmax


def poisson(rng):
    """Counts, log link, the sum, lam/2 |w|^2."""
    N, p, lam = 17, 4, 0.2
    X, y = rng.normal(size=(N, p)), rng.poisson(2, N)
    params = {"w": rng.normal(size=p) / 2, "b": np.array(0.3)}

    def loss(P):
        eta = X @ P["w"] + P["b"]
        return (np.exp(eta) - y * eta).sum() + lam / 2 * (P["w"] ** 2).sum()

    def gradient(P):
        r = np.exp(X @ P["w"] + P["b"]) - y
        G = {"w": X.T @ r + lam * P["w"], "b": r.sum()}
        return G

    return loss, gradient, params, {"N": N, "lambda": lam}, {}


def negative_binomial(rng):
    """Counts with a dispersion exp(a), the mean."""
    N, p = 15, 3
    X, y = rng.normal(size=(N, p)), rng.negative_binomial(3, 0.4, N)
    params = {"w": rng.normal(size=p) / 2, "a": np.array(0.4)}

    def loss(P):
        mu, k = np.exp(X @ P["w"]), np.exp(-P["a"])
        ll = loggamma(y + k) - loggamma(k) + k * np.log(k / (k + mu)) + y * np.log(mu / (k + mu))
        return -ll.sum() / N

    def gradient(P):
        mu, k = np.exp(X @ P["w"]), np.exp(-P["a"])
        dw = X.T @ ((k + y) * mu / (k + mu) - y) / N
        dk = psi(y + k) - psi(k) + np.log(k / (k + mu)) + 1 - (k + y) / (k + mu)
        G = {"w": dw, "a": np.array(dk.sum() * k / N)}
        return G

    return loss, gradient, params, {"N": N}, {}


def chain_crf(rng):
    """A linear chain of labels: scores of words, scores of transitions, log-likelihood."""
    T, p, K = 6, 3, 3
    X, y = rng.normal(size=(T, p)), rng.integers(0, K, T)
    params = {"W": rng.normal(size=(p, K)), "A": rng.normal(size=(K, K))}

    def logsum(a, axis):
        top = a.real.max(axis=axis, keepdims=True)
        return np.log(np.exp(a - top).sum(axis=axis)) + top.squeeze(axis)

    def forward(P):
        S = X @ P["W"]
        alpha = [S[0]]
        for t in range(1, T):
            alpha.append(S[t] + logsum(alpha[-1][:, None] + P["A"], 0))
        return S, alpha

    def loss(P):
        S, alpha = forward(P)
        path = S[np.arange(T), y].sum() + P["A"][y[:-1], y[1:]].sum()
        return logsum(alpha[-1], 0) - path

    def gradient(P):
        S, alpha = forward(P)
        total = logsum(alpha[-1], 0)
        beta = np.zeros((T, K))
        for t in reversed(range(T - 1)):
            beta[t] = logsum(P["A"] + S[t + 1] + beta[t + 1], 1)
        node = np.exp(np.array(alpha) + beta - total)
        node[np.arange(T), y] -= 1
        dA = np.zeros((K, K))
        for t in range(T - 1):
            dA += np.exp(alpha[t][:, None] + P["A"] + S[t + 1] + beta[t + 1] - total)
            dA[y[t], y[t + 1]] -= 1
        G = {"W": X.T @ node, "A": dA}
        return G

    return loss, gradient, params, {"T": T, "K": K}, {}


def cholesky_gauss(rng):
    """A normal with precision L L', L lower triangular, as a function of the mean and of L."""
    N, d = 9, 4
    X = rng.normal(size=(N, d))
    params = {"m": rng.normal(size=d), "L": np.tril(rng.normal(size=(d, d))) + 3 * np.eye(d)}

    def loss(P):
        R = (X - P["m"]) @ np.tril(P["L"])
        return (R**2).sum() / 2 - N * np.log(np.diag(P["L"])).sum()

    def gradient(P):
        C, L = X - P["m"], np.tril(P["L"])
        R = C @ L
        dL = np.tril(C.T @ R) - N * np.diag(1 / np.diag(L))
        G = {"m": -(R @ L.T).sum(axis=0), "L": dL}
        return G

    return loss, gradient, params, {"N": N, "d": d}, {}


def gaussian_process(rng):
    """The marginal likelihood of a Gaussian process, by the logarithms of its three numbers."""
    N = 8
    x, y = np.sort(rng.normal(size=N)), rng.normal(size=N)
    gap = (x[:, None] - x) ** 2
    params = np.array([0.2, -0.3, -1.0])  # log length, log variance, log noise

    def kernel(p):
        K = np.exp(p[1] - gap / 2 * np.exp(-2 * p[0]))
        return K, K + np.exp(p[2]) * np.eye(N)

    def loss(p):
        C = kernel(p)[1]
        return y @ np.linalg.solve(C, y) / 2 + np.log(np.linalg.det(C)) / 2

    def gradient(p):
        K, C = kernel(p)
        inverse = np.linalg.inv(C)
        a = inverse @ y
        B = (inverse - np.outer(a, a)) / 2
        G = np.array([(B * K * gap).sum() * np.exp(-2 * p[0]), (B * K).sum(), 0.0])
        G[2] = np.trace(B) * np.exp(p[2])
        return G

    return loss, gradient, params, {"N": N}, {}


def variational(rng):
    """The bound of a variational autoencoder for fixed noise: m and s are free for each sample."""
    N, d, p = 5, 3, 4
    X, noise = rng.normal(size=(N, p)), rng.normal(size=(N, d))
    params = {
        "m": rng.normal(size=(N, d)), "s": rng.normal(size=(N, d)) / 2,
        "W": rng.normal(size=(d, p)),
    }  # fmt: skip

    def loss(P):
        z = P["m"] + noise * np.exp(P["s"] / 2)
        kl = (np.exp(P["s"]) + P["m"] ** 2 - 1 - P["s"]).sum() / 2
        return (((z @ P["W"] - X) ** 2).sum() / 2 + kl) / N

    def gradient(P):
        half = noise * np.exp(P["s"] / 2)
        z = P["m"] + half
        E = z @ P["W"] - X
        dz = E @ P["W"].T
        G = {"m": (dz + P["m"]) / N, "s": (dz * half / 2 + (np.exp(P["s"]) - 1) / 2) / N}
        G["W"] = z.T @ E / N
        return G

    return loss, gradient, params, {"N": N}, {}


def factors(rng):
    """Ratings from two tables and two biases, some missing, lam/2 on the tables."""
    n, m, d, lam = 6, 7, 3, 0.15
    R, seen = rng.normal(size=(n, m)), rng.integers(0, 2, (n, m))
    params = {
        "U": rng.normal(size=(n, d)), "V": rng.normal(size=(m, d)),
        "b": rng.normal(size=n), "c": rng.normal(size=m),
    }  # fmt: skip

    def loss(P):
        E = (P["U"] @ P["V"].T + P["b"][:, None] + P["c"] - R) * seen
        return (E**2).sum() / 2 + lam / 2 * ((P["U"] ** 2).sum() + (P["V"] ** 2).sum())

    def gradient(P):
        E = (P["U"] @ P["V"].T + P["b"][:, None] + P["c"] - R) * seen
        dU, dV = E @ P["V"] + lam * P["U"], E.T @ P["U"] + lam * P["V"]
        G = {"U": dU, "V": dV, "b": E.sum(axis=1), "c": E.sum(axis=0)}
        return G

    return loss, gradient, params, {"lambda": lam}, {}


def cox(rng):
    """Cox's partial likelihood without ties, the mean over the events, lam/2 |beta|^2."""
    N, p, lam = 12, 4, 0.1
    X, event = rng.normal(size=(N, p)), rng.integers(0, 2, N)  # sorted by falling time
    event[:2] = 1
    count = event.sum()
    params = rng.normal(size=p) / 2

    def loss(w):
        eta = X @ w
        return ((np.log(np.cumsum(np.exp(eta))) - eta) * event).sum() / count + lam / 2 * w @ w

    def gradient(w):
        risk = np.exp(X @ w)
        mean = np.cumsum(risk[:, None] * X, axis=0) / np.cumsum(risk)[:, None]
        G = event @ (mean - X) / count + lam * w
        return G

    return loss, gradient, params, {"events": int(count), "lambda": lam}, {}


def weibull(rng):
    """Censored lifetimes: shape exp(a), scale exp(x w)."""
    N, p = 14, 3
    X, t, dead = rng.normal(size=(N, p)), rng.exponential(size=N) + 0.1, rng.integers(0, 2, N)
    params = {"a": np.array(0.25), "w": rng.normal(size=p) / 2}

    def loss(P):
        k = np.exp(P["a"])
        z = k * (np.log(t) - X @ P["w"])
        return (np.exp(z) - dead * (P["a"] + z - np.log(t))).sum()

    def gradient(P):
        k = np.exp(P["a"])
        z = k * (np.log(t) - X @ P["w"])
        r = np.exp(z) - dead
        G = {"a": np.array((r * z - dead).sum()), "w": -k * (X.T @ r)}
        return G

    return loss, gradient, params, {"N": N}, {}


def logistic_vector(rng):
    """Logistic regression of scipy's form: one vector, the mean, lam/2 |w|^2."""
    N, p, lam = 20, 5, 0.3
    X, y = rng.normal(size=(N, p)), rng.integers(0, 2, N)
    params = rng.normal(size=p)

    def loss(w):
        s = X @ w
        return (np.log(1 + np.exp(s)) - y * s).sum() / N + lam / 2 * w @ w

    def gradient(w):
        r = sigmoid(X @ w) - y
        G = X.T @ r / N + lam * w
        return G

    return loss, gradient, params, {"N": N, "lambda": lam}, {}


def smooth_lasso(rng):
    """Least squares with a smooth L1 penalty, a, and an L2 penalty, lam, on a long vector."""
    N, p, a, lam = 30, 90, 0.4, 0.25
    X, y = rng.normal(size=(N, p)), rng.normal(size=N)
    params = rng.normal(size=p)

    def loss(w):
        r = X @ w - y
        return r @ r / (2 * N) + a * np.sqrt(w**2 + 1e-12).sum() + lam / 2 * w @ w

    def gradient(w):
        r = X @ w - y
        G = X.T @ r / N + a * w / np.sqrt(w**2 + 1e-12) + lam * w
        return G

    return loss, gradient, params, {"N": N, "alpha": a, "lambda": lam}, {}


def mixture(rng):
    """A mixture of unit normals: weights by softmax of q, means M."""
    N, K, d = 13, 3, 3
    X = rng.normal(size=(N, d)) * 2
    params = {"q": rng.normal(size=K), "M": rng.normal(size=(K, d))}

    def scores(P):
        gap = X[:, None] - P["M"]
        return np.log(softmax(P["q"])) - (gap**2).sum(axis=2) / 2

    def loss(P):
        return -np.log(np.exp(scores(P)).sum(axis=1)).sum() / N

    def gradient(P):
        R = softmax(scores(P))
        dM = -np.einsum("nk,nkd->kd", R, X[:, None] - P["M"]) / N
        G = {"q": softmax(P["q"]) - R.sum(axis=0) / N, "M": dM}
        return G

    return loss, gradient, params, {"N": N, "K": K}, {}


def ordinal(rng):
    """Ordered classes: thresholds c and a slope w, the sum."""
    N, p = 16, 3
    X, y = rng.normal(size=(N, p)), rng.integers(0, 4, N)
    params = {"w": rng.normal(size=p), "c": np.array([-1.0, 0.2, 1.3])}

    def edges(P):
        s = sigmoid(P["c"] - (X @ P["w"])[:, None])
        return np.hstack([np.zeros((N, 1)), s, np.ones((N, 1))])

    def loss(P):
        F = edges(P)
        return -np.log(F[np.arange(N), y + 1] - F[np.arange(N), y]).sum()

    def gradient(P):
        F = edges(P)
        S = F * (1 - F)
        n = np.arange(N)
        q = F[n, y + 1] - F[n, y]
        D = np.zeros((N, 5))
        D[n, y + 1] -= S[n, y + 1] / q
        D[n, y] += S[n, y] / q
        G = {"w": -X.T @ D.sum(axis=1), "c": D[:, 1:4].sum(axis=0)}
        return G

    return loss, gradient, params, {"N": N}, {}


def factorisation_machine(rng):
    """Pairs of features by inner products of V's rows, squared error, the mean."""
    N, p, d = 14, 5, 3
    X, y = rng.normal(size=(N, p)), rng.normal(size=N)
    params = {"w": rng.normal(size=p), "V": rng.normal(size=(p, d))}

    def predict(P):
        return X @ P["w"] + ((X @ P["V"]) ** 2 - X**2 @ P["V"] ** 2).sum(axis=1) / 2

    def loss(P):
        return ((predict(P) - y) ** 2).sum() / (2 * N)

    def gradient(P):
        e = (predict(P) - y) / N
        dV = X.T @ (e[:, None] * (X @ P["V"])) - (e @ X**2)[:, None] * P["V"]
        G = {"w": X.T @ e, "V": dV}
        return G

    return loss, gradient, params, {"N": N}, {}


def garch(rng):
    """Returns whose variance follows its own past: omega, alpha, beta by logarithms."""
    T = 25
    r = rng.normal(size=T)
    params = np.array([-1.0, -1.5, -0.8])

    def path(p):
        w, a, b = np.exp(p)
        h = [np.array(1.0)]
        for t in range(1, T):
            h.append(w + a * r[t - 1] ** 2 + b * h[-1])
        return np.array(h)

    def loss(p):
        h = path(p)
        return (np.log(h) + r**2 / h).sum() / 2

    def gradient(p):
        h, (w, a, b) = path(p), np.exp(p)
        dh, total = np.zeros(3), np.zeros(3)
        for t in range(1, T):
            dh = np.array([w, a * r[t - 1] ** 2, b * h[t - 1]]) + b * dh
            total += (1 / h[t] - r[t] ** 2 / h[t] ** 2) / 2 * dh
        G = total
        return G

    return loss, gradient, params, {"T": T}, {}


def rbf_network(rng):
    """Gaussian bumps at centres C with one width exp(s), a linear read-out v."""
    N, K, d = 12, 4, 3
    X, y = rng.normal(size=(N, d)), rng.normal(size=N)
    params = {"C": rng.normal(size=(K, d)), "s": np.array(0.1), "v": rng.normal(size=K)}

    def run(P):
        gap = X[:, None] - P["C"]
        Q = (gap**2).sum(axis=2) * np.exp(-2 * P["s"])
        return gap, Q, np.exp(-Q / 2)

    def loss(P):
        return ((run(P)[2] @ P["v"] - y) ** 2).sum() / (2 * N)

    def gradient(P):
        gap, Q, B = run(P)
        e = (B @ P["v"] - y) / N
        D = e[:, None] * P["v"] * B
        dC = np.einsum("nk,nkd->kd", D, gap) * np.exp(-2 * P["s"])
        G = {"C": dC, "s": np.array((D * Q).sum()), "v": B.T @ e}
        return G

    return loss, gradient, params, {"N": N, "K": K}, {}
