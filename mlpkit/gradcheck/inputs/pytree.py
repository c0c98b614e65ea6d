"""Parameters in any nesting, as a flat list of named arrays and back.

``{"W": W, "b": b}`` -> W, b; ``[(W, b), (V, c)]`` -> params[0][0], params[0][1], ...; one array or
number -> x. A *point* is a dict from these names to float64 (or complex) arrays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Point = dict[str, np.ndarray]


@dataclass(frozen=True)
class Tree:
    """The caller's parameters: ``structure`` as given, ``leaves`` by name."""

    structure: Any
    leaves: dict[str, Any]

    @property
    def point(self) -> Point:
        """The values in float64, as fresh arrays."""
        return {name: np.array(leaf, dtype=float) for name, leaf in self.leaves.items()}

    @property
    def is_single(self) -> bool:
        return not isinstance(self.structure, (dict, list, tuple))

    @property
    def is_low_precision(self) -> bool:
        """Whether the caller's arrays carry fewer digits than float64."""
        return any(np.asarray(leaf).dtype.itemsize < 8 for leaf in self.leaves.values())

    def build(self, point: Point) -> Any:
        """The arrays of ``point`` in the caller's nesting; a Python number stays one."""
        return self.fill({name: _like(self.leaves[name], a) for name, a in point.items()})

    def fill(self, leaves: dict[str, Any]) -> Any:
        """New dicts, lists and tuples like the caller's, holding these very leaves."""
        return _fill(self.structure, iter(leaves.values()))


def flatten(params: Any, names: str | Sequence[str] | None = None) -> Tree:
    """Name every array of ``params``. Raises TypeError for what has no gradient, in words."""
    paths = list(_walk(params, ()))
    if not paths:
        raise ValueError(f"params is {params!r}: it holds no array to differentiate by")
    if names is None:
        names = [_name(path) for path, _ in paths]
    elif isinstance(names, str):
        names = [names]
    if len(names) != len(paths) or len(set(names)) != len(names):
        raise ValueError(f"{len(paths)} parameters need as many different names, not {names!r}")
    for name, (_, leaf) in zip(names, paths, strict=True):
        _refuse(name, leaf)
    return Tree(params, {name: leaf for name, (_, leaf) in zip(names, paths, strict=True)})


def children(node: Any) -> list[tuple[Any, Any]] | None:
    """(key, value) of a dict, list or tuple; None for a leaf."""
    if isinstance(node, dict):
        return list(node.items())
    if isinstance(node, (list, tuple)):
        return list(enumerate(node))
    return None


def _like(leaf: Any, array: np.ndarray) -> Any:
    """An array as the caller gave it: an array, a numpy number or a Python number."""
    if isinstance(leaf, np.ndarray):
        return array
    return array[()] if isinstance(leaf, np.generic) else array.item()


def _walk(node: Any, path: tuple) -> Iterator[tuple[tuple, Any]]:
    inner = children(node)
    if inner is None:
        yield path, node
        return
    for key, value in inner:
        yield from _walk(value, (*path, key))


def _fill(node: Any, arrays: Iterator[Any]) -> Any:
    if isinstance(node, dict):
        return {key: _fill(value, arrays) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        values = [_fill(value, arrays) for value in node]
        return type(node)(*values) if hasattr(node, "_fields") else type(node)(values)
    return next(arrays)


def _name(path: tuple) -> str:
    if not path:
        return "x"
    head = path[0] if isinstance(path[0], str) else f"params[{path[0]!r}]"
    return head + "".join(f"[{key!r}]" for key in path[1:])


def _refuse(name: str, leaf: Any) -> None:
    if isinstance(leaf, (np.ndarray, np.generic, float, int)):
        kind = np.asarray(leaf).dtype
        if kind.kind == "f":
            return
        fix = f"write {name}.astype(float)" if isinstance(leaf, np.ndarray) else f"write {leaf}.0"
        if kind.kind in "iu":
            raise TypeError(f"{name} holds integers ({kind}); a gradient needs floats: {fix}")
        raise TypeError(f"{name} holds {kind} values; a gradient needs real floats")
    raise TypeError(
        f"{name} is {leaf!r:.60} of type {type(leaf).__name__}; a gradient needs numpy arrays of "
        "floats, alone or in dicts, lists and tuples"
    )
