"""Run the code of a notebook again: in a copy of its names, and not for ever."""

from __future__ import annotations

import contextlib
import signal
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

SECONDS = 20  # for one check


def rebound(space: dict[str, Any], keep: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    """A copy of a namespace whose own functions look into the copy."""
    found = dict(space)
    for name, value in space.items():
        if (
            name not in keep
            and isinstance(value, types.FunctionType)
            and value.__module__ == "__main__"
        ):
            copied = types.FunctionType(
                value.__code__, found, value.__name__, value.__defaults__, value.__closure__
            )
            copied.__kwdefaults__ = value.__kwdefaults__
            found[name] = copied
    return found


@contextlib.contextmanager
def limited() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError(f"it did not end within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
