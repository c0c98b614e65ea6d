"""The drawn network of this notebook, in the note's symbols."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def network() -> Figure:
    """From x to the loss: an arrow for each step of the forward pass."""
    figure, ax = plt.subplots(figsize=(8.2, 2.6), layout="constrained")
    graph(
        {"$x$": (0, 1), "$s$": (1.7, 1), "$h$": (3.1, 1), "$z$": (4.8, 1), r"$\hat y$": (6.5, 1),
         "$L$": (7.9, 1), "$y$": (6.5, 0)},
        {("$x$", "$s$"): "$W, b$", ("$s$", "$h$"): "tanh", ("$h$", "$z$"): r"$U, \hat b$",
         ("$z$", r"$\hat y$"): "softmax", (r"$\hat y$", "$L$"): "", ("$y$", "$L$"): ""},
        gradients={("$z$", r"$\hat y$"): "$dL/dz$?", ("$h$", "$z$"): "$dL/dU$?",
                   ("$x$", "$s$"): "$dL/dW$?", (r"$\hat y$", "$L$"): r"$dL/d\hat y$?"},
        notes={"$x$": "(p,)", "$s$": "(M,)", "$h$": "(M,)", "$z$": "(K,)", r"$\hat y$": "(K,)",
               "$y$": "(K,)", "$L$": "number"},
        ax=ax,
    )  # fmt: skip
    return figure
