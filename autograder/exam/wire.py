"""The wire between examiner and candidate: values as bytes, and nothing but values.

A frame is a JSON tree followed by the raw bytes of its arrays. Decoding builds plain base types
only: no class of the sender's is ever imported, nothing is unpickled, and every size is bounded
before memory is taken. Whatever does not fit raises ``WireError``.

What is not data (a function, a student's object) crosses as a *reference*: a small dict that the
``refer`` argument of ``encode`` makes and the ``resolve`` argument of ``decode`` takes back.
"""

from __future__ import annotations

import json
import math
import select
import socket
import struct
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

MAX_FRAME = 64 * 2**20  # bytes
MAX_TREE = 8 * 2**20  # of them, JSON: parsed, it takes some 20 times as much memory
MAX_DEPTH = 20
MAX_NODES = 200_000
MAX_KEYS = 20_000  # of a dict or set: colliding on purpose, they cost their square
MAX_DIGITS = 1_000  # of an int
ARRAY_KINDS = "biufcU"
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")

Reference = dict[str, Any]
_NUMBERS = (int, float, complex, np.generic)
_LENGTHS = struct.Struct("<II")  # bytes of the JSON tree, bytes of the arrays
_JSON = json.JSONEncoder(
    separators=(",", ":"), check_circular=False, ensure_ascii=False)  # MAX_DEPTH bounds it
_ATOMS = frozenset({type(None), bool, float})  # what JSON holds as it is
PIECE = 2**16  # bytes asked of a socket at once


class WireError(Exception):
    """A value that cannot cross, or a frame that is not one. The text is a sentence."""


class WireClosed(WireError):
    """The other side has gone."""


def encode(value: Any, refer: Callable[[Any], Reference | None] = lambda value: None) -> bytes:
    """One frame holding ``value``.

    ``refer(value)`` is asked for everything that is not plain data; None means it has no
    reference either, and ``WireError`` says what it was.
    """
    encoder = _Encoder(refer)
    tree = _JSON.encode(encoder.tree(value, 0)).encode()
    if len(tree) > MAX_TREE:
        raise WireError(_too_much_text(len(tree)))
    blobs = b"".join(encoder.blobs)
    if len(tree) + len(blobs) > MAX_FRAME:
        raise WireError(
            f"The value takes {(len(tree) + len(blobs)) / 2**20:.0f} MB; "
            f"at most {MAX_FRAME / 2**20:.0f} MB can be handed over."
        )
    return _LENGTHS.pack(len(tree), len(blobs)) + tree + blobs


def decode(frame: bytes, resolve: Callable[[Reference], Any] | None = None) -> Any:
    """The value in a frame, rebuilt from plain base types; arrays are fresh and writable."""
    try:
        tree_size, blob_size = _LENGTHS.unpack_from(frame)
        if len(frame) != _LENGTHS.size + tree_size + blob_size:
            raise WireError("The frame's length is not the one it states.")
        if tree_size > MAX_TREE:
            raise WireError("The frame has too many parts.")
        tree = json.loads(str(frame[_LENGTHS.size : _LENGTHS.size + tree_size], "utf-8"))
        decoder = _Decoder(memoryview(frame)[_LENGTHS.size + tree_size :], resolve)
        value = decoder.value(tree, 0)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
            RecursionError, MemoryError, struct.error) as error:
        raise WireError(f"The frame is malformed ({type(error).__name__}).") from error
    if decoder.position != blob_size:
        raise WireError("The frame carries bytes that belong to no array.")
    return value


