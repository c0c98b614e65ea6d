"""The candidate's side: runs the student's cells and answers calls to what they defined.

Requests arrive one at a time, each with a number; everything sent back carries it. A request is
``[number, verb, ...]``:

    run, cell id, source, names, chance
                                  -> ran, outcome, {name: value or reference}, chance
    apply, operation, object, Arguments, chance
                                  -> returned, value, [args, kwargs] if changed, aside
                                   | raised, names of classes, message, traceback, exception, aside
    rename, {name: value}, [name] -> returned, None, None
    imports                       -> returned, names of what was imported since the fork, None
    place, {path: bytes}, [module] -> returned, None, None

``object`` is the number of one of the student's. Arguments that were changed in place show as
other bytes. While a student's function runs it may call a function that the examiner passed to
it: the candidate sends ``[number, "callback", id, args, kwargs]`` and waits for ``returned |
raised``.

``chance`` is the state of the global random generators, or None where a notebook has no use for
it; ``aside`` is ``[what was printed, chance]``, or None when there is neither.

Nothing here is trusted by the examiner: a student may patch every line of it and gains only
the right to send other values.
"""

from __future__ import annotations

import builtins
import io
import os
import signal
import sys
import traceback
import types
from collections.abc import Callable, Mapping, Set
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from autograder.exam import lazy_import
from autograder.exam.protocol import codec, random_state
from autograder.exam.protocol.channel import Channel
from autograder.exam.protocol.operators import OPERATIONS
from autograder.exam.protocol.public_names import _public
from autograder.exam.protocol.validation import MAX_PRINTED
from autograder.exam.shell.capture import message_of
from autograder.exam.shell.compile import Code
from autograder.exam.shell.shell import run_cell
from autograder.exam.student.line_counter import make_counter
from autograder.notebook import side_files
from autograder.sandbox import scratch
from autograder.sandbox.limits import Limits


