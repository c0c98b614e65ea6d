"""A submission is rebuilt before it runs: the order, the tests and all metadata are the source's.

From the student come only the text of solution cells, written answers, and the student's own cells,
each in its place. Whatever was unusual becomes a flag: a message next to the grade. Bytes in,
values out; nothing a student can hand in makes this raise.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.notebook.defined_names import defined_names
from autograder.notebook.source_cells import (
    EXPERIMENT,
    EXTRA,
    GIVEN,
    MANUAL,
    OPEN,
    PROSE,
    SOLUTION,
    TEST,
    SourceCell,
)
from autograder.notebook.submitted_cells import MAX_PARSED, SubmittedCell, read_cells


@dataclass
class PlacedCell:
    """A step of the exam, with what the student put there (None: nothing was found)."""

    step: SourceCell
    text: str | None
    outputs: list[Any] = field(default_factory=list)
    attachments: Any = None  # as in the student's file


@dataclass(frozen=True)
class Rebuilt:
    """The notebook to run. ``readable`` is False when a person must look at the file first."""

    cells: list[PlacedCell]
    flags: list[str]
    readable: bool = True


def rebuild(steps: list[SourceCell], submission: bytes) -> Rebuilt:
    """Match a submission's cells to the source's steps.

    A cell is found by its grade id, then by its cell id, then by its text, then by the name it
    defines.
    """
    found, message = read_cells(submission)
    if found is None:
        return Rebuilt([PlacedCell(step, None) for step in steps], [message], readable=False)
    flags = [message] if message else []
    matched = _match(steps, found, flags)
    if not _is_of_this_assignment(steps, matched):
        flags.append("No code or check of this assignment is in the notebook; is it another one's?")
        return Rebuilt([PlacedCell(step, None) for step in steps], flags, readable=False)
    _flag_locked(steps, matched, flags)
    placed = _place(steps, found, matched)
    return Rebuilt(_with_answers_below(placed, flags), flags)


def _is_of_this_assignment(steps: list[SourceCell], matched: dict[int, SubmittedCell]) -> bool:
    """Whether a cell says so by more than its id, which other assignments may use as well.

    That is a check as it was given, or code that has a name its step defines. Written answers
    count only where the assignment has nothing else.
    """
    if not any(step.kind in (SOLUTION, TEST) for step in steps):
        return any(steps[place].kind == MANUAL for place in matched)
    return any(_says_so(steps[place], cell) for place, cell in matched.items())


def _says_so(step: SourceCell, cell: SubmittedCell) -> bool:
    if step.kind == TEST:
        return _as_given(step, cell)
    words = re.findall(r"\w+", cell.text)  # not names: the code may be no Python
    return step.kind == SOLUTION and (not step.names or any(name in words for name in step.names))


# Matching ------------------------------------------------------------------------------------


def _match(
    steps: list[SourceCell], found: list[SubmittedCell], flags: list[str]
) -> dict[int, SubmittedCell]:
    """Step index -> the cell that stands for it."""
    matched: dict[int, SubmittedCell] = {}
    for key in (lambda cell: cell.grade_id, lambda cell: cell.cell_id):
        groups: dict[str, list[SubmittedCell]] = {}
        for cell in found:
            if key(cell) and cell.used_for is None:
                groups.setdefault(key(cell), []).append(cell)
        for place, step in enumerate(steps):
            if place not in matched and step.id in groups:
                _take(place, step, groups[step.id], matched, flags)
    _match_text(steps, found, matched)
    _match_names(steps, found, matched, flags)
    return matched


def _take(
    place: int,
    step: SourceCell,
    copies: list[SubmittedCell],
    matched: dict[int, SubmittedCell],
    flags: list[str],
) -> None:
    """Let a cell, or the best of several copies, stand for a step."""
    copies = [cell for cell in copies if cell.code == step.code] or copies
    worked_on = [cell for cell in copies if _worked_on(cell, step)] or copies
    chosen = worked_on[-1]
    whole = _joined(worked_on) if step.kind == SOLUTION else None
    if whole is not None:
        flags.append(f"The cell {step.id} was split into {len(worked_on)}; they were put together.")
        chosen = replace(chosen, text=whole)
    elif len(copies) > 1 and step.kind in (SOLUTION, MANUAL, TEST):
        differ = len({cell.text.strip() for cell in worked_on}) > 1
        flags.append(
            f"The cell {step.id} is there {len(copies)} times"
            + (
                ", and the copies differ; the last one that was worked on counts."
                if differ and step.kind != TEST
                else "."
            )
        )
    if step.kind in (SOLUTION, MANUAL) and chosen.code != step.code:
        flags.append(
            f"The cell {step.id} had become a "
            f"{'code' if chosen.code else 'text'} cell; its text was taken all the same."
        )
    for cell in copies:
        cell.used_for = place
    chosen.used_for = place
    matched[place] = chosen


def _worked_on(cell: SubmittedCell, step: SourceCell) -> bool:
    return not (cell.untouched or cell.text.strip() == step.released)


def _joined(parts: list[SubmittedCell]) -> str | None:
    """The text of a cell that was split: its parts define different things, or make no sense alone.

    None when they are copies of one another.
    """
    if len(parts) < 2 or sum(len(part.text) for part in parts) > MAX_PARSED:
        return None
    alone = [_is_python(part.text) for part in parts]
    distinct = len(frozenset().union(*(part.names for part in parts))) == sum(
        max(len(part.names), 1) for part in parts
    )
    whole = "\n".join(part.text for part in parts)
    return whole if (all(alone) and distinct) or (not all(alone) and _is_python(whole)) else None


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _match_text(
    steps: list[SourceCell], found: list[SubmittedCell], matched: dict[int, SubmittedCell]
) -> None:
    """Cells without any id, as other editors leave them, by the text they were released with."""
    by_text: dict[str, list[SubmittedCell]] = {}
    for cell in found:
        if cell.used_for is None and cell.text.strip():
            by_text.setdefault(cell.text.strip(), []).append(cell)
    for place, step in enumerate(steps):
        if place not in matched and by_text.get(step.released):
            cell = by_text[step.released].pop(0)
            cell.used_for = place
            matched[place] = cell


def _match_names(
    steps: list[SourceCell],
    found: list[SubmittedCell],
    matched: dict[int, SubmittedCell],
    flags: list[str],
) -> None:
    """Solution cells by what they define; written answers by what stands before them."""
    for place, step in enumerate(steps):
        if place in matched:
            continue
        if step.kind == SOLUTION and step.names:
            names = set(step.names)
            same = [cell for cell in found if cell.used_for is None and cell.names & names]
            elsewhere = [
                cell
                for cell in found
                if cell.used_for is not None
                and cell.names >= names
                and not names <= set(steps[cell.used_for].names or ())  # its own of that name
                and _worked_on(cell, step)
            ]
            if same:
                _take(place, step, same, matched, flags)
                flags.append(
                    f"The cell {step.id} had lost its id; it was found by the name "
                    f"{next(iter(step.names))}."
                )
            elif elsewhere:
                if all((cell.used_for or 0) > place for cell in elsewhere):
                    matched[place] = elsewhere[-1]  # here, too: the checks between need it
                flags.append(f"{next(iter(step.names))} was defined in another cell than its own.")
            else:
                flags.append(f"The cell {step.id} is missing.")
        elif step.kind == MANUAL and not step.code:
            before = matched.get(place - 1)
            after = [
                cell
                for cell in found
                if before is not None
                and cell.used_for is None
                and cell.place == before.place + 1
                and not cell.code
            ]
            if after:
                after[0].used_for, matched[place] = place, after[0]
            else:
                flags.append(f"The written answer {step.id} is missing.")


def _flag_locked(
    steps: list[SourceCell], matched: dict[int, SubmittedCell], flags: list[str]
) -> None:
    """Say which locked cells were changed or deleted; the originals are used in any case."""
    changed, missing = [], []
    for place, step in enumerate(steps):
        if step.kind not in (TEST, GIVEN, EXPERIMENT):
            continue
        cell = matched.get(place)
        if cell is None:
            missing.append(step.id)
        elif not _as_given(step, cell):
            changed.append(step.id)
    for names, what in ((changed, "changed"), (missing, "missing")):
        if names:
            shown = ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
            flags.append(f"Locked cells were {what} ({shown}); the originals were used.")
    settings = [
        steps[place].id for place, cell in sorted(matched.items()) if _reset(steps[place], cell)
    ]
    if settings:
        shown = ", ".join(settings[:5]) + (" and others" if len(settings) > 5 else "")
        flags.append(f"The settings of cells were changed ({shown}); the originals were used.")
    order = [cell.place for place, cell in sorted(matched.items()) if cell.used_for == place]
    if order != sorted(order):
        flags.append("The cells were in another order; the original order was used.")


def _reset(step: SourceCell, cell: SubmittedCell) -> bool:
    """Whether a cell that still has nbgrader's metadata, or a tag, has another role there."""
    mark, graded = cell.mark, step.kind in (TEST, MANUAL)
    roles = {"grade": graded, "solution": step.kind in (SOLUTION, MANUAL)}
    if mark.get("grade_id") == step.id and not mark.get("task") and step.kind != EXPERIMENT:
        if any(mark.get(role, wanted) is not wanted for role, wanted in roles.items()):
            return True
        if graded and mark.get("points", step.points) != step.points:
            return True
    return "skip-execution" in cell.tags and step.kind != EXPERIMENT


