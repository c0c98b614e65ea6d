"""The reference functions of an assignment, as a reader of the notebook has them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from autograder.percent import read_cells

SOLUTIONS = Path(__file__).parents[2] / "solutions"


def load_reference(assignment: str) -> SimpleNamespace:
    """Everything that the given and solution cells of ``assignment`` define, by name."""
    path = SOLUTIONS / assignment / f"{assignment}.py"
    namespace: dict[str, object] = {}
    for cell in read_cells(path.read_text(encoding="utf-8")):
        if cell.kind in ("given", "solution"):
            # Blank lines before the text: a traceback then shows the line of the file.
            code = compile("\n" * (cell.line - 1) + cell.text, str(path), "exec")
            exec(code, namespace)
    return SimpleNamespace(**namespace)
