"""`autograder questions`: write the sheets, and enter the points that were given."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from autograder.cli.terminal import printable
from autograder.course.directory import Course


def write(course: Course, args: Namespace, students: Sequence[str]) -> int:
    """Write sheets, key and form; 1 if somebody has too few questions."""
    from autograder.grading.run import choose_sandbox
    from autograder.questions.ask import LEAST
    from autograder.questions.sheets import write_questions

    choose_sandbox(course, "auto")
    done = write_questions(course, args.assignment, students, jobs=args.jobs)
    for student, why in done.missing.items():
        who = printable(student)
        print(f"autograder: {who}: fewer than {LEAST} questions: {why}", file=sys.stderr)
    form = done.folder / "questions.csv"
    what = f"{shlex.quote(args.directory)} {args.assignment}"
    print(
        f"{done.made} sheets made now, {done.kept} kept from an earlier run.\n\n"
        f"Sheets        {done.folder / 'sheets'}\n"
        f"Key           {done.folder / 'key.html'}\n"
        f"To fill in    {form}\n"
        f"Then type     autograder questions {what} --results {shlex.quote(str(form))}"
    )
    return 1 if done.missing else 0


def enter(args: Namespace) -> int:
    """Enter the form's points; 1 if somebody's could not be entered."""
    course = Course.open(args.directory)
    course.sources(args.assignment)
    from autograder.gradebook.records import QUESTIONS_TITLE
    from autograder.questions.results import enter_results

    done = enter_results(course, args.assignment, Path(args.results), args.points)
    for student, why in done.left.items():
        print(f"autograder: not entered: {printable(student)}: {why}", file=sys.stderr)
    print(
        f"{QUESTIONS_TITLE} ({done.top:g} points): {len(done.students)} students have points now."
    )
    if done.blank:
        print(f"{len(done.blank)} have none in the form yet: {printable(', '.join(done.blank))}")
    what = f"{shlex.quote(args.directory)} {args.assignment}"
    print(
        f"Whoever was not asked yet is open. Now type\n"
        f"  autograder feedback {what}\n"
        f"  autograder export {what}"
    )
    return 1 if done.left else 0
