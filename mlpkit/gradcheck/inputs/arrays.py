"""Arrays of other libraries, to numpy and back, without depending on any of them.

What is understood: torch tensors, jax arrays, pandas Series and DataFrames, scipy.sparse matrices,
whatever has ``__array__``, and (nested) lists of numbers where an array is meant.
"""

from numbers import Number
from typing import Any

import numpy as np

NUMERIC = "fiuc"


def is_array(value: Any) -> bool:
    """Whether this is an array or a number of numpy, Python or another library."""
    if isinstance(value, (np.ndarray, Number)):
        return True
    if isinstance(value, (str, bytes, dict, list, tuple, type)) or value is None:
        return False
    return hasattr(value, "__array__") or hasattr(value, "toarray")


def is_numbers(value: Any) -> bool:
    """Whether this is a list of real numbers, or of such lists of one length: an array, written
    down. A list that holds arrays is a container of them."""
    if not isinstance(value, list) or not value:
        return False
    if all(isinstance(item, list) for item in value):
        return all(map(is_numbers, value)) and len({np.shape(item) for item in value}) == 1
    return all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in value)


def to_numpy(value: Any) -> np.ndarray:
    """The numbers of any array, as numpy's; of a sparse matrix with its zeros. numpy's own arrays
    are not copied."""
    if isinstance(value, np.ndarray):
        return value
    if hasattr(value, "detach"):  # torch: out of the graph, off the GPU
        value = value.detach()
        value = value.cpu() if hasattr(value, "cpu") else value
    if hasattr(value, "toarray"):  # scipy.sparse
        value = value.toarray()
    return np.asarray(value)


def as_number(value: Any) -> Any:
    """One number, as Python's. Raises TypeError or ValueError; the text begins with a verb."""
    if not (is_array(value) or is_numbers(value)):
        raise TypeError(f"returned {value!r:.60}, which is no number")
    array = to_numpy(value)
    if array.dtype.kind not in NUMERIC:
        raise TypeError(f"returned {value!r:.60}, which is no number")
    if array.size != 1:
        raise ValueError(f"has the shape {array.shape}; it must be one number")
    return array.item()


def unit_of(value: Any) -> float:
    """Rounding unit of the type in which a number came; of Python's float that of float64."""
    if not is_array(value):
        return 2.0**-53
    dtype = to_numpy(value).dtype
    return float(np.finfo(dtype).eps) / 2 if dtype.kind in "fc" else 2.0**-53


def like(leaf: Any, array: np.ndarray) -> Any:
    """``array`` as an object of the caller's kind: of numpy with its own precision, which may be
    higher than the leaf's; of other libraries with the leaf's, on its device."""
    if isinstance(leaf, np.ndarray):
        return array
    if isinstance(leaf, np.generic):
        return array[()]
    if isinstance(leaf, Number):
        return array.item()
    if isinstance(leaf, list):
        return array.tolist()
    return _foreign(leaf, array)


def _foreign(leaf: Any, array: np.ndarray) -> Any:
    if np.iscomplexobj(array) and to_numpy(leaf).dtype.kind != "c":
        raise TypeError(f"a {type(leaf).__name__} of real numbers holds no complex ones")
    if hasattr(leaf, "new_tensor"):  # torch
        return leaf.new_tensor(array).requires_grad_(bool(leaf.requires_grad))
    if hasattr(leaf, "columns"):  # pandas
        return type(leaf)(array, index=leaf.index, columns=leaf.columns)
    if hasattr(leaf, "index") and hasattr(leaf, "iloc"):
        return type(leaf)(array, index=leaf.index, name=leaf.name)
    if hasattr(leaf, "__array_namespace__"):  # jax, cupy and others of the array API standard
        return leaf.__array_namespace__().asarray(array, dtype=leaf.dtype)
    if hasattr(leaf, "toarray"):
        return type(leaf)(array)
    return array
