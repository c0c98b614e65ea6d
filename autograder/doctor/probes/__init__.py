"""What a hostile submission tries, for ``autograder doctor``: each attempt is a few lines.

An attempt is a self-contained function, sent into the sandbox as source text and run there in a
student process. It takes what the doctor set up outside (``given``) and returns what it achieved:
nothing, where the sandbox holds. ``reaching`` and ``exhausting`` hold the attempts; here is the
table of what must hold.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.doctor.probes.exhausting import (
    burn_cpu,
    fill_the_disk,
    fill_the_disk_unseen,
    find_leftovers,
    fork_400,
    leave_daemons,
    leave_files,
    make_many_files,
    open_many_files,
    raise_limits,
    take_memory,
    take_memory_in_many,
    write_300_megabytes,
)
from autograder.doctor.probes.reaching import (
    end_fork_server,
    gain_privileges,
    hide_memory,
    knock_at_the_kernel,
    leave_the_session,
    open_sockets,
    reach_sockets,
    read_environment,
    read_files,
    see_processes,
    touch_fork_server,
    work,
    write_files,
)
from autograder.sandbox.limits import MIB, Limits


@dataclass(frozen=True)
class Reply:
    """How one student process ended.

    achieved  what the attempt returned; None when it did not return
    error     the exception it ended with, as text
    ended     how the process ended, as its student reads it; "" when it did not
    stopped   why the watch outside stopped it; "" when it did not
    leftovers what was found when the sandbox was cleaned afterwards, as a message
    """

    achieved: list[str] | None = None
    error: str = ""
    ended: str = ""
    stopped: str = ""
    leftovers: str = ""


def achieved_nothing(reply: Reply) -> bool:
    return reply.achieved == []


def achieved_nothing_or_stopped(reply: Reply) -> bool:
    return reply.achieved == [] or bool(reply.stopped)


def out_of_cpu_time(reply: Reply) -> bool:
    return "CPU time" in reply.ended and not reply.stopped


def left_processes(reply: Reply) -> bool:
    return reply.achieved == [] and "processes left" in reply.leftovers


@dataclass(frozen=True)
class Probe:
    """``what`` must hold; ``then`` is attempted by the next process, in the same sandbox."""

    what: str
    attempt: Callable[[dict], list[str]]
    then: Callable[[dict], list[str]] | None = None
    holds: Callable[[Reply], bool] = achieved_nothing
    limits: Limits = field(default_factory=Limits)


PROBES = (
    Probe("ordinary work runs: arrays, files in /tmp, threads", work),
    Probe("no file of this machine or of the course can be read", read_files),
    Probe("nothing outside the scratch directory can be changed", write_files),
    Probe("the grader's environment is not passed on", read_environment),
    Probe("no socket can be made: IP, netlink, packet, AF_VSOCK", open_sockets),
    Probe("no listening socket is reached: abstract, by path, TCP", reach_sockets),
    Probe("no other process is seen or can be signalled", see_processes),
    Probe("the process that forks student processes cannot be ended", end_fork_server, then=work),
    Probe("nor traced, read, limited or slowed", touch_fork_server),
    Probe("no door of the kernel: namespaces, mounts, keys, io_uring, bpf", knock_at_the_kernel),
    Probe(
        "no memory that no limit sees: large pipes and buffers, huge or shared pages, locks",
        hide_memory,
    ),
    Probe("no share of the CPU of its own: one session for all it starts", leave_the_session),
    Probe("not root, and no way to become root", gain_privileges),
    Probe("no limit can be raised", raise_limits),
    Probe("3 GB of memory: refused", take_memory),
    Probe(
        "memory of many processes: stopped",
        take_memory_in_many,
        holds=achieved_nothing_or_stopped,
        limits=Limits(tree_memory=400 * MIB),
    ),
    Probe("400 processes: refused", fork_400),
    Probe("a file of 300 MB: refused", write_300_megabytes),
    Probe("160 MB in four files: stopped", fill_the_disk, holds=achieved_nothing_or_stopped),
    Probe(
        "160 MB in four removed files: stopped",
        fill_the_disk_unseen,
        holds=achieved_nothing_or_stopped,
    ),
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
