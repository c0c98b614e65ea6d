"""The drawn network of this notebook, in the note's symbols."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def network() -> Figure:
    """From x to the loss, one hidden layer."""
    figure, ax = plt.subplots(figsize=(7.6, 2.6), layout="constrained")
    graph(
        {"$x$": (0, 1), "$s$": (1.7, 1), "$h$": (3.2, 1), "$f$": (4.9, 1), "$L$": (6.5, 1),
         "$y$": (4.9, 0)},
        {("$x$", "$s$"): "$W, b$", ("$s$", "$h$"): r"$\sigma$", ("$h$", "$f$"): "$V, c$",
         ("$f$", "$L$"): "", ("$y$", "$L$"): ""},
        gradients={("$x$", "$s$"): "$dL/dW$?", ("$s$", "$h$"): "$dL/ds$?",
                   ("$h$", "$f$"): "$dL/dV$?", ("$f$", "$L$"): "$dL/df$?"},
        notes={"$x$": "(p,)", "$s$": "(M,)", "$h$": "(M,)", "$f$": "(K,)", "$y$": "class"},
        ax=ax,
    )  # fmt: skip
    return figure
