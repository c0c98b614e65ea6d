"""What an exam needs of its source notebook, made once by the warm process for all its forks."""

from __future__ import annotations

import json
import linecache
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.exam.protocol import random_state
from autograder.exam.shell.compile import Code, compile_cell, compile_parts
from autograder.exam.shell.shell import Shell
from autograder.notebook.output_cells import plain_cells
from autograder.notebook.side_files import Files
from autograder.notebook.source_cells import (
    GIVEN,
    MANUAL,
    OPEN,
    TEST,
    SourceCell,
    read_source_cells,
)


@dataclass(frozen=True)
class CompiledSource:
    """A source notebook, its steps, and the code of those that run in the examiner, by id.

    ``hidden_codes`` are of tests the statements from the first hidden line on; ``codes`` has what
    stands before. ``plain`` are its cells as they stay where nothing is added. ``files`` are the
    course's, beside the notebook; ``draws`` says whether something of all this may draw from the
    global random generators.
    """

    source: Mapping[str, Any]
    steps: list[SourceCell]
    plain: list[dict[str, Any]]
    codes: Mapping[str, Code | None]
    hidden_codes: Mapping[str, Code | None]
    files: Files
    draws: bool


def compile_source(
    text: bytes, files: Mapping[str, bytes], replaceable: list[str]
) -> CompiledSource:
    """Read and compile a source notebook (JSON); nothing of it is run."""
    source = json.loads(text)
    steps = read_source_cells(source)
    codes, hidden = {}, {}
    for step in steps:
        if step.kind in (GIVEN, OPEN, TEST):
            name = _file_name(step)
            if step.hidden_lines:
                parts = compile_parts(step.source, name, step.hidden_lines)
                codes[step.id], hidden[step.id] = parts
            else:  # None where it is not plain Python: IPython then runs it, or says what is wrong
                codes[step.id] = compile_cell(step.source, name)
    for step in steps:  # each keeps what it was asked once
        _ = step.released, step.title if step.kind in (TEST, MANUAL) else ""
    beside = Files(files, replaceable=frozenset(replaceable))
    draws = random_state.is_used(
        [step.source for step in steps if step.code]
        + [
            data.decode(errors="replace")
            for path, data in beside.for_examiner().items()
            if path.endswith(".py")
        ]
    )
    return CompiledSource(source, steps, plain_cells(source, steps), codes, hidden, beside, draws)


def _file_name(step: SourceCell) -> str:
    """The cell's name in tracebacks, which show its lines then."""
    name = f"<ipython-input-{step.id}>"
    linecache.cache[name] = len(step.source), None, step.source.splitlines(True), name
    return name


def compile_given_cells(shell: Shell, cells: Mapping[int, str]) -> dict[str, Code | None]:
    """What a candidate needs of a source: the cells that everybody runs there, compiled, by text.

    ``cells`` are their texts by number. They have the names that the shell would give them.
    """
    return {
        text: compile_cell(text, shell.ipython.compile.cache(text, number))
        for number, text in cells.items()
    }
