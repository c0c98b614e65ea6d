"""Losses that an iteration solves to a tolerance, and the exact gradients of what they solve.

Every function takes the tolerance at which its iteration stops and returns (loss, gradient, x).
Between two changes of the iteration count such a loss is smooth, with a slope that is slightly
off: no step is too small to be misled.
"""

from collections.abc import Callable

import numpy as np

Vector = np.ndarray
Case = tuple[Callable[[Vector], float], Callable[[Vector], Vector], Vector]
LIMIT = 20_000  # iterations


def _spd(rng: np.random.Generator, n: int, least: float = 0.5) -> np.ndarray:
    a = rng.normal(size=(n, n))
    return a @ a.T / n + least * np.eye(n)


def _is_close(new: Vector, old: Vector, rtol: float) -> bool:
    return bool(np.linalg.norm(new - old) <= rtol * np.linalg.norm(new))


def fixed_point_solver(rtol: float, seed: int = 0) -> Case:
    """x := x + 0.2 (b - M(w) x); sum(x^2)."""
    rng = np.random.default_rng(seed)
    a, b, w = _spd(rng, 8), rng.normal(size=8), rng.normal(size=8)

    def solve(m: np.ndarray) -> Vector:
        x = np.zeros(8)
        for _ in range(LIMIT):
            old, x = x, x + 0.2 * (b - m @ x)
            if _is_close(x, old, rtol):
                break
        return x

    def loss(w: Vector) -> float:
        return float((solve(a + np.diag([float(v) for v in w]) ** 2) ** 2).sum())

    return loss, lambda w: _linear_gradient(a + np.diag(w**2), b) * 2 * w, w


def _linear_gradient(m: np.ndarray, b: Vector) -> Vector:
    """d sum(x^2) / d diag(M), where M x = b."""
    x = np.linalg.solve(m, b)
    return -np.linalg.solve(m, 2 * x) * x


def gauss_seidel(rtol: float, seed: int = 0) -> Case:
    rng = np.random.default_rng(seed)
    a, b, w = _spd(rng, 6, 1.0), rng.normal(size=6), rng.normal(size=6)

    def loss(w: Vector) -> float:
        m, x = a + np.diag(np.exp(np.asarray(w, dtype=float))), np.zeros(6)
        for _ in range(LIMIT):
            old = x.copy()
            for i in range(6):
                x[i] += (b[i] - m[i] @ x) / m[i, i]
            if _is_close(x, old, rtol):
                break
        return float(x @ x)

    return loss, lambda w: _linear_gradient(a + np.diag(np.exp(w)), b) * np.exp(w), w


def jacobi_slow(rtol: float, seed: int = 0) -> Case:
    """A chain of springs: hundreds of iterations."""
    rng = np.random.default_rng(seed)
    n = 10
    chain, b, w = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1), np.ones(n), rng.normal(size=n)

    def loss(w: Vector) -> float:
        m, x = chain + np.diag(0.05 * np.exp(np.asarray(w, dtype=float))), np.zeros(n)
        for _ in range(LIMIT):
            old, x = x, x + (b - m @ x) / np.diag(m)
            if _is_close(x, old, rtol):
                break
        return float((x**2).sum())

    def gradient(w: Vector) -> Vector:
        return _linear_gradient(chain + np.diag(0.05 * np.exp(w)), b) * 0.05 * np.exp(w)

    return loss, gradient, w


def conjugate_gradients(rtol: float, seed: int = 0) -> Case:
    rng = np.random.default_rng(seed)
    n = 40
    a, b, w = _spd(rng, n, 0.05), rng.normal(size=n), rng.normal(size=n)

    def loss(w: Vector) -> float:
        m, x, r = a + np.diag(np.exp(np.asarray(w, dtype=float))), np.zeros(n), b.copy()
        p = r
        for _ in range(LIMIT):
            step = (r @ r) / (p @ m @ p)
            x, new = x + step * p, r - step * (m @ p)
            if np.linalg.norm(new) <= rtol * np.linalg.norm(b):
                break
            p, r = new + (new @ new) / (r @ r) * p, new
        return float(x @ x)

    return loss, lambda w: _linear_gradient(a + np.diag(np.exp(w)), b) * np.exp(w), w


