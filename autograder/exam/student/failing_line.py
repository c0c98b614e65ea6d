"""The student's line that raised, and what the arrays and whole numbers in it were."""

from __future__ import annotations

import re
import traceback
import types

import numpy as np

LONGEST = 500  # characters
MOST_NAMES = 6
_NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*")


def failing_line(error: BaseException) -> str:
    """``line 3, in f: return A @ x``, and below it the shapes of A and x; "" if not theirs."""
    frames = [
        (frame, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if "ipython-input" in frame.f_code.co_filename or "ipykernel" in frame.f_code.co_filename
    ]
    if not frames:
        return ""
    frame, number = frames[-1]
    (summary,) = traceback.StackSummary.extract(iter([(frame, number)]))
    line = summary.line or ""
    text = f"line {number}, in {summary.name}: {line}"[:LONGEST]
    there = _shapes(line, frame)
    return f"{text}\n    where {there}"[:LONGEST] if there else text


def _shapes(line: str, frame: types.FrameType) -> str:
    """What the plain names in a line stood for; arrays by their shapes."""
    said = []
    for name in dict.fromkeys(_NAME.findall(line)):
        value = frame.f_locals.get(name)
        if type(value) is np.ndarray:
            said.append(f"{name} has shape {value.shape}")
        elif type(value) is int:
            said.append(f"{name} is {value}")
    return ", ".join(said[:MOST_NAMES]) if any("shape" in one for one in said) else ""
