"""Where in one parameter the gradient is wrong, by halving: rows, then columns, then entries.

A residual is linear in its direction, so the other half's comes free by subtraction. One wrong
entry of n costs about log2(n) evaluations of the loss, and so does one wrong row or column.
"""

from dataclasses import dataclass

import numpy as np

from mlpkit.gradcheck.screen import Residual, Screen

FEW = 4  # wrong entries that are named one by one


@dataclass(frozen=True)
class Place:
    """Where the wrong entries of one parameter lie; ``indices`` as in ``gradient[indices]``,
    None for every entry."""

    words: str
    indices: tuple[np.ndarray, ...] | None = None


@dataclass(frozen=True)
class Pieces:
    """Flat entry numbers, sorted by piece: piece i is ``entries[starts[i]:starts[i + 1]]``."""

    entries: np.ndarray
    starts: np.ndarray

    def between(self, low: int, high: int) -> np.ndarray:
        return self.entries[self.starts[low] : self.starts[high]]


class Locator:
    """Bisection on one parameter, along parts of one fixed direction."""

    def __init__(self, screen: Screen, name: str, direction: np.ndarray) -> None:
        self.screen, self.name, self.shape = screen, name, direction.shape
        self.flat = direction.reshape(-1)

    def locate(self, whole: Residual) -> Place:
        """One to FEW entries, one row, one column, or every entry."""
        covered = np.flatnonzero(self.flat)  # of a very large parameter, the part that failed
        if self.flat.size == 1:
            return Place("")
        if len(self.shape) > 1:
            for axis, word in enumerate(("row", "column")):
                lines = self._lines(covered, axis)
                found = self.search(lines, whole, limit=1)
                for i, residual in found.items():
                    line = lines.between(i, i + 1)
                    where = np.unravel_index(line, self.shape)
                    return self._few(line, residual) or Place(f"{word} {where[axis][0]}", where)
        return self._few(covered, whole) or Place("every entry")

    def search(self, pieces: Pieces, whole: Residual, limit: int) -> dict[int, Residual]:
        """The pieces that are wrong; none when there are more than ``limit`` of them.

        A single piece that was reached by subtraction is measured before it is named.
        """
        found, stack = {}, [(0, len(pieces.starts) - 1, whole, True)]
        while stack:
            low, high, residual, measured = stack.pop()
            if residual.is_zero:
                continue
            if high - low == 1:
                if not measured:
                    residual = self._measure(pieces.between(low, high))
                if not residual.is_zero:
                    found[low] = residual
                if len(found) > limit:
                    return {}
                continue
            middle = (low + high) // 2
            left = self._measure(pieces.between(low, middle))
            right = Residual(
                residual.value - left.value, residual.tolerance + left.tolerance, residual.weight
            )
            stack += [(middle, high, right, False), (low, middle, left, True)]
        return found

    def _measure(self, entries: np.ndarray) -> Residual:
        part = np.zeros_like(self.flat)
        part[entries] = self.flat[entries]
        return self.screen.residual({self.name: part.reshape(self.shape)})

    def _lines(self, covered: np.ndarray, axis: int) -> Pieces:
        """The covered entries by row (axis 0) or column (axis 1)."""
        number = np.unravel_index(covered, self.shape)[axis]
        order = np.argsort(number, kind="stable")
        starts = np.unique(number[order], return_index=True)[1]
        return Pieces(covered[order], np.append(starts, covered.size))

    def _few(self, entries: np.ndarray, whole: Residual) -> Place | None:
        found = self.search(Pieces(entries, np.arange(entries.size + 1)), whole, limit=FEW)
        if not found or 1 < len(found) == entries.size:
            return None
        indices = np.unravel_index(entries[list(found)], self.shape)
        words = ", ".join(str([int(i) for i in index]) for index in np.transpose(indices))
        return Place(f"{'entry' if len(found) == 1 else 'entries'} {words}", indices)
