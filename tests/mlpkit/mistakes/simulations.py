"""Right gradients of physics, geometry, graphs and numerical mathematics, as other people write them.

As in ``layers``: (loss, gradient, params, constants, alternatives).
"""

import numpy as np
from scipy import linalg


def spring_network(rng):
    edges = np.array([(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (3, 4), (4, 1)])
    rest = np.ones(len(edges))
    g = 9.81

    def loss(p):
        i, j = edges.T
        d = p["x"][i] - p["x"][j]
        length = np.sqrt((d**2).sum(axis=1))
        return (0.5 * p["k"] * (length - rest) ** 2).sum() + g * p["x"][:, 1].sum()

    def gradient(p):
        i, j = edges.T
        d = p["x"][i] - p["x"][j]
        length = np.sqrt((d**2).sum(axis=1))
        f = (p["k"] * (length - rest) / length)[:, None] * d
        dx = np.zeros_like(p["x"])
        np.add.at(dx, i, f)
        np.add.at(dx, j, -f)
        dx[:, 1] += g
        return {"x": dx, "k": 0.5 * (length - rest) ** 2}

    params = {"x": rng.normal(size=(5, 2)), "k": rng.uniform(5, 50, size=7)}
    return loss, gradient, params, {}, {}


def ising_mean_field(rng):
    n = 6
    beta = 1.3

    def loss(p):
        m = np.tanh(p["a"])
        entropy = -((1 + m) / 2 * np.log((1 + m) / 2) + (1 - m) / 2 * np.log((1 - m) / 2)).sum()
        return -0.5 * m @ p["J"] @ m - p["h"] @ m - entropy / beta

    def gradient(p):
        m = np.tanh(p["a"])
        dm = -0.5 * (p["J"] + p["J"].T) @ m - p["h"] + np.arctanh(m) / beta
        da = dm * (1 - m**2)
        return {"a": da, "J": -0.5 * np.outer(m, m), "h": -m}

    params = {"a": rng.normal(size=n), "J": rng.normal(size=(n, n)), "h": rng.normal(size=n)}
    return loss, gradient, params, {"beta": beta}, {}


def n_body(rng):
    G, eps = 6.7e-2, 0.1

    def loss(p):
        x, m = p["x"], p["m"]
        E = 0.0
        for i in range(len(m)):
            for j in range(i):
                r = np.sqrt(((x[i] - x[j]) ** 2).sum() + eps**2)
                E = E - G * m[i] * m[j] / r
        return E

    def gradient(p):
        x, m = p["x"], p["m"]
        dx, dm = np.zeros_like(x), np.zeros_like(m)
        for i in range(len(m)):
            for j in range(i):
                d = x[i] - x[j]
                r = np.sqrt((d**2).sum() + eps**2)
                f = G * m[i] * m[j] * d / r**3
                dx[i] += f
                dx[j] -= f
                dm[i] -= G * m[j] / r
                dm[j] -= G * m[i] / r
        return {"x": dx, "m": dm}

    return loss, gradient, {"x": rng.normal(size=(5, 3)), "m": rng.uniform(1, 9, size=5)}, {}, {}


def heat_adjoint(rng):
    n, steps, dt, dx = 12, 5, 0.02, 1.0 / 12
    u0 = np.sin(np.pi * np.arange(n) * dx) + 0.1 * rng.normal(size=n)
    data = rng.normal(size=n) * 0.3

    def system(kappa):
        A = np.eye(n, dtype=kappa.dtype)
        c = kappa * dt / dx**2
        for i in range(n - 1):
            A[i, i] += c[i]
            A[i + 1, i + 1] += c[i]
            A[i, i + 1] -= c[i]
            A[i + 1, i] -= c[i]
        return A

    def loss(a):
        A = system(np.exp(a))
        u = u0
        for _ in range(steps):
            u = np.linalg.solve(A, u)
        return 0.5 * ((u - data) ** 2).sum()

    def gradient(a):
        kappa = np.exp(a)
        A = system(kappa)
        us = [u0]
        for _ in range(steps):
            us.append(np.linalg.solve(A, us[-1]))
        lam = us[-1] - data
        g = np.zeros(n - 1)
        for k in range(steps, 0, -1):
            lam = np.linalg.solve(A.T, lam)
            u = us[k]
            g -= (lam[1:] - lam[:-1]) * (u[1:] - u[:-1]) * dt / dx**2
        return g * kappa

    return loss, gradient, rng.normal(size=n - 1) * 0.5 - 2, {}, {}


def lotka_volterra_rk4(rng):
    dt, steps = 0.05, 20
    obs = rng.uniform(0.5, 3, size=(steps, 2))

    def f(z, q):
        x, y = z
        return np.array([q[0] * x - q[1] * x * y, q[3] * x * y - q[2] * y])

    def vjp(z, q, v):
        x, y = z
        dz = np.array(
            [
                v[0] * (q[0] - q[1] * y) + v[1] * q[3] * y,
                -v[0] * q[1] * x + v[1] * (q[3] * x - q[2]),
            ]
        )
        dq = np.array([v[0] * x, -v[0] * x * y, -v[1] * y, v[1] * x * y])
        return dz, dq

    def step(z, q):
        k1 = f(z, q)
        k2 = f(z + dt / 2 * k1, q)
        k3 = f(z + dt / 2 * k2, q)
        k4 = f(z + dt * k3, q)
        return z + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4), (k1, k2, k3)

    def loss(p):
        q, z = p["theta"], p["z0"]
        total = 0.0
        for t in range(steps):
            z, _ = step(z, q)
            total = total + ((z - obs[t]) ** 2).sum()
        return total / steps

    def gradient(p):
        q, z = p["theta"], p["z0"]
        tape = []
        for _ in range(steps):
            new, ks = step(z, q)
            tape.append((z, ks))
            z = new
        zs = [z for z, _ in tape[1:]] + [z]
        dq, dz = np.zeros(4), np.zeros(2)
        for t in range(steps - 1, -1, -1):
            dz = dz + 2 * (zs[t] - obs[t]) / steps
            z, (k1, k2, k3) = tape[t]
            b1, b2, b3, b4 = dt / 6 * dz, dt / 3 * dz, dt / 3 * dz, dt / 6 * dz
            a4, q4 = vjp(z + dt * k3, q, b4)
            b3 = b3 + dt * a4
            a3, q3 = vjp(z + dt / 2 * k2, q, b3)
            b2 = b2 + dt / 2 * a3
            a2, q2 = vjp(z + dt / 2 * k1, q, b2)
            b1 = b1 + dt / 2 * a2
            a1, q1 = vjp(z, q, b1)
            dq = dq + q1 + q2 + q3 + q4
            dz = dz + a1 + a2 + a3 + a4
        return {"theta": dq, "z0": dz}

    params = {
        "theta": np.array([1.1, 0.4, 0.4, 0.1]) + 0.1 * rng.normal(size=4),
        "z0": np.array([2.0, 1.0]),
    }
    return loss, gradient, params, {"T": steps}, {}


