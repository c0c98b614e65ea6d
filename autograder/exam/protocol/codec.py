"""The wire between examiner and student process: values as bytes, and nothing but values.

A frame is a msgpack tree followed by the raw bytes of its arrays. Decoding builds plain base types
only: no class of the sender's is ever imported, nothing is unpickled, and every size is bounded
before memory is taken. Whatever does not fit raises ``ProtocolError``. What msgpack has no type of
its own for is one of its extension types, listed below.

What is not data (a function, a student's object) crosses as a *reference*: a small dict that the
``to_reference`` argument of ``encode`` makes and ``from_reference`` of ``decode`` takes back.
"""

from __future__ import annotations

import copy
import json
import math
import re
import struct
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgpack
import numpy as np

from autograder.exam.protocol import stdlib_types

MAX_FRAME = 64 * 2**20  # bytes
MAX_TREE = 8 * 2**20  # of them, msgpack
MAX_DEPTH = 20  # of tuples and sets in each other; msgpack itself bounds lists and dicts
MAX_ITEMS = 200_000  # of a list
MAX_PARTS = 400_000  # of all lists and dicts: an empty one is one byte here, and 60 in memory
MAX_KEYS = 20_000  # of a dict or set: colliding on purpose, they cost their square; so of several
MAX_DIGITS = 1_000  # of an int
ARRAY_KINDS = "biufcU"
_PLAIN_DTYPE = re.compile(rf"[<>|][{ARRAY_KINDS}][0-9]{{1,9}}").fullmatch  # as dtype.str has it
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")

# msgpack's extension types, by code.
(ARRAY, SCALAR, TUPLE, SET, COMPLEX, INTEGER, GENERATOR, BLOB, REFERENCE, STDLIB, ARGUMENTS) = (
    range(11)
)

Reference = dict[str, Any]
LENGTHS = struct.Struct("<II")  # bytes of the msgpack tree, bytes of the arrays
_COMPLEX = struct.Struct("<dd")
_SETS = (set, frozenset)
AnySet = set[Any] | frozenset[Any]
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


class ProtocolError(Exception):
    """A value that cannot cross, or a frame that is not one. The text is a message."""


class ConnectionClosed(ProtocolError):
    """The other side has gone."""


class Blob(bytes):
    """Bytes that may be many, a frame for one: they cross outside the tree, as arrays do."""


class Arguments:
    """What a function is called with. It knows, when it has crossed, as what bytes it original."""

    __slots__ = "args", "original", "kwargs"

    def __init__(self, args: list[Any], kwargs: dict[str, Any]):
        self.args, self.kwargs = args, kwargs
        self.original: tuple[bytes, bytes] | None = None  # msgpack, and the arrays

    def changed(self, to_reference: Callable[[Any], Reference | None]) -> bool:
        """Whether something in them was changed in place since they original."""
        encoder = _Encoder(to_reference)
        return (encoder.tree([self.args, self.kwargs]), b"".join(encoder.blobs)) != self.original


def encode(
    value: Any, to_reference: Callable[[Any], Reference | None] = lambda value: None
) -> bytes:
    """One frame holding ``value``.

    ``to_reference(value)`` is asked for everything that is not plain data; None means it has no
    reference either, and ``ProtocolError`` says what it was.
    """
    encoder = _Encoder(to_reference)
    tree = encoder.tree(value)
    return b"".join((LENGTHS.pack(len(tree), encoder.size), tree, *encoder.blobs))


def decode(
    frame: bytes, from_reference: Callable[[Reference], Any] | None = None, *, calls: bool = False
) -> Any:
    """The value in a frame, rebuilt from plain base types; arrays are fresh and writable.

    Only where it may ask for ``calls`` can it carry ``Arguments``.
    """
    try:
        tree_size, blob_size = LENGTHS.unpack_from(frame)
        if len(frame) != LENGTHS.size + tree_size + blob_size:
            raise ProtocolError("The frame's length is not the one it states.")
        if tree_size > MAX_TREE:
            raise ProtocolError("The frame has too many parts.")
        whole, end = memoryview(frame), LENGTHS.size + tree_size
        decoder = _Decoder(whole[end:], from_reference, calls, tree_size)
        value = decoder.unpack(whole[LENGTHS.size : end])
    except ProtocolError:
        raise
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
        MemoryError,
        struct.error,
    ) as error:
        raise ProtocolError(f"The frame is malformed ({type(error).__name__}).") from error
    if decoder.position != blob_size:
        raise ProtocolError("The frame carries bytes that belong to no array.")
    return value


