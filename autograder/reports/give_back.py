"""Feedback in the form in which each platform takes it back.

Canvas and Moodle find a student by the name that they gave the download, so they get back what
``collect`` took, as pages. nbgrader's exchange finds one by the secret of the submission.
"""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.course.collected import Collected
from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.course.side_files import SECRET
from autograder.course.submissions import submitted_name
from autograder.errors import AutograderError
from autograder.files import Refused, read_regular, write_atomically
from autograder.reports.spreadsheet import table

FORMS = "canvas", "moodle", "mail"
_EARLY = "1970-01-01 00:00:00 UTC"  # nobody waits for it, but release_feedback reads it


@dataclass(frozen=True)
class GivenBack:
    """What was written, how many students it is for, and who is not in it and why."""

    path: Path
    students: int
    left: dict[str, str]


def give_back(course: Course, assignment: str, form: str, students: Sequence[str]) -> GivenBack:
    """Write the students' pages in the ``form`` of a platform; the pages must be there.

    Raises AutograderError when nothing of that platform was collected.
    """
    if form == "mail":
        return _for_mail(course, assignment, students)
    collected, left = Collected(course, assignment), dict[str, str]()
    names: dict[str, bytes] = {}
    for student in students:
        version = collected.counting(student)
        pages = _pages(course, assignment, student)
        if version is None or version.platform.lower() != form or not version.back:
            left[student] = f"what counts was not collected from {form.capitalize()}"
        elif not pages:
            left[student] = "has no page; type autograder feedback first"
        else:
            for page in pages:
                names[_name(form, version.back, page, len(pages) > 1)] = page.read_bytes()
    if not names:
        raise AutograderError(
            f"Nothing of {assignment} was collected from {form.capitalize()}, so it is not known "
            "what the pages have to be called there. Collect its download first: autograder "
            f"collect {course.root} {assignment} DOWNLOAD"
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(names.items()):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    path = course.root / "exports" / f"{assignment}-feedback-{form}.zip"
    write_atomically(path, buffer.getvalue())
    return GivenBack(path, len(students) - len(left), left)


def for_exchange(course: Course, assignment: str, student: str) -> None:
    """Put beside the pages what ``nbgrader release_feedback`` asks for.

    A submission that did not come through the exchange has no secret; it gets one, as a page of
    one student without would stop the release for everybody. The exchange looks for a page by the
    name that the student's own notebook has, so a renamed one gets its page under that name, too.
    """
    source = course.path("submitted", student, assignment)
    target = course.path("feedback", student, assignment)
    for page in _pages(course, assignment, student):
        name = submitted_name(course, assignment, student, page.stem)
        if name and name != page.stem:
            write_atomically(target / f"{name}.html", page.read_bytes())
    for name, instead in (("timestamp.txt", _EARLY), (SECRET, secrets.token_hex(64))):
        try:
            data = read_regular(source / name, 4096)
        except Refused:
            if (target / name).is_file():
                continue
            data = instead.encode()
        write_atomically(target / name, data, mode=0o600 if name == SECRET else 0o644)


def _pages(course: Course, assignment: str, student: str) -> list[Path]:
    folder = course.path("feedback", student, assignment)
    pages = [folder / f"{name}.html" for name in course.sources(assignment)]
    return [page for page in pages if page.is_file()]


def _name(form: str, back: str, page: Path, several: bool) -> str:
    if form == "moodle":
        return f"{back}/{page.name}"
    stem = PurePosixPath(back).stem if back.lower().endswith((".ipynb", ".zip")) else back
    return f"{stem}_{page.name}" if several else f"{stem}.html"


def _for_mail(course: Course, assignment: str, students: Iterable[str]) -> GivenBack:
    """A folder with a page for each student, and a table for a program that sends mail."""
    from autograder.gradebook.gradebook import Gradebook
    from autograder.grading.standings import read_standings

    with Gradebook(course) as book:
        found = {one.person.id: one for one in read_standings(course, assignment, book)}
    folder, left = course.root / "exports" / f"{assignment}-mail", dict[str, str]()
    for old in folder.glob("*.html"):
        old.unlink()
    head = ["email", "first_name", "last_name", "student", "score", "status", "files"]
    rows = []
    for student in students:
        one = found.get(student)
        person, pages = one.person if one else Person(student), _pages(course, assignment, student)
        if one is None or not (person.email and pages):
            left[student] = "has no e-mail address" if pages else "has no page"
            continue
        files = []
        for page in pages:
            files.append(f"{student}-{page.name}")
            write_atomically(folder / files[-1], page.read_bytes())
        score = "" if one.score is None else f"{one.score:g}"
        rows.append(
            [person.email, person.first_name, person.last_name, student, score, one.status,
             ";".join(files)]
        )  # fmt: skip
    write_atomically(folder / "mail.csv", table(head, rows).encode("utf-8", "replace"))
    return GivenBack(folder, len(rows), left)
