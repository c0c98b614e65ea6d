"""Why a check failed: the wrong reading of the course's own solution that gives what it was given.

What a check calls is noted; when it fails, the reference and its mutants (`autograder.mutants`) are
run on the same arguments, here, where no code of the student's is.
"""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Any

from autograder.exam.examiner import side_effects
from autograder.exam.examiner.proxies import CallableProxy, Proxy, inside
from autograder.exam.examiner.student_errors import StudentError
from autograder.exam.examiner.verdict import TestTimeout, set_alarm
from autograder.mutants.calls_seen import Call, CallsSeen, Raised, TooLargeError, snapshot
from autograder.mutants.derive import Mutant
from autograder.mutants.diagnose import Diagnosis, carried_on, diagnose, reference_space
from autograder.mutants.prove import graded_mutants
from autograder.mutants.recorded import parts, recorded
from autograder.mutants.student_lines import lines_of
from autograder.notebook.source_cells import SOLUTION, SourceCell
from mlpkit.testing.words import stop

SECONDS = 2.0  # in which a cause is found, or none is named
MOST_BYTES = 1 << 20  # of arguments of a call that is noted
VAGUE = "Next: work a case of one sample", "Next: look for a factor that is 0"
BY_SHAPE = "Next: sum over every axis", "Next: check which axes you sum over"
FIX = "find the place in your line, fix it, and run this cell again"


class Causes:
    """What the checks of one exam called, and what explains their failures."""

    def __init__(self, steps: Sequence[SourceCell], texts: Sequence[str] = ()) -> None:
        self.steps, self.texts = steps, texts  # texts of the student's cells
        self.seen = CallsSeen()
        self.noting = True
        self.derived: set[str] = set()  # ids of the solution cells whose mutants were needed

    def begin(self) -> None:
        """A check begins."""
        self.seen.calls.clear()

    def called(
        self, name: str, target: Proxy, args: list[Any], kwargs: dict[str, Any]
    ) -> Callable[[Any], None] | None:
        """Note a call with its arguments as they are before it; they may be changed in place."""
        if not self.noting:
            return None
        try:
            before = snapshot((tuple(args), kwargs), MOST_BYTES)
        except TooLargeError:
            return None
        return partial(self._gave, target, *before)

    def _gave(self, target: Proxy, args: Any, kwargs: Any, value: Any) -> None:
        if isinstance(value, StudentError):
            value = Raised(str(value))
        with suppress(TooLargeError):
            value = snapshot(value, MOST_BYTES)
            self.seen.note(inside(target)["_binding"] or "", target, args, kwargs, value)

    def told(
        self, step: SourceCell, message: str, space: Mapping[str, Any], error: BaseException
    ) -> str:
        """The message of a failed check with the cause, where one is known for certain."""
        if isinstance(error, StudentError) and not self._ended_in_an_error():
            return message
        said = re.search(r"^Likely cause: (.+?)\.?$", message, re.M)
        if said and said[1] in step.source:  # written for this very mistake
            return message
        found = self._found(step, space)
        if found is None or not found.cause:
            return message
        return with_cause(message, found.cause, known=bool(found.readings))

    def _ended_in_an_error(self) -> bool:
        """Whether the last call raised an exception: it did not run out of time, or die."""
        return bool(self.seen.calls) and isinstance(self.seen.calls[-1].value, Raised)

    def _found(self, step: SourceCell, space: Mapping[str, Any]) -> Diagnosis | None:
        self.noting = False
        set_alarm(SECONDS)
        try:
            with side_effects.refused():
                cells = self._cells_before(step)
                right = reference_space(space, cells)
                students = {
                    name: side_effects.lifted(value) if isinstance(value, CallableProxy) else value
                    for name, value in space.items()
                }
                return diagnose(
                    self.seen.calls,
                    self._mutants(step),
                    right,
                    partial(lines_of, self.texts),
                    partial(self._asked, step, right),
                    partial(carried_on, right=right, students=students, cells=cells),
                )
        except (TestTimeout, Exception, SystemExit, KeyboardInterrupt):
            return None
        finally:
            set_alarm(0)
            self.noting = True

    def _asked(self, step: SourceCell, right: dict[str, Any]) -> list[Call]:
        """What the whole check asks of the reference; nothing where that takes long."""
        names = [name for one in self.steps if one.kind == SOLUTION for name in one.names or ()]
        set_alarm(SECONDS / 2)
        try:
            codes = [compile(part, f"<{step.id}>", "exec") for part in parts(step)]
            return recorded(codes, right, names).seen.calls
        except TestTimeout:
            return []
        finally:
            set_alarm(SECONDS)

    def _cells_before(self, step: SourceCell) -> list[tuple[types.CodeType, Sequence[str]]]:
        place = next(k for k, one in enumerate(self.steps) if one is step)
        cells = [one for one in self.steps[:place] if one.kind == SOLUTION and one.names]
        found = [(_functions(one.source), list(one.names or ())) for one in cells]
        return [(code, names) for code, names in found if code is not None]

    def _mutants(self, step: SourceCell) -> Callable[[str], list[Mutant]]:
        place = next(k for k, one in enumerate(self.steps) if one is step)

        def of(name: str) -> list[Mutant]:
            for one in reversed(self.steps[:place]):
                if one.kind == SOLUTION and name in (one.names or {}):
                    self.derived.add(one.id)
                    return [mutant for mutant in graded_mutants(one) if mutant.function == name]
            return []

        return of


@cache
def _functions(source: str) -> types.CodeType | None:
    """What a solution cell defines, without what it runs; None where it is not plain Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    kept = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    tree.body = [line for line in tree.body if isinstance(line, kept)]
    return compile(tree, "<reference>", "exec") if tree.body else None


def with_cause(message: str, cause: str, known: bool = False) -> str:
    """A check's message with this cause in the place of a vaguer one.

    What to do next is then to fix it, where the message knows no more, or, with a ``known`` cause,
    where it goes by the shape alone.
    """
    lines = [line for line in message.split("\n") if not line.startswith("Likely cause: ")]
    where = next((k for k, line in enumerate(lines) if line.startswith("Next: ")), len(lines))
    if where == len(lines) or lines[where].startswith(VAGUE + BY_SHAPE * known):
        lines[where : where + 1] = [f"Next: {FIX}."]
    return "\n".join([*lines[:where], f"Likely cause: {stop(cause)}", *lines[where:]])
