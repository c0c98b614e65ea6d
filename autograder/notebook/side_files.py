"""The files next to a notebook: who sees which of them, and putting them where the cells look.

They travel as plain data, relative path to content. Both sides of the exam see what the instructor
ships with an assignment; the student process alone sees what a student handed in beside the
notebook. As in nbgrader, the instructor's file counts where both have one of a name.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.machinery import PathFinder
from pathlib import Path, PurePosixPath
from typing import Any


@dataclass(frozen=True)
class Files:
    """What lies next to a source notebook (``course``) and beside a submission (``student``).

    Of the course's, a student may replace those in ``replaceable``. The examiner sees none of
    these: a check that read one there would read the course's own, whatever the student wrote.
    """

    course: Mapping[str, bytes] = field(default_factory=dict)
    student: Mapping[str, bytes] = field(default_factory=dict)
    replaceable: frozenset[str] = frozenset()

    def for_examiner(self) -> dict[str, bytes]:
        """What checks and given cells may read."""
        return {path: data for path, data in self.course.items() if path not in self.replaceable}

    def for_student(self) -> dict[str, bytes]:
        """What the student's cells may read."""
        fixed = self.for_examiner()
        taken = fixed.keys() | {str(folder) for path in fixed for folder in _folders(path)}
        own = {
            path: data
            for path, data in self.student.items()
            if path not in taken and not any(str(folder) in fixed for folder in _folders(path))
        }
        return {**self.course, **own}

    @cached_property
    def digest(self) -> str:
        """A digest of all that is here."""
        whole = [
            {path: hashlib.sha256(data).hexdigest() for path, data in sorted(side.items())}
            for side in (self.course, self.student)
        ]
        text = json.dumps([whole, sorted(self.replaceable)])
        return hashlib.sha256(text.encode()).hexdigest()


NO_FILES = Files()


def modules(files: Mapping[str, bytes]) -> frozenset[str]:
    """The names under which Python files among these are imported: ``utils``, ``helpers``."""
    paths = [PurePosixPath(path) for path in files if path.endswith(".py")]
    return frozenset(path.parts[0].removesuffix(".py") for path in paths)


def place(files: Mapping[str, bytes], folder: str) -> None:
    """Write the files into an empty folder; OSError when it does not take them."""
    for path, data in files.items():
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    importlib.invalidate_caches()


class ModulesFirst:
    """An import hook: these modules are found in ``folder``, whatever else has their name.

    So the instructor's ``utils.py`` is the one that given cells import, as in a notebook, and a
    student's ``random.py`` in the same folder shadows nothing.
    """

    def __init__(self, names: frozenset[str], folder: str):
        self.names, self.folder = names, folder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """What the import system asks of a finder."""
        return PathFinder.find_spec(name, [self.folder]) if name in self.names else None

    def install(self) -> None:
        """Let imports of this process go by it."""
        if self.names:
            sys.meta_path.insert(0, self)


def _folders(path: str) -> list[PurePosixPath]:
    return list(PurePosixPath(path).parents)[:-1]
