"""Types that are data and have no type of their own on the wire.

Add one of the standard library to ``TYPES``, one of a library to the module that
``library_types.PROVIDERS`` names.

Each crosses as plain data, the ``parts`` of a value, and is built anew over there. What ``build``
gets is a stranger's: it checks types and sizes before a constructor sees them, since many take
far more than they give (``Fraction("1e20000000")`` computes for minutes), and since a test may do
with the value what it likes (``list`` of a range, ``int`` of a Decimal).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.exam.protocol import library_types, named_tuples, numpy_types
from autograder.exam.protocol.bounds import Built
from autograder.exam.protocol.data_type import MAX_RANGE, DataType

NAMED_TUPLE, SUBCLASS = "namedtuple", "subclass of ndarray"
LONGEST = 1_000  # characters of a Decimal
MAX_EXPONENT = 10_000  # of a Decimal: as an int it has so many digits


def _integers(*values: Any) -> None:
    if not all(type(value) is int for value in values):
        raise TypeError("not integers")


def _fraction(numerator: Any, denominator: Any) -> Fraction:
    _integers(numerator, denominator)
    return Fraction(numerator, denominator)


def _decimal(text: Any) -> Decimal:
    if type(text) is not str or len(text) > LONGEST:
        raise ValueError(f"a Decimal of more than {LONGEST} digits")
    value = Decimal(text)
    if value.is_finite() and abs(value.adjusted()) > MAX_EXPONENT:
        raise ValueError(f"a Decimal with an exponent above {MAX_EXPONENT}")
    return value


def _range(start: Any, stop: Any, step: Any) -> range:
    _integers(start, stop, step)
    if step and abs(stop - start) // abs(step) > MAX_RANGE:
        raise ValueError(f"a range of more than {MAX_RANGE} numbers")
    return range(start, stop, step)


def _range_size(start: Any, stop: Any, step: Any) -> int:
    """Bytes of its numbers as an array: a list of few ranges may become one."""
    return 8 * len(_range(start, stop, step))


def _slice(*places: Any) -> slice:
    if not all(place is None or type(place) in (int, float, str) for place in places):
        raise TypeError("a slice of something other than numbers")
    return slice(*places)


def _of_integers(kind: type, *names: str) -> DataType:
    """A type that is made of integers, its attributes of these names."""

    def build(*values: Any) -> Any:
        _integers(*values)
        return kind(*values)

    return DataType(kind, lambda value: [getattr(value, name) for name in names], build)


_DAY, _TIME = ("year", "month", "day"), ("hour", "minute", "second", "microsecond")
TYPES: dict[str, DataType] = {
    one.kind.__name__: one
    for one in (
        DataType(range, lambda value: (value.start, value.stop, value.step), _range, _range_size),
        DataType(slice, lambda value: (value.start, value.stop, value.step), _slice),
        DataType(Fraction, lambda value: (value.numerator, value.denominator), _fraction),
        DataType(Decimal, lambda value: (str(value),), _decimal),
        _of_integers(date, *_DAY),
        _of_integers(datetime, *_DAY, *_TIME),
        _of_integers(time, *_TIME),
        _of_integers(timedelta, "days", "seconds", "microseconds"),
    )
}
_BY_TYPE = {one.kind: name for name, one in TYPES.items()}


def parts(value: Any, built: Built) -> list[Any] | None:
    """``[name, *parts]``; None for a value of another type. ``built`` is that of the whole frame.

    ValueError, ProtocolError, TypeError and the like for one that the other side would refuse.
    """
    found: tuple[str, DataType] | None = None
    if issubclass(type(value), tuple):
        fields = named_tuples.parts(value)
        return None if fields is None else [NAMED_TUPLE, *fields]
    name = _BY_TYPE.get(type(value))
    if name is not None and getattr(value, "tzinfo", None) is None:
        found = name, TYPES[name]
    else:
        found = library_types.of_value(value)
    if found is None and isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        return [SUBCLASS, *numpy_types.subclass_parts(value)]
    if found is None:
        return None
    made = [found[0], *found[1].parts(value)]
    build(made, built)
    return made


def build(found: Any, built: Built) -> Any:
    """The inverse of ``parts``; ValueError, TypeError and the like for what is none."""
    name, *arguments = found
    if name == NAMED_TUPLE:
        return named_tuples.build(*arguments)
    if name == SUBCLASS:
        return numpy_types.build_subclass(*arguments)
    kind = TYPES[name] if name in TYPES else library_types.of_name(name)
    try:
        built.claim(kind.size(*arguments))
        return kind.build(*arguments)
    except ArithmeticError as error:  # Fraction(1, 0)
        raise ValueError(str(error)) from error
