"""Flags in few lines: what was unusual in the same way is one line, with how many it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.result import NO_SANDBOX

SHOWN = 5  # names in a line
# What differs between flags of one kind: the cell, names in quotes or brackets, numbers.
_CELL = re.compile(
    r"(?<=^The cell )(\S+)|(?<=^The written answer )(\S+)|^(\S+)(?= was defined in )"
)
_DETAIL = re.compile(r"(?<=found by the name )\S+|\([^()]*\)|'[^']*'|\"[^\"]*\"|\b\d[\d.]*\b")


@dataclass(frozen=True)
class FlagLine:
    """One kind of flag: its text, whose it is, and of how many students."""

    text: str
    students: tuple[str, ...]

    @property
    def who(self) -> str:
        """The students, the first few by name."""
        return _few(self.students)


def grouped_flags(flags: Mapping[str, Iterable[str]]) -> list[FlagLine]:
    """One line for each kind of flag, those of most students first."""
    kinds: dict[str, dict[str, set[str]]] = {}
    for student, texts in flags.items():
        for text in texts:
            if text != NO_SANDBOX:
                kinds.setdefault(_kind(text), {}).setdefault(text, set()).add(student)
    lines = [
        FlagLine(_text(kind, list(texts)), tuple(sorted(set().union(*texts.values()))))
        for kind, texts in kinds.items()
    ]
    return sorted(lines, key=lambda line: -len(line.students))


def merged_flags(flags: Iterable[str]) -> list[str]:
    """The flags of one student, those of one kind as one message."""
    return [line.text for line in grouped_flags({"": flags})]


def _kind(text: str) -> str:
    return _DETAIL.sub("…", _CELL.sub("…", text))


def _text(kind: str, texts: list[str]) -> str:
    """The message itself, or that of the kind with the cells that it is about."""
    if len(texts) == 1:
        return texts[0]
    cells = sorted({found[0] for text in texts if (found := _CELL.search(text))})
    if not cells:
        return f"{kind} ({len(texts)} variants)"
    if len(cells) == 1:
        return kind.replace("…", cells[0], 1)
    return f"{kind} ({len(cells)} cells: {_few(cells)})"


def _few(names: Iterable[str]) -> str:
    names = list(names)
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
