"""Results kept by content: the same submission, source, grader and secret give the same result.

One small file for each result, written atomically. The first line is the result without its
notebook, the rest the notebook, compressed; each carries its digest. A cell that is the source's
own stands there as its id. An entry that a crash or a disk has damaged counts as not there, and
the submission is graded again.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from autograder.files import write_atomically
from autograder.result import Result

_PACKAGE = Path(__file__).resolve().parents[1]
# What decides a score: the exam, and what its tests and the students' cells import.
_DECIDES = (
    "autograder/exam",
    "autograder/notebook",
    "autograder/sandbox",
    "autograder/result.py",
    "mlpkit",
)
_LIBRARIES = "numpy", "ipython", "msgpack"


class Cache:
    """Results in a folder, by key.

    ``common`` are cells that most of the notebooks share: the source's. They follow from what the
    keys are made of, so an entry never meets other ones.
    """

    def __init__(self, folder: Path, common: Iterable[Mapping[str, Any]] = ()) -> None:
        self.folder, self.common = folder, {cell["id"]: cell for cell in common}

    def head(self, key: str) -> Result | None:
        """The result without its notebook; None when it is not there."""
        try:
            with open(self._path(key), "rb") as file:
                return Result.from_dict(json.loads(_checked(file.readline().removesuffix(b"\n"))))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def get(self, key: str) -> Result | None:
        """The whole result; None when it is not there."""
        try:
            head, body = self._path(key).read_bytes().split(b"\n", 1)
            result = Result.from_dict(json.loads(_checked(head)))
            notebook = json.loads(zlib.decompress(_checked(body)))
            if notebook is not None:
                cells = notebook["cells"]
                notebook["cells"] = [self.common[c] if isinstance(c, str) else c for c in cells]
            return replace(result, notebook=notebook)
        except (OSError, ValueError, KeyError, TypeError, zlib.error):
            return None

    def has(self, key: str) -> bool:
        """Whether a sound entry is there."""
        return self.head(key) is not None

    def put(self, key: str, result: Result) -> None:
        """Keep a result; OSError when the disk does not take it."""
        head = {**replace(result, notebook=None).to_dict(), "student": "", "assignment": ""}
        notebook = result.notebook
        if notebook is not None:
            known = [self.common.get(cell.get("id")) == cell for cell in notebook["cells"]]
            cells = [c["id"] if k else c for c, k in zip(notebook["cells"], known, strict=True)]
            notebook = {**notebook, "cells": cells}
        body = zlib.compress(json.dumps(notebook).encode(), 1)
        data = _sealed(json.dumps(head).encode()) + b"\n" + _sealed(body)
        write_atomically(self._path(key), data, mode=0o600)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key


def result_key(submission: bytes, context: str, files: Mapping[str, bytes]) -> str:
    """The name of a result: a digest of the submission, its files and all else that decides it."""
    beside = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    return digest_of(hashlib.sha256(submission).hexdigest(), context, beside)


def digest_of(*values: Any) -> str:
    """A digest of plain data."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def grader_version() -> str:
    """A digest of all that decides a score, so that no change of it leaves old results.

    The code, and the versions of Python and of the libraries that run students' code.
    """
    digest = hashlib.sha256(json.dumps([sys.version, *map(version, _LIBRARIES)]).encode())
    for path in _code():
        digest.update(path.relative_to(_PACKAGE.parent).as_posix().encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _code() -> Iterable[Path]:
    for name in _DECIDES:
        path = _PACKAGE.parent / name
        found = [path] if path.is_file() else sorted(path.rglob("*.py"))
        if not found:
            raise FileNotFoundError(f"{path} decides scores, and is not there")
        yield from found


def _sealed(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode() + b" " + data


def _checked(sealed: bytes) -> bytes:
    digest, data = sealed.split(b" ", 1)
    if hashlib.sha256(data).hexdigest().encode() != digest:
        raise ValueError("damaged")
    return data
