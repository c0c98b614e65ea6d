"""Losses that an iteration solves to a tolerance and that carry complex numbers through.

A stopping test looks at real parts, so the complex step gives the exact slope of what was computed,
and that is off from the slope of what is meant by about the tolerance. Every function takes the
parameters and the tolerance at which its iteration stops. What is meant is the same function at a
tolerance that float64 hardly reaches: `gradient_of` differentiates that, entry by entry.
"""

from collections.abc import Callable

import numpy as np

Vector = np.ndarray
Loss = Callable[[Vector, float], complex]
LIMIT = 3_000
EXACT = 1e-15
RNG = np.random.default_rng(20)
A5 = RNG.normal(size=(5, 5))
SPD = A5 @ A5.T / 5 + 0.5 * np.eye(5)
B5 = RNG.normal(size=5)
X, Y = RNG.normal(size=(30, 3)), np.sign(RNG.normal(size=30))
MARKOV = RNG.dirichlet(np.ones(5), size=5)


def _is_close(new: Vector, old: Vector, rtol: float) -> bool:
    new, old = np.real(new), np.real(old)
    return bool(np.linalg.norm(new - old) <= rtol * np.linalg.norm(new))


def _iterate(step: Callable[[Vector], Vector], start: Vector, rtol: float) -> Vector:
    x = start
    for _ in range(LIMIT):
        old, x = x, step(x)
        if _is_close(x, old, rtol):
            break
    return x


def linear_fixed_point(w: Vector, rtol: float) -> complex:
    m = SPD + np.diag(w**2)
    x = _iterate(lambda x: x + 0.1 * (B5 - m @ x), 0 * w, rtol)
    return (x**2).sum()


def jacobi(w: Vector, rtol: float) -> complex:
    m = 4 * np.eye(5) + SPD + np.diag(np.exp(w))
    x = _iterate(lambda x: x + (B5 - m @ x) / np.diag(m), 0 * w, rtol)
    return (x**2).sum()


def gauss_seidel(w: Vector, rtol: float) -> complex:
    m = SPD + np.diag(np.exp(w))

    def sweep(x: Vector) -> Vector:
        x = x.copy()
        for i in range(5):
            x[i] += (B5[i] - m[i] @ x) / m[i, i]
        return x

    return (_iterate(sweep, 0 * w, rtol) ** 2).sum()


def conjugate_gradients(w: Vector, rtol: float) -> complex:
    m, x, r = SPD + np.diag(np.exp(w)), 0 * w, B5 + 0 * w
    p = r
    for _ in range(LIMIT):
        step = (r @ r) / (p @ m @ p)
        x, new = x + step * p, r - step * (m @ p)
        if np.linalg.norm(new.real) <= rtol * np.linalg.norm(B5):
            break
        p, r = new + (new @ new) / (r @ r) * p, new
    return (x**2).sum()


def deep_equilibrium(w: Vector, rtol: float) -> complex:
    z = _iterate(lambda z: np.tanh(0.3 * A5 @ z + w), 0 * w, rtol)
    return ((z - B5) ** 2).sum()


def newton_root(w: Vector, rtol: float) -> complex:
    """The root of w_0 r + w_1 r^3 = 1 + w_2."""

    def step(r: Vector) -> Vector:
        return r - (w[0] * r + w[1] * r**3 - 1 - w[2]) / (w[0] + 3 * w[1] * r**2)

    return (_iterate(step, np.array([2.0]) + 0 * w[:1], rtol) ** 2).sum()


def secant_root(w: Vector, rtol: float) -> complex:
    def f(r: complex) -> complex:
        return w[0] * r + w[1] * np.exp(r) - 3 - w[2]

    a, b = 0.2 + 0 * w[0], 1.0 + 0 * w[0]
    for _ in range(LIMIT):
        if f(b) == f(a):
            break
        a, b = b, b - f(b) * (b - a) / (f(b) - f(a))
        if abs((b - a).real) <= rtol * abs(b.real):
            break
    return b**2


def halving(w: Vector, rtol: float) -> complex:
    """A root bracketed in real numbers, and one step of Newton's that carries the rest."""

    def f(r: complex) -> complex:
        return w[0] * r + w[1] * r**3 - 1 - w[2]

    low, high = 0.0, 3.0
    while high - low > max(rtol, 1e-15):
        middle = (low + high) / 2
        low, high = (middle, high) if np.real(f(middle)) < 0 else (low, middle)
        if middle in (low, high) and np.nextafter(low, high) >= high:
            break
    r = (low + high) / 2
    return (r - f(r) / (w[0] + 3 * w[1] * r**2)) ** 2


def kepler(w: Vector, rtol: float) -> complex:
    """Eccentric anomalies by successive substitution."""
    mean, e = 1 + w**2, 0.6
    return np.cos(_iterate(lambda x: mean + e * np.sin(x), mean, rtol)).sum()


