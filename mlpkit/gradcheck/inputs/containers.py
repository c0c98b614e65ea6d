"""Containers of parameters, opened and put together again: of the caller's own class."""

import copy
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any

from mlpkit.gradcheck.inputs.arrays import is_array, is_numbers


def children(node: Any) -> list[tuple[Any, Any]] | None:
    """(key, value) of a mapping, list, tuple, dataclass, attrs class or namespace; None for a
    leaf. What a dataclass works out for itself (``init=False``) is none of its children."""
    if is_array(node):
        return None
    if isinstance(node, Mapping):
        return list(node.items())
    if isinstance(node, (list, tuple)):
        return None if is_numbers(node) else list(enumerate(node))
    names = _attributes(node)
    return None if names is None else [(name, getattr(node, name)) for name in names]


def _attributes(node: Any) -> list[str] | None:
    """The names of what an object holds, if it is there to hold it."""
    if isinstance(node, SimpleNamespace):
        return list(vars(node))
    if isinstance(node, type):
        return None
    if is_dataclass(node):
        return [field.name for field in fields(node) if field.init]
    if hasattr(type(node), "__attrs_attrs__"):
        return [attribute.name for attribute in type(node).__attrs_attrs__]
    return None


def rebuilt(node: Any, values: list[Any]) -> Any:
    """A container like ``node`` that holds these, in the order of ``children``."""
    keys = [key for key, _ in children(node) or []]
    if type(node) is dict:
        return dict(zip(keys, values, strict=True))
    if isinstance(node, Mapping):
        return _mapping(node, dict(zip(keys, values, strict=True)))
    if isinstance(node, (list, tuple)):
        return type(node)(*values) if hasattr(node, "_fields") else type(node)(values)
    if is_dataclass(node) and not isinstance(node, type):
        try:
            return replace(node, **dict(zip(keys, values, strict=True)))
        except (TypeError, ValueError):  # its __init__ wants what it does not keep
            pass
    other = copy.copy(node)
    for key, value in zip(keys, values, strict=True):
        object.__setattr__(other, key, value)
    return other


def _mapping(node: Mapping[Any, Any], items: dict[Any, Any]) -> Any:
    """Of the caller's class with its attributes, if it can be copied and written into."""
    try:
        other: Any = copy.copy(node)
        for key, value in items.items():
            other[key] = value
    except TypeError:
        return type(node)(items)  # type: ignore[call-arg]
    return other
