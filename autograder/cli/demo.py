"""A simulated class of 30, graded in front of whoever typed the command.

The answers are those of the bank in ``solutions/``: the reference, other correct answers, known
mistakes; and what a class hands in besides: half a notebook, none of it, a crash, an endless loop,
a file that was cut off.
"""

from __future__ import annotations

import itertools
import json
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.authoring.answer_bank import Answer, fill, read_mistakes, read_variants
from autograder.authoring.installed import course_sources, needed_sources
from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.errors import AutograderError
from autograder.grading.new_course import init

ASSIGNMENT = "02_momentum"
ASKED = 3  # students for whom the demo has questions: it is to be over soon

_CLASS = (
    ("adeyemi_tolu", "Tolu", "Adeyemi"),
    ("baker_john", "John", "Baker, Jr."),
    ("chen_mei", "梅", "陈"),
    ("dubois_chloe", "Chloé", "Dubois"),
    ("eriksen_bjorn", "Bjørn", "Eriksen"),
    ("fernandez_lucia", "Lucía", "Fernández"),
    ("garcia_ana", "Ana", "García Márquez"),
    ("haddad_layla", "ليلى", "حداد"),
    ("ivanova_olga", "Ольга", "Иванова"),
    ("jones_megan", "Megan", "Jones"),
    ("kim_minjun", "민준", "김"),
    ("lopez_diego", "Diego", "López"),
    ("murphy_aoife", "Aoife", "Murphy"),
    ("nguyen_linh", "Linh", "Nguyễn"),
    ("obrien_sean", "Seán", "O'Brien"),
    ("papadaki_eleni", "Ελένη", "Παπαδάκη"),
    ("quispe_rosa", "Rosa", "Quispe"),
    ("rossi_marco", "Marco", "Rossi"),
    ("sato_yui", "結衣", "佐藤"),
    ("schmidt_jurgen", "Jürgen", "Schmidt"),
    ("sharma_priya", "प्रिया", "शर्मा"),
    ("silva_joao", "João", "da Silva"),
    ("smith_alex", "Alex", "Smith"),
    ("smith_anna", 'Anna "Annie"', "Smith"),
    ("tanaka_ren", "蓮", "田中"),
    ("usman_bilal", "Bilal", "Usman"),
    ("vanderberg_tess", "Tess", "van der Berg"),
    ("weiss_lukas", "Lukas", "Weiß"),
    ("yilmaz_elif", "Elif", "Yılmaz"),
    ("zajac_ola", "Ola", "Zając"),
)


def play(directory: Path, jobs: int | None = None) -> int:
    """Make the class, or take up the one that is there, and grade it; returns an exit code.

    Raises AutograderError when something else is in ``directory``.
    """
    from autograder.cli.class_table import class_table
    from autograder.cli.exit_codes import exit_code
    from autograder.grading.run import class_standings, grade_class
    from autograder.questions.sheets import write_questions
    from autograder.reports.class_report import write_report
    from autograder.reports.feedback import write_pages
    from autograder.similar.page import write_similar

    needed_sources()
    print(f"Making a course and a class in {directory}, a few seconds:", flush=True)
    course = _course(directory)
    students = course.students(ASSIGNMENT)
    print(f"{len(students)} students hand in {ASSIGNMENT}. Grading:", flush=True)
    started = time.monotonic()
    run = grade_class(course, ASSIGNMENT, students, jobs=jobs)
    seconds = time.monotonic() - started
    table = class_table(ASSIGNMENT, class_standings(course, ASSIGNMENT, run))
    print(f"\n{table}\n\nGraded in {seconds:.0f} s. Writing the pages:", flush=True)
    pages, _ = write_pages(course, ASSIGNMENT, students)
    report = write_report(course, ASSIGNMENT, course.root / "reports" / f"{ASSIGNMENT}.html")
    alike = write_similar(
        course, ASSIGNMENT, course.root / "reports" / f"{ASSIGNMENT}-similar.html"
    )
    asked = write_questions(course, ASSIGNMENT, students[:ASKED], jobs=jobs)
    print(
        _closing(
            directory,
            {
                "a student's page": pages[1],
                "the whole class": report,
                "whose code is alike": alike.path,
                "questions, with key": asked.folder / "key.html",
            },
        )
    )
    return 0 if exit_code(run.results) == 1 else exit_code(run.results)  # 1: part of the show


