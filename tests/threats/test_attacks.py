"""Further attacks in one table, on every tier that works here. None scores, reads, harms or stops.

``tests/exam/test_landlock_installed.py`` runs this file again as an ordinary user, with Landlock.
"""

import os
import platform

import pytest

from autograder.exam import examine
from autograder.sandbox import launch
from tests.threats.room import (
    FULL,
    HARNESS,
    NEIGHBOUR,
    SOURCE,
    TRANSPOSED,
    data_of,
    printed,
    scores,
    with_cell,
)


@pytest.fixture(params=["bwrap", "landlock"])
def tier(request):
    if problem := launch.probe(request.param):
        pytest.skip(f"{request.param}: {problem}")
    return request.param


def sit(made, tier):
    return examine(SOURCE, data_of(made), isolation=tier, seed="secret")


# System calls, by their numbers on x86-64: refused as such, whatever the arguments -----------------

CALLS = {
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
    "pidfd_getfd": 438, "move_pages": 279, "migrate_pages": 256, "userfaultfd": 323,
    "perf_event_open": 298, "bpf": 321, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "add_key": 248, "request_key": 249, "keyctl": 250, "mount": 165,
    "umount2": 166, "pivot_root": 155, "chroot": 161, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "unshare": 272, "setns": 308, "personality": 135, "socket": 41, "bind": 49, "connect": 42,
    "listen": 50, "accept": 43, "accept4": 288, "shmget": 29, "shmat": 30, "shmctl": 31,
    "semget": 64, "semop": 65, "semctl": 66, "msgget": 68, "msgsnd": 69, "msgrcv": 70,
    "msgctl": 71, "mq_open": 240, "mq_unlink": 241, "memfd_create": 319, "memfd_secret": 447,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "fanotify_init": 300,
    "inotify_init": 253, "inotify_init1": 294, "inotify_add_watch": 254, "init_module": 175,
    "finit_module": 313, "delete_module": 176, "kexec_load": 246, "kexec_file_load": 320,
    "reboot": 169, "swapon": 167, "swapoff": 168, "quotactl": 179, "acct": 163, "syslog": 103,
    "vhangup": 153, "iopl": 172, "ioperm": 173, "modify_ldt": 154, "settimeofday": 164,
    "clock_settime": 227, "adjtimex": 159, "clock_adjtime": 305, "sethostname": 170,
    "setdomainname": 171, "vmsplice": 278, "tee": 276, "splice": 275, "membarrier": 324,
    "ioprio_set": 251, "mbind": 237, "set_mempolicy": 238, "execve": 59, "execveat": 322,
    "clone3": 435, "process_madvise": 440, "lookup_dcookie": 212, "sync": 162, "syncfs": 306,
    "process_mrelease": 448, "uselib": 134, "ustat": 136, "io_setup": 206, "io_submit": 209,
    "landlock_add_rule": 445, "sendmsg": 46, "sendmmsg": 307, "remap_file_pages": 216,
    "sendfile": 40, "setsockopt": 54, "listns": 470, "the next one": 471, "a later one": 599,
}  # fmt: skip
WITH_ARGUMENTS = {
    **{
        f"clone with flag {flag:#x}": (56, flag | 17)
        for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
    },
    "a datagram pair": (53, 1, 2, 0, 0),
    "a packet pair": (53, 1, 5, 0, 0),
    "a netlink pair": (53, 16, 1, 0, 0),
    "limits of the parent": (302, os.getppid(), 7, 0, 0),
    "scheduling of the parent": (144, 1, 0, 0),
    "cores of the parent": (203, 1, 8, 0),
    "priority of a group": (141, 1, 0, 19),
    "priority of a user": (141, 2, 0, 19),
    "a pipe of 1 MiB": (72, 1, 1031, 1 << 20),
    "a large send buffer": (54, 3, 1, 7, 0, 4),
    "a large receive buffer": (54, 3, 1, 8, 0, 4),
    "huge pages": (28, 0, 4096, 14),
    "pages collapsed": (28, 0, 4096, 25),
    "shared memory": (9, 0, 4096, 3, 0x21, -1, 0),
    "a huge page": (9, 0, 1 << 21, 3, 0x40022, -1, 0),
    "letters for the terminal": (16, 0, 0x5412, 0),
    "the console": (16, 0, 0x541C, 0),
    "urgent data": (44, 3, 0, 0, 1, 0, 0),
    "a core of its own": (157, 62, 1, 0, 0, 0),
}
KNOCK = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
for name, numbers in {calls}.items():
    ctypes.set_errno(0)
    result = libc.syscall(*[ctypes.c_long(n) for n in numbers])
    if result == 0 and name.startswith("clone"):
        os._exit(0)
    refused = result == -1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS, errno.EACCES)
    print("refused" if refused else f"OPEN {{name}} {{errno.errorcode.get(ctypes.get_errno())}}")
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64")
def test_a_hundred_doors_of_the_kernel_are_shut(tier):
    calls = {name: (number, *[0] * 6) for name, number in CALLS.items()} | WITH_ARGUMENTS
    result = sit(with_cell(1, KNOCK.format(calls=calls)), tier)
    assert "OPEN" not in printed(result), printed(result)
    assert printed(result).count("refused") == len(calls) > 100
    assert scores(result) == FULL


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64")
def test_a_call_of_another_kind_of_machine_ends_the_process(tier):
    """The filter knows numbers of one kind; x32 has others for the same calls."""
    result = sit(with_cell(1, f"import ctypes\nctypes.CDLL(None).syscall({1 << 30 | 39})"), tier)
    assert "ended its process (signal 31)" in printed(result)
    assert scores(result) == FULL


