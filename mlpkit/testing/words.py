"""What to say about a wrong answer: most functions return (what was given, what to do next)."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from mlpkit.shapes import about_shape, both_shapes
from mlpkit.traceback_lines import traceback_lines

FIX = "find the place in your line, fix it, and run this cell again"  # cause known
_NUMBERS = {float, int, *np.sctypeDict.values()} - {np.bool_, np.object_, np.str_, np.bytes_}


class CheckFailed(AssertionError):
    """What a check found. A notebook shows its sentences alone, not the frames of this library.

    ``about_hidden`` is what may be said where the inputs are hidden, for a student's code may put
    them into whatever it returns: no value, size, name or count that comes from it.
    """

    def __init__(self, message: str, about_hidden: str = ""):
        super().__init__(message)
        self.about_hidden = about_hidden

    def _render_traceback_(self) -> list[str]:  # IPython asks for it
        return traceback_lines(str(self))


def stop(cause: str) -> str:
    """A cause with one full stop; an ellipsis and a question mark stay."""
    return cause if cause.endswith(("...", "…", "?")) else cause.rstrip(".") + "."


def is_number(value: Any) -> bool:
    """Is it exactly a number of Python or numpy, or an array of shape ()?"""
    return type(value) in _NUMBERS or (type(value) is np.ndarray and value.shape == ())


def about_type(value: Any, expected: np.ndarray) -> tuple[str, str]:
    wanted = f"an array of shape {expected.shape}" if expected.ndim else "a single number"
    if value is None:
        return f"you returned None, expected {wanted}", "check that every path ends in `return ...`"
    kind = type(value).__name__
    given = f"you returned {'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}, expected {wanted}"
    if not expected.ndim:
        if type(value) is np.ndarray:
            given = f"you returned an array of shape {value.shape}, expected {wanted}"
            return given, "sum over every axis, or take the only entry out with .item()"
        return given, "return a float"
    if type(value) is list:
        return given, "return np.array(...)"
    if type(value) is tuple:
        return given, "return the array alone (a comma after it makes a tuple)"
    if type(value) in _NUMBERS:
        return given, "check which axes you sum over; nothing was left of the shape"
    return given, "return a plain array: np.asarray(...)"


_NUMBER = re.compile(r"-?\b\d[\w.+/]*(?:(?<=e)-\d+)?")
_SIGN, _SIGN_IN_WORDS = "times -1:", "times minus one:"


def without_numbers(sentence: str) -> str:
    """A cause as it may be told of hidden inputs: a student's code could choose its digits."""
    places_out = re.sub(r"\[[^\]]*\]", "[...]", sentence.replace(_SIGN, _SIGN_IN_WORDS))
    return _NUMBER.sub("a number", places_out).replace(_SIGN_IN_WORDS, _SIGN)


def rule_about_shape(given: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """What is wrong with a shape, without a number of it."""
    rule = about_shape(given, wanted)[0].removeprefix(both_shapes(given, wanted))
    return "the shape is wrong" + re.sub(r" of length (?!1\b)\d+", "", rule)  # a student chooses it


def about_dtype(given: np.dtype, wanted: np.dtype) -> tuple[str, str]:
    said = f"dtype {given}, expected {wanted}"
    if given.kind == "b" and wanted.kind == "f":
        return f"{said}: True and False, not numbers", (
            "multiply what a comparison gives by what it decides on, or use .astype(float)"
        )
    if given.kind in "iub" and wanted.kind == "f":
        return f"{said}: whole numbers lose what is behind the point", (
            "start from floats: np.zeros(shape), or X.astype(float); np.zeros_like of integers is "
            "integer again"
        )
    if given.kind == "O":
        return f"{said}: an array of Python objects", (
            "build it from numbers: its rows differ in length, or hold None"
        )
    if given.kind == "c":
        return f"{said}: complex numbers", "find where a complex number came in; return its .real"
    if given.kind == "b" and wanted.kind == "i":
        return f"{said}: True and False, not numbers", "make 1 and 0 of them with .astype(int)"
    if given.kind == "f" and wanted.kind == "i":
        return said, "return whole numbers, as argmax gives them, or use .astype(int)"
    return said, f"return numbers of dtype {wanted}"


def cause_of_dtype(given: np.dtype) -> str | None:
    """What makes an array of this kind, where only one thing does."""
    if given.kind == "b":
        return "a comparison such as z > 0 is returned as it is"
    return None


def about_not_finite(value: np.ndarray, bad: np.ndarray) -> tuple[str, str]:
    first = tuple(np.argwhere(bad)[0])
    if np.isnan(value[first]):
        what = "NaN"
        next_step = "look for 0/0, 0 times log 0, or infinite/infinite"
    else:
        what = "infinite"
        next_step = "look for exp of a large number, log of 0, or division by 0"
    next_step += (
        "; exp of what is never above 0 is safe (in a softmax: subtract the maximum before exp)"
    )
    if not value.ndim:
        return f"your number is {what}", next_step
    count = f"{_count(bad)} not finite"
    return f"{count}, the first is {what} at {_index(first)}", next_step


def about_values(
    value: np.ndarray,
    expected: np.ndarray,
    error: np.ndarray,
    wrong: np.ndarray,
    cause: str | None,
) -> tuple[str, str]:
    worst = np.unravel_index(np.argmax(error), error.shape)
    yours, right = _pair(value[worst], expected[worst])
    next_step = FIX
    if not cause:
        next_step = "work a case of one sample out on paper and compare it factor by factor"
        if value.size > 1 and not value.any() and value.dtype.kind == "f":
            next_step = "look for a factor that is 0, or an array of zeros that is never filled in"
    if not expected.ndim:
        return f"wrong value: yours {yours}, right {right}", next_step
    count = f"{_count(wrong)} wrong"
    return f"{count}, the worst at {_index(worst)}: yours {yours}, right {right}", next_step


def _count(some: np.ndarray) -> str:
    number = int(some.sum())
    if some.size == 1:
        return "its only entry is"
    return f"{number} of {some.size} entries {'is' if number == 1 else 'are'}"


def _pair(yours: Any, right: Any) -> tuple[str, str]:
    """Write both numbers with as many digits as it takes to see them differ."""
    for digits in (6, 10, 17):
        texts = f"{yours:.{digits}g}", f"{right:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def _index(index: Iterable[Any]) -> str:
    return "[" + ", ".join(str(int(i)) for i in index) + "]"
