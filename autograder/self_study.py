"""One's own notebooks: which assignment each is of, what it is worth, how far all of them are."""

from __future__ import annotations

import glob
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from autograder.authoring.installed import course_files, course_sources, needed_sources
from autograder.errors import AutograderError
from autograder.files import Refused, read_regular
from autograder.result import FAILED, PASSED, Check, Result

SHARED = 0.25  # of an assignment's cells: a notebook with more of them is one of it


def check_notebook(path: Path, only: str = "") -> Result:
    """The result of one's own notebook; AutograderError when it is none of this course.

    ``only`` names a section, by number or title, or a check: the others are left out.
    """
    name, data = _own(path)
    result = examined(name, data, once=True)
    return _part(result, name, only) if only else result


def _own(path: Path) -> tuple[str, bytes]:
    """The assignment that a notebook is of, and its bytes."""
    if path.is_dir():
        raise AutograderError(
            f"{path} is a folder. Give the name of your notebook; for all that are in there: "
            f"autograder progress {shlex.quote(str(path))}"
        )
    if not os.path.lexists(path):
        raise AutograderError(_not_there(path))
    from autograder.notebook.submitted_cells import read_cells

    try:
        data = read_regular(path.resolve() if path.is_file() else path)
    except Refused as reason:
        raise AutograderError(f"{path} {reason}. Give a notebook that can be read.") from None
    cells, message = read_cells(data)
    if cells is None:
        raise AutograderError(f"{path}: {message} {_what_to_give(path)}")
    name = which_assignment(path, data)
    if name is None:
        raise AutograderError(
            f"{path} is no notebook of this course: neither its cells nor its name are those of "
            f"{', '.join(course_sources()) or 'any assignment'}."
        )
    return name, data


def _not_there(path: Path) -> str:
    """That a file is not there, and which one may be meant."""
    name = path.stem if path.suffix == ".ipynb" else path.name
    pattern = f"{glob.escape(name)}.ipynb"
    near = [path.with_name(f"{name}.ipynb"), *Path().glob(pattern), *Path().glob(f"*/{pattern}")]
    found = next((one for one in near if one.is_file()), None)
    meant = found or Path("FOLDER", f"{next(iter(course_sources()), 'NAME')}.ipynb")
    asked = "Did you mean" if found else "Give the name of your notebook, as in"
    get = "" if found else "; to get the notebooks: mlpkit start"
    return f"There is no {path}. {asked}: autograder check {shlex.quote(str(meant))}{get}"


def _what_to_give(path: Path) -> str:
    """What to do where a file cannot be read as a notebook."""
    earlier = path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint.ipynb"
    if earlier.is_file():
        return f"As it was before: {earlier}, which Jupyter kept. Copy it to another name to go on."
    return "Give the .ipynb file that Jupyter saves."


def written_answers(path: Path) -> list[WrittenAnswer]:
    """The written questions of one's own notebook, each beside its model answer."""
    from autograder.notebook import rebuild
    from autograder.notebook.source_cells import MANUAL

    name, data = _own(path)

    return [
        WrittenAnswer.of(one.step, one.text or "", str(sections(name).get(one.step.id, "")))
        for one in rebuild.rebuild(_steps(name), data).cells
        if one.step.kind == MANUAL
    ]


@dataclass(frozen=True)
class WrittenAnswer:
    """A question that a person grades, with what its student wrote, "" where that is nothing."""

    section: str
    points: float
    question: str
    mine: str
    model: str
    scheme: str

    @classmethod
    def of(cls, step: Any, text: str, section: str) -> WrittenAnswer:
        """From the cell of the source and the text that the student's notebook has in its place."""
        from autograder.authoring.percent import MARK_SCHEME, SOLUTION, between, cut

        question = step.released.replace(step.markers.text_stub, "").strip()
        asked = set(step.released.splitlines())
        mine = "\n".join(line for line in text.splitlines() if line not in asked).strip()
        scheme = between(step.source, MARK_SCHEME)
        model = between(cut(step.source, MARK_SCHEME), SOLUTION)
        return cls(section, step.points, question, mine, model, scheme)


def _part(result: Result, name: str, only: str) -> Result:
    """The checks of one section."""
    from autograder.notebook.sections import in_section

    found = sections(name)
    checks = [c for c in result.checks if in_section(only, c.id, found.get(c.id))]
    if not checks:
        known = ", ".join(map(str, dict.fromkeys(found.values())))
        raise AutograderError(f"{name} has no section with checks '{only}'; there are: {known}.")
    return replace(result, checks=tuple(checks))


def sections(name: str) -> dict[str, Any]:
    """The section (``notebook.sections.Section``) of each check of an assignment."""
    from autograder.notebook.sections import sections_of_checks

    return sections_of_checks(_steps(name))


def which_assignment(path: Path, data: bytes) -> str | None:
    """The assignment a notebook belongs to: by its cells' ids, else by its name."""
    here = set(re.findall(rb'"(?:grade_id|id)": *"(\w+)"', data.replace(b"\0", b"")))  # UTF-16
    shares = {name: len(ids & here) / max(len(ids), 1) for name, ids in _cell_ids().items()}
    best = max(shares, key=shares.__getitem__, default=None)
    if best is not None and shares[best] > SHARED:
        return best
    return next((name for name in shares if name in path.name), None)  # "Copy of 01_logistic.ipynb"


