"""What an assignment's percent file says: its cells, where each stands, and the regions in them.

A cell head reads ``# %% test id="test_dL_dV" points=2``: the kind, then values in JSON.
Each cell knows the lines it stands in, so that whatever is wrong can be named with file and line.
What jupytext reads as a cell is one here; importing jupytext costs a third of a second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError

CODE_KINDS = ("given", "solution", "test", "experiment")
KINDS = (*CODE_KINDS, "manual")  # and "prose", which has no word of its own in the head

SOLUTION, HIDDEN_TESTS, MARK_SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
REGIONS = (SOLUTION, HIDDEN_TESTS, MARK_SCHEME)


_HEAD = re.compile(r"^\s*#\s*%%(?!%)")
_VALUE = re.compile(r"(?:^|(?<=\s))(\w[\w-]*)=")
_QUOTES = re.compile(r"""#.*|\"{3}|'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_MARKER = re.compile(rf"\s*### (BEGIN|END) ({'|'.join(REGIONS)})\s*")


@dataclass(frozen=True)
class Cell:
    """One cell as written.

    ``kind`` is the head's word: one of KINDS, "prose" for Markdown without a word, "" for code
    without one, else whatever stands there. ``line`` is where ``text`` begins, ``head`` the
    line of its head, both counted from 1. ``values`` are the head's id, points and the like,
    ``broken`` what of the head is neither.
    """

    kind: str
    type: str
    text: str
    head: int
    line: int
    values: Mapping[str, Any]
    broken: str = ""

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


def read_text(path: Path) -> str:
    """The text of a percent file; AutograderError with the line of what is no UTF-8."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AutograderError(
            f"{path}:{line}: byte 0x{data[error.start]:02x} is no UTF-8; save the file as UTF-8"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def placed(path: Path, message: str) -> str:
    """``file:line: message``, the line being that of the first cell that the message names."""
    heads = {str(cell.id): cell.head for cell in read_cells(read_text(path)) if cell.id}
    named = (heads[word] for word in re.findall(r"\w+", message) if word in heads)
    return f"{path}:{next(named, 1)}: {message}"


def read_cells(text: str) -> list[Cell]:
    """The cells of a percent file, in order; text before the first head is a cell with head 0."""
    lines = text.split("\n")
    bounds = [*_heads(lines), len(lines)]
    before = _first_line(lines)
    cells = []
    if before < bounds[0]:
        cells.append(_cell(Cell("", "code", "", 0, 0, {}), lines[before : bounds[0]], before))
    for head, end in pairwise(bounds):
        cells.append(_cell(_read_head(lines[head], head + 1), lines[head + 1 : end], head + 1))
    return cells


def _heads(lines: list[str]) -> Iterator[int]:
    """The lines that are heads, counted from 0: one inside a string of several lines is not."""
    quotes = ""
    for number, line in enumerate(lines):
        if not quotes and _HEAD.match(line):
            yield number
        quotes = _open_quotes(line, quotes)


def _open_quotes(line: str, quotes: str) -> str:
    """The triple quotes that are open after a line, "" when none are."""
    while True:
        if quotes:
            _, closed, line = line.partition(quotes)
            if not closed:
                return quotes
        found = _QUOTES.search(line)
        if found is None:
            return ""
        quotes = found[0] if found[0] in ('"""', "'''") else ""
        line = line[found.end() :]


def _first_line(lines: list[str]) -> int:
    """The first line that says something, after a YAML header."""
    number = 0
    if lines[0].strip() == "# ---":
        number = 1 + next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "# ---"), 0)
    return next((n for n in range(number, len(lines)) if lines[n].strip()), len(lines))


def _read_head(line: str, number: int) -> Cell:
    """A cell without its text, from the line of its head."""
    rest = _HEAD.sub("", line, count=1)
    values, broken = {}, ""
    word, *_ = _VALUE.split(rest, maxsplit=1)
    rest = rest[len(word) :]
    while found := _VALUE.match(rest):
        try:
            values[found[1]], end = json.JSONDecoder().raw_decode(rest, found.end())
        except ValueError:
            broken = rest.strip()
            break
        rest = rest[end:].lstrip()
    broken = broken or rest.strip()
    markdown = "[markdown]" in word or "[md]" in word
    kind = word.replace("[markdown]", "").replace("[md]", "").strip()
    kind = kind or ("prose" if markdown else "")
    return Cell(kind, "markdown" if markdown else "code", "", number, 0, values, broken)


def _cell(head: Cell, body: list[str], above: int) -> Cell:
    """The cell with the text that stands below its head; ``above`` lines come before that."""
    if head.type == "markdown":
        quotes = next((line.strip() for line in body if line.strip()), "")
        if quotes in ('"""', "'''"):  # between triple quotes, on a line of their own
            first = next(n for n, line in enumerate(body) if line.strip() == quotes) + 1
            last = next((n for n in range(first, len(body)) if body[n].strip() == quotes), None)
            body, above = body[first:last], above + first
        else:
            body = [re.sub("^# ?", "", line) for line in body]
    text = "\n".join(body)
    blank = len(text) - len(text.lstrip("\n"))
    return replace(head, text=text.strip("\n"), line=above + blank + 1)


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
    for line, place in _by_region(text, name):
        if place == "BEGIN":
            indent = line[: -len(line.lstrip())]
            lines += [indent + stub_line for stub_line in stub.splitlines()]
        elif place == "outside":
            lines.append(line)
    return "\n".join(lines)


def between(text: str, name: str) -> str:
    """What the regions of this name hold, "" where there is none."""
    found = (line for line, place in _by_region(text, name) if place == "inside")
    return "\n".join(found).strip()


def _by_region(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Each line, and whether it is a marker (BEGIN, END), inside of a region or outside."""
    place = "outside"
    for line in text.split("\n"):
        marker = _MARKER.fullmatch(line)
        if marker and marker[2] == name:
            yield line, marker[1]
            place = "inside" if marker[1] == "BEGIN" else "outside"
        else:
            yield line, place


def without_markers(text: str) -> str:
    """The text as a reader wants it: everything there, the marker lines gone."""
    return "\n".join(line for line in text.split("\n") if not _MARKER.fullmatch(line))
