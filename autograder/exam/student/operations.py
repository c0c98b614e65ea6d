"""What a student process does to an object when it is asked to: Python's operators, and more."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from autograder.exam.protocol.operators import OPERATIONS
from autograder.exam.student.line_counter import Counter, make_counter


def operations() -> Mapping[str, Callable[..., Any]]:
    """All of them, by name."""
    return {**OPERATIONS, "count_lines": _counter(), "exit": leave, "await": wait_for}


@cache
def _counter() -> Counter:
    """One for all that are forked from here: the hook it sets is never taken out."""
    return make_counter()


def leave(target: Any, kind: str | None, message: str) -> bool:
    """``__exit__``, with an exception of that name if there was one; whether to suppress it."""
    if kind is None:
        return bool(type(target).__exit__(target, None, None, None))
    found = getattr(builtins, kind, None)
    error = (found if isinstance(found, type) and issubclass(found, Exception) else Exception)(
        message
    )
    return bool(type(target).__exit__(target, type(error), error, None))


def wait_for(target: Any) -> Any:
    """What a coroutine returns."""
    import asyncio

    return asyncio.run(target)
