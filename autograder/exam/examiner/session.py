"""Supervision of one submission's student processes: asked, timed, and replaced when they die.

A process that dies takes nothing along: the next request starts a new one, which first runs
again every cell that ran before, except those that killed a process.
"""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from autograder.exam.examiner.causes import Causes
from autograder.exam.examiner.connection import Connection
from autograder.exam.examiner.cpu_clock import LOOK_SECONDS, CpuClock
from autograder.exam.examiner.history import History, RunCell
from autograder.exam.examiner.launcher import Launcher
from autograder.exam.examiner.namespace import DELETED, StudentNamespace
from autograder.exam.examiner.proxies import Missing, Proxy, alike, inside
from autograder.exam.examiner.references import References, apply_changes
from autograder.exam.examiner.student_errors import (
    ProcessEnded,
    StudentError,
    describe_death,
    describe_exception,
    nearest_builtin,
    student_error,
)
from autograder.exam.examiner.watchdog import Watchdog
from autograder.exam.protocol import codec, random_state
from autograder.exam.protocol.channel import within
from autograder.exam.protocol.messages import (
    Apply,
    CurrentFigure,
    Doubt,
    Judge,
    KeepPristine,
    ListImports,
    PlaceFiles,
    Raised,
    Ran,
    Recall,
    Rename,
    Request,
    Run,
    Watch,
)
from autograder.exam.protocol.validation import (
    read_aside,
    read_found,
    read_imports,
    read_raised,
    read_summary,
    read_watched,
)
from autograder.exam.shell.capture import Stream
from autograder.notebook.shared_names import SharedNames
from autograder.notebook.side_files import Files, modules
from autograder.sandbox.limits import Limits

GRACE = 1.0  # seconds for an interrupt to be obeyed before the process is killed
MEDDLED = "its lines could not be counted: leave tracing, frames, threads and processes alone."
MAX_DEATHS = 24
DEADLY = 3  # deaths by one function, before it is not called any more

T = TypeVar("T")


class InterruptedRequest(TimeoutError):
    """A request that ran out of time, was interrupted, and was still answered: ``reply``."""

    def __init__(self, reply: Any):
        super().__init__()
        self.reply = reply


def stopped_cell(reason: str) -> dict[str, Any]:
    """The summary of a cell that did not come to its end."""
    output = {
        "output_type": "error",
        "ename": "Stopped",
        "evalue": reason,
        "traceback": [reason],
    }
    return {"outputs": [output], "error": "Stopped", "message": reason}


