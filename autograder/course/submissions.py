"""What a student handed in: the bytes of one notebook, read so that no file can do harm.

A submission folder is hostile: links, pipes, devices, files without end. Nothing is followed,
nothing is waited for, and what is refused is said in words and graded as nothing handed in.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.course.directory import Course
from autograder.course.tables import read_table
from autograder.errors import AutograderError
from autograder.files import Refused, read_regular


@dataclass(frozen=True)
class Submission:
    """One notebook of one student.

    ``data`` is b"" when nothing could be read. ``flags`` are messages about what was unusual.
    ``files`` lie next to the notebook, relative path to content.
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
    data, timestamp = b"", None
    try:
        if _through_link(course.path("submitted"), folder):
            flags.append("What was handed in lies behind a symbolic link; nothing was read.")
        else:
            data = _read_notebook(folder, notebook, alone, flags)
            timestamp = _collected(course, assignment, student) or _read_timestamp(
                folder, flags, course_zone(course)
            )
    except AutograderError:
        raise
    except Exception as error:  # a stranger's folder; it must not stop the class
        flags.append(f"What was handed in could not be read ({_said(error)}).")
        data = b""
    return Submission(student, assignment, notebook, data, tuple(flags), timestamp)


def submitted_name(course: Course, assignment: str, student: str, notebook: str) -> str:
    """The name, without ``.ipynb``, under which this notebook was handed in; "" if unknown."""
    folder = course.path("submitted", student, assignment)
    try:
        path = _choose(folder, notebook, len(course.sources(assignment)) == 1, [])
    except OSError:
        return ""
    return path.name.removesuffix(".ipynb") if path and path.name.endswith(".ipynb") else ""


def _said(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or type(error).__name__


def _through_link(root: Path, folder: Path) -> bool:
    """Whether a folder between the course's own one and this is a symbolic link."""
    return any(
        parent.is_symlink()
        for parent in folder.parents
        if parent != root and parent.is_relative_to(root)
    )


def course_zone(course: Course) -> str:
    """The zone that nbgrader's exchange writes times in."""
    settings = course.config.Exchange if course.config else {}
    return str(settings.get("timezone", "UTC"))


COLLECTED = "collected.csv"  # in the course, by whoever collects
COLLECTED_COLUMNS = "student", "assignment", "time"


def _collected(course: Course, assignment: str, student: str) -> datetime | None:
    """When the collector took it in, in UTC; None where the collector says nothing.

    AutograderError when the collector's file cannot be read: it is the instructor's.
    """
    times = _collected_times(course.root / COLLECTED, course_zone(course), _stamp(course))
    return times.get((student, assignment))


def _stamp(course: Course) -> int:
    path = course.root / COLLECTED
    return path.stat().st_mtime_ns if path.exists() else 0


@lru_cache(4)
def _collected_times(path: Path, zone: str, changed: int) -> dict[tuple[str, str], datetime]:
    if not changed:
        return {}
    found = {}
    for number, (student, assignment, time) in read_table(path, COLLECTED_COLUMNS):
        try:
            found[student, assignment] = parse_time(time, zone)
        except (ValueError, OverflowError):
            raise AutograderError(
                f"{path}, line {number}, holds no student, assignment and time. Expected are "
                "the columns student,assignment,time and a time like 2026-11-21 10:00:00 UTC."
            ) from None
    return found


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


def _read_timestamp(folder: Path, flags: list[str], zone: str) -> datetime | None:
    """When it was handed in (UTC, as nbgrader keeps it), from timestamp.txt."""
    path = folder / "timestamp.txt"
    if not os.path.lexists(path):
        return None
    try:
        text = read_regular(path, 1024).decode("ascii").strip()
        return parse_time(text, zone) if text else None
    except (Refused, ValueError, OverflowError):
        flags.append("timestamp.txt holds no time; the submission counts as not late.")
        return None


# What nbgrader's exchange and zip_collect write, and ISO 8601; nothing else is a time.
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
    r"(?: ?(Z|[+-]\d\d:?\d\d)| ([A-Za-z]{1,5}|[A-Za-z_]{1,20}(?:/[A-Za-z_+-]{1,30}){1,2}))?",
    re.A,
)
_YEARS = range(1990, 2200)


def parse_time(text: str, course_zone: str = "UTC") -> datetime:
    """The moment in UTC, without a zone; ValueError for what is no time.

    nbgrader writes ``2026-11-21 10:00:00.0 UTC``, or the abbreviation of its configured zone;
    UTC where none is given.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("not a time")
    date, time, offset, name = found.groups()
    if "." in time:
        time = time.ljust(15, "0")
    moment = datetime.fromisoformat(f"{date}T{time}{offset or ''}")
    if name:
        moment = moment.replace(tzinfo=_zone(name, moment, course_zone))
    if moment.year not in _YEARS:
        raise ValueError("no year of a course")
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _zone(name: str, moment: datetime, course_zone: str) -> tzinfo:
    """The zone of this name, or of this abbreviation in the course's own zone."""
    if name in ("UTC", "GMT", "Z"):
        return UTC
    with contextlib.suppress(ValueError, OSError):
        own = ZoneInfo(course_zone)
        if name == own.tzname(moment):
            return own
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError("an unknown zone") from error