def _as_given(step: SourceCell, cell: SubmittedCell) -> bool:
    """Whether a locked cell is the one that was released, or the source's; spaces do not count."""
    if cell.text == step.source or cell.text.strip() == step.released:
        return True
    return _squeeze(cell.text) in (_squeeze(step.released), _squeeze(step.source))


def _squeeze(text: str) -> str:
    return "".join(text.split())


# Placing -------------------------------------------------------------------------------------


def _place(
    steps: list[SourceCell], found: list[SubmittedCell], matched: dict[int, SubmittedCell]
) -> list[PlacedCell]:
    """The steps in their order, each followed by the student's own cells that stood behind it."""
    behind: dict[int, list[SubmittedCell]] = {}
    anchor = -1
    for cell in found:
        if cell.used_for is not None:
            anchor = cell.used_for
            locked = steps[anchor].kind in (TEST, GIVEN, EXPERIMENT)
            if not (locked and cell.code and _defines_new(steps[anchor], cell)):
                continue
        behind.setdefault(anchor, []).append(cell)
    cells = [_own(cell) for cell in behind.get(-1, [])]
    for place, step in enumerate(steps):
        own = matched.get(place)
        mine = step.kind in (SOLUTION, MANUAL, OPEN)
        cells.append(
            PlacedCell(
                step,
                own.text if own is not None and mine else None,
                own.outputs if own is not None else [],
                own.attachments if own is not None and mine else None,
            )
        )
        cells += [_own(cell) for cell in behind.get(place, [])]
    return cells


