"""Values of the standard library's containers, paths and time zones as data."""

from __future__ import annotations

import io
import re
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import datetime, time, timedelta, timezone
from pathlib import PosixPath, PurePosixPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from autograder.exam.protocol.bounds import checked_keys
from autograder.exam.protocol.data_type import DataType

LONGEST_PATH = 4_096
_ZONE = re.compile(r"[A-Za-z0-9_+\-/]{1,64}").fullmatch
_FACTORIES = {kind.__name__: kind for kind in (int, float, str, list, dict, set, tuple, bool)}


def _dict(value: Any) -> dict[Any, Any]:
    if type(value) is not dict:
        raise TypeError("no dict")
    return value


def _default(name: Any, value: Any) -> Any:
    return defaultdict(_FACTORIES[name] if name else None, _dict(value))


def _default_parts(value: Any) -> list[Any]:
    factory = value.default_factory
    known = factory in _FACTORIES.values() if isinstance(factory, type) else False
    return [factory.__name__ if known else "", dict(value)]


def _deque(items: Any, longest: Any) -> Any:
    if type(items) is not list or not (longest is None or type(longest) is int):
        raise TypeError("no deque")
    return deque(items, longest)


def _path(kind: Any) -> Any:
    def build(text: Any) -> Any:
        if type(text) is not str or len(text) > LONGEST_PATH:
            raise ValueError("no path")
        return kind(text)

    return build


def _uuid(number: Any) -> UUID:
    if type(number) is not int:
        raise TypeError("no number")
    return UUID(int=number)


def _zone(key: Any) -> ZoneInfo:
    if type(key) is not str or not _ZONE(key):
        raise ValueError("no time zone")
    return ZoneInfo(key)


def _timezone(offset: Any, name: Any) -> timezone:
    if type(offset) is not timedelta or not (name is None or type(name) is str):
        raise TypeError("no time zone")
    return timezone(offset) if name is None else timezone(offset, name[:100])


def _timezone_parts(zone: timezone) -> list[Any]:
    arguments: list[Any] = list(zone.__getinitargs__())  # type: ignore[attr-defined]
    return [*arguments, None][:2]


def _zoned(kind: Any) -> Any:
    def build(naive: Any, zone: Any, fold: Any) -> Any:
        if type(naive) is not kind or type(zone) not in (timezone, ZoneInfo) or fold not in (0, 1):
            raise TypeError("no time with a zone")
        return naive.replace(tzinfo=zone, fold=fold)

    return build


def _zoned_parts(value: Any) -> list[Any]:
    if value.tzinfo is not None and type(value.tzinfo) not in (timezone, ZoneInfo):
        raise TypeError("its time zone is of another class")
    return [value.replace(tzinfo=None, fold=0), value.tzinfo, value.fold]


def _frozenset(value: Any) -> frozenset[Any]:
    if type(value) is not set:
        raise TypeError("no set")
    return frozenset(value)


def _exception(kind: Any) -> DataType:
    """An exception as a value: its class and arguments."""

    def build(arguments: Any) -> Any:
        if type(arguments) is not list or len(arguments) > 100:
            raise TypeError("no arguments")
        return kind(*arguments)

    def parts(error: Any) -> list[Any]:
        if vars(error):
            raise TypeError("it has attributes of its own")
        return [list(error.args)]

    return DataType(kind, parts, build)


def _file(kind: Any, text: Any) -> DataType:
    """A file in memory: what is in it, and where it is read and written next."""

    def build(found: Any, place: Any) -> Any:
        if type(found) is not text or type(place) is not int or not 0 <= place <= len(found):
            raise TypeError("no file")
        file = kind(found)
        file.seek(place)
        return file

    return DataType(kind, lambda file: [file.getvalue(), file.tell()], build)


def _view(of: Any, made: Any) -> DataType:
    """What a dict's keys(), values() or items() give."""

    def build(found: Any) -> Any:
        if type(found) is not list:
            raise TypeError("no view of a dict")
        return made(found)

    return DataType(type(of({})), lambda view: [list(view)], build)


def _pairs(found: list[Any]) -> list[Any]:
    checked_keys([key for key, _ in found])
    return found


_VIEWS = (
    _view(dict.keys, lambda found: dict.fromkeys(checked_keys(found)).keys()),
    _view(dict.values, lambda found: dict(enumerate(found)).values()),
    _view(dict.items, lambda found: dict(_pairs(found)).items()),
)
_EXCEPTIONS = (
    *(Exception, ArithmeticError, AttributeError, EOFError, IndexError, KeyError, LookupError),
    *(NameError, NotImplementedError, OverflowError, RecursionError, RuntimeError, StopIteration),
    *(TypeError, ValueError, ZeroDivisionError),
)

DATA_TYPES = (
    *map(_exception, _EXCEPTIONS),
    *_VIEWS,
    _file(io.StringIO, str),
    _file(io.BytesIO, bytes),
    DataType(OrderedDict, lambda one: [dict(one)], lambda one: OrderedDict(_dict(one))),
    DataType(Counter, lambda one: [dict(one)], lambda one: Counter(_dict(one))),
    DataType(defaultdict, _default_parts, _default),
    DataType(deque, lambda one: [list(one), one.maxlen], _deque),
    DataType(PosixPath, lambda one: [str(one)], _path(PosixPath)),
    DataType(PurePosixPath, lambda one: [str(one)], _path(PurePosixPath)),
    DataType(UUID, lambda one: [one.int], _uuid),
    DataType(ZoneInfo, lambda one: [one.key], _zone),
    DataType(timezone, _timezone_parts, _timezone),
    DataType(datetime, _zoned_parts, _zoned(datetime)),
    DataType(time, _zoned_parts, _zoned(time)),
    DataType(frozenset, lambda one: [set(one)], _frozenset),
    DataType(type(...), lambda one: [], lambda: ...),
    DataType(type(NotImplemented), lambda one: [], lambda: NotImplemented),
)
