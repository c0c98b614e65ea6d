"""Named tuples as data: the name of the class, its fields, and the values.

The other side makes a class of its own of the same name and fields, once; or takes the one whose
value it sent itself before, so that a student's function gets the student's own class.
"""

from __future__ import annotations

import keyword
from collections import namedtuple
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

MAX_FIELDS = 200
MAX_CLASSES = 1_000

_sent: dict[tuple[str, tuple[str, ...]], type] = {}


def parts(value: tuple[Any, ...]) -> list[Any] | None:
    """``[name, fields, values]``; None for a tuple of another class."""
    kind = type(value)
    fields = getattr(kind, "_fields", None)
    if type(fields) is not tuple or len(fields) != len(value):
        return None
    try:
        _check(kind.__name__, fields)
    except (ValueError, TypeError):
        return None
    if len(_sent) < MAX_CLASSES:
        _sent[kind.__name__, fields] = kind
    return [kind.__name__, list(fields), list(tuple.__iter__(value))]


def register(found: Iterable[Any]) -> None:
    """Of what a cell left: let values of a named tuple's name and fields be of that class."""
    for kind in list(found):
        if isinstance(kind, type) and issubclass(kind, tuple) and len(_sent) < MAX_CLASSES:
            fields: Any = getattr(kind, "_fields", None)
            if type(fields) is tuple:
                _sent[kind.__name__, fields] = kind


def build(name: Any, fields: Any, values: Any) -> Any:
    """The inverse; ValueError or TypeError for what is none."""
    if type(fields) is not list or type(values) is not list or len(values) != len(fields):
        raise TypeError("no named tuple")
    _check(name, tuple(fields))
    kind: Any = _sent.get((name, tuple(fields))) or _made(name, tuple(fields))
    return tuple.__new__(kind, values)


def _check(name: Any, fields: tuple[Any, ...]) -> None:
    if len(fields) > MAX_FIELDS or len(set(fields)) != len(fields):
        raise ValueError("too many fields")
    if not all(map(_is_name, (name, *fields))) or any(one.startswith("_") for one in fields):
        raise ValueError("no names of fields")


def _is_name(text: Any) -> bool:
    return (
        type(text) is str
        and len(text) <= 100
        and text.isidentifier()
        and not keyword.iskeyword(text)
    )


@lru_cache(256)
def _made(name: str, fields: tuple[str, ...]) -> type:
    return namedtuple(name, fields)
