"""Softmax networks with one hidden layer on which gradient checkers are compared.

Layout: X (N, p), W1 (p, M), b1 (M,), W2 (M, K), b2 (K,), mean cross-entropy over the N samples and
a penalty lambda/2 (|W1|^2 + |W2|^2).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Params = dict[str, np.ndarray]


def relu(z: np.ndarray) -> np.ndarray:
    return np.where(z.real > 0, z, 0)


ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "tanh": (np.tanh, lambda s, h: 1 - h**2),
    "relu": (relu, lambda s, h: (s > 0).astype(float)),
}


@dataclass
class Net:
    """loss(params), gradient(params) and params; loss = scale * (mean + penalty) + offset."""

    X: np.ndarray
    labels: np.ndarray
    params: Params
    activation: str = "tanh"
    penalty: float = 1e-3
    scale: float = 1.0
    offset: float = 0.0

    @property
    def N(self) -> int:
        return len(self.X)

    @property
    def constants(self) -> dict[str, float]:
        return {"N": self.N, "K": self.params["b2"].size, "lambda": self.penalty}

    def scores(self, P: Params) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        s = self.X @ P["W1"] + P["b1"]
        h = ACTIVATIONS[self.activation][0](s)
        z = h @ P["W2"] + P["b2"]
        return s, h, z - z.real.max(axis=1, keepdims=True)

    def loss(self, P: Params) -> float:
        z = self.scores(P)[2]
        entropy = np.log(np.exp(z).sum(axis=1)) - z[np.arange(self.N), self.labels]
        penalty = self.penalty / 2 * ((P["W1"] ** 2).sum() + (P["W2"] ** 2).sum())
        return self.scale * (entropy.mean() + penalty) + self.offset

    def gradient(self, P: Params) -> Params:
        s, h, z = self.scores(P)
        q = np.exp(z)
        q /= q.sum(axis=1, keepdims=True)
        q[np.arange(self.N), self.labels] -= 1
        q *= self.scale / self.N
        delta = (q @ P["W2"].T) * ACTIVATIONS[self.activation][1](s, h)
        penalty = self.scale * self.penalty
        return {
            "W1": self.X.T @ delta + penalty * P["W1"],
            "b1": delta.sum(axis=0),
            "W2": h.T @ q + penalty * P["W2"],
            "b2": q.sum(axis=0),
        }


def make(
    seed: int,
    activation: str = "tanh",
    sizes: tuple[int, int, int, int] = (100, 64, 32, 10),
    **options: float,
) -> Net:
    """A random network; sizes are N, p, M, K. (100, 64, 32, 10) has 2 410 parameters."""
    N, p, M, K = sizes
    rng = np.random.default_rng(seed)
    params = {
        "W1": rng.normal(size=(p, M)) / np.sqrt(p),
        "b1": 0.1 * rng.normal(size=M),
        "W2": rng.normal(size=(M, K)) / np.sqrt(M),
        "b2": 0.1 * rng.normal(size=K),
    }
    return Net(rng.normal(size=(N, p)), rng.integers(0, K, N), params, activation, **options)


LARGE = (128, 3072, 512, 10)  # 1 578 506 parameters


def family(name: str, seed: int) -> Net:
    """One of the nine families of correct networks, hard for a checker in nine ways."""
    rng = np.random.default_rng([seed, 1])
    net = make(seed, "relu" if name.startswith("ReLU") else "tanh")
    if name in ("loss x 1e6", "ReLU, loss x 1e6"):
        net.scale = 1e6
    elif name == "loss + 1e6":
        net.offset = 1e6
    elif name == "saturated softmax":
        net.params["W2"] *= 30
    elif name == "raw pixels 0..16":
        net.X = rng.integers(0, 17, net.X.shape).astype(float)
    elif name == "ReLU, z near 1e-6":  # every unit of the first samples just beside its kink
        net.X[:10] = 0
        net.params["b1"] = 1e-6 * rng.normal(size=net.params["b1"].shape)
    elif name == "ReLU, z = 0":  # every unit of the first samples exactly on its kink
        net.X[:10] = 0
        net.params["b1"] = np.zeros_like(net.params["b1"])
    elif name == "badly scaled":
        net.X *= 10.0 ** rng.uniform(-4, 4, net.X.shape[1])
        net.params["W1"] /= np.maximum(1e-4, np.abs(net.X).max(axis=0))[:, None]
    elif name == "float32":
        net.params = {k: v.astype(np.float32) for k, v in net.params.items()}
        net.X = net.X.astype(np.float32)
    return net


FAMILIES = (
    "tanh", "loss x 1e6", "loss + 1e6", "saturated softmax", "raw pixels 0..16",
    "ReLU", "ReLU, z near 1e-6", "ReLU, z = 0", "ReLU, loss x 1e6",
)  # fmt: skip
MORE_FAMILIES = ("badly scaled", "float32")
