"""What a student reads about a check on hidden inputs: the one place where that is decided.

Code that has seen hidden inputs may put them into all it says: texts and classes of exceptions,
shapes, names, exit codes. So a message is made of the course's own words, of names of built-in
exceptions and of what `mlpkit.testing` says in ``about_hidden``, and of nothing else. What is left
to such code is which of these messages it gets, and points.
"""

from __future__ import annotations

import ast
import linecache
import traceback

from autograder.exam.examiner.student_errors import StudentError, nearest_builtin
from mlpkit.testing.words import CheckFailed

FAILS = "A hidden check of this cell fails."


def about_hidden(error: BaseException, seconds: float) -> str:
    """The message of a check on hidden inputs that raised ``error``."""
    if not isinstance(error, Exception):  # TestTimeout
        return f"This check did not end within {seconds:g} s."
    if isinstance(error, CheckFailed):
        return error.about_hidden or FAILS
    if isinstance(error, StudentError):
        return error.about_hidden or f"{FAILS} It could not use your code."
    if isinstance(error, AssertionError):
        return _authors_words(error) or FAILS
    if type(error).__module__.startswith("_pytest"):
        return FAILS
    return f"This check could not use what your code gave it ({nearest_builtin(type(error))})."


def _authors_words(error: BaseException) -> str:
    """The message of the course's ``assert`` that failed, where it is plain text."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "ipython-input" in frame.filename
    ]
    if not frames:
        return ""
    line = frames[-1].lineno or 0
    try:
        tree = ast.parse("".join(linecache.getlines(frames[-1].filename)))
    except (SyntaxError, ValueError, RecursionError):
        return ""
    found = [
        node.msg.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
        and node.lineno <= line <= (node.end_lineno or 0)
        and isinstance(node.msg, ast.Constant)
        and isinstance(node.msg.value, str)
    ]
    return found[-1].strip() if found else ""
