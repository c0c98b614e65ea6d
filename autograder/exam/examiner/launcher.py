"""Student processes that a fork server starts for an examiner."""

from __future__ import annotations

import json
import os
import signal
import socket
from dataclasses import asdict
from typing import Any

from autograder.exam.protocol.channel import Channel
from autograder.sandbox.limits import Limits

REPLY_BYTES = 65_536


class ForkedLauncher:
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
