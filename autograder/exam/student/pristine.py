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
_Part = tuple[Any, str, Any, bool]  # owner, attribute, value, whether it is a part of a function
_CODE = "__code__", "__defaults__", "__kwdefaults__"


class Pristine:
    """The functions, classes and modules of Python as they are when this is made.

    ``restore()`` puts back what is no longer the same, and names what compares among it;
    ``restore(only_ours=True)`` does so for the harness alone. It is a function that no module has,
    and calls none that one has before these are put back.
    """

    def __init__(self, ipython: Any) -> None:
        for name in _ALWAYS:
            importlib.import_module(name)
        modules = {
            name: module
            for name, module in sys.modules.copy().items()
            if type(module) is ModuleType and name != "__main__"
        }
        ours: list[_Part] = []
        theirs: list[_Part] = []
        for name, module in modules.items():
            (ours if name.startswith(_OURS) else theirs).extend(_kept(name, module))
        lists = [(one, list(one)) for one in _transformers(ipython)]
        own = frozenset(vars(ipython))
        get, put, names, gone = getattr, setattr, vars, object()

        def put_back(kept: list[_Part]) -> list[_Part]:
            found = [
                part
                for part in kept
                if (get(part[0], part[1]) if part[3] else names(part[0]).get(part[1], gone))
                is not part[2]
            ]
            for owner, name, value, _ in found:
                put(owner, name, value)
            return found

        def restore(only_ours: bool = False) -> list[str]:
            changed = put_back(ours)
            if only_ours:
                return []
            changed += put_back(theirs)
            sys.settrace(None)
            sys.setprofile(None)
            for name, module in modules.items():
                if sys.modules.get(name) is not module:
                    sys.modules[name] = module
            for name in [name for name in sys.modules.copy() if _is_made_up(name, modules)]:
                del sys.modules[name]
            for transformers, before in lists:
                transformers[:] = before
            for name in frozenset(vars(ipython)) - own:
                if hasattr(type(ipython), name):
                    delattr(ipython, name)
            found = [(_module_of(owner), name) for owner, name, *_ in changed]
            return [f"{module}.{name}" for module, name in found if _is_checking(module)]

        self.restore = restore


def _kept(name: str, module: ModuleType) -> list[_Part]:
    """What is remembered of a module; of one that compares, of its classes and functions, too."""
    kept = _parts(module)
    if _is_checking(name) or name.startswith(_OURS):
        classes = [one for one in vars(module).values() if _is_class_of(one, name)]
        for owner in classes:
            kept += _parts(owner)
        for function in _functions([module, *classes]):
            kept += [(function, part, getattr(function, part), True) for part in _CODE]
    return kept


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


def _parts(owner: Any) -> list[_Part]:
    kept = staticmethod, classmethod, property, ModuleType
    return [
        (owner, name, value, False)
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
