"""Libraries without those parts of them that cost seconds to import and that nobody here uses."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

# jsonschema, which nbformat imports, tells well-formed links, dates and durations with these. One
# builds 38 grammars, half of what importing nbgrader takes. No notebook's form needs them, and
# jsonschema does without what it cannot import.
_FORMATS = "rfc3987_syntax", "rfc3986_validator", "isoduration"
# Where in ``nbgrader.preprocessors`` those lie that are used here.
_MODULES = {
    "AssignLatePenalties": "latesubmissions",
    "ClearHiddenTests": "clearhiddentests",
    "ClearMarkScheme": "clearmarkingscheme",
    "ClearOutput": "clearoutput",
    "ClearSolutions": "clearsolutions",
    "ComputeChecksums": "computechecksums",
    "LockCells": "lockcells",
}


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


@cache
def preprocessors(*names: str) -> list[Any]:
    """Some of nbgrader's preprocessors, by name.

    Their package imports all there are, and with them what nbconvert renders pages with.
    """
    import_module("nbgrader")  # which imports them, unless its servers were left out
    if "nbgrader.preprocessors" in sys.modules:
        whole = import_module("nbgrader.preprocessors")
        return [getattr(whole, name) for name in names]
    with _unexecuted("nbconvert", "nbconvert.preprocessors", "nbconvert.exporters"):
        theirs = sys.modules["nbconvert.preprocessors"]
        _give(theirs, "base", "Preprocessor")
        _give(theirs, "clearoutput", "ClearOutputPreprocessor")
        exporter = sys.modules["nbconvert.exporters.exporter"] = ModuleType("exporter")
        vars(exporter)["ResourcesDict"] = dict  # which only annotations name
        with _unexecuted("nbgrader.preprocessors"):
            package = sys.modules["nbgrader.preprocessors"]
            _give(package, "base", "NbGraderPreprocessor")
            return [_give(package, _MODULES[name], name) for name in names]


def _give(package: ModuleType, module: str, name: str) -> Any:
    """Do one line of what the package's ``__init__`` does: a name from a module; what it is."""
    vars(package)[name] = found = getattr(import_module(f"{package.__name__}.{module}"), name)
    return found


@contextmanager
def _unexecuted(*packages: str) -> Iterator[None]:
    """Packages whose ``__init__`` is not run; later, to all others, as if nothing of them was
    ever imported."""
    there = {name: module for name, module in sys.modules.items() if _lies_in(name, packages)}
    for name in there:
        del sys.modules[name]
    try:
        for name in packages:
            spec = find_spec(name)
            if spec is None:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            sys.modules[name] = module_from_spec(spec)
        yield
    finally:
        for name in [name for name in sys.modules if _lies_in(name, packages)]:
            del sys.modules[name]
        sys.modules.update(there)


def _lies_in(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)
