"""Does a loss run a loop that may end early: `while`, `for` with `break` or `return`, recursion?

Of such loops an iteration to a tolerance is made. As long as the number of rounds stays the same,
nothing in the values of a loss tells an iteration from any other smooth function; its code does.
It proves nothing, and is asked only where small errors have no other explanation.
"""

import ast
import inspect
import os
import sys
import sysconfig
import textwrap
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import numpy as np

LIBRARY, PACKAGES = (sysconfig.get_paths()[name] for name in ("stdlib", "purelib"))
SKIPPED = (os.path.dirname(np.__file__), os.path.dirname(os.path.dirname(__file__)))


def ends_early(call: Callable[[], Any]) -> bool:
    """Whether Python code that ``call`` runs, outside of numpy and the standard library, has such
    a loop. False without its source, and under a profiler, whose place this takes."""
    if sys.getprofile() is not None:
        return False
    codes: set[CodeType] = set()
    recursive: set[CodeType] = set()

    def note(frame: FrameType, event: str, _arg: Any) -> None:
        if event == "call":
            codes.add(frame.f_code)
            if frame.f_back is not None and frame.f_back.f_code is frame.f_code:
                recursive.add(frame.f_code)

    sys.setprofile(note)
    try:
        call()
    except Exception:
        return False
    finally:
        sys.setprofile(None)
    own = (code for code in codes if not _is_skipped(code.co_filename))
    return any(code in recursive or _has_exit(code) for code in own)


def _is_skipped(path: str) -> bool:
    is_standard = path.startswith(LIBRARY) and not path.startswith(PACKAGES)
    return is_standard or path.startswith(SKIPPED)


def _has_exit(code: CodeType) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (OSError, SyntaxError, TypeError):  # a lambda in the midst of a line, or exec
        return False
    nodes = list(ast.walk(tree))
    inside = (inner for node in nodes if isinstance(node, ast.For) for inner in ast.walk(node))
    leaves = any(isinstance(inner, (ast.Break, ast.Return)) for inner in inside)
    return leaves or any(isinstance(node, ast.While) for node in nodes)
