"""``autograder doctor``: does the sandbox hold on this machine? Ask it from inside.

Every attempt of ``probes`` is run as a candidate is: forked from a confined process, in the
tier's sandbox, with the same limits and the same watch outside. What is to be reached (secret
files, listening sockets, processes) is really there.
"""

import contextlib
import inspect
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from autograder.doctor.probes import PROBES, Probe, Reply
from autograder.sandbox import launch, monitor
from autograder.sandbox.inside import empty_scratch, lock_down_child, lock_down_server, reap_strays
from autograder.sandbox.limits import Limits
from autograder.sandbox.scratch import remove
from autograder.sandbox.visible_paths import SECRET

WATCH_SECONDS = 0.1
PATIENCE = 30.0
ENDED = "the process that forks candidates ended"


class Row(NamedTuple):
    """One line of the table."""

    what: str
    holds: bool
    detail: str


def main(isolation: str = "auto", as_json: bool = False) -> int:
    """Print what holds; the exit code: 0 all, 1 not all, 2 there is no sandbox."""
    try:
        tier = launch.choose(isolation)
    except (launch.SandboxError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if tier == "none":
        print("Without a sandbox nothing holds; choose bwrap or landlock.", file=sys.stderr)
        return 1
    rows = probe(tier)
    print(json.dumps([row._asdict() for row in rows]) if as_json else table(tier, rows))
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


def _judge(each, inside, given):
    first = inside.run(_source(each.attempt, given), each.limits)
    if not each.holds(first):
        return Row(each.what, False, _explain(first))
    if each.then:
        second = inside.run(_source(each.then, given), each.limits)
        if second.achieved != []:
            return Row(each.what, False, "afterwards: " + _explain(second))
    return Row(each.what, True, first.stopped)


def _source(attempt, given):
    return f"{inspect.getsource(attempt)}\nresult = {attempt.__name__}({given!r})\n"


def _explain(reply):
    if reply.achieved:
        more = f" and {len(reply.achieved) - 5} more" if len(reply.achieved) > 5 else ""
        return ", ".join(reply.achieved[:5]) + more
    if reply.signal:
        return f"ended by {signal.Signals(reply.signal).name}"
    return reply.error or reply.stopped or "it was not noticed"


@contextlib.contextmanager
def _bait():
    """Things outside that an attempt could reach, were it not confined."""
    with contextlib.ExitStack() as stack:
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


def _course_files():
    """Where reference solutions and gradebooks lie: installed, or beside the package."""
    package = Path(launch.__file__).parents[1]
    folders = [package.parent / "solutions", package.parent / "tests"]
    for name in SECRET:
        if spec := find_spec(name):
            folders += map(Path, spec.submodule_search_locations)
    found = [next(folder.rglob("*.py"), None) for folder in folders if folder.is_dir()]
    return [str(path) for path in found if path]


# Running source text inside -------------------------------------------------------------------


class Inside:
    """A confined process that runs source text in forked candidates, one at a time.

    One that was stopped, or ended, is replaced at the next request.
    """

    def __init__(self, tier: str):
        self.tier = tier
        self.process: subprocess.Popen | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self._end()

    def run(self, source: str, limits: Limits | None = None) -> Reply:
        """Run ``source`` in a new candidate; what it leaves in the name ``result`` is achieved."""
        limits = limits or Limits()
        if not self.process:
            self._start()
        request = json.dumps({"source": source, "limits": asdict(limits)}) + "\n"
        try:
            self.process.stdin.write(request.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            self._end()
            return Reply(error=ENDED)
        if trouble := self._watch(limits):
            self._end()
            return trouble
        line = self.process.stdout.readline()
        if not line:
            self._end()
            return Reply(error=ENDED)
        return Reply(**json.loads(line))

    def _watch(self, limits):
        """Wait for the reply; None, or a Reply when it was not waited for any longer."""
        deadline = time.monotonic() + PATIENCE
        while not select.select([self.process.stdout], [], [], WATCH_SECONDS)[0]:
            if stopped := monitor.excess(self.process.pid, limits, self.scratch):
                return Reply(stopped=stopped)
            if time.monotonic() > deadline:
                return Reply(error="no reply in time")
        return None

    def _start(self):
        self.folder = tempfile.mkdtemp(prefix="mlpkit-seat-")
        self.scratch = None if self.tier == "bwrap" else self.folder
        code = "from autograder.doctor import doctor; doctor.serve()"
        argv = launch.command(self.tier, [sys.executable, "-c", code], scratch=self.folder)
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "MLPKIT_DOCTOR_SECRET": "not to be passed on"},
            start_new_session=True,
        )

    def _end(self):
        process, self.process = self.process, None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        launch.end(process)
        process.stdout.close()
        remove(self.folder)


def run_inside(tier: str, source: str, limits: Limits | None = None) -> Reply:
    """Run source text once as a candidate in ``tier``; see ``Inside.run``."""
    with Inside(tier) as inside:
        return inside.run(source, limits)


def serve() -> None:
    """The confined process: fork a candidate for each request, clean up after it, reply."""
    import numpy  # noqa: F401  as warm as the exam's own

    lock_down_server()
    for line in sys.stdin:
        request = json.loads(line)
        reply = _one_candidate(request["source"], Limits(**request["limits"]))
        reply["odd"] = " ".join([reap_strays(), empty_scratch()]).strip()
        print(json.dumps(reply), flush=True)


def _one_candidate(source, limits):
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        with open(theirs, "w") as pipe:
            pipe.write(json.dumps(_attempt(source, limits)))
        os._exit(0)
    os.close(theirs)
    _, status = os.waitpid(pid, 0)
    os.set_blocking(ours, False)  # a daemon may hold the other end
    with open(ours, "rb") as pipe:
        text = pipe.read()
    if os.WIFSIGNALED(status) or not text:
        return {"signal": os.WTERMSIG(status), "error": "" if os.WIFSIGNALED(status) else "ended"}
    return json.loads(text)


def _attempt(source, limits):
    try:
        lock_down_child(limits)
        names = {}
        exec(compile(source, "<probe>", "exec"), names)
        return {"achieved": names["result"]}
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    tiers = [word for word in sys.argv[1:] if word != "--json"]
    sys.exit(main(*tiers, as_json="--json" in sys.argv))
