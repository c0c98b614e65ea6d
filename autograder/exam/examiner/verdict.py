"""What a test cell that ran is worth: status, score and message."""

from __future__ import annotations

import math
import numbers
import signal
import traceback
from typing import Any

import numpy as np

from autograder.exam.examiner.hidden_words import about_hidden
from autograder.exam.examiner.kind_of_case import kind_of_case
from autograder.exam.examiner.student_errors import StudentError
from autograder.exam.shell.capture import message_of
from autograder.exam.shell.shell import Outcome
from autograder.notebook import rebuild
from autograder.result import COULD_NOT_RUN, FAILED, NO_ANSWER, PASSED, Check

TEST_SECONDS = 60.0  # a test's own time, calls of the student's code included


MAX_MESSAGE = 10_000  # characters of what a check says: it may quote what it was given


class TestTimeout(BaseException):
    """A test did not end; no ``except Exception`` may catch it."""


def set_alarm(seconds: float) -> None:
    """Let TestTimeout be raised then, 0: never. Windows has no alarm; calls still have limits."""
    if hasattr(signal, "setitimer"):
        if signal.getsignal(signal.SIGALRM) is not _ring:
            signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _ring(signum: int, frame: Any) -> None:
    raise TestTimeout


def judge(step: Any, outcome: Outcome, hidden: bool, arguments: Any = None) -> Check:
    """The check of a test cell that ran.

    ``hidden``: the student's code has seen hidden inputs, so nothing it said goes into the message,
    which then tells the kind of case that the ``arguments`` of the last call are; what was said
    stays in the check's ``unabridged``.
    """
    status, score, message = _judge(step, outcome)
    whole = ""
    if hidden and message:
        whole, message = message, _on_hidden_inputs(outcome, score)
        case = kind_of_case(arguments)
        message += f"\nThe inputs are hidden. {case}" if case else ""
    return Check(step.id, step.title, step.points, score, status, message, unabridged=whole)


def _on_hidden_inputs(outcome: Outcome, score: float | None) -> str:
    if outcome.error is not None:
        return about_hidden(outcome.error, TEST_SECONDS)
    if score is None:
        return "The check returned a number that is not among its points."
    return "Partial credit." if score else "A hidden check of this cell fails."


def _judge(step: Any, outcome: Outcome) -> tuple[str, float | None, str]:
    """Status, score and message of a test cell that ran."""
    error = outcome.error
    if error is None:
        silent = step.source.rstrip().endswith(";")  # IPython then shows no value
        return _partial_credit(step, None if silent else outcome.value)
    if isinstance(error, TestTimeout):
        return FAILED, 0.0, f"This check did not end within {TEST_SECONDS:g} s."
    failed = type(error).__module__.startswith("_pytest")  # pytest.fail, pytest.raises
    if failed or isinstance(error, StudentError | AssertionError):
        said = error.description if isinstance(error, StudentError) else message_of(error)
        return FAILED, 0.0, said.strip()[:MAX_MESSAGE] or _failed_line(step, error)
    message = (
        f"This check could not use what your code gave it: "
        f"{type(error).__name__}: {message_of(error)[:MAX_MESSAGE]}"
    )
    if "Proxy" in message:
        message += (
            ". The check looks into a function or object from outside; it runs in another "
            "process, where only its calls and attributes can be reached."
        )
    return FAILED, 0.0, message


def _partial_credit(step: Any, value: Any) -> tuple[str, float | None, str]:
    """nbgrader's partial credit: a test cell that ends in a number is worth that number."""
    if isinstance(value, bool | np.bool_) and not value:
        return FAILED, 0.0, "The last line of this check is False."
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        score = float(value)
        if not (math.isfinite(score) and 0 <= score <= step.points):
            return (COULD_NOT_RUN, None, f"The check returned {score:g} of {step.points:g} points.")
        if score == step.points:
            return PASSED, score, ""
        return FAILED, score, f"Partial credit: {score:g} of {step.points:g} points."
    return PASSED, step.points, ""


def _failed_line(step: Any, error: BaseException) -> str:
    """The line of a bare assert, unless it is not known: a magic's lines are not."""
    line = _line(step, error)
    if not line:
        return "A check of this cell fails."
    return f"This fails: {step.source.splitlines()[line - 1].strip()}"


def _line(step: Any, error: BaseException) -> int:
    """The line of the test cell where it failed; 0 when that is not known."""
    if step.source.startswith("%%"):
        return 0
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "ipython-input" in frame.filename
    ]
    return frames[0].lineno or 0 if frames else 0


def judge_manual(placed: rebuild.PlacedCell) -> Check:
    """A question that a person grades; what was left untouched is worth 0 at once."""
    step = placed.step
    text = (placed.text or "").strip()
    stubs = "", "YOUR ANSWER HERE", step.markers.text_stub, step.released
    untouched = text in stubs or "NotImplementedError" in text
    score = 0.0 if untouched else None
    if step.task:  # answered in cells of the student's own
        score = None
    message = NO_ANSWER if score == 0 else "A person grades this answer."
    return Check(step.id, step.title, step.points, score, COULD_NOT_RUN, message, manual=True)
