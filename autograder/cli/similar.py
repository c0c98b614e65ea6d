"""`autograder similar`: whose code is alike, for a person to look at."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from autograder.cli.terminal import printable
from autograder.course.directory import Course

PRINTED = 20  # pairs; the page has more
CAUTION = "This is no verdict: read the code, and talk with both."


def run(args: Namespace) -> int:
    """Compare all submissions, print the pairs that are most alike, and say where the page is."""
    course = Course.open(args.directory)
    course.sources(args.assignment)
    from autograder.similar.page import write_similar

    default = course.root / "reports" / f"{args.assignment}-similar.html"
    found = write_similar(course, args.assignment, Path(args.output or default))
    for student, why in found.unread.items():
        print(f"Not compared: {printable(student)}: {why}")
    print(f"{found.students} submissions compared; pairs that are alike: {len(found.pairs)}")
    for pair in found.pairs[:PRINTED]:
        one, other = (f"{share:.0%}" for share in pair.shares)
        print(f"  {printable(pair.one)}, {printable(pair.other)}: {one}, {other} of their own code")
    if len(found.pairs) > PRINTED:
        print(f"  and {len(found.pairs) - PRINTED} more, on the page")
    if found.pairs:
        print(CAUTION)
    print(f"Side by side\n  {found.path}")
    return 0
