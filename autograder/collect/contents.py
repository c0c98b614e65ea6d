"""What was handed in, read: which file is which notebook of the assignment, and what is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from autograder.collect.claims import Handed
from autograder.collect.downloads import Item
from autograder.files import Refused
from autograder.notebook.submitted_cells import read_cells

MAX_FILES, MAX_BYTES = 500, 64 * 2**20  # of one submission
MAX_UNREADABLE = 20  # files of one submission
MAX_PART = 200  # bytes of one name in a path
_NUMBERED = re.compile(r"-(\d{1,3})$")
_MAYBE_NOTEBOOK = (".ipynb", ".txt", ".json", ".html", "")


@dataclass
class Contents:
    """The files of a submission as they are to be placed, and messages about them.

    ``notebooks`` are those of the assignment that are there. ``left`` are names that stand for the
    whole when no notebook is there. ``problems`` are for a person to look at.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    notebooks: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _File:
    name: str
    order: int
    data: bytes
    ids: frozenset[str] | None  # cells that nbgrader knows; None: no notebook

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).name.split(".")[0]


def read_contents(
    handed: Handed, sources: Mapping[str, frozenset[str]], others: Mapping[str, frozenset[str]]
) -> Contents:
    """The contents of one submission.

    ``sources`` are the ids of the cells of each of the assignment's notebooks, ``others`` those of
    the course's other assignments.
    """
    found = Contents()
    files = _read(handed, found)
    notebooks = [file for file in files if file.ids is not None]
    chosen = _choose(notebooks, sources, others, found)
    suffix = _common_suffix(handed, chosen.values())
    above = {str(PurePosixPath(file.name).parent) for file in chosen.values()}
    folder = above.pop() if len(above) == 1 else "."
    for name, file in chosen.items():
        found.files[f"{name}.ipynb"] = file.data
        found.notebooks.append(name)
        if not PurePosixPath(file.name).name.lower().endswith(".ipynb"):
            found.notes.append(f"{file.name} is a notebook with another ending; taken as such")
    for file in files:
        if file not in chosen.values():
            _put_next_to_notebook(file, folder, suffix, found)
    if chosen:
        found.left = []
    else:
        found.left += [*(file.name for file in files), *handed.junk]
    return found


def _read(handed: Handed, found: Contents) -> list[_File]:
    files: list[_File] = []
    seen: dict[str, bytes] = {}
    size = unreadable = 0
    for name, order, item in sorted(handed.files, key=_is_no_notebook):
        if name == "timestamp.txt" and handed.claim.platform != "nbgrader":
            found.notes.append("brought a timestamp.txt along; left out, as it proves nothing")
            continue
        try:
            _sound(name)
            data = item.read()
        except Refused as reason:
            found.problems.append(f"{item} {reason}; left out")
            found.left.append(name)
            unreadable += 1
            if unreadable == MAX_UNREADABLE:
                found.problems.append("so many files cannot be read that the rest was left out")
                break
            continue
        size += len(data)
        if seen.get(name) == data and size <= MAX_BYTES:
            continue
        if len(files) >= MAX_FILES or size > MAX_BYTES:
            found.problems.append(
                f"more than {MAX_FILES} files or {MAX_BYTES // 2**20} MB; the rest was left out"
            )
            break
        if name in seen:
            found.problems.append(f"{name} is there twice with different contents")
            path = PurePosixPath(name)
            name = str(path.with_name(f"{path.stem}-{len(files)}{path.suffix}"))
        seen[name] = data
        files.append(_File(name, order, data, _ids(name, data)))
    return files


def _is_no_notebook(file: tuple[str, int, Item]) -> bool:
    """A key by which notebooks are read first: of too many files they are what counts."""
    return not file[0].lower().endswith(".ipynb")


