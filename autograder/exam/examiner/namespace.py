"""The names that a student's cells define: what is behind them, and what stands for it here.

The examiner's cells find proxies and values under these names, or ``Missing`` where a value cannot
cross; a name that the student's cells did not define is not there. What a check does to them, it
does to the student's as well.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from itertools import repeat
from operator import is_
from types import ModuleType
from typing import Any

from autograder.exam.examiner.missing_names import Missing, kind_of
from autograder.exam.examiner.proxies import Proxy, inside
from autograder.exam.examiner.student_errors import student_error
from autograder.exam.protocol import named_tuples
from autograder.notebook.shared_names import SharedNames

# What a test may replace to stand in for a person at the keyboard, or to see what is printed.
PATCHED = "input", "print"
DELETED = object()  # where a name was


class StudentNamespace:
    """The names of one notebook; ``space`` is the examiner's namespace."""

    def __init__(self, shared: SharedNames) -> None:
        self.shared = shared
        self.space: dict[str, Any] = {}
        self.expected: dict[str, str] = {}  # names -> function, class or variable
        self.bindings: dict[str, Any] = {}  # of these, what the student's cells have left there
        self.missing: dict[str, str] = {}  # names -> why they are not there
        self.changing: frozenset[str] = frozenset()  # given variables that the cell may change
        self.given: set[str] = set()  # made by given cells, on both sides
        self.taken_back: set[str] = set()  # made here, though no cell's text shows it
        self.importing: Mapping[str, str] = {}  # what the cell being run imports -> the statement
        self.imported: set[str] = set()  # of all cells, what is there
        # What stands in ``space`` for the student's, and what a check may set for it to read.
        self.exported: dict[str, Any] = dict.fromkeys(shared.mirrored, DELETED)
        # Where a test changed that: what the student process has by now.
        self.shown: dict[str, Any] = {}
        self.original = {name: getattr(builtins, name) for name in PATCHED}

    def wanted(self) -> list[str]:
        """What a student process is asked for after a cell."""
        unresolved = self.shared.unresolved.difference(self.space).union(self.changing)
        return list(dict.fromkeys([*self.expected, *self.importing, *sorted(unresolved)]))

    def bind(self, found: Mapping[str, Any]) -> None:
        """Take over the values and proxies that a cell left.

        A name that was bound to what the reference binds there, say a function, keeps it when a
        later cell uses the name for something else.
        """
        for name in found.keys() - self.expected.keys():  # shared in another way
            self.expected[name] = kind_of(found[name])
        for name, value in found.items():
            if isinstance(value, Proxy) and inside(value)["_binding"] is None:
                inside(value).update(_binding=name, __name__=name)
            expected = self.expected.get(name)
            if expected == kind_of(value) or kind_of(self.bindings.get(name)) != expected:
                self.bindings[name] = value

    def unbind(self, name: str) -> None:
        """The student's cells have deleted a name."""
        placed = self.bindings.pop(name, None)
        if placed is not None and self.space.get(name) is placed:
            del self.space[name]
        self._not_exported(name)

    def export(self) -> None:
        """Put them where the examiner's cells look."""
        for name in self.expected:
            if name in self.bindings:
                self.space[name] = self.exported[name] = self.bindings[name]

    def made_here(self, names: Iterable[str]) -> None:
        """A given cell has made these names, on both sides: they are a student's no more."""
        for name in names:
            self.given.add(name)
            named_tuples.register([self.space.get(name)])
            self.bindings.pop(name, None)
            self.shown.pop(name, None)
            self._not_exported(name)

    def made_unread(self, before: Mapping[str, Any], *, but_data: bool = False) -> None:
        """Names that the course's cell made here though its text does not show them, say by
        ``from numpy.testing import *``: else a check would call what a student has under them.
        ``but_data``: a check may set that for the student's code to read.
        """
        for name, value in before.items():
            found = self.space.get(name, DELETED)
            if found is value or found is DELETED or isinstance(found, Proxy):
                continue
            if not but_data or callable(found) or isinstance(found, ModuleType):
                self.expected.pop(name, None)
                self.taken_back.add(name)
                self.made_here([name])

    def unread(self) -> dict[str, Any]:
        """What stands under the names that no cell's text shows to be made."""
        return {name: self.space.get(name, DELETED) for name in self.shared.unresolved}

    def replace(self, name: str, value: Any) -> None:
        """A call has given the student's name, or a given one, this meaning on both sides."""
        self.space[name] = value
        for known in (self.bindings, self.exported, self.shown):
            if name in known:
                known[name] = value

    def given_class(self, name: str) -> Any:
        """What a given cell, or a check, made under this name."""
        return None if name in self.bindings else self.space.get(name)

    def shares(self, kind: type) -> bool:
        """Whether a given cell made this class, so that the student process has it, too."""
        name = kind.__name__
        made_here = kind.__module__ == "__main__"  # not imported, as functools.partial may be
        return made_here and name in self.given and self.given_class(name) is kind

    def classes(self, names: Iterable[str]) -> dict[str, Any]:
        """What the student's cells, or given ones, made under these names."""
        return self.bindings | {
            name: self.given_class(name) for name in names if name in self.given
        }

    def _not_exported(self, name: str) -> None:
        self.exported.pop(name, None)
        if name in self.shared.mirrored:
            self.exported[name] = self.space.get(name, DELETED)

    def import_here(self) -> None:
        """Import what the course's solution imports in this cell, if the student's did, too.

        A check may use it; a module does not cross.
        """
        for name, statement in self.importing.items():
            if name in self.imported:
                self.missing.pop(name, None)
                try:
                    exec(statement, self.space)
                except Exception as error:
                    message = f"{name}: {type(error).__name__}: {error}"
                    self.space[name] = Missing(name, message)

    def explain(self, error: BaseException | None) -> BaseException | None:
        """Of a name that the student's cells should have defined, say why it is not there."""
        if not isinstance(error, NameError) or error.name in self.space:
            return error
        reason = self.missing.get(error.name or "")
        if reason is None:
            return error
        failure = student_error(["NameError"], reason)
        failure.about_hidden = reason  # of the cell that ran before
        return failure.with_traceback(error.__traceback__)

    def diff(self) -> dict[str, Any]:
        """What a test did to the student's names, unseen by the student process: name -> value.

        DELETED stands for a name that was deleted.
        """
        if self._untouched():
            return {}
        now = {
            name: self.space.get(name, DELETED)
            for name, placed in self.exported.items()
            if not isinstance(placed, Missing)
        }
        for name, original in self.original.items():
            if name not in self.exported:
                value = self.space.get(name, getattr(builtins, name))
                now[name] = DELETED if value is original else value
        return {
            name: value
            for name, value in now.items()
            if value is not self.shown.get(name, self.exported.get(name, DELETED))
        }

    def _untouched(self) -> bool:
        """Whether all stands as it was placed: asked before every call, so in few steps."""
        if self.shown:
            return False
        for name, original in self.original.items():
            if name in self.space or getattr(builtins, name) is not original:
                return False
        return all(
            map(is_, map(self.space.get, self.exported, repeat(DELETED)), self.exported.values())
        )
