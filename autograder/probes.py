"""What a hostile submission tries, for ``autograder doctor``: each attempt is a few lines.

An attempt is a self-contained function, sent into the sandbox as source text and run there as a
candidate. It takes what the doctor set up outside (``given``) and returns what it achieved:
nothing, where the sandbox holds.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.exam.limits import MIB, Limits


@dataclass(frozen=True)
class Reply:
    """How one candidate ended.

    achieved  what the attempt returned; None when it did not return
    error     the exception it ended with, as text
    signal    the signal that killed it, 0 when none did
    stopped   why the watch outside stopped it; "" when it did not
    odd       what was found when the sandbox was cleaned afterwards, as a sentence
    """

    achieved: list[str] | None = None
    error: str = ""
    signal: int = 0
    stopped: str = ""
    odd: str = ""


def achieved_nothing(reply: Reply) -> bool:
    return reply.achieved == []


def achieved_nothing_or_stopped(reply: Reply) -> bool:
    return reply.achieved == [] or bool(reply.stopped)


def out_of_cpu_time(reply: Reply) -> bool:
    return reply.signal in (signal.SIGXCPU, signal.SIGKILL) and not reply.stopped


def left_processes(reply: Reply) -> bool:
    return reply.achieved == [] and "processes left" in reply.odd


@dataclass(frozen=True)
class Probe:
    """``what`` must hold; ``then`` is attempted by the next candidate, in the same sandbox."""

    what: str
    attempt: Callable[[dict], list[str]]
    then: Callable[[dict], list[str]] | None = None
    holds: Callable[[Reply], bool] = achieved_nothing
    limits: Limits = field(default_factory=Limits)


def work(given):
    import asyncio
    import tempfile
    import threading

    import numpy as np

    failed = []
    with tempfile.TemporaryDirectory() as folder:
        np.save(folder + "/x.npy", np.eye(300))
        if abs(np.linalg.norm(np.load(folder + "/x.npy") @ np.ones(300)) ** 2 - 300) > 1e-9:
            failed.append("a wrong product")
    threads = [threading.Thread(target=failed.copy) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    asyncio.run(asyncio.sleep(0))
    return failed


def read_files(given):
    found = []
    for path in given["secrets"] + ["/etc/passwd", "/proc/1/environ", "/proc/self/environ"]:
        try:
            with open(path, "rb") as file:
                file.read(1)
        except OSError:
            continue
        found.append("read " + path)
    return found


def write_files(given):
    import contextlib
    import os
    import sysconfig

    import autograder

    done = []
    places = ["/", "/dev", "/dev/shm", "/etc", "/usr/lib", "/var/tmp", "/run", given["folder"]]
    places += [sysconfig.get_path("stdlib"), os.path.dirname(autograder.__file__)]
    for place in places:
        with contextlib.suppress(OSError):
            open(place + "/mlpkit-was-here", "w").close()
            done.append("wrote into " + place)
            os.unlink(place + "/mlpkit-was-here")
    # With the mode it has, so that an attempt that succeeds harms nothing.
    changes = [lambda path: os.chmod(path, os.stat(path).st_mode), os.utime]
    changes += [lambda path: open(path, "a").close(), lambda path: os.rename(path, path + ".gone")]
    for path in [given["victim"], autograder.__file__]:
        for number, change in enumerate(changes[: 4 if path == given["victim"] else 3]):
            with contextlib.suppress(OSError):
                change(path)
                done.append(f"change {number} of {path}")
    return done


def read_environment(given):
    import os

    return [name for name in os.environ if "SECRET" in name or name == "MLPKIT_SANDBOX"]


def open_sockets(given):
    import contextlib
    import socket

    opened = []
    names = "INET", "INET6", "UNIX", "NETLINK", "PACKET", "VSOCK", "ALG", "BLUETOOTH", "CAN"
    for family in (getattr(socket, "AF_" + name, None) for name in names):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            with contextlib.suppress(OSError, TypeError):  # TypeError: a family not built in
                socket.socket(family, kind).close()
                opened.append(f"{family.name} {kind.name}")
    return opened


def reach_sockets(given):
    import contextlib
    import socket

    reached = []
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        for address in given["sockets"]:
            for make in (socket.socketpair, lambda family, k: [socket.socket(family, k)]):
                with contextlib.suppress(OSError):
                    make(socket.AF_UNIX, kind)[0].connect(address)
                    reached.append(f"{kind.name} to {address!r}")
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", given["port"]), timeout=1).close()
        reached.append("TCP on loopback")
    return reached


def see_processes(given):
    import contextlib
    import os

    seen = []
    with contextlib.suppress(OSError):
        seen += ["/proc/" + name for name in os.listdir("/proc") if name.isdigit()]
    for pid in {*range(2, 5000), *given["pids"]} - {os.getpid()}:
        with contextlib.suppress(OSError):
            os.kill(pid, 0)
            seen.append(f"may signal {pid}")
    return seen


def end_nursery(given):
    import contextlib
    import os
    import signal

    nursery = os.getppid()
    for number in sorted(signal.valid_signals()):
        with contextlib.suppress(OSError):
            os.kill(nursery, number)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for group in (0, -nursery):
        with contextlib.suppress(OSError):
            os.kill(group, signal.SIGTERM)
    return [] if os.getppid() == nursery else ["the nursery is gone"]


def touch_nursery(given):
    import contextlib
    import ctypes
    import os
    import resource

    libc, nursery, done = ctypes.CDLL(None, use_errno=True), os.getppid(), []
    if libc.ptrace(16, nursery, 0, 0) == 0:  # PTRACE_ATTACH
        done.append("traced it")
    word = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(word), 8)
    if libc.process_vm_readv(nursery, vector, 1, vector, 1, 0) > 0:
        done.append("read its memory")
    attempts = {
        "opened its memory": lambda: os.open(f"/proc/{nursery}/mem", os.O_RDONLY),
        "changed its limits": lambda: resource.prlimit(nursery, resource.RLIMIT_NOFILE, (9, 9)),
        "moved it to one core": lambda: os.sched_setaffinity(nursery, {0}),
        "slowed it": lambda: os.setpriority(os.PRIO_PROCESS, nursery, 19),
        "slowed its user": lambda: os.setpriority(os.PRIO_USER, 0, 19),
        "made it idle": lambda: os.sched_setscheduler(nursery, os.SCHED_IDLE, os.sched_param(0)),
    }
    for what, attempt in attempts.items():
        with contextlib.suppress(OSError):
            attempt()
            done.append(what)
    return done


def knock_at_the_kernel(given):
    import ctypes
    import errno
    import mmap
    import os
    import platform

    libc = ctypes.CDLL(None, use_errno=True)
    open_doors = []

    def knock(name, result):
        if result >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS, errno.EACCES):
            open_doors.append(f"{name} ({errno.errorcode.get(ctypes.get_errno(), 0)})")

    for name, flag in (("user", 0x10000000), ("mount", 0x20000), ("network", 0x40000000)):
        knock(f"unshare {name} namespace", libc.unshare(flag))
    knock("setns", libc.setns(0, 0))
    knock("mount", libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
    knock("chroot", libc.chroot(b"."))
    knock("memfd_create", libc.memfd_create(b"x", 0))
    knock("shmget", libc.shmget(0, mmap.PAGESIZE, 0o1600))
    knock("mq_open", libc.mq_open(b"/mlpkit", os.O_RDWR | os.O_CREAT, 0o600, None))
    knock("personality", libc.personality(0x0040000))
    knock("name_to_handle_at", libc.name_to_handle_at(-100, b".", None, None, 0))
    # One number on every machine, then those of two kinds of machine.
    numbers = {"io_uring_setup": 425, "pidfd_getfd": 438, "open_tree": 428, "fsopen": 430}
    per_machine = {
        "x86_64": {"keyctl": 250, "add_key": 248, "bpf": 321, "perf_event_open": 298,
                   "userfaultfd": 323, "kcmp": 312},
        "aarch64": {"keyctl": 219, "add_key": 217, "bpf": 280, "perf_event_open": 241,
                    "userfaultfd": 282, "kcmp": 272},
    }  # fmt: skip
    numbers |= per_machine.get(platform.machine(), {})
    for name, number in numbers.items():
        knock(name, libc.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 6))
    new_user = ctypes.c_long(0x10000000 | 17)
    if platform.machine() == "x86_64":
        child = libc.syscall(ctypes.c_long(56), new_user, *[ctypes.c_long(0)] * 4)
        if child == 0:
            os._exit(0)
        knock("clone with a user namespace", child)
    try:
        os.execv(given["python"], [given["python"], "-c", ""])
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EACCES):
            open_doors.append(f"execve ({errno.errorcode[error.errno]})")
    return open_doors


def gain_privileges(given):
    import contextlib
    import ctypes
    import os

    gained = [
        f"user {uid}" for uid in {*os.getresuid(), *os.getresgid(), *os.getgroups()} if not uid
    ]
    for call in (os.setuid, os.setgid):
        with contextlib.suppress(OSError):
            call(0)
            gained.append(call.__name__)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capget(header, sets)  # effective, permitted, inheritable, twice
    if any(sets):
        gained.append("capabilities")
    return gained


def raise_limits(given):
    import contextlib
    import resource

    raised = []
    for name in ("AS", "NPROC", "FSIZE", "NOFILE", "CORE", "CPU"):
        which = getattr(resource, "RLIMIT_" + name)
        soft, hard = resource.getrlimit(which)
        if hard == resource.RLIM_INFINITY:
            raised.append(name + " has no limit")
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (soft, hard + 1))
            raised.append(name)
    return raised


def take_memory(given):
    import numpy as np

    try:
        return [f"took {np.empty(3 << 30, np.uint8).nbytes >> 20} MiB"]
    except MemoryError:
        return []


def take_memory_in_many(given):
    import os
    import time

    for _ in range(6):
        if os.fork() == 0:
            block = bytearray(os.urandom(1 << 20)) * 64
            time.sleep(10 + len(block) * 0)
            os._exit(0)
    time.sleep(10)
    return ["6 processes took 64 MiB each for 10 s"]


def fork_400(given):
    import os
    import signal

    children = []
    try:
        for _ in range(400):
            pid = os.fork()
            if pid == 0:
                signal.pause()
            children.append(pid)
    except OSError:
        return []
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
    return [f"{len(children)} processes at once"]


def write_300_megabytes(given):
    block = bytes(1 << 20)
    try:
        with open("big", "wb", buffering=0) as file:
            for _ in range(300):
                if file.write(block) < len(block):
                    return []
    except OSError:
        return []
    return ["wrote a file of 300 MiB"]


def fill_the_disk(given):
    import time

    block = bytes(1 << 20)
    try:
        for number in range(4):
            with open(f"part{number}", "wb", buffering=0) as file:
                for _ in range(40):
                    if file.write(block) < len(block):
                        return []
    except OSError:
        return []
    time.sleep(10)
    return ["wrote 160 MiB in 4 files"]


def make_many_files(given):
    import time

    try:
        for number in range(6000):
            open(f"f{number}", "w").close()
    except OSError:
        return []
    time.sleep(10)
    return ["made 6000 files"]


def open_many_files(given):
    import os

    files = []
    try:
        for _ in range(1000):
            files.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return []
    return ["opened 1000 files at once"]


def burn_cpu(given):
    while True:
        pass


def leave_daemons(given):
    import os
    import signal
    import time

    open("left", "w").close()
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                    signal.signal(number, signal.SIG_IGN)
                while True:
                    time.sleep(0.01)
                    open("still-here", "w").close()
            os._exit(0)
    return []


def leave_files(given):
    import contextlib
    import os

    start = os.getcwd()
    os.mkdir("locked", 0)
    os.symlink("/", "root")
    os.mkfifo("fifo")
    open("\udcff\n", "w").close()
    for _ in range(2000):
        os.mkdir("deep")
        os.chdir("deep")
    open("bottom", "w").close()
    os.chdir(start)
    with contextlib.suppress(OSError):
        os.chmod("deep", 0)
        os.chmod(".", 0)
    return []


def find_leftovers(given):
    import contextlib
    import os
    import time

    time.sleep(0.05)  # time for a daemon to show itself
    found = [f"file {name}" for name in os.listdir(os.environ["TMPDIR"])]
    for pid in range(2, os.getpid()):
        with contextlib.suppress(OSError):
            os.kill(pid, 0)
            found.append(f"process {pid}")
    return found


PROBES = (
    Probe("ordinary work runs: arrays, files in /tmp, threads", work),
    Probe("no file of this machine or of the course can be read", read_files),
    Probe("nothing outside the scratch directory can be changed", write_files),
    Probe("the grader's environment is not passed on", read_environment),
    Probe("no socket can be made: IP, netlink, packet, AF_VSOCK", open_sockets),
    Probe("no listening socket is reached: abstract, by path, TCP", reach_sockets),
    Probe("no other process is seen or can be signalled", see_processes),
    Probe("the process that forks candidates cannot be ended", end_nursery, then=work),
    Probe("nor traced, read, limited or slowed", touch_nursery),
    Probe("no door of the kernel: namespaces, mounts, keys, io_uring, bpf", knock_at_the_kernel),
    Probe("not root, and no way to become root", gain_privileges),
    Probe("no limit can be raised", raise_limits),
    Probe("3 GB of memory: refused", take_memory),
    Probe(
        "memory of many processes: stopped",
        take_memory_in_many,
        holds=achieved_nothing_or_stopped,
        limits=Limits(tree_memory=200 * MIB),
    ),
    Probe("400 processes: refused", fork_400),
    Probe("a file of 300 MB: refused", write_300_megabytes),
    Probe("160 MB in four files: stopped", fill_the_disk, holds=achieved_nothing_or_stopped),
    Probe("6000 files: stopped", make_many_files, holds=achieved_nothing_or_stopped),
    Probe("1000 open files: refused", open_many_files),
    Probe("CPU time: ended", burn_cpu, holds=out_of_cpu_time, limits=Limits(cpu_seconds=1)),
    Probe(
        "daemons and files left behind: found, and gone for the next",
        leave_daemons,
        then=find_leftovers,
        holds=left_processes,
    ),
    Probe(
        "locked, endlessly deep, strangely named files: gone for the next",
        leave_files,
        then=find_leftovers,
        holds=achieved_nothing_or_stopped,
    ),
)