def ridge_logistic(w: Vector, rtol: float) -> complex:
    """Newton's method inside: the best weights as a function of the penalties."""

    def step(b: Vector) -> Vector:
        p = 1 / (1 + np.exp(Y * (X @ b)))
        g = np.exp(w) * b - X.T @ (Y * p)
        return b - np.linalg.solve(np.diag(np.exp(w)) + X.T * (p * (1 - p)) @ X, g)

    return (_iterate(step, 0 * w, rtol) ** 2).sum()


def inner_descent(w: Vector, rtol: float) -> complex:
    """Gradient descent inside, slow: the last step is a small part of the way that is left."""
    gram, moment = X.T @ X / 30, X.T @ Y / 30
    b = _iterate(lambda b: b - 0.1 * (gram @ b + np.exp(w) * b - moment), 0 * w, rtol)
    return ((X @ b - Y) ** 2).mean()


def value_iteration(w: Vector, rtol: float) -> complex:
    v = _iterate(lambda v: w**2 + 0.8 * MARKOV @ v, 0 * w, rtol)
    return np.log(v).sum()


def power_iteration(w: Vector, rtol: float) -> complex:
    m = SPD + np.diag(w**2)

    def step(v: Vector) -> Vector:
        v = m @ v
        return v / np.sqrt((v**2).sum())

    v = _iterate(step, np.ones(5) + 0 * w, rtol)
    return v @ m @ v


def page_rank(w: Vector, rtol: float) -> complex:
    q = np.exp(w) / np.exp(w).sum()
    r = _iterate(lambda r: 0.15 * q + 0.85 * MARKOV.T @ r, np.ones(5) / 5 + 0 * w, rtol)
    return (r**2).sum() + r[0]


def sinkhorn(w: Vector, rtol: float) -> complex:
    """Entropic transport between fixed masses, as a function of the costs (2, 3)."""
    k = np.exp(-w.reshape(2, 3) / 0.5)
    a, b = np.array([0.3, 0.7]), np.array([0.2, 0.5, 0.3])
    u = _iterate(lambda u: a / (k @ (b / (k.T @ u))), np.ones(2) + 0 * w[:2], rtol)
    plan = u[:, None] * k * (b / (k.T @ u))
    return (plan * w.reshape(2, 3)).sum() + (plan**2).sum()


def geometric_series(w: Vector, rtol: float) -> complex:
    total, term, k = 0 * w, w, 1
    while np.abs(term.real).max() > rtol * np.abs(total.real).max() and k < LIMIT:
        total, term, k = total + term / k, term * w, k + 1
    return total.sum()


def bessel_series(w: Vector, rtol: float) -> complex:
    total, term, k = 1 + 0 * w, 1 + 0 * w, 1
    while np.abs(term.real).max() > rtol * np.abs(total.real).max():
        term = -term * (w / 2) ** 2 / k**2
        total, k = total + term, k + 1
    return (total**2).sum()


def arithmetic_geometric_mean(w: Vector, rtol: float) -> complex:
    a, b = 1 + 0 * w, w
    while not _is_close(a, b, rtol):
        a, b = (a + b) / 2, np.sqrt(a * b)
    return a.sum()


def continued_fraction(w: Vector, rtol: float) -> complex:
    """tan(w), from more and more terms."""
    old, n = 0 * w, 2
    while True:
        value = 2 * n + 1 + 0 * w
        for k in range(n - 1, -1, -1):
            value = 2 * k + 1 - w**2 / value
        new = w / value
        if _is_close(new, old, rtol) or n > 40:
            return new.sum()
        old, n = new, n + 1


def adaptive_simpson(w: Vector, rtol: float) -> complex:
    def f(t: float) -> complex:
        return np.exp(-w[0] * t) * np.cos(2 * w[1] * t) ** 2 + w[2] * t**2

    def area(a: float, b: float, whole: complex, depth: int) -> complex:
        m = (a + b) / 2
        left, right = simpson(a, m), simpson(m, b)
        if depth > 12 or abs((left + right - whole).real) <= 15 * max(rtol, 1e-12) * (b - a):
            return left + right
        return area(a, m, left, depth + 1) + area(m, b, right, depth + 1)

    def simpson(a: float, b: float) -> complex:
        return (b - a) / 6 * (f(a) + 4 * f((a + b) / 2) + f(b))

    return area(0.0, 1.0, simpson(0.0, 1.0), 0)


def romberg(w: Vector, rtol: float) -> complex:
    def f(t: Vector) -> Vector:
        return np.exp(-w[0] * t) / (1 + w[1] * t**2)

    rows, n = [[(f(np.zeros(1))[0] + f(np.full(1, 4.0))[0]) * 2]], 1
    while n < 2**12:
        n *= 2
        t = np.linspace(0, 4, n + 1)[1::2]
        row = [rows[-1][0] / 2 + 4 / n * f(t).sum()]
        for j, coarse in enumerate(rows[-1], start=1):
            row.append(row[-1] + (row[-1] - coarse) / (4**j - 1))
        rows.append(row)
        if abs((row[-1] - rows[-2][-1]).real) <= max(rtol, 1e-14) * abs(row[-1].real):
            break
    return rows[-1][-1]


