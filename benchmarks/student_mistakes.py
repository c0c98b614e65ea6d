"""25 mistakes of students in the gradient of a ``Net``: functions (net, params) -> gradient."""

from collections.abc import Callable

import numpy as np

from benchmarks.nets import ACTIVATIONS, Net, Params

Wrong = Callable[[Net, Params], Params]


def backward(
    net: Net,
    P: Params,
    *,
    error: Callable = lambda q, Y, z: q - Y,
    slope: Callable | None = None,
    bias1: Callable = lambda delta, q: delta.sum(axis=0),
    inputs: Callable = lambda h, s: h,
    keep: slice = slice(None),
    data: float = 1.0,
    penalty: float = 1.0,
    biases: float = 0.0,
) -> Params:
    """The right gradient, in pieces that a mistake replaces."""
    s, h, z = net.scores(P)
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    delta2 = error(q, np.eye(q.shape[1])[net.labels], z) * (data * net.scale / net.N)
    mask = np.zeros((net.N, 1))
    mask[keep] = 1.0
    delta2 = delta2 * mask
    slope = slope or ACTIVATIONS[net.activation][1]
    delta1 = (delta2 @ P["W2"].T) * slope(s, h)
    weight = penalty * net.scale * net.penalty
    return {
        "W1": net.X.T @ delta1 + weight * P["W1"],
        "b1": bias1(delta1, delta2 @ P["W2"].T) + biases * net.scale * net.penalty * P["b1"],
        "W2": inputs(h, s).T @ delta2 + weight * P["W2"],
        "b2": delta2.sum(axis=0) + biases * net.scale * net.penalty * P["b2"],
    }


def _edited(edit: Callable[[Params, Net], None]) -> Wrong:
    def wrong(net: Net, P: Params) -> Params:
        gradient = net.gradient(P)
        edit(gradient, net)
        return gradient

    return wrong


def _set(name: str, index: object, factor: float) -> Wrong:
    def edit(gradient: Params, net: Net) -> None:
        gradient[name][index] *= factor

    return _edited(edit)


def _float32(net: Net, P: Params) -> Params:
    return {k: g.astype(np.float32).astype(float) for k, g in net.gradient(P).items()}


def _with(**changes: object) -> Wrong:
    return lambda net, P: backward(net, P, **changes)


MISTAKES: dict[str, Wrong] = {
    "sign": lambda net, P: {k: -g for k, g in net.gradient(P).items()},
    "sum instead of mean": lambda net, P: backward(net, P, data=net.N),
    "1/N twice": lambda net, P: backward(net, P, data=1 / net.N),
    "no penalty": _with(penalty=0.0),
    "penalty twice": _with(penalty=2.0),
    "half of the penalty": _with(penalty=0.5),
    "penalty / N": lambda net, P: backward(net, P, penalty=1 / net.N),
    "penalty on the biases": _with(biases=1.0),
    "sigma' left out": _with(slope=lambda s, h: np.ones_like(h)),
    "sigma' twice": lambda net, P: backward(
        net, P, slope=lambda s, h: ACTIVATIONS[net.activation][1](s, h) ** 2 * (1 + 0.1 * h)
    ),
    "sigma' taken at h": _with(slope=lambda s, h: 1 - np.tanh(h) ** 2),
    "sigma' = 1 - h": _with(slope=lambda s, h: 1 - h),
    "one-hot off by one": _with(error=lambda q, Y, z: q - np.roll(Y, 1, axis=1)),
    "target not subtracted": _with(error=lambda q, Y, z: q),
    "softmax' once more": _with(error=lambda q, Y, z: (q - Y) * q * (1 - q)),
    "db1 is a mean": lambda net, P: backward(net, P, bias1=lambda d, q: d.mean(axis=0)),
    "db1 without sigma'": _with(bias1=lambda d, q: 1.01 * q.sum(axis=0)),
    "dW2 with s for h": _with(inputs=lambda h, s: s + 0.5),
    "last sample dropped": _with(keep=slice(0, -1)),
    "only the first sample": _with(keep=slice(0, 1)),
    "db2 doubled": _set("b2", slice(None), 2.0),
    "one entry is zero": _set("W1", (25, 9), 0.0),
    "one row has the wrong sign": _set("W1", 7, -1.0),
    "last column never written": _set("W2", (slice(None), -1), 0.0),
    "float32": _float32,
}
