"""One rung of a derivation, held against the derivative of a trusted forward pass.

A test feeds the rung the right values of all earlier ones, so that a wrong rung fails alone:

assert_derivative(
    dL_dh(V, df), lambda h: trusted_loss(c + V @ h), h, "dL/dh", of="L", wrt="h",
    hints={"the transpose of V is missing": V @ df},
)
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from mlpkit.gradcheck import numerical_gradient
from mlpkit.testing.compare import assert_array, assert_number
from mlpkit.testing.words import CheckFailed

RICHARDSON_RTOL = 1e-7  # what is left of 16 digits after two differences, with room for large f


def assert_derivative(
    value: Any,
    function: Callable[[np.ndarray], Any],
    at: np.ndarray | float,
    name: str,
    *,
    of: str,
    wrt: str,
    hints: Mapping[str, Any] | None = None,
    rtol: float = 1e-9,
    atol: float = 0.0,
    upstream: np.ndarray | None = None,
    hidden: bool = False,
) -> None:
    """Raise AssertionError, in words for a student, unless ``value`` is the derivative at ``at``.

    Parameters
    ----------
    value : what the student's code returned.
    function : the trusted forward pass from ``wrt`` to ``of``; takes an array of the shape of
        ``at`` and returns a number or an array. The derivative of a number has the shape of
        ``at``; that of an array is its Jacobian, the indices of the output first.
    at : array, or a number, of floats: the point of the derivative. Where it is float32 so is the
        expected result, and the tolerance is that of `assert_array` for float32.
    name : how the equation calls it, for example "dL/dh".
    of, wrt : what is differentiated, and with respect to what, in the symbols of the note.
    upstream : array of the shape of the output. Expects the vector-Jacobian product with it.
    hints, rtol, atol : as in `assert_array`.
    hidden : say what is wrong, but print no values, shapes or places.

    Raises
    ------
    AssertionError : which derivative it is, what was given, the likely cause, what to do next.

    The derivative comes from the complex step; where ``function`` cannot carry complex numbers
    from Richardson's differences, and then the tolerance is at least 1e-7. (A function that takes
    abs of part of its input but stays complex is beyond both: write np.sqrt(x**2).)
    """
    right, loosest = _derivative(function, at, upstream)
    told = f"{name}: the derivative of {of} with respect to {wrt}, all else as in the forward pass"
    compare: Callable[..., None] = assert_array if right.ndim else assert_number
    try:
        compare(value, right, told, rtol=max(rtol, loosest), atol=atol, hints=hints)
    except CheckFailed as error:
        if not hidden:
            raise
        raise CheckFailed(error.about_hidden, error.about_hidden) from None


def _derivative(
    function: Callable[..., Any], at: np.ndarray | float, upstream: np.ndarray | None
) -> tuple[np.ndarray, float]:
    """The derivative, and the smallest tolerance that its method allows."""
    dtype = np.asarray(at).dtype
    at = np.asarray(at, dtype=float)
    method, rtol = "complex", 0.0
    if not _carries_complex(function, at):
        method, rtol = "richardson", RICHARDSON_RTOL
    shape = np.shape(function(at))
    if upstream is not None:
        right = numerical_gradient(lambda x: (upstream * function(x)).sum(), at, method)
    else:
        right = np.array(
            [
                numerical_gradient(partial(_entry, function, i), at, method)
                for i in range(int(np.prod(shape)))
            ]
        ).reshape(shape + at.shape)
    return right.astype(dtype if dtype == np.float32 else float), rtol


def _entry(function: Callable[..., Any], i: int, x: np.ndarray) -> Any:
    return np.ravel(function(x))[i]


def _carries_complex(function: Callable[..., Any], at: np.ndarray) -> bool:
    """Does ``function`` answer complex numbers with complex ones? np.abs, for one, does not."""
    try:
        with np.errstate(all="ignore"):
            return np.iscomplexobj(function(at.astype(complex)))
    except TypeError:
        return False
