"""Right gradients of further likelihoods and models of time; ``more_likelihoods.toml`` edits them."""

import numpy as np
from scipy.special import loggamma, psi

from tests.mlpkit.mistakes.layers import sigmoid, softmax


def logsum(a, axis):
    top = a.real.max(axis=axis, keepdims=True)
    return np.log(np.exp(a - top).sum(axis=axis)) + top.squeeze(axis)


def hidden_markov(rng):
    """Discrete emissions; start, moves and emissions by softmax; the log-likelihood's negative."""
    T, K, V = 8, 3, 4
    seen = rng.integers(0, V, T)
    params = {"s": rng.normal(size=K), "A": rng.normal(size=(K, K)), "B": rng.normal(size=(K, V))}

    def tables(P):
        return tuple(a - logsum(a, -1)[..., None] for a in (P["s"], P["A"], P["B"]))

    def forward(s, A, B):
        alpha = [s + B[:, seen[0]]]
        for t in range(1, T):
            alpha.append(logsum(alpha[-1][:, None] + A, 0) + B[:, seen[t]])
        return alpha

    def loss(P):
        return -logsum(forward(*tables(P))[-1], 0)

    def gradient(P):
        s, A, B = tables(P)
        alpha = forward(s, A, B)
        total = logsum(alpha[-1], 0)
        beta = [np.zeros(K)]
        for t in reversed(range(1, T)):
            beta.insert(0, logsum(A + B[:, seen[t]] + beta[0], 1))
        gamma = np.exp(np.array(alpha) + np.array(beta) - total)
        moves = np.zeros((K, K))
        for t in range(1, T):
            moves += np.exp(alpha[t - 1][:, None] + A + B[:, seen[t]] + beta[t] - total)
        emitted = np.zeros((K, V))
        np.add.at(emitted.T, seen, gamma)
        ds = np.exp(s) - gamma[0]
        dA = np.exp(A) * moves.sum(axis=1, keepdims=True) - moves
        dB = np.exp(B) * emitted.sum(axis=1, keepdims=True) - emitted
        G = {"s": ds, "A": dA, "B": dB}
        return G

    return loss, gradient, params, {"T": T, "K": K}, {}


def kalman(rng):
    """A random walk seen with noise: log variances q and r, level m; minus the log-likelihood."""
    y = np.cumsum(rng.normal(size=12))
    params = {"x": np.array([0.3, -0.4, 0.5])}

    def loss(P):
        q, r, m = np.exp(P["x"][0]), np.exp(P["x"][1]), P["x"][2]
        p, total = 1.0, 0.0
        for value in y:
            p = p + q
            f, v = p + r, value - m
            total = total + (np.log(f) + v**2 / f) / 2
            m, p = m + p / f * v, p - p**2 / f
        return total

    def gradient(P):
        q, r, m = np.exp(P["x"][0]), np.exp(P["x"][1]), P["x"][2]
        p, dp, dm, G = 1.0, np.zeros(3), np.array([0.0, 0.0, 1.0]), np.zeros(3)
        for value in y:
            p, dp = p + q, dp + [q, 0, 0]
            f, df, v, dv = p + r, dp + [0, r, 0], value - m, -dm
            G = G + (df / f + 2 * v * dv / f - v**2 * df / f**2) / 2
            k, dk = p / f, dp / f - p * df / f**2
            m, dm = m + k * v, dm + dk * v + k * dv
            p, dp = p - k * p, dp - dk * p - k * dp
        G = {"x": G}
        return G

    return loss, gradient, params, {}, {}


def student_t(rng):
    """Vectors with heavy tails: mean m, scale by a triangular L with log diagonal; the mean."""
    N, d, nu = 14, 3, 5.0
    X = rng.standard_t(4, size=(N, d))
    params = {"m": rng.normal(size=d) / 2, "L": np.tril(rng.normal(size=(d, d))) / 2}

    def factor(A):
        return np.tril(A, -1) + np.diag(np.exp(np.diag(A)))

    def loss(P):
        Z = np.linalg.solve(factor(P["L"]), (X - P["m"]).T)
        tails = (nu + d) / 2 * np.log(1 + (Z**2).sum(axis=0) / nu)
        return tails.mean() + np.trace(P["L"])

    def gradient(P):
        L = factor(P["L"])
        Z = np.linalg.solve(L, (X - P["m"]).T)
        w = (nu + d) / (nu + (Z**2).sum(axis=0)) / N
        U = np.linalg.solve(L.T, Z)
        dL = np.tril(-(U * w) @ Z.T)
        diagonal = np.diag(dL) * np.diag(L) + 1
        G = {"m": -(U * w).sum(axis=1), "L": np.tril(dL, -1) + np.diag(diagonal)}
        return G

    return loss, gradient, params, {"N": N, "d": d, "nu": nu}, {}


