"""The result of a run as text for a terminal."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from autograder.batch import Run
from autograder.result import COULD_NOT_RUN, FAILED, GRADED, NEEDS_A_PERSON, PASSED, Check, Result

MANY = 40  # students that are still listed one by one


def class_table(run: Run) -> str:
    """Each student when they are few, each check, and who needs a person and why."""
    results = run.results
    lines = [*_scores(results), ""]
    if len(results) <= MANY:
        lines += [*_students(results), ""]
    lines += [*_checks(results)]
    for status in (NEEDS_A_PERSON, COULD_NOT_RUN):
        odd = [result for result in results if result.status == status]
        lines += ["", f"{status.capitalize()}: {len(odd)}"] if odd else []
        lines += [f"  {result.student}: {reason(result)}" for result in odd[:MANY]]
    waiting = sum(any(_waits(check) for check in result.checks) for result in results)
    if waiting:
        lines += ["", f"Written answers to be graded by a person: of {waiting} students."]
    return "\n".join(lines)


def one_result(result: Result) -> str:
    """One notebook, check by check, with what to do next: for its own student."""
    lines = [f"{result.assignment}: {result.score:g} of {result.max_score:g} points", ""]
    signs = {PASSED: "ok  ", FAILED: "LOST"}
    for check in result.checks:
        sign = "    " if check.manual else signs.get(check.status, "??  ")
        lines.append(f"{sign} {points(check):>9}  {check.title}")
        if check.message and check.status != PASSED:
            lines += [f"                 {line}" for line in check.message.splitlines()]
    lines += ["", *(f"Note: {flag}" for flag in result.flags)] if result.flags else []
    return "\n".join(lines)


def points(check: Check) -> str:
    """Points earned of those there are; a question mark while that is open."""
    score = "?" if check.score is None else f"{check.score:g}"
    return f"{score} / {check.points:g}"


def reason(result: Result) -> str:
    """Why a result is not plainly graded, in one line."""
    broken = [c for c in result.checks if c.status == COULD_NOT_RUN and not c.manual]
    of_checks = [f"{check.id}: {check.message}" for check in broken]
    by_grader = result.status == COULD_NOT_RUN
    said = (of_checks or result.flags) if by_grader else (result.flags or of_checks)
    return " ".join(" ".join(said[:2]).split()) or "no reason was given"


def _scores(results: Sequence[Result]) -> Iterator[str]:
    scores = [result.score for result in results]
    graded = sum(result.status == GRADED for result in results)
    top = max(result.max_score for result in results)
    yield f"{results[0].assignment}: {len(results)} submissions, {graded} graded"
    yield (
        f"Points of {top:g}: mean {statistics.mean(scores):.1f}, "
        f"median {statistics.median(scores):g}, lowest {min(scores):g}, highest {max(scores):g}"
    )


def _students(results: Iterable[Result]) -> Iterator[str]:
    yield f"{'points':>6}  student"
    for result in results:
        lost = [c.id for c in result.checks if c.status == FAILED]
        said = f"lost {', '.join(lost[:3])}{', ...' * (len(lost) > 3)}" if lost else ""
        said = said if result.status == GRADED else result.status
        yield f"{result.score:>6g}  {result.student:<22} {said}".rstrip()


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
