"""What a student's own notebook needs to name a cause: fingerprints of the mutants' wrong values.

Each mutant is held against the visible part of its check; the value that this refuses is
fingerprinted with the cause. `mlpkit.testing.causes` reads them, and says why they tell no answer.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from autograder.mutants.derive import Mutant
from autograder.mutants.diagnose import Diagnosis
from autograder.mutants.prove import Notebook
from autograder.notebook.source_cells import SOLUTION
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
            if isinstance(ran.error, CheckFailed) and causes.compared[0] and print_:
                return [print_]
    return []


def _cause(mutants: list[Mutant]) -> str:
    return Diagnosis(mutants[0].function, mutants).cause


def write(name: str, source: bytes, notebook: Notebook) -> Path:
    """Write the fingerprints of an assignment into mlpkit; `source` is its percent file."""
    causes.FOLDER.mkdir(exist_ok=True)
    path = causes.FOLDER / f"{name}.json"
    content = {"source": digest(source), "causes": causes.sealed(fingerprints(notebook))}
    path.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")
    return path


def digest(source: bytes) -> str:
    """Which source a file of fingerprints was made from."""
    return hashlib.sha256(source).hexdigest()[:16]
