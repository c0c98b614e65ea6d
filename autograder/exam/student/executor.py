"""The student process: runs the student's cells and answers calls to what they defined.

Requests arrive one at a time (``protocol.messages``). Arguments that were changed in place show
as other bytes. Nothing here is trusted by the examiner: a student may patch every line of it and
gains only the right to send other values.
"""

from __future__ import annotations

import builtins
import io
import os
import signal
import sys
import types
from collections.abc import Callable, Mapping, Set
from types import MappingProxyType
from typing import Any, Protocol

from autograder.exam import lazy_import
from autograder.exam.protocol import codec, named_tuples, random_state
from autograder.exam.protocol.messages import (
    Apply,
    CallBack,
    CallBackRaised,
    CallBackReply,
    CallBackReturned,
    CurrentFigure,
    Done,
    Imported,
    Judge,
    KeepPristine,
    ListImports,
    PlaceFiles,
    Raised,
    Ran,
    Recollect,
    Recollected,
    Rename,
    Reply,
    Returned,
    Run,
    Watch,
    Watched,
    read_request,
    to_wire,
)
from autograder.exam.shell.capture import message_of
from autograder.exam.shell.compile import Code
from autograder.exam.shell.shell import run_cell
from autograder.exam.student import figures
from autograder.exam.student.derivation import how_derived
from autograder.exam.student.failing_line import failing_line
from autograder.exam.student.names import RememberedNames
from autograder.exam.student.objects import StudentObjects
from autograder.exam.student.one_process import run_check
from autograder.exam.student.operations import operations
from autograder.exam.student.printed import Discarded, Printed
from autograder.exam.student.pristine import Pristine, import_again
from autograder.notebook import side_files
from autograder.sandbox import scratch
from autograder.sandbox.limits import Limits


class Transport(Protocol):
    """Frames to the examiner and back."""

    def send(self, frame: bytes) -> None:
        """Send one frame; ConnectionClosed when the examiner has gone."""

    def receive(self) -> bytes:
        """The next frame; ConnectionClosed when the examiner has gone."""


