"""``autograder doctor``: does the sandbox hold on this machine? Ask it from inside.

Every attempt of ``probes`` is a cell of a notebook that a worker grades (``doctor.inside``): the
processes, limits and watch are those of any student. What is to be reached (secret files,
listening sockets, processes) is really there.
"""

import contextlib
import inspect
import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from autograder.doctor.inside import Inside, run_inside
from autograder.doctor.probes import PROBES, Probe, Reply
from autograder.errors import SandboxError
from autograder.sandbox import cgroup, launch
from autograder.sandbox.visible_paths import SECRET

WATCH_SECONDS = 0.1
PATIENCE = 30.0
ENDED = "the process that forks student processes ended"


__all__ = ["Inside", "Row", "main", "probe", "run_inside", "table"]


class Row(NamedTuple):
    """One line of the table."""

    what: str
    holds: bool
    detail: str


def main(isolation: str = "auto", as_json: bool = False) -> int:
    """Print what holds; the exit code: 0 all, 1 not all, 2 there is no sandbox."""
    try:
        tier = launch.choose(isolation)
    except (SandboxError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if tier == "none":
        print("Without a sandbox nothing holds; choose bwrap or landlock.", file=sys.stderr)
        return 1
    rows = probe(tier)
    print(json.dumps([row._asdict() for row in rows]) if as_json else table(tier, rows))
    if not as_json:
        print(memory())
    return 0 if all(row.holds for row in rows) else 1


def table(tier: str, rows: list[Row]) -> str:
    """The rows as text, what does not hold marked and explained."""
    user = "root" if os.geteuid() == 0 else "an ordinary user"
    lines = [f"Isolation {tier!r}, started by {user}:"]
    for row in rows:
        lines.append(f"  {'holds' if row.holds else 'FAILS'}  {row.what}")
        if row.detail:
            lines.append(f"         {row.detail}")
    failed = sum(not row.holds for row in rows)
    lines.append(f"{failed} of {len(rows)} fail." if failed else f"All {len(rows)} hold.")
    return "\n".join(lines)


def probe(tier: str, probes: tuple[Probe, ...] = PROBES) -> list[Row]:
    """Run the attempts inside ``tier``."""
    with _bait() as given, Inside(tier) as inside:
        return [_judge(each, inside, given) for each in probes]


def memory() -> str:
    """Whether the kernel counts all memory that it holds for students' processes."""
    reason = cgroup.unavailable()
    if not reason:
        return "Memory is counted by a cgroup: pipes, sockets and files in memory, too."
    return f"Memory of pipes and sockets is not counted, there is no memory cgroup: {reason}."


def _judge(each: Probe, inside: Inside, given: dict[str, Any]) -> Row:
    first = inside.run(_source(each.attempt, given), each.limits)
    if not each.holds(first):
        return Row(each.what, False, _explain(first))
    if each.then:
        second = inside.run(_source(each.then, given), each.limits)
        if second.achieved != []:
            return Row(each.what, False, "afterwards: " + _explain(second))
    return Row(each.what, True, first.stopped)


def _source(attempt: Callable[..., Any], given: dict[str, Any]) -> str:
    return f"{inspect.getsource(attempt)}\nresult = {attempt.__name__}({given!r})\n"


def _explain(reply: Reply) -> str:
    if reply.achieved:
        more = f" and {len(reply.achieved) - 5} more" if len(reply.achieved) > 5 else ""
        return ", ".join(reply.achieved[:5]) + more
    return reply.error or reply.ended or reply.stopped or "it was not noticed"


@contextlib.contextmanager
def _bait() -> Iterator[dict[str, Any]]:
    """Things outside that an attempt could reach, were it not confined."""
    with contextlib.ExitStack() as stack:
        os.environ["MLPKIT_DOCTOR_SECRET"] = "not to be passed on"
        stack.callback(os.environ.pop, "MLPKIT_DOCTOR_SECRET", None)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mlpkit-doctor-"))
        os.chmod(folder, 0o777)
        secret, victim = Path(folder, "hidden_test.py"), Path(folder, "gradebook.db")
        for path in (secret, victim):
            path.write_text("secret")
            path.chmod(0o666)
        name = f"\0mlpkit-doctor-{os.getpid()}"
        sockets = [(socket.SOCK_STREAM, name), (socket.SOCK_DGRAM, name + "-d")]
        sockets += [(socket.SOCK_STREAM, f"{folder}/s"), (socket.SOCK_DGRAM, f"{folder}/d")]
        for kind, address in sockets:
            listener = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            listener.bind(address)
            if kind == socket.SOCK_STREAM:
                listener.listen()
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        yield {
            "folder": folder,
            "victim": str(victim),
            "secrets": [str(secret), *_course_files()],
            "sockets": [address for _, address in sockets],
            "port": tcp.getsockname()[1],
            "pids": [os.getpid(), os.getppid()],
            "python": sys.executable,
        }


def _course_files() -> list[str]:
    """Where reference solutions and gradebooks lie: installed, or next to the package."""
    package = Path(launch.__file__).parents[1]
    folders = [package.parent / "solutions", package.parent / "tests"]
    for name in SECRET:
        if spec := find_spec(name):
            folders += map(Path, spec.submodule_search_locations or [])
    found = [next(folder.rglob("*.py"), None) for folder in folders if folder.is_dir()]
    return [str(path) for path in found if path]


if __name__ == "__main__":
    tiers = [word for word in sys.argv[1:] if word != "--json"]
    sys.exit(main(*tiers, as_json="--json" in sys.argv))  # type: ignore[misc,arg-type]
