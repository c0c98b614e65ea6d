"""Supervision of one submission's student process: asked, timed, and replaced when it dies.

A process that dies takes nothing along: the next request starts a new one, and ``_restore`` gives
it what the last one had.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from autograder.exam.examiner.connection import Connection
from autograder.exam.examiner.cpu_clock import LOOK_SECONDS, CpuClock
from autograder.exam.examiner.held_memory import TOO_MUCH, HeldMemory
from autograder.exam.examiner.launcher import Launcher
from autograder.exam.examiner.references import References
from autograder.exam.examiner.student_errors import ProcessEnded, StudentError, describe_death
from autograder.exam.examiner.watchdog import Watchdog
from autograder.exam.protocol import codec
from autograder.exam.protocol.channel import within
from autograder.exam.protocol.messages import Doubt, Request
from autograder.sandbox.limits import Limits

GRACE = 1.0  # seconds for an interrupt to be obeyed before the process is killed
MAX_DEATHS = 24

T = TypeVar("T")


class InterruptedRequest(TimeoutError):
    """A request that ran out of time, was interrupted, and was still answered: ``reply``."""

    def __init__(self, reply: Any):
        super().__init__()
        self.reply = reply


class Supervisor:
    """The student processes of one submission, one at a time."""

    references: References

    def __init__(self, launcher: Launcher, limits: Limits):
        self.launcher, self.limits = launcher, limits
        self.connection: Connection | None = None
        self.turn = threading.RLock()  # whose request is answered; a call-back may ask on
        self.generation = self.deaths = 0
        self.deadline = within(limits.notebook_seconds)
        self.cpu_before = 0.0  # CPU seconds that the student process is known to have used
        self.watchdog = Watchdog()  # over this process; the exam's own is set by ``entry``
        self.memory = HeldMemory()
        self.test = ""  # the check that is running
        self.doubts: dict[str, Doubt] = {}  # check, "" for a cell -> why to hold the exam again
        self.anomalies: list[str] = []
        self.seen_hidden = False  # whether the student's code may know hidden inputs

    def _restore(self) -> None:
        """Give a new process what the one before it had."""
        raise NotImplementedError

    def doubt(self, reason: Doubt) -> None:
        """Note that points may be lost here to the machine."""
        if self.doubts.get(self.test) in (None, Doubt.TIMEOUT):
            self.doubts[self.test] = reason

    def abandon(self) -> None:
        """Drop the connection after an interrupted request; the next starts a new process."""
        if self.connection is not None:
            self._kill()

    def parse(self, read: Callable[..., T], value: Any, what: str, *rest: Any) -> T:
        """What ``read`` makes of a part of a reply; an invalid one ends the student process."""
        try:
            return read(value, *rest)
        except codec.ProtocolError as error:
            raise self._protocol_violation(what, error) from None

    def _request(self, request: Request, seconds: float, what: str) -> Any:
        """Send one request, serve call-backs, return the reply.

        Raises InterruptedRequest when time is up and an interrupt brought the reply all the same,
        TimeoutError when it did not, and StudentError when the process is gone.
        """
        with self.turn:
            return self._asked(request, seconds, what)

    def _asked(self, request: Request, seconds: float, what: str) -> Any:
        connection = self._ensure_process()
        deadline = min(within(seconds), self.deadline)
        left = deadline - time.monotonic()
        clock = CpuClock(self.launcher.cpu_seconds, self.cpu_before, left)
        try:
            connection.send(request, deadline, what)
            try:
                return self._await_reply(connection, request, deadline, clock)
            except TimeoutError:
                if clock.was_idle():
                    self.doubt(Doubt.IDLE)
                self.launcher.interrupt()
                reply = connection.await_reply(request, within(GRACE))
                raise InterruptedRequest(reply) from None
        except InterruptedRequest:
            raise
        except TimeoutError:
            self.abandon()
            raise
        except codec.ConnectionClosed:
            code = self._kill()
            if code == -signal.SIGKILL:
                self.doubt(Doubt.KILLED)
            raise ProcessEnded(what, describe_death(code)) from None
        except codec.ProtocolError as error:
            raise self._protocol_violation(what, error) from None
        except MemoryError:  # half of a frame may have been read
            raise self._protocol_violation(what, codec.ProtocolError(TOO_MUCH)) from None
        except BaseException as error:
            if not isinstance(error, Exception):  # a check's time is up: a reply is on its way
                self.abandon()
            raise

    def _await_reply(
        self, connection: Connection, request: Request, deadline: float, clock: CpuClock
    ) -> Any:
        """Wait until the deadline, and on while others have the machine; TimeoutError then."""
        while True:
            try:
                reply = connection.await_reply(request, deadline)
            except TimeoutError:
                if not clock.is_starved():
                    raise
                deadline = within(LOOK_SECONDS)
            else:
                if clock.is_long():
                    self.cpu_before = self.launcher.cpu_seconds() or 0.0
                return reply

    def _protocol_violation(self, what: str, error: codec.ProtocolError) -> StudentError:
        """What came is no reply: that process is not asked again."""
        self.abandon()
        self.anomalies.append(
            "The process that runs the student's code sent something that is no value"
            + ("." if self.seen_hidden else f": {error}")
        )
        return ProcessEnded(what, f"did not answer with a value: {error}")

    def _ensure_process(self) -> Connection:
        """The connection to a living process; StudentError when there may be no other."""
        self._check_time()
        while self.connection is None:
            if self.deaths > MAX_DEATHS:
                raise StudentError("The notebook's process ended too often to start it once more.")
            transport = self.launcher.start(self.limits)
            self.connection = Connection(transport, self.references, self.watchdog, self.memory)
            self.cpu_before = 0.0
            self.generation += 1
            self.references.forget_proxies()
            self._restore()
        return self.connection

    def _check_time(self) -> None:
        if time.monotonic() >= self.deadline:
            raise StudentError(f"The notebook had used up its {self.limits.notebook_seconds:g} s.")

    def _kill(self) -> int | None:
        """End the student process and all it started; its exit code."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        self.deaths += 1
        return self.launcher.end()
