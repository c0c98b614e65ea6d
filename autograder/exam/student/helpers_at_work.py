"""Whether somebody else computed while a call waited: a thread, or a process, from an earlier cell.

A call whose lines are counted may hand its loop over to one of those. Then it leaves the CPU,
which the kernel counts, and another thread uses it, or there is a child that may.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

try:
    import resource
except ImportError:  # on Windows
    resource = None  # type: ignore[assignment]

TRIES = 5  # a thread that wakes now and then does not do so in each of them


class Seen(NamedTuple):
    """How often this thread left the CPU; whether there are children; CPU seconds of others."""

    left: int
    children: bool
    threads: Mapping[int, float]


def make_look() -> Callable[[], Seen]:
    """To be made before students' code: looks at this process."""
    if resource is None or not hasattr(resource, "RUSAGE_THREAD"):
        return lambda: Seen(0, False, {})
    used, this_thread = resource.getrusage, resource.RUSAGE_THREAD
    frames, own, clock, read = (
        sys._current_frames,
        threading.get_ident,
        time.pthread_getcpuclockid,
        time.clock_gettime,
    )
    wait, everybody = os.waitid, os.P_ALL
    only_look = os.WEXITED | os.WNOHANG | os.WNOWAIT

    def has_children() -> bool:
        try:
            wait(everybody, 0, only_look)
        except ChildProcessError:
            return False
        return True

    def look() -> Seen:
        threads = {one: read(clock(one)) for one in frames() if one != own()}
        here = used(this_thread)
        return Seen(here.ru_nvcsw + here.ru_nivcsw, has_children(), threads)

    return look


def were_at_work(before: Seen, after: Seen) -> bool:
    """Whether the call between the two left the CPU while others could compute for it."""
    busy = any(seconds > before.threads.get(one, 0.0) for one, seconds in after.threads.items())
    return after.left > before.left and (busy or after.children)
