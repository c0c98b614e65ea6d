"""Descent: the risk at each iteration, and the path over a bowl."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np

from mlpkit.extras import course_extra
from mlpkit.momentum import Quadratic
from mlpkit.plotting.axes import COLOURS, LINES, MARKERS, new_axes, padded

with course_extra():
    from matplotlib.axes import Axes


def risk_curves(
    curves: Mapping[str, Sequence[float] | np.ndarray],
    *,
    ax: Axes | None = None,
    log: bool = True,
    xlabel: str = "iteration r",
    ylabel: str = r"risk $R(\theta^r)$",
) -> Axes:
    """Draw one line for each named sequence of risks, beginning at iteration 0.

    Parameters
    ----------
    curves : {"M = 5": risks of shape (iterations + 1,), ...}
    log : a logarithmic risk axis, on which convergence at a constant rate is a straight line
    """
    ax = ax or new_axes()
    for (name, risks), colour, line in zip(curves.items(), cycle(COLOURS), cycle(LINES)):
        ax.plot(np.asarray(risks), color=colour, linestyle=line, linewidth=2, label=name)
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.margins(x=0.01)
    ax.grid(alpha=0.3)
    ax.legend(frameon=False, loc="upper right")
    return ax


def momentum_path(
    quadratic: Quadratic,
    paths: Mapping[str, np.ndarray],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw descents on the contours of a quadratic of two parameters.

    Parameters
    ----------
    paths : {"with momentum": iterates of shape (steps + 1, 2), ...}
    """
    if quadratic.curvatures.size != 2:
        raise ValueError(
            f"momentum_path got a quadratic of {quadratic.curvatures.size} parameters, expected 2; "
            "take Quadratic([0.1, 1.0])"
        )
    ax = ax or new_axes()
    points = np.concatenate([*paths.values(), quadratic.minimiser[None]])
    low, high = padded(points, 0.1)
    middle, half = (low + high) / 2, (high - low) / 2
    half = np.maximum(half, half[::-1] * (1.6, 1 / 1.6))  # the shape of a figure, 1.6 to 1
    _draw_contours(ax, quadratic, middle - half, middle + half)
    for (name, path), colour, marker in zip(paths.items(), cycle(COLOURS), cycle(MARKERS)):
        ax.plot(*path.T, color=colour, marker=marker, markersize=3.5, linewidth=1.3, label=name)
    ax.plot(*quadratic.minimiser, "*", color="black", markersize=13, label="minimiser", zorder=4)
    ax.set(xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    ax.set_aspect("equal")  # a gradient is at right angles to its contour
    ax.legend(framealpha=0.9, loc="upper right")
    return ax


def _draw_contours(ax: Axes, quadratic: Quadratic, low: np.ndarray, high: np.ndarray) -> None:
    x, y = (np.linspace(low[i], high[i], 150) for i in range(2))
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    values = 0.5 * quadratic.coordinates(grid) ** 2 @ quadratic.curvatures
    levels = np.max(values) * np.linspace(0.03, 1, 14) ** 2
    ax.contour(x, y, values, levels=levels, colors="0.75", linewidths=0.8)
