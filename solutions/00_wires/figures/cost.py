"""One product, forward and backward, with the multiplications of each."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import BACKWARD, FORWARD, graph

PLACES = {"w": (0, 1.5), "x": (0, 0), "×": (1.9, 0.75), "s": (3.3, 0.75)}
WIRES = [("w", "×"), ("x", "×"), ("×", "s")]


def cost() -> Figure:
    """Left, values: one multiplication. Right, gradients: two."""
    figure, (there, back) = plt.subplots(1, 2, figsize=(8.4, 2.3), layout="constrained")
    texts = dict(zip(WIRES, ["$w$", "$x$", "$w x$"]))
    graph(PLACES, WIRES, boxes=("×",), values=texts, ax=there)
    there.set_title("forward: 1 multiplication", color=FORWARD)
    texts = dict(zip(WIRES, [r"$x \cdot ds$", r"$w \cdot ds$", "$ds$"]))
    graph(PLACES, WIRES, boxes=("×",), gradients=texts, ax=back)
    back.set_title("backward: 2 multiplications", color=BACKWARD)
    return figure
