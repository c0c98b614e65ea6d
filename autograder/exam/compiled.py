"""What an exam needs of its source notebook, made once by the warm process for all its forks."""

from __future__ import annotations

import json
import linecache
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from autograder.exam.protocol import random_state
from autograder.exam.shell.compile import Code, compile_cell, compile_parts
from autograder.exam.shell.shell import Shell
from autograder.notebook.output_cells import plain_cells
from autograder.notebook.shared_names import SharedNames, find_shared_names
from autograder.notebook.side_files import Files
from autograder.notebook.source_cells import (
    GIVEN,
    MANUAL,
    OPEN,
    TEST,
    SourceCell,
    read_source_cells,
    uses_mlpkit,
)


@dataclass(frozen=True)
class CompiledSource:
    """A source notebook, its steps, and the code of those that run in the examiner, by id.

    ``hidden_codes`` are of tests the statements from the first hidden line on; ``codes`` has what
    stands before. ``shared`` are names in other cells than those that define them. ``plain`` are
    its cells as they stay where nothing is added. ``files`` are the course's, beside the notebook;
    ``draws`` says whether something of all this may draw from the global random generators.
    """

    source: Mapping[str, Any]
    steps: list[SourceCell]
    plain: list[dict[str, Any]]
    codes: Mapping[str, Code | None]
    hidden_codes: Mapping[str, Code | None]
    files: Files
    draws: bool
    shared: SharedNames
    by_hand: bool  # whether derivatives are to be derived: the course uses mlpkit's tests


def compile_source(
    text: bytes, files: Mapping[str, bytes], replaceable: list[str]
) -> CompiledSource:
    """Read and compile a source notebook (JSON); nothing of it is run."""
    source = json.loads(text)
    steps = read_source_cells(source)
    theirs = {name for step in steps for name in step.names or ()}
    codes, hidden = {}, {}
    for step in steps:
        if step.kind in (GIVEN, OPEN, TEST):
            codes[step.id] = _code(step, theirs)
        if step.hidden_lines:
            name = _file_name(step)
            codes[step.id], hidden[step.id] = compile_parts(step.source, name, step.hidden_lines)
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
    plain, shared = plain_cells(source, steps), find_shared_names(steps)
    by_hand = uses_mlpkit(steps)
    return CompiledSource(source, steps, plain, codes, hidden, beside, draws, shared, by_hand)


def _file_name(step: SourceCell) -> str:
    """The cell's name in tracebacks, which show its lines then."""
    name = f"<ipython-input-{step.id}>"
    linecache.cache[name] = len(step.source), None, step.source.splitlines(True), name
    return name


def _code(step: SourceCell, theirs: Set[str]) -> Code | None:
    """None where it is not plain Python: IPython then runs it, or says what is wrong.

    An expression of a given cell that reads ``theirs``, students' names, and nothing else changes
    nothing here. There it has been run, and a second run of, say, ``stack.push(1)`` would show.
    """
    elsewhere = theirs if step.kind == GIVEN else frozenset()
    return compile_cell(step.source, _file_name(step), elsewhere)


def compile_given_cells(shell: Shell, cells: Mapping[int, str]) -> dict[str, Code | None]:
    """What a student process needs of a source: the given cells, compiled, by text.

    ``cells`` are their texts by number. They have the names that the shell would give them.
    """
    return {
        text: compile_cell(text, shell.ipython.compile.cache(text, number))
        for number, text in cells.items()
    }
