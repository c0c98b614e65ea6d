"""Outside the sandbox: which tier this machine holds, and the command that starts a process in it.

    tier = sandbox.choose("auto")
    process = subprocess.Popen(sandbox.command(tier, [sys.executable, "-m", ...], slot=3),
                               pass_fds=[fd], start_new_session=True)

The process sees the Python environment, read-only, and an empty scratch directory; it then
calls ``inside.lock_down_server()``. Tiers, strongest first: "bwrap" (namespaces by bubblewrap),
"landlock" (no namespaces), "none" (only on explicit request).

The process should end when its control socket closes; ``sandbox.end(process)`` ends it at once.
"""

import atexit
import base64
import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograder.errors import SandboxError
from autograder.sandbox import landlock, monitor, seccomp
from autograder.sandbox.inside import PLAN, write_plan
from autograder.sandbox.limits import Limits
from autograder.sandbox.scratch import remove
from autograder.sandbox.visible_paths import (
    closed_to_others,
    hidden_paths,
    python_path,
    readable_pieces,
    shown_with,
    visible_paths,
)

TIERS = ("bwrap", "landlock", "none")
FREE_UIDS = range(61000, 61184)  # above what adduser gives, below what systemd takes
CAPABILITIES = "CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"  # until lock_down_server drops them
DEVICES = "/dev/null", "/dev/full", "/dev/random", "/dev/urandom"

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LOGNAME": "student",  # the user has no name: getpass.getuser()
    "MPLBACKEND": "agg",
    "OPENBLAS_NUM_THREADS": "1",  # a thread alive at a fork is a deadlock
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JOBLIB_MULTIPROCESSING": "0",  # its import tries semaphores, which need /dev/shm
    "PYTHONSAFEPATH": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
}


UNCONFINED_ADVICE = "To run students' code without any protection, say --isolation=none."


def choose(requested: str = "auto") -> str:
    """The tier to use: the strongest that works, or the one asked for if it works.

    Each is probed by starting this Python in it, once per process.
    Raises SandboxError with a message on what to install or change, ValueError for another name.
    """
    if requested == "none":
        return requested
    if requested == "auto":
        for tier in ("bwrap", "landlock"):
            if not probe(tier):
                if notice := fallback_notice(tier):
                    logging.getLogger(__name__).warning(notice)
                return tier
        raise SandboxError(
            f"No sandbox works here. bubblewrap: {probe('bwrap')} Landlock: {probe('landlock')} "
            + UNCONFINED_ADVICE
        )
    if requested not in TIERS:
        raise ValueError(f"isolation {requested!r} is not one of auto, {', '.join(TIERS)}")
    if problem := probe(requested):
        raise SandboxError(f"Isolation {requested!r} does not work here: {problem}")
    return requested


def fallback_notice(tier: str) -> str:
    """What to tell the instructor when ``tier`` is weaker than the best; "" for the best."""
    if tier != "landlock" or not (problem := probe("bwrap")):
        return ""
    return (
        f"Isolation is Landlock, not bubblewrap ({problem.rstrip('.')}). It holds less: names and "
        "sizes of other files on this machine can be seen, their contents cannot."
    )


@cache
def probe(tier: str) -> str:
    """Why ``tier`` does not work on this machine; "" when it does."""
    if sys.platform != "linux":
        return "it needs Linux (on Windows use WSL2, on macOS a container)."
    if tier == "bwrap" and not shutil.which("bwrap"):
        return "it is not installed; on Debian or Ubuntu: sudo apt-get install bubblewrap"
    if tier == "landlock" and landlock.abi() < landlock.NEEDED_ABI:
        return (
            f"this kernel has Landlock ABI {landlock.abi()}; {landlock.NEEDED_ABI} is needed "
            "(Linux 6.12 or newer, Landlock enabled)."
        )
    if tier == "landlock" and os.geteuid() == 0 and (closed := _closed_to_others()):
        return (
            f"as root it runs students' code as another user, who may not enter {closed}; "
            "run as an ordinary user, install Python in a directory open to all "
            "(for example /opt), or install bubblewrap."
        )
    return _try(tier)


