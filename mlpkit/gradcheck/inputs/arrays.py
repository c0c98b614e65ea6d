"""Arrays of other libraries, to numpy and back, without depending on any of them.

What is understood: torch tensors, jax arrays, pandas Series and DataFrames, sparse matrices of
scipy, torch and jax, whatever has ``__array__``, and (nested) lists of numbers where an array is
meant.
"""

from numbers import Number
from typing import Any

import numpy as np

NUMERIC = "fiuc"
TO_DENSE = ("toarray", "todense")  # scipy.sparse; jax and others
LARGE = 1 << 20  # entries of an array that is not copied for nothing


def is_array(value: Any) -> bool:
    """Whether this is an array or a number of numpy, Python or another library."""
    if isinstance(value, (np.ndarray, Number)):
        return True
    if is_sparse(value):  # before dict, which a matrix of scipy may be
        return True
    if isinstance(value, (str, bytes, dict, list, tuple, type)) or value is None:
        return False
    return hasattr(value, "__array__") and not _is_random_key(value)


def is_sparse(value: Any) -> bool:
    return any(hasattr(type(value), name) for name in TO_DENSE)


def _is_random_key(value: Any) -> bool:
    """A key of jax's random numbers: an array that holds no numbers."""
    return str(getattr(value, "dtype", "")).startswith("key<")


def is_numbers(value: Any) -> bool:
    """Whether this is a list of real numbers, or of such lists of one length: an array, written
    down. A list that holds arrays is a container of them."""
    if not isinstance(value, list) or not value:
        return False
    if all(isinstance(item, list) for item in value):
        return all(map(is_numbers, value)) and len({np.shape(item) for item in value}) == 1
    return all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in value)


def to_numpy(value: Any) -> np.ndarray:
    """The numbers of any array, as numpy's; of a sparse matrix with its zeros, of a masked array
    with zeros for what is masked. numpy's own arrays are not copied."""
    if isinstance(value, np.ma.MaskedArray):
        return value.filled(0) if np.ma.is_masked(value) else value.data
    if isinstance(value, np.ndarray):
        return _widened(np.asarray(value))  # a matrix of numpy multiplies otherwise
    if hasattr(value, "detach"):
        value = _torch(value)
    for name in TO_DENSE:
        if hasattr(type(value), name):
            value = getattr(value, name)()
    return _widened(np.asarray(value))


def _torch(tensor: Any) -> Any:
    """Out of the graph, off the GPU, with its zeros, in a type that numpy has."""
    tensor = tensor.detach()
    tensor = tensor.cpu() if hasattr(tensor, "cpu") else tensor
    if "sparse" in str(getattr(tensor, "layout", "")):
        tensor = tensor.to_dense()
    is_narrow = "float8" in (kind := str(getattr(tensor, "dtype", ""))) or "bfloat" in kind
    return tensor.float() if is_narrow else tensor


def _widened(array: np.ndarray) -> np.ndarray:
    """float32 for the narrow floats that numpy knows by name only, such as jax's bfloat16."""
    return array.astype(np.float32) if "float" in array.dtype.name and not _known(array) else array


def _known(array: np.ndarray) -> bool:
    return array.dtype.kind in NUMERIC and array.dtype.isbuiltin == 1


def as_number(value: Any) -> Any:
    """One number, as Python's. Raises TypeError or ValueError; the text begins with a verb."""
    if isinstance(value, list) and len(value) == 1:
        return as_number(value[0])
    if not is_array(value):
        raise TypeError(f"returned {value!r:.60}, which is no number")
    array = to_numpy(value)
    if array.dtype == object and array.size == 1 and isinstance(array.item(), Number):
        array = np.asarray(array.item())
    if array.dtype.kind not in NUMERIC:
        raise TypeError(f"returned {value!r:.60}, which is no number")
    if array.size != 1:
        raise ValueError(f"has the shape {array.shape}; it must be one number")
    return array.item()


def unit_of(value: Any) -> float:
    """Rounding unit of the type in which a number came; of Python's float that of float64."""
    if not is_array(value):
        return 2.0**-53
    if "bfloat16" in str(getattr(value, "dtype", "")):
        return 2.0**-8
    dtype = to_numpy(value).dtype
    return float(np.finfo(dtype).eps) / 2 if dtype.kind in "fc" else 2.0**-53


def like(leaf: Any, array: np.ndarray) -> Any:
    """``array`` as an object of the caller's kind: of numpy with its own precision, which may be
    higher than the leaf's; of other libraries with the leaf's, on its device."""
    if isinstance(leaf, np.ndarray):
        return _like_numpy(leaf, array)
    if isinstance(leaf, np.generic):
        return array[()]
    if isinstance(leaf, Number):
        return array.item()
    if isinstance(leaf, list):
        return array.tolist()
    return _foreign(leaf, array)


def _like_numpy(leaf: np.ndarray, array: np.ndarray) -> np.ndarray:
    if isinstance(leaf, np.ma.MaskedArray):
        return np.ma.MaskedArray(array, mask=leaf.mask)
    if leaf.flags.f_contiguous and not leaf.flags.c_contiguous:
        array = np.asfortranarray(array)
    if not array.flags.writeable and array.size <= LARGE:
        array = array.copy(order="K")  # torch warns of arrays that it may not write into
    if type(leaf) in (np.ndarray, np.memmap):
        return array
    view = array.view(type(leaf))  # a matrix of numpy, or a class of others with its attributes
    view.__array_finalize__(leaf)
    return view


def _foreign(leaf: Any, array: np.ndarray) -> Any:
    if np.iscomplexobj(array) and to_numpy(leaf).dtype.kind != "c":
        raise TypeError(f"a {type(leaf).__name__} of real numbers holds no complex ones")
    if hasattr(leaf, "new_tensor"):  # torch
        return leaf.new_tensor(array).requires_grad_(bool(leaf.requires_grad))
    if _has_labels(leaf):
        names = {"columns": leaf.columns} if hasattr(leaf, "columns") else {"name": leaf.name}
        return type(leaf)(array, index=leaf.index, **names)
    if hasattr(leaf, "__array_namespace__"):  # jax, cupy and others of the array API standard
        return leaf.__array_namespace__().asarray(array, dtype=leaf.dtype)
    if is_sparse(leaf) and hasattr(leaf, "tocsr"):
        return type(leaf)(array)
    return array


def _has_labels(value: Any) -> bool:
    """Whether this is a Series or a DataFrame of pandas, or of a library like it."""
    return hasattr(value, "iloc") and hasattr(value, "reindex")


def aligned(value: Any, leaf: Any) -> Any:
    """Of two tables with the same labels the first, in the order of the second."""
    if not (_has_labels(value) and _has_labels(leaf)) or np.shape(value) != np.shape(leaf):
        return value
    for axis in ("index", "columns"):
        if hasattr(leaf, axis) and hasattr(value, axis):
            mine, theirs = getattr(value, axis), getattr(leaf, axis)
            if mine.is_unique and set(mine) == set(theirs) and not mine.equals(theirs):
                value = value.reindex(**{axis: theirs})
    return value
