"""The exam of one notebook: the source runs here in lockstep with the student's cells there.

Test cells, hidden parts too, run only in this process. The names that solution cells define are
proxies for what the student process holds under them.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Collection, Mapping
from typing import Any

from autograder.exam.compiled import CompiledSource
from autograder.exam.costly import BESIDE, DERIVATIONS, CostlySteps
from autograder.exam.degraded import falls_short
from autograder.exam.examiner.causes import Causes
from autograder.exam.examiner.checks import Checks
from autograder.exam.examiner.derivations import Derivations
from autograder.exam.examiner.figures import SharedFigures
from autograder.exam.examiner.launcher import Launcher
from autograder.exam.examiner.one_process import checks_beside
from autograder.exam.examiner.session import Session
from autograder.exam.examiner.student_errors import StudentError, stopped_cell
from autograder.exam.examiner.verdict import judge_manual
from autograder.exam.shell.capture import message_of
from autograder.exam.shell.shell import Outcome, run_cell
from autograder.notebook import rebuild
from autograder.notebook.defined_names import imported_names
from autograder.notebook.output_cells import kept_cell, students_markdown
from autograder.notebook.safe_outputs import sanitise_outputs
from autograder.notebook.safe_text import MAX_MARKDOWN
from autograder.notebook.shared_names import SharedNames
from autograder.notebook.side_files import Files
from autograder.notebook.source_cells import (
    EXPERIMENT,
    EXTRA,
    GIVEN,
    MANUAL,
    OPEN,
    PROSE,
    SOLUTION,
    TEST,
    SourceCell,
)
from autograder.result import (
    COULD_NOT_RUN,
    FAILED,
    GRADED,
    NEEDS_A_PERSON,
    Check,
    Result,
)
from autograder.sandbox.limits import Limits

MOST_MARKDOWN = 100_000  # characters of a student's texts that are read as Markdown
WITHHELD = "[outputs are not shown: in this notebook, hidden tests run before this cell]\n"


class Examiner:
    """One notebook's exam."""

    def __init__(
        self,
        prepared: CompiledSource,
        submission: bytes,
        limits: Limits,
        launcher: Launcher,
        shell: Any,
        files: Files,
        in_order: bool = False,
    ):
        self.codes = prepared.codes
        self.rebuilt = rebuild.rebuild(prepared.steps, submission)
        self.session = Session(launcher, limits, files, prepared.shared)
        self.limits, self.shell = limits, shell
        self.session.draws = prepared.draws
        self.names = self.session.names
        self.checks = Checks(
            self.session,
            shell,
            prepared.codes,
            prepared.hidden_codes,
            limits.output_bytes,
            in_order,
        )
        self.derivations = Derivations(self.session) if prepared.by_hand else None
        self.checks.causes = Causes(
            prepared.steps, [cell.text or "" for cell in self.rebuilt.cells]
        )
        self.session.observers += filter(None, [self.derivations, self.checks.causes])
        self.figures = SharedFigures(self.session.current_figure)
        self.checks.after_a_test = self._close_figures
        self.notebook_cells: list[dict[str, Any]] = []
        self.plain = dict(zip(map(id, prepared.steps), prepared.plain, strict=True))
        self.kernel = dict(prepared.source.get("metadata", {}))
        self.room = limits.notebook_bytes  # left for outputs
        self.markdown = MOST_MARKDOWN  # left for the student's texts
        self.costly = CostlySteps()  # in which an examiner before this one was ended

    def hold(self) -> Result:
        """Go through the cells in order."""
        started = time.monotonic()
        if not self.rebuilt.readable:
            return self._unread()
        self.names.expected = {
            name: kind
            for placed in self.rebuilt.cells
            for name, kind in (placed.step.names or {}).items()
        }
        self.names.space = self.shell.space
        self.figures.install()
        for placed in self.rebuilt.cells:
            self._step(placed)
        self.checks.hold_hidden()
        if self.derivations and not self.costly.reason(DERIVATIONS):
            with self.session.watchdog.over(DERIVATIONS):
                self.checks.done = self.derivations.judged(self.checks.done)
        flags = tuple(dict.fromkeys([*self.rebuilt.flags, *self.session.anomalies]))
        return Result(
            "",
            "",
            GRADED,
            tuple(self.checks.done),
            flags,
            self._notebook(),
            round(time.monotonic() - started, 3),
        )

    def hold_beside(self, held: Result, wanted: Collection[str] | None) -> list[Check]:
        """The checks that fell short, of those ``wanted`` (None: all), beside the student's."""
        short = {
            check.id
            for check in held.checks
            if falls_short(check) and (wanted is None or check.id in wanted)
        }
        if not short or self.costly.reason(BESIDE):
            return []
        old, self.session.deadline = self.session, 0.0
        old.abandon()
        session = Session(old.launcher, self.limits, old.files, SharedNames())
        session.watchdog = old.watchdog
        with session.watchdog.over(BESIDE):
            return checks_beside(self.rebuilt.cells, session, short)

    def _unread(self) -> Result:
        """Nothing to run: every point waits for a person."""
        checks = tuple(
            Check(
                step.id,
                step.title,
                step.points,
                None,
                COULD_NOT_RUN,
                "The submission could not be read.",
                step.kind == MANUAL,
            )
            for step in (placed.step for placed in self.rebuilt.cells)
            if step.kind in (TEST, MANUAL)
        )
        return Result("", "", NEEDS_A_PERSON, checks, tuple(self.rebuilt.flags))

    def _step(self, placed: rebuild.PlacedCell) -> None:
        if placed.step.kind == PROSE and placed.text is None:
            self._run_step(placed)  # nothing of a student's
            return
        with self.session.watchdog.over(placed.step.id):
            self._run_step(placed)
        self.costly.passed(placed.step.id)

    def _run_step(self, placed: rebuild.PlacedCell) -> None:
        step, outputs = placed.step, []
        if step.kind == TEST and (reason := self.costly.reason(step.id)):
            self.checks.done.append(Check(step.id, step.title, step.points, 0.0, FAILED, reason))
        elif step.kind == TEST:
            outputs = self.checks.hold(step)
        elif step.kind in (GIVEN, OPEN):
            outputs = self._student(step, placed.text or step.source)
            self._given(step)
        elif step.kind in (SOLUTION, EXTRA) or (step.kind == MANUAL and step.code):
            outputs = self._student(step, placed.text or "")
        elif step.kind == EXPERIMENT:
            outputs = sanitise_outputs(placed.outputs)
        if step.kind == MANUAL:
            self.checks.done.append(judge_manual(placed))
        if step.kind != PROSE or placed.text is not None or step.source:
            self._keep(placed, outputs)

    def _run(self, step: SourceCell) -> Outcome:
        """Run a cell of the source's here.

        What it shows is seen as the student process shows it: here, nothing of it is drawn.
        """
        return run_cell(
            self.shell,
            step.source,
            0,
            show=False,
            code=self.codes.get(step.id),
        )

    def _given(self, step: SourceCell) -> None:
        """Run here, too, what everybody runs."""
        if reason := self.costly.reason(step.id):
            self.checks.stopped.append(f"The cell {step.id} was not run: {reason}")
            return
        space = self.names.space
        before, unread = {name: space.get(name) for name in step.made}, self.names.unread()
        with self.session.memory.of_the_course():
            error = self._run(step).error
        self.figures.close()
        self.names.made_unread(unread)
        if error is None:
            self.names.made_here(step.made)
            return
        made = [name for name, value in before.items() if space.get(name) is not value]
        self.names.made_here(made)  # before it stopped, as on the student's side
        if not isinstance(self.names.explain(error), StudentError):
            self.checks.stopped.append(
                f"The cell {step.id} had stopped with {type(error).__name__}: "
                f"{message_of(error)[:300]}."
            )

    # The student's side ----------------------------------------------------------------------

    def _student(self, step: SourceCell, text: str) -> list[Any]:
        """Run a cell there, and bind here what it left; its outputs."""
        summary: dict[str, Any] = {"outputs": [], "error": None, "message": ""}
        self.names.importing, missing = step.imports, self.names.missing
        self.names.changing = self.names.shared.changed.get(step.id, frozenset())
        if reason := self.costly.reason(step.id):
            summary = stopped_cell(reason)
        elif text.strip():
            self._restore()
            if "*" in step.imports and "*" in imported_names(text):
                self.names.imported.add("*")
            summary = self.session.run(step.id, text, given=step.kind in (GIVEN, OPEN))
            if self.derivations:
                self.derivations.texts.append(text)
            self.checks.students_cells += step.kind in (EXTRA, OPEN, MANUAL)
            if self.session.seen_hidden:
                summary = _withheld(summary)
        for name in (*(step.names or ()), *step.imports):
            if not text.strip():
                missing[name] = f"{name} is not defined: its cell {step.id} is not there."
            elif summary["error"]:
                missing[name] = f"{name} is not defined: {_stopped(summary)}"
            else:
                missing[name] = f"{name} is not defined in the cell meant for it."
        if summary["error"]:
            for name in self.names.shared.unresolved:
                missing[name] = f"{name} is not defined: {_stopped(summary)}"
        self.names.import_here()
        self.names.export()
        outputs: list[Any] = summary["outputs"]
        return outputs

    def _restore(self) -> None:
        """Give the student's names back their meaning, where a test changed it.

        What a test left under a name that the student's cells did not define need not cross.
        """
        if self.names.shown:
            with contextlib.suppress(StudentError):
                self.session.mirror(lenient=True)

    def _close_figures(self) -> None:
        """At the end of a cell, as a notebook does; else the next one would show them."""
        self.figures.close()
        if self.figures.pyplot is not None:
            self.session.current_figure(close=True)

    # The notebook that stays -----------------------------------------------------------------

    def _keep(self, placed: rebuild.PlacedCell, outputs: list[Any]) -> None:
        step = placed.step
        plain = self.plain.get(id(step)) or kept_cell(step, {}, "", [])
        text = plain["source"] if placed.text is None else placed.text
        outputs = self._fitting(outputs) if step.code else []
        if outputs or text != plain["source"]:
            plain = kept_cell(step, plain["metadata"], text, outputs)
            if not step.code:
                plain |= students_markdown(text, placed.attachments, self.markdown)
                self.markdown -= len(text) if len(text) <= MAX_MARKDOWN else 0
        self.notebook_cells.append(plain)

    def _fitting(self, outputs: list[Any]) -> list[Any]:
        """The outputs, as long as the notebook's limit is not used up."""
        self.room -= sum(len(json.dumps(output)) for output in outputs)
        if self.room >= 0 or not outputs:
            return outputs
        return [
            {
                "output_type": "stream",
                "name": "stderr",
                "text": "[outputs cut: the notebook printed and displayed too much]\n",
            }
        ]

    def _notebook(self) -> dict[str, Any]:
        return {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": self.kernel,
            "cells": self.notebook_cells,
        }


def _withheld(summary: Mapping[str, Any]) -> dict[str, Any]:
    """An account of a cell whose code may know hidden inputs, without a word of it."""
    outputs = [{"output_type": "stream", "name": "stderr", "text": WITHHELD}]
    error = summary["error"] and "an exception"
    return {"outputs": outputs if summary["outputs"] else [], "error": error, "message": ""}


def _stopped(summary: Mapping[str, Any]) -> str:
    """Why a cell did not come to its end."""
    if summary["error"] == "Stopped":
        return f"{summary['message']}"
    return f"its cell stopped with {summary['error']}: {summary['message']}".removesuffix(": ")