def equilibrium(rtol: float, seed: int = 0) -> Case:
    """A deep equilibrium model: z = tanh(W z + u); the loss is carried by complex numbers."""
    rng = np.random.default_rng(seed)
    v, t, w = 0.3 * rng.normal(size=(5, 5)), rng.normal(size=5), rng.normal(size=5)

    def solve(w: Vector) -> Vector:
        z = np.zeros(5, dtype=np.asarray(w).dtype)
        for _ in range(LIMIT):
            old, z = z, np.tanh(v @ z + w)
            if _is_close(z.real, old.real, rtol):
                break
        return z

    def gradient(w: Vector) -> Vector:
        z = np.zeros(5)
        for _ in range(LIMIT):
            z = np.tanh(v @ z + w)
            if np.abs(z - np.tanh(v @ z + w)).max() < 1e-15:
                break
        s = 1 - z**2
        return s * np.linalg.solve(np.eye(5) - v.T * s, 2 * (z - t))

    return lambda w: ((solve(w) - t) ** 2).sum(), gradient, w


def power_iteration(rtol: float, seed: int = 0) -> Case:
    """The largest eigenvalue of A + diag(w)."""
    rng = np.random.default_rng(seed)
    a, w = _spd(rng, 6), rng.normal(size=6)

    def loss(w: Vector) -> float:
        m, v, value = a + np.diag(np.asarray(w, dtype=float) ** 2), np.ones(6), 0.0
        for _ in range(LIMIT):
            u = m @ v
            old, value = value, float(np.linalg.norm(u))
            v = u / value
            if abs(value - old) <= rtol * value:
                break
        return value

    def gradient(w: Vector) -> Vector:
        return np.linalg.eigh(a + np.diag(w**2))[1][:, -1] ** 2 * 2 * w

    return loss, gradient, w


def sinkhorn(rtol: float, seed: int = 0) -> Case:
    """Entropic optimal transport as a function of the costs."""
    rng = np.random.default_rng(seed)
    a, b = rng.dirichlet(np.full(4, 3.0)), rng.dirichlet(np.full(5, 3.0))
    costs = rng.random((4, 5))

    def plan(c: np.ndarray, rtol: float) -> np.ndarray:
        k, u, v = np.exp(-c / 0.1), np.ones(4), np.ones(5)
        for _ in range(LIMIT):
            old, u = u, a / (k @ v)
            v = b / (k.T @ u)
            if _is_close(u, old, rtol):
                break
        return u[:, None] * k * v

    def loss(c: np.ndarray) -> float:
        c = np.array([[float(x) for x in row] for row in c])
        p = plan(c, rtol)
        return float((p * c).sum() + 0.1 * (p * (np.log(p) - 1)).sum())

    return loss, lambda c: plan(c, 1e-15), costs


def inner_newton(rtol: float, seed: int = 0) -> Case:
    """Logistic ridge regression as a function of the penalty of each weight."""
    rng = np.random.default_rng(seed)
    x, y, w = rng.normal(size=(30, 4)), np.sign(rng.normal(size=30)), rng.normal(size=4)

    def parts(b: Vector, w: Vector) -> tuple[Vector, np.ndarray]:
        p = 1 / (1 + np.exp(y * (x @ b)))
        return np.exp(w) * b - x.T @ (y * p), np.diag(np.exp(w)) + x.T * (p * (1 - p)) @ x

    def solve(w: Vector, rtol: float) -> Vector:
        b = np.zeros(4)
        for _ in range(50):
            g, h = parts(b, w)
            old, b = b, b - np.linalg.solve(h, g)
            if _is_close(b, old, rtol):
                break
        return b

    def loss(w: Vector) -> float:
        return float((solve(np.array([float(v) for v in w]), rtol) ** 2).sum())

    def gradient(w: Vector) -> Vector:
        b = solve(w, 1e-14)
        return -np.linalg.solve(parts(b, w)[1], 2 * b) * np.exp(w) * b

    return loss, gradient, w


