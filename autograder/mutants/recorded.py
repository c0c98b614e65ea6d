"""Run a check where all is at hand, without an exam, and note what it asks."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from autograder.mutants.calls_seen import STOPPED, CallsSeen, snapshot
from autograder.mutants.rerun import rebound
from autograder.notebook.source_cells import SourceCell


@dataclass(frozen=True)
class Ran:
    """What came of a check: the calls it made, its error, and whether its hidden part raised it."""

    seen: CallsSeen
    error: BaseException | None = None
    hidden: bool = False


def recorded(codes: Iterable[types.CodeType], space: dict[str, Any], names: Collection[str]) -> Ran:
    """Run a check's parts, ``codes``, in a copy of ``space``, and note the calls of ``names``."""
    seen = CallsSeen()
    outside = dict(space)
    for name in names:
        if callable(space.get(name)) and not isinstance(space[name], type):
            outside[name] = _recorded(name, space[name], seen)
    outside = rebound(outside, keep=set(names))
    for part, code in enumerate(codes):
        try:
            exec(code, outside)
        except STOPPED as error:
            return Ran(seen, error, hidden=part == 1)
    return Ran(seen)


def _recorded(name: str, function: Any, seen: CallsSeen) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        before = snapshot(args), snapshot(kwargs)
        value = _recorded_leaves(function(*args, **kwargs), seen)
        seen.note(name, call, *before, snapshot(value))
        return value

    call.__name__ = name or "function"
    call.__wrapped__ = function  # type: ignore[attr-defined]
    return call


def _recorded_leaves(value: Any, seen: CallsSeen) -> Any:
    """Functions that are given back are recorded, too."""
    if type(value) in (list, tuple):
        return type(value)(_recorded_leaves(item, seen) for item in value)
    return _recorded("", value, seen) if isinstance(value, types.FunctionType) else value


def parts(step: SourceCell) -> list[str]:
    """A check's visible and its hidden part."""
    lines = step.source.splitlines()
    hidden = [line if step.hides(number) else "" for number, line in enumerate(lines, 1)]
    return [plain(step.released), plain("\n".join(hidden))]


def plain(text: str) -> str:
    """A cell's text without the lines that only IPython knows."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(("%", "!")))
