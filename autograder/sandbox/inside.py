"""Inside the sandbox: what the fork server gives up, and what each student process gives up on top.

The fork server is the warm process that forks student processes. It calls ``lock_down_server``
once, when everything it needs is imported; each child calls ``lock_down_child`` before a student's
first line; between two submissions the fork server calls ``reap_strays`` and ``empty_scratch``.

How the process was started is read from the plan that ``sandbox.command`` put into its
environment. Nothing here needs /proc, a library, or a file.
"""

import base64
import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
import time
import zlib
from types import FrameType
from typing import Any, NoReturn, TypeAlias

from autograder.errors import SandboxError
from autograder.sandbox import landlock, monitor, scratch
from autograder.sandbox.limits import Limits

try:
    import resource
except ImportError:  # on Windows
    resource = None  # type: ignore[assignment]

PLAN = "MLPKIT_SANDBOX"  # environment variable: what write_plan made of sandbox.command's plan

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
PR_SET_THP_DISABLE = 41
PR_CAP_AMBIENT_CLEAR_ALL, SECCOMP_MODE_FILTER = 4, 2
CLONE_THREAD = 0x10000
MS_NOSUID, MS_NODEV, MS_REMOUNT = 2, 4, 32
CAPABILITY_VERSION = 0x20080522
SIGNALS_WAITING = 256  # queued, and timers that would send one
PATIENCE = 5.0  # seconds for killed processes to be gone

Plan: TypeAlias = dict[str, Any]  # JSON; sandbox.command makes it
_plan: Plan = {}


class ConfineError(SandboxError):
    """The process could not be confined; a student's code must not run in it."""


def write_plan(plan: Plan) -> str:
    """A plan as one short word: a kernel takes no argument above 128 KiB."""
    return base64.b64encode(zlib.compress(json.dumps(plan).encode())).decode()


def read_plan(text: str) -> Plan:
    """The inverse of ``write_plan``."""
    plan: Plan = json.loads(zlib.decompress(base64.b64decode(text)))
    return plan


def lock_down_server() -> None:
    """Give up user, privileges and system calls, as the plan of this process says.

    Raises ConfineError when anything does not hold; the process must then end.
    """
    if PLAN not in os.environ:
        raise ConfineError(f"{PLAN} is not set; start this process with sandbox.command(...)")
    _plan.update(read_plan(os.environ.pop(PLAN)))
    os.chdir(_plan["scratch"])
    if _plan["tier"] == "none":
        if sys.platform == "linux":
            _adopt_orphans()
        return
    _require_one_thread()
    _ignore_signals()
    if _plan["tier"] == "bwrap":
        _bound_scratch()
    else:
        _adopt_orphans()
    empty_scratch()  # what the imports cached there belongs to the user they ran as
    _drop_user(_plan["uid"])
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _prctl(PR_SET_DUMPABLE, 0)  # a student process can neither trace it nor open its memory
    _prctl(PR_SET_THP_DISABLE, 1)  # resident memory then says what it holds
    if _plan["tier"] == "bwrap":
        die_with_parent()  # started by root, bwrap is another user, and the control socket ends it
    else:
        landlock.restrict(_plan["rights"])
    _load_filter(_plan["server_filter"])


def is_confined() -> bool:
    """Whether this process gave up anything."""
    return bool(_plan.get("tier", "none") != "none")


def lock_down_child(limits: Limits) -> None:
    """In the forked child: a process group of its own, the last doors shut, the limits set.

    With tier "none" only the limits that cannot hurt the user's other processes are set. The
    session stays the fork server's: all that a student starts shares one session's part of the CPU.
    """
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if _plan["tier"] == "landlock":
        landlock.fence()
        _prctl(PR_SET_DUMPABLE, 1)  # from outside, monitor sees its open files; no limit does
    die_with_parent()
    _set_limits(limits)
    if _plan["tier"] == "landlock":
        _load_filter(_plan["child_filter"])


