"""scipy's sparse matrices and arrays, and its results of optimisation, as data."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize, sparse

from autograder.exam.protocol.data_type import DataType

MAX_SIDE = 50_000_000  # of a matrix: one of its arrays has an entry for each row


def _parts(value: Any) -> list[Any]:
    coordinates = value.tocoo()
    places = [np.asarray(one).astype(np.int64) for one in (coordinates.row, coordinates.col)]
    return [list(map(int, value.shape)), *places, np.asarray(coordinates.data)]


def _built(kind: Any) -> Any:
    form = kind.__name__.partition("_")[0]
    whole = sparse.coo_array if kind.__name__.endswith("array") else sparse.coo_matrix

    def build(shape: Any, rows: Any, columns: Any, data: Any) -> Any:
        if type(shape) is not list or not all(type(n) is int and 0 <= n < MAX_SIDE for n in shape):
            raise ValueError("no shape of a sparse matrix")
        if form == "dia" and len(data) * max(shape) > MAX_SIDE:  # it keeps whole diagonals
            raise ValueError("a matrix of too many diagonals")
        for array, kinds in ((rows, "i"), (columns, "i"), (data, "biufc")):
            if type(array) is not np.ndarray or array.ndim != 1 or array.dtype.kind not in kinds:
                raise TypeError("no entries of a sparse matrix")
        made = whole((data, (rows, columns)), shape=tuple(shape))
        return made.asformat(form)

    return build


def _result(found: Any) -> Any:
    if type(found) is not dict or not all(type(name) is str for name in found):
        raise TypeError("no result")
    return optimize.OptimizeResult(found)


DATA_TYPES = (
    *(
        DataType(kind, _parts, _built(kind))
        for form in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr")
        for kind in (getattr(sparse, f"{form}_matrix"), getattr(sparse, f"{form}_array"))
    ),
    DataType(optimize.OptimizeResult, lambda one: [dict(one)], _result),
)
