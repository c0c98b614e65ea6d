"""The drawn graph of this notebook, with the weights that the code calls toy."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def toy() -> Figure:
    """Inputs 0 and 1, the constant 5, hidden units 4 and 3, the output 2."""
    figure, ax = plt.subplots(figsize=(7.2, 3.4), layout="constrained")
    graph(
        {"0": (0, 2.2), "1": (0, 1.1), "5": (0.6, -0.2), "4": (1.8, 0.9), "3": (3.2, 2.1),
         "2": (4.6, 0.8)},
        {("0", "4"): "$w_{40}$ = 0.5", ("1", "4"): "$w_{41}$ = –1", ("5", "4"): "$w_{45}$ = 0.25",
         ("4", "3"): "$w_{34}$ = 2", ("1", "3"): "$w_{31}$ = 1.5", ("3", "2"): "$w_{23}$ = 1",
         ("4", "2"): "$w_{24}$ = –0.5", ("5", "2"): "$w_{25}$ = 0.75"},
        notes={"0": "input", "1": "input", "5": "always 1", "2": "output"},
        ax=ax,
    )  # fmt: skip
    return figure
