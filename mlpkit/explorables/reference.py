"""What each explorable shows, computed with numpy: the other side of its test, and its picture.

Each function takes the state of a module and returns what the module's ``compute`` returns.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mlpkit.momentum import Quadratic, best_parameters, spectral_radius, step_matrix, trajectory

State = Mapping[str, Any]
PATTERN = np.array([[0.8, -0.6, 0.5, 0], [0.6, 0.8, 0, 0.5], [0, 0, 0.3, -0.4], [0, 0, 0.4, 0.3]])
STEPS = [float(f"{m}e{k - 20}") for k in range(20) for m in (1, 1.8, 3.2, 5.6)] + [1.0]


def sigmoid(z: Any) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=float)))


def momentum(state: State) -> dict[str, Any]:
    """Return paths, risks, radii and matrices; from the powers of the matrix, not from steps."""
    gamma, alpha, steps = state["gamma"], state["alpha"], int(state["steps"])
    bowl, start = Quadratic([state["lambda"], 1.0]), np.array([state["theta1"], state["theta2"]])
    eta = gamma * alpha if state["translate"] == "yes" else gamma
    domke = trajectory(bowl, start, gamma, alpha, steps)
    other = trajectory(bowl, start, eta / alpha, alpha, steps)
    paths = {"Domke": domke} | dict.fromkeys(("heavy ball", "CS231n", "Polyak"), other)
    best_alpha, best_gamma, best = best_parameters(state["lambda"], 1.0)
    radii = spectral_radius(bowl.curvatures, gamma, alpha)
    return {
        "eta": eta,
        "paths": paths,
        "risks": {name: 0.5 * path**2 @ bowl.curvatures for name, path in paths.items()},
        "radii": radii,
        "rate": radii.max(),
        "matrices": [step_matrix(c, gamma, alpha) for c in bowl.curvatures],
        "best": {"rate": best, "alpha": best_alpha, "gamma": best_gamma},
    }


def squared_loss(z: Any, y: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the loss and dL/dz; Li, (1) and (2)."""
    yhat = sigmoid(z)
    return 0.5 * (yhat - y) ** 2, (yhat - y) * yhat * sigmoid(-np.asarray(z))


