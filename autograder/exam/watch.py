"""What a seat watches from outside: limits that the kernel holds per process or not at all."""

import contextlib
import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def memory_of_tree(pid: int, *, exact_above: int = 1 << 29) -> int:
    """Resident memory in bytes of a process and all its descendants (Linux; elsewhere 0).

    Forked processes share pages. The quick sum counts those in every process, so it is an upper
    bound; where it exceeds ``exact_above`` the kernel is asked for each process's share (PSS),
    which costs milliseconds per process.
    """
    tree = descendants(pid)
    quick = sum(_resident(member) for member in tree)
    return quick if quick <= exact_above else sum(_share(member) for member in tree)


def descendants(pid: int) -> list[int]:
    """The process and everything below it, as far as it still runs."""
    tree, found = [], [pid]
    while found:
        member = found.pop()
        tree.append(member)
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{member}/task"):
                found += map(int, _read(f"/proc/{member}/task/{task}/children").split())
    return tree


def size_of_tree(directory: str | os.PathLike) -> tuple[int, int]:
    """Bytes on disk, and number of files and directories, below ``directory``."""
    size = count = 0
    for path, directories, files in os.walk(directory):
        for name in directories + files:
            count += 1
            with contextlib.suppress(OSError):  # removed meanwhile
                size += os.lstat(Path(path, name)).st_blocks * 512
    return size, count


def _resident(pid):
    try:
        return int(_read(f"/proc/{pid}/statm").split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _share(pid):
    """PSS; where the process is closed to us (not dumpable), what it holds in all."""
    try:
        for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return _resident(pid)
    return 0


def _read(path):
    with open(path) as file:
        return file.read()