def shallow_water(rng):
    n, g, c = 16, 9.81, 0.05
    target = 1 + 0.1 * rng.normal(size=n)

    def loss(p):
        h, q = p["h"], p["q"]
        F1 = q
        F2 = q**2 / h + 0.5 * g * h**2
        hn = 0.5 * (np.roll(h, 1) + np.roll(h, -1)) - c * (np.roll(F1, -1) - np.roll(F1, 1))
        qn = 0.5 * (np.roll(q, 1) + np.roll(q, -1)) - c * (np.roll(F2, -1) - np.roll(F2, 1))
        return 0.5 * ((hn - target) ** 2).sum() + 0.5 * (qn**2).sum()

    def gradient(p):
        h, q = p["h"], p["q"]
        F2 = q**2 / h + 0.5 * g * h**2
        hn = 0.5 * (np.roll(h, 1) + np.roll(h, -1)) - c * (np.roll(q, -1) - np.roll(q, 1))
        qn = 0.5 * (np.roll(q, 1) + np.roll(q, -1)) - c * (np.roll(F2, -1) - np.roll(F2, 1))
        lh, lq = hn - target, qn
        dF1 = -c * (np.roll(lh, 1) - np.roll(lh, -1))
        dF2 = -c * (np.roll(lq, 1) - np.roll(lq, -1))
        dh = 0.5 * (np.roll(lh, -1) + np.roll(lh, 1)) + dF2 * (-(q**2) / h**2 + g * h)
        dq = 0.5 * (np.roll(lq, -1) + np.roll(lq, 1)) + dF1 + dF2 * 2 * q / h
        return {"h": dh, "q": dq}

    return (
        loss,
        gradient,
        {"h": rng.uniform(0.8, 1.2, size=n), "q": rng.normal(size=n) * 0.1},
        {},
        {},
    )


