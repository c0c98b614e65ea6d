"""What a hostile submission uses up, or leaves behind: memory, processes, disk, CPU time."""


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


def fill_the_disk_unseen(given):
    import os
    import time

    block, kept = bytes(1 << 20), []
    try:
        for number in range(4):
            kept.append(os.open(f"gone{number}", os.O_CREAT | os.O_WRONLY))
            os.unlink(f"gone{number}")
            for _ in range(40):
                if os.write(kept[-1], block) < len(block):
                    return []
    except OSError:
        return []
    time.sleep(10)
    return ["wrote 160 MiB in 4 files that were removed"]


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
