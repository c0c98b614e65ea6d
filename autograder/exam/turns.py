"""Whose turn it is: a few exams side by side, slow ones set aside, doubtful ones last and alone.

A notebook that sleeps or computes for minutes gives up its place to the next one and goes on beside
it; so it does not hold the class. Few of those that compute do, for all share the machine. An exam
to be held alone waits until no other waits.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST_ASLEEP, MOST_BUSY = 8, 2  # set aside at a time; each has processes and memory of its own


class Turns:
    """The exams of this process. ``places`` is how many may be held at a time."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.places: float = math.inf
        self.waiting = self.waiting_to_be_alone = 0
        self.going_on = self.set_aside = 0  # all, and of these the slow ones
        self.is_alone = False

    def aside(self) -> int:
        """How many exams are under way without a place: slow ones, and those to be held alone."""
        with self.changed:
            return self.set_aside + self.waiting_to_be_alone

    @contextmanager
    def one_of_many(self) -> Iterator[Turn]:
        """A place beside others, once there is one."""
        with self.changed:
            self.waiting += 1
            self.changed.wait_for(self._has_place)
            self.waiting -= 1
            self.going_on += 1
        turn = Turn(self)
        try:
            yield turn
        finally:
            with self.changed:
                self.going_on -= 1
                self.set_aside -= turn.is_aside
                self.changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[Turn]:
        """The whole machine, once nobody else is or waits to be at work."""
        with self.changed:
            self.waiting_to_be_alone += 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: not (self.is_alone or self.going_on or self.waiting))
            self.waiting_to_be_alone -= 1
            self.is_alone = True
        try:
            yield Turn(None)
        finally:
            with self.changed:
                self.is_alone = False
                self.changed.notify_all()

    def _has_place(self) -> bool:
        return not self.is_alone and self.going_on - self.set_aside < self.places


class Turn:
    """One exam's."""

    def __init__(self, turns: Turns | None) -> None:
        self.turns, self.is_aside = turns, False

    def give_up_place(self, asleep: bool) -> bool:
        """Go on without a place, if not too many do already; whether it does."""
        turns = self.turns
        if turns is None or self.is_aside:
            return self.is_aside
        with turns.changed:
            if turns.set_aside < (MOST_ASLEEP if asleep else MOST_BUSY):
                self.is_aside = True
                turns.set_aside += 1
                turns.changed.notify_all()
        return self.is_aside