def _course(directory: Path) -> Course:
    """The class's course directory with every submission in it."""
    names = {student for student, _, _ in _CLASS}
    from autograder.authoring.source import read_source
    from autograder.gradebook.gradebook import Gradebook

    if directory.is_dir() and any(directory.iterdir()):
        course = Course.open(directory)
        with Gradebook(course) as book:
            known = set(book.people())
        if not known or (known | set(course.students(ASSIGNMENT))) - names:
            raise AutograderError(
                f"{directory} holds another course than the demo's. Nothing was changed; "
                "name a new directory."
            )
    else:
        course = init(directory)
    with Gradebook(course) as book:
        book.add_people(Person(*row) for row in _CLASS)
    path = course_sources()[ASSIGNMENT]
    source = read_source(path)
    release = course.path("release", ".", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
    makers = _class(json.loads(release.read_text(encoding="utf-8")), source, path.parent)
    for (student, _, _), (name, make) in zip(_CLASS, makers, strict=True):
        folder = course.path("submitted", student, ASSIGNMENT)
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / name).write_bytes(make())
    return course


def _class(release: Any, source: Any, bank: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """A file name, and what makes its bytes, for each student in turn."""
    from nbformat import from_dict

    notebook, right = from_dict(release), Answer("reference", "", frozenset(), "", {})
    variants, mistakes = read_variants(bank, source), read_mistakes(bank, source)
    good = itertools.cycle([right, *variants])
    wrong = itertools.cycle(mistakes[::2] + mistakes[1::2])

    def filled(answer: Answer, **cells: str) -> Callable[[], bytes]:
        both = replace(answer, cells={**answer.cells, **cells})
        return lambda: _bytes(fill(notebook, source, both))

    unusual: dict[int, tuple[str, Callable[[], bytes]]] = {
        3: ("", lambda: _bytes(notebook)),
        8: ("", lambda: _bytes(_half(notebook, source))),
        12: ("", filled(right, step_matrix=_inside(source, "step_matrix", "os._exit(0)"))),
        17: (
            "",
            filled(right, best_gamma_alpha=_inside(source, "best_gamma_alpha", "while True: pass")),
        ),
        20: (f"{ASSIGNMENT} (1).ipynb", filled(right)),
        24: ("", lambda: _bytes(fill(notebook, source, right))[:5000]),
    }
    for place in range(len(_CLASS)):
        usual = filled(next(good) if place % 3 == 0 else _both(next(wrong), next(wrong), place))
        name, make = unusual.get(place, ("", usual))
        yield name or f"{ASSIGNMENT}.ipynb", make


def _both(first: Answer, second: Answer, place: int) -> Answer:
    """One mistake, or every third time two."""
    return replace(first, cells={**second.cells, **first.cells}) if place % 3 == 2 else first


def _half(notebook: Any, source: Any) -> Any:
    """The first half of the solution cells filled in, the rest as released."""
    cells = [cell.id for cell in source.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    done = set(cells[: len(cells) // 2])
    whole = fill(notebook, source)
    stubs = {cell.id: cell for cell in notebook.cells}
    whole.cells = [cell if cell.id in done else stubs.get(cell.id, cell) for cell in whole.cells]
    return whole


def _inside(source: Any, cell_id: str, statement: str) -> str:
    """The reference's function with a statement before all that it does."""
    text = next(cell.source for cell in source.cells if cell.id == cell_id)
    return text.replace("### BEGIN SOLUTION", f"import os\n    {statement}\n    ### BEGIN SOLUTION")


def _bytes(notebook: Any) -> bytes:
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()


def _closing(directory: Path, pages: dict[str, Path]) -> str:
    where = shlex.quote(str(directory))
    listed = "".join(f"  {what:<20} {path}\n" for what, path in pages.items())
    return (
        f"\nOpen in a browser:\n{listed}\n"
        "Then type:\n"
        f"  autograder grade {where} {ASSIGNMENT}      again: nothing has changed\n"
        f"  autograder export {where} {ASSIGNMENT}     the scores as CSV\n"
        f"  autograder questions {where} {ASSIGNMENT}  a sheet about their code for everybody\n"
        "  autograder init COURSE                 a course directory of your own"
    )