class _Encoder:
    def __init__(self, refer: Callable[[Any], Reference | None]):
        self.refer, self.blobs = refer, []
        self.nodes = self.size = self.letters = 0

    def tree(self, value: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError(
                f"The value is nested deeper than {MAX_DEPTH} levels, contains itself, "
                f"or has more than {MAX_NODES} parts."
            )
        kind = type(value)  # the common types first: a class of a student's takes the long way
        if kind in _ATOMS:
            return value
        if kind is np.ndarray:
            return self.array("array", value)
        if kind is str:
            return self.text(value)
        return self.number(value) if isinstance(value, _NUMBERS) else self.container(value, depth)

    def text(self, value: str) -> str:
        self.letters += len(value)
        if self.letters > MAX_TREE:
            raise WireError(_too_much_text(self.letters))
        return value if type(value) is str and value.isascii() else _clean(value)

    def number(self, value: Any) -> Any:
        if isinstance(value, np.generic):
            return self.array("scalar", np.asarray(value))
        if isinstance(value, int):
            return self.integer(int(value))
        if isinstance(value, float):
            return float(value)
        return {"@": "complex", "v": [value.real, value.imag]}

    def container(self, value: Any, depth: int) -> Any:
        if isinstance(value, list):
            return [self.tree(item, depth + 1) for item in list.__iter__(value)]
        if isinstance(value, tuple):
            return {"@": "tuple", "v": [self.tree(item, depth + 1) for item in tuple(value)]}
        if isinstance(value, dict):
            self.count_keys(value)
            pairs = [[self.tree(k, depth + 1), self.tree(v, depth + 1)]
                     for k, v in dict.items(value)]
            return {"@": "dict", "v": pairs}
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, np.ndarray):
            return self.array("array", value)
        if isinstance(value, set | frozenset):
            self.count_keys(value)
            return {"@": "set", "v": [self.tree(item, depth + 1) for item in value]}
        if isinstance(value, bytes | bytearray):
            self.make_room(len(value))
            self.blobs.append(bytes(value))
            return {"@": "bytes", "n": len(value)}
        if isinstance(value, np.random.Generator):
            return self.generator(value, depth)
        reference = self.refer(value)
        if reference is None:
            raise WireError(
                f"A {type(value).__name__} cannot be handed over; arrays, numbers, strings, "
                "lists, tuples, dicts and functions can."
            )
        return {"@": "ref", **reference}

    def count_keys(self, value: dict | set | frozenset) -> None:
        if len(value) > MAX_KEYS:
            raise WireError(f"A {type(value).__name__} of more than {MAX_KEYS} entries cannot be "
                            "handed over.")

    def integer(self, value: int) -> Any:
        if value.bit_length() > 3 * MAX_DIGITS:
            raise WireError(f"An integer of more than {MAX_DIGITS} digits cannot be handed over.")
        return value

    def array(self, tag: str, value: np.ndarray) -> Any:
        if value.dtype.kind not in ARRAY_KINDS:
            raise WireError(
                f"An array of dtype {value.dtype} cannot be handed over; numeric ones can."
            )
        plain = value if type(value) is np.ndarray else np.asarray(np.ma.getdata(value))
        self.make_room(plain.nbytes)
        flags = plain.flags
        layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "S"
        self.blobs.append(plain.tobytes("F" if layout == "F" else "C"))
        about = {"@": tag, "d": plain.dtype.str, "s": plain.shape}
        if layout != "C":
            about["o"] = layout
        if not flags.writeable:
            about["w"] = False
        return about

    def generator(self, value: np.random.Generator, depth: int) -> Any:
        state = json.loads(json.dumps(value.bit_generator.state, default=np.ndarray.tolist))
        return {"@": "generator", "v": self.tree(state, depth + 1)}

    def make_room(self, size: int) -> None:
        self.size += size
        if self.size > MAX_FRAME:
            raise WireError(f"The value takes more than {MAX_FRAME / 2**20:.0f} MB, "
                            "the most that can be handed over.")


