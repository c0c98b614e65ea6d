"""A caller's functions with what else they need: further arguments, a domain, real numbers only."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from mlpkit.gradcheck.inputs.pytree import flatten

METHODS = ("auto", "complex", "real")
Bounds = Any  # pairs (low, high), None for no bound; or an object with ``lb`` and ``ub``


def bind(function: Callable[..., Any], args: Sequence[Any]) -> Callable[[Any], Any]:
    """``function`` of params alone; ``args`` follow, as scipy.optimize has it."""
    if not args:
        return function

    @wraps(function)
    def bound(params: Any) -> Any:
        return function(params, *args)

    return bound


def as_tuple(args: Any) -> tuple[Any, ...]:
    """One further argument need not be wrapped."""
    return args if isinstance(args, tuple) else (args,)


def guard(
    loss: Callable[[Any], Any], params: Any, bounds: Bounds, method: str
) -> Callable[[Any], Any]:
    """The loss as it may be evaluated: NaN outside ``bounds``, TypeError for complex numbers where
    the method is "real". Raises ValueError for bounds that fit nothing, or that params break."""
    if method not in METHODS:
        raise ValueError(f"no method {method!r}: choose one of {', '.join(METHODS)}")
    limits = None if bounds is None else _limits(bounds, params)
    if limits is None and method != "real":
        return loss

    @wraps(loss)
    def guarded(params: Any) -> Any:
        x = _vector(params)
        if method == "real" and np.iscomplexobj(x):
            raise TypeError("method='real': no complex numbers")
        if limits is not None and not _inside(x.real, *limits):
            return np.nan
        return loss(params)

    return guarded


def _vector(params: Any) -> np.ndarray:
    leaves = flatten(params).leaves.values() if not isinstance(params, np.ndarray) else [params]
    return np.concatenate([np.ravel(leaf) for leaf in leaves])


def _limits(bounds: Bounds, params: Any) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest values, one for each entry of params."""
    size = _vector(params).size
    if hasattr(bounds, "lb"):
        low, high = np.asarray(bounds.lb, dtype=float), np.asarray(bounds.ub, dtype=float)
    else:
        pairs = list(bounds)
        low = np.array([-np.inf if a is None else a for a, _ in pairs], dtype=float)
        high = np.array([np.inf if b is None else b for _, b in pairs], dtype=float)
    if low.size not in (1, size) or high.size not in (1, size):
        raise ValueError(f"there are bounds for {low.size} entries, and params has {size}")
    x = _vector(params)
    if not _inside(x, low, high):
        outside = int(np.flatnonzero(~((low <= x) & (x <= high)))[0])
        raise ValueError(f"entry {outside} of params is {x[outside]:.6g}, outside its bounds")
    return low, high


def _inside(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> bool:
    return bool(np.all((low <= x) & (x <= high)))
