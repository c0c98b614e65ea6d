"""How much memory an examiner holds: a check may keep what it is given, value after value.

Each frame is bounded, but not how many of them ``[f(n) for n in sizes]`` keeps. Past a bound none
is taken any more, long before the kernel's own bound: so the checks that follow have room.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
from collections.abc import Iterator

from autograder.exam.protocol.bounds import ProtocolError

MOST = 1 << 30  # bytes, beyond what the course's own cells take

TOO_MUCH = (
    f"The values that were handed over take more than {MOST >> 30} GB together. "
    "Next: print the size of what you return; give back no more than is asked for."
)


class HeldMemory:
    """What one exam holds, in the process that makes this."""

    def __init__(self) -> None:
        self._file = None
        with contextlib.suppress(OSError):  # macOS, Windows: nobody says
            self._file = open("/proc/self/statm", "rb", buffering=0)  # noqa: SIM115
        self.bound = self.size() + MOST

    def size(self) -> int:
        """Bytes of memory that this process has; 0 where nobody says."""
        if self._file is None:
            return 0
        resident = os.pread(self._file.fileno(), 64, 0).split()[1]
        return int(resident) * mmap.PAGESIZE

    @contextlib.contextmanager
    def of_the_course(self) -> Iterator[None]:
        """What this makes, a given cell's data, does not count."""
        before = self.size()
        try:
            yield
        finally:
            self.bound += max(0, self.size() - before)

    def make_room(self) -> None:
        """Before a value is taken: ProtocolError where too much is held."""
        if self.size() <= self.bound:
            return
        with contextlib.suppress(OSError, AttributeError):  # what was freed may still be here
            ctypes.CDLL(None).malloc_trim(0)
        if self.size() > self.bound:
            raise ProtocolError(TOO_MUCH)
