"""Values of the standard library that are data and have no type of their own on the wire.

Each crosses as its constructor's arguments, plain data themselves, and is built anew there.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

LONGEST = 1_000  # characters of a Decimal

_PARTS = {
    range: lambda value: (value.start, value.stop, value.step),
    slice: lambda value: (value.start, value.stop, value.step),
    Fraction: lambda value: (value.numerator, value.denominator),
    Decimal: lambda value: (str(value),),
    date: lambda value: (value.year, value.month, value.day),
    datetime: lambda value: (
        value.year,
        value.month,
        value.day,
        value.hour,
        value.minute,
        value.second,
        value.microsecond,
    ),
    time: lambda value: (value.hour, value.minute, value.second, value.microsecond),
    timedelta: lambda value: (value.days, value.seconds, value.microseconds),
}
_TYPES = {kind.__name__: kind for kind in _PARTS}


def parts(value: Any) -> list[Any] | None:
    """``[name, *arguments]``; None for a value of another type, or one with a time zone."""
    found: Any = _PARTS.get(type(value))
    if found is None or getattr(value, "tzinfo", None) is not None:
        return None
    return [type(value).__name__, *found(value)]


def build(found: Any) -> Any:
    """The inverse of ``parts``; ValueError, TypeError and the like for what is none."""
    name, *arguments = found
    if name == "Decimal" and len(arguments[0]) > LONGEST:
        raise ValueError("a number of too many digits")
    try:
        return _TYPES[name](*arguments)
    except ArithmeticError as error:  # Fraction(1, 0)
        raise ValueError(str(error)) from error
