"""What all figures have in common: colours, lines, markers, and axes to draw on."""

import numpy as np

from mlpkit.extras import course_extra

with course_extra():
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")


def padded(points: np.ndarray, part: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper end of each axis, with room around the points."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = part * np.where(high > low, high - low, 1.0)
    return low - room, high + room


def new_axes(width: float = 6.4, like: np.ndarray | None = None) -> Axes:
    """Return the axes of a new figure, ``width`` inches wide, in the proportions of ``like``."""
    height = 4.0 if like is None else width * like.shape[0] / like.shape[1]
    return plt.subplots(figsize=(width, height), layout="constrained")[1]