def adaptive_heun(w: Vector, rtol: float) -> complex:
    """Lotka and Volterra's populations, with steps that the error estimate chooses."""

    def rate(u: Vector) -> Vector:
        return np.array([w[0] * u[0] - w[1] * u[0] * u[1], -w[2] * u[1] + w[1] * u[0] * u[1]])

    t, h, u = 0.0, 0.1, np.array([1.0, 0.6]) + 0 * w[:2]
    rtol = max(rtol, 1e-7)
    while t < 1:
        h = min(h, 1 - t)
        k1 = rate(u)
        k2 = rate(u + h / 2 * k1)
        k3 = rate(u + 3 * h / 4 * k2)
        new = u + h / 9 * (2 * k1 + 3 * k2 + 4 * k3)
        error = np.abs((h * (-5 * k1 / 72 + k2 / 12 + k3 / 9 - rate(new) / 8)).real).max()
        if error <= rtol:
            t, u = t + h, new
        h *= min(3.0, max(0.2, 0.9 * (rtol / max(error, 1e-30)) ** (1 / 3)))
    return (u**2).sum()


def lasso(w: Vector, rtol: float) -> complex:
    """Proximal descent; the penalties decide which weights are zero."""
    gram, moment = X.T @ X / 30, X.T @ (X @ np.array([1.0, -2.0, 0.5])) / 30

    def step(b: Vector) -> Vector:
        b = b - 0.3 * (gram @ b - moment)
        cut = 0.3 * 0.1 * np.exp(w)
        return np.where(b.real > 0, 1, -1) * np.maximum(np.where(b.real > 0, b, -b) - cut, 0)

    return (_iterate(step, 0 * w, rtol) ** 2).sum()


def matrix_root(w: Vector, rtol: float) -> complex:
    """The square root of a matrix, after Denman and Beavers; its trace."""
    y, z = SPD + np.diag(w**2), np.eye(5) + 0 * w[0]
    for _ in range(60):
        old, y, z = y, (y + np.linalg.inv(z)) / 2, (z + np.linalg.inv(y)) / 2
        if _is_close(y, old, max(rtol, 1e-14)):
            break
    return np.trace(y) + y[0, 1]


def mixture_weights(w: Vector, rtol: float) -> complex:
    """Expectation and maximisation for the weights of a mixture, by the means."""
    data = np.array([-2.0, -1.1, -0.4, 0.3, 0.8, 1.9, 2.2, 3.1, 3.3, 4.0])
    density = np.exp(-((data[:, None] - w) ** 2) / 2)

    def step(pi: Vector) -> Vector:
        r = density * pi
        return (r / r.sum(1, keepdims=True)).mean(0)

    pi = _iterate(step, np.full(3, 1 / 3) + 0 * w, rtol)
    return -np.log(density @ pi).mean() + (pi * np.arange(3)).sum()


POINTS: dict[Loss, Vector] = {
    linear_fixed_point: RNG.normal(size=5),
    jacobi: RNG.normal(size=5),
    gauss_seidel: RNG.normal(size=5),
    conjugate_gradients: RNG.normal(size=5),
    deep_equilibrium: RNG.normal(size=5),
    newton_root: RNG.uniform(0.5, 2.0, 3),
    secant_root: RNG.uniform(0.5, 2.0, 3),
    halving: RNG.uniform(0.5, 2.0, 3),
    kepler: RNG.normal(size=4),
    ridge_logistic: RNG.normal(size=3),
    inner_descent: RNG.normal(size=3),
    value_iteration: RNG.normal(size=5),
    power_iteration: RNG.normal(size=5),
    page_rank: RNG.normal(size=5),
    sinkhorn: RNG.uniform(0.2, 1.5, 6),
    geometric_series: RNG.uniform(0.3, 0.9, 5),
    bessel_series: RNG.uniform(0.5, 3.0, 4),
    arithmetic_geometric_mean: RNG.uniform(0.2, 3.0, 4),
    continued_fraction: RNG.uniform(0.2, 1.3, 4),
    adaptive_simpson: RNG.uniform(0.5, 2.0, 3),
    romberg: RNG.uniform(0.5, 2.0, 2),
    adaptive_heun: RNG.uniform(0.8, 1.3, 3),
    lasso: 0.5 * RNG.normal(size=3),
    matrix_root: RNG.normal(size=5),
    mixture_weights: np.array([-0.8, 1.2, 3.5]),
}
KINDS = {loss.__name__: loss for loss in POINTS}


def gradient_of(loss: Loss, rtol: float = EXACT) -> Callable[[Vector], Vector]:
    """By the complex step, of the loss at another tolerance."""

    def gradient(w: Vector) -> Vector:
        steps = w + 1e-30j * np.eye(w.size)
        return np.array([np.imag(loss(row, rtol)) / 1e-30 for row in steps])

    return gradient


def point_of(loss: Loss, seed: int) -> Vector:
    """Another point of the same kind for every seed."""
    w = POINTS[loss]
    return w * np.random.default_rng(seed).uniform(0.8, 1.2, w.shape) if seed else w
