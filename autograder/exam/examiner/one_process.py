"""Checks that cannot run in two processes, run as nbgrader runs them: beside the student's code.

The notebook is replayed in a student process of its own, with its checks in their places. A check
there can be forged by the student's code, so this is done only for those that the course's own
solution does not pass otherwise, and what they earn is flagged. The outputs are not kept.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from autograder.exam.examiner.session import Session
from autograder.exam.examiner.student_errors import StudentError
from autograder.exam.examiner.verdict import judge
from autograder.exam.protocol.messages import Raised
from autograder.exam.protocol.validation import read_raised
from autograder.exam.shell.shell import Outcome
from autograder.notebook.defined_names import imported_names
from autograder.notebook.rebuild import PlacedCell
from autograder.notebook.source_cells import EXPERIMENT, GIVEN, OPEN, TEST
from autograder.result import Check


def checks_beside(
    cells: Sequence[PlacedCell], session: Session, wanted: Container[str]
) -> list[Check]:
    """The ``wanted`` checks, by id, as they come out beside the student's code."""
    last = max((place for place, cell in enumerate(cells) if cell.step.id in wanted), default=-1)
    checks, imports = [], dict[str, str]()
    try:
        session.keep_pristine()
        for placed in cells[: last + 1]:
            step = placed.step
            if step.kind == TEST:
                session.seen_hidden |= bool(step.hidden_lines)
                outcome = _outcome(session, step.id, step.source, list(imports.values()))
                if step.id in wanted:
                    checks.append(judge(step, outcome, session.seen_hidden))
            elif step.code and step.kind != EXPERIMENT:
                given = step.kind in (GIVEN, OPEN)
                imports |= imported_names(step.source) if step.kind == GIVEN else {}
                text = (placed.text or step.source) if given else placed.text or ""
                if text.strip():
                    session.run(step.id, text)
    except StudentError:
        pass  # its process could not be started again: what was not reached stays as it was
    return checks


def _outcome(session: Session, cell_id: str, source: str, imports: list[str]) -> Outcome:
    """What came of a check, as far as the student process says."""
    try:
        reply = session.judge(cell_id, source, imports)
        if not isinstance(reply, Raised):
            return Outcome([], reply.value)
        kinds, message, _ = session.parse(read_raised, reply, "The check")
    except StudentError as error:
        return Outcome([], error=error)
    return Outcome([], error=_error(kinds, message))


def _error(kinds: list[str], message: str) -> BaseException:
    if "AssertionError" in kinds:
        return AssertionError(message)
    described: Any = f"{kinds[0]}: {message}".removesuffix(": ")
    return StudentError(described)
