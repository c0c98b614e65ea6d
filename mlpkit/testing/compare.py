"""Strict comparison of what a student returned with what is right.

A comparison is made in a fixed order: exact type, shape, kind of dtype, finite, values. So an
empty array, one that only broadcasts, a subclass whose ``==`` is always true, or an array of NaN
never passes. Values are compared relative to the largest entry of the expected array.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlpkit.shapes import about_shape, both_shapes
from mlpkit.testing import causes, words
from mlpkit.testing.causes import cause_of

_NOTHING_NEW = re.compile(r"entr(y|ies) .* of yours (is|are) wrong")  # the line above says so
WRONG_DTYPE = "its kind of numbers (dtype) is wrong"
FLOAT32_RTOL = 1e-4  # sums of some hundred float32 products agree to this, relative to the largest


def assert_array(
    value: Any,
    expected: np.ndarray,
    name: str,
    *,
    rtol: float = 1e-9,
    atol: float = 0.0,
    hints: Mapping[str, Any] | None = None,
) -> None:
    """Raise AssertionError, in words for a student, unless ``value`` is the ndarray ``expected``.

    Parameters
    ----------
    value : what the student's code returned.
    expected : ndarray; the right answer. Make it float32 where float32 was put in: the tolerance
        is then at least 1e-4, and float64 is accepted as well.
    name : how the equation calls it, for example "dL/dV".
    rtol : largest allowed error of an entry, relative to the largest entry of ``expected``.
    atol : added to it; needed only where ``expected`` is all zeros and rounding is not.
    hints : {sentence: the wrong array that the sentence explains}.

    Raises
    ------
    AssertionError : what was given, what was expected, the likely cause, what to do next.
    ValueError : ``expected`` itself is not finite; the test is at fault.
    """
    expected = _trusted(expected, name)
    hints = hints or {}
    causes.note(name, value)
    if type(value) is not np.ndarray:
        about = words.about_type(value, expected)
        cause = cause_of(name, value) if words.is_number(value) else None
        _fail(name, *about, cause, rule="it is no plain array")
    if value.shape != expected.shape:
        rule = words.rule_about_shape(value.shape, expected.shape)
        given, next_step = about_shape(value.shape, expected.shape)
        cause = _hinted(value, hints, rtol) or cause_of(name, value)
        if cause:  # it knows better than what the two shapes alone suggest
            given, next_step = both_shapes(value.shape, expected.shape), words.FIX
        _fail(name, given, next_step, cause, rule=rule)
    if _kind(value) != _kind(expected):
        about = words.about_dtype(value.dtype, expected.dtype)
        cause = words.cause_of_dtype(value.dtype)
        _fail(name, *about, cause, rule=WRONG_DTYPE)
    _compare(value, expected, name, rtol, atol, hints)


def assert_number(
    value: Any,
    expected: float,
    name: str,
    *,
    rtol: float = 1e-9,
    atol: float = 0.0,
    hints: Mapping[str, Any] | None = None,
) -> None:
    """Raise AssertionError, in words for a student, unless ``value`` is the number ``expected``.

    Python's and numpy's numbers and arrays of shape () are numbers; an array of shape (1,) is not.
    The tolerance is relative to ``abs(expected)``; the rest is as in `assert_array`.
    """
    right = _trusted(expected, name)
    causes.note(name, value)
    if not words.is_number(value):
        _fail(name, *words.about_type(value, right), rule="it is no single number")
    value = np.asarray(value)
    if value.dtype.kind not in "fiu":
        _fail(name, *words.about_dtype(value.dtype, right.dtype), rule=WRONG_DTYPE)
    _compare(value, right, name, rtol, atol, hints or {})


def _trusted(expected: Any, name: str) -> np.ndarray:
    array: np.ndarray = np.asarray(expected)
    if array.dtype.kind not in "biufc" or not np.isfinite(array).all():
        raise ValueError(f"the test of {name} expects something that is not finite numbers")
    return array


def _kind(array: np.ndarray) -> str:
    return "i" if array.dtype.kind == "u" else array.dtype.kind


def _compare(
    value: np.ndarray,
    expected: np.ndarray,
    name: str,
    rtol: float,
    atol: float,
    hints: Mapping[str, Any],
) -> None:
    bad = ~np.isfinite(value)
    if bad.any():
        rule = f"not all is finite: there is {'NaN' if np.isnan(value[bad][0]) else 'infinity'}"
        _fail(name, *words.about_not_finite(value, bad), rule=rule)
    if expected.size == 0:
        return
    if expected.dtype == np.float32:
        rtol = max(rtol, FLOAT32_RTOL)
    error, scale = _error(value, expected)
    wrong = ~(error <= rtol * scale + atol)
    if not wrong.any():
        return
    cause = told = _hinted(value, hints, rtol) or cause_of(name, value)
    if not cause:
        cause = told = _imprecise(value, np.max(error), scale)
    if not cause:
        cause = _diagnosed(value, expected)
        told = cause and words.without_numbers(cause)
    about = words.about_values(value, expected, error, wrong, cause)
    _fail(name, *about, cause, rule="the value is wrong", cause_of_hidden=told)


def _error(value: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the error of each entry, and the size of the largest entry of ``expected``."""
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    with np.errstate(over="ignore"):  # an error that overflows is an error all the same
        error = np.abs(value.astype(wide) - expected.astype(wide))
    return error, float(np.max(np.abs(expected.astype(wide)), initial=0.0))


