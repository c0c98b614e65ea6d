"""A fork server seen from the worker that started it: its process, control socket and stderr.

The only module that starts the processes of an exam (``spawn`` does where nothing forks).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograder.errors import ExamError, ProcessGone
from autograder.exam.protocol.channel import Channel, within
from autograder.exam.protocol.messages import Control
from autograder.exam.protocol.plain import encode_plain
from autograder.exam.protocol.wire_types import ConnectionClosed
from autograder.sandbox import launch
from autograder.sandbox.visible_paths import python_path

MODULES = dict.fromkeys(("examiner", "student"), "autograder.exam.forkserver")
START_SECONDS = 120.0
SEND_SECONDS = 30.0
REPLY_BYTES = 65_536
TAIL_BYTES = 8_192  # of stderr that are kept

# What a process of the exam takes over from whoever runs the command: nothing that could change
# a score. (``sandbox.launch`` makes the student's environment the same way.)
INHERITED = "PATH", "LD_LIBRARY_PATH", "TZ", "SYSTEMROOT"
# One thread each for the BLAS and OpenMP pools: they would not survive a fork.
ONE_THREAD = {
    name: "1"
    for name in (
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    )
}


class ServerProcess:
    """One fork server; ``role`` is "examiner", or "student" in the sandbox ``tier``.

    ``folder`` holds ``home`` and ``work``, the examiner's current directory. ``practised``, it
    holds a small exam first (``warmup``), which makes a start slower and every exam faster.
    """

    def __init__(
        self,
        role: str,
        tier: str,
        number: int,
        *,
        folder: str,
        scratch: str,
        practised: bool = True,
    ):
        self.role = role
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number_of_theirs = str(theirs.fileno())
        command = [sys.executable, "-m", MODULES[role], role, number_of_theirs]
        command += ["practised"] * practised
        if role == "student":
            command = launch.command(tier, command, slot=number, scratch=scratch)
        with theirs, closed_on_error(self.control):
            self.process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd=os.path.join(folder, "work"),
                env=_environment(os.path.join(folder, "home")),
                start_new_session=True,  # Ctrl-C is the command's to handle
            )
        self.stderr = StderrTail(self.process.stderr)

    def await_ready(self) -> None:
        """Wait until it can fork; ExamError when it cannot."""
        self.control.settimeout(START_SECONDS)
        try:
            ready = self.control.recv(REPLY_BYTES)
        except TimeoutError:
            ready = b""
        if not ready:
            self.process.kill()
            self.process.wait()
            raise ProcessGone(f"A process of the exam did not start:\n{self.stderr.text()}")

    def ask(self, do: Control, *descriptors: int) -> dict[str, Any]:
        """One request; ExamError when the process is gone."""
        self.control.settimeout(START_SECONDS)
        try:
            socket.send_fds(self.control, [json.dumps({"do": do}).encode()], list(descriptors))
            reply = self.control.recv(REPLY_BYTES)
        except OSError:
            reply = b""
        if not reply:
            raise ProcessGone(self.said(f"The {self.role}'s fork server is gone."))
        return _checked(json.loads(reply))

    def hand_over(self, do: Control, value: Any) -> None:
        """A request with a value of any size."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.control.settimeout(START_SECONDS)
            try:
                socket.send_fds(self.control, [json.dumps({"do": do}).encode()], [theirs.fileno()])
                Channel(ours).send(encode_plain(value), within(SEND_SECONDS))
                reply = self.control.recv(REPLY_BYTES)
            except (OSError, ConnectionClosed):  # TimeoutError is an OSError
                reply = b""
        if not reply:
            raise ProcessGone(self.said("A process of the exam ended while it got ready."))
        _checked(json.loads(reply))

    def said(self, message: str) -> str:
        """The message, and the end of what the process wrote to stderr."""
        tail = self.stderr.text()
        return f"{message} It had written:\n{tail}" if tail else message

    def end(self) -> None:
        """End it, and everything it forked."""
        self.control.close()
        launch.end(self.process)
        self.stderr.close()


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "fault" in answer:
        raise ExamError(answer["fault"])
    return answer


@contextmanager
def closed_on_error(sock: socket.socket) -> Iterator[None]:
    """Close a socket that nobody will use, as the process at its other end did not start."""
    try:
        yield
    except BaseException:
        sock.close()
        raise


class StderrTail:
    """Reads a pipe to its end, so that no writer is ever blocked, and keeps the last bytes."""

    def __init__(self, pipe: Any):
        self.pipe, self.tail = pipe, b""
        self.thread = threading.Thread(target=self._drain, name="stderr", daemon=True)
        self.thread.start()

    def text(self) -> str:
        """The end of what was written so far."""
        self.thread.join(0.2)  # the last words of a process that has just died
        return self.tail.decode(errors="replace").strip()

    def close(self) -> None:
        """Stop reading: something that a check started may hold the other end for ever."""
        self.thread.join(1.0)
        if not self.thread.is_alive():
            self.pipe.close()

    def _drain(self) -> None:
        while piece := os.read(self.pipe.fileno(), 65_536):
            self.tail = (self.tail + piece)[-TAIL_BYTES:]


def _environment(home: str) -> dict[str, str]:
    """What the examiner's fork server, and bubblewrap itself, see of the environment."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {
        **inherited,
        **ONE_THREAD,
        "LANG": "C.UTF-8",
        "HOME": home,
        "IPYTHONDIR": home,
        "MPLCONFIGDIR": home,
        "MPLBACKEND": "agg",
        "PYTHONPATH": os.pathsep.join(python_path()),
        "PYTHONFAULTHANDLER": "1",  # a check that aborts the process says where
    }
