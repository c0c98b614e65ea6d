"""The connection to one student process: a request, call-backs on the way, its reply.

Nothing that comes is trusted: a reply of another number, form or kind raises ProtocolError. What
to do with a process that does not answer well, is slow or dead is decided in ``session``.
"""

from __future__ import annotations

import time
from typing import Any

from autograder.exam.examiner.held_memory import HeldMemory
from autograder.exam.examiner.launcher import Transport
from autograder.exam.examiner.references import References
from autograder.exam.examiner.student_errors import StudentError
from autograder.exam.examiner.watchdog import Watchdog
from autograder.exam.protocol import codec
from autograder.exam.protocol.messages import (
    ANSWERS,
    CallBack,
    CallBackRaised,
    CallBackReply,
    CallBackReturned,
    Request,
    read_reply,
    to_wire,
)
from autograder.exam.protocol.validation import is_keywords


class Connection:
    """Requests to one student process, numbered; ``references`` knows what crosses by name."""

    def __init__(
        self,
        transport: Transport,
        references: References,
        watchdog: Watchdog,
        memory: HeldMemory,
    ):
        self.transport, self.references = transport, references
        self.watchdog, self.memory = watchdog, memory
        self.count = 0  # requests sent
        self.number = 0  # of the one whose answer is awaited
        self.is_open = True

    def send(self, request: Request, deadline: float, what: str) -> None:
        """Send one request. RuntimeError where a test hands over what cannot cross."""
        self.count += 1
        self.number = self.count
        try:
            frame = codec.encode(to_wire(self.number, request), self.references.to_reference)
        except codec.ProtocolError as error:
            raise RuntimeError(f"The test cannot hand this to {what}: {error}") from None
        self.transport.send(frame, deadline)

    def await_reply(self, request: Request, deadline: float) -> Any:
        """The reply to the last request; call-backs on the way are served.

        Raises TimeoutError, ConnectionClosed, ProtocolError.
        """
        while True:
            frame = self.transport.receive(deadline)
            self.watchdog.heard()
            self.memory.make_room()
            number, reply = read_reply(codec.decode(frame, self.references.from_reference))
            if number != self.number:
                raise codec.ProtocolError("a reply to no request.")
            if isinstance(reply, CallBack):
                self._serve(reply, deadline)
                if time.monotonic() >= deadline:
                    raise TimeoutError
            elif isinstance(reply, ANSWERS[type(request)]):
                return reply
            else:
                raise codec.ProtocolError("a reply of an unknown form.")

    def close(self) -> None:
        """Nothing more is said, nor heard."""
        self.is_open = False
        self.transport.close()

    def _serve(self, call: CallBack, deadline: float) -> None:
        function = self.references.callback(call.function)
        if type(call.args) is not list or not is_keywords(call.kwargs):
            raise codec.ProtocolError("a call with arguments of an unknown form.")
        number, failure = self.number, None
        try:
            answer: CallBackReply = CallBackReturned(function(*call.args, **call.kwargs))
        except Exception as error:
            said = error.args[0] if isinstance(error, KeyError) and error.args else error
            answer, failure = CallBackRaised(type(error).__name__, str(said)[:2_000]), error
        if not self.is_open:  # the function called student code again, which ended the process
            raise failure or StudentError("The notebook's process ended during a call-back.")
        self.number = number
        try:
            frame = codec.encode(to_wire(number, answer), self.references.to_reference)
        except codec.ProtocolError as error:
            frame = codec.encode(to_wire(number, CallBackRaised("TypeError", str(error))))
        self.transport.send(frame, deadline)
