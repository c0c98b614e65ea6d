"""The system calls that no student process needs, as a filter compiled by libseccomp.

Compiled outside the sandbox and loaded inside as bytes (``inside``): libseccomp then need not
be found in there. Everything else is allowed: limits, Landlock and the namespaces bound it.
"""

import errno
import tempfile
from functools import cache
from typing import Any, TypeAlias

AF_UNIX, SOCK_STREAM, SOCK_TYPE_MASK = 1, 1, 0xF
PRIO_PROCESS = 0
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
F_SETPIPE_SZ, MSG_OOB = 1031, 1
F_LOCKS = 6, 7, 37, 38  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
HUGE_PAGES = 14, 25  # MADV_HUGEPAGE, MADV_COLLAPSE
MAP_SHARED, MAP_ANONYMOUS, MAP_HUGETLB = 0x1, 0x20, 0x40000
PR_SET_DUMPABLE, PR_SET_THP_DISABLE, PR_SCHED_CORE = 4, 41, 62
RLIMIT_CORE = 4

# Namespaces: CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
NEW_NAMESPACE = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)

FORBIDDEN = """
    execve execveat
    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd migrate_pages
    move_pages userfaultfd perf_event_open bpf
    io_uring_setup io_uring_enter io_uring_register
    add_key request_key keyctl
    mount umount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen fsconfig
    fsmount fspick mount_setattr statmount listmount
    unshare setns personality
    socket bind connect listen accept accept4
    shmget shmat shmctl shmdt semget semop semtimedop semctl msgget msgsnd msgrcv msgctl
    mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
    memfd_create memfd_secret
    name_to_handle_at open_by_handle_at fanotify_init fanotify_mark
    inotify_init inotify_init1 inotify_add_watch
    init_module finit_module delete_module kexec_load kexec_file_load reboot
    swapon swapoff quotactl quotactl_fd acct syslog vhangup uselib ustat sysfs lookup_dcookie
    nfsservctl _sysctl iopl ioperm modify_ldt
    settimeofday stime clock_settime adjtimex clock_adjtime sethostname setdomainname
    vmsplice tee splice sendfile sendfile64 membarrier process_mrelease
    io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents
    landlock_add_rule remap_file_pages
    sendmsg sendmmsg setsockopt
    sync syncfs
    ioprio_set mbind set_mempolicy set_mempolicy_home_node
""".split()  # noqa: SIM905

# Metadata of files outside the scratch directory: a mount hides them, Landlock cannot. Modes and
# times say that they were changed, as copying a file (shutil.copy) changes them, too.
MODES_AND_TIMES = """
    chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat
""".split()  # noqa: SIM905
METADATA = """
    chown fchown lchown fchownat file_setattr
    setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat
""".split()  # noqa: SIM905

# Newer than the oldest libseccomp that knows them by name; from 424 on one number on every machine.
NUMBERS = {
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
    "fspick": 433, "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
    "quotactl_fd": 443, "memfd_secret": 447, "process_mrelease": 448,
    "set_mempolicy_home_node": 450, "fchmodat2": 452,
    "statmount": 457, "listmount": 458, "setxattrat": 463, "removexattrat": 466,
    "open_tree_attr": 467, "file_setattr": 469,
}  # fmt: skip


FUTURE = range(470, 600)  # a kernel newer than this list has calls that nobody has looked at


Filter: TypeAlias = Any  # pyseccomp.SyscallFilter, which has no types


@cache
def server_program() -> bytes:
    """The filter that the fork server loads and every student process inherits."""
    import pyseccomp as s

    rules = _empty()
    for name in FORBIDDEN:
        _deny(rules, name)
    _deny(rules, "clone3", error=errno.ENOSYS)  # its flags are in memory; libc goes back to clone
    for flag in NEW_NAMESPACE:
        _deny(rules, "clone", s.Arg(0, s.MASKED_EQ, flag, flag))
    # An unnamed stream pair cannot reach anybody else; a datagram one can still send by name.
    _deny(rules, "socketpair", s.Arg(0, s.NE, AF_UNIX))
    for kind in set(range(SOCK_TYPE_MASK + 1)) - {SOCK_STREAM}:
        _deny(rules, "socketpair", s.Arg(1, s.MASKED_EQ, SOCK_TYPE_MASK, kind))
    # Only on oneself: the fork server runs as the same user.
    for name in ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam",
                 "sched_setattr"):  # fmt: skip
        _deny(rules, name, s.Arg(0, s.NE, 0))
    _deny(rules, "setpriority", s.Arg(0, s.NE, PRIO_PROCESS))
    _deny(rules, "setpriority", s.Arg(1, s.NE, 0))
    # It does nothing, and says it did: each session has a share of the CPU of its own.
    _deny(rules, "setsid", error=0)
    for command in (TIOCSTI, TIOCLINUX):
        _deny(rules, "ioctl", s.Arg(1, s.MASKED_EQ, 0xFFFFFFFF, command))
    for number in FUTURE:
        rules.add_rule(s.ERRNO(errno.ENOSYS), number)
    _deny_hidden_memory(rules)
    return _bytes(rules)


