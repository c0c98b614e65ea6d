"""``autograder roster``: who is in the class, who has more time, who has left."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.cli.terminal import printable
from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.course.standing import (
    read_extensions,
    read_withdrawn,
    write_extensions,
    write_withdrawn,
)
from autograder.course.submissions import course_zone, parse_time
from autograder.errors import AutograderError


def run(args: Namespace) -> int:
    """The command that was typed; returns its exit code."""
    course = Course.open(args.directory)
    return {"import": _import, "extend": _extend, "withdraw": _withdraw, "show": _show}[
        args.action
    ](course, args)


def _import(course: Course, args: Namespace) -> int:
    from autograder.gradebook.gradebook import Gradebook

    listed = _of_all(args.files)
    with Gradebook(course) as book:
        before = book.people()
        known = _by_other_ids(before.values())
        people: dict[str, Person] = {}
        for one in listed.values():
            same = one.id
            if one.id not in before:
                other = known.get(one.lms_user_id) or known.get(one.email.casefold()) or ""
                # An address may be shared: who is in the list by another row stays another.
                same = other if other and other not in listed and other not in people else one.id
            old = before.get(same)
            values = {**(vars(old) if old else {}), **{k: v for k, v in vars(one).items() if v}}
            people[same] = Person(**{**values, "id": same})
        book.add_people(people.values())
    new = people.keys() - before.keys()
    changed = [s for s in people.keys() & before.keys() if people[s] != before[s]]
    print(f"{len(new)} students entered, {len(changed)} brought up to date, {len(people)} listed.")
    gone = sorted(before.keys() - people.keys() - read_withdrawn(course).keys())
    if gone:
        print(
            f"In the gradebook, and not in this list: {len(gone)}\n  {', '.join(gone)}\n"
            f"Who has left: autograder roster withdraw {args.directory} STUDENT"
        )
    return 0


def _of_all(paths: Iterable[str]) -> dict[str, Person]:
    """The students of all files by id; AutograderError where two people have one id."""
    from autograder.course.class_list import read_class_list

    found: dict[str, Person] = {}
    for path in paths:
        for one in read_class_list(Path(path)):
            other = found.setdefault(one.id, one)
            if other.email and one.email and other.email.casefold() != one.email.casefold():
                raise AutograderError(
                    f"{path}: {one.id!r} has the address {one.email} here, and {other.email} in "
                    "another of these lists. If they are two people, give them two ids. Nothing "
                    "was entered."
                )
            values = {name: value for name, value in vars(one).items() if value}
            found[one.id] = Person(**{**vars(other), **values})
    return found


def _by_other_ids(people: Iterable[Person]) -> dict[str, str]:
    """Students by Canvas' number and by e-mail: one person is not entered under two ids."""
    return {
        value: person.id
        for person in people
        for value in (person.lms_user_id, person.email.casefold())
        if value
    }


def _extend(course: Course, args: Namespace) -> int:
    from autograder.gradebook.gradebook import Gradebook

    course.sources(args.assignment)
    _known(course, args.students)
    with Gradebook(course) as book:
        due = book.due(args.assignment)
        until = _until(course, args, due)
        write_extensions(course, args.assignment, args.students, until)
        if until is None:
            book.take_back_extensions(args.assignment, args.students)
        if due is not None:
            book.assign_late_penalties(args.assignment)
    who = printable(", ".join(args.students))
    if until is None:
        print(f"{who}: no extension for {args.assignment} any more.")
        return 0
    print(f"{who}: {args.assignment} until {until} UTC.")
    if due is None:
        print(
            f"{args.assignment} has no date yet, so nothing is late. To give it one: cd "
            f'{args.directory} && nbgrader db assignment add {args.assignment} --duedate="..."',
            file=sys.stderr,
        )
    elif until < due:
        print(f"That is before the date for all, {due} UTC.", file=sys.stderr)
    return 0


def _until(course: Course, args: Namespace, due: datetime | None) -> datetime | None:
    if args.undo:
        return None
    if args.days is not None:
        if due is None:
            raise AutograderError(
                f"{args.assignment} has no date to which days could be added. Give a time with "
                '--until "2026-11-27 23:59 UTC".'
            )
        return due + timedelta(days=args.days)
    try:
        return parse_time(args.until or "", course_zone(course))
    except (ValueError, OverflowError):
        raise AutograderError(
            f'{args.until!r} is no time. Give --until like "2026-11-27 23:59 UTC", or --days N.'
        ) from None


def _withdraw(course: Course, args: Namespace) -> int:
    _known(course, args.students)
    write_withdrawn(course, args.students, None if args.undo else f"{datetime.now(UTC):%Y-%m-%d}")
    back = "back in the class" if args.undo else "withdrawn: graded and exported no more"
    print(f"{printable(', '.join(args.students))}: {back}. Nothing was deleted.")
    return 0


def _show(course: Course, args: Namespace) -> int:
    from autograder.gradebook.gradebook import Gradebook

    with Gradebook(course) as book:
        people = book.people()
    gone = read_withdrawn(course)
    for student, person in sorted(people.items()):
        name = ", ".join(filter(None, (person.last_name, person.first_name)))
        left = f"withdrawn since {gone[student]}" if student in gone else ""
        line = (
            f"{printable(student):<20} {printable(name):<30} {printable(person.email):<30} {left}"
        )
        print(line.rstrip())
    for assignment in course.assignments():
        for student, until in sorted(read_extensions(course, assignment).items()):
            print(f"{printable(student):<20} {assignment} until {until} UTC")
    print(f"{len(people)} students, {len(gone.keys() & people.keys())} of them withdrawn.")
    return 0


def _known(course: Course, students: Iterable[str]) -> None:
    from autograder.gradebook.gradebook import Gradebook

    with Gradebook(course) as book:
        unknown = sorted(set(students) - book.people().keys())
    if unknown:
        raise AutograderError(
            f"{', '.join(unknown)} is not in the gradebook. Who is: autograder roster show "
            f"{course.root}"
        )
