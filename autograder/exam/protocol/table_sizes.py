"""How much memory a table takes once a check reads it, where few parts make it large.

Of a category only codes cross, of an index of several levels too, of a range three numbers. What
these get is a stranger's: they raise ValueError and TypeError for what is no table.
"""

from __future__ import annotations

from typing import Any

LABEL = 8  # bytes of a label of a range or category, as a number or a pointer
LABELS = 120  # bytes of a tuple of labels


def of_labels(kind: Any, *parts: Any) -> int:
    """Bytes of an index's labels beyond its parts."""
    if kind == "range":
        start, stop, step, _ = parts
        if not all(type(one) is int for one in (start, stop, step)):
            raise TypeError("no range")
        return LABEL * len(range(start, stop, step))
    if kind == "multi":
        levels, codes, _ = parts
        return sum(of_labels(*one) for one in levels) + LABELS * max(map(len, codes), default=0)
    return of_column(*parts[0])


def of_column(kind: Any, *parts: Any) -> int:
    """Bytes of a column's values beyond its parts."""
    if kind == "category":
        return LABEL * len(parts[0]) + of_labels(*parts[1])
    return 0


def of_frame(columns: Any, names: Any, index: Any) -> int:
    """Bytes of a table beyond its parts."""
    return sum(of_column(*one) for one in columns) + of_labels(*names) + of_labels(*index)


def of_series(column: Any, index: Any, name: Any) -> int:
    """Bytes of a column with its labels beyond its parts."""
    return of_column(*column) + of_labels(*index)


def of_categories(labels: Any, ordered: Any) -> int:
    """Bytes of a category's labels beyond their parts."""
    return of_labels(*labels) if labels else 0
