"""What each command needs beside numpy; what is missing is one message with the line to type."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from autograder.errors import AutograderError

_CHECK = ["IPython", "msgpack"]
_GRADE = [
    *_CHECK,
    "nbgrader",
    "nbformat",
    "nbclient",
    "jinja2",
    "mistune",
    "math_core",
    "nh3",
    "pygments",
    "sqlalchemy",
    "dateutil",
    "yaml",
    "matplotlib",
    "sklearn",
    "traitlets",
    "tqdm",
    *(["pyseccomp"] if sys.platform == "linux" else []),
]
_OWN = "check", "progress", "watch"  # the commands for one's own notebooks


def require_for(command: str) -> None:
    """Raise AutograderError unless what a command of ``autograder`` imports is installed."""
    if command in _OWN:
        require("notebook", command, _CHECK)
    else:
        require("grade", command, _GRADE)


def require(extra: str, command: str, modules: Sequence[str]) -> None:
    """Raise AutograderError, with the line to type, unless the modules can be imported."""
    missing = [module for module in modules if not find_spec(module)]
    if missing:
        names = ", ".join(missing[:3]) + (" and others" if len(missing) > 3 else "")
        verb = "is" if len(missing) == 1 else "are"
        raise AutograderError(
            f"{command} needs {names}, which {verb} not installed. Type: "
            f"pip install 'mlpkit[{extra}]' (in a checkout of the project: "
            f"pip install -e '.[{extra}]')"
        )
