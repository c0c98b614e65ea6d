"""The course's figures: one function each, drawn on ``ax`` or a new figure, returning the Axes.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; lines and points
also differ in style or marker, so that a grey print can be read.
"""

from mlpkit.plotting.axes import COLOURS, LINES, MARKERS
from mlpkit.plotting.data import decision_boundary, digits, weights
from mlpkit.plotting.descent import momentum_path, risk_curves
from mlpkit.plotting.graphs import BACKWARD, FORWARD, graph

__all__ = [
    "BACKWARD",
    "COLOURS",
    "FORWARD",
    "LINES",
    "MARKERS",
    "decision_boundary",
    "digits",
    "graph",
    "momentum_path",
    "risk_curves",
    "weights",
]
