"""The course's figures: one function each, drawn on ``ax`` or a new figure, returning the Axes.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; lines and points
also differ in style or marker, so that a grey print can be read.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle

import numpy as np

from mlpkit.extras import course_extra
from mlpkit.momentum import Quadratic

with course_extra():
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes
    from matplotlib.colors import ListedColormap, to_rgb

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")


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
    ax = ax or _new_axes()
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
    ax = ax or _new_axes()
    points = np.concatenate([*paths.values(), quadratic.minimiser[None]])
    low, high = _padded(points, 0.1)
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


def decision_boundary(
    predict: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    *,
    ax: Axes | None = None,
    class_names: Sequence[str] | None = None,
    feature_names: tuple[str, str] = ("$x_1$", "$x_2$"),
) -> Axes:
    """Colour the plane by the predicted class, and draw the samples in the colours of theirs.

    Parameters
    ----------
    predict : takes points (n, 2), returns classes (n,) as integers 0 ... K-1
    X : samples (n, 2); y : their classes (n,)
    """
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2 or y.shape != X.shape[:1]:
        raise ValueError(
            f"decision_boundary got X {X.shape} and y {y.shape}, expected (n, 2) and (n,)"
        )
    ax = ax or _new_axes()
    low, high = _padded(X, 0.08)
    x1, x2 = (np.linspace(low[i], high[i], 300) for i in range(2))
    points = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    classes = np.asarray(predict(points))
    if classes.shape != (len(points),):
        raise ValueError(
            f"predict returned shape {classes.shape} for {len(points)} points, expected "
            f"({len(points)},): one class each, such as scores.argmax(axis=1)"
        )
    K = int(max(y.max(), classes.max())) + 1
    colours = [COLOURS[k % len(COLOURS)] for k in range(K)]
    tints = ListedColormap([_tint(colour) for colour in colours])
    classes = classes.reshape(300, 300)
    ax.pcolormesh(x1, x2, classes, cmap=tints, vmin=-0.5, vmax=K - 0.5, rasterized=True)
    for k, marker in zip(range(K), cycle(MARKERS)):
        name = class_names[k] if class_names is not None else f"class {k}"
        style = {"s": 22, "color": colours[k], "edgecolor": "white", "linewidth": 0.5}
        ax.scatter(*X[y == k].T, marker=marker, label=name, **style)
    ax.set(xlabel=feature_names[0], ylabel=feature_names[1])
    ax.legend(framealpha=0.9, loc="upper right", ncols=1 + (K > 5))
    return ax


def digits(
    images: np.ndarray,
    labels: Sequence | np.ndarray | None = None,
    *,
    columns: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Draw images side by side, dark on light, with their labels above them.

    Parameters
    ----------
    images : (n, height, width), or (n, height, width, 3) for colours in [0, 1]
    labels : n short texts or numbers, for example classes, or "3 not 8"
    """
    images = np.asarray(images)
    if images.ndim not in (3, 4):
        raise ValueError(
            f"digits got images of shape {images.shape}, expected (n, height, width); flat rows of "
            "64 pixels become images with X.reshape(-1, 8, 8)"
        )
    labels = [] if labels is None else list(labels)
    if len(labels) not in (0, len(images)):
        raise ValueError(f"digits got {len(labels)} labels for {len(images)} images")
    height, width = images.shape[1:3]
    room = round(height * (0.45 if labels else 0.2))  # for the text above
    mosaic, corners = _tiled(images, columns, (room, round(width * 0.2)))
    ax = ax or _new_axes(width=min(columns, len(images)) * 0.72, like=mosaic)
    ax.imshow(mosaic, cmap="Greys", interpolation="nearest")
    for (row, column), label in zip(corners, labels, strict=False):
        middle, top = column + (width - 1) / 2, row - 0.5 - 0.02 * height
        ax.text(middle, top, str(label), ha="center", va="bottom", fontsize=10)
    ax.axis("off")
    return ax


