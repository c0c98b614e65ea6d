"""How much of its time a call has really had: wall clock where the machine is free, CPU where not.

A neighbour's processes may take the machine from an honest call. So when its seconds are up on the
wall clock, but it got less CPU than that and is still being run, it is waited for, within bounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 3.0  # times the seconds of a call that it may take on the wall clock
LOOK_SECONDS = 0.2
USED_UP = 0.8  # of its seconds, on the CPU
IDLE_SHARE = 0.02  # of a core, below which a process is asleep
LONG_REQUEST = 0.5  # seconds, after which the CPU time used so far is noted


class CpuClock:
    """The CPU time that one request gets in a student process, and here, if it calls back.

    ``cpu_seconds`` says what the student process has used in all, None where nobody can tell;
    ``before`` is how much of that was used before the request, at least.
    """

    def __init__(self, cpu_seconds: Callable[[], float | None], before: float, seconds: float):
        self.cpu_seconds, self.before, self.seconds = cpu_seconds, before, seconds
        self.began, self.own = time.monotonic(), time.process_time()
        self.seen: float | None = None

    def is_long(self) -> bool:
        """Whether the request took so long that what was used by its end is worth a note."""
        return time.monotonic() - self.began > LONG_REQUEST

    def used(self) -> float | None:
        """CPU seconds that the request has had, at most; None where nobody can tell."""
        total = self.cpu_seconds()
        return None if total is None else total - self.before + time.process_time() - self.own

    def is_starved(self) -> bool:
        """Whether to wait a little longer, asked each ``LOOK_SECONDS``."""
        used, before = self.used(), self.seen
        if used is None or used >= USED_UP * self.seconds:
            return False
        if time.monotonic() - self.began > PATIENCE * self.seconds:
            return False
        self.seen = used
        return before is None or used - before > IDLE_SHARE * LOOK_SECONDS

    def was_idle(self) -> bool:
        """Whether its seconds were not used up: it slept, or others had the machine."""
        used = self.used()
        return used is not None and used < USED_UP * self.seconds
