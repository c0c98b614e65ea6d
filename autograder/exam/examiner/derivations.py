"""Whether a student's functions are written as formulas, or computed numerically.

In a course that has its derivatives worked out by hand a numerical one earns nothing. Each function
that a passed check called is called once more and watched (``student.derivation``), all of them in
one request; what the course's own solution does numerically, a student may, too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograder.exam.examiner.student_errors import StudentError
from autograder.exam.protocol import codec
from autograder.exam.protocol.messages import Watch
from autograder.notebook.defined_names import parsed, read_names
from autograder.result import FAILED, PASSED, Check

if TYPE_CHECKING:
    from autograder.exam.examiner.session import Session

HOW = {
    "nearby": "it calls a function again and again, with single numbers moved a little",
    "complex": "by a complex step",
    "mlpkit": "with mlpkit's gradient checker",
    "unwatched": "or it hides how: it stops Python's profiler",
}
NUMERICAL = "numerical"  # with a function's name: what the course's own solution was seen to do


_IMAGINARY = re.compile(r"[\d.][jJ]").search  # a literal such as 1e-20j


class Derivations:
    """What a notebook's checks call, and how that is computed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        # function -> its last call
        self.last: dict[str, tuple[Any, list[Any], dict[str, Any]]] = {}
        self.of_check: dict[str, set[str]] = {}  # check -> functions that it called
        self.texts: list[str] = []  # of the student's cells

    def called(self, name: str, target: Any, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Note that a check calls a function of the student's."""
        if self.session.names.expected.get(name) == "function":
            self.last[name] = target, args, kwargs
            self.of_check.setdefault(self.session.test, set()).add(name)

    def judged(self, checks: Iterable[Check]) -> list[Check]:
        """The checks; those that passed by functions that compute numerically are lost."""
        checks = list(checks)
        passed = {check.id for check in checks if check.status == PASSED and not check.manual}
        names = sorted(set().union(*(self.of_check.get(check, ()) for check in passed)))
        how = {name: found for name, found in self._watched(names).items() if found}
        defined = self._may_be_complex()
        how |= {name: "complex" for name in names if _steps_into_the_complex(name, defined)}
        how = {name: found for name, found in how.items() if not self._is_allowed(name)}
        return [
            _lost(check, name, how[name])
            if check.id in passed and (name := self._first(check.id, how))
            else check
            for check in checks
        ]

    def _first(self, check: str, how: Mapping[str, str]) -> str:
        return next(iter(sorted(self.of_check.get(check, set()) & how.keys())), "")

    def _is_allowed(self, name: str) -> bool:
        return self.session.allowances.may(name, NUMERICAL)

    def _watched(self, names: Iterable[str]) -> dict[str, str]:
        session, doubts = self.session, dict(self.session.doubts)
        calls, asked = [], []
        for name in names:
            target, args, kwargs = self.last[name]
            try:
                calls.append([session.references.current(target), codec.Arguments(args, kwargs)])
                codec.encode(calls[-1], session.references.to_reference)
                asked.append(name)
            except (StudentError, codec.ProtocolError):
                del calls[len(asked) :]
        if not asked:
            return {}
        try:
            found = session.watch(Watch(calls))
        except (StudentError, TimeoutError):
            found = []
        session.doubts = doubts
        return dict(zip(asked, found, strict=False))

    def _may_be_complex(self) -> dict[str, ast.FunctionDef]:
        """The student's functions by name; none where no text has what a complex step needs."""
        if not (any(map(_IMAGINARY, self.texts)) and any("imag" in text for text in self.texts)):
            return {}
        return {
            node.name: node
            for text in self.texts
            for node in parsed(text).body
            if isinstance(node, ast.FunctionDef)
        }


def _steps_into_the_complex(name: str, defined: Mapping[str, ast.FunctionDef]) -> bool:
    """Whether a function, by its text and what it calls, takes parts of complex numbers."""
    seen: set[str] = set()
    waiting = [name]
    literal = imaginary = False
    while waiting:
        node = defined.get(one := waiting.pop())
        if node is None or one in seen:
            continue
        seen.add(one)
        for part in ast.walk(node):
            literal |= isinstance(part, ast.Constant) and isinstance(part.value, complex)
            imaginary |= isinstance(part, ast.Attribute) and part.attr == "imag"
        waiting += read_names(ast.unparse(node))
    return literal and imaginary


def _lost(check: Check, name: str, how: str) -> Check:
    message = (
        f"{name}(...) is computed numerically ({HOW.get(how, f'with {how}')}); write the formula.\n"
        "Next: derive it on paper, from the last operation back to the first."
    )
    return replace(check, status=FAILED, score=0.0, message=message)
