"""Which class of a library a student's object says it is of, for ``isinstance`` in a check.

The student process names the classes; they are looked up among those that the check's process has
imported, and nothing is imported for it. That is the object's own word, as its attributes are.
"""

from __future__ import annotations

import numbers
import sys
import types
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograder.exam.protocol import library_types

# Of these a student's object is never one: they cross as data, or are what a verdict rests on.
_NEVER = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type, np.generic,
          np.ndarray, np.random.Generator, BaseException, numbers.Number)  # fmt: skip
# Of Python's own types these are asked for, and nothing rests on them.
_PYTHONS: dict[str, type] = {"builtins:generator": types.GeneratorType}
_OURS = ("builtins", "types", "autograder", "mlpkit", "abc", "typing", "unittest", "functools")


def claimed_class(names: list[str], given: Callable[[str], Any]) -> type | None:
    """The class of the first of the ``names`` ("module:qualified name") that is known here.

    ``given(name)`` finds a class that a given cell made. Where the object's own class is not
    known, but one that it derives from is, the answer derives from that and has its own's name.
    """
    for place, name in enumerate(names):
        found = _find(name, given)
        if found is not None:
            return found if place == 0 else _derived(names[0].rpartition(":")[2], found)
    return None


def _find(name: str, given: Callable[[str], Any]) -> type | None:
    module, _, qualified = name.partition(":")
    if name in _PYTHONS:
        return _PYTHONS[name]
    if module.partition(".")[0] in _OURS:
        return None
    found: Any = given(qualified) if module == "__main__" else sys.modules.get(module)
    if module != "__main__":
        for part in qualified.split("."):
            found = vars(found).get(part) if hasattr(found, "__dict__") else None
    if not isinstance(found, type) or issubclass(found, _NEVER):
        return None
    return None if library_types.is_data(found) else found


@cache
def _derived(name: str, base: type) -> type:
    try:
        return type(base)(name, (base,), {})
    except TypeError:  # a metaclass of its own
        return base
