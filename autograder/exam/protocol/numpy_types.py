"""numpy's values that are no plain arrays of numbers: dates, bytes, records, objects.

Masked arrays cross without their mask: what is masked compares as equal to anything. Of other
subclasses only the name crosses, so that a test that asks for a plain array refuses them here, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.exam.protocol import bounds
from autograder.exam.protocol.data_type import DataType

_UNIT = r"(\[([1-9][0-9]{0,5})?[a-zA-Z]{1,2}\])?"  # 0 of a unit divides by zero in numpy
_TIME = re.compile(rf"[<>]?[mM]8{_UNIT}").fullmatch
_PLAIN = re.compile(rf"[<>|=]?[biufcSUmMO][0-9]{{0,6}}{_UNIT}").fullmatch
MAX_FIELDS = 1_000
MAX_NAME = 100  # characters of a class's


def parts(array: np.ndarray) -> list[Any]:
    """An array, or a number, of a dtype that the codec's arrays do not have, as plain data."""
    array = np.asarray(array) if not isinstance(array, np.ndarray) else array
    kind, shape = array.dtype.kind, list(array.shape)
    if kind in "mM":
        return ["time", array.dtype.str, np.array(array, order="C").view(np.int64).reshape(shape)]
    if kind == "S":
        data = np.array(array, order="C").tobytes()
        return ["bytes", array.dtype.itemsize, shape, np.frombuffer(data, np.uint8)]
    if kind == "V" and array.dtype.names:
        fields = [np.array(array[name], order="C") for name in array.dtype.names]
        record = isinstance(array, np.recarray)
        return ["record", list(array.dtype.names), fields, shape, record]
    if kind == "O":
        return ["object", shape, list(array.ravel())]
    raise TypeError(f"its dtype is {array.dtype}")


def build(form: Any, *found: Any) -> Any:
    """The inverse of ``parts``; ValueError, TypeError and the like for what is none."""
    return _FORMS[form](*found)


def _time(dtype: Any, values: Any) -> np.ndarray:
    _check(type(dtype) is str and _TIME(dtype) is not None, "no time")
    _check(type(values) is np.ndarray and values.dtype == np.int64, "no times")
    times: np.ndarray = np.array(values).view(np.dtype(dtype).newbyteorder("="))
    return times.reshape(values.shape)


def _bytes(width: Any, shape: Any, data: Any) -> np.ndarray:
    _check(type(width) is int and 0 < width < 2**20, "no width")
    _check(type(data) is np.ndarray and data.dtype == np.uint8, "no bytes")
    return np.frombuffer(bytearray(data.tobytes()), f"S{width}").reshape(_shape(shape))


def _record(names: Any, fields: Any, shape: Any, record: Any) -> np.ndarray:
    _check(type(names) is list and type(fields) is list, "no fields")
    _check(0 < len(names) == len(fields) <= MAX_FIELDS, "no fields")
    _check(all(type(name) is str for name in names), "no names of fields")
    wanted = _shape(shape)
    _check(all(isinstance(one, np.ndarray) for one in fields), "no fields")
    _check(all(one.shape[: len(wanted)] == wanted for one in fields), "fields of other shapes")
    inner = [one.shape[len(wanted) :] for one in fields]
    described = [(n, f.dtype, s) for n, f, s in zip(names, fields, inner, strict=True)]
    _check(sum(one.nbytes for one in fields) <= bounds.MAX_FRAME, "too many bytes")
    array = np.zeros(wanted, described)
    for name, values in zip(names, fields, strict=True):
        array[name] = values
    return array.view(np.recarray) if record is True else array


def _object(shape: Any, values: Any) -> np.ndarray:
    wanted = _shape(shape)
    _check(type(values) is list and math.prod(wanted) == len(values), "no objects")
    array = np.empty(len(values), object)
    for place, value in enumerate(values):
        array[place] = value
    return array.reshape(wanted)


_FORMS: dict[Any, Callable[..., np.ndarray]] = {
    "time": _time,
    "bytes": _bytes,
    "record": _record,
    "object": _object,
}


def _shape(shape: Any) -> tuple[int, ...]:
    _check(type(shape) is list and len(shape) <= 32, "no shape")
    _check(all(type(one) is int and one >= 0 for one in shape), "no shape")
    _check(math.prod(one for one in shape if one) <= bounds.MAX_FRAME, "too large a shape")
    return tuple(shape)


def _check(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _dtype(described: Any) -> np.dtype:
    """A dtype of a name, or of a list of fields."""
    if type(described) is str:
        _check(_PLAIN(described) is not None, "no dtype")
        return np.dtype(described)
    _check(type(described) is list and 0 < len(described) <= MAX_FIELDS, "no dtype")
    fields = [(name, _dtype(kind), _shape(shape)) for name, kind, shape in described]
    _check(all(type(name) is str for name, _, _ in fields), "no dtype")
    return np.dtype(fields)


def _dtype_parts(dtype: np.dtype) -> list[Any]:
    return [_described(dtype)]


def _described(dtype: np.dtype) -> Any:
    if not dtype.names:
        return dtype.str
    inner = [dtype[name] for name in dtype.names]
    return [
        [name, _described(one.base), list(one.shape)]
        for name, one in zip(dtype.names, inner, strict=True)
    ]


def _scalar(form: Any, *found: Any) -> Any:
    value = build(form, *found)
    _check(value.shape == (), "a number has no shape")
    return value[()]


def subclass_parts(array: np.ndarray) -> list[Any]:
    """The name of a subclass of numpy's arrays, and its numbers."""
    return [type(array).__name__[:MAX_NAME], np.asarray(np.ma.getdata(array))]


def build_subclass(name: Any, array: Any) -> np.ndarray:
    """Its numbers as an array that is none of numpy's own class, but of one of that name."""
    _check(type(name) is str and name.isidentifier() and len(name) <= MAX_NAME, "no name")
    _check(type(array) is np.ndarray, "no array")
    marked: np.ndarray = array.view(_class_named(name))
    return marked


@lru_cache(64)
def _class_named(name: str) -> type[np.ndarray]:
    return type(name, (np.ndarray,), {"__module__": "student"})


def _matrix(array: Any) -> np.matrix:
    _check(type(array) is np.ndarray and array.ndim == 2, "no matrix")
    return np.asmatrix(array)


DATA_TYPES = (
    DataType(np.ndarray, parts, build),
    DataType(np.matrix, lambda value: [np.asarray(value)], _matrix),
    DataType(np.recarray, parts, build),
    *(
        DataType(kind, parts, _scalar)
        for kind in (np.datetime64, np.timedelta64, np.bytes_, np.void, np.record)
    ),
    *(
        DataType(kind, _dtype_parts, _dtype)
        for kind in {type(np.dtype(code)) for code in "?bhilqBHILQefdFDgGSUVOmM"}
    ),
)