def cross_entropy(z: Any, y: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the loss and dL/dz; Li, (3) and (8)."""
    return np.logaddexp(0, -z if y else z), -sigmoid(-z) if y else sigmoid(z)


def two_losses(state: State) -> dict[str, dict[str, np.ndarray]]:
    """Return scores, losses, gradients and predictions of both descents."""
    y, out = int(state["y"]), {}
    for name, loss in {"squared": squared_loss, "crossEntropy": cross_entropy}.items():
        scores = [float(state["z"])]
        for _ in range(int(state["steps"])):
            scores.append(scores[-1] - state["step"] * float(loss(scores[-1], y)[1]))
        z = np.array(scores)
        value, gradient = loss(z, y)
        out[name] = {"z": z, "loss": value, "gradient": gradient, "yhat": sigmoid(z)}
    return out


def softmax(state: State) -> dict[str, Any]:
    """Return yhat, its Jacobian diag(yhat) - yhat yhat^T, the loss and its gradient."""
    z, y = np.asarray(state["scores"], dtype=float), int(state["y"])
    log_sum = np.logaddexp.reduce(z)
    yhat = np.exp(z - log_sum)
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    by_chain_rule = -jacobian[y] / yhat[y]  # dL/dyhat is -1 / yhat_y at y, 0 elsewhere
    return {"yhat": yhat, "jacobian": jacobian, "loss": log_sum - z[y], "gradient": by_chain_rule}


FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "cube": (lambda x: x * x * x, lambda x: 3 * x * x),
    "root": (lambda x: np.sqrt(1 + x * x), lambda x: x / np.sqrt(1 + x * x)),
    "softplus": (lambda x: np.log1p(np.exp(x)), sigmoid),
    "relu": (
        lambda x: x if np.real(x) > 0 else 0 * x,
        lambda x: 1.0 if x > 0 else 0.0 if x < 0 else np.nan,
    ),
}


def estimates(name: str, x: float, h: float) -> dict[str, float]:
    """Return the forward, central and complex step quotients of a function at ``x``."""
    f = FUNCTIONS[name][0]
    return {
        "forward": float((f(x + h) - f(x)) / h),
        "central": float((f(x + h) - f(x - h)) / (2 * h)),
        "complex": float(np.imag(f(complex(x, h))) / h),
    }


def step_h(state: State) -> dict[str, Any]:
    """Return the derivative and the quotients at ``h`` and at every one of `STEPS`."""
    name, x = state["name"], state["x"]
    every = [estimates(name, x, h) for h in STEPS]
    return {
        "exact": float(FUNCTIONS[name][1](x)),
        "at": estimates(name, x, state["h"]),
        "all": {key: np.array([e[key] for e in every]) for key in every[0]},
    }


def inputs(T: int) -> np.ndarray:
    """Return the fixed inputs x_1 ... x_T in [-1, 1), Park and Miller's generator from 12345."""
    seeds = [12345]
    for _ in range(T):
        seeds.append(16807 * seeds[-1] % 2147483647)
    return np.array(seeds[1:]) / 2147483647 * 2 - 1


def through_time(state: State) -> dict[str, Any]:
    """Return the norm of the error at each step back: Galvan (7), unrolled; and the carousel's."""
    T, W, straight = int(state["T"]), state["rho"] * PATTERN, state["linear"] == "yes"
    h, slopes = np.zeros(4), []
    for x in inputs(T):
        a = W @ h + state["scale"] * x
        h = a if straight else np.tanh(a)
        slopes.append(np.ones(4) if straight else 1 - h**2)
    errors = [np.array([1, 0, 0.5, 0])]
    for slope in reversed(slopes):
        errors.append(W.T @ (slope * errors[-1]))
    norms = np.linalg.norm(errors, axis=1)
    return {"plain": norms / norms[0], "carousel": state["forget"] ** np.arange(T + 1.0)}


def backward(nodes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return values and gradients of a graph, as the module names them; gradients by the chain
    rule along every path, forward: dv/du for all u at once, no second pass."""
    count = len(nodes)
    at = {node["name"]: i for i, node in enumerate(nodes)}
    values, local = np.zeros(count), np.zeros((count, count))
    for i, node in enumerate(nodes):
        if not node.get("op"):
            values[i] = node["value"]
            continue
        v = values[[at[name] for name in node["from"]]]
        values[i], slopes = _OPERATIONS[node["op"]](v, node)
        np.add.at(local[i], [at[name] for name in node["from"]], slopes)
    total = path = np.eye(count)[-1]
    for _ in nodes:  # I + local + local^2 + ...: all paths to L, and an exact 0 where none is open
        path = path @ local
        total = total + path
    linear = [(i, node) for i, node in enumerate(nodes) if node.get("op") == "linear"]
    return {
        "values": {name: float(values[i]) for name, i in at.items()},
        "gradients": {name: float(total[i]) for name, i in at.items()},
        "w": {n["name"]: total[i] * values[[at[k] for k in n["from"]]] for i, n in linear},
        "b": {n["name"]: float(total[i]) for i, n in linear},
    }


def _softmax_loss(v: np.ndarray, node: Mapping[str, Any]) -> tuple[float, np.ndarray]:
    result = softmax({"scores": v, "y": node["y"]})
    return result["loss"], result["gradient"]


_OPERATIONS: dict[str, Callable[[np.ndarray, Mapping[str, Any]], tuple[Any, Any]]] = {
    "linear": lambda v, n: (np.dot(n["w"], v) + n["b"], n["w"]),
    "add": lambda v, n: (v.sum(), np.ones_like(v)),
    "multiply": lambda v, n: (v.prod(), v[::-1]),
    "max": lambda v, n: (v.max(), np.eye(len(v))[v.argmax()]),
    "tanh": lambda v, n: (np.tanh(v[0]), 1 - np.tanh(v) ** 2),
    "sigmoid": lambda v, n: (sigmoid(v[0]), sigmoid(v) * sigmoid(-v)),
    "relu": lambda v, n: (max(v[0], 0.0), v > 0),
    "exp": lambda v, n: (np.exp(v[0]), np.exp(v)),
    "log": lambda v, n: (np.log(v[0]), 1 / v),
    "square": lambda v, n: (v[0] ** 2, 2 * v),
    "softmax_loss": _softmax_loss,
    "logistic_loss": lambda v, n: (
        (np.logaddexp(0, v) - np.multiply(n["y"], v)).sum(),
        sigmoid(v) - n["y"],
    ),
}
