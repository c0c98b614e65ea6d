"""The kernel ends an examiner that computes too long on behalf of one reply.

Reading a reply, and comparing or printing what came of it, may go on for hours in C code that no
exception interrupts: ``set(answer)``, ``2 ** answer``. So a timer of CPU time is set with every
step, and anew with every frame that comes. Its signal, SIGPROF, has no handler and ends the
process; where that was is noted before, in memory shared with the fork server. The worker then
holds the exam again without that step (``exam.costly``).
"""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from autograder.exam.costly import REPLY_SECONDS

NEGLIGIBLE = 0.05  # seconds by which a frame's time may begin too early
PER_REFERENCE = 5.0  # times what the whole step took for the course's own solution: given on top


class Watchdog:
    """Watches the steps of one exam.

    ``note(place)`` remembers where the examiner is; None: nothing is watched. ``known`` maps steps
    to CPU seconds that they took for the course's own solution; ``seconds`` to those they took now.
    """

    def __init__(
        self,
        note: Callable[[str], None] | None = None,
        known: Mapping[str, float] | None = None,
    ):
        self.note, self.known = note, known or {}
        self.seconds: dict[str, float] = {}
        self.bound = 0.0
        self.set_at = -math.inf

    @contextmanager
    def over(self, place: str) -> Iterator[None]:
        """Watch one step."""
        began = time.process_time()
        if self.note is not None:
            self.note(place)
            self.bound = REPLY_SECONDS + PER_REFERENCE * self.known.get(place, 0.0)
            self._set()
        try:
            yield
        finally:
            self.bound = 0.0
            self._set()
            before = self.seconds.get(place, 0.0)  # of the visible part of a check
            self.seconds[place] = before + time.process_time() - began

    def heard(self) -> None:
        """A frame has come: its time begins now, but for what is too short to matter."""
        if time.monotonic() - self.set_at > NEGLIGIBLE:
            self._set()

    def _set(self) -> None:
        if self.note is not None:
            self.set_at = time.monotonic()
            signal.setitimer(signal.ITIMER_PROF, self.bound)
