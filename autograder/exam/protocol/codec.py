"""The wire between examiner and student process: values as bytes, and nothing but values.

A frame is a msgpack tree followed by the raw bytes of its arrays. Decoding builds plain base types
only: no class of the sender's is ever imported, nothing is unpickled, and size and work are
bounded before memory or time is taken (``bounds``). Whatever does not fit raises
``ProtocolError``. What msgpack has no type of its own for is one of its extension types
(``wire_types``); a further type of a library's is added to ``data_types.TYPES``.

What is not data (a function, a student's object) crosses as a *reference*: a small dict that the
``to_reference`` argument of ``encode`` makes and ``from_reference`` of ``decode`` takes back.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exam.protocol import bounds
from autograder.exam.protocol.bounds import ProtocolError
from autograder.exam.protocol.decoder import Decoder
from autograder.exam.protocol.encoder import Encoder
from autograder.exam.protocol.wire_types import (
    LENGTHS,
    Arguments,
    Blob,
    ConnectionClosed,
    Reference,
)

__all__ = [
    "LENGTHS",
    "Arguments",
    "Blob",
    "ConnectionClosed",
    "ProtocolError",
    "Reference",
    "decode",
    "encode",
    "fresh",
    "was_changed",
]


def encode(
    value: Any, to_reference: Callable[[Any], Reference | None] = lambda value: None
) -> bytes:
    """One frame holding ``value``.

    ``to_reference(value)`` is asked for everything that is not plain data; None means it has no
    reference either, and ``ProtocolError`` says what it was.
    """
    encoder = Encoder(to_reference)
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
        if tree_size > bounds.MAX_TREE:
            raise ProtocolError("The frame has too many parts.")
        whole, end = memoryview(frame), LENGTHS.size + tree_size
        decoder = Decoder(whole[end:], from_reference, calls, tree_size)
        value = decoder.unpack(whole[LENGTHS.size : end])
    except ProtocolError:
        raise
    except Exception as error:  # a stranger's bytes: msgpack, numpy, constructors may raise any
        raise ProtocolError(f"The frame is malformed ({type(error).__name__}).") from error
    if decoder.position != blob_size:
        raise ProtocolError("The frame carries bytes that belong to no array.")
    return value


def was_changed(arguments: Arguments, to_reference: Callable[[Any], Reference | None]) -> bool:
    """Whether something in arguments that have crossed was changed in place since then."""
    encoder = Encoder(to_reference)
    tree = encoder.tree([arguments.args, arguments.kwargs])
    return (tree, b"".join(encoder.blobs)) != arguments.original


def fresh(value: Any) -> Any:
    """The value with arrays and generators of its own."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return type(value)(map(fresh, value))
    if isinstance(value, dict):
        return {key: fresh(item) for key, item in value.items()}
    return copy.deepcopy(value) if isinstance(value, np.random.Generator) else value
