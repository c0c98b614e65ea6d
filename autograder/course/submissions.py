"""What a student handed in: the bytes of one notebook, read so that no file can do harm.

A submission folder is hostile: links, pipes, devices, files without end. Nothing is followed,
nothing is waited for, and what is refused is said in words and graded as nothing handed in.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.course.directory import Course
from autograder.files import Refused, read_regular


@dataclass(frozen=True)
class Submission:
    """One notebook of one student.

    ``data`` is b"" when nothing could be read. ``flags`` are sentences about what was odd.
    ``files`` lie beside the notebook, relative path to content.
    """

    student: str
    assignment: str
    notebook: str
    data: bytes = b""
    flags: tuple[str, ...] = ()
    timestamp: datetime | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def read_submission(
    course: Course, assignment: str, student: str, notebook: str, alone: bool | None = None
) -> Submission:
    """What ``student`` handed in for one notebook; its content never makes this raise.

    ``alone`` says whether it is the assignment's only one; None: look.
    """
    if alone is None:
        alone = len(course.sources(assignment)) == 1
    folder = course.path("submitted", student, assignment)
    flags: list[str] = []
    data = _read_notebook(folder, notebook, alone, flags)
    timestamp = _read_timestamp(folder, flags)
    return Submission(student, assignment, notebook, data, tuple(flags), timestamp)


def _read_notebook(folder: Path, notebook: str, alone: bool, flags: list[str]) -> bytes:
    if folder.is_symlink() or not folder.is_dir():
        flags.append("What was handed in is not a folder; nothing was read.")
        return b""
    path = _choose(folder, notebook, alone, flags)
    if path is None:
        flags.append(f"No notebook {notebook}.ipynb was handed in.")
        return b""
    try:
        return read_regular(path)
    except Refused as reason:
        flags.append(f"The file {path.name!r} {reason}; it was not read.")
        return b""


def _choose(folder: Path, notebook: str, alone: bool, flags: list[str]) -> Path | None:
    """The file that counts: the right name, else the latest that may be meant."""
    names = sorted(name for name in os.listdir(folder) if name.lower().endswith(".ipynb"))
    exact = f"{notebook}.ipynb"
    meant = [name for name in names if alone or name.startswith(notebook)]
    if not meant:
        return None
    latest = (
        meant[0]
        if len(meant) == 1
        else max(meant, key=lambda name: (name == exact, (folder / name).lstat().st_mtime, name))
    )
    if latest != exact:
        flags.append(f"The notebook is called {latest!r} instead of {exact!r}.")
    if others := [name for name in meant if name != latest]:
        flags.append(f"Also handed in, and not graded: {', '.join(map(repr, others))}.")
    return folder / latest


def _read_timestamp(folder: Path, flags: list[str]) -> datetime | None:
    """When it was handed in (UTC, as nbgrader keeps it), from timestamp.txt."""
    path = folder / "timestamp.txt"
    if not os.path.lexists(path):
        return None
    try:
        text = read_regular(path, 1024).decode("ascii").strip()
        return _parse_time(text) if text else None
    except (Refused, ValueError, OverflowError, UnicodeDecodeError):
        flags.append("timestamp.txt holds no time; the submission counts as not late.")
        return None


def _parse_time(text: str) -> datetime:
    """nbgrader writes ``2026-11-21 10:00:00.0 UTC``, or a zone's name; UTC when none is given."""
    from dateutil import parser, tz

    *date, zone = text.split(" ")
    if len(date) == 2:
        where = tz.gettz(zone)
        moment = parser.parse(" ".join(date)) if where else parser.parse(text)
        moment = moment.replace(tzinfo=where) if where else moment
    else:
        moment = parser.parse(text)
    return moment.astimezone(tz.UTC).replace(tzinfo=None) if moment.tzinfo else moment
