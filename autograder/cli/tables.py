"""The result of a run as text for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from autograder.cli.terminal import printable
from autograder.grading.standings import WITHDRAWN, Standing, summarise, written_answers
from autograder.result import (
    COULD_NOT_RUN,
    FAILED,
    GRADED,
    NEEDS_A_PERSON,
    PASSED,
    Check,
    Result,
    reason,
)

if TYPE_CHECKING:
    from autograder.notebook.sections import Section
    from autograder.self_study import Progress, WrittenAnswer

MANY = 40  # students that are still listed one by one
INDENT = 19  # columns before a check's title
_SIGNS = "LOST", "??", "not begun", "written", "ok"  # of a check, in the order of the list


def class_table(assignment: str, standings: Sequence[Standing]) -> str:
    """Each student when they are few, each check, and who needs a person and why."""
    present = [one for one in standings if one.result is not None and one.status != WITHDRAWN]
    results = [one.result for one in present if one.result is not None]
    lines = [*_scores(assignment, standings), ""]
    if len(present) <= MANY:
        lines += [*_students(present), ""]
    lines += [*_checks(results)]
    for status in (NEEDS_A_PERSON, COULD_NOT_RUN):
        those = [one for one in standings if one.status == status]
        lines += ["", f"{status.capitalize()}: {len(those)}"] if those else []
        lines += [f"  {printable(f'{one.person.id}: {one.why}')}" for one in those[:MANY]]
        lines += [f"  and {len(those) - MANY} more"] if len(those) > MANY else []
    for title, count in written_answers(standings).items():
        lines += ["", f"{title}: {count} to be graded by a person"]
    return "\n".join(lines)


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


def _scores(assignment: str, standings: Sequence[Standing]) -> Iterator[str]:
    found = summarise(standings)
    decided = found.counts.get(GRADED, 0)
    there = sum(one.there and one.status != WITHDRAWN for one in standings)
    others = f"; {found.others}" if found.others else ""
    yield f"{assignment}: {there} submissions, {decided} graded{others}"
    if found.mean is not None:
        yield (
            f"Points of {found.top:g}, over the graded: mean {found.mean:.1f}, "
            f"median {found.median:g}, lowest {found.lowest:g}, highest {found.highest:g}"
        )
    elif found.so_far is not None:
        yield f"Points of {found.top:g} so far, open answers as 0: mean {found.so_far:.1f}"


def _students(standings: Iterable[Standing]) -> Iterator[str]:
    yield f"{'points':>6}  student"
    for one in standings:
        lost = [c.id for c in one.result.checks if c.status == FAILED] if one.result else []
        said = f"lost {', '.join(lost[:3])}{', ...' * (len(lost) > 3)}" if lost else ""
        said = "; ".join(filter(None, ["" if one.status == GRADED else one.status, said]))
        points = "?" if one.score is None else f"{one.score:g}"
        yield f"{points:>6}  {printable(one.person.id):<22} {said}".rstrip()


def _checks(results: Iterable[Result]) -> Iterator[str]:
    counts: dict[str, list[int]] = {}
    worth: dict[str, float] = {}
    for check in (check for result in results for check in result.checks):
        row = counts.setdefault(check.id, [0, 0, 0])
        worth[check.id] = check.points
        row[0 if check.status == PASSED else 1 if check.status == FAILED else 2] += 1
    width = max(map(len, counts), default=5)
    yield f"{'check':<{width}}  points  passed  failed   open"
    for name, (passed, failed, rest) in counts.items():
        yield f"{name:<{width}}  {worth[name]:>6g}  {passed:>6}  {failed:>6}  {rest:>5}"


def _waits(check: Check) -> bool:
    return check.manual and check.score is None
