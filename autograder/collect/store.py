"""Where collected work is kept: every version of it, and the one that counts in ``submitted/``.

    collected/ASSIGNMENT/STUDENT/0001/...    what was handed in first, as it was
    collected/ASSIGNMENT.json                each version: where it is from, when it came
    submitted/STUDENT/ASSIGNMENT/...         a copy of the version that counts, for grading
    collected.csv                            when it came, where the platform says that

Files that somebody put into ``submitted/`` by hand are never touched.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from autograder.course.collected import Collected, Version
from autograder.course.directory import Course
from autograder.course.submissions import COLLECTED, COLLECTED_COLUMNS
from autograder.course.tables import read_table
from autograder.files import write_atomically

NEW, NEWER, SAME, OLDER, BY_HAND = "new", "newer", "same", "older", "by hand"
PUT_BACK = "put back"


class Store(Collected):
    """What was collected of one assignment; ``save`` writes what was ``put``."""

    def __init__(self, course: Course, assignment: str) -> None:
        super().__init__(course, assignment)
        self.course, self.assignment = course, assignment
        self._times: dict[str, str] = {}

    def put(self, student: str, files: Mapping[str, bytes], about: Version) -> str:
        """Keep a submission, and place it where it is graded if it is the latest.

        Returns NEW, NEWER, SAME (nothing to do), OLDER (kept, does not count), PUT_BACK (it was
        gone from ``submitted/``), or BY_HAND (kept; there lies something that was not collected).
        """
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        digest = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
        known = next((old for old in self.versions(student) if old.digest == digest), None)
        before = self.counting(student)
        version = known or self._keep(student, files, digests, digest, about)
        if version != self.counting(student):
            return SAME if known else OLDER
        placed = self._placed(student)
        if placed == digests:
            done = SAME if known else NEWER if before else NEW
        elif placed and not self._collected(student, placed):
            return BY_HAND
        else:
            self._place(student, files)
            done = PUT_BACK if known else NEWER if before else NEW
        if version.time:
            self._times[student] = version.time
        return done

    def save(self) -> None:
        """Write the ledger, and the times for grading."""
        content = {
            student: [asdict(version) for version in versions]
            for student, versions in sorted(self._versions.items())
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        write_atomically(self._ledger, text.encode("utf-8", "replace"))
        if self._times:
            _write_times(self.course.root / COLLECTED, self.assignment, self._times)

    def _keep(
        self,
        student: str,
        files: Mapping[str, bytes],
        digests: Mapping[str, str],
        digest: str,
        about: Version,
    ) -> Version:
        versions = self._versions.setdefault(student, [])
        number = 1 + max((version.number for version in versions), default=0)
        version = replace(about, number=number, digest=digest, files=dict(digests))
        _write_folder(self.folder / student / f"{number:04}", files)
        versions.append(version)
        return version

    def _placed(self, student: str) -> dict[str, str]:
        """Digests of what lies in ``submitted/``; a sign for what is not an ordinary file."""
        root = self.course.path("submitted", student, self.assignment)
        if root.is_symlink():
            return {"": "link"}
        found = {}
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name != ".ipynb_checkpoints"]
            for name in names:
                path = Path(folder, name)
                ordinary = path.is_file() and not path.is_symlink()
                name = path.relative_to(root).as_posix()
                found[name] = _digest(path) if ordinary else "no ordinary file"
        return found

    def _collected(self, student: str, placed: Mapping[str, str]) -> bool:
        return any(version.files == placed for version in self.versions(student))

    def _place(self, student: str, files: Mapping[str, bytes]) -> None:
        target = self.course.path("submitted", student, self.assignment)
        draft = target.with_name(f".{target.name}.draft")
        _write_folder(draft, files)
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(draft, target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _write_times(path: Path, assignment: str, times: Mapping[str, str]) -> None:
    """Bring the assignment's rows up to date; all others stay as they are."""
    rows = [row for _, row in read_table(path, COLLECTED_COLUMNS)]
    rows = [row for row in rows if row[1] != assignment or row[0] not in times]
    rows += [[student, assignment, time] for student, time in sorted(times.items())]
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([COLLECTED_COLUMNS, *rows])
    write_atomically(path, buffer.getvalue().encode())


def utc_text(moment: datetime | None, zone: tzinfo) -> str:
    """A moment as it is kept, in UTC; "" for none. One without a zone is ``zone``'s."""
    if moment is None:
        return ""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
