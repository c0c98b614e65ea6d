"""pandas' tables as data: columns as arrays, labels as indexes, and no class of the sender's.

What ``build`` gets is a stranger's: names of types come from fixed lists, arrays are what the codec
makes of them, and sizes are those of arrays that have crossed. pandas checks the rest: codes of
categories, lengths of columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from autograder.exam.protocol import table_sizes
from autograder.exam.protocol.data_type import MAX_RANGE, DataType

_UNITS = ("s", "ms", "us", "ns")
# A name of the data base of time zones, or an offset; for pandas "dateutil/x" is the file x.
_ZONE = re.compile(r"(?!dateutil)[A-Za-z0-9_+\-:][A-Za-z0-9_+\-:/]{0,63}").fullmatch
_FREQUENCY = re.compile(r"-?[0-9]{0,6}[A-Za-z][A-Za-z\-]{0,15}").fullmatch
_MASKED = re.compile(r"U?Int(8|16|32|64)|Float(32|64)|boolean").fullmatch
_DTYPE = re.compile(
    r"datetime64\[[a-z]{1,2}, (?!dateutil)[A-Za-z0-9_+\-:/]{1,64}\]"
    r"|period\[-?[0-9]{0,6}[A-Za-z\-]{1,16}\]"
    r"|interval\[[a-z0-9\[\]]{1,20}, [a-z]{1,7}\]"
).fullmatch
_CLOSED = ("left", "right", "both", "neither")


def _check(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _plain(array: Any, kinds: str = "biufc") -> np.ndarray:
    """A one-dimensional array of numbers."""
    _check(type(array) is np.ndarray and array.ndim == 1, "no column")
    _check(array.dtype.kind in kinds and array.dtype.isnative, f"a column of {array.dtype}")
    return np.array(array)  # writable


# Columns -------------------------------------------------------------------------------------


def _column_parts(values: Any) -> list[Any]:
    """A column's values (an array of numpy's or pandas') as ``[kind, *parts]``."""
    dtype = values.dtype
    if isinstance(dtype, pd.StringDtype):  # first: without Arrow, text is numpy's, too
        missing = "nan" if dtype.na_value is np.nan else "NA"
        return ["text", missing, [None if pd.isna(one) else str(one) for one in values]]
    if isinstance(dtype, np.dtype) or isinstance(values, pd.arrays.NumpyExtensionArray):
        return _numpy_parts(np.asarray(values))
    if isinstance(dtype, pd.CategoricalDtype):
        return ["category", np.array(values.codes), _index_parts(values.categories), values.ordered]
    if isinstance(dtype, pd.DatetimeTZDtype):
        return ["zoned", dtype.unit, str(dtype.tz), np.array(values.asi8)]
    if isinstance(dtype, pd.PeriodDtype):
        return [
            "period",
            dtype.name.removeprefix("period[").removesuffix("]"),
            np.array(values.asi8),
        ]
    if isinstance(dtype, pd.IntervalDtype):
        ends = [_column_parts(np.asarray(end)) for end in (values.left, values.right)]
        return ["interval", *ends, dtype.closed]
    if _MASKED(dtype.name):
        numbers = values.to_numpy(dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0))
        return ["masked", dtype.name, np.array(numbers), np.array(values.isna())]
    raise TypeError(f"a column of {dtype}")


def _numpy_parts(values: np.ndarray) -> list[Any]:
    if values.dtype.kind == "O":
        return ["object", list(values)]
    if values.dtype.kind in "mM":
        return ["time", values.dtype.kind, np.datetime_data(values.dtype)[0], values.view(np.int64)]
    return ["plain", np.array(values)]


def _category(codes: Any, categories: Any, ordered: Any) -> Any:
    _check(type(ordered) is bool, "no category")
    categories = _index(*categories)
    return pd.Categorical.from_codes(_plain(codes, "i"), categories=categories, ordered=ordered)


def _time(kind: Any, unit: Any, values: Any) -> Any:
    _check(kind in ("m", "M") and unit in _UNITS, "no time")
    return _plain(values, "i").astype(np.int64).view(f"{kind}8[{unit}]")


def _zoned(unit: Any, zone: Any, values: Any) -> Any:
    _check(unit in _UNITS and _is(zone, _ZONE), "no time zone")
    naive = pd.DatetimeIndex(_time("M", unit, values))
    return naive.tz_localize("UTC").tz_convert(zone).array


