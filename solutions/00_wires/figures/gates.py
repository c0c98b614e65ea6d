"""Four small pieces of a graph, and what arrives at their output on the way back."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import BACKWARD, graph

OUTPUTS = {"+": "–1", "×": "–12", "max": "3"}


def gates() -> Figure:
    """Add (solved), times, max and a fork: 2 arrives, at the fork 2 and 5."""
    figure, panels = plt.subplots(1, 4, figsize=(10, 2.5), layout="constrained")
    for ax, (title, sign) in zip(panels, [("add", "+"), ("times", "×"), ("max", "max")]):
        wires = {("a", sign): "3", ("b", sign): "–4", (sign, "out"): OUTPUTS[sign]}
        sent = "2" if sign == "+" else "?"
        graph({"a": (0, 1.6), "b": (0, 0), sign: (1.3, 0.8), "out": (2.6, 0.8)}, list(wires),
              boxes=(sign,), values=wires, ax=ax,
              gradients={("a", sign): sent, ("b", sign): sent, (sign, "out"): "2"})  # fmt: skip
        ax.set_title(title)
    wires = {("a", "u"): "3", ("a", "v"): "3"}
    graph({"a": (0, 0.8), "u": (1.6, 1.6), "v": (1.6, 0)}, list(wires), values=wires,
          gradients={("a", "u"): "2", ("a", "v"): "5"}, ax=panels[3])  # fmt: skip
    panels[3].annotate("?", (0, 0.8), (0, -24), textcoords="offset points", color=BACKWARD,
                       ha="center")  # fmt: skip
    panels[3].set_title("fork")
    return figure