def beta_regression(rng):
    """Shares between 0 and 1: mean by a logit, precision exp(k); the sum, ridge."""
    N, p, lam = 13, 4, 0.3
    X, y = rng.normal(size=(N, p)), rng.uniform(0.05, 0.95, N)
    params = {"w": rng.normal(size=p) / 2, "k": np.array(0.8)}

    def loss(P):
        mu, phi = sigmoid(X @ P["w"]), np.exp(P["k"])
        a, b = mu * phi, (1 - mu) * phi
        ll = loggamma(phi) - loggamma(a) - loggamma(b)
        ll = ll + (a - 1) * np.log(y) + (b - 1) * np.log(1 - y)
        return -ll.sum() + lam / 2 * (P["w"] ** 2).sum()

    def gradient(P):
        mu, phi = sigmoid(X @ P["w"]), np.exp(P["k"])
        a, b = mu * phi, (1 - mu) * phi
        da, db = psi(a) - np.log(y), psi(b) - np.log(1 - y)
        dw = X.T @ ((da - db) * phi * mu * (1 - mu)) + lam * P["w"]
        dk = (a * da + b * db - phi * psi(phi)).sum()
        G = {"w": dw, "k": dk}
        return G

    return loss, gradient, params, {"N": N, "lambda": lam}, {}


def zero_inflated(rng):
    """Counts with too many zeros: P(zero) by a logit in V, rate exp(X w); the mean."""
    N, p, q = 18, 3, 2
    X, V = rng.normal(size=(N, p)), rng.normal(size=(N, q))
    y = rng.poisson(1.5, N) * rng.integers(0, 2, N)
    params = {"w": rng.normal(size=p) / 2, "z": rng.normal(size=q), "c": np.array(-0.3)}

    def loss(P):
        a, rate = V @ P["z"] + P["c"], np.exp(X @ P["w"])
        zero = np.log(np.exp(a) + np.exp(-rate))
        some = y * np.log(rate) - rate
        return (np.log(1 + np.exp(a)) - np.where(y == 0, zero, some)).mean()

    def gradient(P):
        a, rate = V @ P["z"] + P["c"], np.exp(X @ P["w"])
        r = np.exp(a) / (np.exp(a) + np.exp(-rate))
        da = (sigmoid(a) - np.where(y == 0, r, 0)) / N
        de = np.where(y == 0, (1 - r) * rate, rate - y) / N
        G = {"w": X.T @ de, "z": V.T @ da, "c": da.sum()}
        return G

    return loss, gradient, params, {"N": N}, {}


def gamma_glm(rng):
    """Amounts with log link and weights, the weighted sum, ridge but for the first entry."""
    N, p, lam = 16, 5, 0.25
    X, y, weight = rng.normal(size=(N, p)), rng.gamma(2.0, 1.0, N), rng.uniform(0.5, 2, N)
    params = {"w": rng.normal(size=p) / 2}

    def loss(P):
        eta = X @ P["w"]
        return weight @ (y * np.exp(-eta) + eta) + lam / 2 * (P["w"][1:] ** 2).sum()

    def gradient(P):
        r = weight * (1 - y * np.exp(-(X @ P["w"])))
        dw = X.T @ r
        dw[1:] += lam * P["w"][1:]
        G = {"w": dw}
        return G

    return loss, gradient, params, {"N": N, "lambda": lam}, {}


def ranking(rng):
    """Plackett-Luce: each of several orders of items by scores U f; minus the log-likelihood."""
    items, d, n = 6, 3, 5
    F = rng.normal(size=(items, d))
    orders = np.array([rng.permutation(items) for _ in range(n)])
    params = {"u": rng.normal(size=d), "b": rng.normal(size=items)}

    def loss(P):
        s = F @ P["u"] + P["b"]
        total = 0.0
        for order in orders:
            for i in range(items - 1):
                total = total + logsum(s[order[i:]], 0) - s[order[i]]
        return total / n

    def gradient(P):
        s = F @ P["u"] + P["b"]
        ds = np.zeros(items)
        for order in orders:
            for i in range(items - 1):
                ds[order[i:]] += softmax(s[order[i:]])
                ds[order[i]] -= 1
        ds = ds / n
        G = {"u": F.T @ ds, "b": ds}
        return G

    return loss, gradient, params, {"n": n, "items": items}, {}


def planar_flow(rng):
    """Two planar steps x + u tanh(w x + b), then a standard normal; minus the log density, mean."""
    N, d = 10, 3
    X = rng.normal(size=(N, d))
    params = {"W": rng.normal(size=(2, d)), "U": rng.normal(size=(2, d)) / 4,
              "b": rng.normal(size=2)}  # fmt: skip

    def loss(P):
        z, volume = X, 0.0
        for w, u, b in zip(P["W"], P["U"], P["b"], strict=True):
            h = np.tanh(z @ w + b)
            volume = volume + np.log(1 + (1 - h**2) * (w @ u))
            z = z + h[:, None] * u
        return ((z**2).sum(axis=1) / 2 - volume).mean()

    def gradient(P):
        z, tape = X, []
        for w, u, b in zip(P["W"], P["U"], P["b"], strict=True):
            h = np.tanh(z @ w + b)
            tape.append((z, h))
            z = z + h[:, None] * u
        dW, dU, db = np.zeros((2, d)), np.zeros((2, d)), np.zeros(2)
        D = z / N
        for i in (1, 0):
            (z, h), w, u = tape[i], P["W"][i], P["U"][i]
            s = 1 - h**2
            v = -1 / (1 + s * (w @ u)) / N
            da = (D @ u) * s + v * (w @ u) * (-2 * h * s)
            dW[i] = z.T @ da + (v * s).sum() * u
            dU[i] = D.T @ h + (v * s).sum() * w
            db[i] = da.sum()
            D = D + da[:, None] * w
        G = {"W": dW, "U": dU, "b": db}
        return G

    return loss, gradient, params, {"N": N, "d": d}, {}


