"""What each command needs beside numpy; what is missing is one message with the line to type."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

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
_OURS = "autograder", "mlpkit", "mlpkit_solutions"


def require_for(command: str) -> None:
    """Raise AutograderError unless what a command of ``autograder`` imports is installed."""
    require(_extra(command), command, _CHECK if command in _OWN else _GRADE)


def require(extra: str, command: str, modules: Sequence[str]) -> None:
    """Raise AutograderError, with the line to type, unless the modules can be imported."""
    missing = [module for module in modules if not find_spec(module)]
    if missing:
        names = ", ".join(missing[:3]) + (" and others" if len(missing) > 3 else "")
        verb = "is" if len(missing) == 1 else "are"
        raise AutograderError(
            f"{command} needs {names}, which {verb} not installed. Type: {_install(extra)}"
        )


def unusable(command: str, error: ImportError) -> AutograderError | None:
    """What to say of a library that is missing after all, or too old; None for a fault of ours."""
    library = (error.name or "").partition(".")[0]
    if not library or library in _OURS or library in sys.stdlib_module_names:
        return None
    state = "is installed, but cannot be used" if _is_there(library) else "is not installed"
    return AutograderError(
        f"{command} needs {library}, which {state} ({error}). Type: {_install(_extra(command))}"
    )


def _extra(command: str) -> str:
    return "notebook" if command in _OWN else "grade"


def _is_there(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except ValueError:  # half imported
        return True


def _install(extra: str) -> str:
    """The line that installs an extra of the mlpkit that runs here, from an index or not.

    pip has mlpkit already and reads there what the extra is, in a checkout as well.
    """
    found = shutil.which("pip")
    here = found and Path(found).parent == Path(sys.executable).parent
    pip = "pip" if here else f"{shlex.quote(sys.executable)} -m pip"
    return f"{pip} install 'mlpkit[{extra}]'"
