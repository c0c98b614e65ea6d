"""What a check of the notebook that is open is worth, and how many of its checks have passed."""

import json
import os
from pathlib import Path

SESSION = "JPY_SESSION_NAME"  # Jupyter's server tells its kernels the notebook's path in it


class Tally:
    """The checks of the open notebook that passed since the kernel started."""

    def __init__(self) -> None:
        self.passed: set[str] = set()

    def note(self, cell_id: str, passed: bool) -> None:
        """A check was run; what passed before may fail now."""
        (self.passed.add if passed else self.passed.discard)(cell_id)

    def line(self, cell_id: str) -> str:
        """Such as "worth 2 points, 3 of 14 checks so far"; "" where the notebook is not known."""
        points = points_of_checks(os.environ.get(SESSION, ""))
        if cell_id not in points:
            return ""
        worth = points[cell_id]
        done = len(self.passed & points.keys())
        return f"worth {worth:g} point{'s' * (worth != 1)}, {done} of {len(points)} checks so far"


def points_of_checks(path: str) -> dict[str, float]:
    """The points of each automatic check of a notebook, by the cell's id; none if it is no file."""
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
        found = {}
        for cell in cells:
            about = cell.get("metadata", {}).get("nbgrader", {})
            if cell["cell_type"] == "code" and about.get("grade") and not about.get("solution"):
                found[str(cell["id"])] = float(about.get("points", 0))
        return found
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
