"""One network, and under each part of it what the five notes call it."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlpkit.plotting import BACKWARD, graph

COLUMNS = {  # what it is: (across, Domke, Gutfreund, Galvan, Hao, Li)
    "input": (0.0, "$x$", "$x$", r"$\vec\phi_1$", "$x$", "$x$"),
    "weights,\nbias": (1.1, "$W, b$", "$W, b$", "$W_2$", "$W_1, b_1$", "$W^1, b^1$"),
    "sum": (2.2, "$s$", "", r"$\vec a_2$", "$D$", "$t_1$"),
    "hidden\nunits": (3.2, "$h$", "$h$", r"$\vec\phi_2$", "$h$", "$z_1$"),
    "weights, \nbias ": (4.3, "$V, c$", r"$U, \hat b$", "$W_3$", "$W_2, b_2$", "$W^2, b^2$"),
    "scores": (5.4, "$f$", "$z$", r"$\vec a_3$", "$c$", "$t_2$"),
    "outputs": (6.4, "$g(f)$", r"$\hat y$", r"$\vec\phi_3$", "$q$", r"$\hat y$"),
    "what arrives\nat the scores": (
        7.7, "$dL/df$", "$dL/dz$", r"$\vec\Delta_3$", r"$\partial L/\partial c$", "",
    ),
}  # fmt: skip
NOTES = ("Domke", "Gutfreund", "Galvan", "Hao", "Li")


def alphabets() -> Figure:
    """The network above, and a row of symbols for each note below it."""
    figure, ax = plt.subplots(figsize=(9.4, 5.6), layout="constrained")
    inputs = {"$x_1$": (0.0, 4.6), "$x_2$": (0.0, 3.4)}
    sums = {f"Σ{' ' * i}": (2.2, 5.0 - i) for i in range(3)}
    hidden = {f"σ{' ' * i}": (3.2, 5.0 - i) for i in range(3)}
    scores = {f"Σ{' ' * (i + 3)}": (5.4, 4.6 - 1.2 * i) for i in range(2)}
    outputs = {f"$g_{i + 1}$": (6.4, 4.6 - 1.2 * i) for i in range(2)}
    links = [(a, b) for a in inputs for b in sums] + list(zip(sums, hidden))
    links += [(a, b) for a in hidden for b in scores] + [(a, b) for a in scores for b in outputs]
    graph(
        inputs | sums | hidden | scores | outputs | {"L": (7.7, 4.0)},
        links + [(a, "L") for a in outputs],
        boxes=[*sums, *hidden, *scores, *outputs],
        ax=ax,
    )
    ax.annotate("", (5.6, 2.95), (7.7, 3.65), arrowprops={
        "arrowstyle": "-|>", "color": BACKWARD, "connectionstyle": "arc3,rad=-0.25",
    })  # fmt: skip
    for row, note in enumerate(NOTES):
        height = 1.1 - 0.62 * row
        ax.axhspan(height - 0.31, height + 0.31, color="0.96" if row % 2 == 0 else "white", lw=0)
        ax.text(-1.5, height, note, va="center", fontsize=11)
        for name, (across, *symbols) in COLUMNS.items():
            colour = BACKWARD if name.startswith("what") else "black"
            ax.text(across, height, symbols[row], ha="center", va="center", fontsize=12.5,
                    color=colour)  # fmt: skip
    for name, (across, *_) in COLUMNS.items():
        colour = BACKWARD if name.startswith("what") else "0.35"
        ax.text(across, 1.95, name, ha="center", va="center", fontsize=9, color=colour)
    ax.set(xlim=(-1.7, 8.4), ylim=(-1.8, 5.5))
    return figure
