"""Explorables: six pictures whose numbers one drags, in a notebook or on a page.

    from mlpkit import explorables as explore
    explore.momentum(gamma=2, alpha=0.5)

Each is one ES module that computes what it shows; Python only hands it the first state and a
picture for where no script runs. To drag, they need anywidget: ``pip install 'mlpkit[notebook]'``.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpkit.explorables.graphs import (
    CIRCUIT,
    called_addresses,
    network,
    reported_addresses,
    wrong_addresses,
)
from mlpkit.explorables.widget import NAMES, Explorable, module

if TYPE_CHECKING:
    from mlpkit.gradcheck.report import GradientReport

__all__ = [
    "NAMES",
    "Explorable",
    "backward_pass",
    "module",
    "momentum",
    "softmax",
    "step_h",
    "through_time",
    "two_losses",
]


def backward_pass(
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    *,
    wrong: "Mapping[str, Any] | GradientReport | None" = None,
) -> Explorable:
    """Show values forward and gradients backward on the wires of a graph.

    Parameters
    ----------
    values : the arrays of one sample by the names of a note, for example Domke's
        ``{"x": x, "W": W, "b": b, "V": V, "c": c, "y": y}`` (`graphs.network` lists the notes), at
        most 6 units in a layer; or the nodes of a scalar graph, as in `graphs.CIRCUIT`, in an order
        of evaluation, the loss last. None is that circuit.
    wrong : gradients of a student by name, ``{"dL_dW": array of W's shape}`` or ``{"q": number}``.
        Those entries that differ from the right ones are drawn in red, with both numbers. A value
        may be a function, ``lambda value, dL: dL_dV(dL["f"], value["h"])``, of the arrays of the
        forward pass and of the right derivatives: then a rung is red for its own mistake alone, and
        one that is not done yet, or raises, stops no other. Or the report of `check_gradient` on
        the loss of this one sample: the entries that it shows.

    Raises
    ------
    ValueError : names of no note, layers of more than 6 units, shapes that do not fit
    """
    nodes = network(values) if isinstance(values, Mapping) else list(values or CIRCUIT)
    if wrong is None or isinstance(wrong, Mapping):
        given = dict(wrong or {})
        functions = {name: given.pop(name) for name, value in [*given.items()] if callable(value)}
        red, notes = called_addresses(nodes, functions)
        red |= wrong_addresses(nodes, given)
        for note in notes:
            print(note)
    else:
        red = reported_addresses(nodes, wrong)
    inner = [node["name"] for node in nodes if node.get("op")]
    state: dict[str, Any] = {"nodes": nodes, "wrong": red, "node": inner[0], "step": 2 * len(nodes)}
    first = next((address for address in red if ">" not in address), None)
    state["at"] = first if first and "." in first else nodes[0]["name"]
    if first:
        state["node"] = first.split(".")[0]
    return Explorable("backward_pass", state | {"centers": {}})


def momentum(
    *,
    gamma: float = 2.0,
    alpha: float = 0.5,
    curvature: float = 0.1,
    theta0: tuple[float, float] = (-2.0, 1.0),
    steps: int = 40,
) -> Explorable:
    """Show descent with momentum (Domke, section 5) on a bowl of curvatures ``curvature`` and 1."""
    start = {"theta1": float(theta0[0]), "theta2": float(theta0[1])}
    state = {"gamma": gamma, "alpha": alpha, "lambda": curvature, "steps": steps, **start}
    return Explorable("momentum", state | {"translate": "yes"})


def two_losses(
    *, z: float = -6.0, label: int = 1, step_size: float = 1.0, steps: int = 60
) -> Explorable:
    """Show squared loss and cross-entropy (Li, (1) and (3)) descend from the same score ``z``."""
    return Explorable("two_losses", {"z": z, "y": str(label), "step": step_size, "steps": steps})


def softmax(scores: Sequence[float] = (2.0, 0.5, -1.0, -2.0), label: int = 0) -> Explorable:
    """Show softmax of four scores, its Jacobian, and dL/dz = yhat - y (Gutfreund, section 2)."""
    z = np.asarray(scores, dtype=float)
    if z.shape != (4,) or label not in range(4):
        raise ValueError(
            f"softmax got scores of shape {z.shape} and label {label}, expected four scores and a "
            "label from 0 to 3"
        )
    return Explorable("softmax", {"scores": z.tolist(), "y": str(label)})


def step_h(function: str = "softplus", *, x: float = 0.7, h: float = 1e-5) -> Explorable:
    """Show rounding against truncation; ``function``: cube, root, softplus, or relu with a kink."""
    functions = ("cube", "root", "softplus", "relu")
    if function not in functions:
        raise ValueError(f"step_h got function {function!r}, expected one of {functions}")
    return Explorable("step_h", {"name": function, "x": x, "h": h})


def through_time(
    *, radius: float = 1.05, forget: float = 1.0, steps: int = 50, linear: bool = False
) -> Explorable:
    """Show the error sent back through time: recurrence of spectral ``radius``, and a carousel."""
    state = {"rho": radius, "forget": forget, "T": steps, "scale": 0.5}
    return Explorable("through_time", state | {"linear": "yes" if linear else "no"})
