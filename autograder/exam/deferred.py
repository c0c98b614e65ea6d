"""Modules that are imported when something of them is first asked for.

Most notebooks import matplotlib, and most checks draw nothing. With matplotlib in memory an
examiner has twice the pages, and each fork copies the table of them all.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


class Deferred(ModuleType):
    """Stands for a module; what is asked of it, or done to it, goes to the module itself."""

    def __init__(self, name: str, then: Callable[[], None]):
        super().__init__(name)
        vars(self)["_then"] = then

    def __getattr__(self, name: str) -> Any:
        return getattr(load(self.__name__), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(load(self.__name__), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(load(self.__name__), name)


def defer(name: str, then: Callable[[], None] = lambda: None) -> None:
    """Let a module be imported later, and ``then`` be called once it is. Its parent comes first."""
    sys.modules[name] = Deferred(name, then)
    parent, _, child = name.rpartition(".")
    if parent:
        vars(sys.modules[parent])[child] = sys.modules[name]


def load(name: str) -> ModuleType:
    """Import a module, a deferred one too."""
    found = sys.modules.get(name)
    if isinstance(found, Deferred):
        del sys.modules[name]
        importlib.import_module(name)
        vars(found)["_then"]()
    return importlib.import_module(name)


def loaded() -> set[str]:
    """The names of the modules that were imported."""
    return {name for name, module in list(sys.modules.items()) if not isinstance(module, Deferred)}
