"""Where a student's function prints while a test calls it."""

from __future__ import annotations

import io

from autograder.exam.protocol.validation import MAX_PRINTED


class Discarded(io.TextIOBase):
    """Where prints go that nobody may read."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


class Printed(Discarded):
    """What is printed, as much of it as comes back."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.room = MAX_PRINTED

    def write(self, text: str) -> int:
        if self.room > 0 and text:
            self.parts.append(text[: self.room])
            self.room -= len(text)
        return len(text)

    def text(self) -> str:
        return "".join(self.parts)
