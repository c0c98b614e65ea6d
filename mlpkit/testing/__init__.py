"""Helpers for test cells: strict comparisons that say what is wrong and what to try next.

In a test cell:

    right = np.outer(dLdf, h)
    assert_array(dL_dV(dLdf, h), right, "dL/dV", hints={"it is the transpose": right.T})
    assert_unchanged(dL_dV, dLdf, h)
    assert_vectorised(risk, lambda n: (params, X[:n], y[:n]))
"""

from mlpkit.testing.arguments import assert_unchanged
from mlpkit.testing.compare import assert_array, assert_number
from mlpkit.testing.ladder import assert_derivative
from mlpkit.testing.lines import assert_vectorised, count_lines
from mlpkit.testing.secret import secret_rng
from mlpkit.testing.visible_yes import announce

__all__ = [
    "assert_array",
    "assert_derivative",
    "assert_number",
    "assert_unchanged",
    "assert_vectorised",
    "count_lines",
    "secret_rng",
]

announce()
