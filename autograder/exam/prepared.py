"""What an exam needs of its source notebook, made once by the warm process for all its forks."""

from __future__ import annotations

import json
import linecache
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.exam.cells import Code, compile_cell
from autograder.exam.files import Files
from autograder.exam.steps import GIVEN, OPEN, TEST, Step, read_steps


@dataclass(frozen=True)
class Prepared:
    """A source notebook, its steps, and the code of those that run in the examiner, by id.

    ``files`` are the course's, beside the notebook.
    """

    source: Mapping[str, Any]
    steps: list[Step]
    codes: Mapping[str, Code | None]
    files: Files


def prepare(text: bytes, files: Mapping[str, bytes], replaceable: list[str]) -> Prepared:
    """Read and compile a source notebook (JSON); nothing of it is run."""
    source = json.loads(text)
    steps = read_steps(source)
    codes = {step.id: _code(step) for step in steps if step.kind in (GIVEN, OPEN, TEST)}
    return Prepared(source, steps, codes, Files(files, replaceable=frozenset(replaceable)))


def _code(step: Step) -> Code | None:
    """None where it is not plain Python: IPython then runs it, or says what is wrong."""
    name = f"<ipython-input-{step.id}>"
    linecache.cache[name] = len(step.source), None, step.source.splitlines(True), name
    _ = step.title, step.released  # kept by the step
    return compile_cell(step.source, name)
