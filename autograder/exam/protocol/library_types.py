"""Which module says how a library's values cross: it is imported when the first of them does."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from typing import Any

from autograder.exam.protocol.data_type import DataType

# The package of a type, and of what crosses under a name that begins with it.
PROVIDERS = {
    "pandas": "tables",
    "scipy": "scipy_types",
    "sklearn": "sklearn_types",
    "networkx": "graphs",
    "sympy": "sympy_types",
    "PIL": "pictures",
    "torch": "tensors",
    "numpy": "numpy_types",
    "pathlib": "stdlib_types",
    "uuid": "stdlib_types",
    "collections": "stdlib_types",
    "datetime": "stdlib_types",
    "zoneinfo": "stdlib_types",
    "builtins": "stdlib_types",
    "_io": "stdlib_types",
}


def of_value(value: Any) -> tuple[str, DataType] | None:
    """The name and the type under which a value crosses."""
    kind = type(value)
    package = str(kind.__module__).partition(".")[0]
    if package not in PROVIDERS or package not in sys.modules:
        return None
    found = _by_type(package).get(kind)
    return None if found is None else (f"{package}.{kind.__name__}", found)


def of_name(name: str) -> DataType:
    """The type that crosses under a name; KeyError where there is none.

    ImportError where the library is not installed here.
    """
    return _by_name(name.partition(".")[0])[name]


def is_data(kind: type) -> bool:
    """Whether values of this class cross as data."""
    package = str(kind.__module__).partition(".")[0]
    return package in PROVIDERS and package in sys.modules and kind in _by_type(package)


@cache
def _by_type(package: str) -> dict[type, DataType]:
    module = importlib.import_module(f"{__package__}.{PROVIDERS[package]}")
    found: dict[type, DataType] = {
        one.kind: one
        for one in module.DATA_TYPES
        if one.kind.__module__.partition(".")[0] == package
    }
    return found


@cache
def _by_name(package: str) -> dict[str, DataType]:
    return {f"{package}.{kind.__name__}": one for kind, one in _by_type(package).items()}
