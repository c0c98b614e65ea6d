"""Where in one parameter the gradient is wrong: which rows, which columns, which entries.

A residual is linear in its direction: r = sum_i e_i d_i over the errors e_i. Give every entry the
place c_i on a lever and measure again: sum_i c_i e_i d_i. If a single piece is wrong the quotient
of the two is its place, and measuring that piece alone proves it: two evaluations of the loss,
where halving takes log2(n). An error that is close to rounding gives its place roughly; then the
same is done once more inside of the interval that is left. Several wrong pieces are told apart by
halving; what the other half holds comes free, by subtraction.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mlpkit.gradcheck.measure.direction import Direction, Entries
from mlpkit.gradcheck.measure.screen import Residual

FEW = 4  # wrong entries, rows or columns that are named one by one
SHORT = 2**31 - 1  # numbers up to here take half of the memory
SHARE = 1e-2  # of the whole residual: parts of it need not be known better


@dataclass(frozen=True)
class Place:
    """Where the wrong entries of one parameter lie; ``indices`` as in ``gradient[indices]``,
    None where there are too many, or one only."""

    words: str
    indices: tuple[np.ndarray, ...] | None = None


ALL = Place("")  # of one
EVERYWHERE = Place("every entry")
LOST = Place("somewhere")  # an error so near to rounding that its parts drown in it


@dataclass(frozen=True)
class Pieces:
    """Flat entry numbers, sorted by piece: piece i is ``entries[starts[i]:starts[i + 1]]``."""

    entries: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    def between(self, low: int, high: int) -> np.ndarray:
        return self.entries[self.starts[low] : self.starts[high]]

    def lever(self, low: int, high: int) -> np.ndarray:
        """Where the entries between sit on a lever from -1 to 1: each piece at its middle."""
        places = (2 * np.arange(high - low) + 1) / (high - low) - 1
        return np.repeat(places, np.diff(self.starts[low : high + 1]))


@dataclass(frozen=True)
class Interval:
    """Pieces low to high - 1 and the residual along them, which is not zero; ``lone`` as long as
    nothing speaks for more than one wrong piece."""

    low: int
    high: int
    residual: Residual
    lone: bool = True

    @property
    def size(self) -> int:
        return self.high - self.low


class Measures(Protocol):
    """What residuals come from: a ``Screen``."""

    def residual(self, direction: Direction, accuracy: float = 0.0) -> Residual: ...

    def tolerance(self, direction: Direction) -> float: ...


class Locator:
    """Search in one parameter, along parts of one fixed direction."""

    def __init__(
        self, screen: Measures, name: str, direction: Entries, shape: tuple[int, ...]
    ) -> None:
        self.screen, self.name, self.shape = screen, name, shape
        self.covered, self.values = entry_numbers(direction.flat, shape), direction.values
        self.accuracy = 0.0

    def locate(self, whole: Residual, few: int = FEW) -> Place:
        """One to FEW entries; one to ``few`` rows or columns; every entry; or lost."""
        if math.prod(self.shape) == 1:
            return ALL
        place, self.accuracy = LOST, SHARE * abs(whole.value)
        for axis, lines in enumerate(self._lines()):
            found = self.search(lines, whole, few)
            entries = self._inside(lines, found) if found else None if found is None else []
            if found and len(found) < len(lines):
                return self._entries(entries) if entries else self._whole(axis, lines, found)
            if entries:
                place = self._entries(entries)  # in every line; or is it one line across?
            elif entries is None and place is LOST:
                place = EVERYWHERE
        return place

    def search(
        self, pieces: Pieces, whole: Residual, limit: int = FEW
    ) -> dict[int, Residual] | None:
        """The wrong pieces, each measured alone; None when there are more than ``limit``."""
        found: dict[int, Residual] = {}
        left = [Interval(0, len(pieces), whole)]
        while left:
            if len(found) + len(left) > limit:
                return None
            interval = left.pop()
            if interval.size > 1:
                left += self._weigh(pieces, interval) or self._halve(pieces, interval)
            elif not interval.residual.is_zero:
                found[interval.low] = interval.residual
        return found

    def one(self, whole: Residual) -> int:
        """A wrong entry of many: always the half that has more of what is left."""
        entries = self.covered
        while entries.size > 1:
            left = self._measure(entries[: entries.size // 2])
            right = whole - left
            is_left = abs(left.value) >= abs(right.value)
            entries = np.array_split(entries, [entries.size // 2])[0 if is_left else 1]
            whole = left if is_left else right
        return int(entries[0])

    def _weigh(self, pieces: Pieces, interval: Interval) -> list[Interval]:
        """The part in which a single wrong piece must lie, if all that is wrong lies there."""
        low, high, whole = interval.low, interval.high, interval.residual
        while interval.lone and high - low > 1:
            first, end = self._balance(pieces, low, high, whole)
            if end <= first:
                return []
            if end - first > (high - low) / 2:
                break
            low, high = first, end
        if high - low == interval.size:
            return []
        inner = self._measure(pieces.between(low, high))
        is_all = (whole - inner).is_zero and not inner.is_zero
        return [Interval(low, high, inner)] if is_all else []

    def _balance(self, pieces: Pieces, low: int, high: int, whole: Residual) -> tuple[int, int]:
        """Where between low and high the lever balances, with what rounding may shift it."""
        lever = self._along(pieces.between(low, high), pieces.lever(low, high))
        if not whole.value or 2 * self.screen.tolerance(lever) > abs(whole.value):
            return low, high  # not worth an evaluation, or on a kink, where all may be zero
        moment = self.screen.residual(lever, self.accuracy)
        place = moment.value / whole.value
        width = np.hypot(moment.tolerance, place * whole.tolerance) / abs(whole.value)
        if not width < 1:
            return low, high
        middle, reach = (place + 1) * (high - low) / 2 - 0.5, width * (high - low) / 2 + 0.25
        first, end = np.clip((np.ceil(middle - reach), np.floor(middle + reach) + 1), 0, high - low)
        return low + int(first), low + int(end)

    def _halve(self, pieces: Pieces, interval: Interval) -> list[Interval]:
        """The halves that are wrong; where neither is for sure, the one with more of it."""
        low, high, middle = interval.low, interval.high, (interval.low + interval.high) // 2
        left = self._measure(pieces.between(low, middle))
        right = interval.residual - left
        if high - middle == 1 and not right.is_zero:  # no piece is named by subtraction alone
            right = self._measure(pieces.between(middle, high))
        halves = [(low, middle, left), (middle, high, right)]
        wrong = [half for half in halves if not half[2].is_zero]
        wrong = wrong or [max(halves, key=lambda half: abs(half[2].value))]
        return [Interval(*half, lone=len(wrong) == 1) for half in wrong]

    def _measure(self, entries: np.ndarray) -> Residual:
        return self.screen.residual(self._along(entries, 1.0), self.accuracy)

    def _along(self, entries: np.ndarray, weights: np.ndarray | float) -> Direction:
        """The direction, weighted, on some entries only."""
        values = self.values[np.searchsorted(self.covered, entries)] * weights
        return {self.name: Entries(entries, values)}

    def _lines(self) -> Iterator[Pieces]:
        """The entries by row, then by column; of a vector all in one line."""
        covered = self.covered  # of a very large parameter, the part that failed
        if len(self.shape) == 1:
            yield Pieces(covered, np.array([0, covered.size]))
            return
        for axis in (0, 1):
            number = np.unravel_index(covered, self.shape)[axis]
            order = np.argsort(number, kind="stable")
            starts = np.unique(number[order], return_index=True)[1]
            yield Pieces(covered[order], np.append(starts, covered.size))

    def _inside(self, lines: Pieces, found: dict[int, Residual]) -> list[int] | None:
        """The wrong entries of wrong lines; None when they are many, or fill a line."""
        entries: list[int] = []
        for i in sorted(found):
            line = lines.between(i, i + 1)
            single = Pieces(line, np.arange(line.size + 1, dtype=line.dtype))
            wrong = self.search(single, found[i], limit=FEW - len(entries))
            if wrong is None or 1 < len(wrong) == line.size:
                return None
            entries += line[sorted(wrong)].tolist()
        return entries

    def _entries(self, entries: list[int]) -> Place:
        indices = np.unravel_index(sorted(entries), self.shape)
        listed = [str([int(i) for i in index]) for index in np.transpose(indices)]
        return Place(_count("entry", "entries", listed), indices)

    def _whole(self, axis: int, lines: Pieces, found: dict[int, Residual]) -> Place:
        """Lines that are wrong as a whole."""
        indices = np.unravel_index(
            np.concatenate([lines.between(i, i + 1) for i in sorted(found)]), self.shape
        )
        listed = [str(i) for i in np.unique(indices[axis])]
        word = ("row", "column")[axis]
        return Place(_count(word, f"{word}s", listed), indices)


def entry_numbers(flat: slice | np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Which entries a direction moves, in ascending order."""
    if not isinstance(flat, slice):
        return flat
    size = math.prod(shape)
    return np.arange(*flat.indices(size), dtype=np.intp if size > SHORT else np.int32)


def _count(one: str, several: str, listed: list[str]) -> str:
    return f"{one if len(listed) == 1 else several} {', '.join(listed)}"
