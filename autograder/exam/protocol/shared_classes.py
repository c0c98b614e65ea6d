"""Objects of classes that a given cell made: both processes have the class, and the state crosses.

Only plain classes: what an object of one is stands in its ``__dict__``, or it is a member of an
``Enum``. No code of the class runs when an object is built.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

_BASES = "__main__", "abc", "typing"  # modules of what such a class may derive from
MAX_ATTRIBUTES = 1_000


def is_plain(kind: type) -> bool:
    """Whether an object of this class is what its ``__dict__`` says, and is not called."""
    above = kind.__mro__[:-1]
    return (
        all(one.__module__ in _BASES for one in above)
        and not any(vars(one).get("__slots__") for one in above)
        and not any("__call__" in vars(one) for one in above)
        and kind.__dictoffset__ != 0
    )


def is_enumeration(kind: type) -> bool:
    """Whether it is an ``Enum`` of the notebook's own."""
    return issubclass(kind, Enum) and kind.__module__ == "__main__"


def build(kind: type, state: Any) -> Any:
    """An object of a plain class; TypeError for a state of another form."""
    made: Any = object.__new__(kind)
    vars(made).update(checked(kind, state))
    return made


def checked(kind: type, state: Any) -> dict[str, Any]:
    """What a frame says are the attributes of an object of this class.

    TypeError where they are none, or one would stand in place of a method of the class.
    """
    if type(state) is not dict or len(state) > MAX_ATTRIBUTES:
        raise TypeError("no attributes")
    if not all(type(name) is str and len(name) <= 200 for name in state):
        raise TypeError("attributes without names")
    if any(callable(getattr(kind, name, None)) for name in state):
        raise TypeError("an attribute in place of a method")
    return state