def _with_answers_below(cells: list[PlacedCell], flags: list[str]) -> list[PlacedCell]:
    """An untouched question takes in the student's own text cells that stand right below it."""
    found: list[PlacedCell] = []
    question = False  # whether the cell before is an untouched one, or an answer to it
    for cell in cells:
        step = cell.step
        if question and step.kind == PROSE and (cell.text or "").strip():
            found[-1] = replace(
                found[-1],
                text=f"{found[-1].text}\n\n{cell.text}",
                attachments={**(found[-1].attachments or {}), **(cell.attachments or {})} or None,
            )
            flags.append(f"The answer {found[-1].step.id} stands below its question; it was taken.")
            continue
        question = step.kind == MANUAL and not step.code and not step.task
        question = question and (cell.text or "").strip() in ("", step.released)
        found.append(cell)
    return found


def _defines_new(step: SourceCell, cell: SubmittedCell) -> bool:
    """Whether a student wrote a definition into a locked cell: it runs as a cell of their own."""
    if _as_given(step, cell):
        return False
    return bool(cell.names - set(defined_names(step.source)))


def _own(cell: SubmittedCell) -> PlacedCell:
    kind = EXTRA if cell.code else PROSE
    step = SourceCell(kind, f"own-{cell.place}", cell.text, code=cell.code)
    return PlacedCell(step, cell.text, cell.outputs, cell.attachments)
