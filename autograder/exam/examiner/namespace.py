"""The names that a student's cells define: what is behind them, and what stands for it here.

The examiner's cells find proxies, values, or ``Missing`` under these names. What a check does to
them, it does to the student's as well.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from itertools import repeat
from operator import is_
from typing import Any

from autograder.exam.examiner.proxies import Missing, Proxy, kind_of

# What a test may replace to stand in for a person at the keyboard, or to see what is printed.
PATCHED = "input", "print"
DELETED = object()  # where a name was


class StudentNamespace:
    """The names of one notebook; ``space`` is the examiner's namespace."""

    def __init__(self) -> None:
        self.space: dict[str, Any] = {}
        self.expected: dict[str, str] = {}  # names -> function, class or variable
        self.bindings: dict[str, Any] = {}  # of these, what the student's cells have left there
        self.missing: dict[str, str] = {}  # names -> why they are not there
        self.importing: Mapping[str, str] = {}  # what the cell being run imports -> the statement
        self.imported: set[str] = set()  # of all cells, what is there
        self.exported: dict[str, Any] = {}  # what stands in ``space`` for the student's
        self.shown: dict[
            str, Any
        ] = {}  # where a test changed that: what the student process has by now
        self.original = {name: getattr(builtins, name) for name in PATCHED}

    def wanted(self) -> list[str]:
        """What a student process is asked for after a cell."""
        return list(dict.fromkeys([*self.expected, *self.importing]))

    def bind(self, found: Mapping[str, Any]) -> None:
        """Take over the values and proxies that a cell left.

        A name that was bound to what the reference binds there, say a function, keeps it when a
        later cell uses the name for something else.
        """
        for name, value in found.items():
            if isinstance(value, Proxy) and value.__dict__["_binding"] is None:
                value.__dict__.update(_binding=name, __name__=name)
            expected = self.expected.get(name)
            if expected == kind_of(value) or kind_of(self.bindings.get(name)) != expected:
                self.bindings[name] = value

    def export(self) -> None:
        """Put them where the examiner's cells look."""
        for name in self.expected:
            if name in self.bindings:
                self.space[name] = self.bindings[name]
            elif name in self.missing:
                self.space[name] = Missing(name, self.missing[name])
            if name in self.space:
                self.exported[name] = self.space[name]

    def import_here(self) -> None:
        """Import what the course's solution imports in this cell, if the student's did, too.

        A check may use it; a module does not cross.
        """
        for name, statement in self.importing.items():
            if name in self.imported or name == "*":
                try:
                    exec(statement, self.space)
                except Exception as error:
                    message = f"{name}: {type(error).__name__}: {error}"
                    self.space[name] = Missing(name, message)
            elif name not in self.expected:
                self.space.setdefault(name, Missing(name, self.missing[name]))

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
