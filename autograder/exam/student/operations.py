"""What a check asks of a student's object that is no operator of Python's: ``with``, ``await``."""

from __future__ import annotations

import builtins
from typing import Any


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
