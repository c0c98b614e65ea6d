"""The exam: student code runs in one process, its tests in another.

``examine(source, submission, limits) -> Result`` takes and returns plain data. Two warm processes
stand behind it: one forks an *examiner* for each notebook, the other, in a sandbox, the
*student processes* that run the student's cells.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograder.errors import ExamError
from autograder.sandbox.limits import Limits

if TYPE_CHECKING:
    from autograder.exam.pool import examine, shutdown

__all__ = ["ExamError", "Limits", "shutdown", "examine"]


def __getattr__(name: str) -> Any:
    """The pool, when it is first asked for: the processes of an exam import this package too."""
    if name in ("examine", "shutdown"):
        return getattr(import_module("autograder.exam.pool"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
