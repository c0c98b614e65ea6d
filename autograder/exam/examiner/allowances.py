"""What a submission may do because the course's own solution was seen to do it.

In the exam of the solution itself everything is allowed, and what was asked for is noted.
"""

from __future__ import annotations

from collections.abc import Iterable


class Allowances:
    """Pairs of who (a check, a cell, a function) and what (an operator, a change)."""

    def __init__(self) -> None:
        self.granted: frozenset[tuple[str, str]] | None = None  # None: everything
        self.asked: set[tuple[str, str]] = set()

    def grant_only(self, pairs: Iterable[Iterable[str]]) -> None:
        """Allow these pairs, and nothing else from now on."""
        self.granted = frozenset((who, what) for who, what in pairs)

    def may(self, who: str, what: str) -> bool:
        """Whether this is allowed; that it was asked for is noted."""
        self.asked.add((who, what))
        return self.granted is None or (who, what) in self.granted
