"""The circuit of this notebook with every number on it."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def solved() -> Figure:
    """Values forward in green, gradients backward in red."""
    figure, ax = plt.subplots(figsize=(8.2, 3.9), layout="constrained")
    wires = {("x", "+"): ("–2", "–4"), ("y", "+"): ("5", "–4"), ("y", "max"): ("5", "1"),
             ("z", "max"): ("–4", "0"), ("z", "×"): ("–4", "3"), ("+", "×"): ("q = 3", "–4"),
             ("max", "+ "): ("m = 5", "1"), ("×", "+ "): ("p = –12", "1"),
             ("+ ", "L"): ("–7", "1")}  # fmt: skip
    graph(
        {"x": (0, 3.6), "y": (0, 2), "z": (0, 0.3), "+": (2, 3.3), "max": (2, 0),
         "×": (3.9, 2.6), "+ ": (5.5, 1.2), "L": (6.9, 1.2)},
        list(wires),
        boxes=("+", "×", "max", "+ "),
        values={wire: value for wire, (value, _) in wires.items()},
        gradients={wire: gradient for wire, (_, gradient) in wires.items()},
        notes={"x": "total –4", "y": "total –3", "z": "total 3"},
        ax=ax,
    )  # fmt: skip
    return figure
