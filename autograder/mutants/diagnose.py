"""Which wrong reading of the reference gives exactly what a student's function gave?

A cause is named only where it accounts for every call that the check made, right ones included,
and where these hold more than one small whole number.
"""

from __future__ import annotations

import contextlib
import types
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.mutants.calls_seen import Call, alike, size_of, snapshot, tells_little
from autograder.mutants.derive import TICK, Mutant, Rounds, sentence

CALLS_HELD = 12  # that a mutant has to account for
MOST_BYTES = 1 << 20  # of a call's arguments that mutants are run on
MOST_NAMED = 2
VAGUE = "whole", "other_names"  # operators that are named last


@dataclass(frozen=True)
class Diagnosis:
    """The function that is wrong and the mutants that give its values, the likeliest first."""

    function: str
    mutants: Sequence[Mutant]
    call: Call | None = None
    right: Any = None

    @property
    def cause(self) -> str:
        """Words for behind "Likely cause:", "" where none is known: other places come first."""
        firsts: dict[str, None] = {}
        others: dict[str, None] = {}
        sites = set()
        for mutant in sorted(self.mutants, key=lambda one: one.operator in VAGUE):
            key = mutant.operator, id(mutant.site.parent)
            told = others if key in sites else firsts
            sites.add(key)
            told[sentence(mutant)] = None
        return ", or ".join(list(firsts | others)[:MOST_NAMED])


def diagnose(
    calls: Sequence[Call], mutants: Callable[[str], Iterable[Mutant]], space: Mapping[str, Any]
) -> Diagnosis | None:
    """What is wrong with the last call that is wrong; None where the reference agrees with all.

    ``space`` holds the reference's functions, and what they need.
    """
    with _quiet():
        for call in reversed(calls):
            if size_of((call.args, call.kwargs)) > MOST_BYTES:
                continue
            right = _value(call, space.get)
            if right is _NONE or alike(right, call.value):
                continue
            same = [one for one in calls if one.name == call.name and one is not call]
            held = [call, *same[::-1]][:CALLS_HELD]
            telling = not tells_little([one.value for one in held])
            found = [m for m in mutants(call.name) if telling and accounts_for(m, held, space)]
            return Diagnosis(call.name, found, call, right)
    return None


def carried_on(
    found: Diagnosis,
    right: Mapping[str, Any],
    students: Mapping[str, Any],
    cells: Iterable[tuple[types.CodeType, Iterable[str]]],
) -> str:
    """The cause where the function is right, and one of the student's that it calls is not.

    ``right`` are the reference's functions, ``students`` the student's own.
    """
    assert found.call is not None
    code = next((code for code, names in cells if found.function in names), None)
    function = right.get(found.function)
    if code is None or not isinstance(function, types.FunctionType):
        return ""
    for name in function.__code__.co_names:
        other = students.get(name)
        if (
            name == found.function
            or not callable(other)
            or isinstance(other, type | types.ModuleType)
        ):
            continue
        functions = {**right, name: other}
        exec(code, functions)
        functions[name] = other
        value = _value(found.call, functions.get)
        if value is not _NONE and alike(value, found.call.value):
            return f"the error is carried on from {name}, which it calls: fix {name} first"
    return ""


def accounts_for(mutant: Mutant, calls: Sequence[Call], space: Mapping[str, Any]) -> bool:
    """Whether the mutant gives what the student's function gave, in all of the calls."""
    functions = built(mutant, space)
    if functions is None:
        return False
    for call in calls:
        value = _value(call, functions.get)
        if value is _NONE or not alike(value, call.value):
            return False
    return True


def built(mutant: Mutant, space: Mapping[str, Any]) -> dict[str, Any] | None:
    """A namespace with the mutant in it, where it is Python."""
    if mutant.code is None:
        return None
    functions = {**space, TICK: Rounds()}
    try:
        exec(mutant.code, functions)
    except Exception:
        return None
    return functions


_NONE = object()


def _value(call: Call, functions: Callable[[str], Any]) -> Any:
    try:
        return call.again(functions)
    except Exception:
        return _NONE


@contextlib.contextmanager
def _quiet() -> Any:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def reference_space(
    space: Mapping[str, Any], cells: Iterable[tuple[types.CodeType, Iterable[str]]]
) -> dict[str, Any]:
    """The names of a notebook with the reference's functions for the student's.

    ``cells`` are solution cells, compiled, with the names that each defines. Functions of given
    cells then call the reference, too.
    """
    found: dict[str, Any] = snapshot(dict(space))  # what they change in place stays a copy
    own: set[str] = set()
    for code, names in cells:
        with contextlib.suppress(Exception):
            exec(code, found)
            own.update(names)
    for name, value in space.items():
        if name not in own and _is_plain(value, space):
            found[name] = types.FunctionType(
                value.__code__, found, name, value.__defaults__, value.__closure__
            )
            found[name].__kwdefaults__ = value.__kwdefaults__
    return found


def _is_plain(value: Any, space: Mapping[str, Any]) -> bool:
    return isinstance(value, types.FunctionType) and value.__globals__ is space