def tobit(rng):
    """Values cut off at 0: a normal density above, its tail below; log scale s; the sum."""
    N, p = 20, 3
    X = rng.normal(size=(N, p))
    y = np.maximum(X @ rng.normal(size=p) + rng.normal(size=N), 0)
    params = {"w": rng.normal(size=p) / 2, "s": np.array(0.2)}

    def tail(a):  # the logistic curve stands for the normal one
        return -np.log(1 + np.exp(1.7 * a))

    def loss(P):
        r = (y - X @ P["w"]) * np.exp(-P["s"])
        below = tail(X @ P["w"] * np.exp(-P["s"]))
        return np.where(y > 0, r**2 / 2 + P["s"], -below).sum()

    def gradient(P):
        scale, cut = np.exp(-P["s"]), y <= 0
        r = (y - X @ P["w"]) * scale
        a = X @ P["w"] * scale
        t = 1.7 * sigmoid(1.7 * a)
        dw = X.T @ np.where(cut, t * scale, -r * scale)
        ds = np.where(cut, -t * a, 1 - r**2).sum()
        G = {"w": dw, "s": ds}
        return G

    return loss, gradient, params, {"N": N}, {}


def biased_factors(rng):
    """Ratings by user and item factors and biases, seen pairs only, mean square, decay."""
    n, m, k, lam = 6, 5, 2, 0.15
    R, seen = rng.normal(size=(n, m)), rng.random((n, m)) < 0.7
    params = {"U": rng.normal(size=(n, k)), "V": rng.normal(size=(m, k)),
              "a": rng.normal(size=n), "b": rng.normal(size=m)}  # fmt: skip
    count = seen.sum()

    def error(P):
        return np.where(seen, P["U"] @ P["V"].T + P["a"][:, None] + P["b"] - R, 0)

    def loss(P):
        decay = (P["U"] ** 2).sum() + (P["V"] ** 2).sum()
        return (error(P) ** 2).sum() / count + lam * decay

    def gradient(P):
        E = 2 * error(P) / count
        dU = E @ P["V"] + 2 * lam * P["U"]
        dV = E.T @ P["U"] + 2 * lam * P["V"]
        G = {"U": dU, "V": dV, "a": E.sum(axis=1), "b": E.sum(axis=0)}
        return G

    return loss, gradient, params, {"count": count, "lambda": lam, "n": n, "m": m}, {}


def topics(rng):
    """Words of documents from topics: mixtures by softmax, words by softmax; log-likelihood."""
    D, K, V = 5, 3, 7
    C = rng.poisson(2, (D, V)).astype(float)
    params = {"H": rng.normal(size=(D, K)), "B": rng.normal(size=(K, V))}

    def loss(P):
        return -(C * np.log(softmax(P["H"]) @ softmax(P["B"]))).sum() / D

    def gradient(P):
        theta, beta = softmax(P["H"]), softmax(P["B"])
        R = -C / (theta @ beta) / D
        dtheta, dbeta = R @ beta.T, theta.T @ R
        dH = theta * (dtheta - (theta * dtheta).sum(axis=1, keepdims=True))
        dB = beta * (dbeta - (beta * dbeta).sum(axis=1, keepdims=True))
        G = {"H": dH, "B": dB}
        return G

    return loss, gradient, params, {"D": D, "K": K, "V": V}, {}


def sparse_process(rng):
    """A Gaussian process by its Cholesky factor: log length, log noise; minus log-likelihood."""
    n = 11
    t = np.sort(rng.uniform(0, 4, n))
    y = np.sin(2 * t) + rng.normal(size=n) / 5
    gap = (t[:, None] - t) ** 2
    params = {"x": np.array([-0.3, -1.0])}

    def loss(P):
        K = np.exp(-gap / 2 * np.exp(-2 * P["x"][0])) + np.exp(2 * P["x"][1]) * np.eye(n)
        return (y @ np.linalg.solve(K, y) + np.log(np.linalg.det(K))) / 2

    def gradient(P):
        scale, noise = np.exp(-2 * P["x"][0]), np.exp(2 * P["x"][1])
        E = np.exp(-gap / 2 * scale)
        L = np.linalg.cholesky(E + noise * np.eye(n))
        inverse = np.linalg.solve(L.T, np.linalg.solve(L, np.eye(n)))
        alpha = inverse @ y
        W = inverse - np.outer(alpha, alpha)
        dl = (W * E * gap * scale).sum() / 2
        dn = noise * np.trace(W)
        G = {"x": np.array([dl, dn])}
        return G

    return loss, gradient, params, {"n": n}, {}
