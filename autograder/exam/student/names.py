"""What a notebook's names meant at earlier times: hidden tests run when all cells have run.

Each finds the names as they were where it stands in the notebook, so that a cell further down which
uses a name for something else costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

LARGE = 1 << 20  # bytes of an array that is not kept alive for this
_AS_IT_IS = object()


class RememberedNames:
    """The names of one notebook at the places that the examiner marked."""

    def __init__(self) -> None:
        self.known: dict[int | None, dict[str, Any]] = {}  # None: when all cells had run

    def note(self, space: dict[str, Any], places: Iterable[int | None]) -> None:
        """Note what the names mean now, for each of ``places``."""
        now = {
            name: _AS_IT_IS if type(value) is np.ndarray and value.nbytes > LARGE else value
            for name, value in space.items()
        }
        self.known.update(dict.fromkeys(places, now))

    def recall(self, space: dict[str, Any], place: int) -> None:
        """Give all names in ``space`` the meaning they had at a place; at the end, if not noted."""
        if None not in self.known:
            self.note(space, [None])
        then = self.known.get(place, self.known[None])
        for name in [name for name in space if name not in then]:
            del space[name]
        space.update({name: value for name, value in then.items() if value is not _AS_IT_IS})
