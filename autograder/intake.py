"""A submission is rebuilt before it runs: the order, the tests and all metadata are the source's.

From the student come only the text of solution cells, written answers, and the student's own
cells, each in its place. Whatever was odd becomes a flag: a sentence beside the grade. Bytes in,
values out; nothing a student can hand in makes this raise.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.exam.steps import (
    EXPERIMENT,
    EXTRA,
    GIVEN,
    MANUAL,
    OPEN,
    PROSE,
    SOLUTION,
    TEST,
    Step,
    defined_names,
    read_steps,
    text_of,
)

MAX_BYTES = 40 * 2**20
MAX_CELLS = 5_000
STUB = "raise NotImplementedError"


@dataclass
class Placed:
    """A step of the exam, with what the student put there (None: nothing was found)."""

    step: Step
    text: str | None
    outputs: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Rebuilt:
    """The notebook to run. ``readable`` is False when a person must look at the file first."""

    cells: list[Placed]
    flags: list[str]
    readable: bool = True


@dataclass
class _Found:
    """A cell of the submission."""

    place: int
    code: bool
    text: str
    grade_id: str
    cell_id: str
    outputs: list[Any]
    used_for: int | None = None  # index of the step it stands for

    @property
    def untouched(self) -> bool:
        return STUB in self.text or not self.text.strip()


def rebuild(source: Mapping[str, Any], submission: bytes) -> Rebuilt:
    """Match a submission's cells to the source's steps.

    A cell is found by its grade id, then by its cell id, then by its text, then by the name it
    defines.
    """
    steps = read_steps(source)
    found, sentence = _read(submission)
    if found is None:
        return Rebuilt([Placed(step, None) for step in steps], [sentence], readable=False)
    flags = [sentence] if sentence else []
    matched = _match(steps, found, flags)
    if not any(steps[place].kind in (SOLUTION, MANUAL, TEST) for place in matched):
        flags.append("No cell of this assignment is in the notebook; is it another one's?")
        return Rebuilt([Placed(step, None) for step in steps], flags, readable=False)
    _flag_locked(steps, matched, flags)
    return Rebuilt(_place(steps, found, matched), flags)


# Reading -------------------------------------------------------------------------------------


def _read(data: bytes) -> tuple[list[_Found] | None, str]:
    """The cells of a notebook, or None and a sentence; a sentence too when it was odd."""
    if len(data) > MAX_BYTES:
        return None, f"The file has {len(data) >> 20} MB; at most {MAX_BYTES >> 20} MB are read."
    if not data.strip():
        return None, "The file is empty."
    text, odd = _decode(data)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError, MemoryError):
        return None, "The file is no notebook: its JSON is broken, or was cut off."
    if not isinstance(notebook, dict):
        return None, "The file is no notebook: it has no cells."
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        cells, odd = _old_cells(notebook), odd or "The notebook is in an old format (nbformat 3)."
    if not cells:
        return None, "The file is no notebook: it has no cells."
    if len(cells) > MAX_CELLS:
        return None, f"The notebook has {len(cells)} cells; at most {MAX_CELLS} are read."
    return [_cell(cell, place) for place, cell in enumerate(cells) if isinstance(cell, dict)], odd


def _decode(data: bytes) -> tuple[str, str]:
    encodings = ["utf-8-sig"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return data.decode(encoding), "" if not data.startswith(b"\xef\xbb\xbf") else \
                "The file began with a byte-order mark; it was taken off."
        except UnicodeDecodeError:
            pass
    return data.decode("latin-1"), "The file was not UTF-8; it was read as Latin-1."


def _old_cells(notebook: Mapping[str, Any]) -> list[Any]:
    sheets = notebook.get("worksheets")
    sheets = sheets if isinstance(sheets, list) else []
    return [cell for sheet in sheets if isinstance(sheet, dict)
            for cell in (sheet["cells"] if isinstance(sheet.get("cells"), list) else [])]


def _cell(cell: Mapping[str, Any], place: int) -> _Found:
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = mark.get("grade_id") if isinstance(mark, dict) else None
    outputs = cell.get("outputs")
    return _Found(
        place, cell.get("cell_type") == "code", text_of(cell),
        grade_id if isinstance(grade_id, str) else "",
        cell["id"] if isinstance(cell.get("id"), str) else "",
        outputs if isinstance(outputs, list) else [],
    )


# Matching ------------------------------------------------------------------------------------


def _match(steps: list[Step], found: list[_Found], flags: list[str]) -> dict[int, _Found]:
    """Step index -> the cell that stands for it."""
    matched: dict[int, _Found] = {}
    for key in (lambda cell: cell.grade_id, lambda cell: cell.cell_id):
        groups: dict[str, list[_Found]] = {}
        for cell in found:
            if key(cell) and cell.used_for is None:
                groups.setdefault(key(cell), []).append(cell)
        for place, step in enumerate(steps):
            if place not in matched and step.id in groups:
                _take(place, step, groups[step.id], matched, flags)
    _match_text(steps, found, matched)
    _match_names(steps, found, matched, flags)
    return matched


def _take(place: int, step: Step, copies: list[_Found], matched: dict[int, _Found],
          flags: list[str]) -> None:
    """Let a cell, or the best of several copies, stand for a step."""
    copies = [cell for cell in copies if cell.code == step.code] or copies
    worked_on = [cell for cell in copies if not cell.untouched] or copies
    chosen = worked_on[-1]
    if len(copies) > 1 and step.kind in (SOLUTION, MANUAL, TEST):
        differ = len({cell.text.strip() for cell in worked_on}) > 1
        flags.append(f"The cell {step.id} is there {len(copies)} times"
                     + (", and the copies differ; the last one that was worked on counts."
                        if differ and step.kind != TEST else "."))
    if step.kind in (SOLUTION, MANUAL) and chosen.code != step.code:
        flags.append(f"The cell {step.id} had become a "
                     f"{'code' if chosen.code else 'text'} cell; its text was taken all the same.")
    for cell in copies:
        cell.used_for = place
    matched[place] = chosen


def _match_text(steps: list[Step], found: list[_Found], matched: dict[int, _Found]) -> None:
    """Cells without any id, as other editors leave them, by the text they were released with."""
    by_text: dict[str, list[_Found]] = {}
    for cell in found:
        if cell.used_for is None and cell.text.strip():
            by_text.setdefault(cell.text.strip(), []).append(cell)
    for place, step in enumerate(steps):
        if place not in matched and by_text.get(step.released):
            cell = by_text[step.released].pop(0)
            cell.used_for = place
            matched[place] = cell


def _match_names(steps: list[Step], found: list[_Found], matched: dict[int, _Found],
                 flags: list[str]) -> None:
    """Solution cells by what they define; written answers by what stands before them."""
    names = {cell.place: set(defined_names(cell.text)) for cell in found
             if cell.code and cell.used_for is None}
    for place, step in enumerate(steps):
        if place in matched:
            continue
        if step.kind == SOLUTION and step.names:
            same = [cell for cell in found if cell.used_for is None
                    and names.get(cell.place, set()) & set(step.names)]
            if same:
                _take(place, step, same, matched, flags)
                flags.append(f"The cell {step.id} had lost its id; it was found by the name "
                             f"{next(iter(step.names))}.")
            elif any(set(step.names) <= set(defined_names(cell.text)) for cell in found
                     if cell.code):
                flags.append(f"{next(iter(step.names))} was defined in another cell than its own.")
            else:
                flags.append(f"The cell {step.id} is missing.")
        elif step.kind == MANUAL and not step.code:
            before = matched.get(place - 1)
            after = [cell for cell in found if before is not None and cell.used_for is None
                     and cell.place == before.place + 1 and not cell.code]
            if after:
                after[0].used_for, matched[place] = place, after[0]
            else:
                flags.append(f"The written answer {step.id} is missing.")


def _flag_locked(steps: list[Step], matched: dict[int, _Found], flags: list[str]) -> None:
    """Say which locked cells were changed or deleted; the originals are used in any case."""
    changed, missing = [], []
    for place, step in enumerate(steps):
        if step.kind not in (TEST, GIVEN, EXPERIMENT):
            continue
        cell = matched.get(place)
        if cell is None:
            missing.append(step.id)
        elif _squeeze(cell.text) not in (_squeeze(step.released), _squeeze(step.source)):
            changed.append(step.id)
    for names, what in ((changed, "changed"), (missing, "missing")):
        if names:
            shown = ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
            flags.append(f"Locked cells were {what} ({shown}); the originals were used.")
    order = [cell.place for _, cell in sorted(matched.items())]
    if order != sorted(order):
        flags.append("The cells were in another order; the original order was used.")


def _squeeze(text: str) -> str:
    return "".join(text.split())


# Placing -------------------------------------------------------------------------------------


def _place(steps: list[Step], found: list[_Found], matched: dict[int, _Found]) -> list[Placed]:
    """The steps in their order, each followed by the student's own cells that stood behind it."""
    behind: dict[int, list[_Found]] = {}
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
        cell = matched.get(place)
        mine = step.kind in (SOLUTION, MANUAL, OPEN)
        cells.append(Placed(step, cell.text if cell is not None and mine else None,
                            cell.outputs if cell is not None else []))
        cells += [_own(cell) for cell in behind.get(place, [])]
    return cells


def _defines_new(step: Step, cell: _Found) -> bool:
    """Whether a student wrote a definition into a locked cell: it runs as a cell of their own."""
    if _squeeze(cell.text) in (_squeeze(step.released), _squeeze(step.source)):
        return False
    return bool(set(defined_names(cell.text)) - set(defined_names(step.source)))


def _own(cell: _Found) -> Placed:
    kind = EXTRA if cell.code else PROSE
    return Placed(Step(kind, f"own-{cell.place}", cell.text, code=cell.code), cell.text,
                  cell.outputs)


def repeated_ids(source: Mapping[str, Any]) -> list[str]:
    """Ids that a source notebook uses more than once."""
    counts = Counter(step.id for step in read_steps(source))
    return [name for name, count in counts.items() if count > 1]
