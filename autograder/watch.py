"""Every save of one's own notebooks, judged at once by processes that stay warm.

The files are looked at, not subscribed to: nine `stat` calls twenty times a second cost a
thousandth of a core, on every system and file system alike.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.files import Refused, read_regular
from autograder.notebook.sections import Section
from autograder.result import FAILED, PASSED, Check, Result
from autograder.self_study import (
    all_notebooks,
    examined,
    find_notebooks,
    sections,
    which_assignment,
)

POLL_SECONDS = 0.05
LOOK_AROUND_SECONDS = 1.0  # between two searches for notebooks that are new, at least
SHARE_OF_LOOKING = 0.05  # of the time may go into them, however large the folder is
HALF_WRITTEN_SECONDS = 1.0  # that a file may stay unreadable before it is called so


@dataclass(frozen=True)
class Judged:
    """A save, judged: the result now and that of the save before (None: this is the first)."""

    path: Path
    result: Result
    before: Result | None
    sections: dict[str, Section]

    @property
    def gained(self) -> float:
        """Points more than at the save before."""
        return self.result.score - self.before.score if self.before else 0.0

    @property
    def turned_red(self) -> list[Check]:
        """The checks that passed at the save before, and fail now."""
        passed = {c.id for c in self.before.checks if c.status == PASSED} if self.before else set()
        return [c for c in self.result.checks if c.status == FAILED and c.id in passed]

    @property
    def open(self) -> Check | None:
        """The first check that fails."""
        return next((c for c in self.result.checks if c.status == FAILED and not c.manual), None)

    def by_section(self) -> list[tuple[Section | None, list[Check]]]:
        """The checks of each section, in the notebook's order."""
        found: dict[Section | None, list[Check]] = {}
        for check in self.result.checks:
            found.setdefault(self.sections.get(check.id), []).append(check)
        return list(found.items())

    def to_json(self) -> dict[str, Any]:
        """One object per save, as ``autograder watch --json`` prints it."""
        return {
            **self.result.to_json(),
            "notebook": str(self.path),
            "gained": self.gained,
            "turned_red": [check.id for check in self.turned_red],
            "open": self.open.id if self.open else None,
            "sections": [
                {
                    "section": str(section or ""),
                    "score": sum(check.score or 0.0 for check in checks),
                    "max_score": sum(check.points for check in checks),
                }
                for section, checks in self.by_section()
            ],
        }


def watch(
    folder: Path,
    ready: Callable[[list[Path]], None] = lambda paths: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Judged | None]:
    """Judge each notebook below ``folder`` whenever it is saved, without end; copies, too.

    Yields None after each look at the files. ``ready`` is told the notebooks once the processes
    are warm. AutograderError when ``folder`` holds no notebook of this course.
    """
    own = find_notebooks(folder).values()
    saved = {path: _stamp(path) for path in [*own, *_found(folder)]}
    results: dict[Path, Result] = {}
    for path in own:  # so that the first save is judged as fast as the others
        results |= _judge_quietly(path)
    ready(list(saved))
    look = time.monotonic() + LOOK_AROUND_SECONDS
    while True:
        if (begun := time.monotonic()) > look:
            for path in _found(folder):
                saved.setdefault(path, ())
            took = time.monotonic() - begun
            look = begun + max(LOOK_AROUND_SECONDS, took / SHARE_OF_LOOKING)
        for path, stamp in saved.items():
            now = _stamp(path)
            if now and now != stamp:
                saved[path] = now
                if judged := _judge(path, results, sleep):
                    yield judged
        yield None
        sleep(POLL_SECONDS)


def _found(folder: Path) -> list[Path]:
    return [path for path, _ in all_notebooks(folder)]


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _judge_quietly(path: Path) -> dict[Path, Result]:
    name, data = _read(path)
    return {path: examined(name, data)} if name else {}


def _judge(path: Path, results: dict[Path, Result], sleep: Callable[[float], None]) -> Any:
    name, data = _read(path)
    deadline = time.monotonic() + HALF_WRITTEN_SECONDS
    while not _is_json(data) and time.monotonic() < deadline:  # it is being written
        sleep(POLL_SECONDS)
        name, data = _read(path)
    if name is None:
        return None
    result = examined(name, data)
    judged = Judged(path, result, results.get(path), sections(name))
    results[path] = result
    return judged


def _read(path: Path) -> tuple[str | None, bytes]:
    try:
        data = read_regular(path.resolve())
    except (OSError, Refused):
        return None, b""
    return which_assignment(path, data), data


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