def inner_descent(rtol: float, seed: int = 0) -> Case:
    """Ridge regression trained by gradient descent; the loss on other data."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(30, 4)), rng.normal(size=30)
    other, target, w = rng.normal(size=(20, 4)), rng.normal(size=20), rng.normal(size=4)
    gram, moment = x.T @ x / 30, x.T @ y / 30

    def loss(w: Vector) -> float:
        penalty, b = np.exp(np.array([float(v) for v in w])), np.zeros(4)
        for _ in range(LIMIT):
            old, b = b, b - 0.1 * (gram @ b + penalty * b - moment)
            if _is_close(b, old, rtol):
                break
        return float(((other @ b - target) ** 2).mean())

    def gradient(w: Vector) -> Vector:
        m = gram + np.diag(np.exp(w))
        b = np.linalg.solve(m, moment)
        up = 2 * other.T @ (other @ b - target) / 20
        return -np.linalg.solve(m, up) * np.exp(w) * b

    return loss, gradient, w


def expectation_maximisation(rtol: float, seed: int = 0) -> Case:
    """The evidence lower bound of a mixture at its best weights, as a function of the means."""
    rng = np.random.default_rng(seed)
    data = np.concatenate([rng.normal(-1, 1, 30), rng.normal(1.5, 1, 20), rng.normal(4, 1, 15)])
    means = np.array([-0.8, 1.2, 3.5])

    def best(m: Vector, rtol: float) -> tuple[np.ndarray, Vector]:
        density, pi = np.exp(-((data[:, None] - m) ** 2) / 2), np.full(3, 1 / 3)
        for _ in range(LIMIT):
            r = density * pi
            r /= r.sum(1, keepdims=True)
            old, pi = pi, r.mean(0)
            if _is_close(pi, old, rtol):
                break
        return density, pi

    def loss(m: Vector) -> float:
        density, pi = best(np.array([float(v) for v in m]), rtol)
        return float(-np.log(density @ pi).mean() + (pi * np.arange(3)).sum())

    def gradient(m: Vector) -> Vector:
        density, pi = best(m, 1e-15)
        s = density @ pi
        ratio = density / s[:, None]  # pi solves mean(ratio) = 1
        slopes = (data[:, None] - m) * ratio * pi  # d log s / dm
        n = len(data)
        h = -ratio.T @ ratio / n
        cross = (np.diag(((data[:, None] - m) * ratio).sum(0)) - ratio.T @ slopes) / n
        system = np.block([[h, np.ones((3, 1))], [np.ones((1, 3)), np.zeros((1, 1))]])
        dpi = np.linalg.solve(system, np.vstack([-cross, np.zeros((1, 3))]))[:3]
        return -slopes.mean(0) + np.arange(3) @ dpi

    return loss, gradient, means


def bisection(rtol: float, seed: int = 0) -> Case:
    """A root found by halving: a staircase."""
    w = np.random.default_rng(seed).uniform(0.5, 2.0, 3)

    def root(w: Vector, rtol: float) -> float:
        low, high = 0.0, 3.0
        while high - low > rtol:
            middle = (low + high) / 2
            if w[0] * middle + w[1] * middle**3 < w[2] + 1:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def gradient(w: Vector) -> Vector:
        r = root(w, 1e-15)
        slope = w[0] + 3 * w[1] * r**2
        return np.array([-r, -(r**3), 1.0]) / slope * 2 * r

    return lambda w: root([float(v) for v in w], rtol) ** 2, gradient, w


def runge_kutta(rtol: float, seed: int = 0, method: str = "RK45") -> Case:
    """Lotka and Volterra's populations at a time."""
    from scipy.integrate import solve_ivp

    k = np.random.default_rng(seed).uniform(0.8, 1.3, 3)

    def rate(t: float, u: Vector, k: Vector) -> list[float]:
        return [k[0] * u[0] - k[1] * u[0] * u[1], -k[2] * u[1] + k[1] * u[0] * u[1]]

    def loss(k: Vector) -> float:
        k = np.array([float(v) for v in k])
        end = solve_ivp(rate, (0, 4), [1.0, 0.6], args=(k,), method=method, rtol=rtol, atol=rtol)
        return float((end.y[:, -1] ** 2).sum())

    def sensitivities(t: float, s: Vector, k: Vector) -> Vector:
        u, j = s[:2], s[2:].reshape(2, 3)
        du = np.array([[k[0] - k[1] * u[1], -k[1] * u[0]], [k[1] * u[1], -k[2] + k[1] * u[0]]])
        dk = np.array([[u[0], -u[0] * u[1], 0], [0, u[0] * u[1], -u[1]]])
        return np.concatenate([rate(t, u, k), (du @ j + dk).ravel()])

    def gradient(k: Vector) -> Vector:
        start = np.concatenate([[1.0, 0.6], np.zeros(6)])
        end = solve_ivp(
            sensitivities, (0, 4), start, args=(k,), method="DOP853", rtol=1e-12, atol=1e-13
        ).y[:, -1]
        return 2 * end[:2] @ end[2:].reshape(2, 3)

    return loss, gradient, k


