"""Text on its way to a terminal: names, messages and outputs that strangers wrote.

An escape sequence could retitle the window, move the cursor over a score, or paste a command; a
line break in a folder's name could forge a line of a table.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

# Control characters (C0, DEL, C1), surrogates, what changes the direction of writing, and signs
# that nobody sees. A carriage return is none of the breaks: what follows would overwrite the line.
_BREAKS = "\n\t"
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u180e\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def printable(text: str, lines: bool = False) -> str:
    """The text with every control character as ``\\xNN`` or ``\\uNNNN``.

    Line breaks and tabs stay where ``lines`` is true: the text is then our own, of several lines.
    """

    def escaped(found: re.Match[str]) -> str:
        letter = found[0]
        return letter if lines and letter in _BREAKS else repr(letter)[1:-1]

    return _UNPRINTABLE.sub(escaped, text.replace("\r\n", "\n") if lines else text)


def printable_json(text: str) -> str:
    """JSON with control characters as ``\\uNNNN``; those outside its strings are line breaks."""
    return _UNPRINTABLE.sub(
        lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text
    )


class _Printable:
    """A text stream that writes what is printable, and is the other stream in all else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(printable(text, lines=True))
        return len(text)

    def writelines(self, texts: Any) -> None:
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def printable_streams() -> Iterator[None]:
    """Let whatever is printed meanwhile be printable."""
    saved = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Printable(saved[0]), _Printable(saved[1])  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = saved
