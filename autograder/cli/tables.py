"""One's own results as text for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from autograder.cli.terminal import printable
from autograder.result import (
    FAILED,
    GRADED,
    PASSED,
    Check,
    Result,
    reason,
)

if TYPE_CHECKING:
    from autograder.notebook.sections import Section
    from autograder.self_study import Progress, WrittenAnswer

INDENT = 19  # columns before a check's title
TO_MARK = "Next: `autograder check --written` shows it beside a model answer, for you to mark."
_SIGNS = "LOST", "??", "not begun", "written", "ok"  # of a check, in the order of the list


def one_result(
    result: Result, width: int = 0, sections: Mapping[str, Section] | None = None
) -> str:
    """One notebook, check by check, for its own student: what is open first, and what to do next.

    ``width`` is the terminal's; 0 wraps nothing. ``sections`` is the section of each check.
    """
    numbers = {name: section.number for name, section in (sections or {}).items()}
    longest = max(map(len, numbers.values()), default=0)
    lines = [f"{result.assignment}: {result.score:g} of {result.max_score:g} points", ""]
    for check in sorted(result.checks, key=_rank):
        number = f"{numbers.get(check.id, ''):<{longest}}  " if longest else ""
        line = f"{_SIGNS[_rank(check)]:<9} {points(check):>7}  {number}{check.title}"
        lines.append(_wrapped(line, INDENT + len(number), width))
        if check.message and check.status != PASSED and not check.not_begun:
            told = check.message.splitlines()
            told += [TO_MARK] * (check.manual and check.score is None)
            lines += [_wrapped(f"{'':{INDENT + 2}}{line}", INDENT + 2, width) for line in told]
    notes = [_wrapped(f"Note: {printable(flag)}", 6, width) for flag in result.flags]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _rank(check: Check) -> int:
    """What a student is to look at first comes first: which of ``_SIGNS``."""
    if check.not_begun:
        return _SIGNS.index("not begun")
    if check.manual:
        return _SIGNS.index("written")
    return _SIGNS.index({FAILED: "LOST", PASSED: "ok"}.get(check.status, "??"))


def written_answer(one: WrittenAnswer) -> str:
    """A question, what its student wrote, the model answer and the marking scheme below it."""
    head = f"{one.section} · {one.points:g} points".lstrip(" ·")
    parts = {
        "": one.question,
        "You wrote": one.mine or "(nothing yet: answer first, the model answer is shown then)",
        "Model answer": one.model if one.mine else "",
        "Marking scheme": one.scheme if one.mine else "",
    }
    told = [f"{name}\n{text}" if name else text for name, text in parts.items() if text]
    return printable("\n\n".join([head, *told]), lines=True)


def _wrapped(line: str, indent: int, width: int) -> str:
    """A line over as many as it takes, those after the first indented; columns stay as they are."""
    if not width or re.search(r"\S {3,}\S| {3,}\S", line[indent:]):
        return line
    wrapper = textwrap.TextWrapper(
        width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.fill(line)


BAR = 20  # signs of a bar


def progress_lines(one: Progress, width: int = 0) -> str:
    """One assignment in two lines: how much of it is done, and what comes next."""
    full = int(BAR * one.score / one.points) if one.points else BAR
    bar = "#" * full + "." * (BAR - full)
    line = (
        f"{one.assignment:<20} [{bar}]  {one.passed:>2} of {one.checks} checks, "
        f"{one.score:g} of {one.points:g} points"
    )
    return f"{line}\n" + _wrapped(f"    {_what_next(one)}", 10, width)


def progress_total(all_of_them: Sequence[Progress]) -> str:
    """What they are worth together."""
    score, top = (sum(getattr(one, what) for one in all_of_them) for what in ("score", "points"))
    passed, checks = (sum(getattr(o, what) for o in all_of_them) for what in ("passed", "checks"))
    return f"\nTogether {passed} of {checks} checks, {score:g} of {top:g} points."


def _what_next(one: Progress) -> str:
    if one.path is None:
        return "its notebook is not here"
    if one.result is None:
        return f"not begun: {printable(str(one.path))}"
    if todo := one.next:
        where = f"{one.section} · " if one.section else ""
        return f"next: {where}{todo.title}\n    {printable(one.command)}"
    if one.result.status != GRADED:
        return f"{one.result.status}: {reason(one.result)}"
    waiting = sum(check.points for check in one.result.checks if _waits(check))
    return f"done; a person grades {waiting:g} points" if waiting else "done"


def points(check: Check) -> str:
    """Points earned of those there are; a question mark while that is open."""
    score = "?" if check.score is None else f"{check.score:g}"
    return f"{score} / {check.points:g}"


def _waits(check: Check) -> bool:
    return check.manual and check.score is None