def lennard_jones_argon(rng):
    pos0 = np.array([(i, j, k) for i in range(2) for j in range(2) for k in range(2)], float)
    iu = np.triu_indices(8, 1)

    def loss(p):
        d = p["r"][iu[0]] - p["r"][iu[1]]
        s6 = (p["sigma"] ** 2 / (d**2).sum(axis=1)) ** 3
        return (4 * p["epsilon"] * (s6**2 - s6)).sum()

    def gradient(p):
        d = p["r"][iu[0]] - p["r"][iu[1]]
        r2 = (d**2).sum(axis=1)
        s6 = (p["sigma"] ** 2 / r2) ** 3
        f = (4 * p["epsilon"] * (-12 * s6**2 + 6 * s6) / r2)[:, None] * d
        dr = np.zeros((8, 3))
        np.add.at(dr, iu[0], f)
        np.add.at(dr, iu[1], -f)
        return {
            "r": dr,
            "epsilon": (4 * (s6**2 - s6)).sum(),
            "sigma": (4 * p["epsilon"] * (12 * s6**2 - 6 * s6)).sum() / p["sigma"],
        }

    params = {
        "r": 3.8e-10 * (pos0 + 0.05 * rng.normal(size=(8, 3))),
        "epsilon": 1.65e-21,
        "sigma": 3.4e-10,
    }
    return loss, gradient, params, {}, {}


def pagerank(rng):
    n, d = 7, 0.85
    mask = (rng.random((n, n)) < 0.6) | np.eye(n, dtype=bool)
    v = np.ones(n) / n
    t = rng.normal(size=n)

    def transition(W):
        E = np.where(mask, np.exp(W), 0.0)
        return E / E.sum(axis=0)

    def loss(W):
        P = transition(W)
        x = np.linalg.solve(np.eye(n) - d * P, (1 - d) * v)
        return ((x - t) ** 2).sum()

    def gradient(W):
        P = transition(W)
        x = np.linalg.solve(np.eye(n) - d * P, (1 - d) * v)
        lam = np.linalg.solve((np.eye(n) - d * P).T, 2 * (x - t))
        dP = d * np.outer(lam, x)
        return P * (dP - (P * dP).sum(axis=0))

    return loss, gradient, rng.normal(size=(n, n)), {"d": d}, {}


def laplacian_smoothing(rng):
    n = 9
    A = (rng.random((n, n)) < 0.4).astype(float)
    A = np.triu(A, 1)
    A = A + A.T
    L = np.diag(A.sum(axis=0)) - A
    y = rng.normal(size=n)

    def loss(p):
        return 0.5 * ((p["f"] - y) ** 2).sum() + 0.5 * np.exp(p["rho"]) * p["f"] @ L @ p["f"]

    def gradient(p):
        lam = np.exp(p["rho"])
        return {"f": p["f"] - y + lam * L @ p["f"], "rho": 0.5 * lam * p["f"] @ L @ p["f"]}

    return loss, gradient, {"f": rng.normal(size=n), "rho": -0.7}, {}, {}


def smoothing_spline(rng):
    x = np.sort(rng.random(40))
    y = np.sin(6 * x) + 0.2 * rng.normal(size=40)
    knots = np.linspace(0.1, 0.9, 6)
    B = np.column_stack([np.ones(40), x, x**2, x**3] + [np.maximum(x - k, 0) ** 3 for k in knots])
    D = np.diag([0.0] * 4 + [1.0] * 6)
    lam = 0.3

    def loss(c):
        return ((y - B @ c) ** 2).sum() + lam * c @ D @ c

    def gradient(c):
        return -2 * B.T @ (y - B @ c) + 2 * lam * D @ c

    return loss, gradient, rng.normal(size=10), {"lambda": lam}, {}


