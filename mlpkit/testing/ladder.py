"""One rung of a derivation, held against the derivative of a trusted forward pass."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mlpkit.gradcheck import numerical_gradient
from mlpkit.testing.compare import assert_array


def assert_derivative(
    value: Any,
    function: Callable,
    at: np.ndarray,
    name: str,
    *,
    of: str,
    wrt: str,
    hints: Mapping[str, Any] | None = None,
    rtol: float = 1e-9,
    upstream: np.ndarray | None = None,
) -> None:
    """Raise AssertionError unless ``value`` is the derivative of ``function`` at ``at``.

    ``function`` returns a number, or an array: then ``value`` is the Jacobian, the indices of the
    output first, or with ``upstream`` the vector-Jacobian product. It takes complex numbers.
    """
    at = np.asarray(at, dtype=float)
    shape = np.shape(function(at))
    if upstream is not None:
        right = numerical_gradient(lambda x: (upstream * function(x)).sum(), at)
    elif shape == ():
        right = numerical_gradient(function, at)
    else:
        rows = [
            numerical_gradient(lambda x, i=i: np.ravel(function(x))[i], at)
            for i in range(int(np.prod(shape)))
        ]
        right = np.array(rows).reshape(shape + at.shape)
    told = f"{name} (the derivative of {of} with respect to {wrt})"
    assert_array(value, right, told, hints=hints, rtol=rtol)
