"""What a gradient function returned: arrays by parameter name, or what is amiss, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Number
from typing import Any

import numpy as np

from mlpkit.gradcheck.inputs.arrays import (
    aligned,
    as_number,
    is_array,
    is_numbers,
    is_sparse,
    to_numpy,
)
from mlpkit.gradcheck.inputs.containers import children
from mlpkit.gradcheck.inputs.pytree import Tree, is_fixed
from mlpkit.gradcheck.report import Finding
from mlpkit.shapes import shape_message


@dataclass
class ParsedGradient:
    """Arrays that have the shape of their parameter, and findings for those that have not."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    loss: float | None = None

    def add(self, name: str, cause: str) -> None:
        self.findings.append(Finding(name, cause))


def parse(result: Any, tree: Tree) -> ParsedGradient:
    """Match ``result`` (a gradient, or a pair of loss and gradient) with the parameters."""
    parsed = ParsedGradient()
    if _is_loss_and_gradient(result, tree.structure):
        loss, result = result
        parsed.loss = float(np.real(as_number(loss)))
    if isinstance(result, tuple) and len(result) == 1 and children(tree.structure) is None:
        result = result[0]  # as torch.autograd.grad returns it
    _descend(tree.structure, result, iter(tree.leaves), tree, parsed)
    return parsed


def _is_loss_and_gradient(result: Any, structure: Any) -> bool:
    if not (isinstance(result, tuple) and len(result) == 2 and _is_number(result[0])):
        return False
    inner = children(structure)
    if (
        isinstance(structure, (list, tuple))
        and inner
        and len(inner) == 2
        and _is_number(inner[0][1])
    ):
        return isinstance(result[1], (list, tuple))  # else two gradients, the first one a number
    return True


def _is_number(value: Any) -> bool:
    return is_array(value) and to_numpy(value).ndim == 0


def _descend(
    node: Any, result: Any, names: Iterator[str], tree: Tree, parsed: ParsedGradient
) -> None:
    inner = children(node)
    if inner is None:
        if not is_fixed(node):
            name = next(names)
            leaf = tree.leaves[name]
            _read_leaf(name, leaf, aligned(result, leaf), parsed)
        return
    own = [next(names) for _ in range(_count(node))]
    if not own:
        return  # nothing in it has a gradient
    result = _as_children(node, result)
    complaint = _mismatch(node, result)
    if complaint:
        parsed.add(", ".join(own), complaint)
        return
    _compare_keys(node, result, parsed)
    rest = iter(own)
    for key, value in inner:
        if key not in result if isinstance(result, dict) else key >= len(result):
            for name in [next(rest) for _ in range(_count(value))]:
                parsed.add(name, _missing(key, node, result))
        else:
            _descend(value, result[key], rest, tree, parsed)


def _as_children(node: Any, result: Any) -> Any:
    """A mapping or an object as a dict; one array for several numbers as the list of them."""
    if not isinstance(result, (dict, list, tuple)) and not isinstance(node, (list, tuple)):
        return dict(children(result) or []) or result
    if isinstance(node, (list, tuple)) and is_array(result) and not isinstance(result, Number):
        array = to_numpy(result)
        result = list(array) if array.ndim == 1 else result
    names = _names_in(node)
    are_sequences = isinstance(node, (list, tuple)) and isinstance(result, (list, tuple))
    if are_sequences and len(result) == len(names) < len(node):  # nothing for what is held fixed
        given = dict(zip(names, result, strict=True))
        return [given.get(i) for i in range(len(node))]
    return result


def _count(node: Any) -> int:
    inner = children(node)
    if inner is None:
        return 0 if is_fixed(node) else 1
    return sum(_count(value) for _, value in inner)


def _mismatch(node: Any, result: Any) -> str | None:
    if result is None:
        return "the function returned None: is a return statement missing?"
    if not isinstance(node, (list, tuple)) and not isinstance(result, dict):
        kind = (
            "a dict with the keys" if isinstance(node, Mapping) else f"a {type(node).__name__} of"
        )
        return f"the function returned {_what(result)}; expected {kind} {_keys(_names_in(node))}"
    if isinstance(node, (list, tuple)):
        if not isinstance(result, (list, tuple)):
            return f"the function returned {_what(result)}; expected {len(node)} gradients, in the \
order of the parameters"
        if len(result) != len(node):
            return f"there are {len(result)} gradients for {len(node)} parameters"
    return None


def _compare_keys(node: Any, result: Any, parsed: ParsedGradient) -> None:
    if not isinstance(result, dict):
        return
    keys = _names_in(node)
    extra = [key for key in result if key not in keys]
    if extra and all(key in result for key in keys):
        parsed.notes.append(f"the gradient also holds {_keys(extra)}, which is no parameter")


def _names_in(node: Any) -> list[Any]:
    """The keys of a container under which there is something to differentiate by."""
    return [key for key, value in children(node) or [] if _count(value)]


def _missing(key: Any, node: Any, result: Any) -> str:
    wanted = _keys(_names_in(node))
    return f"the gradient has no {key!r}; it has {_keys(result) or 'nothing'}, expected {wanted}"


def _read_leaf(name: str, leaf: Any, value: Any, parsed: ParsedGradient) -> None:
    shape = to_numpy(leaf).shape
    if value is None:
        parsed.add(name, "it is None: is a return statement or an assignment missing?")
        return
    if shape and _is_number(value):
        parsed.add(name, shape_message((), shape))
        return
    if not (is_array(value) or is_numbers(value)):
        wanted = f"a numpy array of shape {shape}" if shape else "one number"
        parsed.add(name, f"it is {_what(value)}; expected {wanted}")
        return
    array = to_numpy(value)
    if array.shape == (1, *shape) and is_sparse(value):
        array = array.reshape(shape)  # a sparse matrix always has two axes
    if array.shape != shape:
        parsed.add(name, shape_message(array.shape, shape))
    elif array.dtype.kind not in "fiu":
        parsed.add(name, f"it holds {array.dtype} values; expected real floats")
    elif np.ma.isMaskedArray(value) and not np.ma.isMaskedArray(leaf):
        parsed.add(name, "it is a masked array; expected a plain one")
    elif not np.all(np.isfinite(array)):
        parsed.add(name, _not_finite(array))
    else:
        parsed.arrays[name] = array


def _not_finite(array: np.ndarray) -> str:
    kind = "NaN" if np.isnan(array).any() else "infinite"
    bad = ~np.isfinite(array)
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    at = f", the first at {list(index)}" if index else ""
    return f"{np.count_nonzero(bad)} of {array.size} entries are {kind}{at}; look for a division \
by zero, log(0) or an overflow in exp"


def _what(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of length {len(value)}"
    return f"{value!r:.40} ({type(value).__name__})"


def _keys(keys: Any) -> str:
    return ", ".join(repr(key) for key in keys)