class Session:
    """The student processes of one submission, one at a time."""

    def __init__(self, launcher: Launcher, limits: Limits, files: Files, shared: SharedNames):
        self.launcher, self.limits, self.files = launcher, limits, files
        self.connection: Connection | None = None
        self.generation = self.deaths = 0
        self.deadline = within(limits.notebook_seconds)
        self.cpu_before = 0.0  # CPU seconds that the student process is known to have used
        self.names = StudentNamespace(shared)
        self.references = References(self, self.names.bindings)
        self.history = History()
        self.slow: set[str] = set()  # functions and cells that once ran out of time
        self.deadly: Counter[str] = Counter()  # functions -> processes they ended
        self.anomalies: list[str] = []
        self.seen_hidden = False  # whether the student's code may know hidden inputs
        self.note_call: Callable[..., None] = lambda *call: None
        self.last_arguments: Any = None  # that it was then called with
        self.recalled: int | None = None  # place whose names the student's code has now
        self.doubts: dict[str, Doubt] = {}  # check, "" for a cell -> why to hold the exam again
        self.watchdog = Watchdog()  # over this process; the exam's own is set by ``entry``
        self.draws = False  # whether the notebook draws from the global random generators
        self.pristine = False  # whether checks run beside the student's code
        self.test = ""  # the check that is running
        self.causes: Causes | None = None  # what notes the calls of a check
        self.cell = ""  # the cell that ran last
        # (check, operator) that may hand a test's operand to the student's code, and
        # (cell, "changes NAME") that may change a given variable; None: all
        self.allowed_operators: Collection[tuple[str, str]] | None = None
        self.observed_operators: set[tuple[str, str]] = set()  # of these, what was asked

    # What the examiner asks ------------------------------------------------------------------

    def run(self, cell_id: str, source: str, given: bool = False) -> dict[str, Any]:
        """Run a cell; its outputs, and the name and text of its error or None.

        A ``given`` one runs here, too, and draws the same numbers.
        """
        before = random_state.get_state() if self.draws else None
        cell = self.history.begin(cell_id, source, before)
        try:
            summary = self._run(cell)
            if given and before is not None:
                random_state.set_state(before)
            return summary
        except StudentError as error:
            self.history.killers.add(cell_id)
            return stopped_cell(error.description)
        finally:
            self.history.add(cell)

    def apply(self, operation: str, target: Proxy, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """One operation on a student's object; its value, or StudentError."""
        name: str = inside(target)["__name__"]
        what, seconds = f"{name}(...)", self._seconds_for(name, self.limits.call_seconds)
        self.mirror()
        if self.deadly and self.deadly[name] >= DEADLY:
            raise StudentError(f"{what} ended its process {DEADLY} times; it was not called again.")
        if self.seen_hidden:
            self.last_arguments = args, kwargs
        if operation == "call":
            self.note_call(name, target, args, kwargs)
        state = random_state.get_state() if self.draws else None
        before = self.causes.before(args, kwargs) if self.causes and operation == "call" else None
        arguments = codec.Arguments(args, kwargs)
        request = Apply(operation, self.references.current(target), arguments, state)
        try:
            reply = self._request(request, seconds, what)
        except TimeoutError:
            self.slow.add(name)
            self._check_time()
            late = f"did not come back within {seconds:g} s and was stopped."
            advice = "Look for a loop that never ends."
            failure = StudentError(f"{what} {late} {advice}")
            failure.about_hidden = f"{self._course_name(name)}: it {late} {advice}"
            raise failure from None
        except ProcessEnded as error:
            self.deadly[name] += error.by == what  # else a call-back's own call ended it
            raise
        self._replay_stdout(reply.aside, what)
        if isinstance(reply, Raised):
            raise self._raised(reply, name, what, operation)
        if reply.changed is not None:
            self._write_back(args, kwargs, reply.changed, what)
        if before is not None and self.causes:
            self.causes.after(before, target, reply.value)
        return reply.value

    def keep_pristine(self) -> None:
        """Let the student process remember its libraries; a later one does so when it starts."""
        self.pristine = True
        self._ensure_process()

    def judge(self, cell_id: str, source: str) -> Any:
        """Run a check beside the student's code: ``Returned`` or ``Raised``, or StudentError."""
        seconds = self.limits.cell_seconds
        self.history.add(self.history.begin(cell_id, source, None))
        try:
            return self._request(Judge(cell_id, source), seconds, "This check")
        except TimeoutError:
            self._check_time()
            raise StudentError(f"This check did not end within {seconds:g} s.") from None

    def current_figure(self, close: bool = False) -> Any:
        """pyplot's current figure in the student process, where that draws, else None."""
        if self.connection is None:
            return None
        try:
            reply = self._request(CurrentFigure(close), self.limits.call_seconds, "plt.gcf()")
        except (StudentError, TimeoutError):
            return None
        return reply.value if isinstance(reply.value, Proxy) else None

    def given_class(self, name: str) -> Any:
        """What a given cell, or a check, made under this name."""
        return None if name in self.names.bindings else self.names.space.get(name)

    def may_delegate(self, operator: str) -> bool:
        """Whether this check may hand an operand of its own to a student's operator."""
        wanted = self.test, operator
        self.observed_operators.add(wanted)
        return self.allowed_operators is None or wanted in self.allowed_operators

    def mirror(self) -> None:
        """Let the student process see what a test did to the student's names.

        So a test can find out whether one function calls another, and answer ``input()``.
        """
        self._ensure_process()
        changed = self.names.diff()
        if changed:
            new = {
                name: value
                for name, value in changed.items()
                if value is not DELETED and (name in self.names.expected or self._crosses(value))
            }
            deleted = [name for name, value in changed.items() if value is DELETED]
            self._request(Rename(new, deleted), self.limits.call_seconds, "the notebook's names")
            self.names.shown.update(changed)

    def watch(self, calls: Watch) -> list[str]:
        """How functions compute, in a word each."""
        reply = self._request(calls, self.limits.call_seconds, "the notebook's functions")
        return self.parse(read_watched, reply.found, "The notebook", len(calls.calls))

    def begin_hidden(self) -> None:
        """From now on what the student's code says may tell of hidden inputs.

        However slow the notebook was, there is some time for the checks passed until now.
        """
        self.seen_hidden = True
        self.deadline = max(self.deadline, within(self.limits.hidden_seconds))

    def recall(self, place: int) -> None:
        """Give the student's names the meaning they had at a place of the notebook."""
        self.recalled = place
        try:
            self._request(Recall(place), self.limits.call_seconds, "the notebook's names")
        except TimeoutError:
            raise StudentError("Your code did not answer in time.") from None
        self.names.shown.clear()

    def _crosses(self, value: Any) -> bool:
        try:
            codec.encode(value, self.references.to_reference)
        except codec.ProtocolError:
            return False
        return True

    def imports(self) -> list[str]:
        """Modules that the student's cells imported, as the student process says."""
        try:
            reply = self._request(ListImports(), self.limits.call_seconds, "import")
            return read_imports(reply.names)
        except (StudentError, TimeoutError):
            return []

    def doubt(self, reason: Doubt) -> None:
        """Note that points may be lost here to the machine."""
        if self.doubts.get(self.test) in (None, Doubt.TIMEOUT):
            self.doubts[self.test] = reason

    def abandon(self) -> None:
        """Drop the connection after an interrupted request; the next starts a new process."""
        if self.connection is not None:
            self._kill()

    def as_students(self, error: BaseException | None) -> BaseException | None:
        """Of a name that the student's cells should have defined, say why it is not there."""
        if not isinstance(error, NameError) or error.name in self.names.space:
            return error
        reason = self.names.missing.get(error.name or "")
        if reason is None:
            return error
        failure = student_error(["NameError"], reason)
        failure.about_hidden = reason  # of the cell that ran before
        return failure.with_traceback(error.__traceback__)

    # A request and its reply -----------------------------------------------------------------

    def _run(self, cell: RunCell) -> dict[str, Any]:
        seconds, message = self._seconds_for(cell.id, self.limits.cell_seconds), ""
        self.cell = cell.id
        wanted = self.names.wanted()
        stopped = f"This cell did not finish within {seconds:g} s and was stopped."
        try:
            reply = self._request(Run(*cell[:2], wanted, *cell[2:]), seconds, "This cell")
        except InterruptedRequest as interrupted:  # and alive
            self.slow.add(cell.id)
            reply, message = interrupted.reply, stopped
        except TimeoutError:
            self.slow.add(cell.id)
            raise StudentError(stopped) from None
        summary = self.parse(self._read_ran, reply, "This cell", set(wanted), cell.random_state)
        if message:
            outputs = summary["outputs"]
            outputs.append({"output_type": "stream", "name": "stderr", "text": message + "\n"})
            summary["message"] = message
        return summary

    def _read_ran(self, reply: Ran, wanted: set[str], before: Any) -> dict[str, Any]:
        summary = read_summary(reply.summary)
        self._bind(read_found(reply.found, wanted))
        if before is not None:
            random_state.advance_to(reply.random_state)
        return summary

    def _raised(self, reply: Raised, name: str, what: str, operation: str) -> StudentError:
        """The student's exception as one that a test may expect."""
        kinds, message, line = self.parse(read_raised, reply, what)
        thing = reply.error if isinstance(reply.error, Proxy) else None
        description = describe_exception(name, kinds[0], message, line)
        if "StopIteration" in kinds and operation != "next":
            failure = StudentError(description)  # as it is, map() would end as if all had gone well
        else:
            failure = student_error(kinds, description, message, thing, self.names.bindings)
        kind = nearest_builtin(type(failure))
        who = self._course_name(name)
        failure.about_hidden = describe_exception(who, kind, "", "")
        if operation == "count_lines" and kind == "AssertionError":
            failure.about_hidden = f"{who}: {MEDDLED}"
        return failure

    def _course_name(self, name: str) -> str:
        """A function's name where it is the course's own; what a student's object says may be
        anything."""
        return name if name in self.names.expected else "Your code"

    def _replay_stdout(self, aside: Any, what: str) -> None:
        """What a call printed, for a test that listens; and how far it drew random numbers."""
        printed, after = self.parse(read_aside, aside, what)
        if printed and not isinstance(sys.stdout, Stream):  # else it would be kept and shown
            sys.stdout.write(printed)
        if self.draws and after is not None:
            self.parse(random_state.advance_to, after, what)

    def parse(self, read: Callable[..., T], value: Any, what: str, *rest: Any) -> T:
        """What ``read`` makes of a part of a reply; an invalid one ends the student process."""
        try:
            return read(value, *rest)
        except codec.ProtocolError as error:
            raise self._protocol_violation(what, error) from None

    def _write_back(self, args: list[Any], kwargs: dict[str, Any], changed: Any, what: str) -> None:
        """In-place changes of arguments, from the frame that carries them as they are now."""
        if not (isinstance(changed, list) and [type(part) for part in changed] == [list, dict]):
            error = codec.ProtocolError("arguments of an unknown form.")
            raise self._protocol_violation(what, error)
        apply_changes(args, changed[0])
        apply_changes(kwargs, changed[1])

    def _request(self, request: Request, seconds: float, what: str) -> Any:
        """Send one request, serve call-backs, return the reply.

        Raises InterruptedRequest when time is up and an interrupt brought the reply all the same,
        TimeoutError when it did not, and StudentError when the process is gone.
        """
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

    # Life and death --------------------------------------------------------------------------

    def _ensure_process(self) -> Connection:
        """The connection to a living process; StudentError when there may be no other."""
        self._check_time()
        while self.connection is None:
            if self.deaths > MAX_DEATHS:
                raise StudentError("The notebook's process ended too often to start it once more.")
            transport = self.launcher.start(self.limits)
            self.connection = Connection(transport, self.references, self.watchdog)
            self.cpu_before = 0.0
            self.generation += 1
            self.names.shown.clear()
            self.references.forget_proxies()
            if self.pristine:
                self._request(KeepPristine(), self.limits.call_seconds, "The notebook")
            self._place_files()
            self._replay()
            if self.recalled is not None and self.connection is not None:
                self.recall(self.recalled)
        return self.connection

    def _check_time(self) -> None:
        if time.monotonic() >= self.deadline:
            raise StudentError(f"The notebook had used up its {self.limits.notebook_seconds:g} s.")

    def _seconds_for(self, name: str, seconds: float) -> float:
        return seconds / 5 if name in self.slow else seconds  # it was given the whole time once

    def _place_files(self) -> None:
        """Put the files next to the notebook there, as they were before its first cell."""
        if found := self.files.for_student():
            names = sorted(modules(self.files.for_examiner()))
            request = PlaceFiles(dict(codec.as_blobs(found)), names)
            self._request(request, self.limits.call_seconds, "The notebook")

    def _replay(self) -> None:
        """Run again what ran before; a cell that kills is left out from then on."""
        for cell in self.history.again():
            try:
                self._run(cell)
            except StudentError:
                self.history.killers.add(cell.id)
            if self.connection is None:
                return

    def _kill(self) -> int | None:
        """End the student process and all it started; its exit code."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        self.deaths += 1
        return self.launcher.end()

    # What a cell left ------------------------------------------------------------------------

    def _bind(self, found: dict[str, Any]) -> None:
        """Take over what a cell left under the names that were asked for."""
        names = self.names
        for name in [name for name, item in found.items() if "gone" in item]:
            del found[name]
            names.unbind(name)
        only = {name for name in found if name in names.importing and name not in names.expected}
        names.imported |= only
        values = {name: self._value(name, item) for name, item in found.items()}
        kept = [
            name for name in values if name not in only and self._takes_over(name, values[name])
        ]
        names.bind({name: values[name] for name in kept})

    def _takes_over(self, name: str, value: Any) -> bool:
        """Whether a name stands for the student's value here.

        A given variable does where the course's own solution changed it in place, too.
        """
        if name not in self.names.changing or name in self.names.bindings:
            return True
        wanted = self.cell, f"changes {name}"
        if self.allowed_operators is not None:
            return wanted in self.allowed_operators
        changed = isinstance(value, Proxy) or not alike(value, self.names.space.get(name))
        if changed:
            self.observed_operators.add(wanted)
        return changed

    def _value(self, name: str, item: dict[str, Any]) -> Any:
        if "unportable" in item:
            return Missing(name, f"{name}: {item['unportable']}", "TypeError")
        return codec.decode(item["frame"], self.references.from_reference)
