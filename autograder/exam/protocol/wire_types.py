"""The parts of a frame: msgpack's extension types, and the values that stand for themselves."""

from __future__ import annotations

import struct
from typing import Any

from autograder.exam.protocol.bounds import ProtocolError

# msgpack's extension types, by code.
(ARRAY, SCALAR, TUPLE, SET, COMPLEX, INTEGER, GENERATOR, BLOB, REFERENCE, DATA_TYPE, ARGUMENTS) = (
    range(11)
)

Reference = dict[str, Any]
AnySet = set[Any] | frozenset[Any]
LENGTHS = struct.Struct("<II")  # bytes of the msgpack tree, bytes of the arrays
COMPLEX_PARTS = struct.Struct("<dd")
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


class ConnectionClosed(ProtocolError):
    """The other side has gone."""


class Blob(bytes):
    """Bytes that may be many, a frame for one: they cross outside the tree, as arrays do."""


class Arguments:
    """What a function is called with; ``original`` is, when it has crossed, as what bytes it did:
    msgpack, and the arrays.
    """

    __slots__ = "args", "kwargs", "original"

    def __init__(self, args: list[Any], kwargs: dict[str, Any]):
        self.args, self.kwargs = args, kwargs
        self.original: tuple[bytes, bytes] | None = None
