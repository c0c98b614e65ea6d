"""Known mistakes in backpropagation through fully connected networks, as wrong gradients.

    alternatives = known_mistakes(X, y, [("W1", "b1"), ("W2", "b2")], hidden="relu")
    check_gradient(loss, gradient, params, alternatives=alternatives)

Each mistake is one change to the same backward pass. A gradient that equals a changed one to the
last digits has made that mistake.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]
Piece = Callable[..., Any]  # arrays to arrays; the arguments stand where it is called


def _sigmoid(s: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(s / 2))


# activation, and its derivative by s and h = activation(s)
ACTIVATIONS: dict[str, tuple[Piece, Piece]] = {
    "tanh": (np.tanh, lambda s, h: 1 - h**2),
    "sigmoid": (_sigmoid, lambda s, h: h * (1 - h)),
    "relu": (lambda s: np.maximum(s, 0), lambda s, h: (s > 0).astype(float)),
    "identity": (lambda s: s, lambda s, h: np.ones_like(s)),
}


@dataclass(frozen=True)
class Pass:
    """A backward pass in pieces that can be changed one by one.

    Shapes: inputs (N, p) of a layer, scores s (N, M), delta = dL/ds (N, M), W (p, M), b (M,).
    """

    output: Piece  # (scores, yhat, Y) -> delta of the last layer
    derivative: Piece  # (s, h) -> sigma'(s)
    hidden: Piece  # activation of the forward pass
    inputs: Piece = lambda a, s, h: a  # what the weights' gradient takes for the layer's input
    bias: Piece = lambda delta: delta.sum(axis=0)
    back: Piece = lambda delta, W: delta @ W.T
    samples: Piece = lambda delta: delta
    with_bias: bool = True  # in the forward pass
    depth: int | None = None  # the only hidden layer whose derivative is changed; None: all


@dataclass(frozen=True)
class Network:
    """A classifier: X (N, p), targets Y (N, K), pairs of names (W, b) from input to output."""

    X: np.ndarray
    Y: np.ndarray
    layers: Sequence[tuple[str, str]]
    hidden: str = "tanh"
    output: str = "softmax"
    mean: bool = False
    penalty: float = 0.0
    columns: bool = False  # W (M, p), as in W x + b, instead of (p, M), as in X W + b
    right: Pass = field(init=False)

    def __post_init__(self) -> None:
        activation, derivative = ACTIVATIONS[self.hidden]
        right = Pass(output=OUTPUTS[self.output][1], derivative=derivative, hidden=activation)
        object.__setattr__(self, "right", right)

    def gradient(self, change: Pass, params: Mapping[str, np.ndarray]) -> Arrays:
        """Backpropagation, with the pieces of ``change``."""
        with np.errstate(all="ignore"):
            steps, yhat = self._forward(change, params)
            delta = change.output(steps[-1][2], yhat, self.Y)
            delta = change.samples(delta) / (len(self.X) if self.mean else 1)
            gradient = {}
            for depth in range(len(self.layers))[::-1]:
                (weights, bias), (a, before, _, _) = self.layers[depth], steps[depth]
                W = self._rows(params[weights])
                taken = change.inputs(a, before, a) if depth else a
                gradient[weights] = self._rows(taken.T @ delta + self.penalty * W)
                gradient[bias] = change.bias(delta)
                if depth:
                    changed = change.depth in (None, depth)
                    derivative = (change if changed else self.right).derivative
                    delta = change.back(delta, W) * derivative(before, a)
        return gradient

    def _rows(self, W: np.ndarray) -> np.ndarray:
        return W.T if self.columns else W

    def _forward(
        self, change: Pass, params: Mapping[str, np.ndarray]
    ) -> tuple[list[Any], np.ndarray]:
        """(input, scores that made the input, own scores, own output) of each layer; yhat."""
        a, before, steps = self.X, None, []
        for depth, (weights, bias) in enumerate(self.layers):
            s = a @ self._rows(params[weights])
            if change.with_bias:
                s = s + params[bias]
            last = depth == len(self.layers) - 1
            h = OUTPUTS[self.output][0](s) if last else change.hidden(s)
            steps.append((a, before, s, h))
            a, before = h, s
        return steps, a


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    yhat: np.ndarray = e / e.sum(axis=1, keepdims=True)
    return yhat


# yhat of the scores, and dL/dscores: cross-entropy for the first two, half squared error
OUTPUTS: dict[str, tuple[Piece, Piece]] = {
    "softmax": (_softmax, lambda z, yhat, Y: yhat - Y),
    "sigmoid": (_sigmoid, lambda z, yhat, Y: yhat - Y),
    "squared": (lambda z: z, lambda z, yhat, Y: yhat - Y),
    "squared sigmoid": (_sigmoid, lambda z, yhat, Y: (yhat - Y) * yhat * (1 - yhat)),
}


def known_mistakes(
    X: np.ndarray,
    y: Any,
    layers: Sequence[tuple[str, str]],
    *,
    hidden: str = "tanh",
    output: str = "softmax",
    mean: bool = False,
    penalty: float = 0.0,
    columns: bool = False,
) -> dict[str, Callable[[Any], Arrays]]:
    """Wrong gradients by the sentence that each explains, for ``check_gradient(alternatives=)``.

    Parameters
    ----------
    X : (N, p), or (p,) for one sample.
    y : class numbers (N,) from 0, or targets (N, K); one number or (K,) for one sample.
    layers : names of weights and bias, from the input to the output.
    hidden : "tanh", "sigmoid", "relu" or "identity".
    output : "softmax" or "sigmoid" with cross-entropy, "squared" (half of the squared error of
        the scores) or "squared sigmoid".
    mean : whether the loss is the mean over the samples; else their sum.
    penalty : lambda of lambda/2 |W|^2 on all weights.
    columns : W is (M, p), as in W x + b; else (p, M), as in X W + b.

    The functions take and return dicts by the names in ``layers``.
    """
    X = np.atleast_2d(np.asarray(X, dtype=float))
    y = np.asarray(y)
    is_classes = y.dtype.kind in "iu" and output == "softmax" and y.ndim < 2 and y.size == len(X)
    targets = None if is_classes else np.asarray(y, dtype=float).reshape(len(X), -1)

    def wrong(change: dict[str, Any], params: Mapping[str, np.ndarray]) -> Arrays:
        Y = np.eye(np.size(params[layers[-1][1]]))[y.reshape(-1)] if targets is None else targets
        net = Network(X, Y, layers, hidden, output, mean, penalty, columns)
        return net.gradient(replace(net.right, **change), params)

    mistakes = [
        *_output_mistakes(output),
        *_hidden_mistakes(hidden),
        *_pass_mistakes(),
        *_samples(),
    ]
    for depth in range(1, len(layers)) if len(layers) > 2 else ():
        for sentence, change in _hidden_mistakes(hidden):
            mistakes.append((f"{sentence}, in hidden layer {depth}", change | {"depth": depth}))
    return {sentence: partial(wrong, change) for sentence, change in mistakes}


Mistakes = Iterator[tuple[str, dict[str, Any]]]


def _output_mistakes(output: str) -> Mistakes:
    """At the loss, where the backward pass starts."""
    for shift, word in ((1, "too high"), (-1, "too low")):
        yield (
            f"the one-hot vectors have their 1 one class {word}",
            {"output": lambda z, q, Y, s=shift: q - np.roll(Y, s, axis=1)},
        )
    yield "the targets are not subtracted: yhat instead of yhat - y", {"output": lambda z, q, Y: q}
    yield "yhat is missing: -y instead of yhat - y", {"output": lambda z, q, Y: -Y}
    yield "yhat + y stands where yhat - y is meant", {"output": lambda z, q, Y: q + Y}
    if output == "squared sigmoid":
        yield "the output's sigma' is left out", {"output": lambda z, q, Y: q - Y}
        yield (
            "the output's sigma' is taken at yhat instead of at the scores",
            {"output": lambda z, q, Y: (q - Y) * _sigmoid(q) * (1 - _sigmoid(q))},
        )
        yield (
            "the output's sigma' is z (1 - z) instead of yhat (1 - yhat)",
            {"output": lambda z, q, Y: (q - Y) * z * (1 - z)},
        )
        return
    if output == "squared":
        return
    yield (
        "the raw scores stand where yhat is meant",
        {"output": lambda z, q, Y: z - Y},
    )
    yield (
        "the output's derivative is multiplied in again: yhat - y is already dL/dz",
        {"output": lambda z, q, Y: (q - Y) * q * (1 - q)},
    )
    yield "dL/dyhat stands where dL/dz is meant", {"output": lambda z, q, Y: -Y / q}
    yield "abs(yhat - y) stands where yhat - y is meant", {"output": lambda z, q, Y: np.abs(q - Y)}
    yield "yhat - y is squared", {"output": lambda z, q, Y: (q - Y) ** 2}
    if output == "softmax":
        yield (
            "softmax's Jacobian has only its diagonal: -y (1 - yhat)",
            {"output": lambda z, q, Y: -Y * (1 - q)},
        )
        yield (
            "exp(z) is not divided by its sum",
            {"output": lambda z, q, Y: np.exp(z) - Y},
        )
        yield (
            "softmax is normalised over the samples instead of over the classes",
            {"output": lambda z, q, Y: _softmax(z.T).T - Y},
        )
        yield (
            "softmax is normalised over the samples (axis 0) instead of over the classes",
            {"output": lambda z, q, Y: _over_samples(z) - Y},
        )
        yield "sigmoid stands where softmax is meant", {"output": lambda z, q, Y: _sigmoid(z) - Y}


def _over_samples(z: np.ndarray) -> np.ndarray:
    """As above, with the largest score of each sample taken off first."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    yhat: np.ndarray = e / e.sum(axis=0)
    return yhat


