"""Which kind of case a check on hidden inputs is, in words that give none of the inputs away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

LARGE, SMALL = 100.0, 1e-6
DEPTH = 4


def kind_of_case(arguments: Any) -> str:
    """A sentence about the arguments of a call: "It is a case with one sample, in float32.".

    "" where there is nothing special about them.
    """
    arrays = list(_arrays(arguments, DEPTH))
    numbers = [array for array in arrays if array.dtype.kind in "iuf" and array.size]
    floats = [array for array in numbers if array.dtype.kind == "f"]
    largest = max((float(np.max(np.abs(array))) for array in floats), default=1.0)
    kinds = {
        "an array of length 0": any(array.size == 0 for array in arrays),
        "an axis of length 1 (N = 1, or one feature, unit or class)": any(
            1 in array.shape for array in arrays
        ),
        "numbers in float32": any(array.dtype == np.float32 for array in arrays),
        "whole numbers (dtype int) where others are floats": bool(floats)
        and any(array.dtype.kind in "iu" and array.ndim > 1 for array in numbers),
        "arrays that are not contiguous": any(
            not (array.flags.c_contiguous or array.flags.f_contiguous) for array in arrays
        ),
        "large numbers": largest >= LARGE,
        "numbers that are all tiny": bool(floats) and largest <= SMALL,
        "NaN or infinite numbers": not np.isfinite(largest),
    }
    found = [kind for kind, holds in kinds.items() if holds]
    return f"It is a case with {'; '.join(found)}." if found else ""


def _arrays(value: Any, depth: int) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, float):
        yield np.asarray(value)
    elif depth and isinstance(value, dict):
        for part in value.values():
            yield from _arrays(part, depth - 1)
    elif depth and isinstance(value, list | tuple):
        for part in value:
            yield from _arrays(part, depth - 1)
