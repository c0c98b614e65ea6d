"""What lies in ``submitted/`` where grading does not look: said, as nobody else would miss it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course.directory import Course

_JUNK = {"desktop.ini", "thumbs.db", "__macosx"}
_WORK = (".ipynb", ".zip", ".7z", ".rar", ".gz", ".tgz", ".py", ".txt", ".html", ".json", ".pdf")
_SEEN = 2_000  # files looked at below one folder


def unplaced(course: Course, assignment: str) -> list[str]:
    """A message for each thing in ``submitted/`` that no assignment's grading reads.

    Empty where ``directory_structure`` is not students' folders with assignments' in them.
    """
    root = course.path("submitted")
    if not course.structure.endswith("{student_id}/{assignment_id}") or not root.is_dir():
        return []
    assignments = {assignment, *course.assignments()}
    return [
        message
        for name in _names(root)
        for message in _of_student(root / name, name, assignment, assignments)
    ]


def _of_student(path: Path, name: str, assignment: str, assignments: set[str]) -> Iterator[str]:
    shown = f"submitted/{name}"
    if path.is_symlink() or not path.is_dir():
        yield f"{shown} is no student's folder. To sort downloads: autograder collect"
        return
    if name in assignments:
        inside = _names(path)
        yield (
            f"{shown} is called like an assignment, and holds {len(inside)} entries: the levels "
            f"are exchanged. Expected is submitted/STUDENT/{name}; autograder collect sorts it"
        )
        return
    for inner in _names(path):
        if inner in assignments:
            if inner == assignment and (deeper := _too_deep(path / inner)):
                yield f"{shown}/{inner}/{deeper} lies too deep; move it to {shown}/{inner}/"
            continue
        below = path / inner
        if below.is_dir() and not below.is_symlink():
            if works := _work_below(below):
                meant = _meant(inner, assignments)
                yield (
                    f"{shown}/{inner} is no assignment of this course, and holds {works[0]}"
                    + (f"; {meant} may be meant" if meant else "")
                )
        elif inner.lower().endswith(_WORK):
            yield f"{shown}/{inner} lies next to the assignments' folders, not in one"


def _names(folder: Path) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(n for n in names if not n.startswith(".") and n.lower() not in _JUNK)


def _work_below(folder: Path, endings: tuple[str, ...] = _WORK) -> list[str]:
    """What might be work in a folder, as paths relative to it."""
    found: list[str] = []
    for number, (place, folders, names) in enumerate(os.walk(folder)):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n.lower() not in _JUNK)
        found += [
            os.path.relpath(os.path.join(place, name), folder)
            for name in sorted(names)
            if name.lower().endswith(endings) and not name.startswith(".")
        ]
        if number > _SEEN or found:
            break
    return found


def _too_deep(folder: Path) -> str:
    """A notebook below an assignment's folder, where none lies in the folder itself."""
    if any(name.lower().endswith(".ipynb") for name in _names(folder)):
        return ""
    return next(iter(_work_below(folder, (".ipynb",))), "")


def _meant(name: str, assignments: set[str]) -> str:
    """The assignment that a folder's name is nearly."""

    def letters(text: str) -> str:
        return re.sub(r"[\W_]+", "", re.sub(r"\s*\(\d+\)$", "", text)).casefold()

    return next((one for one in sorted(assignments) if letters(one) == letters(name)), "")
