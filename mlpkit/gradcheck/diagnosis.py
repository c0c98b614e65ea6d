"""What a wrong gradient looks like, in words: which known mistake turns the right one into it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mlpkit.gradcheck.constants import Names

EXPLAINED = 1e-3  # share of the mismatch that an explanation may leave


def explain_difference(
    yours: Any,
    right: Any,
    *,
    parameter: np.ndarray | None = None,
    others: Mapping[str, np.ndarray] | None = None,
    constants: Mapping[str, float] | None = None,
    alternatives: Mapping[str, Any] | None = None,
) -> str | None:
    """Say how ``yours`` differs from the array ``right``, or None where no known mistake fits.

    The sentence is about "yours", with no name and no full stop: "yours is the right one times -1:
    the sign". ``parameter`` is what the gradient belongs to (for a missing or doubled penalty),
    ``others`` are other right gradients with which it may have been exchanged, ``constants`` the
    numbers of the problem by symbol ({"N": 7, "lambda": 0.1}), ``alternatives`` wrong arrays by the
    sentence that each would explain ({"sigma' is left out": array}).
    """
    from mlpkit.gradcheck.reading import shape_sentence

    yours, right = np.asarray(yours), np.asarray(right)
    if yours.dtype.kind not in "fiu" or right.dtype.kind not in "fiu":
        return None
    if yours.shape != right.shape:
        return shape_sentence(yours.shape, right.shape)
    return None
