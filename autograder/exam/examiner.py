"""The exam of one notebook: the source runs here in lockstep with the student's cells there.

Test cells, hidden parts too, run only in this process. The names that solution cells define are
proxies for what the candidate holds under them.
"""

from __future__ import annotations

import contextlib
import json
import math
import numbers
import os
import signal
import socket
import time
import traceback
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import numpy as np

from autograder import intake
from autograder.exam import cells, deferred, wire
from autograder.exam.candidates import Forked, Spawned
from autograder.exam.channel import Channel
from autograder.exam.failures import StudentError
from autograder.exam.files import Files, ModulesFirst, modules, place
from autograder.exam.kept import brief, kept, own_text
from autograder.exam.limits import Limits
from autograder.exam.prepared import Prepared
from autograder.exam.replies import sound_outputs
from autograder.exam.session import Session
from autograder.exam.steps import (
    EXPERIMENT,
    EXTRA,
    GIVEN,
    MANUAL,
    OPEN,
    PROSE,
    SOLUTION,
    TEST,
    Step,
)
from autograder.result import (
    COULD_NOT_RUN,
    FAILED,
    GRADED,
    NEEDS_A_PERSON,
    PASSED,
    Check,
    Result,
)

try:
    import resource
except ImportError:  # on Windows
    resource = None

TEST_SECONDS = 60.0  # a test's own time, calls of the student's code included
MAX_MESSAGE = 10_000  # letters of what a check says: it may quote what it was given
HIDDEN_WORDS = 400  # of a student's exception in a hidden check: its text may hold hidden inputs
MEMORY = 4 << 30  # of an examiner: a test may build on the numbers it gets


def sit(data: socket.socket, control: socket.socket, shell: Any, prepared: Prepared,
        imported: Set[str]) -> None:
    """Hold one exam: the request comes over ``data``, and the result goes back over it.

    ``imported`` are the modules that every examiner has from the start.
    """
    channel = Channel(data)
    submission, limits, seed, beside, offered = wire.decode(channel.receive())
    os.environ["MLPKIT_SEED"] = seed
    files = replace(prepared.files, student=beside)
    _lay_out(files)
    _bound_memory()
    control.setblocking(True)
    try:
        candidates = Forked(control)
        examiner = Examiner(prepared, submission, Limits(**limits), candidates, shell, files)
        session = examiner.session
        session.offered = offered and {tuple(pair) for pair in offered}
        result = examiner.hold().to_dict()
        if notebook := result["notebook"]:
            notebook["cells"] = brief(notebook["cells"], prepared.plain)
        answer = {"result": result, "odd": bool(session.odd)}
        if offered is None:  # the course's own solution: learn from it
            own = sorted(deferred.loaded() - imported)
            answer["asked"] = sorted(session.asked)
            answer["modules"] = {"examiner": own, "candidate": session.imports()}
    except Exception:
        answer = {"fault": traceback.format_exc()}
    channel.send(wire.encode(wire.Frame(json.dumps(answer).encode())))


def _lay_out(files: Files) -> None:
    """Put the course's files where its cells look for them: in the folder of this exam."""
    if mine := files.for_examiner():
        place(mine, os.getcwd())
        ModulesFirst(modules(mine), os.getcwd()).install()


def _bound_memory() -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


