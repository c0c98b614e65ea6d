"""The student notebooks: put into a student's folder, and brought up to date there.

Nothing that a student wrote is ever overwritten: an update carries the answers over and keeps the
file that was there. numpy alone is installed where this runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.authoring.installed import student_notebooks
from autograder.errors import AutograderError
from autograder.files import Refused, read_regular, write_atomically
from autograder.notebook.cell_fields import checksum_of, role_of, text_of
from autograder.notebook.rebuild import PlacedCell, rebuild
from autograder.notebook.source_cells import MANUAL, OPEN, SOLUTION, read_source_cells

KEPT_IN = "before-update"  # the folder that takes the files as they were


@dataclass
class Handout:
    """What was done: names of notebooks, in the course's order.

    ``older`` are there in an older version and were left alone; ``unreadable`` are no notebooks of
    this course.
    """

    folder: Path
    new: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """All of them, in order."""
        return sorted([*self.new, *self.kept, *self.older, *self.updated, *self.unreadable])


def hand_out(folder: Path, update: bool = False) -> Handout:
    """Put every notebook that is not in ``folder`` there; with ``update``, renew older ones too.

    AutograderError where ``folder`` is a file or this installation has no notebooks.
    """
    notebooks = student_notebooks()
    if not notebooks:
        raise AutograderError(
            "This installation of mlpkit has no notebooks. Install it again: "
            "pip install --force-reinstall --no-deps mlpkit"
        )
    if folder.exists() and not folder.is_dir():
        raise AutograderError(f"{folder} is a file. Name a folder, a new one or your own.")
    if folder.is_symlink() and not folder.exists():
        raise AutograderError(
            f"{folder} is a link to {os.readlink(folder)}, which is not there. Name another folder."
        )
    done = Handout(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in notebooks.items():
            _place(done, name, path.read_bytes(), update)
    except OSError as error:
        raise AutograderError(
            f"The notebooks cannot be put into {folder.absolute()}: {error.strerror or error}. "
            "What was there is as it was. Name a folder that you may write to: mlpkit start FOLDER"
        ) from error
    return done


def _place(done: Handout, name: str, released: bytes, update: bool) -> None:
    place = done.folder / f"{name}.ipynb"
    if not place.exists() and not place.is_symlink():
        write_atomically(place, released)
        done.new.append(name)
        return
    try:
        data = read_regular(place.resolve())
        renewed = with_answers(json.loads(released), data)
    except Refused:
        renewed = None
    if renewed is None:
        done.unreadable.append(name)
    elif _texts(renewed) == _texts(json.loads(data)):
        done.kept.append(name)
    elif not update:
        done.older.append(name)
    else:
        _keep(place, data)
        text = json.dumps(renewed, indent=1, ensure_ascii=False) + "\n"
        write_atomically(place.resolve(), text.encode())
        done.updated.append(name)


def _keep(place: Path, data: bytes) -> None:
    """The file as it was, under a name that is free, in a folder beside it."""
    folder = place.parent / KEPT_IN
    folder.mkdir(exist_ok=True)
    numbers = ["", *(f"-{number}" for number in range(2, 10_000))]
    free = (folder / f"{place.stem}{number}.ipynb" for number in numbers)
    write_atomically(next(path for path in free if not path.exists()), data)


def with_answers(release: dict[str, Any], student: bytes) -> dict[str, Any] | None:
    """The release with a student's answers and own cells in their places.

    None where the student's file is not a notebook of this assignment. A stub as it was handed
    out is no answer, also where the release has changed it since.
    """
    steps = read_source_cells(release)
    rebuilt = rebuild(steps, student)
    if not rebuilt.readable:
        return None
    theirs = _cells(student)
    if theirs is None:
        return None
    as_handed_out = {text_of(cell).strip() for cell in theirs if _is_as_handed_out(cell)}
    known = {step.id: cell for step, cell in zip(steps, release["cells"], strict=True)}
    cells = []
    for placed in rebuilt.cells:
        cell = known.get(placed.step.id)
        if cell is None:
            own = theirs[int(placed.step.id.removeprefix("own-"))]
            cells += [] if _is_the_courses(own) else [_own(own, placed.step.id, known)]
        elif _is_answer(placed, as_handed_out):
            pasted = {"attachments": placed.attachments} if placed.attachments else {}
            text = placed.text or ""
            cells.append({**cell, "source": text.splitlines(keepends=True), **pasted})
        else:
            cells.append(cell)
    return {**release, "cells": cells}


def _cells(student: bytes) -> list[Any] | None:
    """The cells as they stand in the file; None in a format that has none of nbformat 4's."""
    try:
        cells = json.loads(student)["cells"]
    except (ValueError, KeyError):
        return None
    return cells if all(isinstance(cell, dict) for cell in cells) else None


def _is_answer(placed: PlacedCell, as_handed_out: set[str]) -> bool:
    if placed.text is None or placed.step.kind not in (SOLUTION, MANUAL, OPEN):
        return False
    text = placed.text.strip()
    return text not in ("", placed.step.released) and text not in as_handed_out


def _is_as_handed_out(cell: Any) -> bool:
    """Whether nbgrader's checksum, set when the notebook was made, is still that of the cell."""
    noted = role_of(cell).get("checksum")
    return bool(noted) and noted == checksum_of(cell)


def _is_the_courses(cell: Any) -> bool:
    """Whether a cell without a place in the release is an earlier one's, and holds no answer."""
    numbered = str(cell.get("id", "")).startswith("prose-") and cell["cell_type"] == "markdown"
    return numbered or bool(role_of(cell).get("locked")) or _is_as_handed_out(cell)


def _own(cell: Any, free: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """A student's own cell, with an id that no other has; what the course gave up is theirs now."""
    kept = {**cell, "id": cell.get("id", free) if cell.get("id") not in known else free}
    metadata = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
    return {**kept, "metadata": {k: v for k, v in metadata.items() if k != "nbgrader"}}


def _texts(notebook: Any) -> list[str]:
    return [text_of(cell).strip() for cell in notebook["cells"]]
