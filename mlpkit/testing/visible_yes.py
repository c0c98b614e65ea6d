"""One quiet line under a cell that a person runs: its test passed, or what numpy meant."""

import ast
import sys
from typing import Any

from mlpkit.testing import causes
from mlpkit.testing.plain_words import in_plain_words
from mlpkit.testing.tally import Tally

HIDES = "__tracebackhide__"  # IPython leaves a cell out of tracebacks, with the hints in it


def title_of(cell: str) -> str | None:
    """What a test cell checks, by its docstring; None for every other cell."""
    try:
        tree = ast.parse(cell)
    except SyntaxError:
        return None
    title = ast.get_docstring(tree)
    if not title or not any(map(_asserts, ast.walk(tree))):
        return None
    return title.strip().splitlines()[0]


def _asserts(node: ast.AST) -> bool:
    named = isinstance(node, ast.Name) and node.id.startswith("assert_")
    return named or isinstance(node, ast.Assert)


class Announcer:
    """Counts the comparisons of a cell, and says after it that all hold, or what an error means."""

    def __init__(self, space: dict[str, Any] | None = None) -> None:
        self.space = {} if space is None else space  # the notebook's names
        self.tally = Tally()

    def before(self, info: Any) -> None:
        causes.comparisons = 0
        if title_of(getattr(info, "raw_cell", None) or ""):
            self.space[HIDES] = True

    def after(self, result: Any) -> None:
        self.space.pop(HIDES, None)
        error = getattr(result, "error_in_exec", None)
        if error is not None and in_plain_words(str(error)) != str(error):
            print(f"In plain words: {in_plain_words(str(error))}.")
        title = title_of(result.info.raw_cell or "")
        if title is None:
            return
        cell_id = str(getattr(result.info, "cell_id", None))
        self.tally.note(cell_id, bool(result.success))
        if result.success:
            count = causes.comparisons
            compared = f"{count} comparison{'s' * (count != 1)}" if count else ""
            about = ", ".join(filter(None, [compared, self.tally.line(cell_id)]))
            print(f"✓ Right: {title}" + f" ({about})" * bool(about))


def announce() -> None:
    """Do so from now on, in a Jupyter kernel; nothing anywhere else."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if type(shell).__name__ != "ZMQInteractiveShell" or hasattr(shell, "_mlpkit_announcer"):
        return
    shell._mlpkit_announcer = announcer = Announcer(shell.user_ns)
    shell.events.register("pre_run_cell", announcer.before)
    shell.events.register("post_run_cell", announcer.after)