def _deny_hidden_memory(rules: Filter) -> None:
    """Memory that no limit counts: large pipes and socket buffers, huge pages, shared pages, locks.

    Shared pages without a file stay when they are unmapped, or forgotten (MADV_DONTNEED), as long
    as some process has a mapping of them, in whose resident size they need not be. (What a socket
    carries of files, by ``sendmsg``, is in nobody's table either; ``sendfile`` leaves a page in a
    pipe, and with it the whole megabyte that the file's cache was read in; a filter of a socket's,
    by ``setsockopt``, takes 100 KB.)
    """
    import pyseccomp as s

    _deny(rules, "fcntl", s.Arg(1, s.MASKED_EQ, 0xFFFFFFFF, F_SETPIPE_SZ))
    # They do nothing, and say they did: a lock costs 200 bytes, and there may be any number. What
    # is in the scratch directory is one student's, and so are all who could hold another.
    for command in F_LOCKS:
        _deny(rules, "fcntl", s.Arg(1, s.MASKED_EQ, 0xFFFFFFFF, command), error=0)
    _deny(rules, "sendto", s.Arg(3, s.MASKED_EQ, MSG_OOB, MSG_OOB))
    for flags in (MAP_SHARED | MAP_ANONYMOUS, MAP_HUGETLB):
        _deny(rules, "mmap", s.Arg(3, s.MASKED_EQ, flags, flags))
    for advice in HUGE_PAGES:
        _deny(rules, "madvise", s.Arg(2, s.MASKED_EQ, 0xFFFFFFFF, advice))
    for option in (PR_SET_THP_DISABLE, PR_SCHED_CORE):
        _deny(rules, "prctl", s.Arg(0, s.MASKED_EQ, 0xFFFFFFFF, option))


@cache
def child_program() -> bytes:
    """The filter a student process adds where no mount namespace holds its files, and others'.

    ``monitor`` must see what files it has open, and so they stay visible.
    """
    import pyseccomp as s

    rules = _empty()
    for name in METADATA:
        _deny(rules, name)
    for name in MODES_AND_TIMES:
        _deny(rules, name, error=0)
    _deny(rules, "fallocate", error=errno.EOPNOTSUPP)  # past RLIMIT_FSIZE; libc then writes
    _deny(rules, "prctl", s.Arg(0, s.MASKED_EQ, 0xFFFFFFFF, PR_SET_DUMPABLE))
    _deny(rules, "setrlimit", s.Arg(0, s.MASKED_EQ, 0xFFFFFFFF, RLIMIT_CORE))
    _deny(rules, "prlimit64", s.Arg(1, s.MASKED_EQ, 0xFFFFFFFF, RLIMIT_CORE), s.Arg(2, s.NE, 0))
    return _bytes(rules)


def _empty() -> Filter:
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)  # 32-bit calls
    rules.set_attr(pyseccomp.Attr.CTL_OPTIMIZE, 2)  # a binary tree: a call costs log2 of the rules
    return rules


def _deny(rules: Filter, name: str, *arguments: Any, error: int = errno.EPERM) -> None:
    """Add one rule, by number where this libseccomp is older than the name."""
    import pyseccomp

    try:
        call = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    except (OSError, ValueError):
        call = -1
    if call < 0:
        call = NUMBERS.get(name, -1)
    if call >= 0:
        rules.add_rule(pyseccomp.ERRNO(error), call, *arguments)


def _bytes(rules: Filter) -> bytes:
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