# Run as a student process is: confined, forked, confined again; then it tries to read.
# numpy itself takes longer to import than all this: whether the libraries load decides.
_READ_HIDDEN = """
import ctypes, json, os, sys
from autograder.sandbox import inside
from autograder.sandbox.limits import Limits
for library in sys.argv[2:]:
    ctypes.CDLL(library)
inside.lock_down_server()
child = os.fork()
if child == 0:
    inside.lock_down_child(Limits())
    for path in json.loads(sys.argv[1]):
        try:
            if open(path, "rb").read(1):
                print("readable:", path, flush=True)
        except OSError:
            pass
    print("in", flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def _try(tier: str) -> str:
    """Start this Python in the tier and try to read hidden files under every name they have."""
    try:
        words = ["-c", _READ_HIDDEN, json.dumps(_hidden_files()), *_libraries()]
        argv = command(tier, [sys.executable, *words])
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        return f"it failed to start: {error}."
    lines = done.stdout.splitlines()
    if lines == ["in"]:
        return ""
    if lines and lines[0].startswith("readable: "):
        path = lines[0].removeprefix("readable: ")
        return f"students' code could read {path}; install the course outside that directory."
    reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    if "uid map" in reason or "namespace" in reason:
        reason += " (user namespaces are closed; on Ubuntu 24.04 see the AppArmor profile of bwrap)"
    return f"it failed to start: {reason}."


def _libraries() -> list[str]:
    """numpy's compiled parts that load BLAS and LAPACK, wherever these are."""
    spec = find_spec("numpy")
    folders = (spec and spec.submodule_search_locations) or ()
    parts = "_core/_multiarray_umath*.so", "linalg/_umath_linalg*.so"
    return [str(path) for folder in folders for part in parts for path in Path(folder).glob(part)]


def _hidden_files() -> list[str]:
    """One file of each hidden path, under its own name and each alias we know of."""
    found = []
    for folder in hidden_paths():
        inside = (folder, *folder.rglob("*"))
        file = next((one for one in inside if one.is_file() and one.stat().st_size), None)
        if file:
            names = {file, file.resolve(), *_aliases(file.resolve())}
            found += [
                name for path in sorted(names) for name in (f"{path}", f"/proc/self/root{path}")
            ]
    return found


def _aliases(file: Path) -> Iterator[Path]:
    """The same file through each visible symbolic link that leads above it (lib64 -> lib)."""
    for link in visible_paths():
        if link.resolve() in file.parents:
            yield link / file.relative_to(link.resolve())
    for prefix in {Path(sys.prefix), Path(sys.base_prefix)}:
        lib = (prefix / "lib").resolve()
        if lib in file.parents:
            yield prefix / "lib64" / file.relative_to(lib)


def command(
    tier: str,
    argv: list[str],
    *,
    slot: int = 0,
    scratch: str | None = None,
    limits: Limits | None = None,
) -> list[str]:
    """The command line that runs ``argv`` (a Python and its arguments) in ``tier``.

    ``slot`` tells apart the workers that this process runs at once: as root each has its own user.
    ``scratch`` is the directory the process may write in, made, and removed at exit, when None
    (with "bwrap" it is a private /tmp and the argument is not used). Of ``limits``, those of the
    scratch are used.
    """
    limits = limits or Limits()
    uid = _unprivileged_user(slot)
    if tier == "bwrap":
        scratch = _inner_scratch()
    else:
        scratch = scratch or _temporary()
        if tier == "landlock" and os.geteuid() == 0:
            os.chown(scratch, uid, uid)
    others = 1  # the fork server
    plan = {"tier": tier, "uid": uid, "scratch": scratch, "other_processes": others}
    if tier != "none":
        plan["server_filter"] = base64.b64encode(seccomp.server_program()).decode()
    if tier == "bwrap":
        plan |= {"scratch_size": limits.scratch_size, "scratch_files": limits.scratch_files}
    if tier == "landlock":
        plan["child_filter"] = base64.b64encode(seccomp.child_program()).decode()
        plan["rights"] = _rights(scratch)
        if os.geteuid() != 0:
            plan["other_processes"] = _threads_of(uid) + 1
    environment = ENVIRONMENT | {name: scratch for name in ("HOME", "TMPDIR", "MPLCONFIGDIR")}
    if path := python_path():
        environment["PYTHONPATH"] = os.pathsep.join(path)
    environment[PLAN] = write_plan(plan)
    if tier == "bwrap":
        return [*_bwrap(scratch, environment), *argv]
    return ["env", "-i", *(f"{name}={value}" for name, value in environment.items()), *argv]


