"""An exam of one's own notebook, on any system: with forks where there are any, else without.

No sandbox is needed to run one's own code. Without forks the examiner sits in this process, and
each candidate is a process started anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from autograder.exam import cells, seat
from autograder.exam.candidates import FORKS, Spawned
from autograder.exam.doubts import failures, with_doubts
from autograder.exam.limits import Limits
from autograder.result import FAILED, Result


def examine_own(source: Mapping[str, Any], submission: bytes, limits: Limits = Limits(), *,
                seed: str = "self-study") -> Result:
    """``examine`` for one's own notebook: the same checks, the same sentences."""
    if FORKS:
        return seat.examine(source, submission, limits, isolation="none", seed=seed)
    text = json.dumps(source).encode()
    result = _hold(text, submission, limits, seed)
    if any(check.status == FAILED for check in result.checks):
        reference = _hold(text, text, limits, seed)
        result = with_doubts(result, failures(reference, source))
    return result


def _hold(source: bytes, submission: bytes, limits: Limits, seed: str) -> Result:
    from autograder.exam.examiner import Examiner
    from autograder.exam.prepared import prepare

    os.environ["MLPKIT_SEED"] = seed
    shell = _shell()
    shell.ipython.reset()
    with Spawned() as candidates:
        prepared = prepare(source, {}, [])
        return Examiner(prepared, submission, limits, candidates, shell, prepared.files).hold()


@cache
def _shell() -> cells.Shell:
    return cells.build_shell()
