"""One question with its answer, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from autograder.questions.changes import Change

LETTERS = "ABCD"  # that name the options


@dataclass(frozen=True)
class Question:
    """What is asked of a function, four options as a rule, and which of them are right.

    ``kind`` is "change" (then ``change`` says which), "shape", "calls", "convention", "depends" or
    "value"; ``lead``, ``shown`` (code) and ``ask`` are what stands before the options; ``note`` is
    for the examiner.
    """

    kind: str
    function: str
    options: tuple[str, ...]
    right: tuple[bool, ...]
    lead: str = ""
    shown: tuple[str, ...] = ()
    ask: str = ""
    change: Change | None = None
    note: str = ""

    @property
    def answer(self) -> str:
        """The letters that are to be ticked."""
        return ", ".join(
            letter for letter, right in zip(LETTERS, self.right, strict=False) if right
        )

    @property
    def about(self) -> str:
        """What is asked, in one line."""
        if self.change:
            return f"{self.function}: {self.change.before} becomes {self.change.after}"
        return f"{self.function}: {self.lead} {self.ask}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Question:
        """The inverse of ``to_dict``."""
        change = Change(**data["change"]) if data["change"] else None
        tuples = {name: tuple(data[name]) for name in ("options", "right", "shown")}
        return cls(**{**data, **tuples, "change": change})
