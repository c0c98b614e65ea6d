"""The cells that ran in a student process: what its successor runs again when it dies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple


class RunCell(NamedTuple):
    """A cell that ran: the generators' state before it, and the places that were noted then."""

    id: str
    source: str
    random_state: Any
    places: list[int]


class History:
    """Cells in order. A place is how many of them had run."""

    def __init__(self) -> None:
        self.cells: list[RunCell] = []
        self.killers: set[str] = set()  # cells that ended a process are not run again
        self.marked = False

    def mark(self) -> int:
        """This place: what all names mean here is to be noted before the next cell runs."""
        self.marked = True
        return len(self.cells)

    def begin(self, cell_id: str, source: str, random_state: Any) -> RunCell:
        """A cell that is about to run."""
        places = [len(self.cells)] if self.marked else []
        self.marked = False
        return RunCell(cell_id, source, random_state, places)

    def add(self, cell: RunCell) -> None:
        """Note a cell that has run, or was stopped."""
        self.cells.append(cell)

    def again(self) -> Iterator[RunCell]:
        """The cells to run again; what was to be noted at one left out is noted at the next."""
        places: list[int] = []
        for cell in self.cells:
            places += cell.places
            if cell.id not in self.killers:
                yield cell._replace(places=places)
                places = []
