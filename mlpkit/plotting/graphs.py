"""Networks and computational graphs, with values going forward and gradients coming back."""

from collections.abc import Mapping, Sequence

import numpy as np

from mlpkit.extras import course_extra
from mlpkit.plotting.axes import new_axes

with course_extra():
    from matplotlib.axes import Axes

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
    ax = ax or new_axes()
    texts = links if isinstance(links, Mapping) else dict.fromkeys(links, "")
    for (begin, end), text in texts.items():
        ax.annotate(
            "", places[end], places[begin],
            arrowprops={"arrowstyle": "-|>", "color": "0.45", "shrinkA": 15, "shrinkB": 15},
        )  # fmt: skip
        _write(ax, places[begin], places[end], text, "black")
    for side, colour, written in ((1, FORWARD, values), (-1, BACKWARD, gradients)):
        for (begin, end), text in (written or {}).items():
            above = 15 if texts.get((begin, end)) else 8  # clear of the link's own text
            along = 0.5 if above == 15 else 0.42  # nearer its begin: there links are farther apart
            _write(ax, places[begin], places[end], text, colour, side * above, along)
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


def _write(
    ax: Axes,
    begin: tuple[float, float],
    end: tuple[float, float],
    text: str,
    colour: str,
    points: float = 0,
    along: float = 0.5,
) -> None:
    """Write ``text`` so far along a link, from 0 to 1, and so many points above it."""
    if not text:
        return
    middle = (1 - along) * np.array(begin) + along * np.array(end)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    ax.annotate(text, tuple(middle), (0, points), textcoords="offset points", ha="center",
                va="center", fontsize=10, color=colour, bbox=box)  # fmt: skip
