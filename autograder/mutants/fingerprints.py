"""What a student's own notebook needs to name a cause: fingerprints of the mutants' wrong values.

Each mutant is held against the visible part of its check; the value that this refuses is
fingerprinted with the cause. `mlpkit.testing.causes` reads them, and says why they tell no answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.mutants.agreement import agrees
from autograder.mutants.calls_seen import is_simple, tells_little
from autograder.mutants.derive import Mutant
from autograder.mutants.diagnose import Diagnosis, built
from autograder.mutants.prove import Notebook
from autograder.mutants.readings import VAGUE, distinct
from autograder.notebook.source_cells import GIVEN, SOLUTION, TEST, SourceCell
from mlpkit.testing import causes
from mlpkit.testing.words import CheckFailed

Cells = Mapping[str, str]  # solution cells of a right answer: their texts by id


@dataclass(frozen=True)
class Named:
    """What a notebook says to one wrong value, and the mutants that give it."""

    cause: str  # "" where it is not known, or some are unlike
    mutants: Sequence[Mutant]
    unlike: Sequence[Mutant]  # for which no reading holds wherever a check may ask


def fingerprints(notebook: Notebook) -> dict[bytes, Named]:
    """Every wrong value that the visible checks can meet, by fingerprint."""
    found: dict[bytes, list[Mutant]] = {}
    telling: set[bytes] = set()
    for step in notebook.steps:
        if step.kind == SOLUTION:
            for mutant in notebook.mutants[step.id]:
                print_, tells = _refused(notebook, mutant, list(step.names or ()))
                if print_:
                    found.setdefault(print_, []).append(mutant)
                    telling.update([print_] if tells else [])
    return {
        print_: _named(notebook, mutants) if print_ in telling else Named("", mutants, ())
        for print_, mutants in found.items()
    }


def _refused(notebook: Notebook, mutant: Mutant, names: list[str]) -> tuple[bytes | None, bool]:
    """The value that the visible part of its first check refuses, and whether it tells much."""
    checks = notebook.checks_of[mutant.cell][:1] if mutant.code is not None else []
    for check in checks:
        causes.compared = "", None
        ran = notebook.run(check, mutant.code, names, hidden=False)
        name, value = causes.compared
        print_ = causes.fingerprint(name, value)
        if isinstance(ran.error, CheckFailed) and name and print_:
            return print_, _telling(mutant, value)
    return None, False


def _telling(mutant: Mutant, value: Any) -> bool:
    """Whether few other mistakes give the value; of one simple number vague readings are many."""
    return not tells_little(value) and not (mutant.operator in VAGUE and is_simple(value))


def _named(notebook: Notebook, mutants: list[Mutant]) -> Named:
    first = mutants[0]
    check = notebook.checks_of[first.cell][0]
    calls, space = notebook.calls_of(check), notebook.at_test[check]
    own = [call for call in calls if call.name == first.function]
    readings = distinct(mutants, own, lambda one: built(one, space), lambda: own)
    cause = Diagnosis(first.function, mutants, readings).cause
    unlike = [one for one in mutants if cause and not agrees(one, readings, calls, space)]
    return Named("" if unlike else cause, mutants, unlike)


@dataclass(frozen=True)
class Written:
    """A file of fingerprints: how many wrong values it names, and how many it leaves unnamed
    because a mutant gives them for which the cause would be false.
    """

    path: Path
    named: int
    unlike: int


def write(name: str, steps: Sequence[SourceCell], variants: Sequence[Cells] = ()) -> Written:
    """Write the fingerprints of an assignment into mlpkit.

    ``variants`` are other right answers: misread, they give other wrong values.
    """
    causes.FOLDER.mkdir(exist_ok=True)
    path = causes.FOLDER / f"{name}.json"
    found = fingerprints(Notebook(steps))
    for cells in variants:  # what the reference's mutants give is known by the reference's words
        found = fingerprints(Notebook(with_answers(steps, cells), only=cells)) | found
    known = {print_: one.cause for print_, one in found.items() if one.cause}
    content = {"code": digest(steps, variants), "causes": causes.sealed(known)}
    path.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")
    return Written(path, len(known), sum(bool(one.unlike) for one in found.values()))


def with_answers(steps: Iterable[SourceCell], cells: Cells) -> list[SourceCell]:
    """The cells with these texts of solution cells, by id, in the places of the reference's."""
    return [replace(one, source=cells.get(one.id, one.source)) for one in steps]


def difference(path: Path, steps: Iterable[SourceCell], variants: Iterable[Cells] = ()) -> str:
    """What is wrong with a file of fingerprints of these cells, "" if nothing."""
    if not path.is_file():
        return "is missing"
    if json.loads(path.read_text(encoding="utf-8")).get("code") != digest(steps, variants):
        return "is older than the code it was made from"
    return ""


def digest(steps: Iterable[SourceCell], variants: Iterable[Cells] = ()) -> str:
    """Of the code that fingerprints are made from: no prose, no experiments, no hidden tests."""
    found = hashlib.sha256()
    for step in steps:
        if step.code and step.kind in (GIVEN, SOLUTION, TEST):
            code = step.released if step.kind == TEST else step.source
            found.update(f"{step.id}\0{code.strip()}\0".encode())
    for cells in variants:
        found.update("".join(f"{name}\0{cells[name].strip()}\0" for name in sorted(cells)).encode())
    return found.hexdigest()[:16]