def _ids(name: str, data: bytes) -> frozenset[str] | None:
    """Names of the cells of a notebook; None for what is none. A broken .ipynb has no cells."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in _MAYBE_NOTEBOOK:
        return None
    is_called_so = path.suffix.lower() == ".ipynb"
    if not is_called_so and not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return None
    cells, _ = read_cells(data)
    if cells is None:
        return frozenset() if is_called_so else None
    return frozenset(cell.grade_id for cell in cells if cell.grade_id)


def _choose(
    notebooks: list[_File],
    sources: Mapping[str, frozenset[str]],
    others: Mapping[str, frozenset[str]],
    found: Contents,
) -> dict[str, _File]:
    """The file of each of the assignment's notebooks: by its cells, else by its name."""
    chosen: dict[str, _File] = {}
    for name, ids in sources.items():
        fits = [file for file in notebooks if _belongs(file, ids, others)]
        if not fits and len(sources) > 1:
            fits = [file for file in notebooks if file.stem == name]
        elif not fits:
            fits = [file for file in notebooks if file.stem == name] or notebooks
        fits = [file for file in fits if file not in chosen.values()]
        if not fits:
            continue
        chosen[name] = best = max(fits, key=lambda one: _rank(one, name, ids, notebooks.index(one)))
        same = [one.name for one in fits if one is not best and _belongs(one, ids, others)]
        if same:
            found.problems.append(f"several notebooks: {best.name} counts, not {_some(same)}")
        if not _belongs(best, ids, others):
            found.problems.append(_strange(best, name, others))
    return chosen


def _belongs(file: _File, ids: frozenset[str], others: Mapping[str, frozenset[str]]) -> bool:
    """Whether a notebook shares more cells with these than with any other assignment.

    A cell for imports, say, is called alike in all of them.
    """
    own = file.ids or frozenset()
    shared = len(own & ids)
    return shared > 0 and all(shared >= len(own & other) for other in others.values())


def _rank(file: _File, name: str, ids: frozenset[str], place: int) -> tuple[int, bool, int, int]:
    """What counts of several: the platform's latest, then the right name, then the last."""
    share = len((file.ids or frozenset()) & ids)
    return file.order, file.stem == name, share, place


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _strange(file: _File, name: str, others: Mapping[str, frozenset[str]]) -> str:
    ids = file.ids or frozenset()
    of = [other for other, known in others.items() if len(ids & known) > len(ids) // 2]
    if of:
        return f"{file.name} is a notebook of {of[0]}, not of {name}"
    if ids:
        return f"{file.name} holds no cell of {name}"
    return (
        f"{file.name} cannot be read as a notebook of {name}: it is broken, or has lost its marks"
    )


def _put_next_to_notebook(file: _File, folder: str, suffix: str, found: Contents) -> None:
    """Put a file next to the notebook where it lay, as far as the names allow."""
    path = PurePosixPath(file.name)
    if folder != "." and path.is_relative_to(folder):
        path = path.relative_to(folder)
    if suffix and path.stem.endswith(suffix):
        plain = path.with_name(path.stem.removesuffix(suffix) + path.suffix)
        path = plain if str(plain) not in found.files else path
    name = str(path)
    taken = any(
        name == old or old.startswith(f"{name}/") or name.startswith(f"{old}/")
        for old in found.files
    )
    while taken and name in found.files:
        path = path.with_name(f"{path.stem} (also){path.suffix}")
        name, taken = str(path), str(path) in found.files
    if taken:
        found.problems.append(f"{file.name} has the name of a folder; left out")
        return
    found.files[name] = file.data


def _common_suffix(handed: Handed, chosen: Iterable[_File]) -> str:
    """Canvas numbers the files that are handed in again: ``x-1.ipynb``, ``data-1.csv``."""
    if handed.claim.platform != "Canvas":
        return ""
    found = {match[0] for file in chosen if (match := _NUMBERED.search(file.stem))}
    return found.pop() if len(found) == 1 else ""


def _sound(name: str) -> None:
    try:
        long = any(len(part.encode()) > MAX_PART for part in name.split("/"))
    except UnicodeEncodeError:
        raise Refused("has a name that is not UTF-8") from None
    if long or len(name) > 4 * MAX_PART or name.count("/") > 20:
        raise Refused("has a name that is too long")


def cell_ids(notebook: Mapping[str, object]) -> frozenset[str]:
    """Names of a source notebook's cells."""
    cells, _ = read_cells(json.dumps(notebook).encode())
    return frozenset(cell.grade_id for cell in cells or () if cell.grade_id)