class _Encoder:
    """msgpack takes the plain types; ``extend`` is asked for every other value."""

    def __init__(self, to_reference: Callable[[Any], Reference | None]):
        self.to_reference = to_reference
        self.blobs: list[Any] = []
        self.bounds: _Bounds | None = None
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
        if len(tree) > MAX_TREE:
            raise ProtocolError(
                f"The value takes {len(tree) / 2**20:.0f} MB as text, bytes and lists; at most "
                f"{MAX_TREE / 2**20:.0f} MB can be handed over. Arrays of numbers may be larger."
            )
        if len(tree) > MAX_KEYS:  # else no part of it can be too long
            self.bounds = self.bounds or _Bounds()
            _check_bounds(tree, self.bounds)
        return tree

    def nested(self, code: int, value: Any) -> msgpack.ExtType:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} levels")
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
        if isinstance(value, np.generic):
            return self.array(SCALAR, np.asarray(value))
        if kind is Blob:
            return self.blob(value)
        if kind is Arguments:
            return self.nested(ARGUMENTS, [value.args, value.kwargs])
        return self.plain(value)

    def plain(self, value: Any) -> Any:
        """The rare types, and of a subclass what it is a subclass of."""
        if not isinstance(value, _DATA):
            found = stdlib_types.parts(value)
            return self.reference(value) if found is None else self.nested(STDLIB, found)
        if isinstance(value, int):
            return _integer(int(value))
        if isinstance(value, float):
            return float(value)
        if isinstance(value, complex):
            return msgpack.ExtType(COMPLEX, _COMPLEX.pack(value.real, value.imag))
        if isinstance(value, str):
            return str.encode(value, "utf-8", "replace").decode()
        if isinstance(value, list):
            return list(list.__iter__(value))
        if isinstance(value, tuple):
            return self.nested(TUPLE, list(tuple.__iter__(value)))
        if isinstance(value, dict):
            return dict(dict.items(value))
        if isinstance(value, _SETS):
            return self.set(value)
        if isinstance(value, bytes):
            return bytes(value)
        if isinstance(value, np.ndarray):
            return self.array(ARRAY, value)
        state = json.dumps(value.bit_generator.state, default=np.ndarray.tolist)
        return self.nested(GENERATOR, json.loads(state))

    def reference(self, value: Any) -> msgpack.ExtType:
        reference = self.to_reference(value)
        if reference is None:
            raise ProtocolError(
                f"A {type(value).__name__} cannot be handed over; arrays, numbers, strings, "
                "lists, tuples, dicts and functions can."
            )
        return self.nested(REFERENCE, reference)

    def set(self, value: AnySet) -> msgpack.ExtType:
        if len(value) > MAX_KEYS:
            raise ProtocolError(_too_many("set", MAX_KEYS))
        return self.nested(SET, list(value))

    def array(self, code: int, value: np.ndarray) -> msgpack.ExtType:
        plain = value if type(value) is np.ndarray else np.asarray(np.ma.getdata(value))
        self.make_room(plain.nbytes)
        flags = plain.flags
        layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "S"
        heading = _heading(code, plain.dtype, plain.shape, layout, flags.writeable)
        self.blobs.append(plain.tobytes("F" if layout == "F" else "C"))
        return heading

    def blob(self, value: bytes) -> msgpack.ExtType:
        self.make_room(len(value))
        self.blobs.append(value)
        return msgpack.ExtType(BLOB, msgpack.packb(len(value), buf_size=64))

    def make_room(self, size: int) -> None:
        self.size += size
        if self.size > MAX_FRAME:
            raise ProtocolError(
                f"The value takes more than {MAX_FRAME / 2**20:.0f} MB, "
                "the most that can be handed over."
            )


