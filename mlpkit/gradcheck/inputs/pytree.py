"""Parameters in any nesting, as a flat list of named arrays and back.

``{"W": W, "b": b}`` -> W, b; ``[(W, b), (V, c)]`` -> params[0][0], params[0][1], ...; one array or
number -> x. Dataclasses and named tuples are containers too. A *point* is a dict from these names
to float64 (or complex) arrays. What has no derivative (whole numbers, bools, text, None, functions,
empty arrays) is held fixed: it keeps its place in the structure and gets no name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpkit.gradcheck.inputs.arrays import is_array, is_numbers, like, to_numpy
from mlpkit.gradcheck.inputs.containers import children, rebuilt

Point = dict[str, np.ndarray]
Path = tuple[Any, ...]
NO_NUMBERS = (bool, int, str, bytes, slice, range, np.random.Generator, np.random.RandomState)


@dataclass(frozen=True)
class Tree:
    """The caller's parameters: ``structure`` as given, ``leaves`` by name, ``fixed`` leaves as
    (path in words, value)."""

    structure: Any
    leaves: dict[str, Any]
    fixed: tuple[tuple[str, Any], ...] = ()

    @property
    def point(self) -> Point:
        """The values in float64, row by row. Arrays that are so already are not copied: they may
        be most of the memory that there is."""
        return {name: _read_only(leaf) for name, leaf in self.leaves.items()}

    @property
    def is_low_precision(self) -> bool:
        """Whether the caller's arrays carry fewer digits than float64."""
        return any(to_numpy(leaf).dtype.itemsize < 8 for leaf in self.leaves.values())

    def build(self, point: Point) -> Any:
        """The arrays of ``point`` in the caller's nesting and of the caller's kind."""
        return self.fill({name: like(self.leaves[name], a) for name, a in point.items()})

    def fill(self, leaves: dict[str, Any]) -> Any:
        """New containers like the caller's, holding these very leaves."""
        return _fill(self.structure, iter(leaves.values()))


def flatten(params: Any, names: str | Sequence[str] | None = None) -> Tree:
    """Name every array of ``params``. Raises TypeError for what has no gradient, in words."""
    everything = list(_walk(params, ()))
    paths = [(path, leaf) for path, leaf in everything if not is_fixed(leaf)]
    fixed = tuple((_name(path), leaf) for path, leaf in everything if is_fixed(leaf))
    if not everything:
        raise ValueError(f"params is {params!r}: it holds no array to differentiate by")
    if not paths:
        _refuse(*fixed[0])
    if names is None:
        names = [_name(path) for path, _ in paths]
    elif isinstance(names, str):
        names = [names]
    if len(names) != len(paths) or len(set(names)) != len(names):
        raise ValueError(f"{len(paths)} parameters need as many different names, not {names!r}")
    for name, (_, leaf) in zip(names, paths, strict=True):
        if not _is_differentiable(leaf):
            _refuse(name, leaf)
    leaves = {name: leaf for name, (_, leaf) in zip(names, paths, strict=True)}
    return Tree(params, leaves, fixed)


def is_fixed(leaf: Any) -> bool:
    """Whether a leaf has no derivative and so stays as it is."""
    if leaf is None or isinstance(leaf, NO_NUMBERS):
        return True
    if not (is_array(leaf) or is_numbers(leaf)):
        return callable(leaf) or str(getattr(leaf, "dtype", "")).startswith("key<")
    array = to_numpy(leaf)
    return array.dtype.kind in "iubUSOMmV" or array.size == 0


def _is_differentiable(leaf: Any) -> bool:
    return (is_array(leaf) or is_numbers(leaf)) and to_numpy(leaf).dtype.kind == "f"


def _read_only(leaf: Any) -> np.ndarray:
    view = np.asarray(to_numpy(leaf), dtype=float, order="C").view()
    view.flags.writeable = False
    return view


def _walk(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    inner = children(node)
    if inner is None:
        yield path, node
        return
    for key, value in inner:
        yield from _walk(value, (*path, key))


def _fill(node: Any, arrays: Iterator[Any]) -> Any:
    inner = children(node)
    if inner is None:
        return node if is_fixed(node) else next(arrays)
    return rebuilt(node, [_fill(value, arrays) for _, value in inner])


def _name(path: Path) -> str:
    if not path:
        return "x"
    head = path[0] if isinstance(path[0], str) else f"params[{path[0]!r}]"
    return head + "".join(f"[{key!r}]" for key in path[1:])


def _refuse(name: str, leaf: Any) -> None:
    """Raise TypeError for a leaf by which nothing can be differentiated."""
    if is_array(leaf) or is_numbers(leaf):
        array = to_numpy(leaf)
        kind = array.dtype.kind
        fix = f"write {leaf}.0" if isinstance(leaf, int) else f"write {name}.astype(float)"
        if array.size == 0:
            raise ValueError(f"{name} is empty: it holds no number to differentiate by")
        if kind in "iu":
            raise TypeError(
                f"{name} holds integers ({array.dtype}); a gradient needs floats: {fix}"
            )
        raise TypeError(f"{name} holds {array.dtype} values; a gradient needs real floats")
    if hasattr(leaf, "named_parameters"):
        raise TypeError(
            f"{name} is a {type(leaf).__name__}; give its parameters by name, "
            "dict(module.named_parameters()), and in the loss use torch.func.functional_call"
        )
    raise TypeError(
        f"{name} is {leaf!r:.60} of type {type(leaf).__name__}; a gradient needs numpy arrays of "
        "floats, alone or in dicts, lists, tuples and dataclasses"
    )