class StudentExecutor:
    """One student's shell behind one channel."""

    def __init__(
        self,
        channel: Channel,
        shell: Any,
        limits: Limits,
        known: Mapping[str, Code | None],
        imported: Set[str],
    ):
        self.channel, self.shell, self.limits = channel, shell, limits
        self.known = known  # cells that were compiled before the fork, by text
        self.imported = imported  # before the student's code ran
        self.objects: list[Any] = []  # what references point to; alive as long as the candidate
        self.numbers: dict[int, int] = {}  # id(object) -> its place in ``objects``
        self.handed: dict[str, Any] = {}  # names -> functions and classes already handed over
        self.number = 0  # of the request being answered
        self.busy = False  # whether an interrupt is meant for the student's code
        self.interrupted = False  # whether one came during a call-back
        self.verbs = {
            "run": self.run,
            "apply": self.apply,
            "rename": self.rename,
            "place": self.place,
            "imports": self.imports,
        }
        self.operations = {**OPERATIONS, "count_lines": _counter(), "exit": _leave, "await": _await}

    def serve(self) -> None:
        """Answer requests until the examiner goes."""
        signal.signal(signal.SIGINT, self.interrupt)
        while True:
            try:
                request = codec.decode(self.channel.receive(), self.resolve, calls=True)
            except codec.WireClosed:
                return
            self.answer(*request)

    def answer(self, number: int, verb: str, *rest: Any) -> None:
        """Answer one request; it may come while another waits for a call-back."""
        outer, self.number, self.interrupted = (self.number, self.busy), number, False
        self.verbs[verb](*rest)
        self.number, self.busy = outer

    def interrupt(self, signum: int, frame: types.FrameType | None) -> None:
        """SIGINT: stop the student's code, never the harness in the middle of a frame."""
        if self.busy:
            raise KeyboardInterrupt
        self.interrupted = True

    def reply(self, *message: Any) -> None:
        self.busy = False
        self.channel.send(codec.encode([self.number, *message], self.refer))

    def run(self, cell_id: str, source: str, names: list[str], before: list | None) -> None:
        """Run a cell and hand over what it left under ``names``."""
        if before is not None:
            random_state.restore(before)
        self.busy = True
        outcome = run_cell(
            self.shell, source, self.limits.output_bytes, code=self.known.get(source)
        )
        self.busy = False
        error = outcome.error
        summary = {
            "outputs": outcome.outputs,
            "error": None if error is None else type(error).__name__,
            "message": "" if error is None else message_of(error)[:2_000],
        }
        space = self.shell.space
        found = {
            name: space[name]
            for name in names
            if name in space and self.handed.get(name, self) is not space[name]
        }
        self.reply(
            "ran",
            summary,
            {name: self.portable(value) for name, value in found.items()},
            before and random_state.state(),
        )
        self.handed.update((name, value) for name, value in found.items() if callable(value))

    def rename(self, new: dict[str, Any], gone: list[str]) -> None:
        """Give names another meaning, or none, as a test did on the other side."""
        self.shell.space.update(new)
        for name in gone:
            self.shell.space.pop(name, None)
        self.reply("returned", None, None)

    def place(self, found: dict[str, bytes], names: list[str]) -> None:
        """Put files beside the notebook, whatever a process before this one left there."""
        folder = os.getcwd()
        scratch.empty(folder)
        side_files.place(found, folder)
        side_files.ModulesFirst(frozenset(names), folder).install()
        self.reply("returned", None, None)

    def imports(self) -> None:
        """Say what was imported, so that the next candidates need not."""
        self.reply("returned", sorted(lazy_import.loaded() - self.imported), None)

    def portable(self, value: Any) -> dict[str, Any]:
        """The value as a frame of its own, or a sentence that says why it cannot cross."""
        try:
            return {"frame": codec.Frame(codec.encode(value, self.refer))}
        except codec.WireError as error:
            return {"unportable": str(error)}

    def apply(
        self, operation: str, target: int, arguments: codec.Arguments, before: list | None
    ) -> None:
        """Apply one operation to a student's object; say what it returned or raised."""
        said, out, err = _Said(), sys.stdout, sys.stderr
        if before is not None:
            random_state.restore(before)

        def aside() -> list | None:
            return [said.text(), before and random_state.state()] if said.parts or before else None

        try:
            # Not for the student's eyes: what a hidden check makes it print would show its inputs.
            sys.stdout, sys.stderr = said, _Sink()
            try:
                self.busy = True
                value = self.operations[operation](
                    self.objects[target], *arguments.args, **arguments.kwargs
                )
                self.busy = False
            finally:
                sys.stdout, sys.stderr = out, err
            changed = arguments.changed(self.refer)
            self.reply(
                "returned", value, [arguments.args, arguments.kwargs] if changed else None, aside()
            )
        except codec.WireClosed:
            raise
        except BaseException as error:
            self.busy = False
            kinds = [kind.__name__ for kind in type(error).__mro__[:-1]]
            place, own = _place(error), type(error).__module__ == "__main__"
            self.reply(
                "raised",
                kinds,
                message_of(error)[:4_000],
                place,
                error.with_traceback(None) if own else None,
                aside(),
            )

    def call_back(self, place: int, args: list, kwargs: dict) -> list[Any]:
        """Let the examiner call a function of its own; what it answers."""
        frame = codec.encode([self.number, "callback", place, args, kwargs], self.refer)
        self.busy = False
        self.channel.send(frame)
        while True:
            number, *answer = codec.decode(self.channel.receive(), self.resolve, calls=True)
            if answer[0] in ("returned", "raised"):
                break
            self.answer(number, *answer)
        self.busy = True
        if self.interrupted:
            raise KeyboardInterrupt
        return answer

    # Objects that stay here ------------------------------------------------------------------

    def refer(self, value: Any) -> codec.Reference | None:
        """A reference to a student's object, which stays here; or to the examiner's, back."""
        if isinstance(value, Callback):
            return value.reference
        place = self.numbers.get(id(value))
        if place is None:
            place = self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)
        kind = "class" if isinstance(value, type) else "object"
        if kind == "class" and issubclass(value, Exception):
            return {
                "kind": "exception",
                "id": place,
                "type": "type",
                "callable": True,
                "name": value.__name__[:100],
                "parameters": [one.__name__ for one in value.__mro__],
            }
        return {
            "kind": kind,
            "id": place,
            "type": type(value).__name__,
            "callable": callable(value),
            "name": str(getattr(value, "__name__", ""))[:100],
            "parameters": _parameters(value),
        }

    def resolve(self, reference: codec.Reference) -> Any:
        """The object that a reference from the examiner stands for."""
        if reference["kind"] == "callback":
            return (Callback if "module" not in reference else PublicCallback)(self, reference)
        if reference["kind"] == "public":
            return _public(reference["module"], reference["name"])
        return self.objects[reference["id"]]


