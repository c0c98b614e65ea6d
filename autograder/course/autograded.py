"""The notebook that stays in ``autograded/``, where formgrader and the feedback pages read it.

Hidden tests are out, and a test's output is its message, so nbgrader's own feedback shows neither.
The metadata carries the result, and the key of what it is the result of.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from autograder.notebook.cell_fields import role_of
from autograder.result import Check, Result

_KEY = re.compile(rb'"result_key": "([0-9a-f]{64})"')


def autograded_key(path: Path) -> str | None:
    """The key in an autograded notebook; it stands near the end, so only that is read."""
    try:
        with open(path, "rb") as file:
            file.seek(-min(4096, path.stat().st_size), 2)
            found = _KEY.findall(file.read())
    except OSError:
        return None
    return found[-1].decode() if found else None


def autograded_text(result: Result, released: Any, key: str) -> bytes:
    """The result's notebook as it is kept, with its result and the key in the metadata."""
    visible = {_name(cell): cell["source"] for cell in released["cells"]}
    tests = {check.id: check for check in result.checks if not check.manual}
    notebook = result.notebook or released
    cells = []
    for cell in notebook["cells"]:
        check = tests.get(_name(cell))
        if check is not None and cell["cell_type"] == "code":
            source = visible.get(check.id, "")
            cell = {**cell, "source": source, "outputs": _verdict(check)}
        cells.append(cell)
    kept = {key: value for key, value in result.for_students().items() if key != "notebook"}
    ours = {"autograder": {"result": kept, "result_key": key}}
    whole = {**notebook, "cells": cells, "metadata": {**notebook["metadata"], **ours}}
    # On one line: json's fast encoder knows no indentation, and a class has many notebooks.
    return (json.dumps(whole, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8", "replace")


def read_autograded(path: Path) -> Result | None:
    """The result in an autograded notebook, with the notebook; None when there is none."""
    try:
        notebook = json.loads(path.read_bytes())
        return Result.from_dict(
            {**notebook["metadata"]["autograder"]["result"], "notebook": notebook}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _verdict(check: Check) -> list[dict[str, Any]]:
    if not check.message:
        return []
    kind = "AssertionError" if check.score is not None else "CouldNotRun"
    return [
        {
            "output_type": "error",
            "ename": kind,
            "evalue": check.message,
            "traceback": check.message.splitlines(),
        }
    ]


def _name(cell: Any) -> str:
    return str(role_of(cell).get("grade_id", ""))