OWNED = """
import fcntl, os, socket, struct, time
def owned(kind, pid, signal):
    a, b = socket.socketpair()
    fcntl.fcntl(a, 15, struct.pack("ii", kind, pid))  # F_SETOWN_EX
    fcntl.fcntl(a, 10, signal)  # F_SETSIG
    fcntl.fcntl(a, fcntl.F_SETFL, fcntl.fcntl(a, fcntl.F_GETFL) | os.O_ASYNC)
    b.send(b"x")
    time.sleep(0.05)
server = os.getppid()
for kind, pid in ((0, server), (1, server), (2, server), (1, 1)):
    for signal in (9, 15, 29):
        try: owned(kind, pid, signal)
        except OSError: pass
print("the same parent", server == os.getppid())
"""


def test_a_socket_sends_no_signal_to_the_process_that_forks(tier):
    result = sit(with_cell(1, OWNED), tier)
    assert printed(result) == "the same parent True\n"
    assert scores(result) == FULL and result.flags == ()


# Lines that would read, write, reach or raise something -------------------------------------------

LINES = """
open('/etc/passwd').read(1)
open('/etc/shadow').read(1)
open('/proc/1/environ').read(1)
open('/proc/1/mem', 'rb').read(1)
open('/proc/self/root/etc/passwd').read(1)
open('/proc/1/root/etc/passwd').read(1)
open('/proc/1/cwd/x').read(1)
open('/proc/self/mem', 'r+b').read(1)
open('/proc/kcore', 'rb').read(1)
open('/proc/sysrq-trigger', 'w').write('b')
open('/proc/sys/kernel/core_pattern', 'w').write('|/bin/sh')
open('/proc/self/oom_score_adj', 'w').write('-1000')
open('/proc/1/oom_score_adj', 'w').write('1000')
open('/sys/fs/cgroup/cgroup.procs', 'w').write('0')
open('/sys/fs/cgroup/memory/cgroup.procs', 'w').write('0')
open('/sys/kernel/mm/transparent_hugepage/enabled', 'w').write('always')
open('/dev/mem', 'rb').read(1)
open('/dev/zero', 'rb').read(1)
open('/dev/kmsg').read(1)
open('/dev/ptmx', 'r+b').read(1)
open('/dev/tty', 'r+b').read(1)
open('/dev/fuse', 'r+b').read(1)
open('/dev/kvm', 'r+b').read(1)
open('/dev/net/tun', 'r+b').read(1)
open('/dev/shm/x', 'w').write('x')
open('/var/tmp/x', 'w').write('x')
open('/run/x', 'w').write('x')
open('/usr/lib/x.py', 'w').write('x')
open(np.__file__, 'a').write('x')
os.truncate(np.__file__, 0)
os.unlink(np.__file__)
os.rename(np.__file__, 'numpy.py')
(os.chmod(np.__file__, 0o777), os.stat(np.__file__).st_mode & 0o022 or 1 / 0)
(os.utime(np.__file__), time.time() - os.stat(np.__file__).st_mtime < 9 or 1 / 0)
os.setxattr(np.__file__, 'user.x', b'x')
os.link('/etc/passwd', 'passwd')
os.link('/usr/lib/os-release', 'linked')
(os.symlink('/etc/passwd', 'p'), open('p').read(1))
(os.symlink('/', 'slash'), open('slash/etc/passwd').read(1))
os.mknod('device', 0o600 | 0x2000, os.makedev(1, 1))
os.mknod('disk', 0o600 | 0x6000, os.makedev(8, 0))
os.chown('.', 0, 0)
os.setuid(0)
os.setgid(0)
os.setresuid(0, 0, 0)
os.setgroups([0])
os.nice(-5)
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))
os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
resource.setrlimit(resource.RLIMIT_NPROC, (-1, -1))
resource.setrlimit(resource.RLIMIT_CORE, (9, 9))
resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))
resource.setrlimit(resource.RLIMIT_NOFILE, (9999, 9999))
resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
resource.prlimit(1, resource.RLIMIT_CPU, (1, 1))
subprocess.run(['/bin/true'], check=True)
subprocess.run(['/usr/bin/python3', '-c', '0'], check=True)
os.execv('/bin/sh', ['sh'])
os.posix_spawn('/bin/true', ['true'], {})
os.execvp('sh', ['sh'])
ctypes.CDLL('/etc/passwd')
socket.socket()
socket.socket(socket.AF_UNIX)
socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
socket.socket(38, socket.SOCK_SEQPACKET)
socket.socket(40, socket.SOCK_STREAM)
socket.fromfd(0, socket.AF_INET, socket.SOCK_STREAM).connect(('127.0.0.1', 22))
socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
socket.create_server(('127.0.0.1', 0))
socket.create_connection(('127.0.0.1', 22), 1)
socket.getaddrinfo('localhost', 'ssh')[9]
multiprocessing.shared_memory.SharedMemory(create=True, size=10)
multiprocessing.Semaphore()
mmap.mmap(-1, 3 << 30)
np.ones(3 << 28)
tempfile.NamedTemporaryFile(dir='/var/tmp')
sqlite3.connect('/var/tmp/x.db').execute('create table x (y)')
os.mkfifo('/tmp/../run/fifo')
os.makedirs('/root/.jupyter')
os.chroot('.')
os.listdir('/root/.ssh')
os.listdir('/home/x')
os.listdir('/proc/1/fd')
[open('/dev/null') for _ in range(500)]
open('big', 'wb').truncate(1 << 40)
""".strip().splitlines()

