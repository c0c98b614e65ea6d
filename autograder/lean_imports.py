"""Libraries without those parts of them that cost seconds to import and that nobody here uses."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType

# jsonschema, which nbformat imports, tells well-formed links, dates and durations with these. One
# builds 38 grammars, half of what importing nbgrader takes. No notebook's form needs them, and
# jsonschema does without what it cannot import.
_FORMATS = "rfc3987_syntax", "rfc3986_validator", "isoduration"


def leave_out_formats() -> None:
    """Let jsonschema, when it is imported, not import what tells forms of text."""
    for name in _FORMATS:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def leave_out_servers() -> None:
    """Let nbgrader, when it is imported, not import its extensions of Jupyter's server.

    Its ``__init__`` does nothing else. What lies in the package is imported as ever.
    """
    spec = find_spec("nbgrader")
    if spec and "nbgrader" not in sys.modules:
        package = module_from_spec(spec)
        sys.modules["nbgrader"] = package
        vars(package)["__version__"] = import_module("nbgrader._version").__version__


def leave_out_archives() -> None:
    """Let nbgrader, when it is imported, not import setuptools: it takes three functions of it, to
    unpack downloads, which `autograder collect` does itself, and within bounds."""
    name = "setuptools.archive_util"
    archives = sys.modules.setdefault(name, ModuleType(name))
    for unpack in "unpack_archive", "unpack_tarfile", "unpack_zipfile":
        vars(archives).setdefault(unpack, None)
