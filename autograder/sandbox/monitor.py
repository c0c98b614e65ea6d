"""What is watched from outside: limits that the kernel holds per process or not at all."""

import contextlib
import math
import os
import signal
import time
from collections.abc import Iterator

from autograder.sandbox.limits import Limits

MIB = 1 << 20
DEEPEST = 50
# Characters of a process's list of mappings: some ten thousand of them. Each costs the kernel 230
# bytes, of which a process could have a million.
MAX_MAPS = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def excess(pid: int, limits: Limits, scratch: str | None = None) -> str:
    """What a student's processes use too much of, as a message; "" while within limits.

    ``pid`` is what was started; ``scratch`` its directory where that lies on this machine's disk.
    Meant to be called a few times a second.
    """
    if memory_of_tree(pid, exact_above=limits.tree_memory) > limits.tree_memory:
        return f"its processes together used more than {limits.tree_memory // MIB} MiB of memory"
    if any(len(_maps(member)) > MAX_MAPS for member in descendants(pid)):
        return "it made more mappings than can be looked through"
    if scratch:
        size, count = size_of_tree(scratch, files_at_most=limits.scratch_files)
        if size == math.inf:
            return "it made directories that are locked, or nested too deep to be measured"
        if size + size_of_removed(pid, os.fspath(scratch)) > limits.scratch_size:
            return f"its files together took more than {limits.scratch_size // MIB} MiB"
        if count > limits.scratch_files:
            return f"it made more than {limits.scratch_files} files"
    return ""


def memory_of_tree(pid: int, *, exact_above: int = 1 << 29) -> int:
    """Resident memory in bytes of a process and all its descendants (Linux; elsewhere 0).

    Forked processes share pages. The quick sum counts those in every process, so it is an upper
    bound; where it exceeds ``exact_above`` the kernel is asked for each process's share (PSS),
    which costs milliseconds per process.
    """
    tree = descendants(pid)
    quick = sum(_resident(member) for member in tree)
    return quick if quick <= exact_above else sum(_share(member) for member in tree)


def excess_cpu(pid: int, limits: Limits, before: float) -> str:
    """The same of CPU time, of which the tree had used so much ``before``."""
    if cpu_of_tree(pid) - before <= limits.tree_cpu_seconds:
        return ""
    return f"its processes together used more than {limits.tree_cpu_seconds} s of CPU time"


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process and all its descendants, with those that have ended and were
    waited for (Linux; elsewhere 0).
    """
    return sum(sum(_times(member)) for member in descendants(pid)) / TICKS


def make_helpers_idle(server: int) -> None:
    """Let what student processes started run only where nobody else wants the CPU.

    The student process is the oldest child of the fork ``server``; orphans become its children too.
    """
    own = sorted(children(server), key=_started)[:1]
    for member in descendants(server)[1:]:
        if member not in own:
            for thread in _threads(member):
                with contextlib.suppress(OSError):  # it has ended
                    os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))


def descendants(pid: int) -> list[int]:
    """The process and everything below it, as far as it still runs."""
    tree, found = [], [pid]
    while found:
        member = found.pop()
        tree.append(member)
        found += children(member)
    return tree


def children(pid: int) -> list[int]:
    """The direct children of a process; none where it has ended."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, _read(f"/proc/{pid}/task/{task}/children").split())
    return found


def without_leader(session: int) -> list[int]:
    """The living processes of a session whose leader, the process of that number, has ended.

    None where it lives, as another one of the same number would.
    """
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit() and (fields := _stat(int(name))) and fields[0] != "Z":
            if int(name) == session:
                return []
            if int(fields[3]) == session:
                found.append(int(name))
    return found


def end_without_leader(session: int, patience: float) -> None:
    """End the processes of a session whose leader has ended, those they fork meanwhile too."""
    deadline = time.monotonic() + patience
    while (left := without_leader(session)) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def size_of_tree(directory: str | os.PathLike[str], *, files_at_most: int) -> tuple[float, int]:
    """Bytes on disk, and number of files and directories, below ``directory``.

    Looks no further than ``files_at_most`` files. Infinite bytes where a directory is locked or
    nested too deep to be looked into: no honest work needs that.
    """
    size = count = 0
    found = [(os.fspath(directory), 0)]
    while found and count <= files_at_most:
        folder, depth = found.pop()
        if depth > DEEPEST:
            return math.inf, count
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        found.append((entry.path, depth + 1))
        except FileNotFoundError:  # removed meanwhile
            continue
        except OSError:
            return math.inf, count
    return size, count


def size_of_removed(pid: int, directory: str) -> float:
    """Bytes of files below ``directory`` that were removed and that the tree still has open, or
    mapped: they take their place on disk and no directory has them.
    """
    sizes: dict[object, float] = {}
    for member in descendants(pid):
        for key, size in (*_removed_open(member, directory), *_removed_mapped(member, directory)):
            sizes[key] = max(size, sizes.get(key, 0))
    return sum(sizes.values())


def _removed_open(pid: int, directory: str) -> Iterator[tuple[object, float]]:
    with contextlib.suppress(OSError):  # it has ended, or is closed to us, as the fork server is
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                path = f"/proc/{pid}/fd/{name}"
                if os.readlink(path).startswith(directory):
                    status = os.stat(path)
                    if not status.st_nlink:
                        yield status.st_ino, status.st_blocks * 512


def _removed_mapped(pid: int, directory: str) -> Iterator[tuple[object, float]]:
    """Of each mapping, how far it reaches into the file: at most so much is there."""
    for line in _maps(pid).splitlines():
        if directory in line and line.endswith(" (deleted)"):
            span, _, offset, _, inode, *_ = line.split()
            begin, _, end = span.partition("-")
            yield int(inode), int(offset, 16) + int(end, 16) - int(begin, 16)


def _maps(pid: int) -> str:
    """The list of a process's mappings, as far as it is looked through."""
    try:
        with open(f"/proc/{pid}/maps", errors="replace") as file:
            return file.read(MAX_MAPS + 1)
    except OSError:  # it has ended, or is closed to us
        return ""


def _resident(pid: int) -> int:
    try:
        return int(_read(f"/proc/{pid}/statm").split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name; none where it has ended."""
    try:
        return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    except OSError:
        return []


def _times(pid: int) -> list[int]:
    """User and system time in ticks, its own and that of children it waited for."""
    return [int(ticks) for ticks in _stat(pid)[11:15]]


def _started(pid: int) -> int:
    return int((_stat(pid) or ["0"] * 20)[19])


def _threads(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(task) for task in os.listdir(f"/proc/{pid}/task")]
    return []


def _share(pid: int) -> int:
    """PSS; where the process is closed to us (not dumpable), what it holds in all."""
    try:
        for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return _resident(pid)
    return 0


def _read(path: str) -> str:
    with open(path) as file:
        return file.read()