class _Decoder:
    def __init__(self, blob: memoryview, resolve: Callable[[Reference], Any] | None):
        self.blob, self.resolve, self.position, self.nodes = blob, resolve, 0, 0

    def value(self, tree: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("The frame is nested too deep or has too many parts.")
        kind = type(tree)  # JSON knows no subclasses
        if kind is str:
            return tree if tree.isascii() else _clean(tree)
        if kind is list:
            return [self.value(item, depth + 1) for item in tree]
        if kind is not dict:
            return tree
        build = self.BUILDERS.get(tree["@"])
        if build is None:
            raise WireError("The frame has a part of an unknown kind.")
        return build(self, tree, depth)

    def _tuple(self, tree: Mapping[str, Any], depth: int) -> tuple:
        return tuple([self.value(item, depth + 1) for item in tree["v"]])

    def _dict(self, tree: Mapping[str, Any], depth: int) -> dict:
        return {self.value(k, depth + 1): self.value(v, depth + 1) for k, v in _few(tree["v"])}

    def _set(self, tree: Mapping[str, Any], depth: int) -> set:
        return {self.value(item, depth + 1) for item in _few(tree["v"])}

    def _complex(self, tree: Mapping[str, Any], depth: int) -> complex:
        real, imag = tree["v"]
        return complex(float(real), float(imag))

    def _bytes(self, tree: Mapping[str, Any], depth: int) -> bytes:
        return bytes(self.take(tree["n"]))

    def _scalar(self, tree: Mapping[str, Any], depth: int) -> np.generic:
        if tree["s"] != []:
            raise WireError("A number has no shape.")
        return self.ndarray(tree)[()]

    def _array(self, tree: Mapping[str, Any], depth: int) -> np.ndarray:
        array = self.ndarray(tree)
        if tree.get("o") == "S" and array.ndim:  # neither C nor F contiguous there: nor here
            spread = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
            spread[..., ::2] = array
            array = spread[..., ::2]
        if not tree.get("w", True):
            array.flags.writeable = False
        return array

    def ndarray(self, tree: Mapping[str, Any]) -> np.ndarray:
        dtype, shape = _dtype(str(tree["d"])), tree["s"]
        if not all(type(n) is int and n >= 0 for n in shape) or len(shape) > 32:
            raise WireError("The frame has an array of an impossible shape.")
        data = self.take(math.prod(shape) * dtype.itemsize)
        order = "F" if tree.get("o") == "F" else "C"
        if not dtype.itemsize:  # numpy makes it one letter, so the size is not bounded by data
            raise WireError("The frame has an array of letters without any.")
        return np.frombuffer(bytearray(data), dtype).reshape(shape, order=order)

    def _generator(self, tree: Mapping[str, Any], depth: int) -> np.random.Generator:
        state = self.value(_plain_dict(tree["v"]), depth + 1)
        if state["bit_generator"] not in BIT_GENERATORS:
            raise WireError("The frame has a random generator of an unknown kind.")
        position, last = _position(state)
        if type(position) is not int or not 0 <= position <= last:
            raise WireError("The frame has a random generator in an impossible state.")
        generator = np.random.Generator(getattr(np.random, state["bit_generator"])())
        generator.bit_generator.state = state
        return generator

    def _ref(self, tree: Mapping[str, Any], depth: int) -> Any:
        if self.resolve is None:
            raise WireError("The frame has a reference where only data may stand.")
        return self.resolve({key: value for key, value in tree.items() if key != "@"})

    BUILDERS = {"tuple": _tuple, "dict": _dict, "set": _set, "complex": _complex, "bytes": _bytes,
                "scalar": _scalar, "array": _array, "generator": _generator, "ref": _ref}

    def take(self, count: int) -> memoryview:
        if type(count) is not int or not 0 <= count <= len(self.blob) - self.position:
            raise WireError("The frame claims more bytes than it has.")
        self.position += count
        return self.blob[self.position - count : self.position]


def _plain_dict(tree: Any) -> Any:
    if not (isinstance(tree, dict) and tree.get("@") == "dict"):
        raise WireError("The state of a random generator is a dict.")
    return tree


def _too_much_text(size: int) -> str:
    return (f"The value takes {size / 2**20:.0f} MB as text; at most {MAX_TREE / 2**20:.0f} MB can "
            "be handed over. Arrays of numbers may be larger.")


def _few(items: Any) -> list:
    if not isinstance(items, list) or len(items) > MAX_KEYS:
        raise WireError("The frame has a dict or set of too many entries.")
    return items


def _position(state: Mapping[str, Any]) -> tuple[Any, int]:
    """Where a generator reads next, and how far it may: numpy takes any number unchecked."""
    if state["bit_generator"] == "MT19937":
        return state["state"]["pos"], 624
    return (state["buffer_pos"], 4) if state["bit_generator"] == "Philox" else (0, 0)


@lru_cache(64)
def _dtype(name: str) -> np.dtype:
    """The dtype of that name, if arrays of it may cross."""
    dtype = np.dtype(name)
    if dtype.kind not in ARRAY_KINDS or dtype.hasobject or dtype.subdtype or dtype.names:
        raise WireError("The frame has an array of a dtype that may not cross.")
    return dtype


def _clean(text: str) -> str:
    """Text without lone surrogates, which no file could hold; always a plain str."""
    return str.encode(text, "utf-8", "replace").decode()


class Channel:
    """Frames over a stream socket, each receipt with a deadline."""

    def __init__(self, sock: socket.socket):
        self.socket = sock
        self.waiting = bytearray()  # received, and not asked for yet
        sock.setblocking(True)  # where there is no deadline, the kernel waits
        self.incoming, self.outgoing = select.poll(), select.poll()
        self.incoming.register(sock, select.POLLIN)
        self.outgoing.register(sock, select.POLLOUT)

    def send(self, frame: bytes, seconds: float | None = None) -> None:
        """Send one frame; ``TimeoutError`` when the other side does not take it in time."""
        view, deadline = memoryview(frame), _deadline(seconds)
        while view:
            try:
                view = view[self.socket.send(view, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                _wait(self.outgoing, deadline)
            except OSError as error:
                raise WireClosed("The other side has gone.") from error

    def receive(self, seconds: float | None = None) -> bytes:
        """The next frame; ``TimeoutError`` when it is not complete in time."""
        deadline = _deadline(seconds)
        self._fill(_LENGTHS.size, deadline)
        size = sum(_LENGTHS.unpack_from(self.waiting))
        if size > MAX_FRAME:
            raise WireError(f"A frame of {size} bytes was announced; at most {MAX_FRAME} may come.")
        size += _LENGTHS.size
        self._fill(size, deadline)
        frame = bytes(self.waiting[:size])
        del self.waiting[:size]
        return frame

    def _fill(self, count: int, deadline: float | None) -> None:
        """Receive until ``count`` bytes are waiting."""
        while len(self.waiting) < count:
            if deadline is not None:
                _wait(self.incoming, deadline)
            try:
                piece = self.socket.recv(PIECE)
            except OSError as error:
                raise WireClosed("The other side has gone.") from error
            if not piece:
                raise WireClosed("The other side has gone.")
            self.waiting += piece

    def close(self) -> None:
        self.socket.close()


def _wait(ready: select.poll, deadline: float | None) -> None:
    """Wait for a socket; ``TimeoutError`` when it is not ready in time."""
    left = None if deadline is None else math.ceil(max(0.0, deadline - time.monotonic()) * 1000)
    if not ready.poll(left):
        raise TimeoutError


def _deadline(seconds: float | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds
