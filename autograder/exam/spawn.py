"""Where a session gets its student processes from: forked by a warm process, or spawned anew.

Both say ``start(limits) -> channel``, ``interrupt()`` and ``end() -> exit code``; one student
process lives at a time. Forking needs Linux. Spawning runs everywhere Python does, takes a second
or two for each student process, and confines nothing: it is for one's own notebook.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
from multiprocessing.connection import Connection
from typing import Any

from autograder.exam.protocol.channel import Pipe, within
from autograder.exam.protocol.wire_types import ConnectionClosed
from autograder.sandbox.limits import Limits

FORKS = sys.platform == "linux" and hasattr(os, "fork")  # macOS's own libraries survive no fork
START_SECONDS = 120.0  # for a spawned student process, on a slow disk


class SpawnedLauncher:
    """Student processes started anew, each in a folder of its own; use as a context manager."""

    def __init__(self) -> None:
        self.process: Any = None
        self.folder: Any = None

    def __enter__(self) -> SpawnedLauncher:
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()

    def start(self, limits: Limits) -> Pipe:
        self.end()
        self.folder = tempfile.TemporaryDirectory(
            prefix="mlpkit-student-", ignore_cleanup_errors=True
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
        except (TimeoutError, ConnectionClosed):
            raise RuntimeError("The process that is to run your cells did not start.") from None
        return channel

    def cpu_seconds(self) -> float | None:
        """Not known: this is one's own machine, and nobody else's work is graded on it."""
        return None

    def interrupt(self) -> None:
        """Windows has no signal that reaches only this process: there it is ended instead."""
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


def _sit(pipe: Connection, folder: str, limits: Limits) -> None:
    """A spawned student process's whole life."""
    from autograder.exam.shell.shell import build_shell
    from autograder.exam.student import executor

    os.chdir(folder)
    shell = build_shell()
    with open(os.devnull, "r+b") as null:  # what is printed is captured, or nobody's business
        for descriptor in (0, 1, 2):
            os.dup2(null.fileno(), descriptor)
    channel = Pipe(pipe)
    with contextlib.suppress(ConnectionClosed):
        channel.send(b"ready")
        executor.serve(channel, shell, limits)
    os._exit(0)