TRY = (
    "import ctypes, mmap, multiprocessing, multiprocessing.shared_memory, os, resource, signal\n"
    "import socket, sqlite3, subprocess, tempfile, time\nimport numpy as np\n"
)


def test_eighty_lines_that_reach_out_are_refused(tier):
    text = TRY + "".join(
        f"try:\n    {line}\n    print('DONE', {line!r})\n"
        "except BaseException as error: print('refused')\n"
        for line in LINES
    )
    result = sit(with_cell(1, text), tier)
    assert [line for line in printed(result).splitlines() if line != "refused"] == []
    assert printed(result).count("refused") == len(LINES) > 80
    assert scores(result) == FULL


# More than the limits, where they do not look ----------------------------------------------------

WRITE = "def write(name):\n    f = open(name, 'w+b')\n    f.write(bytes(50 << 20)); f.flush()\n    return f\n"
UNSEEN = {  # prints HELD if it had three times what it may, for two seconds
    "files removed and open": "kept = []\nfor n in range(4):\n"
    "    kept.append(write(f'f{n}')); os.unlink(f'f{n}')",
    "files replaced and open": "kept = []\nfor n in range(4):\n"
    "    kept.append(write('f')); write('g').close(); os.rename('g', 'f')",
    "files without a name": "kept = []\nfor n in range(4):\n"
    "    fd = os.open('.', os.O_TMPFILE | os.O_RDWR)\n    kept.append(fd)\n"
    "    for _ in range(50): os.write(fd, bytes(1 << 20))",
    "files removed and mapped": "kept = []\nfor n in range(4):\n    f = write(f'f{n}')\n"
    "    kept.append(mmap.mmap(f.fileno(), 50 << 20)); os.unlink(f'f{n}'); f.close()",
    "files removed and open in children": "for n in range(4):\n    f = write(f'f{n}')\n"
    "    if not os.fork():\n        os.unlink(f'f{n}'); time.sleep(9); os._exit(0)\n    f.close()",
    "files removed by one that has hidden itself": "ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"
    "kept = []\nfor n in range(4):\n    kept.append(write(f'f{n}')); os.unlink(f'f{n}')",
    "space behind the end of a file": "fd = os.open('f', os.O_CREAT | os.O_RDWR)\n"
    "libc = ctypes.CDLL(None)\nlong = ctypes.c_long\n"
    "if libc.fallocate(fd, 1, long(0), long(200 << 20)): raise OSError",
    "shared memory that a child keeps": "for n in range(4):\n    m = mmap.mmap(-1, 50 << 20)\n"
    "    m.write(bytes(50 << 20))\n    if not os.fork():\n        time.sleep(9); os._exit(0)\n"
    "    m.close()",
    "shared memory forgotten": "kept = []\nfor n in range(4):\n    m = mmap.mmap(-1, 50 << 20)\n"
    "    m.write(bytes(50 << 20)); m.madvise(mmap.MADV_DONTNEED); kept.append(m)",
    "a file of zeros": "f = open('/dev/zero', 'r+b')\nkept = []\nfor n in range(4):\n"
    "    m = mmap.mmap(f.fileno(), 50 << 20); m.write(bytes(50 << 20)); kept.append(m)",
    "locks": "import fcntl, struct\nkept = open('f', 'w')\n"
    "lock = struct.pack('hhqqi', fcntl.F_WRLCK, 0, 0, 1, 0)\n"
    "for call in (fcntl.F_SETLK, fcntl.F_SETLKW): fcntl.fcntl(kept, call, lock)\n"
    "pid = os.fork()\nif not pid: os._exit(fcntl.fcntl(kept, fcntl.F_GETLK, lock)[0] != 2)\n"
    "if os.waitpid(pid, 0)[1] == 0: raise OSError",
    "locks of an open file": "import fcntl, struct\nkept = open('f', 'w')\n"
    "lock = struct.pack('hhqqi', fcntl.F_WRLCK, 0, 0, 1, 0)\n"
    "for call in (37, 38): fcntl.fcntl(kept, call, lock)\n"
    "if fcntl.fcntl(open('f', 'w'), 36, lock)[0] == 2: raise OSError",
    "pages of a file in a pipe": "kept = os.pipe()\nf = write('f')\n"
    "os.sendfile(kept[1], f.fileno(), 0, 1); os.unlink('f')",
    "filters of a socket": "import socket, struct\na, b = socket.socketpair()\n"
    "code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 9) * 4096)\n"
    "a.setsockopt(socket.SOL_SOCKET, 26, struct.pack('H6xP', 4096, ctypes.addressof(code)))",
    "timers": "libc, n = ctypes.CDLL(None), ctypes.c_void_p()\n"
    "for _ in range(1000):\n    if libc.timer_create(1, None, ctypes.byref(n)): raise OSError",
    "mappings in every child": "libc = ctypes.CDLL(None)\nlong, pointer = ctypes.c_long, ctypes.c_void_p\n"
    "libc.mmap.restype = pointer\nat = libc.mmap(None, long(160 << 20), 0, 0x22, -1, long(0))\n"
    "for n in range(0, 40_000, 2): libc.mprotect(pointer(at + n * 4096), long(4096), 1)\n"
    "for _ in range(3):\n    if not os.fork(): time.sleep(9); os._exit(0)",
    "mappings without number": "kept = [mmap.mmap(-1, 8192, mmap.MAP_PRIVATE | 32, prot=1 + n % 2 * 2)"
    " for n in range(30_000)]",
}