@cache
def _counter() -> Callable[..., list[tuple[int, Any, Any]]]:
    """One for all that are forked from here: the hook it sets is never taken out."""
    return make_counter()


class Callback:
    """A function of the examiner's: called here, it runs there."""

    def __init__(self, executor: StudentExecutor, reference: codec.Reference):
        self.executor, self.reference = executor, reference
        self.id, self.__name__ = reference["id"], reference["name"]

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        verb, *answer = self.executor.call_back(self.id, list(args), kwargs)
        if verb == "raised":
            name, message = answer
            raise getattr(builtins, name, RuntimeError)(message)
        return answer[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Callback) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)


class PublicCallback(Callback):
    """``functools.partial`` of a public function and data: it is the same here, so it runs here.

    For the examiner it is its own function still.
    """

    def __init__(self, executor: StudentExecutor, reference: codec.Reference):
        super().__init__(executor, reference)
        function = _public(reference["module"], reference["function"])
        self.function = partial(function, *reference["args"], **reference["kwargs"])

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


def _parameters(value: Any) -> list[str]:
    """The names of a plain function's positional parameters."""
    if not isinstance(value, types.FunctionType):
        return []
    code = value.__code__
    return list(code.co_varnames[: code.co_argcount])


def _place(error: BaseException) -> str:
    """The student's line that raised: ``line 3 of f: return x / 0``."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "ipython-input" in frame.filename or "ipykernel" in frame.filename
    ]
    if not frames:
        return ""
    return f"line {frames[-1].lineno}, in {frames[-1].name}: {frames[-1].line}"[:500]


def _leave(target: Any, kind: str | None, message: str) -> bool:
    """``__exit__``, with an exception of that name if there was one; whether it is to be gone."""
    if kind is None:
        return bool(type(target).__exit__(target, None, None, None))
    found = getattr(builtins, kind, None)
    error = (found if isinstance(found, type) and issubclass(found, Exception) else Exception)(
        message
    )
    return bool(type(target).__exit__(target, type(error), error, None))


def _await(target: Any) -> Any:
    import asyncio

    return asyncio.run(target)


class _Sink(io.TextIOBase):
    """Where prints go that nobody may read."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


class _Said(_Sink):
    """What is printed, as much of it as comes back."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.room = MAX_PRINTED

    def write(self, text: str) -> int:
        if self.room > 0 and text:
            self.parts.append(text[: self.room])
            self.room -= len(text)
        return len(text)

    def text(self) -> str:
        return "".join(self.parts)


def sit(
    channel: Channel,
    shell: Any,
    limits: Limits,
    known: Mapping[str, Code | None] = MappingProxyType({}),
    imported: Set[str] = frozenset(),
) -> None:
    """Serve one examiner; the process ends with it, whatever a student left running."""
    sys.stdin = io.StringIO()
    sys.path.append(os.getcwd())  # last: a student's random.py shadows nothing
    StudentExecutor(channel, shell, limits, known, imported).serve()
