"""Collecting: every submission of some downloads to whom it belongs, and what became of the rest.

A collection can be repeated with the same downloads, or with newer ones: what is there already is
left alone, and every version is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.collect.claims import Handed, Name, read_claims
from autograder.collect.contents import Contents, cell_ids, read_contents
from autograder.collect.downloads import Download
from autograder.collect.people import ALIASES, Match, Roster, read_aliases
from autograder.collect.store import NEWER, OLDER, SAME, Store, utc_text
from autograder.course.collected import Version
from autograder.course.directory import Course, unusable_id
from autograder.course.person import Person
from autograder.course.standing import read_extensions, read_withdrawn
from autograder.course.submissions import course_zone, parse_time
from autograder.errors import AutograderError, Stopped
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import read_source_notebook


@dataclass
class Collection:
    """What a collection did. Messages are about one student or name each, ready to be printed.

    ``done`` has the students by what became of their work (see ``Store.put``).
    """

    assignment: str
    platforms: Counter[str] = field(default_factory=Counter)
    done: dict[str, list[str]] = field(default_factory=dict)
    enrolled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def needs_person(self) -> bool:
        """Whether something found no place, or should be looked at."""
        by_hand = self.done.get("by hand")
        return bool(
            self.unknown or self.without or self.double or self.problems or self.refused or by_hand
        )


def collect(
    course: Course, assignment: str, downloads: Sequence[Path], *, enrol: bool = False
) -> Collection:
    """Put what the downloads hold into ``submitted/``; with ``enrol``, enter unknown students.

    Raises AutograderError when a download cannot be read, or there is no class list.
    """
    collector = _Collector(course, assignment, enrol)
    with course.alone():
        try:
            for path in downloads:
                with Download(path) as download:
                    collector.take(download)
        except KeyboardInterrupt:
            raise Stopped(
                "Stopped; what was collected by now is kept. Run the same command again to go on."
            ) from None
        finally:  # a later download that cannot be read takes nothing back
            collector.save()
        return collector.end()


class _Collector:
    def __init__(self, course: Course, assignment: str, enrol: bool) -> None:
        self.course, self.assignment, self.enrol = course, assignment, enrol
        self.found = Collection(assignment)
        ids = {
            name: {
                notebook: cell_ids(read_source_notebook(path, course.config))
                for notebook, path in course.sources(name).items()
            }
            for name in {assignment, *course.assignments()}
        }
        self.sources = ids.pop(assignment)
        self.others = {name: frozenset().union(*each.values()) for name, each in ids.items()}
        with Gradebook(course) as book:
            self.people = book.people()
            self.due = book.due(assignment)
        self.extensions = read_extensions(course, assignment)
        self.aliases = read_aliases(course.root / ALIASES)
        if not (self.people or enrol):
            raise AutograderError(
                f"The gradebook of {course.root} has no students to whom the work could belong. "
                f"Enter them first: autograder roster import {course.root} FILE.csv, or add "
                "--enrol to enter everybody whom the download names."
            )
        self.roster = Roster(self.people.values(), self.aliases, self.assignment)
        self.store, self.zone = Store(course, assignment), ZoneInfo(course_zone(course))
        self.seen: dict[str, str] = {}  # whose work was taken in this run, from what

    def take(self, download: Download) -> None:
        found = self.found
        said: list[str] = []
        for handed in read_claims(download.items, self.assignment, self.roster.knows, said):
            found.platforms[handed.claim.platform] += 1
            self._take(handed)
        found.refused += [*download.refused, *said]

    def _take(self, handed: Handed) -> None:
        match = self.roster.match(handed.claim)
        label = _label(handed)
        if not match.students and self.enrol and match.why.startswith("nobody"):
            match = self._enrol(handed.claim.people)
        if unsafe := [student for student in match.students if _unusable(student)]:
            match = Match(why=f"{unsafe[0]!r} cannot be the name of a folder")
        if not match.students:
            self.found.unknown.append(f"{label}: {match.why}; handed in {_names(handed)}")
            return
        if match.note:
            self.found.notes.append(f"{label}: {match.note}")
        contents = read_contents(handed, self.sources, self.others)
        who = ", ".join(match.students)
        self.found.problems += [f"{who}: {text}" for text in contents.problems]
        self.found.notes += [f"{who}: {text}" for text in contents.notes]
        if not contents.notebooks:
            listed = ", ".join(contents.left[:5]) or "nothing"
            self.found.without.append(f"{who}: handed in {listed}{_hint(contents.left)}")
        for student in match.students:
            self._put(student, handed, contents)

    def _put(self, student: str, handed: Handed, contents: Contents) -> None:
        if not contents.files:
            return
        claim, label = handed.claim, _label(handed)
        time, before = utc_text(claim.time, self.zone), self.seen.get(student)
        version = Version(
            0,
            "",
            claim.platform,
            label,
            time,
            claim.late,
            claim.order,
            claim.back,
            bool(contents.notebooks),
        )
        done = self.store.put(student, contents.files, version)
        if before and before != label and done in (NEWER, OLDER):
            counts = label if done == NEWER else before
            self.found.double.append(f"{student}: {before} and {label}; {counts} counts")
        self.seen[student] = label
        for students in self.found.done.values():
            if student in students and done != SAME:
                students.remove(student)
        if done != SAME or before is None:
            self.found.done.setdefault(done, []).append(student)
        if claim.late or (time and self._is_late(student, time)):
            self.found.late.append(f"{student} ({time or f'marked by {claim.platform}, no time'})")

    def _is_late(self, student: str, time: str) -> bool:
        due = max(filter(None, (self.due, self.extensions.get(student))), default=None)
        return self.due is not None and due is not None and parse_time(time) > due

    def _enrol(self, names: Iterable[Name]) -> Match:
        """Enter everybody whom a submission names and nobody knows."""
        students = []
        for name in names:
            person = _person(name)
            if why := _unusable(person.id):
                return Match(why=f"cannot be enrolled: {why}")
            if person.id not in self.people:
                self.found.enrolled.append(person.id)
            self.people.setdefault(person.id, person)
            students.append(person.id)
        self.roster = Roster(self.people.values(), self.aliases, self.assignment)
        return Match(tuple(students))

    def save(self) -> None:
        """Write down who was enrolled and what was collected."""
        if self.found.enrolled:
            with Gradebook(self.course) as book:
                book.add_people(self.people[student] for student in self.found.enrolled)
        self.store.save()

    def end(self) -> Collection:
        """What the collection did, with who is missing."""
        there = {*self.store.students(), *self.course.students(self.assignment)}
        self.found.missing = sorted(self.people.keys() - there - read_withdrawn(self.course).keys())
        return self.found


def _person(name: Name) -> Person:
    """A student as the download names one."""
    words = name.label.split()
    known = next((text for text in name.ids if "@" not in text), "")
    email = next((text for text in name.ids if "@" in text), "")
    student = known or email.split("@")[0] or re.sub(r"[\s/\\]+", "_", name.label.strip().lower())
    first, last = (" ".join(words[:-1]), words[-1]) if len(words) > 1 else ("", "")
    return Person(student.strip(". "), first, last, email, name.lms)


def _unusable(student: str) -> str:
    if not student or student[0] in ".=+-@" or "/" in student or "\\" in student:
        return f"{student!r} is no name for a student"
    return unusable_id(student)


def _label(handed: Handed) -> str:
    claim = handed.claim
    names = ", ".join(name.label for name in claim.people)
    return names if claim.platform == "plain" or names == claim.key else f"{names} ({claim.key})"


def _names(handed: Handed) -> str:
    names = [name for name, _, _ in handed.files] or handed.junk
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _hint(left: Sequence[str]) -> str:
    endings = {name.lower().rsplit(".", 1)[-1] for name in left}
    if endings & {"rar", "7z", "gz", "tar", "xz"}:
        return "; unpack that archive by hand and collect the folder"
    if endings & {"webloc", "url", "link", "gdoc"} or "link.html" in endings:
        return "; that is a link, not the file"
    if "zip" in endings:
        return "; that zip could not be read"
    return ""


def summary(found: Collection) -> Iterator[str]:
    """The collection as lines; names of students' files stand in them as they are."""
    total = sum(found.platforms.values())
    of = ", ".join(f"{platform} {count}" for platform, count in found.platforms.most_common())
    yield f"{found.assignment}: {total} submissions in the download{f' ({of})' if of else ''}"
    words: Mapping[str, str] = {
        "new": "collected",
        "newer": "newer versions, the older ones kept",
        "same": "unchanged",
        "older": "older versions, kept; they do not count",
        "put back": "put back into submitted/",
    }
    done = [f"{len(found.done[key])} {text}" for key, text in words.items() if found.done.get(key)]
    yield f"{', '.join(done) or 'nothing collected'}."
    lists = {
        "Enrolled": found.enrolled,
        "Nobody's, as far as the class list says": found.unknown,
        "Without a notebook": found.without,
        "Handed in twice": found.double,
        "To be looked at": found.problems,
        "In submitted/ lies something that was not collected; the collected version is kept in "
        f"collected/{found.assignment}, and not used": found.done.get("by hand", []),
        "Refused": found.refused,
        "Notes": found.notes,
    }
    for title, lines in lists.items():
        if lines:
            yield from ("", f"{title}: {len(lines)}")
            yield from (f"  {line}" for line in lines)
    for title, names in (("Late", found.late), ("Nothing handed in", found.missing)):
        if names:
            yield from ("", f"{title}: {len(names)}", f"  {', '.join(names)}")
    if found.unknown:
        yield ""
        yield (
            f"Say whose it is in {ALIASES} in the course (columns name,student) and collect "
            "again; or add --enrol to enter them as students."
        )
