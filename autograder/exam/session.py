"""One student's candidate, seen from the examiner: asked, timed, and replaced when it dies.

A candidate that dies takes nothing along: the next request starts a fresh one, which first runs
again every cell that ran before, except the ones that killed.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exam import wire
from autograder.exam.candidates import Forked, Pipe, Spawned
from autograder.exam.files import Files, modules, packed
from autograder.exam.limits import Limits
from autograder.exam.proxies import (
    CallableProxy,
    Missing,
    Proxy,
    StudentError,
    apply_changes,
    kind_of,
    public_name,
    student_error,
)
from autograder.exam.replies import read_found, read_summary

GRACE = 1.0  # seconds for an interrupt to be obeyed before the process is killed
MAX_DEATHS = 24
DEADLY = 3  # deaths by one function, before it is not called any more
REPLIES = {  # to each verb: the words and how much follows them
    "run": {("ran", 2)},
    "apply": {("returned", 2), ("raised", 3)},
    "rename": {("returned", 2)},
    "imports": {("returned", 2)},
    "place": {("returned", 2)},
}


CAUSES = {
    "SIGSEGV": "crashed its process (segmentation fault; too deep a recursion?).",
    "SIGXCPU": "used up its CPU time and was stopped.",
    "SIGKILL": "was killed: it used too much memory or CPU time, or killed itself.",
}

GONE = object()  # where a name was


class Ended(StudentError):
    """The student's process is gone, ended ``by`` a function or cell."""

    def __init__(self, by: str, how: str):
        super().__init__(f"{by} {how}")
        self.by = by


