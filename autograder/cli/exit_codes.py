"""What the exit code of a command says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.result import COULD_NOT_RUN, GRADED, Result

EVERYONE_GRADED, NEEDS_A_PERSON, FAULT, STOPPED = 0, 1, 2, 130


def exit_code(results: Iterable[Result], left: Sequence[str] = ()) -> int:
    """0 everyone graded, 1 somebody needs a person or is ``left``, 2 something could not run."""
    found = {result.status for result in results}
    if COULD_NOT_RUN in found:
        return FAULT
    return NEEDS_A_PERSON if left or found - {GRADED} else EVERYONE_GRADED
