"""One exam in which a student's functions are watched, and the facts that it gives.

The notebook that is examined is the student's, with own cells in it: the text of `probe` at the
start, a mark behind each check, and the last cell, which prints what was seen. So the student's
code runs where it always does, and hidden tests have not run yet when the last cell does.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Any

from autograder.course.submissions import Submission
from autograder.grading.batch import Batch
from autograder.notebook.rebuild import PlacedCell, rebuild
from autograder.notebook.source_cells import EXTRA, MANUAL, SOLUTION, TEST, read_source_cells
from autograder.result import Result

_HERE = '__import__("sys").modules["questions_probe"]'


def observed(
    batch: Batch,
    submission: Submission,
    cells: Mapping[str, str],
    size: int,
    examine: Callable[..., Result],
) -> Mapping[str, Any]:
    """What the functions in ``cells`` do; empty where nothing could be seen.

    Raises ExamError and SandboxError as the exam does.
    """
    sign = secrets.token_hex(16)
    data = _watched(batch.sources[submission.notebook], submission.data, cells, size, sign)
    source = json.dumps(batch.sources[submission.notebook])
    result = examine(source, data, **batch.terms(submission))
    if result.notebook is None or result.provisional:
        return {}
    for cell in reversed(result.notebook["cells"]):
        for output in cell.get("outputs", ()):
            text = str(output.get("text", ""))
            if text.startswith(sign):
                return _read(text.removeprefix(sign))
    return {}


def _read(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _watched(
    source: Any, submission: bytes, cells: Mapping[str, str], size: int, sign: str
) -> bytes:
    """The student's notebook with the cells that watch it."""
    placed = rebuild(read_source_cells(source), submission).cells
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    notebook["cells"] = list(_with_probe(placed, dict(cells), size, sign))
    return json.dumps(notebook).encode()


def _with_probe(
    placed: list[PlacedCell], cells: Mapping[str, str], size: int, sign: str
) -> Iterator[dict[str, Any]]:
    folder = files("autograder.questions")
    texts = {
        "autograder.questions.probe_values": folder.joinpath("probe_values.py").read_text("utf-8"),
        "questions_probe": folder.joinpath("probe.py").read_text("utf-8"),
    }
    yield _cell(
        f"import sys, types\nfor name, text in {texts!r}.items():\n"
        "    module = sys.modules[name] = types.ModuleType(name)\n"
        "    exec(text, module.__dict__)\n"
        f"module.probe = module.Probe({cells!r}, {size})\ndel module, name, text\n"
        f"{_HERE}.probe.watch()"
    )
    for one in placed:
        step = one.step
        cell = _cell(step.released if one.text is None else one.text, code=step.code)
        if step.kind != EXTRA:
            graded = step.kind in (TEST, MANUAL)
            solution = step.kind in (SOLUTION, MANUAL)
            role = {"grade_id": step.id, "grade": graded, "solution": solution}
            cell |= {"id": step.id, "metadata": {"nbgrader": role}}
        yield cell
        if step.kind == TEST:
            yield _cell(f"{_HERE}.probe.mark({step.id!r})")
    yield _cell(f"print({_HERE}.printed({_HERE}.probe.facts(globals()), {sign!r}))")


def _cell(text: str, code: bool = True) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code" if code else "markdown",
        "metadata": {},
        "source": text,
    }
    return cell | {"outputs": [], "execution_count": None} if code else cell
