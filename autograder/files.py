"""Reading files that anybody may have put there, and writing files that a kill cannot halve."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO


def write_atomically(path: Path, data: bytes | Iterable[bytes], mode: int = 0o644) -> None:
    """Write a file so that a reader, or a kill, sees the old bytes or the new ones.

    ``data`` is the whole, or pieces of it one after the other. One writer at a time; the draft
    that a kill leaves behind is taken up by the next.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        with _new_file(draft) as file:
            file.writelines([data] if isinstance(data, bytes) else data)
        os.chmod(draft, mode)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _new_file(path: Path) -> BinaryIO:
    try:
        return open(path, "xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        path.unlink()
    return open(path, "xb")


MAX_BYTES = 32 * 2**20  # of a notebook; the largest honest ones, full of figures, have about 5 MB


# Windows, where only one's own notebook is read, has none of these.
_SAFELY = sum(
    getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
)


class Refused(Exception):
    """A file that is not read; the text completes the sentence "It ..."."""


def read_regular(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes; Refused for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _SAFELY)
    except OSError as error:
        link = error.errno == errno.ELOOP
        raise Refused(
            "is a symbolic link" if link else f"cannot be read: {error.strerror}"
        ) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Refused("is not an ordinary file")
        if status.st_size <= limit:
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(limit + 1)
            if len(data) <= limit:
                return data
    finally:
        os.close(descriptor)
    raise Refused(f"has more than {limit / 2**20:.0f} MB")
