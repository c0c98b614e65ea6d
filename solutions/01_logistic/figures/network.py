"""The drawn network of this notebook, in the note's symbols."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def network() -> Figure:
    """From a sample to the loss, through one neuron."""
    figure, ax = plt.subplots(figsize=(6.6, 2.8), layout="constrained")
    graph(
        {"$x_1$": (0, 2), "$x_2$": (0, 1), "$b$": (0, 0), "$z$": (2, 1), r"$\hat y$": (3.6, 1),
         r"$\mathcal{L}$": (5.2, 1), "$y$": (3.6, 0)},
        {("$x_1$", "$z$"): "$W_1$", ("$x_2$", "$z$"): "$W_2$", ("$b$", "$z$"): "",
         ("$z$", r"$\hat y$"): r"$\sigma$", (r"$\hat y$", r"$\mathcal{L}$"): "",
         ("$y$", r"$\mathcal{L}$"): ""},
        gradients={("$z$", r"$\hat y$"): r"$\partial\mathcal{L}/\partial z$?"},
        notes={"$z$": r"$W^T x + b$", "$y$": "0 or 1"},
        ax=ax,
    )  # fmt: skip
    return figure
