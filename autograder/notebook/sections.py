"""The sections of an assignment, as its headings number them, and which checks each one has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.notebook.source_cells import MANUAL, TEST, SourceCell

_HEADING = re.compile(r"^(#{2,3}) +(?!BEGIN |END )(.+?)\s*$", re.M)
_NUMBER = re.compile(r"\d+(\.\d+)*$")


@dataclass(frozen=True)
class Section:
    """A heading of the second or third level: ``number`` is "2.1", "" where it has none."""

    number: str
    title: str

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()


def sections_of_checks(steps: Iterable[SourceCell]) -> dict[str, Section]:
    """The section that each check stands in, by the check's id; checks before any are left out.

    Headings read ``### 2.1 The loss · 1 point``: what follows the title is not part of it.
    A heading without a number belongs to the numbered section above it.
    """
    found: dict[str, Section] = {}
    section = None
    for step in steps:
        if not step.code:
            for level, text in _HEADING.findall(step.released):
                new = _section(text)
                inside = level == "###" and section is not None and section.number
                section = section if inside and not new.number else new
        if step.kind in (TEST, MANUAL) and section is not None:
            found[step.id] = section
    return found


def _section(heading: str) -> Section:
    number, _, rest = heading.partition(" ")
    if not _NUMBER.match(number):
        number, rest = "", heading
    return Section(number, rest.removeprefix("· ").split(" · ")[0].strip())


def in_section(wanted: str, check_id: str, section: Section | None) -> bool:
    """Whether a check is meant by what somebody typed: a number, a title or the check's id.

    The number of a section stands for those inside it, too: 2 for 2.1.
    """
    wanted = wanted.strip().casefold().rstrip(".")
    if wanted == check_id.casefold():
        return True
    if section is None:
        return False
    inside = section.number == wanted or section.number.startswith(f"{wanted}.")
    return bool(wanted) and (
        inside or wanted in (section.title.casefold(), str(section).casefold())
    )
