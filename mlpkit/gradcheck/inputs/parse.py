"""What a gradient function returned: arrays by parameter name, or what is amiss, in words."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mlpkit.gradcheck.inputs.pytree import Tree, children
from mlpkit.gradcheck.report import Finding


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
        parsed.loss = float(np.real(loss))
    _descend(tree.structure, result, iter(tree.leaves), tree, parsed)
    return parsed


def _is_loss_and_gradient(result: Any, structure: Any) -> bool:
    if not (isinstance(result, tuple) and len(result) == 2 and _is_number(result[0])):
        return False
    if isinstance(structure, (list, tuple)) and len(structure) == 2 and _is_number(structure[0]):
        return isinstance(result[1], (list, tuple))  # else two gradients, the first one a number
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, (float, int, np.generic, np.ndarray)) and np.ndim(value) == 0


def _descend(node: Any, result: Any, names: Any, tree: Tree, parsed: ParsedGradient) -> None:
    inner = children(node)
    if inner is None:
        name = next(names)
        _read_leaf(name, np.shape(tree.leaves[name]), result, parsed)
        return
    own = [next(names) for _ in range(_count(node))]
    complaint = _mismatch(node, result)
    if complaint:
        parsed.add(", ".join(own), complaint)
        return
    _compare_keys(node, result, parsed)
    rest = iter(own)
    for key, value in inner:
        if isinstance(node, dict) and key not in result:
            for name in [next(rest) for _ in range(_count(value))]:
                parsed.add(name, _missing(key, node, result))
        else:
            _descend(value, result[key], rest, tree, parsed)


def _count(node: Any) -> int:
    inner = children(node)
    return 1 if inner is None else sum(_count(value) for _, value in inner)


def _mismatch(node: Any, result: Any) -> str | None:
    if result is None:
        return "the function returned None: is a return statement missing?"
    if isinstance(node, dict) and not isinstance(result, dict):
        return f"the function returned {_what(result)}; expected a dict with the keys {_keys(node)}"
    if isinstance(node, (list, tuple)):
        if not isinstance(result, (list, tuple)):
            return f"the function returned {_what(result)}; expected {len(node)} gradients, in the \
order of the parameters"
        if len(result) != len(node):
            return f"there are {len(result)} gradients for {len(node)} parameters"
    return None


def _compare_keys(node: Any, result: Any, parsed: ParsedGradient) -> None:
    extra = [key for key in result if key not in node] if isinstance(node, dict) else []
    if extra and all(key in result for key in node):
        parsed.notes.append(f"the gradient also holds {_keys(extra)}, which is no parameter")


def _missing(key: Any, node: dict, result: dict) -> str:
    return (
        f"the gradient has no {key!r}; it has {_keys(result) or 'nothing'}, expected {_keys(node)}"
    )


def _read_leaf(name: str, shape: tuple[int, ...], value: Any, parsed: ParsedGradient) -> None:
    if value is None:
        parsed.add(name, "it is None: is a return statement or an assignment missing?")
        return
    if shape and _is_number(value):
        parsed.add(name, shape_message((), shape))
        return
    if shape and not isinstance(value, np.ndarray):
        parsed.add(name, f"it is {_what(value)}; expected a numpy array of shape {shape}")
        return
    if not isinstance(value, (np.ndarray, np.generic, float, int)):
        parsed.add(name, f"it is {_what(value)}; expected one number")
        return
    array = np.asarray(value)
    if array.shape != shape:
        parsed.add(name, shape_message(array.shape, shape))
    elif array.dtype.kind not in "fiu":
        parsed.add(name, f"it holds {array.dtype} values; expected real floats")
    elif np.ma.isMaskedArray(value):
        parsed.add(name, "it is a masked array; expected a plain one")
    elif not np.all(np.isfinite(array)):
        parsed.add(name, _not_finite(array))
    else:
        parsed.arrays[name] = array


def shape_message(shape: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """What a wrong shape looks like."""
    text = f"its shape is {shape}, expected {expected}"
    if len(expected) == 2 and shape == expected[::-1]:
        return f"{text}: it is transposed"
    if tuple(n for n in shape if n != 1) == tuple(n for n in expected if n != 1):
        return f"{text}: an axis of length 1 too {'many' if len(shape) > len(expected) else 'few'}"
    if len(shape) == len(expected) + 1 and shape[1:] == expected:
        return f"{text}: axis 0, of length {shape[0]}, still has to be summed (one row per sample?)"
    if len(shape) == len(expected) == 1:
        return f"{text}: perhaps the sum was taken over the wrong axis"
    if not shape:
        return f"{text}: one number, so everything was summed"
    return text


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