def _hidden_mistakes(hidden: str) -> Mistakes:
    """At sigma', the derivative of the hidden units."""
    activation, right = ACTIVATIONS[hidden]
    yield "sigma' is left out", {"derivative": lambda s, h: np.ones_like(h)}
    yield "sigma' is multiplied in twice", {"derivative": lambda s, h: right(s, h) ** 2}
    yield (
        "sigma' is taken at h instead of at s",
        {"derivative": lambda s, h: right(h, activation(h))},
    )
    yield "sigma stands where sigma' is meant", {"derivative": lambda s, h: h}
    yield "s stands where sigma'(s) is meant", {"derivative": lambda s, h: s}
    for other, (_, derivative) in ACTIVATIONS.items():
        if other not in (hidden, "identity"):
            text = f"sigma' is that of {other}, and the units are {hidden}"
            yield text, {"derivative": derivative}
    if hidden == "tanh":
        yield "sigma' is 1 - h instead of 1 - h^2", {"derivative": lambda s, h: 1 - h}
        yield "sigma' is 1 - s^2 instead of 1 - h^2", {"derivative": lambda s, h: 1 - s**2}
        yield "sigma' is 1 + h^2 instead of 1 - h^2", {"derivative": lambda s, h: 1 + h**2}
        yield "sigma' is h^2 instead of 1 - h^2", {"derivative": lambda s, h: h**2}
    if hidden == "sigmoid":
        yield "sigma' is 1 - h instead of h (1 - h)", {"derivative": lambda s, h: 1 - h}
        yield "sigma' is s (1 - s) instead of h (1 - h)", {"derivative": lambda s, h: s * (1 - s)}
        yield "sigma' is h (1 + h) instead of h (1 - h)", {"derivative": lambda s, h: h * (1 + h)}
    if hidden != "relu":
        yield (
            "sigma' is divided by instead of multiplied",
            {"derivative": lambda s, h: 1 / right(s, h)},
        )
    if hidden == "relu":
        yield "sigma' is 1 where s < 0 instead of s > 0", {"derivative": lambda s, h: 1.0 * (s < 0)}
    yield "sigma' is 1 where h < 0 instead of sigma'", {"derivative": lambda s, h: 1.0 * (h < 0)}


