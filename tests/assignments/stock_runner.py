"""Run an assignment's bank of answers without the exam: plain exec, one process a notebook.

For authors: ``.venv/bin/python -m tests.assignments.stock_runner 02_momentum [NAME ...]`` says of
the reference, the untouched stubs, every mistake and every variant whether it loses exactly what
it should and says what it should. Like stock nbgrader it runs student and test code together;
it is no substitute for the exam.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from autograder.authoring.answer_bank import Answer, AnswerError, fill, read_mistakes, read_variants
from autograder.authoring.percent import SOLUTION, cut
from autograder.notebook.markers import STUB
from autograder.authoring.source import SourceError, read_source

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300

# Runs in the fresh process: [id, text] pairs in; for each cell its error and stderr out.
_CHILD = r"""
import contextlib, io, json, os, sys, traceback
sys.path.insert(0, os.getcwd())
namespace, outcome = {"__name__": "__main__"}, {}
for cell_id, text in json.load(sys.stdin):
    stderr, error = io.StringIO(), None
    with contextlib.redirect_stderr(stderr), contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(text, cell_id, "exec"), namespace)
        except BaseException as exception:
            error = "".join(traceback.format_exception_only(exception)).strip()
    outcome[cell_id] = {"error": error, "stderr": stderr.getvalue()}
json.dump(outcome, sys.stdout)
"""


def run(notebook: Any) -> dict[str, dict[str, Any]]:
    """Each code cell's ``error`` (None or the exception's text) and ``stderr``, by cell id."""
    cells = [
        (cell.id, cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and "skip-execution" not in cell.metadata.get("tags", [])
    ]
    environment = {**os.environ, "MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"}
    environment.setdefault("MLPKIT_SEED", "stock")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD],
            input=json.dumps(cells),
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            timeout=SECONDS,
        )
    if done.returncode:
        raise RuntimeError(f"the process died with exit code {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def run_cells(notebook: Any) -> dict[str, str | None]:
    """Each test cell's verdict: None when it passed, else what the student reads."""
    outcome = run(notebook)
    return {cell.id: outcome[cell.id]["error"] for cell in notebook.cells if _is_test(cell)}


def untouched(source: Any) -> Any:
    """The source notebook with every solution cell as the student finds it."""
    stubs = {
        cell.id: cut(cell.source, SOLUTION, STUB)
        for cell in source.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
    return fill(source, source, Answer("untouched", "", frozenset(), "", stubs))


def complaints(answer: Answer, verdicts: Mapping[str, str | None]) -> list[str]:
    """What is not as the answer's file says, one paragraph each; empty when all is well."""
    found = [
        f"{check} should be lost and is not"
        for check, message in verdicts.items()
        if check in answer.loses and message is None
    ]
    found += [
        f"{check} should pass and does not:\n{message}"
        for check, message in verdicts.items()
        if check not in answer.loses and message is not None
    ]
    first = next((message for message in verdicts.values() if message is not None), None)
    if answer.says and first is not None and answer.says not in first:
        found.append(f"the first message does not say '{answer.says}':\n{first}")
    return found


def _is_test(cell: Any) -> bool:
    role = cell.metadata.get("nbgrader", {})
    return bool(role.get("grade")) and not role.get("solution")


def _reference_complaints(source: Any) -> list[str]:
    outcome = run(fill(source, source))
    return [
        f"{cell_id} {what}:\n{cell[key]}"
        for cell_id, cell in outcome.items()
        for key, what in (("error", "fails"), ("stderr", "writes to stderr, nbgrader gives 0"))
        if cell[key]
    ]


def _untouched_complaints(source: Any) -> list[str]:
    notebook = untouched(source)
    outcome = run(notebook)
    return [
        f"{cell.id}: expected NotImplementedError, got {outcome[cell.id]['error'] or 'a pass'}"
        for cell in notebook.cells
        if cell.id in outcome
        and (_is_test(cell) or outcome[cell.id]["error"])
        and not str(outcome[cell.id]["error"]).startswith("NotImplementedError")
    ]


def _answer_complaints(source: Any, answer: Answer) -> list[str]:
    return complaints(answer, run_cells(fill(source, source, answer)))


def main(arguments: list[str]) -> int:
    """Print a line for each answer, and everything that is not as it should be."""
    if not arguments:
        print("say which assignment: python -m tests.assignments.stock_runner 02_momentum")
        return 2
    name, *only = arguments
    folder = ROOT / "solutions" / name
    try:
        source = read_source(folder / f"{name}.py")
        answers = read_mistakes(folder, source) + read_variants(folder, source)
    except (SourceError, AnswerError, FileNotFoundError) as error:
        print(error)
        return 2
    jobs = {
        "reference": lambda: _reference_complaints(source),
        "untouched": lambda: _untouched_complaints(source),
    }
    for answer in answers:
        jobs[answer.name] = partial(_answer_complaints, source, answer)
    wrong = 0
    for label in only or jobs:
        found = jobs[label]()
        wrong += bool(found)
        print(f"{'WRONG' if found else 'ok   '} {label}", flush=True)
        for paragraph in found:
            print("      " + paragraph.replace("\n", "\n      "))
    print(f"{wrong} not as they should be" if wrong else "all as they should be")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
