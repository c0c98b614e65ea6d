"""The figure that the student's code is drawing, for a check that asks pyplot for it."""

from __future__ import annotations

import sys
from typing import Any

from autograder.exam.lazy_import import Deferred


def current(close: bool) -> Any:
    """pyplot's current figure, or None; ``close``: all of them before, as after a cell."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or isinstance(pyplot, Deferred):
        return None
    if close:
        pyplot.close("all")
    return pyplot.gcf() if pyplot.get_fignums() else None