def _hinted(value: np.ndarray, hints: Mapping[str, Any], rtol: float) -> str | None:
    """Return the sentence of the nearest wrong array that ``value`` equals, if there is one."""
    if value.dtype.kind not in "fiu" or not np.isfinite(value).all():
        return None
    best, sentence = max(rtol, 1e-6), None
    for text, wrong in hints.items():
        wrong = np.asarray(wrong)
        if wrong.shape != value.shape or not np.isfinite(wrong).all():
            continue
        error, scale = _error(value, wrong)
        largest = float(np.max(error, initial=0.0))
        if largest <= best * scale:
            best, sentence = largest / scale if scale else 0.0, text
    return sentence


def _imprecise(value: np.ndarray, error: float, scale: float) -> str | None:
    if value.dtype == np.float32 and error <= 1e-5 * scale:
        return "it was computed in float32, which keeps 7 digits; compute in float64"
    if error <= 1e-6 * scale:
        return (
            "it is right to some digits and no more: something in it is cut off, clipped or "
            "computed less exactly"
        )
    return None


def _diagnosed(value: np.ndarray, expected: np.ndarray) -> str | None:
    """Ask the gradient checker's diagnosis for the likely cause."""
    from mlpkit.gradcheck.explain.diagnosis import (
        explain_difference,  # needed by wrong answers only
    )

    if value.dtype.kind != "f" or expected.dtype.kind != "f":
        return None
    if not value.any():  # what made it zero is not known
        return None
    size = float(max(np.max(np.abs(value)), np.max(np.abs(expected))))  # not 0, as the two differ
    if 1e-100 < size < 1e100:  # elsewhere squares would overflow or vanish
        size = 1.0
    cause = explain_difference(value / size, expected / size)
    if cause and _NOTHING_NEW.match(cause):
        return None
    if cause and not _rounds(cause, value, expected):
        return None
    return cause


def _rounds(cause: str, value: np.ndarray, right: np.ndarray) -> bool:
    """False where a cause speaks of rounding, and this is not the right answer rounded."""
    if cause.startswith("yours has only the digits"):
        kind = np.float16 if "float16" in cause else np.float32
        return bool((np.abs(value - right) <= np.finfo(kind).eps * np.abs(right)).all())
    if cause.startswith(("yours is rounded to", "yours is cut to whole")):
        rounded = [np.trunc(right), np.floor(right), *(np.round(right, n) for n in range(9))]
        return any(np.allclose(value, one, rtol=1e-12, atol=1e-12) for one in rounded)
    return True


def _fail(
    name: str,
    given: str,
    next_step: str,
    cause: str | None = None,
    *,
    rule: str,
    cause_of_hidden: str | None = None,
) -> None:
    """Raise what was found; ``rule`` and ``cause_of_hidden`` say it where inputs are hidden."""
    message = _message(name, given, next_step, cause)
    about_hidden = _message(name, rule, next_step, cause_of_hidden or cause)
    raise words.CheckFailed(message, about_hidden) from None


def _message(name: str, given: str, next_step: str, cause: str | None) -> str:
    lines = [f"{name}: {given}."]
    if cause:
        lines.append(f"Likely cause: {words.stop(cause)}")
    lines.append(f"Next: {next_step}.")
    return "\n".join(lines)
