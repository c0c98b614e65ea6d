"""The cause of a wrong value, found by its fingerprint.

When an assignment is built, its checks are run on wrong readings of the solution, and of each
wrong value a fingerprint is kept, with the cause in words. The words are enciphered with the value:
whoever has not made the mistake can read neither the value nor the words in the file.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "fingerprints"
DIGITS = 654321.9 / np.sqrt(2)  # steps to the largest entry; no simple fraction lies at their edges
compared: tuple[str, Any] = ("", None)  # last; whoever makes fingerprints reads it
comparisons = 0  # of the cell that runs


def note(name: str, value: Any) -> None:
    """A comparison begins."""
    global compared, comparisons
    compared, comparisons = (name, value), comparisons + 1


def fingerprint(name: str, value: Any) -> bytes | None:
    """What identifies a value of the quantity ``name``, but for its last digits; None if nothing.

    ``value`` is an array or number; it is taken to six digits of its largest entry, so that
    machines whose last bits differ agree.
    """
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    if array.dtype.kind not in "biuf" or not array.size or not np.isfinite(array).all():
        return None
    array = array.astype(float)
    largest = float(np.abs(array).max())
    steps = np.rint(array / (largest or 1.0) * DIGITS).astype(np.int64)
    said = f"{name}\0{array.shape}\0{largest:.6g}\0"
    return hashlib.sha256(said.encode() + steps.astype("<i8").tobytes()).digest()


def cause_of(name: str, value: Any) -> str | None:
    """The cause of a wrong value, if a wrong reading of the solution gives exactly that.

    Or exactly its negative, twice or half of it: then there are two mistakes.
    """
    cause = _known(fingerprint(name, value))
    for undone, second in () if cause else _undone(value):
        cause = _known(fingerprint(name, undone))
        if cause:
            return f"{cause}; and {second}"
    return cause


def _known(print_: bytes | None) -> str | None:
    found = print_ and _all_known().get(_key(print_))
    return _enciphered(base64.b64decode(found), print_).decode() if found and print_ else None


def _undone(value: Any) -> Iterator[tuple[np.ndarray, str]]:
    """The value with a second mistake undone, and that mistake, where both together say something.

    Of one number alone the sign is as good as chance, of small whole numbers a factor 2 is.
    """
    array = value if isinstance(value, np.ndarray) else np.zeros(0)
    if array.dtype.kind != "f" or np.count_nonzero(array) < 2:
        return
    yield -array, "the sign is wrong"
    if not (2 * array == np.rint(2 * array)).all():
        yield array / 2, "an extra factor 2"
        yield array * 2, "an extra factor 1/2"


def sealed(causes: dict[bytes, str]) -> dict[str, str]:
    """Fingerprints and causes as a file holds them, in an order that tells nothing."""
    return dict(
        sorted(
            (_key(print_), base64.b64encode(_enciphered(cause.encode(), print_)).decode())
            for print_, cause in causes.items()
        )
    )


def _key(print_: bytes) -> str:
    return hashlib.sha256(b"key" + print_).hexdigest()[:16]


def _enciphered(text: bytes, print_: bytes) -> bytes:
    """The text under a keystream of the fingerprint; twice is the text again."""
    stream = hashlib.shake_256(b"words" + print_).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, stream, strict=True))


@cache
def _all_known() -> dict[str, str]:
    known: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.json")):
        known |= json.loads(path.read_text(encoding="utf-8"))["causes"]
    return known
