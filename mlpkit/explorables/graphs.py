"""Networks of one hidden layer as graphs of scalar nodes, in the symbols of each note."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpkit.explorables.reference import backward

if TYPE_CHECKING:
    from mlpkit.gradcheck.report import GradientReport

Node = Mapping[str, Any]
MOST = 6  # units in a layer that a picture can hold
CIRCUIT: tuple[Node, ...] = (
    {"name": "x", "value": -2.0},
    {"name": "y", "value": 5.0},
    {"name": "z", "value": -4.0},
    {"name": "q", "op": "add", "from": ["x", "y"]},
    {"name": "m", "op": "max", "from": ["y", "z"]},
    {"name": "p", "op": "multiply", "from": ["q", "z"]},
    {"name": "L", "op": "add", "from": ["p", "m"]},
)


@dataclass(frozen=True)
class Alphabet:
    """How a note calls a network: input, (weight, bias, sum, activation, unit) layers, the loss.

    ``rows``: a sample is a row, so that weights are (inputs, units); else (units, inputs).
    """

    layers: tuple[tuple[str, str, str, str, str], ...]
    loss: str
    rows: bool = False


ALPHABETS = {
    "Domke": Alphabet((("W", "b", "s", "tanh", "h"), ("V", "c", "f", "", "")), "softmax_loss"),
    "Gutfreund": Alphabet(
        (("W", "b", "s", "tanh", "h"), ("U", "bhat", "z", "", "")), "softmax_loss"
    ),
    "Hao": Alphabet(
        (("W1", "b1", "D", "relu", "h"), ("W2", "b2", "c", "", "")), "softmax_loss", rows=True
    ),
    "Li": Alphabet(
        (("W1", "b1", "t1", "sigmoid", "z1"), ("W2", "b2", "t2", "", "")),
        "logistic_loss",
        rows=True,
    ),
    "Li, one neuron": Alphabet((("W", "b", "z", "", ""),), "logistic_loss"),
}


def network(values: Mapping[str, Any], note: str | None = None) -> list[Node]:
    """Return the nodes of one sample's network, in an order of evaluation, the loss last.

    Parameters
    ----------
    values : "x" (p,), "y", and the parameters of a note in its shapes. Domke: W (M, p), b (M,),
        V (K, M), c (K,), y a class. Gutfreund: W, b, U, bhat, the same shapes. Hao: W1 (p, M), b1,
        W2 (M, K), b2. Li: as Hao, y (K,) of 0 and 1. Li's one neuron: W (p,), b, y 0 or 1.
        A class may be given one-hot.
    note : a key of `ALPHABETS`. By default it is told by the names; where Hao's and Li's are the
        same, a y of more than one 1 or a single output is Li's.

    Raises
    ------
    ValueError : names of no note, shapes that do not fit, more than 6 units in a layer
    """
    alphabet = ALPHABETS[note] if note else _recognise(values)
    x = _vector(values["x"], "x")
    nodes: list[Node] = [{"name": f"x[{j}]", "value": v} for j, v in enumerate(x)]
    units = [node["name"] for node in nodes]
    for weight, bias, total, activation, unit in alphabet.layers:
        W, b = _parameters(values, weight, bias, len(units), alphabet.rows)
        sums = [f"{total}[{i}]" for i in range(len(b))]
        for i, name in enumerate(sums):
            nodes.append(
                {
                    "name": name,
                    "op": "linear",
                    "from": units,
                    "w": W[i].tolist(),
                    "b": float(b[i]),
                    "wnames": [
                        _entry(values, weight, i, j, alphabet.rows) for j in range(len(units))
                    ],
                    "bname": f"{bias}[{i}]" if np.ndim(values[bias]) else bias,
                }
            )
        units = sums
        if activation:
            units = [f"{unit}[{i}]" for i in range(len(sums))]
            nodes += [
                {"name": u, "op": activation, "from": [s]} for u, s in zip(units, sums, strict=True)
            ]
    label = _label(values["y"], len(units), alphabet.loss)
    return [*nodes, {"name": "L", "op": alphabet.loss, "from": units, "y": label}]


def wrong_addresses(nodes: Sequence[Node], wrong: Mapping[str, Any]) -> dict[str, float]:
    """Return {address: the student's number} for each entry of a gradient that is not right.

    A gradient is named ``dL_dW``, ``dW`` or ``W``; entries farther than 1e-6 of the largest right
    one count as wrong. An address is "h[0]" for a node, "s[0].w1" for a weight, "s[0].b"
    for a bias.
    """
    by_label = _numbers_by_label(nodes)
    red: dict[str, float] = {}
    for given, value in wrong.items():
        key = given if given in by_label else given.removeprefix("dL_").removeprefix("d")
        entries = {
            label: found
            for label, found in by_label.items()
            if label == key or label.startswith(f"{key}[")
        }
        red |= _differing(given, np.asarray(value, dtype=float), entries, key)
    return red


def called_addresses(
    nodes: Sequence[Node], functions: Mapping[str, Callable[..., Any]]
) -> tuple[dict[str, float], list[str]]:
    """Return what `wrong_addresses` does for functions, and a line for each that gives nothing.

    Each gets the arrays ``value`` and ``dL`` by their names: values of the forward pass, and the
    *right* derivatives. So a rung is red for its own mistake, not for that of an earlier one.
    """
    passed = backward(nodes)["values"]
    value = _arrays(passed)
    dL = _arrays({label: number for label, (_, number) in _numbers_by_label(nodes).items()})
    red: dict[str, float] = {}
    notes = []
    for name, function in functions.items():
        try:
            red |= wrong_addresses(nodes, {name: function(_copied(value), _copied(dL))})
        except NotImplementedError:
            notes.append(f"{name} is not done yet.")
        except ValueError as error:
            notes.append(f"{name} is not drawn: {error}")
        except Exception as error:  # a student's function; the others are drawn all the same
            notes.append(f"{name} is not drawn: it raised {type(error).__name__}: {error}")
    return red, notes


def _arrays(numbers: Mapping[str, float]) -> dict[str, np.ndarray]:
    """``{"h[0]": 1.0, "h[1]": 2.0}`` as ``{"h": array([1., 2.])}``."""
    entries: dict[str, dict[tuple[int, ...], float]] = {}
    for label, number in numbers.items():
        name, _, index = label.partition("[")
        place = tuple(map(int, index.rstrip("]").split(","))) if index else ()
        entries.setdefault(name, {})[place] = number
    arrays = {}
    for name, found in entries.items():
        arrays[name] = np.zeros(np.max(list(found), axis=0).astype(int) + 1)
        for place, number in found.items():
            arrays[name][place] = number
    return arrays


def _copied(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: array.copy() for name, array in arrays.items()}


def reported_addresses(nodes: Sequence[Node], report: "GradientReport") -> dict[str, float]:
    """Return {address: the student's number} for the wrong entries that a checker's report shows.

    The parameters of the report are named as in the graph, and it is about this one sample.
    """
    by_label = _numbers_by_label(nodes)
    red: dict[str, float] = {}
    for finding in report.findings:
        for entry in finding.entries:
            index = f"[{','.join(map(str, entry.index))}]" if entry.index else ""
            label = finding.parameter + index
            if label not in by_label:
                raise ValueError(
                    f"the report is about {label}, which is no number of this graph; check a "
                    "gradient with respect to the parameters that the values name"
                )
            red[by_label[label][0]] = entry.yours
    return red


def _numbers_by_label(nodes: Sequence[Node]) -> dict[str, tuple[str, float]]:
    """{label: (address, derivative of L)} for every node, weight and bias."""
    right = backward(nodes)
    by_label: dict[str, tuple[str, float]] = {}
    for node in nodes:
        name = node["name"]
        by_label[name] = name, right["gradients"][name]
        if node.get("op") == "linear":
            labels = node.get("wnames") or [f"{name}.w{j}" for j in range(len(node["w"]))]
            for j, label in enumerate(labels):
                by_label[label] = f"{name}.w{j}", right["w"][name][j]
            by_label[node.get("bname", f"{name}.b")] = f"{name}.b", right["b"][name]
    return by_label


def _differing(
    given: str, value: np.ndarray, entries: Mapping[str, tuple[str, float]], key: str
) -> dict[str, float]:
    if not entries:
        raise ValueError(f"wrong has {given!r}, which is no number of this graph")
    scale = max(abs(number) for _, number in entries.values())
    red = {}
    for label, (address, number) in entries.items():
        index = label.removeprefix(key).strip("[]")
        try:
            yours = float(value[tuple(map(int, index.split(",")))] if index else value)
        except (IndexError, TypeError, ValueError):
            raise ValueError(
                f"{given} has shape {value.shape}, which has no single number at {label}; "
                f"expected the shape of {key}"
            ) from None
        if not abs(yours - number) <= 1e-6 * max(scale, 1e-12):
            red[address] = yours
    return red


def _recognise(values: Mapping[str, Any]) -> Alphabet:
    fitting = [
        alphabet
        for alphabet in ALPHABETS.values()
        if {"x", "y", *(name for layer in alphabet.layers for name in layer[:2])} <= set(values)
    ]
    if not fitting:
        known = "; ".join(
            f"{note}: x, y, {', '.join(name for layer in a.layers for name in layer[:2])}"
            for note, a in ALPHABETS.items()
        )
        raise ValueError(f"the values are {', '.join(values)}, expected those of a note ({known})")
    both = [a for a in fitting if len(a.layers) == 2] or fitting
    y = np.asarray(values["y"])
    independent = y.ndim == 1 and (y.size == 1 or y.sum() != 1)
    return next((a for a in both if (a.loss == "logistic_loss") == independent), both[0])


def _vector(value: Any, name: str) -> list[float]:
    vector = np.atleast_1d(np.asarray(value, dtype=float))
    if vector.ndim != 1 or len(vector) > MOST:
        raise ValueError(
            f"{name} has shape {vector.shape}, expected one sample, a vector of at most {MOST} "
            "numbers; take a small network such as p = 2, M = 3, K = 2"
        )
    return [float(number) for number in vector]


def _parameters(
    values: Mapping[str, Any], weight: str, bias: str, inputs: int, rows: bool
) -> tuple[np.ndarray, list[float]]:
    b = _vector(values[bias], bias)
    W = np.asarray(values[weight], dtype=float)
    expected = (inputs, len(b)) if rows else (len(b), inputs)
    if W.ndim == 1 and len(b) == 1:
        W = W.reshape(expected)
    if W.shape != expected:
        raise ValueError(f"{weight} has shape {W.shape}, expected {expected}")
    return (W.T if rows else W), b


def _entry(values: Mapping[str, Any], weight: str, i: int, j: int, rows: bool) -> str:
    if np.ndim(values[weight]) == 1:
        return f"{weight}[{j}]"
    return f"{weight}[{j},{i}]" if rows else f"{weight}[{i},{j}]"


def _label(y: Any, K: int, loss: str) -> Any:
    label = np.asarray(y)
    if loss == "logistic_loss":
        vector = np.atleast_1d(label).astype(float)
        if vector.shape != (K,):
            raise ValueError(
                f"y has shape {label.shape}, expected ({K},): a 0 or 1 for each output"
            )
        return vector.tolist()
    if label.ndim == 1 and label.shape == (K,):
        label = np.asarray(label.argmax())
    if label.ndim or not 0 <= int(label) < K:
        raise ValueError(f"y is {y!r}, expected a class from 0 to {K - 1}")
    return int(label)