def weights(
    W: np.ndarray,
    shape: tuple[int, int],
    *,
    columns: int = 10,
    ax: Axes | None = None,
    label: str = "weight",
) -> Axes:
    """Draw each row of a first weight matrix as an image: what a hidden unit looks for.

    Parameters
    ----------
    W : (M, p); shape : (height, width) with height * width = p. All share one scale, where white
        is 0, blue negative and red positive.
    label : what the colours stand for; "dL/dW" for a gradient
    """
    W = np.asarray(W)
    if W.ndim != 2 or W.shape[1] != shape[0] * shape[1]:
        raise ValueError(
            f"weights got W of shape {W.shape} for images of {shape}, expected (M, "
            f"{shape[0] * shape[1]}); is it transposed, or is the bias in it?"
        )
    mosaic, _ = _tiled(W.reshape(-1, *shape), columns, (max(1, shape[0] // 8),) * 2)
    ax = ax or _new_axes(width=min(columns, len(W)) * 0.72 + 1, like=mosaic)
    limit = np.max(np.abs(W))
    image = ax.imshow(mosaic, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label=label, shrink=0.9, pad=0.02)
    ax.axis("off")
    return ax

FORWARD, BACKWARD = "#007A4D", "#C22D00"  # values on the way there, gradients on the way back


def graph(
    places: Mapping[str, tuple[float, float]],
    links: Mapping[tuple[str, str], str] | Sequence[tuple[str, str]],
    *,
    boxes: Sequence[str] = (),
    values: Mapping[tuple[str, str], str] | None = None,
    gradients: Mapping[tuple[str, str], str] | None = None,
    notes: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network or a computational graph in a note's own symbols.

    Parameters
    ----------
    places : {label: (across, up)}; a node carries its label, mathtext such as "$h$" included.
        Labels that must occur twice differ in trailing spaces.
    links : the pairs (from, to), as keys of the text on each, such as "$W$", or as a sequence
    boxes : the nodes that are operations, drawn as boxes; the others are round
    values : {(from, to): text} in green above a link: what goes forward
    gradients : {(from, to): text} in red below a link: what comes back
    notes : {label: text} in small type below a node
    """
    ax = ax or _new_axes()
    texts = links if isinstance(links, Mapping) else dict.fromkeys(links, "")
    for (begin, end), text in texts.items():
        ax.annotate(
            "", places[end], places[begin],
            arrowprops={"arrowstyle": "-|>", "color": "0.45", "shrinkA": 15, "shrinkB": 15},
        )  # fmt: skip
        _beside(ax, places[begin], places[end], text, 0, "black")
    for side, colour, written in ((8, FORWARD, values), (-8, BACKWARD, gradients)):
        for (begin, end), text in (written or {}).items():
            _beside(ax, places[begin], places[end], text, side, colour)
    for label, (across, up) in places.items():
        shape = "round,pad=0.4" if label in boxes else "circle,pad=0.35"
        face = "#FFF3DC" if label in boxes else "#DCEBF7"
        ax.text(across, up, label.strip(), ha="center", va="center", fontsize=12,
                bbox={"boxstyle": shape, "facecolor": face, "edgecolor": "0.3"})  # fmt: skip
        if notes and label in notes:
            ax.annotate(notes[label], (across, up), (0, -24), textcoords="offset points",
                        ha="center", va="top", fontsize=8, color="0.3")  # fmt: skip
    across, up = np.array(list(places.values()), dtype=float).T
    ax.set_xlim(across.min() - 0.5, across.max() + 0.5)
    ax.set_ylim(up.min() - 0.6, up.max() + 0.5)
    ax.axis("off")
    return ax


def _beside(
    ax: Axes,
    begin: tuple[float, float],
    end: tuple[float, float],
    text: str,
    points: float,
    colour: str,
) -> None:
    """Write ``text`` at the middle of a link, or so many points above it and nearer its begin.

    There the links into one node are farther apart than at their middles.
    """
    if not text:
        return
    along = 0.42 if points else 0.5
    middle = (1 - along) * np.array(begin) + along * np.array(end)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    ax.annotate(text, tuple(middle), (0, points), textcoords="offset points", ha="center",
                va="center", fontsize=10, color=colour, bbox=box)  # fmt: skip


def _tiled(
    images: np.ndarray, columns: int, gaps: tuple[int, int]
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Return one image of all, NaN between them, and the upper left corner of each."""
    n, height, width = images.shape[:3]
    rows, columns = -(-n // columns), min(columns, n)
    down, right = height + gaps[0], width + gaps[1]
    size = (rows * down, columns * right - gaps[1], *images.shape[3:])
    mosaic = np.full(size, np.nan if images.ndim == 3 else 1.0)
    corners = []
    for i, image in enumerate(images):
        top, left = gaps[0] + i // columns * down, i % columns * right
        mosaic[top : top + height, left : left + width] = image
        corners.append((top, left))
    return mosaic, corners


def _padded(points: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper end of each axis, with room around the points."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = share * np.where(high > low, high - low, 1.0)
    return low - room, high + room


def _tint(colour: str) -> tuple[float, ...]:
    return tuple(1 - 0.28 * (1 - channel) for channel in to_rgb(colour))


def _new_axes(width: float = 6.4, like: np.ndarray | None = None) -> Axes:
    height = 4.0 if like is None else width * like.shape[0] / like.shape[1]
    return plt.subplots(figsize=(width, height), layout="constrained")[1]
