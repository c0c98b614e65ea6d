"""How one type crosses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

MAX_RANGE = 10_000_000  # numbers in a range, or labels of one


class DataType(NamedTuple):
    """``parts(value)`` is plain data; ``build(*parts)`` raises ValueError, TypeError and the like
    for what is none. A value that ``build`` refuses is not sent either.
    """

    kind: type
    parts: Callable[[Any], Iterable[Any]]
    build: Callable[..., Any]
