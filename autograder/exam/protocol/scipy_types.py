"""scipy's sparse matrices and arrays, and its results with attributes, as data."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize, sparse
from scipy.integrate._ivp.ivp import OdeResult  # what solve_ivp gives; it has no public name

from autograder.exam.protocol.data_type import DataType

MAX_SIDE = 50_000_000  # of a matrix
LIST = 64  # bytes of an empty list, with the pointer to it
ENTRY = 150  # bytes of an entry of a dict, or of lists, whose numbers are objects


def _parts(value: Any) -> list[Any]:
    coordinates = value.tocoo()
    places = [np.asarray(one).astype(np.int64) for one in (coordinates.row, coordinates.col)]
    return [list(map(int, value.shape)), *places, np.asarray(coordinates.data)]


def _built(kind: Any) -> Any:
    form = kind.__name__.partition("_")[0]
    whole = sparse.coo_array if kind.__name__.endswith("array") else sparse.coo_matrix

    def build(shape: Any, rows: Any, columns: Any, data: Any) -> Any:
        _check_shape(shape)
        for array, kinds in ((rows, "i"), (columns, "i"), (data, "biufc")):
            if type(array) is not np.ndarray or array.ndim != 1 or array.dtype.kind not in kinds:
                raise TypeError("no entries of a sparse matrix")
        made = whole((data, (rows, columns)), shape=tuple(shape))
        return made.asformat(form)

    return build


def _check_shape(shape: Any) -> None:
    if type(shape) is not list or not all(type(n) is int and 0 <= n < MAX_SIDE for n in shape):
        raise ValueError("no shape of a sparse matrix")


def _size_of(kind: Any) -> Any:
    """Bytes of a matrix: most forms have something for each row, dia whole diagonals."""
    form = kind.__name__.partition("_")[0]

    def size(shape: Any, rows: Any, columns: Any, data: Any) -> int:
        _check_shape(shape)
        sides = {"csr": 8, "csc": 8, "bsr": 24, "dia": 8 * len(data), "lil": 2 * LIST}
        entries = {"lil": ENTRY, "dok": ENTRY}
        taken = sides.get(form, 0) * max(shape) + entries.get(form, 0) * len(data)
        return int(taken)

    return size


def _result(kind: Any) -> Any:
    """Of a dict whose entries are attributes, as scipy's results are."""

    def build(found: Any) -> Any:
        if type(found) is not dict or not all(type(name) is str for name in found):
            raise TypeError("no result")
        made = kind.__new__(kind)
        dict.update(made, found)
        return made

    return build


DATA_TYPES = (
    *(
        DataType(kind, _parts, _built(kind), _size_of(kind))
        for form in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr")
        for kind in (getattr(sparse, f"{form}_matrix"), getattr(sparse, f"{form}_array"))
    ),
    *(
        DataType(kind, lambda one: [dict(one)], _result(kind))
        for kind in (optimize.OptimizeResult, optimize.RootResults, OdeResult)
    ),
)
