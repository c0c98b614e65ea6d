"""Other names of what must stay hidden: where mounts and hard links show it a second time."""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

_OCTAL = re.compile(r"\\([0-7]{3})")  # how the kernel writes a space in a mount point's name


def identity(path: Path) -> tuple[int, int] | None:
    """Device and inode; None where there is nothing to tell apart."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def mounted_again(secrets: Iterable[Path], shown: Iterable[Path]) -> Iterator[Path]:
    """Where mounts below ``shown`` have a secret directory, or what is in it, once more."""
    known = [(mount, identity(mount)) for mount in _mounts_inside(shown)]
    for secret in map(Path.resolve, secrets if known else ()):
        around = {identity(one): one for one in (secret, *secret.parents)}
        inside = {identity(one) for one in secret.rglob("*")}
        for mount, own in known:
            there = around.get(own)
            if there is not None and mount != there:
                yield mount / secret.relative_to(there)
            elif own in inside and secret not in mount.parents:
                yield mount


def linked_again(secrets: Iterable[Path], shown: Iterable[Path]) -> Iterator[Path]:
    """The hard links, below ``shown``, of files in secret directories.

    Looks through all of ``shown`` (a second or two) only where some file there has a name
    elsewhere, as after an installation by uv, which links to its cache.
    """
    folders = [secret.resolve() for secret in secrets]
    linked = _linked_elsewhere(folders)
    pending = [str(path) for path in _each_once([*shown])] if linked else []
    while pending:
        for entry in _entries(pending.pop()):
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
                continue
            if _identity(entry) in linked and not _is_below(entry.path, folders):
                yield Path(entry.path)


def _linked_elsewhere(folders: Iterable[Path]) -> set[tuple[int, int]]:
    """Their files that have a name outside all these directories."""
    further: dict[tuple[int, int], int] = {}
    for path in (path for folder in folders for path in folder.rglob("*")):
        status = path.lstat()
        if status.st_nlink > 1 and stat.S_ISREG(status.st_mode):
            own = status.st_dev, status.st_ino
            further[own] = further.get(own, status.st_nlink) - 1
    return {own for own, count in further.items() if count}


def _identity(entry: os.DirEntry[str]) -> tuple[int, int] | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # removed meanwhile
        return None
    return status.st_dev, status.st_ino


def _is_below(path: str, folders: Iterable[Path]) -> bool:
    parents = Path(path).resolve().parents
    return any(folder in parents for folder in folders)


def _each_once(shown: Sequence[Path]) -> Iterator[Path]:
    """The directories, without links to what is among or inside the others (lib64 -> lib)."""
    for path in shown:
        target = path.resolve()
        again = path.is_symlink() and any(one in (target, *target.parents) for one in shown)
        if path.is_dir() and not again:
            yield path


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # closed to us, or gone: then closed to students, too
        return []


def _mounts_inside(paths: Iterable[Path]) -> list[Path]:
    """The mount points below these directories; none where the system does not say."""
    around = [path.resolve() for path in paths]
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            fields = [line.split(" ")[4] for line in file]
    except OSError:  # no Linux
        return []
    points = {Path(_OCTAL.sub(lambda found: chr(int(found[1], 8)), field)) for field in fields}
    return sorted(point for point in points if any(one in point.parents for one in around))