class Examiner:
    """One notebook's exam."""

    def __init__(self, prepared: Prepared, submission: bytes, limits: Limits,
                 candidates: Forked | Spawned, shell: Any, files: Files):
        self.codes = prepared.codes
        self.rebuilt = intake.rebuild(prepared.steps, submission)
        self.session = Session(candidates, limits, files)
        self.limits, self.shell = limits, shell
        self.session.chance = prepared.draws
        self.names = self.session.names
        self.stopped: list[str] = []  # given cells that did, and why
        self.checks: list[Check] = []
        self.notebook_cells: list[dict[str, Any]] = []
        self.plain = dict(zip(map(id, prepared.steps), prepared.plain, strict=True))
        self.kernel = dict(prepared.source.get("metadata", {}))
        self.room = limits.notebook_bytes  # left for outputs

    def hold(self) -> Result:
        """Go through the cells in order."""
        started = time.monotonic()
        if not self.rebuilt.readable:
            return self._unread()
        self.names.expected = {
            name: kind for placed in self.rebuilt.cells
            for name, kind in (placed.step.names or {}).items()}
        self.names.space = self.shell.space
        for placed in self.rebuilt.cells:
            self._step(placed)
        flags = tuple(dict.fromkeys([*self.rebuilt.flags, *self.session.odd]))
        return Result("", "", GRADED, tuple(self.checks), flags, self._notebook(),
                      round(time.monotonic() - started, 3))

    def _unread(self) -> Result:
        """Nothing to run: every point waits for a person."""
        checks = tuple(
            Check(step.id, step.title, step.points, None, COULD_NOT_RUN,
                  "The submission could not be read.", step.kind == MANUAL)
            for step in (placed.step for placed in self.rebuilt.cells)
            if step.kind in (TEST, MANUAL))
        return Result("", "", NEEDS_A_PERSON, checks, tuple(self.rebuilt.flags))

    def _step(self, placed: intake.Placed) -> None:
        step, outputs = placed.step, []
        if step.kind == TEST:
            outputs = self._test(placed)
        elif step.kind in (GIVEN, OPEN):
            outputs = self._student(step, placed.text or step.source)
            self._given(step)
        elif step.kind in (SOLUTION, EXTRA) or (step.kind == MANUAL and step.code):
            outputs = self._student(step, placed.text or "")
        elif step.kind == EXPERIMENT:
            outputs = sound_outputs(placed.outputs)
        if step.kind == MANUAL:
            self.checks.append(_manual(placed))
        if step.kind != PROSE or placed.text is not None or step.source:
            self._keep(placed, outputs)

    def _run(self, step: Step) -> cells.Outcome:
        """Run a cell of the source's here."""
        return cells.run_cell(self.shell, step.source, self.limits.output_bytes, show=False,
                              code=self.codes.get(step.id))

    def _given(self, step: Step) -> None:
        """Run here, too, what everybody runs."""
        error = self._run(step).error
        if error is not None and not isinstance(error, StudentError):
            self.stopped.append(f"The cell {step.id} had stopped with {type(error).__name__}: "
                                f"{cells.message_of(error)[:300]}.")

    # The student's side ----------------------------------------------------------------------

    def _student(self, step: Step, text: str) -> list[Any]:
        """Run a cell there, and bind here what it left; its outputs."""
        summary = {"outputs": [], "error": None, "message": ""}
        self.names.importing, missing = step.imports, self.names.missing
        if text.strip():
            self._restore()
            summary = self.session.run(step.id, text, given=step.kind in (GIVEN, OPEN))
        for name in (*(step.names or ()), *step.imports):
            if not text.strip():
                missing[name] = f"{name} is not defined: its cell {step.id} is not there."
            elif summary["error"]:
                missing[name] = f"{name} is not defined: {_stopped(summary)}"
            else:
                missing[name] = f"{name} is not defined in the cell meant for it."
        self.names.place()
        self.names.import_here()
        return summary["outputs"]

    def _restore(self) -> None:
        """Give the student's names back their meaning, where a test changed it."""
        if self.names.shown:
            with contextlib.suppress(StudentError):
                self.session.mirror()

    # Tests -----------------------------------------------------------------------------------

    def _test(self, placed: intake.Placed) -> list[Any]:
        step = placed.step
        self.names.place()
        self.session.test = step.id
        handed = len(self.session.callbacks)
        _set_alarm(TEST_SECONDS)
        try:
            outcome = self._run(step)
        finally:
            _set_alarm(0)
        self.session.retire(handed)
        self.names.place()
        if isinstance(outcome.error, TestTimeout):
            self.session.abandon()  # a reply may be on its way
        status, score, message = _judge(step, outcome)
        if outcome.error is not None and not isinstance(outcome.error, AssertionError):
            message = "\n".join([message, *self.stopped])
        self.checks.append(Check(step.id, step.title, step.points, score, status, message))
        return outcome.outputs

    # The notebook that stays -----------------------------------------------------------------

    def _keep(self, placed: intake.Placed, outputs: list[Any]) -> None:
        step = placed.step
        plain = self.plain.get(id(step)) or kept(step, {}, own_text(step), [])
        text = plain["source"] if placed.text is None else placed.text
        outputs = self._fitting(outputs) if step.code else []
        if outputs or text != plain["source"]:
            plain = kept(step, plain["metadata"], text, outputs)
        self.notebook_cells.append(plain)

    def _fitting(self, outputs: list[Any]) -> list[Any]:
        """The outputs, as long as the notebook's limit is not used up."""
        self.room -= sum(len(json.dumps(output)) for output in outputs)
        if self.room >= 0 or not outputs:
            return outputs
        return [{"output_type": "stream", "name": "stderr",
                 "text": "[outputs cut: the notebook printed and displayed too much]\n"}]

    def _notebook(self) -> dict[str, Any]:
        return {"nbformat": 4, "nbformat_minor": 5,
                "metadata": self.kernel, "cells": self.notebook_cells}


