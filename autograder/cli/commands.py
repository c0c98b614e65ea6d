"""What each command does: calls the functions, prints for a person, returns an exit code."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.cli import authoring
from autograder.cli.exit_codes import exit_code
from autograder.cli.terminal import printable, printable_json
from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.files import write_atomically

if TYPE_CHECKING:
    from autograder.grading.roll import Roll
    from autograder.grading.standings import Standing


def init(args: Namespace) -> int:
    from autograder.grading.new_course import init as make_course

    course = make_course(args.directory, authoring.own_sources(args))
    names = course.assignments()
    where, many = shlex.quote(args.directory), f"{len(names)} assignment{'s' * (len(names) != 1)}"
    print(
        f"A course with {many} is in {args.directory}.\n\n"
        f"Give students   {where}/release/ASSIGNMENT/ASSIGNMENT.ipynb\n"
        f"Put theirs at   {where}/submitted/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb\n"
        f"Then type       autograder grade {where} {names[0]} --enrol\n\n"
        f"Assignments: {', '.join(names)}"
    )
    return 0


def roster(args: Namespace) -> int:
    from autograder.cli.roster import run

    return run(args)


def collect(args: Namespace) -> int:
    course = Course.open(args.directory)
    course.sources(args.assignment)
    from autograder.collect.collect import collect as collect_all
    from autograder.collect.collect import summary

    found = collect_all(course, args.assignment, list(map(Path, args.downloads)), enrol=args.enrol)
    print("\n".join(map(printable, summary(found))))
    return 1 if found.needs_person else 0


def grade(args: Namespace) -> int:
    from autograder.grading.run import class_standings, get_ready, grade_class

    course = Course.open(args.directory)
    course.sources(args.assignment)  # a wrong name is said before anything slow begins
    if not args.scheduler:
        get_ready(course, args.assignment, args.jobs, args.isolation)
    roll = _roll(course, args)
    students = _named(course, args, roll)
    out = sys.stderr if args.json == "-" else sys.stdout
    if not students:
        print("\n".join(_left(args, roll)), file=out)
        return exit_code([], roll.left)
    run = grade_class(
        course,
        args.assignment,
        students,
        jobs=args.jobs,
        scheduler=args.scheduler,
        isolation=args.isolation,
        strict=args.strict,
    )
    from autograder.cli.class_table import class_table

    standings = class_standings(course, args.assignment, run)
    if args.json:
        _write_json(args.json, [one for one in standings if one.person.id in students])
    done = f"{run.examined} graded now, {run.unchanged} unchanged since an earlier run."
    table = class_table(args.assignment, standings)
    left = "".join(f"{line}\n" for line in _left(args, roll))
    print(f"{table}\n\n{left}{done}\n\n{_written(course, args)}", file=out)
    taken = [one.person.id for one in standings if one.taken_away]
    return exit_code(run.results, roll.left + taken)


def _left(args: Namespace, roll: Roll) -> Iterator[str]:
    """What was not graded, and what to do about it."""
    if roll.enrolled:
        yield f"Entered as students: {', '.join(roll.enrolled)}\n"
    if roll.withdrawn:
        yield f"Withdrawn, not graded: {', '.join(roll.withdrawn)}\n"
    if roll.left:
        yield f"Not graded, as it has no place: {len(roll.left)}"
        yield from (f"  {printable(message)}." for message in roll.left)
    if roll.strangers:
        yield (
            f"To enter students: autograder roster import {shlex.quote(args.directory)} FILE.csv; "
            "or add --enrol to enter everybody who has a folder."
        )
    if roll.left:
        yield ""


def regrade(args: Namespace) -> int:
    from autograder.grading.run import choose_sandbox

    course = Course.open(args.directory)
    course.sources(args.assignment)
    students = _named(course, args, _roll(course, args))
    choose_sandbox(course, args.isolation)
    from autograder.grading.regrade import regrade_class

    changes, left = regrade_class(
        course,
        args.assignment,
        students,
        jobs=args.jobs,
        isolation=args.isolation,
        strict=args.strict,
        apply=args.apply,
        lower=args.lower,
    )
    for change in changes:
        print(change)
    print(f"{len(changes)} of {len(students)} students change.")
    if left:
        print(
            f"\nNot lowered, as feedback was given out: {printable(', '.join(left))}. "
            "To lower them too, add --lower."
        )
    elif changes and not args.apply:
        print("\nNothing was written. To write it, add --apply.")
    return 1 if left else 0


def check(args: Namespace) -> int:
    from autograder.cli import tables
    from autograder.self_study import check_notebook, sections, written_answers

    if args.written:
        print("\n\n".join(map(tables.written_answer, written_answers(Path(args.notebook)))))
        return 0
    result = check_notebook(Path(args.notebook), args.only or "")
    _say_if_unconfined()
    if args.json:
        print(printable_json(json.dumps(result.to_json())))
    else:
        print(tables.one_result(result, _width(), sections(result.assignment)))
    return exit_code([result])


def watch(args: Namespace) -> int:
    from autograder.cli import watching

    return watching.run(args)


def progress(args: Namespace) -> int:
    from autograder.cli import tables
    from autograder.self_study import progress as assignments

    found: list[Any] = []
    for one in assignments(Path(args.folder)):
        if not found:
            _say_if_unconfined()
        found.append(one)
        if not args.json:
            print(tables.progress_lines(one, _width()), flush=True)
    if args.json:
        print(printable_json(json.dumps([one.to_json() for one in found])))
    else:
        print(tables.progress_total(found))
    return exit_code(one.result for one in found if one.result)


def _say_if_unconfined() -> None:
    from autograder.exam.local import own_tier

    if notice := own_tier()[1]:
        print(f"autograder: {notice}", file=sys.stderr)


def feedback(args: Namespace) -> int:
    course = Course.open(args.directory)
    course.sources(args.assignment)
    roll = _roll(course, args)
    students = _named(course, args, replace(roll, students=roll.students + roll.strangers))
    from autograder.reports.feedback import write_pages

    written, missing = write_pages(course, args.assignment, students)
    for student, message in missing.items():
        print(f"autograder: {printable(student)}: {message}", file=sys.stderr)
    if written:
        print(f"{len(written)} pages written, for example\n  {written[0]}")
    left = _give_back(course, args, students) if args.form else False
    return 1 if missing or left else 0


def _give_back(course: Course, args: Namespace, students: list[str]) -> bool:
    """Write the pages as a platform takes them; whether somebody is not in it."""
    from autograder.reports.give_back import give_back

    done = give_back(course, args.assignment, args.form, students)
    print(f"Feedback of {done.students} students to give back\n  {done.path}")
    for student, why in done.left.items():
        print(f"autograder: not in it: {printable(student)}: {why}", file=sys.stderr)
    return bool(done.left)


def questions(args: Namespace) -> int:
    from autograder.cli import questions as command

    if args.results:
        return command.enter(args)
    course = Course.open(args.directory)
    course.sources(args.assignment)
    return command.write(course, args, _named(course, args, _roll(course, args)))


def similar(args: Namespace) -> int:
    from autograder.cli import similar as command

    return command.run(args)


def report(args: Namespace) -> int:
    course = Course.open(args.directory)
    course.sources(args.assignment)
    from autograder.reports.class_report import write_report

    default = course.root / "reports" / f"{args.assignment}.html"
    path = write_report(course, args.assignment, Path(args.output or default))
    print(f"Report written\n  {path}")
    return 0


def export(args: Namespace) -> int:
    course = Course.open(args.directory)
    course.sources(args.assignment)
    from autograder.reports.export import write_export

    output = Path(args.output) if args.output else None
    canvas = Path(args.canvas) if args.canvas else None
    done = write_export(course, args.assignment, args.format, output, canvas, args.column)
    for note in done.notes:
        print(f"autograder: {note}", file=sys.stderr)
    print(f"Scores written\n  {done.path}")
    return 0


def doctor(args: Namespace) -> int:
    from autograder.doctor.doctor import main

    return main(args.isolation, as_json=args.json)


def demo(args: Namespace) -> int:
    from autograder.cli.demo import play

    return play(Path(args.directory), args.jobs)


def gradescope(args: Namespace) -> int:
    from autograder.cli.gradescope import make

    return make(args)


def new(args: Namespace) -> int:
    return authoring.new(args)


def build(args: Namespace) -> int:
    return authoring.build(args)


def prove(args: Namespace) -> int:
    return authoring.prove(args)


def mutants(args: Namespace) -> int:
    return authoring.mutants(args)


def _roll(course: Course, args: Namespace) -> Roll:
    """Who handed in; AutograderError when nothing is there at all."""
    from autograder.grading.roll import call_roll

    roll = call_roll(course, args.assignment, enrol=getattr(args, "enrol", False))
    if not (roll.students or roll.left or roll.withdrawn):
        raise AutograderError(
            f"Nobody has handed in {args.assignment}. Put notebooks at "
            f"{course.path('submitted', 'STUDENT', args.assignment)}/{args.assignment}.ipynb"
        )
    return roll


def _named(course: Course, args: Namespace, roll: Roll) -> list[str]:
    """Those of ``--student``, else all."""
    unknown = sorted(set(args.student or ()) - set(roll.students))
    if unknown:
        raise AutograderError(
            f"No submission of {args.assignment} by {', '.join(unknown)} in {course.root} that "
            "could be graded. A student's name is the name of the folder, and in the class list."
        )
    return sorted(set(args.student)) if args.student else roll.students


def _width() -> int:
    """Characters in a line of the terminal; 0 where the output goes elsewhere, to be searched."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _write_json(target: str, standings: Iterable[Standing]) -> None:
    def pieces() -> Iterator[str]:  # a class of 50 000 makes 150 MB of it
        before = "[\n"
        for one in standings:
            yield before + json.dumps(one.to_json(), ensure_ascii=False)
            before = ",\n"
        yield "\n]\n" if before != "[\n" else "[\n\n]\n"

    if target == "-":
        sys.stdout.writelines(map(printable_json, pieces()))
    else:
        write_atomically(Path(target), (text.encode("utf-8", "replace") for text in pieces()))


def _written(course: Course, args: Namespace) -> str:
    what = f"{shlex.quote(args.directory)} {args.assignment}"
    return (
        f"Scores        {course.database}\n"
        f"Notebooks     {course.path('autograded', 'STUDENT', args.assignment)}\n"
        f"Now type      autograder feedback {what}     a page for each student\n"
        f"              autograder report {what}       a page about the class\n"
        f"              autograder export {what}       scores as CSV\n"
        f"By hand       jupyter lab, in {args.directory}: Nbgrader > Formgrader"
    )
