"""CSV that people edit, in whatever encoding and with whatever separator a spreadsheet saved it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.errors import AutograderError


def read_table(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The number of each line that is not empty and its cells in these columns; none without file.

    Raises AutograderError where a column is missing.
    """
    if not path.is_file():
        return
    head, *rows = read_rows(path) or [[]]
    titles = [title.strip().casefold() for title in head]
    if missing := [name for name in columns if name not in titles]:
        raise AutograderError(
            f"{path}, line 1: no column {', '.join(missing)}; expected are the columns "
            f"{','.join(columns)}."
        )
    places = [titles.index(name) for name in columns]
    for number, row in enumerate(rows, 2):
        if any(cell.strip() for cell in row):
            yield number, [row[place].strip() if place < len(row) else "" for place in places]


def read_rows(path: Path) -> list[list[str]]:
    """The rows of a CSV file as a spreadsheet may have written it, whatever its separator."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AutograderError(f"{path} cannot be read: {error.strerror}.") from error
    if data.startswith(b"PK\x03\x04"):
        raise AutograderError(f"{path} is a spreadsheet. Save it as CSV, and give that.")
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in (*encodings, "latin-1"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    first, _, rest = text.partition("\n")
    if said := re.fullmatch(r"sep=(.)\s*", first, re.I):  # a line that Excel wants, and keeps
        return list(csv.reader(io.StringIO(rest, newline=""), delimiter=said[1]))
    delimiter = max(",;\t", key=first.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
