"""The drawn network of this notebook, in the note's symbols."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def network() -> Figure:
    """From X to the loss, a batch at once."""
    figure, ax = plt.subplots(figsize=(8.6, 2.6), layout="constrained")
    graph(
        {"$X$": (0, 1), "$t_1$": (1.6, 1), "$Z$": (2.9, 1), "$T$": (4.5, 1), r"$\hat Y$": (5.8, 1),
         r"$\mathcal{L}$": (7.4, 1), "$Y$": (5.8, 0)},
        {("$X$", "$t_1$"): "$W^1, b^1$", ("$t_1$", "$Z$"): r"$\sigma$", ("$Z$", "$T$"): "$W^2, b^2$",
         ("$T$", r"$\hat Y$"): r"$\sigma$", (r"$\hat Y$", r"$\mathcal{L}$"): "",
         ("$Y$", r"$\mathcal{L}$"): ""},
        gradients={("$X$", "$t_1$"): "$dW^1, db^1$?", ("$Z$", "$T$"): "$dW^2, db^2$?"},
        notes={"$X$": "(N, p)", "$t_1$": "(N, M)", "$Z$": "(N, M)", "$T$": "(N, K)",
               r"$\hat Y$": "(N, K)", "$Y$": "(N, K)", r"$\mathcal{L}$": "number"},
        ax=ax,
    )  # fmt: skip
    return figure
