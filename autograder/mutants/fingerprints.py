"""What a student's own notebook needs to name a cause: fingerprints of the mutants' wrong values.

Each mutant is held against the visible part of its check; the value that this refuses is
fingerprinted with the cause. `mlpkit.testing.causes` reads them, and says why they tell no answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from autograder.mutants.calls_seen import tells_little
from autograder.mutants.derive import Mutant
from autograder.mutants.diagnose import Diagnosis
from autograder.mutants.prove import Notebook
from autograder.notebook.source_cells import GIVEN, SOLUTION, TEST, SourceCell
from mlpkit.testing import causes
from mlpkit.testing.words import CheckFailed


def fingerprints(notebook: Notebook) -> dict[bytes, str]:
    """The cause of every wrong value that the visible checks can meet, by fingerprint."""
    found: dict[bytes, list[Mutant]] = {}
    for step in notebook.steps:
        if step.kind == SOLUTION:
            for mutant in notebook.mutants[step.id]:
                for print_ in _refused(notebook, mutant, list(step.names or ())):
                    found.setdefault(print_, []).append(mutant)
    return {print_: _cause(mutants) for print_, mutants in found.items()}


def _refused(notebook: Notebook, mutant: Mutant, names: list[str]) -> list[bytes]:
    """The value that the visible part of its first check refuses."""
    for check in notebook.checks_of[mutant.cell][:1]:
        if mutant.code is not None:
            causes.compared = "", None
            ran = notebook.run(check, mutant.code, names, hidden=False)
            print_ = causes.fingerprint(*causes.compared)
            name, value = causes.compared
            if isinstance(ran.error, CheckFailed) and name and print_ and not tells_little(value):
                return [print_]
    return []


def _cause(mutants: list[Mutant]) -> str:
    return Diagnosis(mutants[0].function, mutants).cause


def write(name: str, notebook: Notebook) -> Path:
    """Write the fingerprints of an assignment into mlpkit."""
    causes.FOLDER.mkdir(exist_ok=True)
    path = causes.FOLDER / f"{name}.json"
    made_from = digest(notebook.steps)
    content = {"code": made_from, "causes": causes.sealed(fingerprints(notebook))}
    path.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")
    return path


def difference(path: Path, steps: Iterable[SourceCell]) -> str:
    """What is wrong with a file of fingerprints of these cells, "" if nothing."""
    if not path.is_file():
        return "is missing"
    if json.loads(path.read_text(encoding="utf-8")).get("code") != digest(steps):
        return "is older than the code it was made from"
    return ""


def digest(steps: Iterable[SourceCell]) -> str:
    """Of the code that fingerprints are made from: no prose, no experiments, no hidden tests."""
    found = hashlib.sha256()
    for step in steps:
        if step.code and step.kind in (GIVEN, SOLUTION, TEST):
            code = step.released if step.kind == TEST else step.source
            found.update(f"{step.id}\0{code.strip()}\0".encode())
    return found.hexdigest()[:16]
