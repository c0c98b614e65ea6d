"""How one type crosses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

MAX_RANGE = 10_000_000  # numbers in a range, or labels of one


def as_its_parts(*parts: Any) -> int:
    """Of a type that takes about as much memory as its parts do."""
    return 0


class DataType(NamedTuple):
    """``parts(value)`` is plain data; ``build(*parts)`` raises ValueError, TypeError and the like
    for what is none. A value that ``build`` refuses is not sent either.

    ``size(*parts)`` are the bytes that ``build`` takes beyond those of the parts, where a few of
    them can make something large. It sees a stranger's parts before ``build`` does, and may raise
    as that.
    """

    kind: type
    parts: Callable[[Any], Iterable[Any]]
    build: Callable[..., Any]
    size: Callable[..., int] = as_its_parts
