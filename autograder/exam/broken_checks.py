"""Checks that the course's own solution fails: which of them fail nobody, and which still count.

Where nbgrader would fail the solution, too, a check gives what it gives in nbgrader, and says that
it is in doubt. It fails nobody where the sandbox or a limit of ours may be what stops the solution,
or where ``autograder build`` would have refused the assignment.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from autograder.exam.untestable import messages
from autograder.notebook.source_cells import read_source_cells, uses_mlpkit
from autograder.result import COULD_NOT_RUN, DOUBTED, Check, Result

_SAID = "This check fails on the course's own solution, so it fails nobody: "

# What a solution says that may come from the sandbox, a limit, or a shell that is no kernel.
_WITHHELD = re.compile(
    r"\b(\w*(Connect|Timeout|SSL|Proxy)\w*Error|URLError|HTTPError|gaierror"
    r"|PermissionError|BlockingIOError|\w*MemoryError|bad_alloc)\b|can't start new thread"
    r"|(?:unable to|can't|cannot) allocate|'InteractiveShell' object has no attribute"
    r"|Errno (1|11|13|28|30|101|110|111|113)\]"  # not permitted, no space, read-only, no network
    r"|did not (come back|end) within|was stopped|was killed|ended its process|crashed its process"
    r"|took the grader",
    re.I,
)


_MISSING = re.compile(r"No such file or directory: '(/[^'\n]+)'")
# Programs that a course's cells start, which no notebook does here; installing is done before.
_PROGRAMS = re.compile(
    r"^(?:[^#'\"\n]*=)?[ \t]*!(?!.*\binstall\b)|^%%?(?:bash|sh|sx|system|script|perl|ruby)\b"
    r"|\bsubprocess\b|\bos\.(?:system|popen|exec|spawn)",
    re.M,
)


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


def counting_all_the_same(
    failing: Collection[str], reference: Iterable[Check], source: Mapping[str, Any]
) -> frozenset[str]:
    """Of the checks ``failing`` for the reference in one process, too, those that count.

    ``reference`` are all its checks, as they came out both ways.
    """
    steps = read_source_cells(source) if failing else []
    if uses_mlpkit(steps) or any(step.code and _PROGRAMS.search(step.source) for step in steps):
        return frozenset()
    withheld = {check.id for check in reference if _is_withheld(check.whole_message)}
    undecided = {check.id for check in reference if check.status == COULD_NOT_RUN}
    return frozenset(failing) - withheld - undecided


def _is_withheld(said: str) -> bool:
    """Whether nbgrader may have given the solution what it did not have here."""
    return bool(_WITHHELD.search(said)) or any(map(os.path.exists, _MISSING.findall(said)))


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


def with_doubted_checks(result: Result, doubted: Collection[str]) -> Result:
    """``result``, where the checks that the reference fails and that count say so."""

    def flagged(check: Check) -> Check:
        if check.id not in doubted:
            return check
        message, whole = (
            f"{text}\n{DOUBTED}".strip() for text in (check.message, check.unabridged)
        )
        unabridged = whole if check.unabridged else ""
        return dataclasses.replace(check, message=message, unabridged=unabridged)

    named = [check.id for check in result.checks if check.id in doubted]
    if not named:
        return result
    flag = f"{DOUBTED[:-1]} ({', '.join(named)})."
    checks = tuple(map(flagged, result.checks))
    return dataclasses.replace(result, checks=checks, flags=(*result.flags, flag))
