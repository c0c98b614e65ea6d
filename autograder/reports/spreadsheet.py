"""CSV that a spreadsheet may open: every text quoted, nothing that it would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]], delimiter: str = ",") -> str:
    """CSV with every text quoted, and no cell that a spreadsheet would run as a formula."""
    buffer = io.StringIO()
    writer = csv.writer(
        buffer, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n"
    )
    for row in (head, *rows):
        writer.writerow([_cell(value) for value in row])
    return buffer.getvalue()


def harmless(text: str) -> str:
    """Text that stays text in a spreadsheet: an apostrophe before what would be a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    return value if isinstance(value, int) else harmless("" if value is None else str(value))
