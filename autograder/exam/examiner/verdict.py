"""What a test cell that ran is worth: status, score and message."""

from __future__ import annotations

import math
import numbers
import signal
import traceback
from typing import Any

import numpy as np

from autograder.exam.examiner.student_errors import StudentError
from autograder.exam.shell.capture import message_of
from autograder.exam.shell.shell import Outcome
from autograder.notebook import rebuild
from autograder.result import COULD_NOT_RUN, FAILED, PASSED, Check

TEST_SECONDS = 60.0  # a test's own time, calls of the student's code included


MAX_MESSAGE = 10_000  # characters of what a check says: it may quote what it was given


HIDDEN_WORDS = 400  # of a student's exception in a hidden check: its text may hold hidden inputs


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
        if isinstance(error, StudentError):
            bound = HIDDEN_WORDS if _is_hidden(step, error) else MAX_MESSAGE
            message = error.description.strip()[:bound]
        else:
            message = message_of(error).strip()[:MAX_MESSAGE]
        return FAILED, 0.0, message or _failed_line(step, error)
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
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "ipython-input" in frame.filename
    ]
    return frames[0].lineno or 0 if frames else 0


def _manual(placed: rebuild.PlacedCell) -> Check:
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
