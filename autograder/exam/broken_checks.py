"""A check that the course's own solution fails, fails nobody."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from autograder.exam.untestable import messages
from autograder.notebook.source_cells import read_source_cells
from autograder.result import COULD_NOT_RUN, Check, Result


def reference_failures(reference: Result, source: Mapping[str, Any]) -> dict[str, str]:
    """The checks in which the reference solution earns nothing, with what they said, and why.

    One that gives it a part of its points, as some of nbgrader's do, is held to work.
    """
    broken = {
        check.id: check.message
        for check in reference.checks
        if not check.manual and not check.score and check.points
    }
    if broken:
        steps = read_source_cells(source)
        for step in steps:
            if step.id in broken:
                broken[step.id] = "\n".join([broken[step.id], *messages(step, steps)])
    return broken


def with_broken_checks(result: Result, broken: Mapping[str, str]) -> Result:
    """``result``, where a check among the ``broken`` that was lost could not run instead."""

    def doubt(check: Check) -> Check:
        if check.manual or check.id not in broken or check.status == "passed":
            return check
        return dataclasses.replace(
            check,
            score=None,
            status=COULD_NOT_RUN,
            message="This check fails on the course's own solution, so it fails nobody: "
            + broken[check.id],
        )

    checks = tuple(doubt(check) for check in result.checks)
    undecided = any(check.status == COULD_NOT_RUN and not check.manual for check in checks)
    status = COULD_NOT_RUN if undecided and result.status == "graded" else result.status
    return dataclasses.replace(result, checks=checks, status=status)