def _text(missing: Any, values: Any) -> Any:
    _check(type(values) is list, "no text")
    _check(all(one is None or type(one) is str for one in values), "no text")
    dtype = pd.StringDtype(na_value=np.nan if missing == "nan" else pd.NA)
    return pd.array(values, dtype=dtype)


def _period(frequency: Any, ordinals: Any) -> Any:
    _check(_is(frequency, _FREQUENCY), "no frequency")
    return pd.PeriodIndex.from_ordinals(_plain(ordinals, "i"), freq=frequency).array


def _interval(left: Any, right: Any, closed: Any) -> Any:
    _check(closed in _CLOSED, "no interval")
    return pd.arrays.IntervalArray.from_arrays(_column(*left), _column(*right), closed=closed)


def _masked(name: Any, numbers: Any, mask: Any) -> Any:
    _check(_is(name, _MASKED), "no type of a column")
    mask = _plain(mask, "b")
    column: Any = pd.array(_plain(numbers), dtype=name)
    column[mask] = pd.NA
    return column


def _object(values: Any) -> np.ndarray:
    _check(type(values) is list, "no objects")
    column = np.empty(len(values), object)
    column[:] = values
    return column


_COLUMNS: dict[str, Callable[..., Any]] = {
    "plain": lambda values: _plain(values, "biufcU"),
    "time": _time,
    "zoned": _zoned,
    "category": _category,
    "text": _text,
    "period": _period,
    "interval": _interval,
    "masked": _masked,
    "object": _object,
}


def _column(kind: Any, *parts: Any) -> Any:
    return _COLUMNS[kind](*parts)


def _is(text: Any, form: Callable[[str], Any]) -> bool:
    return type(text) is str and form(text) is not None


# Labels --------------------------------------------------------------------------------------


def _index_parts(index: Any) -> list[Any]:
    if isinstance(index, pd.RangeIndex):
        return ["range", index.start, index.stop, index.step, index.name]
    if isinstance(index, pd.MultiIndex):
        levels = [_index_parts(level) for level in index.levels]
        return ["multi", levels, [np.array(codes) for codes in index.codes], list(index.names)]
    frequency = getattr(index, "freqstr", None)
    return ["index", _column_parts(index.array), index.name, frequency]


def _index(kind: Any, *parts: Any) -> Any:
    kinds: dict[Any, Any] = {"range": _range_index, "multi": _multi_index, "index": _plain_index}
    return kinds[kind](*parts)


def _range_index(start: Any, stop: Any, step: Any, name: Any) -> Any:
    _check(all(type(one) is int for one in (start, stop, step)) and step != 0, "no range")
    _check(abs(stop - start) // abs(step) <= MAX_RANGE, "a range that is too long")
    return pd.RangeIndex(start, stop, step, name=name)


def _multi_index(levels: Any, codes: Any, names: Any) -> Any:
    built = [_index(*level) for level in levels]
    return pd.MultiIndex(built, [_plain(one, "i") for one in codes], names=names)


def _plain_index(column: Any, name: Any, frequency: Any) -> Any:
    index = pd.Index(_column(*column), name=name, copy=False)
    if frequency is not None and isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex):
        _check(_is(frequency, _FREQUENCY), "no frequency")
        index.freq = frequency
    return index


# Tables --------------------------------------------------------------------------------------


def _frame_parts(frame: Any) -> list[Any]:
    columns = [_column_parts(frame.iloc[:, place].array) for place in range(frame.shape[1])]
    return [columns, _index_parts(frame.columns), _index_parts(frame.index)]


def _frame(columns: Any, names: Any, index: Any) -> Any:
    _check(type(columns) is list, "no columns")
    labels = _index(*index)
    frame = pd.DataFrame(
        {place: _of_length(_column(*one), len(labels)) for place, one in enumerate(columns)},
        index=labels,
    )
    frame.columns = _index(*names)
    return frame


def _of_length(column: Any, length: int) -> Any:
    _check(len(column) == length, "a column of another length")
    return column


def _series(column: Any, index: Any, name: Any) -> Any:
    labels = _index(*index)
    return pd.Series(_of_length(_column(*column), len(labels)), index=labels, name=name, copy=False)


def _timestamp_parts(value: Any) -> list[Any]:
    zone = None if value.tz is None else str(value.tz)
    naive = value if zone is None else value.tz_convert("UTC").tz_localize(None)
    return [value.unit, int(naive.asm8.astype(np.int64)), zone]


