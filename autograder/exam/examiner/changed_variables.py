"""Variables that functions of the course's own solution change, in step on both sides.

``log.append(x)`` in a student's function changes the student's ``log``; a check that reads ``log``
reads the examiner's. So before a call the student process gets what the check did to such a
variable, and after it the examiner takes over what the call did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from autograder.exam.examiner.namespace import StudentNamespace
from autograder.exam.examiner.proxies import Proxy, of_the_class
from autograder.exam.examiner.references import References, apply_changes


class Recollecting(Protocol):
    """The session."""

    names: StudentNamespace
    references: References

    def recollect(self, names: list[str]) -> dict[str, Any]:
        """What the student process has under these names: values, and ``Proxy`` of objects."""


class ChangedVariables:
    """Which they are, and what both sides have by now, as bytes."""

    def __init__(self, session: Recollecting, names: Iterable[str]):
        self.session, self.followed = session, sorted(names)
        self.known: dict[str, bytes | None] = {}
        self.pulling = False  # which asks the student process itself

    def begin(self) -> None:
        """A check begins: both sides have the same."""
        self.known = {name: self._bytes(name) for name in self.followed}

    def changed_here(self) -> dict[str, Any]:
        """What the check changed in place since then: name -> value."""
        found = {}
        for name, before in self.known.items():
            now = self._bytes(name)
            if now is not None and now != before:
                found[name], self.known[name] = self.session.names.space[name], now
        return found

    def pull(self) -> None:
        """Take over what a call did to them."""
        if not self.known or self.pulling:
            return
        self.pulling = True
        try:
            for name, value in self.session.recollect(self.followed).items():
                self._take(name, value)
        finally:
            self.pulling = False

    def _take(self, name: str, value: Any) -> None:
        names = self.session.names
        if name in names.space:
            names.replace(name, self._updated(names.space[name], value))
            self.known[name] = self._bytes(name)

    def _updated(self, here: Any, value: Any) -> Any:
        """What is here, as it is there; containers keep their identity."""
        if isinstance(here, Proxy):
            return value
        if isinstance(value, Proxy):
            there = of_the_class(here, value)
            if there is None:
                return value
            apply_changes(vars(here), vars(there))
            return here
        return apply_changes(here, value) if type(here) is type(value) else value

    def _bytes(self, name: str) -> bytes | None:
        space = self.session.names.space
        return self.session.references.as_bytes(space[name]) if name in space else None
