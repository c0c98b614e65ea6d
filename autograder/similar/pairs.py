"""Pairs of students whose code is alike, weighed by how unusual in the class is what they share."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.similar.passages import Passage, course_runs, own_passages

SMALLEST_CLASS = 20  # how common a passage is cannot be told from fewer students
# Tokens that two share, each worth 1 where nobody else has it, falling to 0 where everybody has.
LEAST_ALIKE, LEAST_SHARE = 20.0, 0.3  # with this share of what is one's own
LEAST_WHOLE, WHOLE = 10.0, 0.9  # or nearly all that is either's own


@dataclass(frozen=True)
class Pair:
    """Two students; ``weight`` is what they share, ``shares`` how much of the own of each it is."""

    one: str
    other: str
    weight: float
    shares: tuple[float, float]

    @property
    def alike(self) -> bool:
        """Whether it is more than two who solve the same small tasks have by chance."""
        if min(self.shares) >= WHOLE:
            return self.weight >= LEAST_WHOLE
        return self.weight >= LEAST_ALIKE and max(self.shares) >= LEAST_SHARE


class Own:
    """What of each student's code is not the course's own.

    ``cells`` are the texts of everybody's code cells, ``given`` those of the course: the released
    ones and the solution.
    """

    def __init__(self, cells: Mapping[str, Sequence[str]], given: Iterable[str]) -> None:
        self.students, self.cells = sorted(cells), cells
        self._course = {run for text in given for run in course_runs(text)}
        self._known: dict[str, Mapping[Passage, set[int]]] = {}
        owners: dict[Passage, list[int]] = defaultdict(list)
        for number, student in enumerate(self.students):
            for passage in {p for text in cells[student] for p in self.of(text)}:
                owners[passage].append(number)
        self._groups: dict[tuple[int, ...], int] = defaultdict(int)  # who shares how many passages
        for who in owners.values():
            self._groups[tuple(who)] += 1

    def of(self, text: str) -> Mapping[Passage, set[int]]:
        """The passages of a cell that are not the course's, and the lines of each."""
        if text not in self._known:
            self._known[text] = own_passages(text, self._course)
        return self._known[text]

    def pairs(self) -> list[Pair]:
        """The pairs that are alike, most first."""
        size = len(self.students)
        together, whole = np.zeros((size, size)), np.zeros(size)
        for who, count in self._groups.items():
            weight, places = count * self._worth(len(who)), list(who)
            whole[places] += weight
            if len(who) > 1:
                together[np.ix_(places, places)] += weight
        found = [pair for pair in self._pairs(together, whole) if pair.alike]
        return sorted(found, key=lambda pair: (-pair.weight, pair.one, pair.other))

    def _worth(self, owners: int) -> float:
        size = max(len(self.students), SMALLEST_CLASS)
        return 1.0 if owners < 2 else math.log(size / owners) / math.log(size / 2)

    def _pairs(self, together: np.ndarray, whole: np.ndarray) -> Iterator[Pair]:
        for a, b in np.argwhere(np.triu(together >= LEAST_WHOLE, 1)):
            weight = float(together[a, b])
            shares = weight / float(whole[a]), weight / float(whole[b])
            yield Pair(self.students[a], self.students[b], weight, shares)


def spanning(pairs: Sequence[Pair]) -> list[Pair]:
    """Of many who are all alike, the most alike pairs that connect them (Kruskal, 1956)."""
    group: dict[str, set[str]] = {}
    kept = []
    for pair in pairs:
        one = group.setdefault(pair.one, {pair.one})
        other = group.setdefault(pair.other, {pair.other})
        if one is not other:
            kept.append(pair)
            one |= other
            group.update(dict.fromkeys(other, one))
    return kept
