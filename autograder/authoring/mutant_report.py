"""What wrong readings of the reference say about each check; worked out once for each content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.files import write_atomically
from autograder.mutants import report
from autograder.mutants.prove import Notebook, prove
from autograder.notebook.source_cells import SourceCell, read_source_cells

if TYPE_CHECKING:
    from nbformat import NotebookNode

KEPT = Path("build", "mutants")  # below the folder with solutions/


@dataclass(frozen=True)
class MutantReport:
    """``table`` has a row for each check and a line for each survivor, ``equivalents`` the rest."""

    table: Sequence[str]
    equivalents: Sequence[str]
    survivors: int


def mutant_report(root: Path, name: str, source: NotebookNode) -> MutantReport:
    """The report of one assignment; kept below ``root`` until its code or the operators change."""
    steps = read_source_cells(json.loads(json.dumps(source)))
    path, made_from = root / KEPT / f"{name}.json", _digest(steps)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["made_from"] == made_from:
            return MutantReport(kept["table"], kept["equivalents"], kept["survivors"])
    except (OSError, ValueError, KeyError):
        pass
    proofs = prove(Notebook(steps))
    found = MutantReport(
        list(report.lines(name, proofs)),
        list(report.equivalents(proofs)),
        sum(len(proof.survivors) for proof in proofs),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"made_from": made_from, **vars(found)}).encode())
    return found


def _digest(steps: Sequence[SourceCell]) -> str:
    """Of all code, hidden tests too, and of what derives mutants from it."""
    found = hashlib.sha256()
    for step in steps:
        if step.code:
            found.update(f"{step.kind}\0{step.id}\0{step.source}\0".encode())
    for file in sorted(Path(report.__file__).parent.glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()