def tridiagonal_solve(rng):
    n = 10
    t = rng.normal(size=n)

    def thomas(a, d, c, b):
        d, b = [d[i] for i in range(n)], [b[i] for i in range(n)]
        for i in range(1, n):
            w = a[i - 1] / d[i - 1]
            d[i] = d[i] - w * c[i - 1]
            b[i] = b[i] - w * b[i - 1]
        x = [0] * n
        x[-1] = b[-1] / d[-1]
        for i in range(n - 2, -1, -1):
            x[i] = (b[i] - c[i] * x[i + 1]) / d[i]
        return np.array(x)

    def loss(p):
        x = thomas(p["lower"], p["diag"], p["upper"], p["rhs"])
        return 0.5 * ((x - t) ** 2).sum()

    def gradient(p):
        x = thomas(p["lower"], p["diag"], p["upper"], p["rhs"])
        lam = thomas(p["upper"], p["diag"], p["lower"], x - t)
        return {
            "lower": -lam[1:] * x[:-1],
            "diag": -lam * x,
            "upper": -lam[:-1] * x[1:],
            "rhs": lam,
        }

    params = {
        "lower": rng.normal(size=n - 1),
        "diag": 4 + rng.random(n),
        "upper": rng.normal(size=n - 1),
        "rhs": rng.normal(size=n),
    }
    return loss, gradient, params, {}, {}


def deep_equilibrium(rng):
    n, m = 5, 3
    x, t = rng.normal(size=m), rng.normal(size=n)

    def solve(p):
        z = np.zeros(n)
        for _ in range(200):
            z = np.tanh(p["W"] @ z + p["U"] @ x + p["b"])
        return z

    def loss(p):
        return 0.5 * ((solve(p) - t) ** 2).sum()

    def gradient(p):
        z = solve(p)
        s = 1 - z**2
        lam = np.linalg.solve(np.eye(n) - p["W"].T * s, z - t)
        delta = lam * s
        return {"W": np.outer(delta, z), "U": np.outer(delta, x), "b": delta}

    W = rng.normal(size=(n, n))
    params = {
        "W": 0.5 * W / np.linalg.norm(W, 2),
        "U": rng.normal(size=(n, m)),
        "b": rng.normal(size=n),
    }
    return loss, gradient, params, {}, {}


def largest_eigenvalue(rng):
    n = 6
    S = rng.normal(size=(3, n, n))
    S = S + S.transpose(0, 2, 1)
    C = np.diag(np.arange(n) * 1.0)

    def loss(a):
        return np.linalg.eigvalsh(C + np.tensordot(a, S, 1))[-1] + 0.1 * (a**2).sum()

    def gradient(a):
        w, V = np.linalg.eigh(C + np.tensordot(a, S, 1))
        v = V[:, -1]
        return np.array([v @ Sk @ v for Sk in S]) + 0.2 * a

    return loss, gradient, rng.normal(size=3), {"lambda": 0.1}, {}


def gaussian_precision(rng):
    n, N = 5, 40
    X = rng.normal(size=(N, n)) @ rng.normal(size=(n, n))
    S = X.T @ X / N

    def loss(L):
        T = np.tril(L)
        K = T @ T.T
        return -np.linalg.slogdet(K)[1] + np.trace(S @ K)

    def gradient(L):
        T = np.tril(L)
        K = T @ T.T
        G = S - np.linalg.inv(K)
        return np.tril(2 * G @ T)

    return loss, gradient, np.tril(rng.normal(size=(n, n))) * 0.3 + np.eye(n), {"N": N}, {}


def matrix_exponential(rng):
    n = 4
    x, y = rng.normal(size=n), rng.normal(size=n)

    def loss(A):
        return 0.5 * ((linalg.expm(A) @ x - y) ** 2).sum()

    def gradient(A):
        r = linalg.expm(A) @ x - y
        return linalg.expm_frechet(A.T, np.outer(r, x), compute_expm=False)

    return loss, gradient, rng.normal(size=(n, n)) * 0.7, {}, {}


def sinkhorn_dual(rng):
    n, m, eps = 5, 6, 0.2
    a, b = np.ones(n) / n, rng.dirichlet(np.ones(m))
    C = rng.random((n, m))

    def loss(p):
        f, g = p
        P = np.exp((f[:, None] + g[None, :] - C) / eps)
        return -(f @ a + g @ b - eps * P.sum())

    def gradient(p):
        f, g = p
        P = np.exp((f[:, None] + g[None, :] - C) / eps)
        return (-(a - P.sum(axis=1)), -(b - P.sum(axis=0)))

    return loss, gradient, (0.1 * rng.normal(size=n), 0.1 * rng.normal(size=m)), {"eps": eps}, {}


