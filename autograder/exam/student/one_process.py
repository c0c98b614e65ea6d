"""One check run beside the student's code, as nbgrader runs it.

The student's functions run in the middle of it, and may replace what comes afterwards. So what the
check came to is kept in variables of this frame, and the libraries are restored before anything
else is called.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.exam.protocol.messages import Judge, Raised, Returned
from autograder.exam.shell.capture import Outputs, message_of
from autograder.exam.shell.compile import compile_cell
from autograder.exam.shell.shell import Shell

REPLACED = (
    "While this check ran, what compares was replaced: {}. Next: leave the libraries as they are."
)


def run_check(
    shell: Shell, request: Judge, limit: int, restore: Callable[[], list[str]]
) -> Returned | Raised:
    """Run a check: what its last line is, or what it raised."""
    history = shell.ipython.history_manager.input_hist_parsed
    history.append(request.source)  # In[-1]
    code = compile_cell(request.source, shell.ipython.compile.cache(request.source, len(history)))
    if code is None:  # magics
        with shell.capture.into(Outputs(limit)):
            result = shell.ipython.run_cell(request.source, store_history=False)
        value, error = result.result, result.error_before_exec or result.error_in_exec
    else:
        value, error = None, None
        try:
            exec(code.body, shell.space)
            if code.last is not None:
                value = eval(code.last, shell.space)
        except BaseException as raised:
            error = raised
    if replaced := restore():
        error = AssertionError(REPLACED.format(", ".join(sorted(replaced)[:5])))
    if error is None:
        number = isinstance(value, bool | int | float | np.bool_ | np.number)
        return Returned(value if number else None, None, None)
    kinds = [kind.__name__ for kind in type(error).__mro__[:-1]]
    return Raised(kinds, message_of(error)[:4_000], "", None, None)
