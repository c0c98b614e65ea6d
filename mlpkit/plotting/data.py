"""Samples, images, weights as images, and where a classifier changes its mind."""

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from mlpkit.extras import course_extra
from mlpkit.plotting.axes import COLOURS, MARKERS, new_axes, padded

with course_extra():
    from matplotlib.axes import Axes
    from matplotlib.colors import ListedColormap, to_rgb


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
    ax = ax or new_axes()
    low, high = padded(X, 0.08)
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
        style: dict[str, Any] = {
            "s": 22,
            "color": colours[k],
            "edgecolor": "white",
            "linewidth": 0.5,
        }
        ax.scatter(*X[y == k].T, marker=marker, label=name, **style)
    ax.set(xlabel=feature_names[0], ylabel=feature_names[1])
    ax.legend(framealpha=0.9, loc="upper right", ncols=1 + (K > 5))
    return ax


def digits(
    images: np.ndarray,
    labels: Sequence[Any] | np.ndarray | None = None,
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
    ax = ax or new_axes(width=min(columns, len(images)) * 0.72, like=mosaic)
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
    ax = ax or new_axes(width=min(columns, len(W)) * 0.72 + 1, like=mosaic)
    limit = np.max(np.abs(W))
    image = ax.imshow(mosaic, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label=label, shrink=0.9, pad=0.02)
    ax.axis("off")
    return ax


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


def _tint(colour: str) -> tuple[float, ...]:
    return tuple(1 - 0.28 * (1 - channel) for channel in to_rgb(colour))
