"""From a frame to values: plain base types only, checked before anything is built of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgpack
import numpy as np

from autograder.exam.protocol import arrays, bounds, data_types
from autograder.exam.protocol.bounds import Bounds, Built, ProtocolError
from autograder.exam.protocol.wire_types import (
    BIT_GENERATORS,
    COMPLEX_PARTS,
    AnySet,
    Arguments,
    Reference,
)


class Decoder:
    """One frame; ``blob`` are the bytes of its arrays, of which ``position`` have been taken."""

    def __init__(
        self,
        blob: memoryview,
        from_reference: Callable[[Reference], Any] | None,
        calls: bool,
        tree_size: int,
    ):
        self.blob, self.from_reference, self.calls = blob, from_reference, calls
        self.position = self.depth = 0
        self.built = Built()
        self.bounds = Bounds() if tree_size > bounds.SMALL_TREE else None

    def unpack(self, tree: Any) -> Any:
        self.depth += 1
        if self.depth > bounds.MAX_DEPTH + 1:
            raise ProtocolError("The frame is nested too deep.")
        if self.bounds is None:
            value = msgpack.unpackb(tree, ext_hook=self.extended, strict_map_key=False, timestamp=1)
        else:
            value = msgpack.unpackb(
                tree,
                ext_hook=self.extended,
                strict_map_key=False,
                timestamp=1,
                max_array_len=bounds.MAX_ITEMS,
                max_map_len=bounds.MAX_KEYS,
                **self.bounds.hooks,
            )
        self.depth -= 1
        return value

    def extended(self, code: int, data: bytes) -> Any:
        if code >= len(self.BUILDERS):
            raise ProtocolError("The frame has a part of an unknown kind.")
        return self.BUILDERS[code](self, data)

    def take(self, count: int) -> memoryview:
        """The next bytes that lie next to the tree."""
        if type(count) is not int or not 0 <= count <= len(self.blob) - self.position:
            raise ProtocolError("The frame claims more bytes than it has.")
        self.position += count
        return self.blob[self.position - count : self.position]

    def _array(self, data: bytes) -> np.ndarray:
        heading = arrays.read_heading(data)
        return arrays.build(heading, self.take(heading.size))

    def _scalar(self, data: bytes) -> np.generic:
        array = self._array(data)
        if array.ndim:
            raise ProtocolError("A number has no shape.")
        number: Any = array[()]
        scalar: np.generic = number
        return scalar

    def _tuple(self, data: bytes) -> tuple[Any, ...]:
        return tuple(_items(self.unpack(data), bounds.MAX_ITEMS))

    def _set(self, data: bytes) -> AnySet:
        items = _items(self.unpack(data), bounds.MAX_KEYS)
        if self.bounds is not None:
            self.bounds.check_keys(items)
        return set(items)

    def _complex(self, data: bytes) -> complex:
        return complex(*COMPLEX_PARTS.unpack(data))

    def _integer(self, data: bytes) -> int:
        if len(data) > bounds.MAX_DIGITS:
            raise ProtocolError("The frame has an integer of too many digits.")
        return int.from_bytes(data, "little", signed=True)

    def _generator(self, data: bytes) -> np.random.Generator:
        if self.bounds is not None:
            self.bounds.count(bounds.GENERATOR_PARTS)
        state = self.unpack(data)
        if type(state) is not dict or state["bit_generator"] not in BIT_GENERATORS:
            raise ProtocolError("The frame has a random generator of an unknown kind.")
        position, last = _position(state)
        if type(position) is not int or not 0 <= position <= last:
            raise ProtocolError("The frame has a random generator in an impossible state.")
        generator = np.random.Generator(getattr(np.random, state["bit_generator"])())
        generator.bit_generator.state = state
        return generator

    def _blob(self, data: bytes) -> bytes:
        return bytes(self.take(msgpack.unpackb(data)))

    def _data_type(self, data: bytes) -> Any:
        return data_types.build(_items(self.unpack(data), bounds.MAX_ITEMS), self.built)

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

    # In the order of the codes in ``wire_types``.
    BUILDERS = (
        _array,
        _scalar,
        _tuple,
        _set,
        _complex,
        _integer,
        _generator,
        _blob,
        _reference,
        _data_type,
        _arguments,
    )


def _items(items: Any, most: int) -> list[Any]:
    if type(items) is not list or len(items) > most:
        raise ProtocolError("The frame has a tuple or set of an unknown form.")
    return items


def _position(state: Mapping[str, Any]) -> tuple[Any, int]:
    """Where a generator reads next, and how far it may: numpy takes any number unchecked."""
    if state["bit_generator"] == "MT19937":
        return state["state"]["pos"], 624
    return (state["buffer_pos"], 4) if state["bit_generator"] == "Philox" else (0, 0)