def _pass_mistakes() -> Mistakes:
    """In the products that lead from one layer to the one before."""
    yield (
        "W stands where its transpose is meant",
        {"back": lambda delta, W: delta @ (W if W.shape[0] == W.shape[1] else W.T)},
    )
    yield (
        "s stands where h = sigma(s) is meant, as the input of the layer",
        {"inputs": lambda a, s, h: s},
    )
    yield (
        "sigma'(s) stands where h = sigma(s) is meant, as the input of the layer",
        {"inputs": lambda a, s, h: np.ones_like(h) - h**2},
    )
    yield "the product with W is left out", {"back": _spread}
    yield "the biases are left out of the forward pass", {"with_bias": False}
    yield "sigma is left out of the forward pass", {"hidden": lambda s: s}
    for name, (activation, _) in ACTIVATIONS.items():
        if name != "identity":
            yield f"the forward pass of the gradient uses {name}", {"hidden": activation}


def _spread(delta: np.ndarray, W: np.ndarray) -> np.ndarray:
    """delta summed over the units above, without their weights."""
    return np.broadcast_to(delta.sum(axis=1, keepdims=True), (len(delta), W.shape[0]))


def _samples() -> Mistakes:
    """In the sum over the samples."""
    yield "only the first sample is counted", {"samples": partial(_keep, slice(0, 1))}
    yield "only the last sample is counted", {"samples": partial(_keep, slice(-1, None))}
    yield "the last sample is left out", {"samples": partial(_keep, slice(0, -1))}
    yield "the first sample is left out", {"samples": partial(_keep, slice(1, None))}
    yield "the bias takes only the first sample", {"bias": lambda delta: delta[0]}
    yield "the bias takes only the last sample", {"bias": lambda delta: delta[-1]}
    yield (
        "the samples of X and of the errors are not in the same order: shifted by one",
        {"samples": lambda delta: np.roll(delta, 1, axis=0)},
    )
    yield (
        "the bias sums over the units instead of over the samples",
        {
            "bias": lambda delta: (
                delta.sum(axis=1) if delta.shape[0] == delta.shape[1] else delta.sum(axis=0)
            )
        },
    )


def _keep(which: slice, delta: np.ndarray) -> np.ndarray:
    kept = np.zeros_like(delta)
    kept[which] = delta[which]
    return kept