class StudentExecutor:
    """One student's shell behind one connection."""

    def __init__(
        self,
        channel: Transport,
        shell: Any,
        limits: Limits,
        known: Mapping[str, Code | None],
        imported: Set[str],
    ):
        self.channel, self.shell, self.limits = channel, shell, limits
        self.known = known  # cells that were compiled before the fork, by text
        self.imported = imported  # before the student's code ran
        self.objects = StudentObjects(self.call_back, shell.space)
        self.handed: dict[str, Any] = {}  # names -> functions and classes already handed over
        self.remembered = RememberedNames()
        self.left: set[str] = set()  # names that were handed over, and are still there
        self.restore: Callable[..., list[str]] = _nothing  # libraries as they were, for checks here
        self.number = 0  # of the request being answered
        self.busy = False  # whether an interrupt is meant for the student's code
        self.interrupted = False  # whether one came during a call-back
        self.operations = operations()

    def serve(self) -> None:
        """Answer requests until the examiner goes."""
        signal.signal(signal.SIGINT, self.interrupt)
        while True:
            try:
                number, request = self.receive()
            except codec.ConnectionClosed:
                return
            self.answer(number, request)

    def receive(self) -> tuple[int, Any]:
        """The next message of the examiner's."""
        frame = self.channel.receive()
        return read_request(codec.decode(frame, self.objects.from_reference, calls=True))

    def answer(self, number: int, request: Any) -> None:
        """Answer one request; it may come while another waits for a call-back."""
        outer, self.number, self.interrupted = (self.number, self.busy), number, False
        match request:
            case Run():
                self.run(request)
            case Apply():
                self.apply(request)
            case Rename():
                self.rename(request)
            case Watch():
                self.watch(request)
            case Recollect():
                space = self.shell.space
                here = [name for name in request.names if name in space]
                self.reply(Recollected({name: self.portable(space[name]) for name in here}))
            case PlaceFiles():
                self.place_files(request)
            case KeepPristine():
                self.restore = Pristine(self.shell.ipython).restore
                self.reply(Done())
            case Judge():
                self.judge(request)
            case CurrentFigure():
                self.reply(Returned(figures.current(request.close), None, None))
            case ListImports():
                self.reply(Imported(sorted(lazy_import.loaded() - self.imported)))
        self.number, self.busy = outer

    def interrupt(self, signum: int, frame: types.FrameType | None) -> None:
        """SIGINT: stop the student's code, never the harness in the middle of a frame."""
        if self.busy:
            raise KeyboardInterrupt
        self.interrupted = True

    def reply(self, reply: Reply) -> None:
        self.busy = False
        self.channel.send(codec.encode(to_wire(self.number, reply), self.objects.to_reference))

    def run(self, request: Run) -> None:
        """Run a cell and hand over what it left under ``names``."""
        if request.places:
            self.remembered.note(self.shell.space, request.places)
        if request.random_state is not None:
            random_state.set_state(request.random_state)
        self.busy, restore = True, self.restore
        code = self.known.get(request.source)
        outcome = run_cell(self.shell, request.source, self.limits.output_bytes, code=code)
        self.busy = False
        restore(only_ours=True)
        error = outcome.error
        summary = {
            "outputs": outcome.outputs,
            "error": None if error is None else type(error).__name__,
            "message": "" if error is None else message_of(error)[:2_000],
        }
        space = self.shell.space
        named_tuples.register(space.values())
        found = {
            name: space[name]
            for name in request.names
            if name in space and self.handed.get(name, self) is not space[name]
        }
        portable = {name: self.portable(value) for name, value in found.items()}
        portable |= {name: {"gone": True} for name in self.left & set(request.names) - space.keys()}
        self.left.update(found)
        self.left &= space.keys()
        state = request.random_state and random_state.get_state()
        self.reply(Ran(summary, portable, state))
        self.handed.update((name, value) for name, value in found.items() if callable(value))

    def judge(self, request: Judge) -> None:
        """Run a check here, with the libraries as they were before the student's code."""
        restore = self.restore
        restore()
        import_again(request.imports, self.shell.space)
        out, err = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = Discarded(), Discarded()
        self.busy = True
        try:
            reply = run_check(self.shell, request, self.limits.output_bytes, restore)
        finally:
            self.busy = False
            sys.stdout, sys.stderr = out, err
        self.reply(reply)

    def rename(self, request: Rename) -> None:
        """Give names another meaning, or none, as a test did in the examiner."""
        self.recall(request.place)
        self.shell.space.update(request.new)
        for name in request.deleted:
            self.shell.space.pop(name, None)
        self.reply(Done())

    def recall(self, place: int | None) -> None:
        """Give all names the meaning that they had at a place, if it is another."""
        if place is not None:
            self.remembered.recall(self.shell.space, place)

    def watch(self, request: Watch) -> None:
        """Call functions once more; how they compute."""
        out, err = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = Discarded(), Discarded()
        self.busy = True
        try:
            found = [
                how_derived(self.objects[target], arguments.args, arguments.kwargs)
                for target, arguments in request.calls
            ]
        except KeyboardInterrupt:
            found = []
        finally:
            self.busy = False
            sys.stdout, sys.stderr = out, err
        self.reply(Watched(found))

    def place_files(self, request: PlaceFiles) -> None:
        """Put files next to the notebook, whatever a process before this one left there."""
        folder = os.getcwd()
        scratch.empty(folder)
        side_files.place(request.files, folder)
        side_files.ModulesFirst(frozenset(request.modules), folder).install()
        self.reply(Done())

    def portable(self, value: Any) -> dict[str, Any]:
        """The value as a frame of its own, or a message that says why it cannot cross."""
        try:
            return {"frame": codec.Blob(codec.encode(value, self.objects.to_reference))}
        except codec.ProtocolError as error:
            return {"unportable": str(error)}

    def apply(self, request: Apply) -> None:
        """Apply one operation to a student's object; say what it returned or raised."""
        self.recall(request.place)
        printed, out, err = Printed(), sys.stdout, sys.stderr
        before, arguments = request.random_state, request.arguments
        if before is not None:
            random_state.set_state(before)

        def aside() -> list[Any] | None:
            if not (printed.parts or before):
                return None
            return [printed.text(), before and random_state.get_state()]

        try:
            # Not for the student's eyes: what a hidden check makes it print would show its inputs.
            sys.stdout, sys.stderr = printed, Discarded()
            try:
                self.busy = True
                operation = self.operations[request.operation]
                target = self.objects[request.target]
                value = operation(target, *arguments.args, **arguments.kwargs)
                self.busy = False
            finally:
                sys.stdout, sys.stderr = out, err
            changed = codec.was_changed(arguments, self.objects.to_reference)
            parts = [arguments.args, arguments.kwargs] if changed else None
            self.reply(Returned(value, parts, aside()))
        except codec.ConnectionClosed:
            raise
        except BaseException as error:
            self.busy = False
            kinds = [kind.__name__ for kind in type(error).__mro__[:-1]]
            line = failing_line(error)
            own = type(error).__module__ == "__main__" or isinstance(error, SystemExit | OSError)
            thing = error.with_traceback(None) if own else None
            self.reply(Raised(kinds, message_of(error)[:4_000], line, thing, aside()))

    def call_back(self, function: int, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Let the examiner call a function of its own; what that returns, or raises."""
        call = to_wire(self.number, CallBack(function, args, kwargs))
        frame = codec.encode(call, self.objects.to_reference)
        self.busy = False
        self.channel.send(frame)
        while True:
            number, message = self.receive()
            if isinstance(message, CallBackReturned | CallBackRaised):
                break
            self.answer(number, message)
        self.busy = True
        if self.interrupted:
            raise KeyboardInterrupt
        return _result_of(message)


def _nothing(only_ours: bool = False) -> list[str]:
    return []


def _result_of(reply: CallBackReply) -> Any:
    if isinstance(reply, CallBackRaised):
        raise getattr(builtins, reply.kind, RuntimeError)(reply.message)
    return reply.value


def serve(
    channel: Transport,
    shell: Any,
    limits: Limits,
    known: Mapping[str, Code | None] = MappingProxyType({}),
    imported: Set[str] = frozenset(),
) -> None:
    """Serve one examiner; the process ends with it, whatever a student left running."""
    sys.stdin = io.StringIO()
    sys.path.append(os.getcwd())  # last: a student's random.py shadows nothing
    StudentExecutor(channel, shell, limits, known, imported).serve()
