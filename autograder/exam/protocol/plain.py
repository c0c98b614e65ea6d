"""Frames of the codec that hold plain data and files alone, as a worker writes and reads them.

They need no numpy, so that the command that starts the two sides of an exam need not import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgpack

from autograder.exam.protocol.bounds import ProtocolError
from autograder.exam.protocol.wire_types import BLOB, LENGTHS, Blob


def encode_plain(value: Any) -> bytes:
    """The frame that ``codec.encode`` makes of lists, dicts, strings, numbers and blobs."""
    blobs: list[Blob] = []

    def extend(part: Any) -> msgpack.ExtType:
        if type(part) is not Blob:
            raise TypeError(f"a {type(part).__name__} is no plain data")
        blobs.append(part)
        return msgpack.ExtType(BLOB, msgpack.packb(len(part)))

    tree = msgpack.packb(value, default=extend, strict_types=True, unicode_errors="replace")
    return b"".join((LENGTHS.pack(len(tree), sum(map(len, blobs))), tree, *blobs))


def read_blob(frame: bytes) -> bytes:
    """The content of a frame that holds one blob and nothing else; ``ProtocolError`` otherwise."""
    if len(frame) < LENGTHS.size:
        raise ProtocolError("The frame is too short.")
    tree_size, blob_size = LENGTHS.unpack_from(frame)
    end = LENGTHS.size + tree_size
    expected = msgpack.packb(msgpack.ExtType(BLOB, msgpack.packb(blob_size)))
    if len(frame) != end + blob_size or frame[LENGTHS.size : end] != expected:
        raise ProtocolError("The frame holds something else than one blob.")
    return frame[end:]


def as_blobs(files: Mapping[str, bytes]) -> dict[str, Blob]:
    """The files as the wire carries bytes without reading them."""
    return {path: Blob(data) for path, data in files.items()}
