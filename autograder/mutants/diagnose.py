"""Which wrong reading of the reference gives exactly what a student's function gave?

A cause is named only where it accounts for every call that the check made, right ones included,
and where these hold more than one small whole number.
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograder.mutants.calls_seen import (
    STOPPED,
    Call,
    Raised,
    alike,
    differing,
    size_of,
    snapshot,
    tells_little,
)
from autograder.mutants.derive import EVERYWHERE, TICK, Mutant, Rounds, sentence
from autograder.mutants.not_finite import about_not_finite
from autograder.mutants.readings import VAGUE, distinct, finite, quiet
from autograder.mutants.student_lines import SIMPLE

CALLS_HELD = 12  # that a mutant has to account for
MOST_BYTES = 1 << 20  # of a call's arguments that mutants are run on
MOST_NAMED = 2  # readings; where more give the same, which one it is is not known


@dataclass(frozen=True)
class Diagnosis:
    """The function that is wrong and the mutants that give its values."""

    function: str
    mutants: Sequence[Mutant]
    readings: Sequence[Mutant] = ()  # of the mutants, one for each thing that they say
    call: Call | None = None
    right: Any = None
    note: str = ""  # a cause that no mutant is needed for

    @property
    def cause(self) -> str:
        """Words for behind "Likely cause:", "" where none is known, or too many are."""
        told = dict.fromkeys(sentence(mutant) for mutant in self.readings)
        if not told:
            return self.note
        if len(told) > MOST_NAMED:
            return ""
        once = all(one.endswith(EVERYWHERE) for one in told)  # then it is said once, at the end
        short = [one.removesuffix(EVERYWHERE) if once else one for one in told]
        return ", or ".join(short) + EVERYWHERE * once


def diagnose(
    calls: Sequence[Call],
    mutants: Callable[[str], Iterable[Mutant]],
    space: Mapping[str, Any],
    lines: Callable[[str], Collection[str]] = lambda function: (),
    asked: Callable[[], Sequence[Call]] = tuple,
    elsewhere: Callable[[Call], str] = lambda call: "",
) -> Diagnosis | None:
    """What is wrong with the last call that is wrong; None where the reference agrees with all.

    ``space`` holds the reference's functions, and what they need. ``lines`` gives those of the
    student in a function: of several mutants with the same value, the one that stands there is
    meant. ``asked`` gives what the whole check asks the reference, what was not reached included:
    mutants that differ there are different readings. ``elsewhere`` says of a call if it is wrong
    by another function's fault.
    """
    with quiet():
        wrong = _last_wrong(calls, space)
        if wrong is None:
            return None
        call, right = wrong
        if note := elsewhere(call):
            return Diagnosis(call.name, (), (), call, right, note)
        same = [one for one in calls if one.name == call.name and one is not call]
        held = [call, *same[::-1]][:CALLS_HELD]
        of_function, theirs = mutants(call.name), lines(call.name)
        stand = [
            mutant
            for mutant in of_function
            if theirs
            and isinstance(mutant.statement, SIMPLE)
            and mutant.line in theirs
            and accounts_for(mutant, held, space)
        ]
        found = stand or [one for one in of_function if accounts_for(one, held, space)]
        readings = distinct(found, held, partial(built, space=space), asked)
        if not stand and not _is_sure(readings, held, right):
            readings = []
        if readings:
            return Diagnosis(call.name, found, readings, call, right)
        others = [(one.value, _value(one, space.get)) for one in same]
        return Diagnosis(call.name, found, (), call, right, about_not_finite(call, right, others))


def _last_wrong(calls: Sequence[Call], space: Mapping[str, Any]) -> tuple[Call, Any] | None:
    """The last call that is wrong, and what is right."""
    for call in reversed(calls):
        if size_of((call.args, call.kwargs)) <= MOST_BYTES:
            right = _value(call, space.get)
            if not isinstance(right, Raised) and not alike(right, call.value):
                return call, right
    return None


def _is_sure(readings: Sequence[Mutant], held: Sequence[Call], right: Any) -> bool:
    """Whether the values of the calls, the wrong one first, tell the readings from all else.

    An exception does not, nor do a few small whole numbers. Where what differs is no more than
    that, one reading is named that is of an operator that says what is wrong with a term.
    """
    wrong = held[0].value
    others = [one.value for one in held[1:] if not isinstance(one.value, Raised)]
    values = [wrong, *filter(finite, others)]
    if isinstance(wrong, Raised) or tells_little(values):
        return False
    clear = len(readings) == 1 and readings[0].operator not in VAGUE
    return clear or not tells_little(differing(wrong, right))


def carried_on(
    call: Call,
    right: Mapping[str, Any],
    students: Mapping[str, Any],
    cells: Iterable[tuple[types.CodeType, Iterable[str]]],
) -> str:
    """The cause where the called function is right, and one of the student's that it calls is not.

    ``right`` are the reference's functions, ``students`` the student's own.
    """
    code = next((code for code, names in cells if call.name in names), None)
    function = right.get(call.name)
    if code is None or not isinstance(function, types.FunctionType):
        return ""
    for name in function.__code__.co_names:
        other = students.get(name)
        if name == call.name or not callable(other) or isinstance(other, type | types.ModuleType):
            continue
        functions = {**right, name: other}
        exec(code, functions)
        functions[name] = other
        if alike(_value(call, functions.get), call.value):
            return f"the error is carried on from {name}, which it calls: fix {name} first"
    return ""


def accounts_for(mutant: Mutant, calls: Sequence[Call], space: Mapping[str, Any]) -> bool:
    """Whether the mutant gives what the student's function gave, in all of the calls."""
    functions = built(mutant, space)
    if functions is None:
        return False
    return all(alike(_value(call, functions.get), call.value) for call in calls)


def built(mutant: Mutant, space: Mapping[str, Any]) -> dict[str, Any] | None:
    """A namespace with the mutant in it, where it is Python."""
    if mutant.code is None:
        return None
    functions = {**space, TICK: Rounds()}
    try:
        exec(mutant.code, functions)
    except STOPPED:
        return None
    return functions


def _value(call: Call, functions: Callable[[str], Any]) -> Any:
    try:
        return call.again(functions)
    except STOPPED as error:
        return Raised(str(error))


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
