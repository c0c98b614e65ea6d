"""Where an examiner gets student processes from, and how it talks to one: the two seams.

``ForkedLauncher`` asks a fork server; ``autograder.exam.spawn`` starts a new Python for each,
where nothing forks.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from dataclasses import asdict
from typing import Any, Protocol

from autograder.exam.protocol.channel import Channel
from autograder.exam.protocol.messages import Control
from autograder.sandbox.limits import Limits

REPLY_BYTES = 65_536


class Transport(Protocol):
    """Frames to one student process and back. A deadline is a time of ``time.monotonic``."""

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send one frame; TimeoutError, ConnectionClosed."""

    def receive(self, deadline: float | None = None) -> bytes:
        """The next frame; TimeoutError, ConnectionClosed, ProtocolError."""

    def close(self) -> None:
        """Say nothing more."""


class Launcher(Protocol):
    """Starts student processes, one at a time."""

    def start(self, limits: Limits) -> Transport:
        """A new student process; RuntimeError when it did not start."""

    def cpu_seconds(self) -> float | None:
        """CPU time of the student process until now; None where nobody can tell."""

    def interrupt(self) -> None:
        """Interrupt what the student's code is doing."""

    def end(self) -> int | None:
        """Kill it and all it started: its exit code, negative when a signal ended it."""


class ForkedLauncher:
    """Student processes that a fork server forks; ``control`` is its socket."""

    GONE = "The fork server of the student processes is gone."

    def __init__(self, control: socket.socket):
        self.control = control
        self.is_gone = False  # whether the fork server died: what was lost then is nobody's fault

    def start(self, limits: Limits) -> Channel:
        ours, theirs = socket.socketpair()
        with theirs:
            self._ask(Control.FORK, theirs.fileno(), limits=asdict(limits))
        return Channel(ours)

    def cpu_seconds(self) -> float | None:
        seconds: float | None = self._ask(Control.CPU_TIME)["seconds"]
        return seconds

    def interrupt(self) -> None:
        self._ask(Control.INTERRUPT)

    def end(self) -> int | None:
        status = self._ask(Control.KILL)["status"]
        return None if status is None else os.waitstatus_to_exitcode(status)

    def _ask(self, do: Control, *descriptors: int, **request: Any) -> dict[str, Any]:
        """Ask the fork server.

        A test's alarm waits meanwhile, so that each question gets its own answer.
        """
        message = json.dumps({"do": do, **request}).encode()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        try:
            socket.send_fds(self.control, [message], list(descriptors))
            reply = self.control.recv(REPLY_BYTES)
        except OSError:
            reply = b""
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
        if not reply:
            self.is_gone = True
            raise RuntimeError(self.GONE)
        answer: dict[str, Any] = json.loads(reply)
        return answer
