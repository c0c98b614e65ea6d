"""What the examiner asks of a student process: run a cell, call a function, recall its names.

A new process first runs again every cell that ran before, except those that killed a process.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from autograder.exam.examiner.allowances import Allowances
from autograder.exam.examiner.changed_variables import ChangedVariables
from autograder.exam.examiner.history import History, RunCell
from autograder.exam.examiner.launcher import Launcher
from autograder.exam.examiner.missing_names import Missing
from autograder.exam.examiner.namespace import DELETED, StudentNamespace
from autograder.exam.examiner.observers import CallObserver
from autograder.exam.examiner.proxies import Proxy, alike, inside
from autograder.exam.examiner.references import References, write_back
from autograder.exam.examiner.student_errors import (
    MEDDLED,
    ProcessEnded,
    StudentError,
    describe_exception,
    nearest_builtin,
    stopped_cell,
    student_error,
    timed_out,
)
from autograder.exam.examiner.supervisor import InterruptedRequest, Supervisor
from autograder.exam.protocol import codec, random_state
from autograder.exam.protocol.channel import within
from autograder.exam.protocol.messages import (
    Apply,
    CurrentFigure,
    Judge,
    KeepPristine,
    ListImports,
    PlaceFiles,
    Raised,
    Ran,
    Recollect,
    Rename,
    Run,
    Watch,
)
from autograder.exam.protocol.plain import as_blobs
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

DEADLY = 3  # deaths by one function, before it is not called any more


class Session(Supervisor):
    """The cells and calls of one submission."""

    def __init__(self, launcher: Launcher, limits: Limits, files: Files, shared: SharedNames):
        super().__init__(launcher, limits)
        self.files = files
        self.names = StudentNamespace(shared)
        self.references = References(self, self.names.bindings)
        self.followed = ChangedVariables(self, shared.followed)
        self.history = History()
        self.cell = ""  # the cell that ran last
        self.recalled: int | None = None  # place whose names the student's code is to have
        self.due: int | None = None  # the same, if it is still to be told
        self.slow: set[str] = set()  # functions and cells that once ran out of time
        self.deadly: Counter[str] = Counter()  # functions -> processes they ended
        self.observers: list[CallObserver] = []
        self.last_arguments: Any = None  # of a call, after the student's code met hidden inputs
        self.draws = False  # whether the notebook draws from the global random generators
        self.pristine = False  # whether checks run beside the student's code
        # Operands of a check's own, changed given variables, functions that compute numerically.
        self.allowances = Allowances()

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
        """One operation on a student's object; its value, or StudentError.

        Threads of a check take turns: the student process answers one of them at a time.
        """
        with self.turn:
            return self._apply(operation, target, args, kwargs)

    def _apply(self, operation: str, target: Proxy, args: list[Any], kwargs: dict[str, Any]) -> Any:
        name: str = inside(target)["__name__"]
        what, seconds = f"{name}(...)", self._seconds_for(name, self.limits.call_seconds)
        self.mirror()
        if self.deadly and self.deadly[name] >= DEADLY:
            raise StudentError(f"{what} ended its process {DEADLY} times; it was not called again.")
        if self.seen_hidden:
            self.last_arguments = args, kwargs
        state = random_state.get_state() if self.draws else None
        observers = self.observers if operation == "call" else []
        noted = [one.called(name, target, args, kwargs) for one in observers]
        arguments = codec.Arguments(args, kwargs)
        request = Apply(operation, self.references.current(target), arguments, state, self._due())
        try:
            reply = self._request(request, seconds, what)
        except TimeoutError:
            self.slow.add(name)
            self._check_time()
            raise timed_out(what, self._course_name(name), seconds) from None
        except ProcessEnded as error:
            self.deadly[name] += error.by == what  # else a call-back's own call ended it
            raise
        self._replay_stdout(reply.aside, what)
        self.followed.pull()
        if isinstance(reply, Raised):
            failure = self._raised(reply, name, what, operation)
            for tell in filter(None, noted):
                tell(failure)
            raise failure
        if reply.changed is not None:
            self.parse(write_back, reply.changed, what, args, kwargs)
        for tell in filter(None, noted):
            tell(reply.value)
        return reply.value

    def keep_pristine(self) -> None:
        """Let the student process remember its libraries; a later one does so when it starts."""
        self.pristine = True
        self._ensure_process()

    def judge(self, cell_id: str, source: str, imports: list[str]) -> Any:
        """Run a check beside the student's code: ``Returned`` or ``Raised``, or StudentError."""
        seconds = self.limits.cell_seconds
        self.history.add(self.history.begin(cell_id, source, None))
        try:
            return self._request(Judge(cell_id, source, imports), seconds, "This check")
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

    def may_delegate(self, operator: str) -> bool:
        """Whether this check may hand an operand of its own to a student's operator."""
        return self.allowances.may(self.test, operator)

    def mirror(self, *, lenient: bool = False) -> None:
        """Let the student process see what a test did to the student's names.

        So a test can find out whether one function calls another, and answer ``input()``.
        RuntimeError where what it set cannot cross; ``lenient`` leaves that out.
        """
        self._ensure_process()
        changed = self.names.diff() | self.followed.changed_here()
        if changed:
            new = {
                name: value
                for name, value in changed.items()
                if value is not DELETED
                and (
                    (name in self.names.expected and not lenient) or self.references.as_bytes(value)
                )
            }
            deleted = [name for name, value in changed.items() if value is DELETED]
            request = Rename(new, deleted, self._due())
            self._request(request, self.limits.call_seconds, "the notebook's names")
            self.names.shown.update(changed)

    def recollect(self, names: list[str]) -> dict[str, Any]:
        """What the student process has under these names; nothing of what cannot cross."""
        reply = self._request(Recollect(names), self.limits.call_seconds, "the notebook's names")
        found = self.parse(read_found, reply.found, "The notebook", names)
        return {name: self._value(name, item) for name, item in found.items() if "frame" in item}

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
        """Give the student's names the meaning they had at a place, with the next request."""
        self.recalled = self.due = place
        self.names.shown.clear()

    def _due(self) -> int | None:
        place, self.due = self.due, None
        return place

    def imports(self) -> list[str]:
        """Modules that the student's cells imported, as the student process says."""
        try:
            reply = self._request(ListImports(), self.limits.call_seconds, "import")
            return read_imports(reply.names)
        except (StudentError, TimeoutError):
            return []

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
            known = self.names.classes(kinds)
            failure = student_error(kinds, description, message, thing, known)
        kind = nearest_builtin(type(failure))
        who = self._course_name(name)
        failure.about_hidden = describe_exception(who, kind, "", "")
        if operation == "count_lines" and kind == "AssertionError":
            failure.about_hidden = f"{who}: {MEDDLED}"
        return failure

    def _course_name(self, name: str) -> str:
        """A function's name where it is the course's own; a student's object may say anything."""
        return name if name in self.names.expected else "Your code"

    def _replay_stdout(self, aside: Any, what: str) -> None:
        """What a call printed, for a test that listens; and how far it drew random numbers."""
        printed, after = self.parse(read_aside, aside, what)
        if printed and not isinstance(sys.stdout, Stream):  # else it would be kept and shown
            sys.stdout.write(printed)
        if self.draws and after is not None:
            self.parse(random_state.advance_to, after, what)

    def _seconds_for(self, name: str, seconds: float) -> float:
        return seconds / 5 if name in self.slow else seconds  # it was given the whole time once

    def _restore(self) -> None:
        self.names.shown.clear()
        if self.pristine:
            self._request(KeepPristine(), self.limits.call_seconds, "The notebook")
        self._place_files()
        self._replay()
        self.due = self.recalled

    def _place_files(self) -> None:
        """Put the files next to the notebook there, as they were before its first cell."""
        if found := self.files.for_student():
            names = sorted(modules(self.files.for_examiner()))
            request = PlaceFiles(dict(as_blobs(found)), names)
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
        if isinstance(value, Proxy) or not alike(value, self.names.space.get(name)):
            return self.allowances.may(self.cell, f"changes {name}")
        return False

    def _value(self, name: str, item: dict[str, Any]) -> Any:
        if "unportable" in item:
            return Missing(name, f"{name}: {item['unportable']}", "TypeError")
        return codec.decode(item["frame"], self.references.from_reference)
