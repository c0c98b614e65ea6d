"""What an assignment's percent file says: its cells, where each stands, and the regions in them.

A cell head reads ``# %% test id="test_dL_dV" points=2``: the kind, then values in JSON.
jupytext does the reading; what it does not tell, the line of each head, is found again here,
so that whatever is wrong can be named with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.errors import AutograderError

CODE_KINDS = ("given", "solution", "test", "experiment")
KINDS = (*CODE_KINDS, "manual")  # and "prose", which has no word of its own in the head

SOLUTION, HIDDEN_TESTS, MARK_SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
REGIONS = (SOLUTION, HIDDEN_TESTS, MARK_SCHEME)


_HEAD = re.compile(r"^\s*#\s*%%(?!%)")
_MARKER = re.compile(rf"\s*### (BEGIN|END) ({'|'.join(REGIONS)})\s*")
_PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
# What jupytext adds to a head on its own account.
_JUPYTEXT_KEYS = {"title", "lines_to_next_cell", "cell_marker"}


@dataclass(frozen=True)
class Cell:
    """One cell as written.

    ``kind`` is the head's word: one of KINDS, "prose" for Markdown without a word, "" for code
    without one, else whatever stands there. ``line`` is where ``text`` begins, ``head`` the
    line of its head, both counted from 1. ``values`` are the head's id, points and the like.
    """

    kind: str
    type: str
    text: str
    head: int
    line: int
    values: Mapping[str, Any]

    @property
    def id(self) -> str | None:
        """The id in the head, if there is one."""
        return self.values.get("id")

    @property
    def points(self) -> float | None:
        """The points in the head, if there are some."""
        return self.values.get("points")


@dataclass(frozen=True)
class Region:
    """What stands between two markers; ``begin`` and ``end`` index the marker lines, from 0."""

    name: str
    begin: int
    end: int


class MarkerError(AutograderError, ValueError):
    """Markers that do not pair up. ``line`` counts the lines of the cell's text from 0."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read_cells(text: str) -> list[Cell]:
    """The cells of a percent file, in order; text before the first head is a cell with head 0."""
    import jupytext  # late: the exam, which only needs names and regions, does without

    lines = text.split("\n")
    heads = [number for number, line in enumerate(lines, start=1) if _HEAD.match(line)]
    first = _first_line(lines)
    cells: list[Cell] = []
    last = first - 1  # the last line of the cells so far: a head before it is part of a string
    for parsed in jupytext.reads(text, fmt=dict(_PERCENT)).cells:
        headless = not cells and first not in heads
        head = 0 if headless else next(number for number in heads if number > last)
        cell = _cell(parsed, head, begins=first if headless else head + 1)
        last = cell.line + cell.text.count("\n")
        cells.append(cell)
    return cells


def _first_line(lines: list[str]) -> int:
    """The first line that says something, after the YAML header that jupytext may have left."""
    number = 0
    if lines[0].strip() == "# ---":
        number = 1 + next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "# ---"), 0)
    return 1 + next((n for n in range(number, len(lines)) if lines[n].strip()), len(lines))


def _cell(parsed: Mapping[str, Any], head: int, begins: int) -> Cell:
    source, metadata = parsed["source"], parsed["metadata"]
    body = source.strip("\n")
    line = begins + len(source) - len(source.lstrip("\n"))
    if "cell_marker" in metadata:  # Markdown between triple quotes, on a line of their own
        line += 1
    kind = metadata.get("title", "prose" if parsed["cell_type"] == "markdown" else "")
    values = {key: value for key, value in metadata.items() if key not in _JUPYTEXT_KEYS}
    return Cell(kind, parsed["cell_type"], body, head, line, values)


def regions(text: str) -> list[Region]:
    """The marked regions of a cell, in order.

    A marker stands alone on its line: ``### BEGIN SOLUTION``. nbgrader would also cut at a line
    that merely contains those words, so such a line is an error here.

    Raises MarkerError for a stray, nested, unclosed or misspelt marker.
    """
    found: list[Region] = []
    begun: tuple[str, int] | None = None
    for number, line in enumerate(text.split("\n")):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            _refuse_almost_marker(number, line)
            continue
        word, name = marker.groups()
        if word == "BEGIN":
            if begun:
                raise MarkerError(
                    number,
                    f"'{line.strip()}' stands inside '### BEGIN {begun[0]}'; "
                    f"close that with '### END {begun[0]}' first",
                )
            begun = name, number
        elif begun is None or begun[0] != name:
            raise MarkerError(
                number,
                f"'{line.strip()}' closes nothing; put '### BEGIN {name}' before it, or remove it",
            )
        else:
            found.append(Region(name, begun[1], number))
            begun = None
    if begun:
        raise MarkerError(
            begun[1],
            f"'### BEGIN {begun[0]}' is never closed; "
            f"put '### END {begun[0]}' after it, in the same cell",
        )
    return found


def _refuse_almost_marker(number: int, line: str) -> None:
    for name in REGIONS:
        for word in ("BEGIN", "END"):
            if f"{word} {name}" in line:
                raise MarkerError(
                    number,
                    f"a marker stands alone on its line and reads "
                    f"'### {word} {name}', not '{line.strip()}'",
                )


def cut(text: str, name: str, stub: str = "") -> str:
    """The text with each region of this name replaced by ``stub``, indented as its marker is."""
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        marker = _MARKER.fullmatch(line)
        if marker and marker[2] == name:
            inside = marker[1] == "BEGIN"
            if inside:
                indent = line[: -len(line.lstrip())]
                lines += [indent + stub_line for stub_line in stub.splitlines()]
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def without_markers(text: str) -> str:
    """The text as a reader wants it: everything there, the marker lines gone."""
    return "\n".join(line for line in text.split("\n") if not _MARKER.fullmatch(line))
