"""The notebook that stays in ``autograded/``, where formgrader and the feedback pages read it.

Hidden tests are out, and a test's output is its message, so nbgrader's own feedback shows neither.
The metadata carries the key of the result it belongs to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.result import Check

_KEY = re.compile(rb'"autograder": \{\s*"key": "([0-9a-f]{64})"\s*\}')


def autograded_key(path: Path) -> str | None:
    """The key in an autograded notebook; it stands near the end, so only that is read."""
    try:
        with open(path, "rb") as file:
            file.seek(-min(4096, path.stat().st_size), 2)
            found = _KEY.findall(file.read())
    except OSError:
        return None
    return found[-1].decode() if found else None


def autograded_text(notebook: Any, released: Any, checks: Iterable[Check], key: str) -> bytes:
    """The notebook as graded, hidden tests out, each test's message as its output."""
    visible = {_name(cell): cell["source"] for cell in released["cells"]}
    tests = {check.id: check for check in checks if not check.manual}
    cells = []
    for cell in notebook["cells"]:
        check = tests.get(_name(cell))
        if check is not None and cell["cell_type"] == "code":
            source = visible.get(check.id, "")
            cell = {**cell, "source": source, "outputs": _verdict(check)}
        cells.append(cell)
    metadata = {**notebook["metadata"], "autograder": {"key": key}}
    whole = {**notebook, "cells": cells, "metadata": metadata}
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return text.encode("utf-8", "replace")


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
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")