def _timestamp(unit: Any, number: Any, zone: Any) -> Any:
    _check(unit in _UNITS and type(number) is int, "no time")
    value = pd.Timestamp(np.datetime64(number, unit))
    if zone is None:
        return value
    _check(_is(zone, _ZONE), "no time zone")
    return value.tz_localize("UTC").tz_convert(zone)


def _timedelta(unit: Any, number: Any) -> Any:
    _check(unit in _UNITS and type(number) is int, "no time")
    return pd.Timedelta(np.timedelta64(number, unit))


def _one_period(frequency: Any, ordinal: Any) -> Any:
    _check(type(ordinal) is int, "no period")
    return _period(frequency, np.array([ordinal]))[0]


def _one_interval(left: Any, right: Any, closed: Any) -> Any:
    kinds = (int, float, np.float64, np.int64, pd.Timestamp, pd.Timedelta)
    _check(type(left) in kinds and type(right) in kinds and closed in _CLOSED, "no interval")
    return pd.Interval(left, right, closed)


def _dtype(name: Any) -> Any:
    _check(_is(name, _DTYPE) or _is(name, _MASKED), "no type of a column")
    return pd.api.types.pandas_dtype(name)


def _array(*column: Any) -> Any:
    built = _column(*column)
    _check(not isinstance(built, np.ndarray) or built.dtype.kind in "mM", "no array of pandas'")
    return pd.array(built, copy=False)


def _indexes() -> list[DataType]:
    kinds = (
        pd.Index,
        pd.RangeIndex,
        pd.MultiIndex,
        pd.DatetimeIndex,
        pd.TimedeltaIndex,
        pd.PeriodIndex,
        pd.CategoricalIndex,
        pd.IntervalIndex,
    )
    return [DataType(kind, _index_parts, _index, table_sizes.of_labels) for kind in kinds]


_SINGLES = {"NA": pd.NA, "NaT": pd.NaT}
_ARRAYS = (
    pd.Categorical,
    type(pd.array(["a"], dtype="str")),
    type(pd.array([1])),
    type(pd.array([1.0], dtype="Float64")),
    type(pd.array([True], dtype="boolean")),
    type(pd.array(["2020"], dtype="datetime64[ns]")),
    type(pd.array([1], dtype="timedelta64[ns]")),
)
_DTYPES = (
    *(
        type(pd.api.types.pandas_dtype(f"{sign}Int{n}"))
        for sign in ("", "U")
        for n in (8, 16, 32, 64)
    ),
    pd.Float32Dtype,
    pd.Float64Dtype,
    pd.BooleanDtype,
    pd.DatetimeTZDtype,
    pd.PeriodDtype,
    pd.IntervalDtype,
)

DATA_TYPES = (
    DataType(pd.DataFrame, _frame_parts, _frame, table_sizes.of_frame),
    DataType(
        pd.Series,
        lambda series: [_column_parts(series.array), _index_parts(series.index), series.name],
        _series,
        table_sizes.of_series,
    ),
    *_indexes(),
    *(DataType(kind, _column_parts, _array, table_sizes.of_column) for kind in _ARRAYS),
    DataType(pd.Timestamp, _timestamp_parts, _timestamp),
    DataType(pd.Timedelta, lambda one: [one.unit, int(one.asm8.astype(np.int64))], _timedelta),
    DataType(pd.Period, lambda one: [one.freqstr, int(one.ordinal)], _one_period),
    DataType(pd.Interval, lambda one: [one.left, one.right, one.closed], _one_interval),
    DataType(type(pd.NA), lambda one: ["NA"], lambda name: _SINGLES[name]),
    DataType(type(pd.NaT), lambda one: ["NaT"], lambda name: _SINGLES[name]),
    *(DataType(kind, lambda one: [str(one)], _dtype) for kind in _DTYPES),
    DataType(
        pd.CategoricalDtype,
        lambda one: _category_parts(one),
        lambda *one: _kind(*one),
        table_sizes.of_categories,
    ),
    DataType(pd.StringDtype, lambda one: [one.na_value is pd.NA], lambda na: _string(na)),
)


def _category_parts(dtype: Any) -> list[Any]:
    known = dtype.categories
    return [None if known is None else _index_parts(known), bool(dtype.ordered)]


def _kind(categories: Any, ordered: Any) -> Any:
    _check(type(ordered) is bool, "no category")
    return pd.CategoricalDtype(None if categories is None else _index(*categories), ordered)


def _string(missing_is_na: Any) -> Any:
    return pd.StringDtype(na_value=pd.NA if missing_is_na is True else np.nan)
