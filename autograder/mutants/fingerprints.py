"""What a student's own notebook needs to name a cause: fingerprints of the mutants' wrong values.

Each mutant is held against the visible part of its check; the value that this refuses is
fingerprinted with the cause. `mlpkit.testing.causes` reads them, and says why they tell no answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.mutants.calls_seen import is_simple, tells_little
from autograder.mutants.derive import Mutant
from autograder.mutants.diagnose import Diagnosis, built
from autograder.mutants.prove import Notebook
from autograder.mutants.readings import VAGUE, distinct
from autograder.notebook.source_cells import GIVEN, SOLUTION, TEST, SourceCell
from mlpkit.testing import causes
from mlpkit.testing.words import CheckFailed

Cells = Mapping[str, str]  # solution cells of a right answer: their texts by id


def fingerprints(notebook: Notebook) -> dict[bytes, str]:
    """The cause of every wrong value that the visible checks can meet, by fingerprint."""
    found: dict[bytes, list[Mutant]] = {}
    for step in notebook.steps:
        if step.kind == SOLUTION:
            for mutant in notebook.mutants[step.id]:
                for print_ in _refused(notebook, mutant, list(step.names or ())):
                    found.setdefault(print_, []).append(mutant)
    causes_of = ((print_, _cause(notebook, mutants)) for print_, mutants in found.items())
    return {print_: cause for print_, cause in causes_of if cause}


def _refused(notebook: Notebook, mutant: Mutant, names: list[str]) -> list[bytes]:
    """The value that the visible part of its first check refuses."""
    checks = notebook.checks_of[mutant.cell][:1] if mutant.code is not None else []
    for check in checks:
        causes.compared = "", None
        ran = notebook.run(check, mutant.code, names, hidden=False)
        name, value = causes.compared
        print_ = causes.fingerprint(name, value)
        if isinstance(ran.error, CheckFailed) and name and print_ and _telling(mutant, value):
            return [print_]
    return []


def _telling(mutant: Mutant, value: Any) -> bool:
    """Whether few other mistakes give the value; of one simple number vague readings are many."""
    return not tells_little(value) and not (mutant.operator in VAGUE and is_simple(value))


def _cause(notebook: Notebook, mutants: list[Mutant]) -> str:
    cell = mutants[0].cell
    check = notebook.checks_of[cell][0]
    calls = [call for call in notebook.calls_of(check) if call.name == mutants[0].function]
    readings = distinct(mutants, calls, lambda one: built(one, notebook.at_test[check]))
    return Diagnosis(mutants[0].function, mutants, readings).cause


def write(name: str, steps: Sequence[SourceCell], variants: Sequence[Cells] = ()) -> Path:
    """Write the fingerprints of an assignment into mlpkit.

    ``variants`` are other right answers: misread, they give other wrong values.
    """
    causes.FOLDER.mkdir(exist_ok=True)
    path = causes.FOLDER / f"{name}.json"
    made_from = digest(steps, variants)
    found: dict[bytes, str] = {}
    for cells in reversed(variants):
        found |= fingerprints(Notebook(with_answers(steps, cells), only=cells))
    found |= fingerprints(Notebook(steps))  # the reference's own words come first
    content = {"code": made_from, "causes": causes.sealed(found)}
    path.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")
    return path


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
