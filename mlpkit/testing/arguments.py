"""Does a function leave its arguments as they were?"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from mlpkit.testing.words import CheckFailed

_NEXT = (
    "Likely cause: `-=`, `*=`, `W[i] = ...` or the like writes into the very array that was "
    "handed in.\n"
    "Next: work on a copy: `W = W - step` instead of `W -= step`, or W.copy() first."
)


def assert_unchanged(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Return what the call returns; raise AssertionError if it changed an argument in place.

    Arrays are found in nested lists, tuples and dicts, too.
    """
    __tracebackhide__ = True  # IPython leaves this frame out of the student's exception
    before = _snapshot([*args, *kwargs.values()])
    result = function(*args, **kwargs)
    for place, argument in enumerate([*args, *kwargs.values()]):
        if _first_change("", before[place], argument) is not None:
            name = [*_names(function, len(args)), *kwargs][place]
            changed = _first_change(name, before[place], argument)
            raise CheckFailed(
                f"{getattr(function, '__name__', 'It')}: your function changed its argument "
                f"{changed} in place.\n{_NEXT}",
                about_hidden=f"Your function changed its argument in place.\n{_NEXT}",
            )
    return result


_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def _snapshot(value: Any) -> Any:
    """Return an independent copy of the arrays and containers in ``value``."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: _snapshot(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_snapshot(item) for item in value]
    return value


def _first_change(path: str, old: Any, new: Any) -> str | None:
    """Return the path of the first thing that changed, such as ``params['W']``."""
    if isinstance(old, np.ndarray):
        if not isinstance(new, np.ndarray) or (old.shape, old.dtype) != (new.shape, new.dtype):
            return path
        return None if old.tobytes() == new.tobytes() else path
    if isinstance(old, dict):
        if list(old) != list(new):
            return path
        pairs = [(f"{path}[{key!r}]", old[key], new[key]) for key in old]
    elif isinstance(old, list):
        if len(old) != len(new):
            return path
        pairs = [(f"{path}[{i}]", a, b) for i, (a, b) in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, _PLAIN):
        return None if repr(old) == repr(new) else path
    else:
        return None if type(old) is type(new) else path
    return next(filter(None, (_first_change(*pair) for pair in pairs)), None)


def _names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        known = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        known = []
    names = [p.name for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [names[i] if i < len(names) else f"number {i + 1}" for i in range(count)]