@dataclass(frozen=True)
class Progress:
    """How far one assignment is. ``path`` is None where its notebook was not found.

    ``result`` is None while the notebook is as it was handed out; ``points`` are then those of
    the assignment, and ``checks`` how many automatic checks it has.
    """

    assignment: str
    path: Path | None
    result: Result | None
    checks: int
    points: float

    @property
    def passed(self) -> int:
        """Automatic checks that pass."""
        return sum(check.status == PASSED for check in self._checks if not check.manual)

    @property
    def score(self) -> float:
        """Points that are sure by now."""
        return self.result.score if self.result else 0.0

    @property
    def next(self) -> Check | None:
        """What to do next: the first check that is not passed, then the first empty answer."""
        lost = [check for check in self._checks if check.status == FAILED and not check.manual]
        empty = [check for check in self._checks if check.manual and check.score == 0]
        return next(iter([*lost, *empty]), None)

    @property
    def section(self) -> str:
        """Where to go on: the section of the next check, "" where there is none."""
        return str(sections(self.assignment).get(self.next.id, "")) if self.next else ""

    @property
    def command(self) -> str:
        """What to type to see how it stands there; "" where nothing is open."""
        if not self.next or self.path is None:
            return ""
        number = self.section.split(" ")[0]
        only = number if number[:1].isdigit() else self.next.id
        return f"autograder check {shlex.quote(str(self.path))} --only {only}"

    @property
    def _checks(self) -> tuple[Check, ...]:
        return self.result.checks if self.result else ()

    def to_json(self) -> dict[str, Any]:
        """One object per assignment, as ``autograder progress --json`` prints it."""
        todo = self.next
        return {
            "assignment": self.assignment,
            "notebook": None if self.path is None else str(self.path),
            "begun": self.result is not None,
            "passed": self.passed,
            "checks": self.checks,
            "score": self.score,
            "max_score": self.points,
            "status": self.result.status if self.result else None,
            "next": todo and {"id": todo.id, "title": todo.title, "message": todo.message},
            "section": self.section,
            "command": self.command,
        }


def progress(folder: Path) -> Iterator[Progress]:
    """How far every assignment is, in the course's order; AutograderError when none is there."""
    found = find_notebooks(folder)
    for name in course_sources():
        steps = _steps(name)
        checks = sum(step.kind == "test" for step in steps)
        points = sum(step.points for step in steps)
        path = found.get(name)
        data = read_regular(path) if path else b""
        result = examined(name, data) if path and not _untouched(name, data) else None
        yield Progress(name, path, result, checks, points)


def find_notebooks(folder: Path) -> dict[str, Path]:
    """The notebook of each assignment below ``folder``.

    Of several of one assignment the one nearest to ``folder`` counts, then the one under its
    own name, then the newest. Worked solutions are none.
    """
    if folder.is_file():
        here = shlex.quote(str(folder.parent))
        raise AutograderError(f"{folder} is a file. Name the folder that it is in: {here}")
    if not folder.is_dir():
        raise AutograderError(f"There is no folder {folder}.")
    found: dict[str, tuple[Any, Path]] = {}
    for path, name in all_notebooks(folder):
        try:
            rank = -len(path.parts), path.stem == name, path.stat().st_mtime
        except OSError:  # moved away meanwhile
            continue
        found[name] = max(found.get(name, (rank, path)), (rank, path))
    if not found:
        raise AutograderError(
            f"No notebook of this course is in {folder.resolve()}. Name the folder that holds "
            "yours; to get them: mlpkit start FOLDER"
        )
    return {name: path for name, (_, path) in found.items()}


def all_notebooks(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every notebook of this course below ``folder``, copies too, and its assignment."""
    for path in _notebooks(folder):
        try:
            name = which_assignment(path, read_regular(path))
        except Refused:
            continue
        if name is not None:
            yield path, name


def _notebooks(folder: Path) -> Iterator[Path]:
    solutions = course_files().resolve()
    for here, folders, files in os.walk(folder):
        inside = [name for name in folders if not name.startswith(".")]
        folders[:] = [n for n in sorted(inside) if Path(here, n).resolve() != solutions]
        yield from (Path(here, name) for name in sorted(files) if name.endswith(".ipynb"))


def examined(name: str, data: bytes, once: bool = False) -> Result:
    """The exam of a notebook of the assignment ``name``; ``once``: no other is to come."""
    from autograder.exam.local import examine_own

    return examine_own(_source(name), data, once=once).named("", name)


def _untouched(name: str, data: bytes) -> bool:
    """Whether every answer is as it was handed out, and nothing needs to be run to know it."""
    from autograder.notebook import rebuild

    rebuilt = rebuild.rebuild(_steps(name), data)
    answers = [one for one in rebuilt.cells if one.step.kind in ("solution", "manual")]
    return rebuilt.readable and all(
        one.text is None or one.text.strip() in ("", one.step.released) for one in answers
    )


@cache
def _source(name: str) -> dict[str, Any]:
    from autograder.authoring.source import read_plain

    return read_plain(course_sources()[name], known=True)


@cache
def _steps(name: str) -> list[Any]:
    from autograder.notebook.source_cells import read_source_cells

    return read_source_cells(_source(name))


def _cell_ids() -> dict[str, set[bytes]]:
    """The ids of each assignment's cells, read without building its notebook."""
    pattern = re.compile(rb'^# %% \w+.* id="(\w+)"', re.M)
    sources = needed_sources()
    return {name: set(pattern.findall(path.read_bytes())) for name, path in sources.items()}
