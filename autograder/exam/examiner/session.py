"""One student's candidate, seen from the examiner: asked, timed, and replaced when it dies.

A candidate that dies takes nothing along: the next request starts a fresh one, which first runs
again every cell that ran before, except the ones that killed.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Any

import numpy as np

from autograder.exam.examiner.launcher import ForkedLauncher
from autograder.exam.examiner.namespace import DELETED, StudentNamespace
from autograder.exam.examiner.proxies import CallableProxy, Missing, Proxy, inside
from autograder.exam.examiner.references import apply_changes
from autograder.exam.examiner.student_errors import (
    Ended,
    StudentError,
    death,
    exception_class,
    is_exception_class,
    raised,
    student_error,
)
from autograder.exam.protocol import codec, random_state
from autograder.exam.protocol.channel import Channel, Pipe, within
from autograder.exam.protocol.codec import packed
from autograder.exam.protocol.public_names import public_name
from autograder.exam.protocol.validation import read_aside, read_found, read_raised, read_summary
from autograder.exam.shell.capture import Stream
from autograder.exam.spawn import SpawnedLauncher
from autograder.notebook.side_files import Files, modules
from autograder.sandbox.limits import Limits

GRACE = 1.0  # seconds for an interrupt to be obeyed before the process is killed
MAX_DEATHS = 24
LIBRARIES = "numpy", "mlpkit"  # the same on both sides, and their functions keep no count
DEADLY = 3  # deaths by one function, before it is not called any more
REPLIES = {  # to each verb: the words and how much follows them
    "run": {("ran", 3)},
    "apply": {("returned", 3), ("raised", 5)},
    "rename": {("returned", 2)},
    "imports": {("returned", 2)},
    "place": {("returned", 2)},
}


class Session:
    """A conversation with candidates, one at a time, of one submission."""

    def __init__(self, candidates: ForkedLauncher | SpawnedLauncher, limits: Limits, files: Files):
        self.candidates, self.limits, self.files = candidates, limits, files
        self.channel: Channel | Pipe | None = None
        self.generation = self.deaths = 0
        self.count = self.number = 0  # requests sent; the one whose answer is awaited
        self.deadline = within(limits.notebook_seconds)
        self.names = StudentNamespace()
        self.history: list[tuple[str, str, Any]] = []  # cells that ran: id, text, chance before
        self.killers: set[str] = set()  # cells that are not run again
        self.slow: set[str] = set()  # functions and cells that once ran out of time
        self.deadly: Counter[str] = Counter()  # functions -> processes they ended
        self.callbacks: list[Any] = []
        self.things: dict[int, Any] = {}  # proxies by the number of what they stand for
        self.odd: list[str] = []
        self.chance = False  # whether the notebook draws from the global random generators
        self.test = ""  # the check that is running
        self.offered: Collection[tuple[str, str]] | None = None  # (check, operator); None: all
        self.asked: set[tuple[str, str]] = set()  # what has been asked of these

    # What the examiner asks ------------------------------------------------------------------

    def run(self, cell_id: str, source: str, given: bool = False) -> dict[str, Any]:
        """Run a cell; its outputs, and the name and text of its error or None.

        A ``given`` one runs here, too, and draws the same numbers.
        """
        before = random_state.state() if self.chance else None
        try:
            summary = self._run(cell_id, source, before)
            if given and before is not None:
                random_state.restore(before)
            return summary
        except StudentError as error:
            self.killers.add(cell_id)
            sentence = error.sentence
            output = {
                "output_type": "error",
                "ename": "Stopped",
                "evalue": sentence,
                "traceback": [sentence],
            }
            return {"outputs": [output], "error": "Stopped", "message": sentence}
        finally:
            self.history.append((cell_id, source, before))

    def apply(self, operation: str, target: Proxy, args: list, kwargs: dict) -> Any:
        """One operation on a student's object."""
        name = inside(target)["__name__"]
        what, seconds = f"{name}(...)", self._patience(name, self.limits.call_seconds)
        self.mirror()
        if self.deadly and self.deadly[name] >= DEADLY:
            raise StudentError(f"{what} ended its process {DEADLY} times; it was not called again.")
        try:
            request = [
                operation,
                self._current(target),
                codec.Arguments(args, kwargs),
                random_state.state() if self.chance else None,
            ]
            verb, *rest = self._converse("apply", request, seconds, what)
        except TimeoutError:
            self.slow.add(name)
            self._check_time()
            raise StudentError(
                f"{what} did not come back within {seconds:g} s and was stopped. "
                "Look for a loop that never ends."
            ) from None
        except Ended as error:
            self.deadly[name] += error.by == what  # else a call-back's own call ended it
            raise
        self._hear(rest.pop(), what)
        if verb == "raised":
            kinds, message, where, thing = self._sound(read_raised, rest, what)
            thing = thing if isinstance(thing, Proxy) else None
            sentence = raised(name, kinds[0], message, where)
            if "StopIteration" in kinds and operation != "next":
                raise StudentError(sentence)  # as it is, map() would end as if all had gone well
            raise student_error(kinds, sentence, message, thing, self.names.bindings)
        value, changed = rest
        if changed is not None:
            self._bring_back(args, kwargs, changed, what)
        return value

    def may_ask(self, operator: str) -> bool:
        """Whether this check may hand an operand of its own to a student's operator."""
        wanted = self.test, operator
        self.asked.add(wanted)
        return self.offered is None or wanted in self.offered

    def mirror(self) -> None:
        """Let the candidate see what a test did to the student's names: deleted or replaced them.

        So a test can find out whether one function calls another, and answer ``input()``.
        """
        self._ready()
        changed = self.names.changed()
        if not changed:
            return
        gone = [name for name, value in changed.items() if value is DELETED]
        new = {name: value for name, value in changed.items() if value is not DELETED}
        self._converse("rename", [new, gone], self.limits.call_seconds, ", ".join(changed))
        self.names.shown |= changed

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

    def _run(self, cell_id: str, source: str, before: Any) -> dict[str, Any]:
        seconds, sentence = self._patience(cell_id, self.limits.cell_seconds), ""
        try:
            names = self.names.asked()
            reply = self._converse("run", [cell_id, source, names, before], seconds, "This cell")
        except TimeoutError as error:
            self.slow.add(cell_id)
            sentence = f"This cell did not finish within {seconds:g} s and was stopped."
            if not error.args:
                raise StudentError(sentence) from None
            reply = error.args[0]  # interrupted, and alive
        try:
            summary = read_summary(reply[1])
            self._take(read_found(reply[2], set(self.names.asked())))
            if before is not None:
                random_state.follow(reply[3])
        except codec.WireError as error:
            raise self._forged("This cell", error) from None
        if sentence:
            summary["outputs"].append(
                {"output_type": "stream", "name": "stderr", "text": sentence + "\n"}
            )
            summary["message"] = sentence
        return summary

    def _hear(self, aside: Any, what: str) -> None:
        """What a call printed, for a test that listens; and how far it drew random numbers."""
        printed, after = self._sound(read_aside, aside, what)
        if printed and not isinstance(sys.stdout, Stream):  # else it would be kept and shown
            sys.stdout.write(printed)
        if self.chance and after is not None:
            self._sound(random_state.follow, after, what)

    def _sound(self, read: Any, value: Any, what: str) -> Any:
        """What ``read`` makes of a part of a reply; an unsound one ends the candidate."""
        try:
            return read(value)
        except codec.WireError as error:
            raise self._forged(what, error) from None

    def _patience(self, name: str, seconds: float) -> float:
        return seconds / 5 if name in self.slow else seconds  # it had its chance

    def _bring_back(self, args: list, kwargs: dict, changed: Any, what: str) -> None:
        """In-place changes of arguments, from the frame that carries them as they are now."""
        if not (isinstance(changed, list) and [type(part) for part in changed] == [list, dict]):
            raise self._forged(what, codec.WireError("arguments of an unknown form."))
        apply_changes(args, changed[0])
        apply_changes(kwargs, changed[1])

    def _converse(self, verb: str, rest: list, seconds: float, what: str) -> list[Any]:
        """Send one request, serve call-backs, return the reply.

        TimeoutError when time is up; the reply is its argument if an interrupt brought one.
        """
        self._ready()
        self.count += 1
        self.number = self.count
        frame = self._encode([self.number, verb, *rest], what)
        deadline = min(within(seconds), self.deadline)
        try:
            self.channel.send(frame, deadline)
            try:
                return self._answer(verb, deadline)
            except TimeoutError:
                self.candidates.interrupt()
                raise TimeoutError(self._answer(verb, within(GRACE))) from None
        except TimeoutError as error:
            if not error.args:
                self._bury()
            raise
        except codec.WireClosed:
            raise Ended(what, death(self._bury())) from None
        except codec.WireError as error:
            raise self._forged(what, error) from None

    def _forged(self, what: str, error: codec.WireError) -> StudentError:
        """What came is no reply: that process is not talked to any more."""
        self.abandon()
        self.odd.append(
            f"The process that runs the student's code sent something that is no value: {error}"
        )
        return Ended(what, f"did not answer with a value: {error}")

    def _encode(self, value: Any, what: str) -> bytes:
        try:
            return codec.encode(value, self._refer)
        except codec.WireError as error:
            raise RuntimeError(f"The test cannot hand this to {what}: {error}") from None

    def _answer(self, verb: str, deadline: float) -> list[Any]:
        """The reply to the last request; call-backs on the way are served."""
        while True:
            message = codec.decode(self.channel.receive(deadline), self._resolve)
            if not isinstance(message, list) or len(message) < 2 or message[0] != self.number:
                raise codec.WireError("a reply to no request.")
            _, answer, *rest = message
            if answer == "callback" and len(rest) == 3:
                self._serve_callback(*rest, deadline)
                if time.monotonic() >= deadline:
                    raise TimeoutError
            elif isinstance(answer, str) and (answer, len(rest)) in REPLIES[verb]:
                return [answer, *rest]
            else:
                raise codec.WireError("a reply of an unknown form.")

    def _serve_callback(self, place: int, args: list, kwargs: dict, deadline: float) -> None:
        if not (type(place) is int and 0 <= place < len(self.callbacks)):
            raise codec.WireError("a call to a function that was never handed over.")
        number, generation, failure = self.number, self.generation, None
        try:
            answer = ["returned", self.callbacks[place](*args, **kwargs)]
        except Exception as error:
            answer, failure = ["raised", type(error).__name__, str(error)[:2_000]], error
        if self.channel is None or self.generation != generation:
            raise failure or StudentError("The notebook's process ended during a call-back.")
        self.number = number
        try:
            frame = codec.encode([number, *answer], self._refer)
        except codec.WireError as error:
            frame = codec.encode([number, "raised", "TypeError", str(error)])
        self.channel.send(frame, deadline)

    # Life and death --------------------------------------------------------------------------

    def _ready(self) -> None:
        """A living candidate, or StudentError when there may be no other."""
        self._check_time()
        while self.channel is None:
            if self.deaths > MAX_DEATHS:
                raise StudentError("The notebook's process ended too often to start it once more.")
            self.channel = self.candidates.start(self.limits)
            self.generation += 1
            self.names.shown.clear()
            self.things.clear()
            self._lay_out()
            self._replay()

    def _check_time(self) -> None:
        if time.monotonic() >= self.deadline:
            raise StudentError(f"The notebook had used up its {self.limits.notebook_seconds:g} s.")

    def _lay_out(self) -> None:
        """Put the files beside the notebook there, as they were before its first cell."""
        if found := self.files.for_student():
            names = sorted(modules(self.files.for_examiner()))
            seconds = self.limits.call_seconds
            self._converse("place", [packed(found), names], seconds, "The notebook")

    def _replay(self) -> None:
        """Run again what ran before; a cell that kills is left out from then on."""
        for cell_id, source, before in self.history:
            if cell_id not in self.killers:
                try:
                    self._run(cell_id, source, before)
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

    def _take(self, found: dict[str, Any]) -> None:
        """Take over what a cell left under the names that were asked for."""
        names = self.names
        only = {name for name in found if name in names.importing and name not in names.expected}
        names.imported |= only
        names.take(
            {name: self._value(name, item) for name, item in found.items() if name not in only}
        )

    def _value(self, name: str, item: dict[str, Any]) -> Any:
        if "unportable" in item:
            return Missing(name, f"{name}: {item['unportable']}", "TypeError")
        return codec.decode(item["frame"], self._resolve)

    def _refer(self, value: Any) -> codec.Reference | None:
        """Examiner to candidate: student's own objects, public functions, call-backs."""
        if isinstance(value, Proxy):
            return {"kind": "own", "id": self._current(value)}
        if is_exception_class(value):
            return {"kind": "own", "id": self._current(value._proxy)}
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
        reference = {
            "kind": "callback",
            "id": place,
            "name": getattr(value, "__name__", "function"),
        }
        return reference | (self._called_there(value) if isinstance(value, partial) else {})

    def _called_there(self, function: partial) -> codec.Reference:
        """What the candidate needs to call a partial of a library's function itself, if it can."""
        module, name = public_name(function.func) or ("", "")
        held = {"args": list(function.args), "kwargs": function.keywords}
        if module.partition(".")[0] not in LIBRARIES:
            return {}
        try:
            codec.encode(held, self._refer)
        except codec.WireError:
            return {}
        return {"module": module, "function": name, **held}

    def _current(self, proxy: Proxy) -> int:
        """Where the object lives now, after deaths: a named one is found again by its name."""
        space = inside(proxy)
        if space["_generation"] != self.generation:
            current = self.names.bindings.get(space["_binding"])
            if not isinstance(current, Proxy) or inside(current)["_generation"] != self.generation:
                lost = f"{proxy._described()} was lost when the notebook's process ended."
                raise StudentError(lost)
            space = inside(current)
        return space["_reference"]["id"]

    def _resolve(self, reference: codec.Reference) -> Any:
        """Candidate to examiner: a proxy, or the examiner's own function coming back."""
        if reference.get("kind") == "callback":
            place = reference["id"]
            if not (type(place) is int and 0 <= place < len(self.callbacks)):
                raise codec.WireError("a function that was never handed over.")
            return self.callbacks[place]
        clean = {
            "id": int(reference["id"]),
            "type": str(reference["type"])[:100],
            "name": str(reference["name"])[:100],
            "kind": str(reference["kind"]),
            "parameters": [str(name) for name in reference["parameters"]][:50],
        }
        if clean["id"] not in self.things:
            proxy = (CallableProxy if reference["callable"] is True else Proxy)(self, clean)
            self.things[clean["id"]] = (
                proxy
                if clean["kind"] != "exception"
                else exception_class(clean["name"] or "Exception", clean["parameters"], proxy)
            )
        return self.things[clean["id"]]


def _retired(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("This function belonged to a check that has ended.")
