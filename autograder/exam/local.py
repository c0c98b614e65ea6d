"""An exam of one's own notebook, on any system: with forks where there are any, else without.

In the strongest sandbox that works here, for a notebook may be somebody else's. Where none does,
that is said once. Without forks the examiner sits in this process, and each student process is
started anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from autograder.errors import SandboxError
from autograder.exam import pool
from autograder.exam.broken_checks import reference_failures, with_broken_checks
from autograder.exam.spawn import FORKS, SpawnedLauncher
from autograder.result import FAILED, Result
from autograder.sandbox import launch
from autograder.sandbox.launch import UNCONFINED_ADVICE
from autograder.sandbox.limits import Limits

UNCONFINED = "Notebooks run with your own rights here, so check no file of somebody else's"


def examine_own(
    source: Mapping[str, Any],
    submission: bytes,
    limits: Limits = Limits(),
    *,
    seed: str = "self-study",
    once: bool = False,
) -> Result:
    """``examine`` for one's own notebook: the same checks, the same messages.

    ``once``: no other is to come, so nothing gets ready for it.
    """
    if FORKS:
        examine = pool.examine_one if once else pool.examine
        return examine(source, submission, limits, isolation=own_tier()[0], seed=seed)
    text = json.dumps(source).encode()
    result = _examine(text, submission, limits, seed)
    if any(check.status == FAILED for check in result.checks):
        reference = _examine(text, text, limits, seed)
        result = with_broken_checks(result, reference_failures(reference, source))
    return result


@cache
def own_tier() -> tuple[str, str]:
    """The sandbox for one's own notebooks, and what to say where there is none."""
    if not FORKS:
        return "none", f"{UNCONFINED}: there is no sandbox for this system."
    try:
        return launch.choose(), ""
    except SandboxError as error:
        reason = str(error).removesuffix(UNCONFINED_ADVICE).strip()
        return "none", f"{UNCONFINED}: {reason}"


def _examine(source: bytes, submission: bytes, limits: Limits, seed: str) -> Result:
    from autograder.exam.compiled import compile_source
    from autograder.exam.examiner.examiner import Examiner

    os.environ["MLPKIT_SEED"] = seed
    shell = _shell()
    shell.ipython.reset()
    with SpawnedLauncher() as candidates:
        prepared = compile_source(source, {}, [])
        return Examiner(prepared, submission, limits, candidates, shell, prepared.files).hold()


@cache
def _shell() -> Any:
    from autograder.exam.shell.shell import build_shell  # late: only here does this process need it

    return build_shell()
