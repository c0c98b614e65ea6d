"""What a hostile submission reaches for: files, sockets, processes, the kernel, another user."""


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

    def touch(path, change):  # it may say that it did, and have done nothing
        before = os.stat(path).st_ctime_ns
        change(path)
        if os.stat(path).st_ctime_ns == before:
            raise OSError("nothing was changed")

    # With the mode it has, so that an attempt that succeeds harms nothing.
    changes = [lambda path: touch(path, lambda path: os.chmod(path, os.stat(path).st_mode))]
    changes += [lambda path: touch(path, os.utime)]
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


def end_fork_server(given):
    import contextlib
    import os
    import signal

    server = os.getppid()
    for number in sorted(signal.valid_signals()):
        with contextlib.suppress(OSError):
            os.kill(server, number)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for group in (0, -server):
        with contextlib.suppress(OSError):
            os.kill(group, signal.SIGTERM)
    return [] if os.getppid() == server else ["the fork server is gone"]


def touch_fork_server(given):
    import contextlib
    import ctypes
    import os
    import resource

    libc, server, done = ctypes.CDLL(None, use_errno=True), os.getppid(), []
    if libc.ptrace(16, server, 0, 0) == 0:  # PTRACE_ATTACH
        done.append("traced it")
    word = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(word), 8)
    if libc.process_vm_readv(server, vector, 1, vector, 1, 0) > 0:
        done.append("read its memory")
    attempts = {
        "opened its memory": lambda: os.open(f"/proc/{server}/mem", os.O_RDONLY),
        "changed its limits": lambda: resource.prlimit(server, resource.RLIMIT_NOFILE, (9, 9)),
        "moved it to one core": lambda: os.sched_setaffinity(server, {0}),
        "slowed it": lambda: os.setpriority(os.PRIO_PROCESS, server, 19),
        "slowed its user": lambda: os.setpriority(os.PRIO_USER, 0, 19),
        "made it idle": lambda: os.sched_setscheduler(server, os.SCHED_IDLE, os.sched_param(0)),
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


def hide_memory(given):
    import contextlib
    import ctypes
    import fcntl
    import mmap
    import os
    import socket
    import struct
    import tempfile

    libc, hidden = ctypes.CDLL(None, use_errno=True), []
    (r, w), (_, w2), (a, b) = os.pipe(), os.pipe(), socket.socketpair()
    page = ctypes.create_string_buffer(64)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(page), 64)
    os.write(w, b"data")
    calls = {
        "vmsplice": lambda: libc.vmsplice(w, vector, ctypes.c_ulong(1), 0),
        "tee": lambda: libc.tee(r, w2, ctypes.c_size_t(1), 0),
        "splice": lambda: libc.splice(r, None, w2, None, ctypes.c_size_t(1), 0),
        "memfd_create": lambda: libc.memfd_create(b"x", 0),
        "PR_SET_THP_DISABLE": lambda: libc.prctl(41, 0, 0, 0, 0),
    }
    hidden += [name for name, call in calls.items() if call() >= 0]
    options = {
        "a pipe of 1 MiB": lambda: fcntl.fcntl(w, 1031, 1 << 20),
        "a large send buffer": lambda: a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20),
        "a large receive buffer": lambda: b.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20
        ),
        "urgent data": lambda: a.send(b"x", socket.MSG_OOB),
        "huge pages": lambda: mmap.mmap(-1, 1 << 22, mmap.MAP_PRIVATE | 0x20).madvise(14),
        "shared pages without a file": lambda: mmap.mmap(-1, 1 << 12),
        "files in a socket": lambda: a.sendmsg([b"x"]),
        "a page of a file in a socket": lambda: os.sendfile(b.fileno(), kept.fileno(), 0, 1),
        "a filter of a socket": lambda: a.setsockopt(socket.SOL_SOCKET, 26, filters),
        "locks": lambda: fcntl.fcntl(kept, 37, lock) and held(),
    }
    lock = struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 1, 0)
    code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 1))
    filters = struct.pack("H6xP", 1, ctypes.addressof(code))
    kept = tempfile.NamedTemporaryFile()  # noqa: SIM115
    kept.write(b"x")
    kept.flush()

    def held():
        with open(kept.name, "r+b") as another:
            if fcntl.fcntl(another, 36, lock)[0] == fcntl.F_UNLCK:
                raise OSError("the lock was none")

    for name, option in options.items():
        with contextlib.suppress(OSError):
            option()
            hidden.append(name)
    return hidden


def leave_the_session(given):
    import os

    before = os.getsid(0)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os._exit(os.getsid(0) != before)
    return ["a session of its own"] if os.waitpid(pid, 0)[1] else []
