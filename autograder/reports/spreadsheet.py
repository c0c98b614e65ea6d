"""CSV that a spreadsheet may open: every text quoted, nothing that it would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

# What begins a formula, with blanks and letters of no width before it; also inside a text, behind
# what separates cells where this is opened with another separator than it was written with.
_BLANK = r"[\s\x00-\x1f\u00ad\u200b-\u200f\u2060\ufeff]"
_FORMULA = re.compile(rf"(?:\A|(?<=[;,|\t\r\n]))(?={_BLANK}*[=+\-@＝＋－＠])|\A(?=[\t\r\n])")


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
    return _FORMULA.sub("'", text)


def harmless_export(text: str) -> str:
    """A cell of another program's table, whose numbers stay numbers, of whatever sign."""
    return text if re.fullmatch(r"[+-]?[\d.,]+%?", text, re.A) else harmless(text)


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    return value if isinstance(value, int) else harmless("" if value is None else str(value))
