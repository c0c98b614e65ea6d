"""Modules that are imported when something of them is first asked for.

Most notebooks import matplotlib, and most checks draw nothing. With matplotlib in memory a warm
process has twice the pages, and each fork copies the table of them all.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

DEFERRED = frozenset({"matplotlib", "mlpkit"})  # packages of which a part is, in warm processes
INSIDE = "deferred:"  # and a name: the search path of what lies in a deferred package


class Deferred(ModuleType):
    """Stands for a module; what is asked of it, or done to it, goes to the module itself."""

    def __init__(self, name: str, then: Callable[[], None]):
        super().__init__(name)
        vars(self).update(_then=then, __path__=[INSIDE + name])

    def __getattr__(self, name: str) -> Any:
        module = load(self.__name__)
        if name == "__all__" and not hasattr(module, name):  # import * would look in here instead
            return [known for known in vars(module) if not known.startswith("_")]
        return getattr(module, name)

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
    if _Inside not in sys.meta_path:
        sys.meta_path.insert(0, _Inside)


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
    return {name for name, module in sys.modules.copy().items() if not isinstance(module, Deferred)}


class _Inside:
    """An import hook: finds what lies in a deferred package, when that has been imported."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        """What the import system asks of a finder."""
        if not path or not str(path[0]).startswith(INSIDE):
            return None
        load(path[0].removeprefix(INSIDE))
        if name in sys.modules:  # it came along, and must not be made a second time
            return ModuleSpec(name, _Present(sys.modules.pop(name)))
        return importlib.util.find_spec(name)


class _Present(Loader):
    """A loader of what there is; the import system puts it into ``sys.modules`` again."""

    def __init__(self, module: ModuleType):
        self.module, self.spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """What the import system asks of a loader."""
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        """The module has been run already."""
        module.__spec__ = self.spec
