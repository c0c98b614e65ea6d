"""The reference functions of an assignment, as a reader of the notebook has them, and how exact."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from autograder.authoring.percent import read_cells

SOLUTIONS = Path(__file__).parents[2] / "solutions"
RTOL = 1e-12  # of the largest entry


@cache
def load_reference(assignment: str) -> SimpleNamespace:
    """Everything that the given and solution cells of ``assignment`` define, by name."""
    path = SOLUTIONS / assignment / f"{assignment}.py"
    namespace: dict[str, object] = {}
    with warnings.catch_warnings():  # a notebook may make warnings errors, for itself only
        for cell in read_cells(path.read_text(encoding="utf-8")):
            if cell.kind in ("given", "solution"):
                # Blank lines before the text: a traceback then shows the line of the file.
                code = compile("\n" * (cell.line - 1) + cell.text, str(path), "exec")
                exec(code, namespace)
    return SimpleNamespace(**namespace)


def assert_close(value: object, expected: object) -> None:
    """``value`` has the shape of ``expected`` and agrees to RTOL of its largest entry."""
    value, expected = np.asarray(value), np.asarray(expected)
    assert value.shape == expected.shape
    assert np.max(np.abs(value - expected)) <= RTOL * np.max(np.abs(expected))
