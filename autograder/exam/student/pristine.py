"""What a check that runs beside student code finds of Python and its libraries: as it was before.

A student's code may have put functions of its own in place of those that a check calls. This
makes that useless where it is done by the common ways; code that looks for this very object, or
rewrites code objects, still wins. Hence the flag on every such check.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

# Modules whose classes' methods are kept, too: they compare, raise or report.
_CHECKING = ("unittest", "numpy.testing", "numpy.ma.testutils", "pandas._testing", "pytest")
_OURS = "autograder"


class Pristine:
    """The functions and classes of some modules, as they are when this is made."""

    def __init__(self, modules: Iterable[tuple[str, Any]]):
        self.kept: list[tuple[Any, str, Any]] = []
        for name, module in modules:
            if type(module) is ModuleType and name != "__main__":
                self._keep(module)
                if name.startswith((*_CHECKING, _OURS)):
                    for value in list(vars(module).values()):
                        if isinstance(value, type) and value.__module__ == name:
                            self._keep(value)

    def _keep(self, owner: Any) -> None:
        for name, value in vars(owner).items():
            if callable(value) or isinstance(value, staticmethod | classmethod | property):
                self.kept.append((owner, name, value))

    def restore(self) -> None:
        """Put back what is no longer the same."""
        sys.settrace(None)
        sys.setprofile(None)
        for owner, name, value in self.kept:
            if vars(owner).get(name) is not value:
                setattr(owner, name, value)
