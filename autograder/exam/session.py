"""One student's candidate, seen from the examiner: asked, timed, and replaced when it dies.

A candidate that dies takes nothing along: the next request starts a fresh one, which first runs
again every cell that ran before, except the ones that killed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import types
from dataclasses import asdict
from typing import Any

import numpy as np

from autograder.exam import wire
from autograder.exam.limits import Limits
from autograder.exam.proxies import (
    CallableProxy,
    Missing,
    Proxy,
    StudentError,
    apply_changes,
    student_error,
)

GRACE = 1.0  # seconds for an interrupt to be obeyed before the process is killed
MAX_DEATHS = 12
REPLY_BYTES = 65_536


class Session:
    """A conversation with candidates, one at a time, of one submission."""

    def __init__(self, control: socket.socket, limits: Limits):
        self.control, self.limits = control, limits
        self.channel: wire.Channel | None = None
        self.generation = self.deaths = 0
        self.count = self.number = 0  # requests sent; the one whose answer is awaited
        self.deadline = time.monotonic() + limits.notebook_seconds
        self.bindings: dict[str, Any] = {}  # student's names -> proxies and values
        self.expected: dict[str, str] = {}  # names -> function, class or variable
        self.history: list[tuple[str, str]] = []  # cells that ran: id, text
        self.killers: set[str] = set()
        self.slow: set[str] = set()  # functions that once ran out of time
        self.callbacks: list[Any] = []
        self.odd: list[str] = []

    # What the examiner asks ------------------------------------------------------------------

    def run(self, cell_id: str, source: str) -> dict[str, Any]:
        """Run a cell; its outputs, and the name and text of its error or None."""
        self.history.append((cell_id, source))
        try:
            return self._run(cell_id, source)
        except StudentError as error:
            self.killers.add(cell_id)
            sentence = str(error)
            output = {"output_type": "error", "ename": "Stopped", "evalue": sentence,
                      "traceback": [sentence]}
            return {"outputs": [output], "error": "Stopped", "message": sentence}

    def apply(self, operation: str, target: Proxy, args: list, kwargs: dict) -> Any:
        """One operation on a student's object."""
        seconds = self.limits.call_seconds
        if target.__name__ in self.slow:
            seconds /= 5  # it had its chance
        try:
            arguments = self._encode([args, kwargs], f"{target.__name__}(...)")
            verb, *rest = self._converse("apply", [operation, target, arguments], seconds,
                                         f"{target.__name__}(...)")
        except TimeoutError:
            self.slow.add(target.__name__)
            raise StudentError(
                f"{target.__name__}(...) did not come back within {seconds:g} s and was stopped. "
                "Look for a loop that never ends.") from None
        if verb == "raised":
            kind, message, where = rest
            raise student_error(str(kind), _raised(target.__name__, kind, message, where))
        value, changed = rest
        if changed is not None:
            new_args, new_kwargs = wire.decode(changed, self._resolve)
            apply_changes(args, new_args)
            apply_changes(kwargs, new_kwargs)
        return value

    # The conversation ------------------------------------------------------------------------

    def _run(self, cell_id: str, source: str) -> dict[str, Any]:
        try:
            _, summary, bindings = self._converse(
                "run", [cell_id, source, list(self.expected)], self.limits.cell_seconds,
                "This cell")
        except TimeoutError as error:
            sentence = (f"This cell did not finish within {self.limits.cell_seconds:g} s "
                        "and was stopped.")
            if not error.args:
                raise StudentError(sentence) from None
            _, summary, bindings = error.args[0]  # interrupted, and alive
            summary["message"] = sentence
        self._bind(bindings)
        return summary

    def _converse(self, verb: str, rest: list, seconds: float, what: str) -> list[Any]:
        """Send one request, serve call-backs, return the reply.

        TimeoutError when time is up; the reply is its argument if an interrupt brought one.
        """
        self._ready()
        seconds = min(seconds, self.deadline - time.monotonic())
        deadline = time.monotonic() + seconds
        self.count += 1
        self.number = self.count
        frame = self._encode([self.number, verb, *rest], what)
        try:
            self.channel.send(frame, seconds)
            try:
                return self._answer(deadline)
            except TimeoutError:
                self._control("interrupt")
                raise TimeoutError(self._answer(time.monotonic() + GRACE)) from None
        except TimeoutError as error:
            if not error.args:
                self._bury()
            raise
        except wire.WireClosed:
            raise StudentError(f"{what} {_death(self._bury())}") from None
        except wire.WireError as error:
            self._bury()
            self.odd.append("The process that runs the student's code sent something that is no "
                            f"value: {error}")
            raise StudentError(f"{what} did not answer with a value: {error}") from None

    def _encode(self, value: Any, what: str) -> bytes:
        try:
            return wire.encode(value, self._refer)
        except wire.WireError as error:
            raise RuntimeError(f"The test cannot hand this to {what}: {error}") from None

    def _answer(self, deadline: float) -> list[Any]:
        """The reply to the last request; call-backs on the way are served."""
        while True:
            left = max(0.0, deadline - time.monotonic())
            message = wire.decode(self.channel.receive(left), self._resolve)
            if not isinstance(message, list) or len(message) < 2 or message[0] != self.number:
                raise wire.WireError("a reply to no request.")
            _, verb, *rest = message
            if verb == "callback" and len(rest) == 3:
                self._serve_callback(*rest, left)
            elif (verb, len(rest)) in {("ran", 2), ("returned", 2), ("raised", 3)}:
                return [verb, *rest]
            else:
                raise wire.WireError("a reply of an unknown form.")

    def _serve_callback(self, place: int, args: list, kwargs: dict, seconds: float) -> None:
        if not (type(place) is int and 0 <= place < len(self.callbacks)):
            raise wire.WireError("a call to a function that was never handed over.")
        number, generation = self.number, self.generation
        try:
            answer = ["returned", self.callbacks[place](*args, **kwargs)]
        except Exception as error:
            if self.channel is None or self.generation != generation:
                raise  # it called the student's code in turn, and that died
            answer = ["raised", type(error).__name__, str(error)[:2_000]]
        self.number = number
        try:
            frame = wire.encode([number, *answer], self._refer)
        except wire.WireError as error:
            frame = wire.encode([number, "raised", "TypeError", str(error)])
        self.channel.send(frame, seconds)

    # Life and death --------------------------------------------------------------------------

    def _ready(self) -> None:
        """A living candidate, or StudentError when there may be no other."""
        if time.monotonic() >= self.deadline:
            raise StudentError(
                f"The notebook had used up its {self.limits.notebook_seconds:g} s.")
        if self.channel is not None:
            return
        if self.deaths > MAX_DEATHS:
            raise StudentError("The notebook's process ended too often to start it once more.")
        ours, theirs = socket.socketpair()
        with theirs:
            self._control("fork", theirs.fileno(), limits=asdict(self.limits))
        self.channel = wire.Channel(ours)
        self.generation += 1
        for cell_id, source in self.history[:-1] if self.deaths == 0 else list(self.history):
            if cell_id not in self.killers:
                self._replay(cell_id, source)

    def _replay(self, cell_id: str, source: str) -> None:
        try:
            self._run(cell_id, source)
        except StudentError:
            self.killers.add(cell_id)

    def _bury(self) -> int | None:
        """Kill the candidate and all it started; how it ended."""
        self.channel.close()
        self.channel = None
        self.deaths += 1
        return self._control("kill")["status"]

    def _control(self, do: str, *descriptors: int, **request: Any) -> dict[str, Any]:
        message = json.dumps({"do": do, **request}).encode()
        if descriptors:
            socket.send_fds(self.control, [message], list(descriptors))
        else:
            self.control.send(message)
        reply = self.control.recv(REPLY_BYTES)
        if not reply:
            raise RuntimeError("The process that forks candidates is gone.")
        return json.loads(reply)

    # References ------------------------------------------------------------------------------

    def _bind(self, found: dict[str, Any]) -> None:
        """Take over what a cell left under the names that solution cells define.

        A name that was bound to what the reference binds there, say a function, keeps it when a
        later cell uses the name for something else.
        """
        for name, item in found.items():
            if "unportable" in item:
                value = Missing(name, f"{name}: {item['unportable']}", "TypeError")
            else:
                value = wire.decode(item["frame"], self._resolve)
            if isinstance(value, Proxy):
                value.__dict__.update(_binding=name, __name__=name)
            expected = self.expected.get(name)
            if expected == _kind(value) or _kind(self.bindings.get(name)) != expected:
                self.bindings[name] = value

    def _refer(self, value: Any) -> wire.Reference | None:
        """Examiner to candidate: student's own objects, public functions, call-backs."""
        if isinstance(value, Proxy):
            return {"kind": "own", "id": self._current(value)}
        if isinstance(value, np.dtype):
            value = value.type
        public = _public_name(value)
        if public is not None:
            return {"kind": "public", "module": public[0], "name": public[1]}
        if not callable(value):
            return None
        for place, known in enumerate(self.callbacks):
            if known is value:
                break
        else:
            place = len(self.callbacks)
            self.callbacks.append(value)
        return {"kind": "callback", "id": place, "name": getattr(value, "__name__", "function")}

    def _current(self, proxy: Proxy) -> int:
        """Where the object lives now, after deaths: a named one is found again by its name."""
        space = proxy.__dict__
        if space["_generation"] != self.generation:
            current = self.bindings.get(space["_binding"])
            if not isinstance(current, Proxy) or \
                    current.__dict__["_generation"] != self.generation:
                raise StudentError(f"{proxy!r} was lost when the notebook's process ended.")
            proxy = current
        return proxy.__dict__["_reference"]["id"]

    def _resolve(self, reference: wire.Reference) -> Any:
        """Candidate to examiner: a proxy, or the examiner's own function coming back."""
        if reference.get("kind") == "callback":
            place = reference["id"]
            if not (type(place) is int and 0 <= place < len(self.callbacks)):
                raise wire.WireError("a function that was never handed over.")
            return self.callbacks[place]
        clean = {"id": int(reference["id"]), "type": str(reference["type"])[:100],
                 "name": str(reference["name"])[:100], "kind": str(reference["kind"]),
                 "parameters": [str(name) for name in reference["parameters"]][:50]}
        return (CallableProxy if reference["callable"] is True else Proxy)(self, clean)