class _Decoder:
    def __init__(
        self,
        blob: memoryview,
        from_reference: Callable[[Reference], Any] | None,
        calls: bool,
        size: int,
    ):
        self.blob, self.from_reference, self.calls = blob, from_reference, calls
        self.position = self.depth = 0
        # A tree of so few bytes cannot hold more than the bounds allow, in any form.
        self.bounds = _Bounds() if size > MAX_KEYS else None

    def unpack(self, tree: Any) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH + 1:
            raise ProtocolError("The frame is nested too deep.")
        if self.bounds is None:
            value = msgpack.unpackb(tree, ext_hook=self.extended, strict_map_key=False, timestamp=1)
        else:
            value = msgpack.unpackb(
                tree,
                ext_hook=self.extended,
                strict_map_key=False,
                timestamp=1,
                max_array_len=MAX_ITEMS,
                max_map_len=MAX_KEYS,
                **self.bounds.hooks,
            )
        self.depth -= 1
        return value

    def extended(self, code: int, data: bytes) -> Any:
        if code >= len(self.BUILDERS):
            raise ProtocolError("The frame has a part of an unknown kind.")
        return self.BUILDERS[code](self, data)

    def _array(self, data: bytes) -> np.ndarray:
        dtype, shape, size, layout, writeable = _read_heading(data)
        array = np.frombuffer(bytearray(self.take(size)), dtype)
        if len(shape) != 1:
            array = array.reshape(shape, order="F" if layout == "F" else "C")
        if layout == "S" and shape:  # neither C nor F contiguous there: nor here
            spread = np.zeros((*shape[:-1], 2 * shape[-1]), dtype)
            spread[..., ::2] = array
            array = spread[..., ::2]
        if not writeable:
            array.flags.writeable = False
        return array

    def _scalar(self, data: bytes) -> np.generic:
        array = self._array(data)
        if array.ndim:
            raise ProtocolError("A number has no shape.")
        number: Any = array[()]
        scalar: np.generic = number
        return scalar

    def _tuple(self, data: bytes) -> tuple[Any, ...]:
        return tuple(_items(self.unpack(data), MAX_ITEMS))

    def _set(self, data: bytes) -> AnySet:
        items = _items(self.unpack(data), MAX_KEYS)
        if self.bounds is not None:
            self.bounds.count_keys(len(items))
        return set(items)

    def _complex(self, data: bytes) -> complex:
        return complex(*_COMPLEX.unpack(data))

    def _integer(self, data: bytes) -> int:
        if len(data) > MAX_DIGITS:
            raise ProtocolError("The frame has an integer of too many digits.")
        return int.from_bytes(data, "little", signed=True)

    def _generator(self, data: bytes) -> np.random.Generator:
        state = self.unpack(data)
        if state["bit_generator"] not in BIT_GENERATORS:
            raise ProtocolError("The frame has a random generator of an unknown kind.")
        position, last = _position(state)
        if type(position) is not int or not 0 <= position <= last:
            raise ProtocolError("The frame has a random generator in an impossible state.")
        generator = np.random.Generator(getattr(np.random, state["bit_generator"])())
        generator.bit_generator.state = state
        return generator

    def _frame(self, data: bytes) -> bytes:
        return bytes(self.take(msgpack.unpackb(data)))

    def _stdlib(self, data: bytes) -> Any:
        return stdlib_types.build(_items(self.unpack(data), MAX_ITEMS))

    def _reference(self, data: bytes) -> Any:
        if self.from_reference is None:
            raise ProtocolError("The frame has a reference where only data may stand.")
        reference = self.unpack(data)
        if type(reference) is not dict:
            raise ProtocolError("The frame has a reference of an unknown form.")
        return self.from_reference(reference)

    def _arguments(self, data: bytes) -> Arguments:
        if not self.calls:
            raise ProtocolError("The frame has a call's arguments where only data may stand.")
        start = self.position
        arguments = Arguments(*self.unpack(data))
        arguments.original = data, bytes(self.blob[start : self.position])
        return arguments

    # In the order of the codes.
    BUILDERS = (
        _array,
        _scalar,
        _tuple,
        _set,
        _complex,
        _integer,
        _generator,
        _frame,
        _reference,
        _stdlib,
        _arguments,
    )

    def take(self, count: int) -> memoryview:
        if type(count) is not int or not 0 <= count <= len(self.blob) - self.position:
            raise ProtocolError("The frame claims more bytes than it has.")
        self.position += count
        return self.blob[self.position - count : self.position]