def end(process: subprocess.Popen[Any], patience: float = 10.0) -> None:
    """End what was started in a sandbox, and everything below it.

    bwrap's child is the first process of its namespace, and takes the rest along; bwrap itself,
    when root started it, may not even signal it. A fork server without a namespace sweeps on
    SIGTERM; where it was killed itself, what it left is known by its session, which no student
    process can leave.
    """
    if isinstance(process.args, list) and process.args[0] == "bwrap":
        for pid in monitor.children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    else:
        process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    monitor.end_without_leader(process.pid, patience)


def _unprivileged_user(slot: int) -> int:
    """Who runs students' code; as root a user for each slot: processes are limited per user."""
    if os.geteuid() != 0:
        return os.geteuid()
    return FREE_UIDS[(os.getpid() * 7 + slot) % len(FREE_UIDS)]


def _bwrap(scratch: str, environment: Mapping[str, str]) -> list[str]:
    """bwrap and its options: every namespace, the Python environment, one directory to write in.

    The size of that one is bounded inside: bwrap can do so from 0.8 on, and Ubuntu 22.04 has 0.6.
    """
    unshared = "pid", "net", "ipc", "uts", "cgroup-try", *(["user"] if os.geteuid() else [])
    argv = ["bwrap", *(f"--unshare-{name}" for name in unshared)]
    argv += ["--as-pid-1", "--new-session", "--clearenv"]
    argv += ["--cap-drop", "ALL", *(word for name in CAPABILITIES for word in ("--cap-add", name))]
    made = {Path("/")}
    for path in visible_paths():
        for parent in reversed(path.parents):
            if parent not in made:  # else it would be made with the mode it has outside
                argv += ["--perms", "0755", "--dir", str(parent)]
                made.add(parent)
        if path.is_symlink() and shown_with(path.resolve()):  # /lib -> usr/lib
            argv += ["--symlink", os.readlink(path), str(path)]
        else:
            argv += ["--ro-bind", str(path), str(path)]
        made.add(path)
    for path in hidden_paths():
        if path.is_dir():
            argv += ["--tmpfs", str(path), "--remount-ro", str(path)]
        else:  # a file that is mounted or linked a second time
            argv += ["--ro-bind", "/dev/null", str(path)]
    argv += ["--perms", "0755", "--dir", "/dev"]
    for device in DEVICES:
        argv += ["--dev-bind", device, device]
    argv += ["--perms", "1777", "--tmpfs", scratch]
    argv += ["--remount-ro", "/", "--chdir", scratch]
    for name, value in environment.items():
        argv += ["--setenv", name, value]
    return argv


def _inner_scratch() -> str:
    """/tmp, unless the Python environment itself lies in there."""
    tmp = Path("/tmp")
    return "/scratch" if any(tmp in path.parents for path in visible_paths()) else "/tmp"


def _rights(scratch: str) -> list[tuple[str, int]]:
    """Landlock's rules as (path, rights): read the environment, write the scratch."""
    rights = [(scratch, landlock.SCRATCH)]
    rights += [(device, landlock.READ_FILE | landlock.WRITE_FILE) for device in DEVICES]
    for path in visible_paths():
        rights.append((str(path), landlock.READ_DIR))  # imports list directories
        pieces = readable_pieces(path, hidden_paths())
        rights += [(str(piece), landlock.READ_FILE | landlock.READ_DIR) for piece in pieces]
    return [(os.path.realpath(path), allowed) for path, allowed in rights]


def _closed_to_others() -> Path | None:
    for path in visible_paths():
        if closed := closed_to_others(path.resolve()):
            return closed
    return None


def _temporary() -> str:
    directory = tempfile.mkdtemp(prefix="mlpkit-slot-")
    atexit.register(_remove, directory)
    return directory


def _remove(directory: str) -> None:
    with contextlib.suppress(OSError):
        remove(directory)


def _threads_of(uid: int) -> int:
    """How many threads a user has: the process limit of an ordinary user counts them all."""
    count = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):  # it may end meanwhile
                if process.stat().st_uid == uid:
                    count += sum(1 for _ in (process / "task").iterdir())
    return count