def _kind(value: Any) -> str:
    if isinstance(value, Proxy):
        return "class" if value.__dict__["_reference"]["kind"] == "class" else \
            "function" if isinstance(value, CallableProxy) else "object"
    return "missing" if value is None or isinstance(value, Missing) else "variable"


def _public_name(value: Any) -> tuple[str, str] | None:
    """Where numpy, mlpkit or builtins export this function or type, if they do."""
    if isinstance(value, np.ufunc):
        return ("numpy", value.__name__) if getattr(np, value.__name__, None) is value else None
    if not isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return None
    module = value.__module__ or ""
    if module.partition(".")[0] not in ("numpy", "mlpkit", "builtins"):
        return None
    found: Any = sys.modules.get(module)
    for part in value.__qualname__.split("."):
        found = getattr(found, part, None)
    return (module, value.__qualname__) if found is value else None


def _raised(name: str, kind: str, message: str, where: str) -> str:
    text = f"{name}(...) raised {kind}" + (f": {message}" if message else "")
    return f"{text}\n    {where}" if where else text


def _death(status: int | None) -> str:
    """How a process ended, in words."""
    if status is None:
        return "ended its process."
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        causes = {
            signal.SIGSEGV: "crashed its process (segmentation fault; too deep a recursion?).",
            signal.SIGXCPU: "used up its CPU time and was stopped.",
            signal.SIGKILL: "was killed: it used too much memory or CPU time, or killed itself.",
        }
        return causes.get(number, f"ended its process (signal {number}).")
    return f"ended its process itself (exit status {os.waitstatus_to_exitcode(status)})."
