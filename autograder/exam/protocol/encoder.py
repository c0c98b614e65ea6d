"""From values to a frame: msgpack takes the plain types, and the encoder every other one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

from autograder.exam.protocol import arrays, bounds, data_types
from autograder.exam.protocol.bounds import Bounds, Built, ProtocolError
from autograder.exam.protocol.wire_types import (
    ARGUMENTS,
    ARRAY,
    BLOB,
    COMPLEX,
    COMPLEX_PARTS,
    DATA_TYPE,
    GENERATOR,
    INTEGER,
    REFERENCE,
    SCALAR,
    SET,
    TUPLE,
    AnySet,
    Arguments,
    Blob,
    Reference,
)

_SETS = (set, frozenset)
_DATA = (
    int,
    float,
    complex,
    str,
    list,
    tuple,
    dict,
    *_SETS,
    bytes,
    np.ndarray,
    np.random.Generator,
)


_OTHERS = (
    "; arrays, numbers, text, dates, lists, tuples, dicts, tables of pandas and functions can."
)


class Encoder:
    """One value: its ``tree`` as msgpack, its arrays in ``blobs``.

    ``to_reference(value)`` is asked for everything that is not plain data.
    """

    def __init__(self, to_reference: Callable[[Any], Reference | None]):
        self.to_reference = to_reference
        self.blobs: list[Any] = []
        self.bounds: Bounds | None = None
        self.built = Built()
        self.described: set[int] = set()  # objects of shared classes, whose state is in it
        self.size = self.depth = 0

    def tree(self, value: Any) -> bytes:
        """The whole value as msgpack; its arrays are in ``blobs`` then."""
        try:
            return self.pack(value)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("The value is nested too deep, or contains itself.") from error
        except (OverflowError, MemoryError) as error:
            raise ProtocolError("The value takes too much memory to be handed over.") from error

    def pack(self, value: Any) -> bytes:
        tree: bytes = msgpack.Packer(
            default=self.extend, strict_types=True, unicode_errors="replace", buf_size=1024
        ).pack(value)
        if len(tree) > bounds.MAX_TREE:
            raise ProtocolError(
                f"The value takes {len(tree) / 2**20:.0f} MB as text, bytes and lists; at most "
                f"{bounds.MAX_TREE / 2**20:.0f} MB can be handed over. Arrays of numbers may be "
                "larger."
            )
        if len(tree) > bounds.MAX_KEYS:  # else no part of it can be too long
            self.bounds = self.bounds or Bounds(compares=False)
            bounds.check_encoded(tree, self.bounds)
        return tree

    def nested(self, code: int, value: Any) -> msgpack.ExtType:
        self.depth += 1
        if self.depth > bounds.MAX_DEPTH:
            raise ValueError(f"more than {bounds.MAX_DEPTH} levels")
        packed = msgpack.ExtType(code, self.pack(value))
        self.depth -= 1
        return packed

    def extend(self, value: Any) -> Any:
        """What msgpack can pack in place of a value that it cannot."""
        kind = type(value)  # the common types first: a class of a student's takes the long way
        if kind is np.ndarray:
            return self.array(ARRAY, value)
        if kind is tuple:
            return self.nested(TUPLE, list(value))
        if issubclass(kind, np.generic) and value.dtype.kind in arrays.KINDS:
            return self.array(SCALAR, np.asarray(value))
        if kind is Blob:
            return self.blob(value)
        if kind is Arguments:
            return self.nested(ARGUMENTS, [value.args, value.kwargs])
        return self.plain(value)

    def plain(self, value: Any) -> Any:
        """The rare types, and of a subclass what it is a subclass of."""
        found = self.data_type(value)
        if found is not None:
            return found
        kind = type(value)  # what it says of its class may be a lie, or that of a mock
        if not issubclass(kind, _DATA):
            return self.reference(value)
        if issubclass(kind, int):
            return _integer(int(value))
        if issubclass(kind, float):
            return float(value)
        if issubclass(kind, complex):
            return msgpack.ExtType(COMPLEX, COMPLEX_PARTS.pack(value.real, value.imag))
        if issubclass(kind, str):
            return str.encode(value, "utf-8", "replace").decode()
        if issubclass(kind, list):
            return list(list.__iter__(value))
        if issubclass(kind, tuple):
            return self.nested(TUPLE, list(tuple.__iter__(value)))
        if issubclass(kind, dict):
            return dict(dict.items(value))
        if issubclass(kind, _SETS):
            return self.set(value)
        if issubclass(kind, bytes):
            return bytes(value)
        if issubclass(kind, np.ndarray):
            return self.array(ARRAY, value)
        state = json.dumps(value.bit_generator.state, default=np.ndarray.tolist)
        return self.nested(GENERATOR, json.loads(state))

    def data_type(self, value: Any) -> msgpack.ExtType | None:
        """A value of a type in ``data_types``, or one of them that stays here."""
        try:
            found = data_types.parts(value, self.built)
        except Exception as error:  # what a library raises for a value that cannot cross
            return self.reference(value, f": {error}." if str(error) else ".")
        return None if found is None else self.nested(DATA_TYPE, found)

    def reference(self, value: Any, why: str = _OTHERS) -> msgpack.ExtType:
        reference = self.to_reference(value)
        if reference is None:
            raise ProtocolError(f"A {type(value).__name__} cannot be handed over{why}")
        if "state" in reference:  # once: an object may hold itself
            if reference["id"] in self.described:
                reference = {**reference, "state": None}
            self.described.add(reference["id"])
        return self.nested(REFERENCE, reference)

    def set(self, value: AnySet) -> msgpack.ExtType:
        if len(value) > bounds.MAX_KEYS:
            raise ProtocolError(bounds.too_many("set", bounds.MAX_KEYS))
        return self.nested(SET, list(value))

    def array(self, code: int, value: np.ndarray) -> msgpack.ExtType:
        plain = value if type(value) is np.ndarray else np.asarray(np.ma.getdata(value))
        if plain.dtype.kind not in arrays.KINDS:
            return self.data_type(plain) or self.reference(plain)
        self.make_room(plain.nbytes)
        flags = plain.flags
        layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "S"
        heading = arrays.write_heading(code, plain.dtype, plain.shape, layout, flags.writeable)
        self.blobs.append(plain.tobytes("F" if layout == "F" else "C"))
        return heading

    def blob(self, value: bytes) -> msgpack.ExtType:
        self.make_room(len(value))
        self.blobs.append(value)
        return msgpack.ExtType(BLOB, msgpack.packb(len(value), buf_size=64))

    def make_room(self, size: int) -> None:
        self.size += size
        if self.size > bounds.MAX_FRAME:
            raise ProtocolError(
                f"The value takes more than {bounds.MAX_FRAME / 2**20:.0f} MB, "
                "the most that can be handed over."
            )


def _integer(value: int) -> msgpack.ExtType:
    """An int of more than 64 bits."""
    if value.bit_length() > 3 * bounds.MAX_DIGITS:
        raise ProtocolError(
            f"An integer of more than {bounds.MAX_DIGITS} digits cannot be handed over."
        )
    size = value.bit_length() // 8 + 1
    return msgpack.ExtType(INTEGER, value.to_bytes(size, "little", signed=True))