def sinkhorn_envelope(rng):
    n, eps = 5, 0.5
    a, b = rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(n))
    y = rng.normal(size=(n, 2))

    def plan(x):
        C = ((x[:, None] - y[None]) ** 2).sum(axis=2)
        K = np.exp(-C / eps)
        v = np.ones(n)
        for _ in range(1000):
            u = a / (K @ v)
            v = b / (K.T @ u)
        return u, v, K, C

    def loss(x):
        u, v, K, C = plan(x)
        return eps * (a @ np.log(u) + b @ np.log(v))

    def gradient(x):
        u, v, K, C = plan(x)
        P = u[:, None] * K * v
        return 2 * (P.sum(axis=1)[:, None] * x - P @ y)

    return loss, gradient, 0.5 * rng.normal(size=(n, 2)), {"eps": eps}, {}


def rotation_vector(rng):
    a = rng.normal(size=(8, 3))
    b = rng.normal(size=(8, 3))

    def coefficients(t2):
        if abs(t2) < 1e-6:
            return (
                1 - t2 / 6 + t2**2 / 120,
                0.5 - t2 / 24 + t2**2 / 720,
                -1 / 6 + t2 / 60 - t2**2 / 1680,
                -1 / 24 + t2 / 360 - t2**2 / 13440,
            )
        t = np.sqrt(t2)
        s, c = np.sin(t) / t, (1 - np.cos(t)) / t2
        # derivatives by t2
        return s, c, (np.cos(t) - s) / (2 * t2), (s / 2 - c) / t2

    def loss(w):
        s, c, _, _ = coefficients(w @ w)
        rotated = a + s * np.cross(w, a) + c * np.cross(w, np.cross(w, a))
        return 0.5 * ((rotated - b) ** 2).sum()

    def gradient(w):
        s, c, ds, dc = coefficients(w @ w)
        wa = np.cross(w, a)
        wwa = np.cross(w, wa)
        r = a + s * wa + c * wwa - b
        g = s * np.cross(a, r).sum(axis=0)
        g = g + c * (np.cross(wa, r) + np.cross(a, np.cross(r, w))).sum(axis=0)
        return g + 2 * w * (ds * (r * wa).sum() + dc * (r * wwa).sum())

    return loss, gradient, rng.normal(size=3), {}, {}


def quaternion_alignment(rng):
    a = rng.normal(size=(10, 3))
    b = rng.normal(size=(10, 3))

    def loss(p):
        q = p["q"] / np.sqrt((p["q"] ** 2).sum())
        w, v = q[0], q[1:]
        t = 2 * np.cross(v, a)
        rot = a + w * t + np.cross(v, t)
        return ((rot + p["t"] - b) ** 2).mean()

    def gradient(p):
        norm = np.sqrt((p["q"] ** 2).sum())
        q = p["q"] / norm
        w, v = q[0], q[1:]
        t = 2 * np.cross(v, a)
        r = 2 * (a + w * t + np.cross(v, t) + p["t"] - b) / a.size
        dw = (r * t).sum()
        dt = w * r + np.cross(r, v)
        dv = np.cross(t, r).sum(axis=0) + 2 * np.cross(a, dt).sum(axis=0)
        dq = np.concatenate([[dw], dv])
        return {"q": (dq - q * (q @ dq)) / norm, "t": r.sum(axis=0)}

    return loss, gradient, {"q": rng.normal(size=4), "t": rng.normal(size=3)}, {"N": 10}, {}


def camera_reprojection(rng):
    n = 12
    uv = rng.uniform(0, 640, size=(n, 2))

    def rot(angle):
        c, s = np.cos(angle), np.sin(angle)
        return np.array([[c, 0 * c, s], [0 * c, 0 * c + 1, 0 * c], [-s, 0 * c, c]])

    def drot(angle):
        c, s = np.cos(angle), np.sin(angle)
        return np.array([[-s, 0, c], [0, 0, 0], [-c, 0, -s]])

    def loss(p):
        Y = p["points"] @ rot(p["yaw"]).T + p["t"]
        proj = p["f"] * Y[:, :2] / Y[:, 2:] + p["c"]
        return 0.5 * ((proj - uv) ** 2).sum()

    def gradient(p):
        R = rot(p["yaw"])
        Y = p["points"] @ R.T + p["t"]
        z = Y[:, 2:]
        r = p["f"] * Y[:, :2] / z + p["c"] - uv
        dY = np.empty_like(Y)
        dY[:, :2] = p["f"] * r / z
        dY[:, 2:] = -(p["f"] * r * Y[:, :2]).sum(axis=1, keepdims=True) / z**2
        return {
            "points": dY @ R,
            "yaw": (dY * (p["points"] @ drot(p["yaw"]).T)).sum(),
            "t": dY.sum(axis=0),
            "f": (r * Y[:, :2] / z).sum(),
            "c": r.sum(axis=0),
        }

    params = {
        "points": rng.normal(size=(n, 3)),
        "yaw": 0.3,
        "t": np.array([0.1, -0.2, 6.0]),
        "f": 800.0,
        "c": np.array([320.0, 240.0]),
    }
    return loss, gradient, params, {}, {}


