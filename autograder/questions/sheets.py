"""What comes out: a sheet for each student, the examiner's key, a form to be filled in."""

from __future__ import annotations

import csv
import io
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.course.tables import read_rows
from autograder.errors import AutograderError, Stopped
from autograder.files import write_atomically
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import Batch
from autograder.grading.executors import open_executor
from autograder.questions.ask import Sheet, ask, sheet_key
from autograder.questions.question import LETTERS
from autograder.reports import html
from autograder.reports.pages import template
from autograder.reports.spreadsheet import harmless, table
from autograder.result import COULD_NOT_RUN, Result

FORM = "student", "question", "about", "right answer", "answer", "points", "comment"


@dataclass
class Written:
    """What a run wrote: ``made`` sheets now, ``kept`` from earlier; who has few questions, why."""

    folder: Path
    made: int = 0
    kept: int = 0
    missing: dict[str, str] = field(default_factory=dict)


def write_questions(
    course: Course, assignment: str, students: Sequence[str], *, jobs: int | None = None
) -> Written:
    """Ask about the students' submissions and write ``questions/ASSIGNMENT/`` in the course.

    A sheet is kept while its submission, the source and the grader are as they were. Raises
    Stopped on Ctrl-C; what was asked until then is kept.
    """
    from autograder.exam import examine

    written = Written(course.root / "questions" / assignment)
    with course.alone(), Gradebook(course) as book:
        batch = Batch(course, assignment, book, register=False)
        sheets = {s: kept for s in students if (kept := _kept(course, assignment, batch, s))}
        written.kept = len(sheets)
        todo = [student for student in students if student not in sheets]
        for sheet in _asked(batch, todo, examine, jobs):
            write_atomically(_file(course, assignment, sheet.student), sheet.to_json().encode())
            sheets[sheet.student] = sheet
            written.made += 1
        people = book.people()
    _write(written.folder, assignment, [sheets[s] for s in students if s in sheets], people)
    written.missing = {s: sheets[s].why if s in sheets else "not examined" for s in students}
    written.missing = {student: why for student, why in written.missing.items() if why}
    return written


def _asked(
    batch: Batch, students: Sequence[str], examine: Any, jobs: int | None
) -> Iterator[Sheet]:
    """Sheets as they are ready. The exam of what was handed in comes from the cache."""
    from tqdm import tqdm

    everybody = batch.course.students(batch.assignment)
    numbers = {student: number for number, student in enumerate(everybody)}
    graded: dict[str, dict[str, Result]] = defaultdict(dict)
    with open_executor(jobs) as (executor, window):
        for notebook, _, result in batch.preview(examine, executor, window, students):
            if result.checks and result.status != COULD_NOT_RUN and not result.provisional:
                graded[result.student][notebook] = result
    pool = ThreadPoolExecutor(jobs or len(os.sched_getaffinity(0)), thread_name_prefix="ask")
    try:
        futures = [
            pool.submit(ask, batch, who, graded[who], examine, numbers[who]) for who in students
        ]
        for done in tqdm(as_completed(futures), total=len(futures), unit="sheet", disable=None):
            yield done.result()
    except KeyboardInterrupt:
        raise Stopped(
            "Stopped; the sheets that are done are kept. Run the same command again to go on."
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _file(course: Course, assignment: str, student: str) -> Path:
    return course.private() / "questions" / assignment / f"{student}.json"


def _kept(course: Course, assignment: str, batch: Batch, student: str) -> Sheet | None:
    """The sheet of an earlier run, if it is of this submission."""
    try:
        sheet = Sheet.from_json(_file(course, assignment, student).read_text())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return sheet if sheet.key == sheet_key(batch, student) else None


def _write(folder: Path, assignment: str, sheets: Sequence[Sheet], people: Any) -> None:
    if not sheets:
        raise AutograderError(
            f"Nobody's submission of {assignment} could be examined. Type autograder grade first; "
            "it says why."
        )
    style: dict[str, Any] = {"assignment": assignment, "letters": LETTERS, "code": html.code}
    style["code_style"] = html.code_style()
    with_names = [
        (sheet, _name(people.get(sheet.student, Person(sheet.student)))) for sheet in sheets
    ]
    for sheet, name in with_names:
        text = template("questions.html.j2").render(sheets=[(sheet, name)], key=False, **style)
        write_atomically(folder / "sheets" / f"{sheet.student}.html", text.encode())
    text = template("questions.html.j2").render(sheets=with_names, key=True, **style)
    write_atomically(folder / "key.html", text.encode())
    _write_form(folder / "questions.csv", sheets)


def _write_form(form: Path, sheets: Sequence[Sheet]) -> None:
    """The form anew; the old one is kept if something that is filled in finds no place there."""
    filled = _filled(form)
    text = _form(sheets, filled)
    kept = sum(any(row[4:]) for row in csv.reader(io.StringIO(text, newline="")))
    if kept - 1 < sum(any(row) for row in filled.values()):  # one is the line of titles
        os.replace(form, form.with_name("questions-before.csv"))
    write_atomically(form, text.encode())


def _form(sheets: Sequence[Sheet], filled: Mapping[tuple[str, ...], Sequence[str]]) -> str:
    """The form; what is filled in already stays, where the question is still the same."""
    rows = []
    for sheet in sheets:
        for number, question in enumerate(sheet.questions, 1):
            asked = sheet.student, str(number), question.about, question.answer or "none"
            rows.append((*asked, *filled.get(tuple(map(harmless, asked)), ("", "", ""))))
    return table(FORM, rows)


def _filled(form: Path) -> dict[tuple[str, ...], list[str]]:
    """What stands in a form: answer, points and comment of each question."""
    if not form.exists():
        return {}
    rows = [row[: len(FORM)] for row in read_rows(form) if len(row) >= len(FORM)]
    return {tuple(row[:4]): row[4:] for row in rows[1:]}


def _name(person: Person) -> str:
    return " ".join(filter(None, [person.first_name, person.last_name])) or person.id
