"""A map of the printed formulas: which step of one network each note's claims are about."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def network() -> Figure:
    """One network, and below each step the notes that print a formula for it."""
    figure, ax = plt.subplots(figsize=(9.2, 2.2), layout="constrained")
    graph(
        {"$x$": (0, 1), "$s$": (2.0, 1), "$h$": (3.8, 1), "$f$": (5.6, 1), r"$\hat y$": (7.4, 1),
         "$L$": (9.0, 1)},
        {("$x$", "$s$"): "$W, b$", ("$s$", "$h$"): r"$\sigma$", ("$h$", "$f$"): "$V, c$",
         ("$f$", r"$\hat y$"): "output", (r"$\hat y$", "$L$"): "loss"},
        notes={"$s$": "Domke dL/dW, dL/db\nGutfreund dL/dW, dL/db\nHao (6), (7)\nLi dW¹",
               "$h$": "slopes:\nGutfreund, section 4\nGalvan (7), (13)\nHao's gate",
               "$f$": "Domke dL/dV, dL/dc\nGutfreund dL/dU\nHao (8), (9)\nLi (9)",
               r"$\hat y$": "Domke dL/df\nGutfreund, footnote\nLi, outputs",
               "$L$": "Domke: L,\naverage loss"},
        ax=ax,
    )  # fmt: skip
    ax.set_ylim(0.1, 1.3)
    return figure