def _stopped(summary: Mapping[str, Any]) -> str:
    """Why a cell did not come to its end."""
    if summary["error"] == "Stopped":
        return f"{summary['message']}"
    return f"its cell stopped with {summary['error']}: {summary['message']}".removesuffix(": ")


class TestTimeout(BaseException):
    """A test did not end; no ``except Exception`` may catch it."""


def _set_alarm(seconds: float) -> None:
    """Let TestTimeout be raised then, 0: never. Windows has no alarm; calls still have limits."""
    if hasattr(signal, "setitimer"):
        if signal.getsignal(signal.SIGALRM) is not _ring:
            signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _ring(signum: int, frame: Any) -> None:
    raise TestTimeout


def _judge(step: Any, outcome: cells.Outcome) -> tuple[str, float | None, str]:
    """Status, score and message of a test cell that ran."""
    error = outcome.error
    if error is None:
        silent = step.source.rstrip().endswith(";")  # IPython then shows no value
        return _partial_credit(step, None if silent else outcome.value)
    if isinstance(error, TestTimeout):
        return FAILED, 0.0, f"This check did not end within {TEST_SECONDS:g} s."
    failed = type(error).__module__.startswith("_pytest")  # pytest.fail, pytest.raises
    if failed or isinstance(error, StudentError | AssertionError):
        theirs = isinstance(error, StudentError)
        message = (error.sentence if theirs else cells.message_of(error)).strip()[:MAX_MESSAGE]
        if theirs and _is_hidden(step, error):
            message = message[:HIDDEN_WORDS]
        return FAILED, 0.0, message or _failed_line(step, error)
    message = (f"This check could not use what your code gave it: "
               f"{type(error).__name__}: {cells.message_of(error)[:MAX_MESSAGE]}")
    if "Proxy" in message:
        message += (". The check looks into a function or object from outside; it runs in another "
                    "process, where only its calls and attributes can be reached.")
    return FAILED, 0.0, message


def _partial_credit(step: Any, value: Any) -> tuple[str, float | None, str]:
    """nbgrader's partial credit: a test cell that ends in a number is worth that number."""
    if isinstance(value, bool | np.bool_) and not value:
        return FAILED, 0.0, "The last line of this check is False."
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        score = float(value)
        if not (math.isfinite(score) and 0 <= score <= step.points):
            return (COULD_NOT_RUN, None,
                    f"The check returned {score:g} of {step.points:g} points.")
        if score == step.points:
            return PASSED, score, ""
        return FAILED, score, f"Partial credit: {score:g} of {step.points:g} points."
    return PASSED, step.points, ""


def _failed_line(step: Any, error: BaseException) -> str:
    """The line of a bare assert, unless it stands in the hidden part."""
    if step.source.startswith("%%"):
        return "A check of this cell fails."
    if _is_hidden(step, error):
        return "A hidden check of this cell fails."
    return f"This fails: {step.source.splitlines()[_line(error) - 1].strip()}"


def _is_hidden(step: Any, error: BaseException) -> bool:
    line = 0 if step.source.startswith("%%") else _line(error)  # a magic's lines are not known
    return line == 0 or step.hides(line)


def _line(error: BaseException) -> int:
    """The line of the test cell where it failed; 0 when that is not known."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if "ipython-input" in frame.filename]
    return frames[0].lineno or 0 if frames else 0


def _manual(placed: intake.Placed) -> Check:
    """A question that a person grades; what was left untouched is worth 0 at once."""
    step = placed.step
    text = (placed.text or "").strip()
    stubs = "", "YOUR ANSWER HERE", step.markers.text_stub, step.released
    untouched = text in stubs or "NotImplementedError" in text
    score = 0.0 if untouched else None
    if step.task:  # answered in cells of the student's own
        score = None
    message = "No answer was given." if score == 0 else "A person grades this answer."
    return Check(step.id, step.title, step.points, score, COULD_NOT_RUN, message, manual=True)
