"""What each command does: calls the functions, prints for a person, returns an exit code."""

from __future__ import annotations

import json
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.authoring.installed import course_files
from autograder.cli.exit_codes import exit_code
from autograder.cli.terminal import printable, printable_json
from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.files import write_atomically
from autograder.grading.new_course import init as make_course
from autograder.grading.run import choose_sandbox, grade_class
from autograder.result import Result


def init(args: Namespace) -> int:
    course = make_course(args.directory)
    names = course.assignments()
    where = args.directory
    print(
        f"A course with {len(names)} assignment{'s' * (len(names) != 1)} is in {where}.\n\n"
        f"Give students   {where}/release/ASSIGNMENT/ASSIGNMENT.ipynb\n"
        f"Put theirs at   {where}/submitted/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb\n"
        f"Then type       autograder grade {where} {names[0]}\n\n"
        f"Assignments: {', '.join(names)}"
    )
    return 0


def collect(args: Namespace) -> int:
    course = Course.open(args.directory)
    course.sources(args.assignment)
    from autograder.collect.collect import collect as collect_all
    from autograder.collect.collect import summary

    found = collect_all(course, args.assignment, list(map(Path, args.downloads)), enrol=args.enrol)
    print("\n".join(summary(found)))
    return 1 if found.needs_person else 0


def grade(args: Namespace) -> int:
    course = Course.open(args.directory)
    course.sources(args.assignment)  # a wrong name is said before anything slow begins
    students = _students(course, args)
    run = grade_class(
        course,
        args.assignment,
        students,
        jobs=args.jobs,
        scheduler=args.scheduler,
        isolation=args.isolation,
        strict=args.strict,
    )
    from autograder.cli.tables import class_table

    if args.json:
        _write_json(args.json, run.results)
    out = sys.stderr if args.json == "-" else sys.stdout
    done = f"{run.examined} graded now, {run.unchanged} unchanged since an earlier run."
    print(f"{class_table(run)}\n\n{done}\n\n{_written(course, args)}", file=out)
    return exit_code(run.results)


def regrade(args: Namespace) -> int:
    course = Course.open(args.directory)
    course.sources(args.assignment)
    students = _students(course, args)
    choose_sandbox(args.isolation)
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
    from autograder.self_study import check_notebook

    result = check_notebook(Path(args.notebook))
    _say_if_unconfined()
    if args.json:
        print(printable_json(json.dumps(result.to_json())))
    else:
        print(tables.one_result(result, _width()))
    return exit_code([result])


def progress(args: Namespace) -> int:
    from autograder.cli import tables
    from autograder.self_study import progress as assignments

    found = []
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
    students = _students(course, args)
    from autograder.reports.feedback import write_pages

    written, missing = write_pages(course, args.assignment, students)
    for student, sentence in missing.items():
        print(f"autograder: {printable(student)}: {sentence}", file=sys.stderr)
    if written:
        print(f"{len(written)} pages written, for example\n  {written[0]}")
    return 1 if missing else 0


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


def build(args: Namespace) -> int:
    from autograder.authoring.build import build as build_all

    root = course_files().parent
    if not (root / "pyproject.toml").is_file():
        raise AutograderError(
            "build works in a checkout of the project, and this is an installed package."
        )
    written = build_all(root, check=args.check, only=args.only or None)
    print("\n".join(map(str, written)) or "Everything is up to date.")
    return 0


def _students(course: Course, args: Namespace) -> list[str]:
    present = course.students(args.assignment)
    if not present:
        raise AutograderError(
            f"Nobody has handed in {args.assignment}. Put notebooks at "
            f"{course.path('submitted', 'STUDENT', args.assignment)}/{args.assignment}.ipynb"
        )
    unknown = sorted(set(args.student or ()) - set(present))
    if unknown:
        raise AutograderError(
            f"No submission of {args.assignment} by {', '.join(unknown)} in {course.root}. "
            "A student's name is the name of the folder."
        )
    return sorted(set(args.student)) if args.student else present


def _width() -> int:
    """Letters in a line of the terminal; 0 where the output goes elsewhere, to be searched."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _write_json(target: str, results: Iterable[Result]) -> None:
    def pieces() -> Iterator[str]:  # a class of 50 000 makes 150 MB of it
        before = "[\n"
        for result in results:
            yield before + json.dumps(result.to_json(), ensure_ascii=False)
            before = ",\n"
        yield "\n]\n" if before != "[\n" else "[\n\n]\n"

    if target == "-":
        sys.stdout.writelines(map(printable_json, pieces()))
    else:
        write_atomically(Path(target), (text.encode("utf-8", "replace") for text in pieces()))


def _written(course: Course, args: Namespace) -> str:
    what = f"{args.directory} {args.assignment}"
    return (
        f"Scores        {course.database}\n"
        f"Notebooks     {course.path('autograded', 'STUDENT', args.assignment)}\n"
        f"Now type      autograder feedback {what}     a page for each student\n"
        f"              autograder report {what}       a page about the class\n"
        f"              autograder export {what}       scores as CSV\n"
        f"By hand       jupyter lab, in {args.directory}: Nbgrader > Formgrader"
    )
