"""Where a session gets its candidates from: a warm process that forks them, or one spawned anew.

Both say ``start(limits) -> channel``, ``interrupt()`` and ``end() -> exit code``; one candidate
lives at a time. Forking needs Linux. Spawning runs everywhere Python does, takes a second or two
for each candidate, and confines nothing: it is for one's own notebook.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Any

from autograder.exam import wire
from autograder.exam.channel import Channel, within
from autograder.exam.limits import Limits

FORKS = sys.platform == "linux" and hasattr(os, "fork")  # macOS's own libraries survive no fork
REPLY_BYTES = 65_536
START_SECONDS = 120.0  # for a spawned candidate, on a slow disk


class Forked:
    """Candidates that a nursery forks; ``control`` is its socket."""

    def __init__(self, control: socket.socket):
        self.control = control

    def start(self, limits: Limits) -> Channel:
        ours, theirs = socket.socketpair()
        with theirs:
            self._ask("fork", theirs.fileno(), limits=asdict(limits))
        return Channel(ours)

    def interrupt(self) -> None:
        self._ask("interrupt")

    def end(self) -> int | None:
        """Kill the candidate and all it started: its exit code, negative when a signal ended it."""
        status = self._ask("kill")["status"]
        return None if status is None else os.waitstatus_to_exitcode(status)

    def _ask(self, do: str, *descriptors: int, **request: Any) -> dict[str, Any]:
        """Ask the nursery. A test's alarm waits meanwhile: each question gets its own answer."""
        message = json.dumps({"do": do, **request}).encode()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        try:
            socket.send_fds(self.control, [message], list(descriptors))
            reply = self.control.recv(REPLY_BYTES)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
        if not reply:
            raise RuntimeError("The process that forks candidates is gone.")
        return json.loads(reply)


class Spawned:
    """Candidates that are started anew, each in a folder of its own; use as a context manager."""

    def __init__(self) -> None:
        self.process: Any = None
        self.folder: Any = None

    def __enter__(self) -> Spawned:
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()

    def start(self, limits: Limits) -> Pipe:
        self.end()
        self.folder = tempfile.TemporaryDirectory(
            prefix="mlpkit-candidate-", ignore_cleanup_errors=True
        )
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=_sit, args=(theirs, self.folder.name, limits), daemon=True)
        # The examiner's shell has emptied the module that spawn would have run again over there.
        vars(sys.modules["__main__"]).setdefault("__spec__", None)
        process.start()
        self.process = process
        theirs.close()
        channel = Pipe(ours)
        try:
            channel.receive(within(START_SECONDS))  # no cell's time runs before it is ready
        except (TimeoutError, wire.WireClosed):
            raise RuntimeError("The process that is to run your cells did not start.") from None
        return channel

    def interrupt(self) -> None:
        """Windows has no signal that reaches only the candidate: there it is ended instead."""
        if os.name == "posix" and self.process.is_alive():
            os.kill(self.process.pid, signal.SIGINT)

    def end(self) -> int | None:
        if self.process is None:
            return None
        self.process.kill()
        self.process.join()
        code, self.process = self.process.exitcode, None
        self.folder.cleanup()
        return code


def end_spawned() -> None:
    """End what is still running, when the command is left at once."""
    for process in multiprocessing.active_children():
        process.kill()


class Pipe:
    """What ``Channel`` is over a socket, over a pipe of multiprocessing's."""

    def __init__(self, pipe: Connection):
        self.pipe = pipe

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send one frame. It is taken at once: a candidate is asked only when it waits."""
        try:
            self.pipe.send_bytes(frame)
        except OSError as error:
            raise wire.WireClosed("The other side has gone.") from error

    def receive(self, deadline: float | None = None) -> bytes:
        """The next frame; ``TimeoutError`` when none begins in time."""
        try:
            if not self.pipe.poll(deadline and max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            return self.pipe.recv_bytes(wire.MAX_FRAME + 8)
        except TimeoutError:
            raise
        except (OSError, EOFError) as error:
            raise wire.WireClosed("The other side has gone.") from error

    def close(self) -> None:
        self.pipe.close()


def _sit(pipe: Connection, folder: str, limits: Limits) -> None:
    """A spawned candidate's whole life."""
    from autograder.exam import candidate, cells

    os.chdir(folder)
    shell = cells.build_shell()
    with open(os.devnull, "r+b") as null:  # what is printed is captured, or nobody's business
        for descriptor in (0, 1, 2):
            os.dup2(null.fileno(), descriptor)
    channel = Pipe(pipe)
    with contextlib.suppress(wire.WireClosed):
        channel.send(b"ready")
        candidate.sit(channel, shell, limits)
    os._exit(0)
