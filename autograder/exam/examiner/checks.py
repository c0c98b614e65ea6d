"""The test cells of one exam: visible parts where they stand, hidden parts when all cells have run.

So whatever the student's cells print, display and raise was made before they met a hidden input,
and can be shown. Each hidden part finds the names as they were at its place. Where the course's
own solution does not pass that way, its checks run in one go (``in_order``), and what its cells put
out after the first of them is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograder.exam.costly import CostlySteps
from autograder.exam.examiner.causes import Causes
from autograder.exam.examiner.session import Session
from autograder.exam.examiner.student_errors import StudentError
from autograder.exam.examiner.verdict import TEST_SECONDS, TestTimeout, judge, set_alarm
from autograder.exam.protocol import random_state
from autograder.exam.protocol.messages import Doubt
from autograder.exam.shell.compile import Code
from autograder.exam.shell.shell import Outcome, Shell, run_cell
from autograder.notebook.source_cells import SourceCell
from autograder.result import FAILED, Check


@dataclass(frozen=True)
class _HiddenPart:
    """What waits for the end, and what it will find: names, generators, its call-backs."""

    step: SourceCell
    number: int  # of its check
    place: int  # in the notebook, for the student's names
    space: dict[str, Any]
    exported: dict[str, Any]
    random_state: Any
    handed: int
    call_backs: list[Any]
    generation: int
    students_cells: int  # of their own, that had run


class Checks:
    """Runs test cells; ``done`` are their checks, in the notebook's order."""

    def __init__(
        self,
        session: Session,
        shell: Shell,
        codes: Mapping[str, Code | None],
        hidden_codes: Mapping[str, Code | None],
        output_bytes: int,
        in_order: bool,
    ):
        self.session, self.shell, self.in_order = session, shell, in_order
        self.codes, self.hidden_codes = codes, hidden_codes
        self.output_bytes = output_bytes
        self.done: list[Check] = []
        self.stopped: list[str] = []  # given cells that did, and why
        self.costly = CostlySteps()
        self.causes: Causes | None = None  # which explains failures
        self.after_a_test: Callable[[], None] = lambda: None
        self.students_cells = 0  # of their own, that ran
        self.unsure: list[str] = []  # checks lost in a hidden part that might pass at its place
        self._waiting: list[_HiddenPart] = []
        self._space_of_hidden: dict[str, Any] = {}  # names that hidden parts defined

    def hold(self, step: SourceCell) -> list[Any]:
        """Run a test cell, but for its hidden part; what it put out."""
        names, references = self.session.names, self.session.references
        names.export()
        exported, handed = dict(names.exported), len(references.callbacks)
        outcome = self._run(step, self.codes.get(step.id))
        if outcome.error is None and step.id in self.hidden_codes:
            if self.in_order:
                self.session.seen_hidden = True
                outcome = self._run(step, self.hidden_codes[step.id])
            else:
                self._waiting.append(
                    _HiddenPart(
                        step,
                        len(self.done),
                        self.session.history.mark(),
                        dict(self.shell.space),
                        exported,
                        random_state.get_state() if self.session.draws else None,
                        handed,
                        references.callbacks[handed:],
                        self.session.generation,
                        self.students_cells,
                    )
                )
        references.retire(handed)
        self.done.append(self._judged(step, outcome))
        self.after_a_test()
        names.export()
        return [] if self.session.seen_hidden else outcome.outputs

    def hold_hidden(self) -> None:
        """Run the hidden parts of the checks whose visible parts passed."""
        if self._waiting:
            self.session.names.export()
            self.session.begin_hidden()
        for part in self._waiting:
            if reason := self.costly.reason(part.step.id):
                self.done[part.number] = replace(
                    self.done[part.number], score=0.0, status=FAILED, message=reason
                )
                continue
            with self.session.watchdog.over(part.step.id):
                check = self._judged(part.step, self._run_hidden(part))
                self.after_a_test()
            self.done[part.number] = check
            if check.status == FAILED and (
                self.session.generation != part.generation
                or self.students_cells != part.students_cells
            ):
                self.unsure.append(check.id)

    def _run_hidden(self, part: _HiddenPart) -> Outcome:
        session, space = self.session, self.shell.space
        taken = session.names.taken_back & self._space_of_hidden.keys()  # by a hidden part
        session.names.exported = {k: v for k, v in part.exported.items() if k not in taken}
        space.clear()
        space.update(self._space_of_hidden | part.space)
        space.update((name, self._space_of_hidden[name]) for name in taken)
        if part.random_state is not None:
            random_state.set_state(part.random_state)
        session.test = part.step.id
        session.recall(part.place)
        session.references.revive(part.handed, part.call_backs)
        outcome = self._run(part.step, self.hidden_codes[part.step.id])
        session.references.retire(part.handed)
        self._space_of_hidden |= {
            name: value
            for name, value in space.items()
            if name not in part.space or name in session.names.taken_back
        }
        return outcome

    def _run(self, step: SourceCell, code: Code | None) -> Outcome:
        self.session.test, self.session.last_arguments = step.id, None
        self.session.followed.begin()
        if self.causes:
            self.causes.begin()
        unread = self.session.names.unread()
        set_alarm(TEST_SECONDS)
        try:
            outcome = run_cell(self.shell, step.source, self.output_bytes, show=False, code=code)
        finally:
            set_alarm(0)
        if isinstance(outcome.error, TestTimeout):
            self.session.doubt(Doubt.TIMEOUT)
            self.session.abandon()  # a reply may be on its way
        self.session.test = ""
        self.session.names.made_unread(unread, but_data=True)
        return replace(outcome, error=self.session.names.explain(outcome.error))

    def _judged(self, step: SourceCell, outcome: Outcome) -> Check:
        seen = self.session.seen_hidden
        check = judge(step, outcome, seen, self.session.last_arguments)
        error = outcome.error
        causes = None if check.not_begun else self.causes  # a stub as handed out has none
        if causes and isinstance(error, AssertionError | StudentError):
            message = causes.told(step, check.message, self.session.names.space, error)
            check = replace(check, message=message)
        if error is None or isinstance(error, AssertionError) or seen:
            return check
        return replace(check, message="\n".join([check.message, *self.stopped]))
