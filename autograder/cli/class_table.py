"""A graded class as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograder.cli.terminal import printable
from autograder.grading.standings import WITHDRAWN, Standing, summarise, written_answers
from autograder.result import (
    COULD_NOT_RUN,
    FAILED,
    GRADED,
    NEEDS_A_PERSON,
    PASSED,
    Result,
    remarks,
)

MANY = 40  # students that are still listed one by one


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


def _scores(assignment: str, standings: Sequence[Standing]) -> Iterator[str]:
    found = summarise(standings)
    decided = found.counts.get(GRADED, 0)
    there = sum(one.there and one.status != WITHDRAWN for one in standings)
    others = f"; {found.others}" if found.others else ""
    yield f"{assignment}: {there} submissions, {decided} graded{others}"
    if found.mean is not None:
        yield (
            f"Points of {found.top:g}{' so far, open answers as 0' if found.is_open else ''}: "
            f"mean {found.mean:.1f}, median {found.median:g}, "
            f"lowest {found.lowest:g}, highest {found.highest:g}"
        )


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
    checks = [check for result in results for check in result.checks]
    for check in checks:
        row = counts.setdefault(check.id, [0, 0, 0])
        worth[check.id] = check.points
        row[0 if check.status == PASSED else 1 if check.status == FAILED else 2] += 1
    width = max(map(len, counts), default=5)
    yield f"{'check':<{width}}  points  passed  failed   open"
    for name, (passed, failed, rest) in counts.items():
        yield f"{name:<{width}}  {worth[name]:>6g}  {passed:>6}  {failed:>6}  {rest:>5}"
    yield from map(printable, remarks(checks))
