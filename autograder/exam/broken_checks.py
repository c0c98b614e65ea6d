"""A check that the course's own solution fails, fails nobody."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from autograder.exam.untestable import messages
from autograder.notebook.source_cells import read_source_cells
from autograder.result import COULD_NOT_RUN, Check, Result

_SAID = "This check fails on the course's own solution, so it fails nobody: "


def reference_failures(reference: Result, source: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The checks in which the reference solution earns nothing, with what they said, and why.

    That is a pair: for students, and the whole where that is more.

    One that gives it a part of its points, as some of nbgrader's do, is held to work.
    """
    broken = {
        check.id: (check.message, check.unabridged)
        for check in reference.checks
        if not check.manual and not check.score and check.points
    }
    if broken:
        steps = read_source_cells(source)
        for step in steps:
            if step.id in broken:
                message, whole = broken[step.id]
                said = messages(step, steps)
                broken[step.id] = "\n".join([message, *said]), whole and "\n".join([whole, *said])
    return broken


def with_broken_checks(result: Result, broken: Mapping[str, tuple[str, str]]) -> Result:
    """``result``, where a check among the ``broken`` that was lost could not run instead."""

    def doubt(check: Check) -> Check:
        if check.manual or check.id not in broken or check.status == "passed":
            return check
        return dataclasses.replace(
            check,
            score=None,
            status=COULD_NOT_RUN,
            message=_SAID + broken[check.id][0],
            unabridged=_SAID + broken[check.id][1] if broken[check.id][1] else "",
        )

    checks = tuple(doubt(check) for check in result.checks)
    undecided = any(check.status == COULD_NOT_RUN and not check.manual for check in checks)
    status = COULD_NOT_RUN if undecided and result.status == "graded" else result.status
    return dataclasses.replace(result, checks=checks, status=status)
