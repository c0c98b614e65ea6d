"""How much one frame may hold, and how much work it may make for whoever reads it.

Python's hashes of numbers, and of tuples of them, have no secret key: anybody can write down
thousands that are equal, and a dict or set of those compares each with each. So the keys of a
frame are looked at before a dict or set is made of them.
"""

from __future__ import annotations

from typing import Any

MAX_FRAME = 64 * 2**20  # bytes
MAX_TREE = 8 * 2**20  # of them, msgpack
MAX_DEPTH = 20  # of tuples and sets in each other; msgpack itself bounds lists and dicts
MAX_ITEMS = 200_000  # of a list
MAX_PARTS = 400_000  # of all lists and dicts: an empty one is one byte here, and 60 in memory
MAX_KEYS = 20_000  # of a dict or set: chosen well, they cost their square; so of several
MAX_COMPARISONS = 1_000_000  # of keys with equal hashes, in all dicts and sets
MAX_DIGITS = 1_000  # bytes of an int
MAX_BUILT = 256 * 2**20  # bytes of what a few numbers of a frame make: the rows of a sparse matrix
GENERATOR_PARTS = 400  # what a random generator costs, in parts of a list
SMALL_TREE = 4_096  # bytes in which nothing can be too much


class ProtocolError(Exception):
    """A value that cannot cross, or a frame that is not one. The text says why."""


class Built:
    """What the values of one frame take beyond their bytes in it, all together."""

    def __init__(self) -> None:
        self.size = 0

    def claim(self, size: int) -> None:
        """So many bytes will be taken; ProtocolError where that is too much."""
        self.size += max(0, size)
        if self.size > MAX_BUILT:
            raise ProtocolError(
                f"Matrices, tables and pictures of more than {MAX_BUILT >> 20} MiB of memory "
                "together cannot be handed over."
            )


class Bounds:
    """What the lists, dicts and sets of a frame hold together. ProtocolError when it is too much.

    ``hooks`` are arguments of ``msgpack.unpackb``. Where ``compares`` is false keys are counted
    only: those that are no plain data are not read then.
    """

    def __init__(self, compares: bool = True) -> None:
        self.compares = compares
        self.parts = self.squares = self.comparisons = 0
        self.hooks = {"list_hook": self.read_list, "object_pairs_hook": self.read_dict}

    def read_list(self, items: list[Any]) -> list[Any]:
        """The items, counted."""
        self.count(1 + len(items))
        return items

    def read_dict(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        """A dict of the pairs."""
        self.count(1 + len(pairs))
        self.check_keys([key for key, _ in pairs])
        return dict(pairs) if self.compares else {}

    def count(self, parts: int) -> None:
        """Count so many parts."""
        self.parts += parts
        if self.parts > MAX_PARTS:
            raise ProtocolError(
                f"Lists and dicts of more than {MAX_PARTS} parts together cannot be "
                "handed over; arrays of numbers may be larger."
            )

    def check_keys(self, keys: list[Any]) -> None:
        """Before a dict or set is made of these keys; TypeError where one cannot be a key."""
        self.squares += len(keys) ** 2
        if self.squares > MAX_KEYS**2:
            raise ProtocolError("Dicts and sets of so many entries together cannot be handed over.")
        if self.compares and len(keys) > 1:
            self.comparisons += comparisons(keys)
            if self.comparisons > MAX_COMPARISONS:
                raise ProtocolError("A dict or set of entries with equal hashes is not taken.")


def comparisons(keys: list[Any]) -> int:
    """How many numbers are compared, at most, when a dict or set is made of the keys."""
    import numpy as np  # late: who only sends plain data does without

    hashes = np.fromiter(map(hash, keys), np.int64, len(keys))
    _, groups, sizes = np.unique(hashes, return_inverse=True, return_counts=True)
    if len(sizes) == len(keys):
        return 0
    equal = sizes[groups]
    return sum(int(equal[place]) * _weight(keys[place]) for place in np.flatnonzero(equal > 1))


def checked_keys(keys: list[Any]) -> list[Any]:
    """Keys of which somebody else makes a dict; ValueError where too many have equal hashes."""
    if len(keys) > 1 and comparisons(keys) > MAX_COMPARISONS:
        raise ValueError("keys with equal hashes")
    return keys


def _weight(key: Any) -> int:
    """The numbers in a key."""
    return 1 + sum(map(_weight, key)) if type(key) is tuple else 1


def check_encoded(tree: bytes, bounds: Bounds) -> None:
    """ProtocolError when lists or dicts in a tree are longer than the other side takes."""
    import msgpack

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
            too_many("dict", MAX_KEYS) if "map" in str(error) else too_many("list", MAX_ITEMS)
        ) from error


def too_many(kind: str, most: int) -> str:
    """The message about a list, dict or set that is too long."""
    return f"A {kind} of more than {most} entries cannot be handed over."