def value_iteration(rtol: float, seed: int = 0) -> Case:
    """The worth of a Markov chain with discount 0.9, as a function of the rewards, squared."""
    rng = np.random.default_rng(seed)
    p, w = rng.dirichlet(np.ones(5), size=5), rng.normal(size=5)

    def loss(w: Vector) -> float:
        reward, v = np.array([float(x) for x in w]) ** 2, np.zeros(5)
        for _ in range(LIMIT):
            old, v = v, reward + 0.9 * p @ v
            if np.abs(v - old).max() <= rtol * np.abs(v).max():
                break
        return float(np.log(v).sum())

    def gradient(w: Vector) -> Vector:
        m = np.eye(5) - 0.9 * p
        v = np.linalg.solve(m, w**2)
        return np.linalg.solve(m.T, 1 / v) * 2 * w

    return loss, gradient, w


def adaptive_quadrature(rtol: float, seed: int = 0) -> Case:
    from scipy.integrate import quad

    w = np.random.default_rng(seed).uniform(0.5, 2.0, 2)

    def loss(w: Vector) -> float:
        a, b = (float(v) for v in w)
        return float(
            quad(lambda t: np.exp(-a * t) * np.cos(b * t * 5) ** 2, 0, 6, epsrel=rtol, epsabs=0)[0]
        )

    def gradient(w: Vector) -> Vector:
        a, b = w
        da = quad(lambda t: -t * np.exp(-a * t) * np.cos(b * t * 5) ** 2, 0, 6, epsrel=1e-12)[0]
        db = quad(
            lambda t: -5 * t * np.exp(-a * t) * np.sin(10 * b * t), 0, 6, epsrel=1e-12, epsabs=1e-13
        )[0]
        return np.array([da, db])

    return loss, gradient, w


def series(rtol: float, seed: int = 0) -> Case:
    """A power series summed until its terms are small; carried by complex numbers."""
    w = np.random.default_rng(seed).uniform(0.3, 0.9, 5)

    def loss(w: Vector) -> complex:
        total, term, k = 0.0 * w, w + 0.0, 1
        while np.abs(term.real).max() > rtol * np.abs(total.real).max():
            total = total + term / k
            term, k = term * w, k + 1
        return total.sum()

    return loss, lambda w: 1 / (1 - w), w


KINDS = {
    f.__name__: f
    for f in (
        fixed_point_solver, gauss_seidel, jacobi_slow, conjugate_gradients, equilibrium,
        power_iteration, sinkhorn, inner_newton, inner_descent, expectation_maximisation,
        bisection, runge_kutta, value_iteration, adaptive_quadrature, series,
    )
}  # fmt: skip