def _integer(value: int) -> msgpack.ExtType:
    """An int of more than 64 bits."""
    if value.bit_length() > 3 * MAX_DIGITS:
        raise ProtocolError(f"An integer of more than {MAX_DIGITS} digits cannot be handed over.")
    size = value.bit_length() // 8 + 1
    return msgpack.ExtType(INTEGER, value.to_bytes(size, "little", signed=True))


class _Bounds:
    """What the lists, dicts and sets of a frame may hold together."""

    def __init__(self) -> None:
        self.parts = self.squares = 0
        self.hooks = {"list_hook": self.read_list, "object_pairs_hook": self.read_dict}

    def read_list(self, items: list[Any]) -> list[Any]:
        self.count(len(items))
        return items

    def read_dict(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        self.count(len(pairs))
        self.count_keys(len(pairs))
        return dict(pairs)

    def count(self, items: int) -> None:
        self.parts += 1 + items
        if self.parts > MAX_PARTS:
            raise ProtocolError(
                f"Lists and dicts of more than {MAX_PARTS} parts together cannot be "
                "handed over; arrays of numbers may be larger."
            )

    def count_keys(self, keys: int) -> None:
        self.squares += keys**2
        if self.squares > MAX_KEYS**2:
            raise ProtocolError("Dicts and sets of so many entries together cannot be handed over.")


def _check_bounds(tree: bytes, bounds: _Bounds) -> None:
    """ProtocolError when lists or dicts are longer than the other side takes."""
    try:
        msgpack.unpackb(
            tree,
            ext_hook=lambda code, data: None,
            strict_map_key=False,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_KEYS,
            **bounds.hooks,
        )
    except ValueError as error:
        raise ProtocolError(
            _too_many("dict", MAX_KEYS) if "map" in str(error) else _too_many("list", MAX_ITEMS)
        ) from error


def _too_many(kind: str, most: int) -> str:
    return f"A {kind} of more than {most} entries cannot be handed over."


def _items(items: Any, most: int) -> list[Any]:
    if type(items) is not list or len(items) > most:
        raise ProtocolError("The frame has a tuple or set of an unknown form.")
    return items


def _position(state: Mapping[str, Any]) -> tuple[Any, int]:
    """Where a generator reads next, and how far it may: numpy takes any number unchecked."""
    if state["bit_generator"] == "MT19937":
        return state["state"]["pos"], 624
    return (state["buffer_pos"], 4) if state["bit_generator"] == "Philox" else (0, 0)


@lru_cache(1024)
def _heading(
    code: int, dtype: np.dtype, shape: tuple[int, ...], layout: str, writeable: bool
) -> msgpack.ExtType:
    """What stands in the tree for an array."""
    if dtype.kind not in ARRAY_KINDS:
        raise ProtocolError(f"An array of dtype {dtype} cannot be handed over; numeric ones can.")
    return msgpack.ExtType(code, msgpack.packb((dtype.str, layout, writeable, *shape)))


@lru_cache(1024)
def _read_heading(data: bytes) -> tuple[np.dtype, tuple[int, ...], int, str, bool]:
    """Dtype, shape, size in bytes, layout, and whether it is writable."""
    name, layout, writeable, *shape = msgpack.unpackb(data)
    if type(name) is not str or not _PLAIN_DTYPE(name):  # numpy runs parts of others as Python
        raise ProtocolError("The frame has an array of a dtype that may not cross.")
    dtype = np.dtype(name)
    if not dtype.itemsize:  # numpy makes it one letter, so the size is not bounded by data
        raise ProtocolError("The frame has an array of text without a width.")
    if not all(type(n) is int and n >= 0 for n in shape) or len(shape) > 32:
        raise ProtocolError("The frame has an array of an impossible shape.")
    return dtype, tuple(shape), math.prod(shape) * dtype.itemsize, layout, writeable


def as_blobs(files: Mapping[str, bytes]) -> dict[str, Blob]:
    """The files as the wire carries bytes without reading them."""
    return {path: Blob(data) for path, data in files.items()}


def fresh(value: Any) -> Any:
    """The value with arrays and generators of its own."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(map(fresh, value))
    if isinstance(value, dict):
        return {key: fresh(item) for key, item in value.items()}
    return copy.deepcopy(value) if isinstance(value, np.random.Generator) else value
