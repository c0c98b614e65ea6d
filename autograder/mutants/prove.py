"""Run an assignment's checks against every mutant of its reference.

All is the course's own code, so it runs here, without an exam: a mutant costs milliseconds. What
no check catches is held against the reference on more inputs; where it still agrees it is taken
to be equivalent, else it is a hole in the check.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import types
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.mutants.agreement import agrees, why_equivalent
from autograder.mutants.calls_seen import (
    Call,
    CallsSeen,
    TooLargeError,
    alike,
    leaves,
    snapshot,
)
from autograder.mutants.derive import TICK, Mutant, Rounds, mutants_of
from autograder.mutants.diagnose import Diagnosis, diagnose
from autograder.mutants.recorded import Ran, parts, plain, recorded
from autograder.mutants.rerun import limited, rebound
from autograder.notebook.source_cells import GIVEN, SOLUTION, TEST, SourceCell

SEED = "mutants"
SKIPPED = ("on_paper",)


@dataclass
class Fate:
    """What became of one mutant.

    ``named``, from its values alone: "right" where a reading that is named gives the mutant's
    values for all arguments that the check may ask, hidden ones too, "wrong" where none does, ""
    where nothing was said;
    ``known_by_line``: it accounts for all values, so that its line in a student's code names it.
    """

    mutant: Mutant
    caught: bool
    message: str = ""
    error: BaseException | None = None  # that a visible part raised
    right_shape: bool = False
    named: str = ""
    known_by_line: bool = False
    diagnosis: Diagnosis | None = None
    equivalent: str = ""  # why it is taken to be the reference in other words, "" if it is not


@dataclass
class Proof:
    """The mutants that one check is responsible for."""

    check: str
    fates: list[Fate] = field(default_factory=list)

    @property
    def survivors(self) -> list[Fate]:
        return [one for one in self.fates if not one.caught and not one.equivalent]


class Notebook:
    """A source notebook that was run once with its reference.

    ``only`` names the solution cells that have mutants; None: all of them.
    """

    def __init__(self, steps: Sequence[SourceCell], only: Container[str] | None = None):
        self.steps = steps
        os.environ["MLPKIT_SEED"] = SEED
        self.space: dict[str, Any] = {"__name__": "__main__"}
        self.at_test: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, list[types.CodeType]] = {}  # of a check: visible, hidden part
        self.calls: dict[str, list[Call]] = {}  # of the reference, by check
        for step in steps:
            if step.code and step.kind in (GIVEN, SOLUTION, TEST):
                texts = parts(step) if step.kind == TEST else [plain(step.source)]
                self.codes[step.id] = [compile(one, f"<{step.id}>", "exec") for one in texts]
                if step.kind == TEST:
                    self.at_test[step.id] = dict(self.space)
                else:
                    exec(self.codes[step.id][0], self.space)
        self.mutants = {
            step.id: list(graded_mutants(step)) if only is None or step.id in only else []
            for step in steps
            if step.kind == SOLUTION
        }
        self.checks_of = {cell: self._checks_of(cell) for cell in self.mutants}

    def _checks_of(self, cell: str) -> list[str]:
        """The checks that use a name of the cell's, the one that follows it first."""
        place = next(k for k, step in enumerate(self.steps) if step.id == cell)
        names = set(self.steps[place].names or ())
        later = [step.id for step in self.steps[place:] if step.kind == TEST]
        return [one for one in later if any(names & _read(code) for code in self.codes[one])]

    def calls_of(self, check: str) -> list[Call]:
        """What a check asks of the reference."""
        if check not in self.calls:
            names = [
                name for step in self.steps if step.kind == SOLUTION for name in step.names or ()
            ]
            self.calls[check] = self.run(check, None, names).seen.calls
        return self.calls[check]

    def run(
        self,
        check: str,
        cell: types.CodeType | None,
        names: Sequence[str],
        hidden: bool = True,
    ) -> Ran:
        """Run a check on a mutated cell (None: the reference)."""
        space = rebound({name: _own(value) for name, value in self.at_test[check].items()})
        if cell is not None:
            space[TICK] = Rounds()
            exec(cell, space)
        with limited(), contextlib.redirect_stdout(io.StringIO()):
            return recorded(self.codes[check][: 1 + hidden], space, names)


MOST_COPIED = 1 << 16  # bytes of what a name holds; mutants find larger arrays as they are


def _own(value: Any) -> Any:
    """A copy that a mutant may change in place without harm to those that come after it."""
    try:
        return snapshot(value, MOST_COPIED)
    except TooLargeError:
        return value


def graded_mutants(step: SourceCell) -> tuple[Mutant, ...]:
    """The mutants of what a student writes in a solution cell, but for tables and problems on paper.

    Made once for each text: the examiners that are forked from a process have what it made.
    """
    return _graded_mutants(step.id, step.source)


