"""A small loss as numbered wires, and the tape that it leaves behind."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import graph


def tape() -> Figure:
    """L = sum tanh(X W + b): the graph on the left, one row of the tape for each wire."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11, 3.4), width_ratios=(1.25, 1), layout="constrained"
    )
    graph(
        {"0: $W$": (0, 1.6), "1: $b$": (1.3, 0), "2": (1.6, 1.6), "3": (2.9, 1), "4": (4.2, 1),
         "5: $L$": (5.5, 1)},
        {("0: $W$", "2"): "$X W$", ("2", "3"): "+", ("1: $b$", "3"): "+", ("3", "4"): "tanh",
         ("4", "5: $L$"): "sum"},
        notes={"0: $W$": "(3, 2)", "1: $b$": "(2,)", "2": "(7, 2)", "3": "(7, 2)", "4": "(7, 2)",
               "5: $L$": "()"},
        ax=left,
    )  # fmt: skip
    rows = [("0", "(3, 2)", "", ""), ("1", "(2,)", "", ""), ("2", "(7, 2)", "–, 0", "matmul"),
            ("3", "(7, 2)", "2, 1", "add"), ("4", "(7, 2)", "3", "tanh"), ("5", "()", "4", "sum")]  # fmt: skip
    right.axis("off")
    table = right.table(rows, colLabels=["wire", "shape", "made of", "back"], loc="center",
                        cellLoc="center", bbox=(0, 0.02, 1, 0.96))  # fmt: skip
    table.auto_set_font_size(False)
    table.set_fontsize(11)
    return figure
