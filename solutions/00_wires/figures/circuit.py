"""The circuit of this notebook: values on its wires, gradients still open."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def circuit() -> Figure:
    """L = (x + y) z + max(y, z) at x = -2, y = 5, z = -4, the values partly filled in."""
    figure, ax = plt.subplots(figsize=(8.2, 3.9), layout="constrained")
    wires = {("x", "+"): "–2", ("y", "+"): "5", ("y", "max"): "5", ("z", "max"): "–4",
             ("z", "×"): "–4", ("+", "×"): "q = 3", ("max", "+ "): "m = ?", ("×", "+ "): "p = ?",
             ("+ ", "L"): "?"}  # fmt: skip
    graph(
        {"x": (0, 3.6), "y": (0, 2), "z": (0, 0.3), "+": (2, 3.3), "max": (2, 0),
         "×": (3.9, 2.6), "+ ": (5.5, 1.2), "L": (6.9, 1.2)},
        list(wires),
        boxes=("+", "×", "max", "+ "),
        values=wires,
        gradients=dict.fromkeys(wires, "?") | {("+ ", "L"): "1"},
        ax=ax,
    )  # fmt: skip
    return figure
