"""A student, by id and name: what a class list and the gradebook have of one."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Person:
    """A student as nbgrader knows one; everything but the id may be empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    def for_pages(self) -> Person:
        """The same person, every text as it may stand in any page.

        nbgrader's pages do not escape names, and on many platforms students choose theirs.
        """
        return Person(self.id, *(_unmarked(text) for text in astuple(self)[1:]))


# Control characters, halves of letters, and what turns the direction of writing.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
# What begins and ends a tag, and signs that look like them.
_MARKS = str.maketrans({"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
                        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"})  # fmt: skip


def _unmarked(text: str) -> str:
    return _CONTROL.sub("", text).translate(_MARKS)
