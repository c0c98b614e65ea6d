"""The drawn network of this notebook, in the note's symbols."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def network() -> Figure:
    """From x to the loss, with the penalty of both weight matrices."""
    figure, ax = plt.subplots(figsize=(8.6, 3.0), layout="constrained")
    graph(
        {"$x$": (0, 1), "$D$": (1.7, 1), "$h$": (3.2, 1), "$c$": (4.9, 1), "$q$": (6.4, 1),
         "$L$": (8.0, 1), "$m$": (6.4, 0), r"$\frac{\alpha}{2}(\|W_1\|^2 + \|W_2\|^2)$": (3.2, 0)},
        {("$x$", "$D$"): "$W_1, b_1$", ("$D$", "$h$"): "ReLU", ("$h$", "$c$"): "$W_2, b_2$",
         ("$c$", "$q$"): "softmax", ("$q$", "$L$"): "", ("$m$", "$L$"): "",
         (r"$\frac{\alpha}{2}(\|W_1\|^2 + \|W_2\|^2)$", "$L$"): ""},
        gradients={("$x$", "$D$"): r"$\partial L/\partial W_1$?",
                   ("$h$", "$c$"): r"$\partial L/\partial W_2$?"},
        boxes=[r"$\frac{\alpha}{2}(\|W_1\|^2 + \|W_2\|^2)$"],
        notes={"$m$": "the true class", r"$\frac{\alpha}{2}(\|W_1\|^2 + \|W_2\|^2)$": "added to L"},
        ax=ax,
    )  # fmt: skip
    return figure
