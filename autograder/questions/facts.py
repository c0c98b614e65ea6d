"""What a student's process printed about functions, read as a stranger's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.questions.shown_code import without_comments

OPTIONS = 4  # of a question
Facts = Mapping[str, Any]
_ORDER = ("first", "second", "third", "fourth", "fifth")


def text_of(value: Any) -> str:
    """A short text; ValueError for all else."""
    if not isinstance(value, str):
        raise ValueError("no text")
    return value[:300]


def line_of(cells: Mapping[str, str], cell: Any, line: Any) -> str:
    """A line of the student's, without comments; "" if there is none."""
    lines = without_comments(cells.get(cell, "")).split("\n")
    return lines[line - 1].strip() if isinstance(line, int) and 0 < line <= len(lines) else ""


def called_with(fact: Facts) -> str:
    """Which function is called, and with what."""
    return f"Your function {text_of(fact['function'])} is called with {text_of(fact['given'])}"


def part_of(part: Any) -> str:
    """``2['W']`` -> the entry 'W' of its second result."""
    number, bracket, key = text_of(part).partition("[")
    whole = "its result"
    if number.isdecimal() and 1 <= int(number) <= len(_ORDER):
        whole = f"its {_ORDER[int(number) - 1]} result"
    return f"the entry {key.rstrip(']')} of {whole}" if bracket else whole
