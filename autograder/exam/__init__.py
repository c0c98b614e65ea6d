"""The exam: student code never shares a process with a test.

``examine(source, submission, limits) -> Result`` takes and returns plain data. Two warm processes
stand behind it: one forks an *examiner* for each notebook, the other, in a sandbox, the
*candidates* that run the student's cells.
"""

from autograder.exam.limits import Limits
from autograder.exam.seat import ExamError, close_seats, examine

__all__ = ["ExamError", "Limits", "close_seats", "examine"]