@lru_cache(64)
def _graded_mutants(cell: str, source: str) -> tuple[Mutant, ...]:
    if cell in SKIPPED or "verdict" in cell:
        return ()
    lines = source.splitlines()
    first = next((k for k, line in enumerate(lines, 1) if "### BEGIN SOLUTION" in line), 1)
    last = next((k for k, line in enumerate(lines, 1) if "### END SOLUTION" in line), len(lines))
    return tuple(mutants_of(cell, plain(source), first, last))


def prove(notebook: Notebook) -> list[Proof]:
    """The fate of every mutant, by the check that is responsible for it."""
    proofs: dict[str, Proof] = {}
    for step in notebook.steps:
        mutants = notebook.mutants.get(step.id, [])
        checks = notebook.checks_of.get(step.id, [])
        if mutants and checks:
            proof = proofs.setdefault(checks[0], Proof(checks[0]))
            for mutant in mutants:
                if mutant.code is not None:
                    proof.fates.append(fate_of(notebook, mutant, step, checks))
    return list(proofs.values())


def fate_of(notebook: Notebook, mutant: Mutant, step: SourceCell, checks: Sequence[str]) -> Fate:
    """Hold one mutant against its checks, and where it is caught, diagnose it."""
    names = list(step.names or ())
    fate = Fate(mutant, False)
    for check in checks:
        ran = notebook.run(check, mutant.code, names)
        if ran.error is not None:
            fate.caught, fate.message = True, str(ran.error)
            fate.error = None if ran.hidden else ran.error
            _diagnose(notebook, fate, check, ran.seen)
            return fate
    calls, space = notebook.calls_of(checks[0]), notebook.at_test[checks[0]]
    fate.equivalent = why_equivalent(mutant, calls, space) or _another_order(
        notebook, fate, checks[0]
    )
    return fate


def _another_order(notebook: Notebook, fate: Fate, check: str) -> str:
    """Why another order is no mistake: the check accepts this one, and not any."""
    name = fate.mutant.function
    theirs = notebook.run(check, fate.mutant.code, [name]).seen.calls
    rights = [call for call in notebook.calls_of(check) if call.name == name]
    if len(theirs) != len(rights) or not all(map(_same_entries, theirs, rights)):
        return ""
    turned = compile(ast.unparse(fate.mutant.tree) + _TURNED.format(name), "<turned>", "exec")
    if notebook.run(check, turned, [name]).error is None:
        return ""
    return (
        "the same entries in another order, one of several right ones: the check tests the order, "
        "and refuses the reference's turned round"
    )


_TURNED = """
def turned(function):
    def other(*args):
        found = function(*args)
        return found[::-1] if type(found) is list else found
    return other
{0} = turned({0})
"""


def _same_entries(one: Call, other: Call) -> bool:
    a, b = one.value, other.value
    return alike(a, b) or (
        type(a) is type(b) is list and Counter(map(repr, a)) == Counter(map(repr, b))
    )


def _diagnose(notebook: Notebook, fate: Fate, check: str, seen: CallsSeen) -> None:
    space = notebook.at_test[check]
    by_function: dict[str, list[Mutant]] = {}
    for cell in notebook.mutants.values():
        for mutant in cell:
            by_function.setdefault(mutant.function, []).append(mutant)
    found = diagnose(
        seen.calls,
        lambda name: by_function.get(name, ()),
        space,
        asked=lambda: notebook.calls_of(check),
    )
    fate.diagnosis = found
    if found is None or found.call is None:
        return
    fate.right_shape = _shaped_alike(found.call.value, found.right)
    fate.known_by_line = fate.mutant in found.mutants
    if found.readings and found.cause:
        hidden_too = notebook.calls_of(check)
        truly = agrees(fate.mutant, found.readings, hidden_too, space)
        fate.named = "right" if truly and found.function == fate.mutant.function else "wrong"


def _shaped_alike(one: Any, other: Any) -> bool:
    """Whether a value has the structure and shapes of the other, and is finite."""
    a, b = dict(leaves(one)), dict(leaves(other))
    numbers = [leaf for leaf in a.values() if isinstance(leaf, np.ndarray | float)]
    alike_so_far = a.keys() == b.keys() and all(np.shape(a[k]) == np.shape(b[k]) for k in a)
    return alike_so_far and all(np.isfinite(n).all() for n in numbers if _is_float(n))


def _is_float(value: Any) -> bool:
    return np.asarray(value).dtype.kind == "f"


def _read(code: types.CodeType) -> set[str]:
    """The names that a piece of code reads, its functions included."""
    inner = [one for one in code.co_consts if isinstance(one, types.CodeType)]
    return set(code.co_names).union(*(_read(one) for one in inner))