def die_with_parent() -> None:
    """Be killed when the parent ends (Linux; strictly, the thread that forked this process)."""
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def reap_strays() -> str:
    """End every descendant of the fork server; call it when the student process was waited for.

    Returns a message about what was left; "" when nothing was.
    """
    _reap()  # ended by themselves: nothing unusual
    killed, deadline = 0, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        _kill_all()
        ended, some_left = _reap()
        killed += ended
        if not some_left:
            return f"processes left running: {killed}" if killed else ""
        time.sleep(0.001)
    return "processes left running that could not be ended"


def empty_scratch() -> str:
    """Remove everything in the scratch directory, however it was locked, nested or named.

    Call it when nothing runs any more. Returns a message about what could not be removed, or "".
    """
    try:
        scratch.empty(_plan["scratch"])
    except OSError as error:
        return f"files left that could not be removed: {error.strerror}"
    return ""


# What the fork server gives up


def _require_one_thread() -> None:
    """A thread alive at a fork leaves locks held for ever; the kernel answers without /proc."""
    if _libc().unshare(CLONE_THREAD) != 0:
        known = ", ".join(thread.name for thread in threading.enumerate()[1:]) or "a library's own"
        raise ConfineError(f"threads are alive ({known}); a fork server that forks may have none")


def _ignore_signals() -> None:
    """No signal may find a handler: the kernel shields PID 1 only where it has none."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_IGN)


def _adopt_orphans() -> None:
    """Without a PID namespace: be the parent of every orphan below, and sweep when told to end."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, _sweep_and_end)


def _sweep_and_end(number: int, frame: FrameType | None) -> NoReturn:
    reap_strays()
    os._exit(128 + number)


def _bound_scratch() -> None:
    """Bound the size of all files and their number."""
    options = f"size={_plan['scratch_size']},nr_inodes={_plan['scratch_files']}"
    flags = MS_REMOUNT | MS_NOSUID | MS_NODEV
    _check(_libc().mount(b"tmpfs", _plan["scratch"].encode(), None, flags, options.encode()))


def _drop_user(uid: int) -> None:
    """Become ``uid`` (when root) and lose every capability, in this process for good."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    _check(_libc().capset(header, (ctypes.c_uint32 * 6)()))
    if 0 in (*os.getresuid(), *os.getresgid()):
        raise ConfineError("still root; the process limit does not hold for root")


def _load_filter(encoded: str) -> None:
    """Load a seccomp program (base64 of struct sock_filter[]) into this thread."""
    program = base64.b64decode(encoded)

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

    filters = Program(len(program) // 8, program)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(filters))


# What a student process gives up


def _set_limits(limits: Limits) -> None:
    if resource is None:
        return
    bounds = {
        "CORE": 1,  # no core, and none for a program that takes them: it is asked for 0, too
        "CPU": limits.cpu_seconds,
        "FSIZE": limits.file_size,
        "NOFILE": limits.open_files,
        "STACK": limits.stack,
    }
    if sys.platform == "linux":
        bounds["AS"] = limits.memory
        bounds["SIGPENDING"] = SIGNALS_WAITING
    if _plan["tier"] != "none":
        bounds["NPROC"] = limits.processes + _plan["other_processes"]
    for name, bound in bounds.items():
        which = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(which)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(which, (bound, bound))


# Between two submissions


def _kill_all() -> None:
    """SIGKILL to every descendant at once: none can finish a fork with the signal pending."""
    if _plan["tier"] == "none":
        for pid in monitor.children(os.getpid()):  # orphans come to us: repeated, it reaches all
            os.kill(pid, signal.SIGKILL)
        return
    if _plan["tier"] == "bwrap" and os.getpid() != 1:
        raise ConfineError("not the first process of its namespace; refusing to kill all")
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(-1, signal.SIGKILL)  # in Landlock's domain: its own descendants only


def _reap() -> tuple[int, bool]:
    """Wait for whatever has ended: how many, and is some child still alive?"""
    ended = 0
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended, False
        if pid == 0:
            return ended, True
        ended += 1


# The C library


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, *arguments: int) -> None:
    padded = (*arguments, 0, 0, 0, 0)[:4]
    _check(_libc().prctl(option, *(ctypes.c_ulong(int(a)) for a in padded)))


def _check(result: int) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise ConfineError(f"the kernel refused to confine the process: {os.strerror(error)}")
