"""What a check that runs beside student code finds of Python and its libraries: as it was before.

A student's code may have put functions of its own in place of those that a check calls. This
makes that useless where it is done by the common ways: attributes and entries of modules, code of
functions, IPython's transformers, names that given cells import. Code that looks for this very
object in memory still wins. Hence the flag on every such check.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any

# They compare, raise or report: methods of their classes are kept, too, and the code of functions.
_CHECKING = (
    "unittest",
    "numpy.testing",
    "numpy.ma.testutils",
    "pandas._testing",
    "pandas.testing",
    "mlpkit.testing",
    "pytest",
    "_pytest",
)
_ALWAYS = "unittest", "unittest.mock", "numpy.testing", "mlpkit.testing"
_OURS = "autograder"
_CODE = "__code__", "__defaults__", "__kwdefaults__"


class Pristine:
    """The functions, classes and modules of Python as they are when this is made.

    ``restore()`` puts back what is no longer the same, and names what compares among it;
    ``restore(only_ours=True)`` does so for the harness alone. It is a function that no module has.
    """

    def __init__(self, ipython: Any) -> None:
        for name in _ALWAYS:
            importlib.import_module(name)
        modules = {
            name: module
            for name, module in list(sys.modules.items())
            if type(module) is ModuleType and name != "__main__"
        }
        ours, theirs = _Kept(), _Kept()
        for name, module in modules.items():
            (ours if name.startswith(_OURS) else theirs).add(name, module)
        lists = [(one, list(one)) for one in _transformers(ipython)]
        own = frozenset(vars(ipython))

        def restore(only_ours: bool = False) -> list[str]:
            changed = ours.put_back()
            if only_ours:
                return []
            sys.settrace(None)
            sys.setprofile(None)
            for name, module in modules.items():
                if sys.modules.get(name) is not module:
                    sys.modules[name] = module
            for name in [name for name in sys.modules if _is_made_up(name, modules)]:
                del sys.modules[name]
            for transformers, before in lists:
                transformers[:] = before
            for name in frozenset(vars(ipython)) - own:
                if hasattr(type(ipython), name):
                    delattr(ipython, name)
            changed += theirs.put_back()
            names = [(_module_of(owner), name) for owner, name in changed]
            return [f"{module}.{name}" for module, name in names if _is_checking(module)]

        self.restore = restore


class _Kept:
    """Attributes of modules; of those that compare, of their classes and functions, too."""

    def __init__(self) -> None:
        self.attributes: list[tuple[Any, str, Any]] = []
        self.codes: list[tuple[Any, str, Any]] = []

    def add(self, name: str, module: ModuleType) -> None:
        """Remember a module."""
        self.attributes += _parts(module)
        if not (_is_checking(name) or name.startswith(_OURS)):
            return
        classes = [one for one in vars(module).values() if _is_class_of(one, name)]
        for owner in classes:
            self.attributes += _parts(owner)
        for function in _functions([module, *classes]):
            self.codes += [(function, part, getattr(function, part)) for part in _CODE]

    def put_back(self) -> list[tuple[Any, str]]:
        """Put back what was changed, and say what."""
        found = [
            (owner, name, value)
            for owner, name, value in self.attributes
            if vars(owner).get(name) is not value
        ]
        found += [part for part in self.codes if getattr(part[0], part[1]) is not part[2]]
        for owner, name, value in found:
            setattr(owner, name, value)
        return [(owner, name) for owner, name, _ in found]


def import_again(statements: Iterable[str], space: dict[str, Any]) -> None:
    """Let names that given cells imported mean a library again, where they mean none, and what
    compares the library's own. A student may import another library under such a name.
    """
    for statement in statements:
        found: dict[str, Any] = {}
        try:
            exec(statement, found)
        except Exception:  # as in the given cell
            continue
        for name, value in found.items():
            if name == "__builtins__" or space.get(name) is value:
                continue
            module = type(value) is ModuleType and not _is_imported(space.get(name))
            if module or _is_checking(_module_of(value)):
                space[name] = value


def _parts(owner: Any) -> list[tuple[Any, str, Any]]:
    kept = staticmethod, classmethod, property, ModuleType
    return [
        (owner, name, value)
        for name, value in vars(owner).items()
        if callable(value) or isinstance(value, kept)
    ]


def _functions(owners: Iterable[Any]) -> Iterator[FunctionType]:
    for owner in owners:
        for value in vars(owner).values():
            value = getattr(value, "__func__", value)
            if isinstance(value, FunctionType):
                yield value


def _transformers(ipython: Any) -> list[list[Any]]:
    """IPython's lists of what changes a cell before it runs."""
    if ipython is None:
        return []
    manager = ipython.input_transformer_manager
    names = "cleanup_transforms", "line_transforms", "token_transformers"
    found = [getattr(manager, name, None) for name in names]
    found += [ipython.ast_transformers, ipython.input_transformers_post]
    return [one for one in found if isinstance(one, list)]


def _is_checking(name: str) -> bool:
    return name.startswith(_CHECKING)


def _is_class_of(value: Any, module: str) -> bool:
    return isinstance(value, type) and value.__module__ == module


def _module_of(value: Any) -> str:
    found = value.__name__ if type(value) is ModuleType else getattr(value, "__module__", "")
    return found if isinstance(found, str) else ""


def _is_made_up(name: str, known: dict[str, ModuleType]) -> bool:
    """Whether a module of what compares was put there, not imported."""
    if name in known or not _is_checking(name):
        return False
    return getattr(getattr(sys.modules[name], "__spec__", None), "origin", None) is None


def _is_imported(value: Any) -> bool:
    """Whether this is a module that an import statement gives."""
    return (
        isinstance(value, ModuleType)
        and sys.modules.get(value.__name__) is value
        and value.__spec__ is not None
    )