class Session:
    """A conversation with candidates, one at a time, of one submission."""

    def __init__(self, candidates: Forked | Spawned, limits: Limits, files: Files):
        self.candidates, self.limits, self.files = candidates, limits, files
        self.channel: wire.Channel | Pipe | None = None
        self.generation = self.deaths = 0
        self.count = self.number = 0  # requests sent; the one whose answer is awaited
        self.deadline = time.monotonic() + limits.notebook_seconds
        self.bindings: dict[str, Any] = {}  # student's names -> proxies and values
        self.expected: dict[str, str] = {}  # names -> function, class or variable
        self.space: Mapping[str, Any] = {}  # the examiner's names
        self.placed: dict[str, Any] = {}  # of these, what stands there for the student's
        self.shown: dict[str, Any] = {}  # where a test changed that: what the candidate has by now
        self.history: list[tuple[str, str]] = []  # cells that ran: id, text
        self.killers: set[str] = set()  # cells that are not run again
        self.slow: set[str] = set()  # functions and cells that once ran out of time
        self.deadly: Counter[str] = Counter()  # functions -> processes they ended
        self.callbacks: list[Any] = []
        self.odd: list[str] = []

    # What the examiner asks ------------------------------------------------------------------

    def run(self, cell_id: str, source: str) -> dict[str, Any]:
        """Run a cell; its outputs, and the name and text of its error or None."""
        try:
            return self._run(cell_id, source)
        except StudentError as error:
            self.killers.add(cell_id)
            sentence = str(error)
            output = {"output_type": "error", "ename": "Stopped", "evalue": sentence,
                      "traceback": [sentence]}
            return {"outputs": [output], "error": "Stopped", "message": sentence}
        finally:
            self.history.append((cell_id, source))

    def apply(self, operation: str, target: Proxy, args: list, kwargs: dict) -> Any:
        """One operation on a student's object."""
        name = target.__name__
        what, seconds = f"{name}(...)", self._patience(name, self.limits.call_seconds)
        self.mirror()
        if self.deadly[name] >= DEADLY:
            raise StudentError(f"{what} ended its process {DEADLY} times; it was not called again.")
        try:
            arguments = self._encode([args, kwargs], what)
            verb, *rest = self._converse("apply", [operation, target, arguments], seconds, what)
        except TimeoutError:
            self.slow.add(name)
            self._check_time()
            raise StudentError(f"{what} did not come back within {seconds:g} s and was stopped. "
                               "Look for a loop that never ends.") from None
        except Ended as error:
            self.deadly[name] += error.by == what  # else a call-back's own call ended it
            raise
        if verb == "raised":
            kind, message, where = (str(part)[:4_000] for part in rest)
            sentence = _raised(name, kind, message, where)
            if kind == "StopIteration" and operation != "next":
                raise StudentError(sentence)  # as it is, map() would end as if all had gone well
            raise student_error(kind, sentence)
        value, changed = rest
        if changed is not None:
            self._bring_back(args, kwargs, changed, what)
        return value

    def mirror(self) -> None:
        """Let the candidate see what a test did to the student's names: deleted or replaced them.

        So a test can find out whether one function calls another.
        """
        self._ready()
        now = {name: self.space.get(name, GONE) for name, placed in self.placed.items()
               if not isinstance(placed, Missing)}
        changed = {name: value for name, value in now.items()
                   if value is not self.shown.get(name, self.placed[name])}
        if not changed:
            return
        gone = [name for name, value in changed.items() if value is GONE]
        new = {name: value for name, value in changed.items() if value is not GONE}
        self._converse("rename", [new, gone], self.limits.call_seconds, ", ".join(changed))
        self.shown |= changed

    def imports(self) -> list[str]:
        """The names of the modules that the cells imported; none when there is no candidate."""
        try:
            names = self._converse("imports", [], self.limits.call_seconds, "import")[1]
        except (StudentError, TimeoutError):
            return []
        return [name for name in names if type(name) is str] if type(names) is list else []

    def retire(self, kept: int) -> None:
        """End the call-backs handed over since there were ``kept``: they were one test's own."""
        for place in range(kept, len(self.callbacks)):
            self.callbacks[place] = _retired

    def abandon(self) -> None:
        """Give up a conversation that was broken off in the middle; the next starts anew."""
        if self.channel is not None:
            self._bury()

    # The conversation ------------------------------------------------------------------------

    def _run(self, cell_id: str, source: str) -> dict[str, Any]:
        seconds, sentence = self._patience(cell_id, self.limits.cell_seconds), ""
        try:
            reply = self._converse("run", [cell_id, source, list(self.expected)], seconds,
                                   "This cell")
        except TimeoutError as error:
            self.slow.add(cell_id)
            sentence = f"This cell did not finish within {seconds:g} s and was stopped."
            if not error.args:
                raise StudentError(sentence) from None
            reply = error.args[0]  # interrupted, and alive
        try:
            summary = read_summary(reply[1])
            self._bind(read_found(reply[2], self.expected))
        except wire.WireError as error:
            raise self._forged("This cell", error) from None
        if sentence:
            summary["outputs"].append({"output_type": "stream", "name": "stderr",
                                       "text": sentence + "\n"})
            summary["message"] = sentence
        return summary

    def _patience(self, name: str, seconds: float) -> float:
        return seconds / 5 if name in self.slow else seconds  # it had its chance

    def _bring_back(self, args: list, kwargs: dict, changed: Any, what: str) -> None:
        """In-place changes of arguments, from the frame that carries them as they are now."""
        try:
            new = wire.decode(changed, self._resolve) if isinstance(changed, bytes) else None
            if not (isinstance(new, list) and [type(part) for part in new] == [list, dict]):
                raise wire.WireError("arguments of an unknown form.")
        except wire.WireError as error:
            raise self._forged(what, error) from None
        apply_changes(args, new[0])
        apply_changes(kwargs, new[1])

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
                return self._answer(verb, deadline)
            except TimeoutError:
                self.candidates.interrupt()
                raise TimeoutError(self._answer(verb, time.monotonic() + GRACE)) from None
        except TimeoutError as error:
            if not error.args:
                self._bury()
            raise
        except wire.WireClosed:
            raise Ended(what, _death(self._bury())) from None
        except wire.WireError as error:
            raise self._forged(what, error) from None

    def _forged(self, what: str, error: wire.WireError) -> StudentError:
        """What came is no reply: that process is not talked to any more."""
        self.abandon()
        self.odd.append("The process that runs the student's code sent something that is no "
                        f"value: {error}")
        return Ended(what, f"did not answer with a value: {error}")

    def _encode(self, value: Any, what: str) -> bytes:
        try:
            return wire.encode(value, self._refer)
        except wire.WireError as error:
            raise RuntimeError(f"The test cannot hand this to {what}: {error}") from None

    def _answer(self, verb: str, deadline: float) -> list[Any]:
        """The reply to the last request; call-backs on the way are served."""
        while (left := deadline - time.monotonic()) > 0:
            message = wire.decode(self.channel.receive(left), self._resolve)
            if not isinstance(message, list) or len(message) < 2 or message[0] != self.number:
                raise wire.WireError("a reply to no request.")
            _, answer, *rest = message
            if answer == "callback" and len(rest) == 3:
                self._serve_callback(*rest, left)
            elif isinstance(answer, str) and (answer, len(rest)) in REPLIES[verb]:
                return [answer, *rest]
            else:
                raise wire.WireError("a reply of an unknown form.")
        raise TimeoutError

    def _serve_callback(self, place: int, args: list, kwargs: dict, seconds: float) -> None:
        if not (type(place) is int and 0 <= place < len(self.callbacks)):
            raise wire.WireError("a call to a function that was never handed over.")
        number, generation, failure = self.number, self.generation, None
        try:
            answer = ["returned", self.callbacks[place](*args, **kwargs)]
        except Exception as error:
            answer, failure = ["raised", type(error).__name__, str(error)[:2_000]], error
        if self.channel is None or self.generation != generation:
            raise failure or StudentError("The notebook's process ended during a call-back.")
        self.number = number
        try:
            frame = wire.encode([number, *answer], self._refer)
        except wire.WireError as error:
            frame = wire.encode([number, "raised", "TypeError", str(error)])
        self.channel.send(frame, seconds)

    # Life and death --------------------------------------------------------------------------

    def _ready(self) -> None:
        """A living candidate, or StudentError when there may be no other."""
        self._check_time()
        while self.channel is None:
            if self.deaths > MAX_DEATHS:
                raise StudentError("The notebook's process ended too often to start it once more.")
            self.channel = self.candidates.start(self.limits)
            self.generation += 1
            self.shown.clear()
            self._lay_out()
            self._replay()

    def _check_time(self) -> None:
        if time.monotonic() >= self.deadline:
            raise StudentError(
                f"The notebook had used up its {self.limits.notebook_seconds:g} s.")

    def _lay_out(self) -> None:
        """Put the files beside the notebook there, as they were before its first cell."""
        if found := self.files.for_candidate():
            names = sorted(modules(self.files.for_examiner()))
            seconds = self.limits.call_seconds
            self._converse("place", [packed(found), names], seconds, "The notebook")

    def _replay(self) -> None:
        """Run again what ran before; a cell that kills is left out from then on."""
        for cell_id, source in self.history:
            if cell_id not in self.killers:
                try:
                    self._run(cell_id, source)
                except StudentError:
                    self.killers.add(cell_id)
                if self.channel is None:
                    return

    def _bury(self) -> int | None:
        """End the candidate and all it started; its exit code."""
        self.channel.close()
        self.channel = None
        self.deaths += 1
        return self.candidates.end()

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
            if expected == kind_of(value) or kind_of(self.bindings.get(name)) != expected:
                self.bindings[name] = value

    def _refer(self, value: Any) -> wire.Reference | None:
        """Examiner to candidate: student's own objects, public functions, call-backs."""
        if isinstance(value, Proxy):
            return {"kind": "own", "id": self._current(value)}
        if isinstance(value, np.dtype):
            value = value.type
        public = public_name(value)
        if public is not None:
            return {"kind": "public", "module": public[0], "name": public[1]}
        if not callable(value):
            return None
        place = next((n for n, known in enumerate(self.callbacks) if known is value), None)
        if place is None:
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


def _retired(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("This function belonged to a check that has ended.")


def _raised(name: str, kind: str, message: str, where: str) -> str:
    if kind == "NotImplementedError" and not message:
        return f"{name}(...) is not written yet: it raises NotImplementedError."
    text = f"{name}(...) raised {kind}" + (f": {message}" if message else "")
    return f"{text}\n    {where}" if where else text


def _death(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "ended its process."
    if code > 255:  # Windows' way to say it
        return CAUSES["SIGSEGV"]
    if code >= 0:
        return f"ended its process itself (exit status {code})."
    causes = {getattr(signal, name, None): cause for name, cause in CAUSES.items()}
    return causes.get(-code, f"ended its process (signal {-code}).")
