"""Memory that resident size does not show cannot be asked for in the sandbox."""

import subprocess
import sys

import pytest

from autograder.sandbox import launch

ATTEMPTS = """
import ctypes, fcntl, mmap, os, socket
from autograder.sandbox import inside
import numpy
confined = {confined}
if confined:
    inside.lock_down_server()
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, call):
    try:
        result = call()
    except OSError:
        result = -1
    print(name, "refused" if result == -1 else "done")
r, w = os.pipe()
r2, w2 = os.pipe()
a, b = socket.socketpair()
class Vec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
page = ctypes.create_string_buffer(64)
vec = Vec(ctypes.addressof(page), 64)
os.write(w, b"data")
attempt("vmsplice", lambda: libc.vmsplice(w, ctypes.byref(vec), ctypes.c_ulong(1), 0))
attempt("tee", lambda: libc.tee(r, w2, ctypes.c_size_t(1), 0))
attempt("splice", lambda: libc.splice(r, None, w2, None, ctypes.c_size_t(1), 0))
attempt("F_SETPIPE_SZ", lambda: fcntl.fcntl(w, 1031, 1 << 17))
for name in ("SO_SNDBUF", "SO_RCVBUF"):
    attempt(name, lambda: a.setsockopt(socket.SOL_SOCKET, getattr(socket, name), 1 << 16))
area = mmap.mmap(-1, 1 << 22, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
attempt("MADV_HUGEPAGE", lambda: area.madvise(14))
attempt("PR_SET_THP_DISABLE", lambda: libc.prctl(41, 0, 0, 0, 0))
attempt("MAP_SHARED", lambda: mmap.mmap(-1, 4096))
attempt("MAP_HUGETLB", lambda: mmap.mmap(-1, 1 << 21, mmap.MAP_PRIVATE | 0x40020))
attempt("a file of zeros", lambda: open("/dev/zero"))
attempt("sendmsg", lambda: a.sendmsg([b"x"]))
"""
NAMES = (
    "vmsplice", "tee", "splice", "F_SETPIPE_SZ", "SO_SNDBUF", "SO_RCVBUF",
    "MADV_HUGEPAGE", "PR_SET_THP_DISABLE", "MAP_SHARED", "MAP_HUGETLB", "a file of zeros", "sendmsg",
)  # fmt: skip


@pytest.mark.parametrize("tier", ["bwrap", "landlock"])
def test_kernel_memory_is_refused(tier):
    if problem := launch.probe(tier):
        pytest.skip(problem)
    argv = launch.command(tier, [sys.executable, "-c", ATTEMPTS.format(confined=True)])
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [f"{name} refused" for name in NAMES], done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's system calls")
def test_without_the_filter_the_attempts_are_real():
    argv = [sys.executable, "-c", ATTEMPTS.format(confined=False)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert {"vmsplice done", "tee done", "splice done", "F_SETPIPE_SZ done", "sendmsg done"} <= set(
        done.stdout.splitlines()
    ), done.stdout + done.stderr
