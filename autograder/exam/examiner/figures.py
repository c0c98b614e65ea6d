"""``plt.gcf()`` and ``plt.gca()`` in a check: the figure that the student's function has drawn.

A check that has drawn none of its own asks for pyplot's current figure after a call of the
student's; that figure is in the student process, and a proxy stands for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from autograder.exam.lazy_import import Deferred

PYPLOT = "matplotlib.pyplot"


class SharedFigures:
    """pyplot of this process, extended by the student's: ``ask()`` is their figure, or None."""

    def __init__(self, ask: Callable[[], Any]):
        self.ask = ask
        self.pyplot: Any = None

    def install(self) -> None:
        """Let pyplot know, now or as soon as it is imported."""
        found = sys.modules.get(PYPLOT)
        if isinstance(found, Deferred):
            then = vars(found)["_then"]

            def loaded() -> None:
                then()
                self._extend()

            vars(found)["_then"] = loaded
        elif found is not None:
            self._extend()

    def close(self) -> None:
        """What a notebook does at the end of each cell."""
        if self.pyplot is not None:
            self.pyplot.close("all")

    def _extend(self) -> None:
        pyplot: Any = sys.modules[PYPLOT]
        self.pyplot = pyplot
        own_figure, own_axes, own_numbers = pyplot.gcf, pyplot.gca, pyplot.get_fignums

        def gcf() -> Any:
            theirs = None if own_numbers() else self.ask()
            return own_figure() if theirs is None else theirs

        def gca() -> Any:
            theirs = None if own_numbers() else self.ask()
            return own_axes() if theirs is None else theirs.gca()

        def get_fignums() -> Any:
            numbers = own_numbers()
            return numbers if numbers or self.ask() is None else [1]

        pyplot.gcf, pyplot.gca, pyplot.get_fignums = gcf, gca, get_fignums
