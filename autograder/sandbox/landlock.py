"""Landlock: what a process that gave up nothing else may still be kept from touching.

Linux's own sandbox for ordinary users, through its three system calls. Needed here from ABI 6
(Linux 6.12) on, the first that fences signals and abstract sockets.
"""

import ctypes
import os
from collections.abc import Iterable
from typing import Any

NEEDED_ABI = 6

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_BENEATH = 1, 1

WRITE_FILE, READ_FILE, READ_DIR = 2, 4, 8
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG = 16, 32, 128, 256
MAKE_SOCK, MAKE_FIFO, MAKE_SYM, REFER, TRUNCATE = 512, 1024, 4096, 8192, 16384
ALL_FILES = (1 << 16) - 1  # every right of ABI 5, devices and ioctl among them
ALL_NET = 3  # bind and connect TCP
ALL_SCOPES = 3  # abstract UNIX sockets, signals

OF_A_FILE = WRITE_FILE | READ_FILE | TRUNCATE
SCRATCH = (
    OF_A_FILE | READ_DIR | REMOVE_DIR | REMOVE_FILE
    | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER
)  # fmt: skip


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    try:
        return _call(CREATE_RULESET, None, 0, VERSION_FLAG)
    except OSError:
        return 0


def restrict(rights: Iterable[tuple[str, int]]) -> None:
    """Keep this process, for ever, to these (path, rights); no TCP, no signals to others.

    A path that does not exist is passed over. The caller has set PR_SET_NO_NEW_PRIVS.

    Raises OSError where the kernel refuses.
    """
    ruleset = _Ruleset(ALL_FILES, ALL_NET, ALL_SCOPES)
    _enforce(ruleset, rights)


def fence() -> None:
    """Start a domain of one's own: signals and abstract sockets no longer reach the parent's."""
    _enforce(_Ruleset(0, 0, ALL_SCOPES), ())


def _enforce(ruleset: _Ruleset, rights: Iterable[tuple[str, int]]) -> None:
    fd = _call(CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    try:
        for path, allowed in rights:
            _allow(fd, path, allowed)
        _call(RESTRICT_SELF, fd, 0)
    finally:
        os.close(fd)


def _allow(ruleset_fd: int, path: str, allowed: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            allowed &= OF_A_FILE
        if allowed:  # an empty rule is refused
            rule = _PathBeneath(allowed, parent)
            _call(ADD_RULE, ruleset_fd, PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def _call(number: int, *arguments: Any) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result: int = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
