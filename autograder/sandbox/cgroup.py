"""A memory control group for one worker's student processes, where one can be had.

The kernel then counts all memory that it holds for them, also what no resident size shows: pipes,
sockets, tmpfs, memory of files that nobody maps. As root one can be made nearly everywhere; an
ordinary user needs a delegated group: ``systemd-run --user --scope -p Delegate=yes autograder
grade ...``. Without one, the limits of ``seccomp`` and ``monitor`` are all there is.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

MOUNT = Path("/sys/fs/cgroup")
HINT = "as an ordinary user: systemd-run --user --scope -p Delegate=yes autograder grade ..."
REMOVE_SECONDS = 2.0


class Place(NamedTuple):
    """Where groups can be made, and the names of its files in this version."""

    folder: Path
    limit: str
    swap: str
    no_swap: str  # "": memory and swap have one limit together
    events: str


@cache
def place() -> Place | str:
    """Where a group can be made, tried by making one; else why not."""
    try:
        found = _version_2() or _version_1()
        if found is None:
            return f"no memory controller is to be had ({HINT})"
        Group(f"mlpkit-trial-{os.getpid()}", 1 << 30, found).close()
    except OSError as error:
        return f"{error.strerror}: {error.filename} ({HINT})"
    return found


def unavailable() -> str:
    """Why memory is not counted by the kernel; "" where it is."""
    found = place()
    return found if isinstance(found, str) else ""


def group_for(number: int, memory: int) -> Group | None:
    """A new group that may hold so many bytes; None where none can be had."""
    found = place()
    if isinstance(found, str):
        return None
    try:
        return Group(f"mlpkit-{os.getpid()}-{number}", memory, found)
    except OSError:
        return None


class Group:
    """One control group. Raises OSError where it cannot be made."""

    def __init__(self, name: str, memory: int, where: Place):
        self.where, self.folder = where, where.folder / name
        self.folder.mkdir(exist_ok=True)
        (self.folder / where.limit).write_text(str(memory))
        with contextlib.suppress(OSError):  # no swap here, or it is not counted
            (self.folder / where.swap).write_text(where.no_swap or str(memory))
        self.seen = self._kills()

    def add(self, pids: Iterable[int]) -> None:
        """Move these processes there; what they hold already stays where it was."""
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                (self.folder / "cgroup.procs").write_text(str(pid))

    def ran_out(self) -> bool:
        """Whether the kernel ended a process here for its memory since this was last asked."""
        before, self.seen = self.seen, self._kills()
        return self.seen > before

    def close(self) -> None:
        """Remove it, once its processes have ended; the kernel takes a moment to notice."""
        deadline = time.monotonic() + REMOVE_SECONDS
        while self.folder.exists():
            try:
                self.folder.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    return
                time.sleep(0.01)

    def _kills(self) -> int:
        try:
            words = (self.folder / self.where.events).read_text().split()
        except OSError:
            return 0
        return int(words[words.index("oom_kill") + 1]) if "oom_kill" in words else 0


def _version_2() -> Place | None:
    """The group that this process is in, or above which it may make one."""
    if not (MOUNT / "cgroup.controllers").exists():
        return None
    own = MOUNT / _own_path("").lstrip("/")
    if "memory" not in (own / "cgroup.controllers").read_text().split():
        return None
    control = own / "cgroup.subtree_control"
    if "memory" not in control.read_text().split():
        _make_room(own)
        control.write_text("+memory")
    return Place(own, "memory.max", "memory.swap.max", "0", "memory.events")


def _make_room(own: Path) -> None:
    """A group with children has no processes of its own: move this one a step down.

    Only where nobody else is there.
    """
    if (own / "cgroup.procs").read_text().split() == [str(os.getpid())]:
        inner = own / "mlpkit-grader"
        inner.mkdir(exist_ok=True)
        (inner / "cgroup.procs").write_text(str(os.getpid()))


def _version_1() -> Place | None:
    mount = MOUNT / "memory"
    path = _own_path("memory").lstrip("/")
    own = next((one for one in (mount / path, mount) if (one / "cgroup.procs").exists()), None)
    if own is None:
        return None
    together = "memory.memsw.limit_in_bytes"
    return Place(own, "memory.limit_in_bytes", together, "", "memory.oom_control")


def _own_path(controller: str) -> str:
    """This process's group, of the hierarchy that has the controller ("": version 2)."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(",") if controller else not controllers:
            return path
    return "/"
