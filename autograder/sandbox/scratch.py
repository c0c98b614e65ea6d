"""Emptying the directory a student's code wrote in, whatever it left there."""

import contextlib
import os
import stat


def empty(directory: str | os.PathLike[str]) -> None:
    """Remove everything in ``directory``, where nothing runs any more.

    Without recursion: what lies deeper is first moved to the top, so neither depth, length of
    path, nor mode can stop it. Symbolic links are removed, never followed.

    Raises OSError for what cannot be removed.
    """
    top, moved = os.fsencode(directory), 0
    with contextlib.suppress(PermissionError):  # it is another's, and then open to us
        os.chmod(top, stat.S_IMODE(os.stat(top).st_mode) | stat.S_IRWXU)
    while names := os.listdir(top):
        for name in names:
            path = os.path.join(top, name)
            if not _open_directory(path):
                os.unlink(path)
                continue
            for inner in os.listdir(path):
                inner = os.path.join(path, inner)
                if _open_directory(inner):
                    moved += 1
                    os.rename(inner, _unused(top, moved))
                else:
                    os.unlink(inner)
            os.rmdir(path)


def remove(directory: str | os.PathLike[str]) -> None:
    """``empty``, and then the directory itself. Raises OSError."""
    empty(directory)
    os.rmdir(directory)


def _open_directory(path: bytes) -> bool:
    """Is it a directory? Then make sure that its owner may enter and change it."""
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        return False
    os.chmod(path, stat.S_IRWXU)
    return True


def _unused(top: bytes, number: int) -> bytes:
    path = os.path.join(top, b"%d" % number)
    while os.path.lexists(path):
        path += b"_"
    return path
