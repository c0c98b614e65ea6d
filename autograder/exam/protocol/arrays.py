"""Arrays on the wire: a heading in the tree, and raw bytes beside it."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any, NamedTuple

import msgpack
import numpy as np

from autograder.exam.protocol import bounds
from autograder.exam.protocol.bounds import ProtocolError

KINDS = "biufcU"
_PLAIN_DTYPE = re.compile(rf"[<>|][{KINDS}][0-9]{{1,9}}").fullmatch  # as dtype.str has it
MAX_HEADING = 512  # bytes: what is read once is kept
MAX_ITEM = 2**20  # bytes of one element
MAX_DIMENSIONS = 32
LAST_LETTER, SURROGATES = 0x10FFFF, (0xD800, 0xDFFF)


class Heading(NamedTuple):
    """What stands in the tree for an array; ``size`` is in bytes, ``layout`` C, F or S (other)."""

    dtype: np.dtype
    shape: tuple[int, ...]
    size: int
    layout: str
    writeable: bool


@lru_cache(1024)
def write_heading(
    code: int, dtype: np.dtype, shape: tuple[int, ...], layout: str, writeable: bool
) -> msgpack.ExtType:
    """The heading as an extension type; ProtocolError for a dtype that cannot cross."""
    if dtype.kind not in KINDS:
        raise ProtocolError(f"An array of dtype {dtype} cannot be handed over; numeric ones can.")
    if dtype.itemsize > MAX_ITEM:
        raise ProtocolError(f"An array of dtype {dtype} has elements too long to be handed over.")
    return msgpack.ExtType(code, msgpack.packb((dtype.str, layout, writeable, *shape)))


@lru_cache(1024)
def read_heading(data: bytes) -> Heading:
    """The inverse; ProtocolError, or whatever msgpack raises, for what is none."""
    if len(data) > MAX_HEADING:
        raise ProtocolError("The frame has an array with a heading that is too long.")
    name, layout, writeable, *shape = msgpack.unpackb(data)
    if type(name) is not str or not _PLAIN_DTYPE(name):  # numpy runs parts of others as Python
        raise ProtocolError("The frame has an array of a dtype that may not cross.")
    if layout not in ("C", "F", "S") or type(writeable) is not bool:
        raise ProtocolError("The frame has an array of an unknown layout.")
    dtype = np.dtype(name)
    if not dtype.itemsize:  # numpy makes it one letter, so the size is not bounded by data
        raise ProtocolError("The frame has an array of text without a width.")
    if dtype.itemsize > MAX_ITEM:
        raise ProtocolError("The frame has an array of elements that are too long.")
    if not all(type(n) is int and n >= 0 for n in shape) or len(shape) > MAX_DIMENSIONS:
        raise ProtocolError("The frame has an array of an impossible shape.")
    if math.prod(n for n in shape if n) * dtype.itemsize > bounds.MAX_FRAME:  # (0, 10**18), too
        raise ProtocolError("The frame has an array of a shape that is too large.")
    return Heading(dtype, tuple(shape), math.prod(shape) * dtype.itemsize, layout, writeable)


def build(heading: Heading, data: memoryview) -> np.ndarray:
    """The array of this heading; its memory is its own."""
    dtype, shape, _, layout, writeable = heading
    array: np.ndarray = np.frombuffer(bytearray(data), dtype)
    if dtype.kind in "bU":
        _check_contents(array)
    if len(shape) != 1:
        array = array.reshape(shape, order="F" if layout == "F" else "C")
    if layout == "S" and shape:  # neither C nor F contiguous there: nor here
        spread = np.zeros((*shape[:-1], 2 * shape[-1]), dtype)
        spread[..., ::2] = array
        array = spread[..., ::2]
    if not writeable:
        array.flags.writeable = False
    return array


def _check_contents(array: np.ndarray) -> None:
    """Refuse bytes that numpy never writes: truth values but 0 and 1, characters of no Unicode."""
    if array.dtype.kind == "b" and array.size and array.view(np.uint8).max() > 1:
        raise ProtocolError("The frame has truth values that are neither true nor false.")
    if array.dtype.kind == "U" and array.size:
        letters: Any = array.view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
        low, high = SURROGATES
        if letters.max() > LAST_LETTER or ((low <= letters) & (letters <= high)).any():
            raise ProtocolError("The frame has text that is no Unicode.")
