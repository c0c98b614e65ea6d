"""The exam: student code never shares a process with a test.

``examine(source, submission, limits) -> Result`` takes and returns plain data. Two warm processes
stand behind it: one forks an *examiner* for each notebook, the other, in a sandbox, the
*student processes* that run the student's cells.
"""

from autograder.errors import ExamError
from autograder.exam.pool import examine, shutdown
from autograder.sandbox.limits import Limits

__all__ = ["ExamError", "Limits", "shutdown", "examine"]
