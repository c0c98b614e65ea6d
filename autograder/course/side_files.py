"""Reading what lies next to a notebook: the instructor's files, and what a student handed in.

The layout and the exceptions are nbgrader's: everything in the assignment's source folder but
notebooks goes along, ``CourseDirectory.ignore`` leaves out, and ``Autograde.exclude_overwriting``
names files of which the student's version counts.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.files import Refused, read_regular
from autograder.notebook.side_files import Files

MIB = 2**20
MAX_COURSE_BYTES = 32 * MIB  # of one assignment's files together
MAX_STUDENT_BYTES = 16 * MIB  # of one student's: both fit into a student process's work folder
MAX_FILES = 500
MAX_DEPTH = 8  # of folders below the notebook
MAX_PATH = 200  # characters of a relative path

SECRET = "submission_secret.txt"  # of nbgrader's exchange: by it, a student's feedback is found

_IGNORE = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")  # nbgrader's own


def read_course_files(course: Course, assignment: str) -> Files:
    """The files next to an assignment's source notebooks; AutograderError when they are too many.

    Links of the instructor's are followed, as nbgrader follows them.
    """
    root = course.path("source", ".", assignment)
    found: dict[str, bytes] = {}
    size = 0
    for path, _ in _below(root, _ignored(course)):
        size += path.stat().st_size if path.is_file() else 0
        if len(found) >= MAX_FILES or size > MAX_COURSE_BYTES:
            raise AutograderError(
                f"Next to the notebooks in {root} lie more than {MAX_FILES} files or "
                f"{MAX_COURSE_BYTES // MIB} MB; no more can be handed to the exam. Move away what "
                "no cell reads, or name it in c.CourseDirectory.ignore in nbgrader_config.py."
            )
        if path.is_file():
            try:
                found[path.relative_to(root).as_posix()] = path.read_bytes()
            except OSError as error:
                raise AutograderError(f"{path} cannot be read: {error.strerror}.") from error
    settings = course.config.Autograde.get("exclude_overwriting", {}) if course.config else {}
    return Files(found, replaceable=frozenset(dict(settings).get(assignment, ())))


def read_students_files(
    course: Course, assignment: str, student: str, given: Files
) -> tuple[dict[str, bytes], list[str]]:
    """What a student handed in next to the notebook, and messages about what was left out.

    The folder is hostile: nothing is followed, nothing is waited for, and a folder that is over
    a limit counts as empty. Files that the instructor's would replace are not even opened.
    """
    try:
        return _read_next_to_notebook(course, assignment, student, given)
    except Exception as error:  # a stranger's folder; it must not stop the class
        reason = error.strerror if isinstance(error, OSError) else None
        return {}, [f"The files next to the notebook could not be read ({reason or error!r})."]


def _read_next_to_notebook(
    course: Course, assignment: str, student: str, given: Files
) -> tuple[dict[str, bytes], list[str]]:
    root = course.path("submitted", student, assignment)
    if root.is_symlink() or root.parent.is_symlink() or not root.is_dir():
        return {}, []
    given_names = given.for_examiner()
    found: dict[str, bytes] = {}
    refused: list[str] = []
    size = 0
    for path, status in _below(root, (*_ignored(course), ".*", "timestamp.txt", SECRET)):
        name = path.relative_to(root).as_posix()
        if name in given_names:
            continue
        size += status.st_size
        if len(found) + len(refused) >= MAX_FILES or size > MAX_STUDENT_BYTES:
            return {}, [
                f"More than {MAX_FILES} files or {MAX_STUDENT_BYTES // MIB} MB lie next to "
                "the notebook; none of them was handed to it."
            ]
        try:
            found[_sound(name)] = read_regular(path, MAX_STUDENT_BYTES)
        except Refused as reason:
            refused.append(f"{name!r} {reason}")
    if not refused:
        return found, []
    more = f"; and {len(refused) - 5} more" if len(refused) > 5 else ""
    return found, [f"Next to the notebook, and left out: {'; '.join(refused[:5])}{more}."]


def _ignored(course: Course) -> tuple[str, ...]:
    settings = course.config.CourseDirectory if course.config else {}
    return (*map(str, settings.get("ignore", _IGNORE)), "*.ipynb")


def _below(root: Path, ignored: tuple[str, ...]) -> Iterator[tuple[Path, os.stat_result]]:
    """Everything below a folder that is no folder itself, in the order of its names."""
    is_ignored, waiting = _matcher(ignored), [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                names = sorted(
                    entry.name for _, entry in zip(range(20 * MAX_FILES), entries, strict=False)
                )
        except OSError:
            continue
        inner = []
        for name in names:
            if is_ignored(name):
                continue
            path = folder / name
            try:
                status = path.lstat()
            except OSError:
                continue
            if not stat.S_ISDIR(status.st_mode):
                yield path, status
            elif depth < MAX_DEPTH:
                inner.append((path, depth + 1))
        waiting += reversed(inner)


@lru_cache(8)
def _matcher(patterns: tuple[str, ...]) -> Callable[[str], Any]:
    """Whether a name fits one of the patterns."""
    return re.compile("|".join(map(translate, patterns))).match


def _sound(name: str) -> str:
    """The relative path, if it may be made again elsewhere."""
    if len(name) > MAX_PATH:
        raise Refused(f"has a path longer than {MAX_PATH} characters")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise Refused("has a name that is not UTF-8") from None
    return name