def icp_point_to_plane(rng):
    n = 30
    src = rng.normal(size=(n, 2)) * 10
    dst = src + 0.3 * rng.normal(size=(n, 2))
    normal = rng.normal(size=(n, 2))
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)

    def loss(p):
        th, tx, ty = p
        c, s = np.cos(th), np.sin(th)
        moved = np.stack(
            [c * src[:, 0] - s * src[:, 1] + tx, s * src[:, 0] + c * src[:, 1] + ty], 1
        )
        return (((moved - dst) * normal).sum(axis=1) ** 2).mean()

    def gradient(p):
        th, tx, ty = p
        c, s = np.cos(th), np.sin(th)
        moved = np.stack(
            [c * src[:, 0] - s * src[:, 1] + tx, s * src[:, 0] + c * src[:, 1] + ty], 1
        )
        e = ((moved - dst) * normal).sum(axis=1)
        dmoved = np.stack([-s * src[:, 0] - c * src[:, 1], c * src[:, 0] - s * src[:, 1]], 1)
        dth = (e * (dmoved * normal).sum(axis=1)).sum()
        return 2 * np.array([dth, e @ normal[:, 0], e @ normal[:, 1]]) / n

    return loss, gradient, np.array([0.1, 0.5, -0.4]), {"N": n}, {}


def fft_deconvolution(rng):
    n = 32
    H = np.fft.fft(np.exp(-np.arange(n) / 3.0))
    Y = np.fft.fft(rng.normal(size=n))
    lam = 0.05

    def loss(x):
        return (np.abs(H * np.fft.fft(x) - Y) ** 2).sum() / n + lam * (x**2).sum()

    def gradient(x):
        r = H * np.fft.fft(x) - Y
        return 2 * np.fft.ifft(np.conj(H) * r).real + 2 * lam * x

    return loss, gradient, rng.normal(size=n), {"lambda": lam, "n": n}, {}


def log_power_spectrum(rng):
    n = 24
    window = np.hanning(n)
    target = rng.normal(size=n // 2 + 1)

    def loss(x):
        F = np.fft.rfft(window * x)
        return ((np.log(F.real**2 + F.imag**2 + 1e-3) - target) ** 2).mean()

    def gradient(x):
        F = np.fft.rfft(window * x)
        power = F.real**2 + F.imag**2 + 1e-3
        d = 2 * (np.log(power) - target) / power / len(target)
        full = np.zeros(n, complex)
        full[: n // 2 + 1] = d * F
        return 2 * window * (np.fft.ifft(full) * n).real

    return loss, gradient, rng.normal(size=n), {"n": n}, {}


def total_variation(rng):
    noisy = rng.normal(size=(6, 7))
    lam, eps = 0.4, 1e-3

    def loss(u):
        dx = u[:, 1:] - u[:, :-1]
        dy = u[1:] - u[:-1]
        tv = np.sqrt(dx**2 + eps**2).sum() + np.sqrt(dy**2 + eps**2).sum()
        return 0.5 * ((u - noisy) ** 2).sum() + lam * tv

    def gradient(u):
        dx = u[:, 1:] - u[:, :-1]
        dy = u[1:] - u[:-1]
        px, py = dx / np.sqrt(dx**2 + eps**2), dy / np.sqrt(dy**2 + eps**2)
        g = u - noisy
        g[:, 1:] += lam * px
        g[:, :-1] -= lam * px
        g[1:] += lam * py
        g[:-1] -= lam * py
        return g

    return loss, gradient, rng.normal(size=(6, 7)), {"lambda": lam}, {}
