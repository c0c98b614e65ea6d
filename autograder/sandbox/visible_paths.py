"""What a student process sees of this machine: the Python environment, no more of the disk."""

import os
import stat
import sys
from collections.abc import Container, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from autograder.errors import SandboxError
from autograder.sandbox.second_names import identity, linked_again, mounted_again

SYSTEM = "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache"
OURS = "mlpkit", "autograder"
SECRET = "mlpkit_solutions", "nbgrader"
NEEDED = "numpy", "matplotlib", "sklearn", "IPython"


@cache
def visible_paths() -> tuple[Path, ...]:
    """Existing files and directories to show, parents first, none inside another.

    The directory that holds our own packages is not among them when they are installed from
    a working copy: the reference solutions lie next to them.
    """
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    paths = {Path(path) for path in SYSTEM}
    for prefix in map(Path, prefixes):
        paths |= {prefix / "lib", prefix / "lib64", prefix / "pyvenv.cfg"}
    paths |= {Path(sys.executable), *_sites()}
    paths |= {_package(name) for name in OURS if find_spec(name)}
    existing = sorted(path for path in paths if path.exists())
    return tuple(p for p in existing if not any(other in p.parents for other in existing))


def shown_with(path: Path) -> Path | None:
    """The visible directory that the resolved ``path`` is or lies in; None where it is not seen."""
    return next((one for one in visible_paths() if one in (path, *path.parents)), None)


@cache
def hidden_paths() -> tuple[Path, ...]:
    """Directories and files inside the visible ones that a student process must not read.

    The distribution mlpkit-solutions has the sources of the assignments, and nbgrader's tests
    have gradebooks; no student process needs either. Where a mount or a hard link shows one of
    them, or a source of this checkout, a second time, that is among them, too.
    """
    packages = [_package(name) for name in SECRET if find_spec(name)]
    secrets = [*packages, *_sources_of_a_checkout()]
    shown = visible_paths()
    return (*packages, *mounted_again(secrets, shown), *linked_again(secrets, shown))


def _sources_of_a_checkout() -> list[Path]:
    """Next to our packages, where they are not installed but lie in a checkout."""
    root = Path(__file__).resolve().parents[2]
    sources = root / "solutions"
    return [sources] if (root / "pyproject.toml").is_file() and sources.is_dir() else []


@cache
def python_path() -> tuple[str, ...]:
    """For PYTHONPATH: where packages lie outside the interpreter's own directories."""
    ours = {str(_package(name).parent) for name in OURS if find_spec(name)}
    return tuple(sorted(ours | {str(site) for site in _sites()}))


def _sites() -> set[Path]:
    """Directories of needed packages outside the interpreter's own (a user's site, PYTHONPATH)."""
    own = {Path(prefix) / "lib" for prefix in (sys.prefix, sys.base_prefix)}
    sites = {_package(name).parent for name in NEEDED if find_spec(name)}
    return {site for site in sites if not own & {*site.parents}}


def readable_pieces(path: Path, hidden: tuple[Path, ...]) -> Iterator[Path]:
    """``path`` cut into pieces that leave out the hidden ones, for rules that only add.

    A rule holds for the directory itself, under whatever name it was given. So all paths are
    resolved first (a venv's ``lib64`` is ``lib``), and a bind mount of a hidden directory is
    known by its device and inode. A symbolic link that leads to, into or around something hidden
    gives nothing.
    """
    resolved = tuple(secret.resolve() for secret in hidden)
    yield from _pieces(path.resolve(), resolved, {identity(secret) for secret in resolved} - {None})


def _pieces(
    path: Path, hidden: tuple[Path, ...], identities: Container[tuple[int, int] | None]
) -> Iterator[Path]:
    if identity(path) in identities or any(secret in path.parents for secret in hidden):
        return
    if not any(path in secret.parents for secret in hidden):
        yield path
        return
    with os.scandir(path) as entries:
        for entry in entries:
            inner = Path(entry.path)
            if not entry.is_symlink():
                yield from _pieces(inner, hidden, identities)
            elif inner.exists() and not _touches(inner.resolve(), hidden):
                yield inner.resolve()


def _touches(path: Path, hidden: tuple[Path, ...]) -> bool:
    """Is it hidden, inside something hidden, or around it?"""
    return any(
        path == secret or secret in path.parents or path in secret.parents for secret in hidden
    )


def closed_to_others(path: Path) -> Path | None:
    """The first directory or file on the way to ``path`` that only its owner may enter or read."""
    for part in [*reversed(path.parents), path]:
        needed = stat.S_IXOTH if part != path else stat.S_IROTH
        if not part.stat().st_mode & needed:
            return part
    return None


def _package(name: str) -> Path:
    """The directory of an importable package, found without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SandboxError(f"{name} is not installed as a package here; install it again.")
    return Path(spec.submodule_search_locations[0])