@pytest.mark.parametrize("name", UNSEEN)
def test_nothing_is_held_unseen(name, tier):
    text = f"import ctypes, mmap, os, time\n{WRITE}{UNSEEN[name]}\ntime.sleep(2); print('HELD')"
    result = sit(with_cell(1, text), tier)
    assert "HELD" not in printed(result)
    assert scores(sit(NEIGHBOUR, tier)) == FULL


# Whole notebooks: a wrong ``outer``, and a way to be graded as if it were right ---------------------

RAW = HARNESS + "raw = me.channel.socket\ndef say(*parts): raw.sendall(wire.encode(list(parts)))\n"
FORGED = {
    "a value in advance": "say(me.number + 1, 'Returned', np.zeros((2, 3)), None, None)",
    "many values in advance": "[say(n, 'Returned', 1.0, None, None) for n in range(50)]",
    "a pickle": "import pickle\nraw.sendall(pickle.dumps(print))",
    "half a header": "raw.sendall(b'\\xff')",
    "a header of 4 GB": "raw.sendall(struct.pack('<II', 2**32 - 1, 2**32 - 1))",
    "a frame of nothing": "raw.sendall(struct.pack('<II', 0, 0))",
    "a list in a list in a list": "raw.sendall(struct.pack('<II', 5000, 0) + b'\\x91' * 5000)",
    "a call of a function that is none": "say(me.number, 'CallBack', 10**9, [], {})",
    "a call of a negative function": "say(me.number, 'CallBack', -1, [], {})",
    "a call with a range of arguments": "say(me.number, 'CallBack', 0, range(10**6), {})",
    "a call with keywords that are none": "say(me.number, 'CallBack', 0, [], {1: 2})",
    "an exception of no kind": "say(me.number, 'Raised', [], '', '', None, None)",
    "an exit": "say(me.number, 'Raised', ['SystemExit'], '', '', None, None)",
    "a time-out": "say(me.number, 'Raised', ['TestTimeout'], '', '', None, None)",
    "a kind of many letters": "say(me.number, 'Raised', ['x\\0' * 9999], '', '', None, None)",
    "a verb of none": "say(me.number, 'Passed', 2.0)",
    "a verb that is a list": "say(me.number, ['Returned'], 1)",
    "a number that is an array": "say(np.arange(3), 'Returned', 1, None, None)",
    "no fields": "say(me.number, 'Returned')",
    "a state of no generator": "say(me.number, 'Ran', {}, {}, [1, 2, 3])",
    "an account of nothing": "say(me.number, 'Ran', None, None, None)",
    "names that nobody asked for": "say(me.number, 'Ran', {'outputs': [], 'error': None, "
    "'message': ''}, {'testing': {'frame': wire.encode(1)}}, None)",
    "a name that is no frame": "say(me.number, 'Ran', {'outputs': [], 'error': None, "
    "'message': ''}, {'outer': {'frame': b'x'}}, None)",
    "the connection closed": "raw.shutdown(2)",
    "its number taken": "os.dup2(os.open('/dev/null', 2), raw.fileno())",
    "an encoder that lies": "old = wire.encode\nwire.encode = lambda v, *r: old(1.0) if v == 1 else old(v, *r)",
    "an encoder that raises": "def bad(*a): raise KeyError\nexecutor.codec.encode = bad",
    "an executor that answers twice": "send = me.channel.send\nme.channel.send = lambda f: (send(f), send(f))",
    "an executor that answers nothing": "me.channel.send = lambda f: None",
    "an audit hook": "import sys\ndef hook(e, a):\n    if e == 'compile': raise ValueError\n"
    "sys.addaudithook(hook)",
    "tracing": "import sys\nsys.settrace(lambda *a: (_ for _ in ()).throw(ValueError))",
    "memory of ints": "import ctypes\nctypes.c_long.from_address(id(2000) + 24).value = 1",
    "no recursion": "import sys\nsys.setrecursionlimit(60)",
    "signals ignored": "import signal\n[signal.signal(n, signal.SIG_IGN) for n in (2, 15, 14, 13)]",
    "a twin that answers too": "if os.fork() == 0: pass",
    "a twin that stays": "import time\nif os.fork() == 0:\n    time.sleep(60); os._exit(0)",
    "a thread that writes": "import threading, time\ndef run():\n    time.sleep(0.2)\n"
    "    raw.sendall(b'x' * 999)\nthreading.Thread(target=run, daemon=True).start()",
    "numpy replaced": "np.testing.assert_allclose = np.allclose = lambda *a, **k: True",
    "a module replaced": "import sys\nsys.modules['mlpkit.testing'] = None",
    "names of builtins": "import builtins\nbuiltins.AssertionError = ValueError",
    "descriptors closed": "os.closerange(3, 100)",
    "text of half letters": "say(me.number, 'Returned', np.array(['\\ud800']), None, None)",
}
SAMPLE = [
    "a pickle",
    "a kind of many letters",
    "an executor that answers twice",
    "its number taken",
]


def holds(name, tier):
    # The wrong answer is computed by a class of its own, so that the cell's end changes nothing.
    made = with_cell(1, "import os\n" + RAW + FORGED[name], outer=TRANSPOSED)
    result = sit(made, tier)
    assert not scores(result)["test_outer"], (name, result.checks)
    assert all(0 <= (score or 0) <= FULL[check] for check, score in scores(result).items())
    neighbour = sit(NEIGHBOUR, tier)
    assert scores(neighbour) == FULL and neighbour.flags == ()


@pytest.mark.parametrize("name", SAMPLE)
def test_a_forged_answer_earns_nothing(name, tier):
    holds(name, tier)


@pytest.mark.soak
@pytest.mark.parametrize("name", FORGED)
def test_soak_a_forged_answer_earns_nothing(name, tier):
    holds(name, tier)
