"""The ledger of what ``autograder collect`` took: every version of everybody's work.

It is ``collected/ASSIGNMENT.json``; the versions' files lie in ``collected/ASSIGNMENT/STUDENT/``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from autograder.course.directory import Course
from autograder.errors import AutograderError


@dataclass(frozen=True)
class Version:
    """One submission of one student: ``number`` is its folder, ``time`` in UTC or "".

    ``files`` are the digests of its files as placed; ``back`` what feedback has to be called for
    the platform it is from, ``order`` the platform's own numbering; ``notebook`` is whether it has
    one.
    """

    number: int
    digest: str
    platform: str
    label: str
    time: str = ""
    late: bool = False
    order: int = 0
    back: str = ""
    notebook: bool = True
    files: Mapping[str, str] = field(default_factory=dict)


class Collected:
    """What was collected of one assignment."""

    def __init__(self, course: Course, assignment: str) -> None:
        self.folder = course.root / "collected" / assignment
        self._ledger = self.folder.with_name(f"{assignment}.json")
        self._versions = _read(self._ledger)

    def versions(self, student: str) -> list[Version]:
        """All that a student handed in, in the order it was collected."""
        return self._versions.get(student, [])

    def counting(self, student: str) -> Version | None:
        """The version that counts: the latest that has a notebook, else the latest."""
        versions = self.versions(student)
        versions = [one for one in versions if one.notebook] or versions
        return reduce(_later, versions) if versions else None

    def students(self) -> Iterable[str]:
        """Everybody who has a version here."""
        return self._versions.keys()


def _later(one: Version, other: Version) -> Version:
    """Of two versions the one handed in later; ``other`` was collected later.

    By time, else by the numbers of a platform that counts its files, else as collected.
    """
    if one.time and other.time:
        return one if one.time > other.time else other
    if one.platform == other.platform and one.order and other.order:
        return one if one.order > other.order else other
    return other


def _read(path: Path) -> dict[str, list[Version]]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_bytes())
        return {
            student: [Version(**version) for version in versions]
            for student, versions in content.items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise AutograderError(
            f"{path} cannot be read ({error}). It says where collected work is from. Move it away "
            "to collect anew; nothing in submitted/ is lost."
        ) from error
