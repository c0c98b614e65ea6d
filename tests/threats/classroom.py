"""A course directory with a small class in it, graded, and what the grading leaves behind."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from autograder.course.directory import Course
from autograder.exam import examine
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import Batch
from tests.threats.room import (
    NEIGHBOUR,
    SOURCE,
    TRANSPOSED,
    data_of,
    honest,
    tier,
    with_cell,
)

CLASS = {
    "ada": NEIGHBOUR,
    "bob": honest(outer=TRANSPOSED),
    "cem": b"{",
    "dan": with_cell(1, "import os; os._exit(0)"),
    "eve": honest(risk="def risk(w, X): return 1"),
    "fay": honest(neuron="raise NotImplementedError()"),
}
TOTALS = {"ada": 10.0, "bob": 8.0, "cem": 0.0, "dan": 10.0, "eve": 7.0, "fay": 9.0}


def make_course(root, students, source=SOURCE):
    (root / "source/room").mkdir(parents=True)
    (root / "source/room/room.ipynb").write_text(json.dumps(source))
    for student, made in students.items():
        path = root / "submitted" / student / "room/room.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(data_of(made))
    return Course.open(root)


def run(course, exam=examine):
    with Gradebook(course) as book, ThreadPoolExecutor(1) as executor:
        return Batch(course, "room", book, isolation=tier()).run(exam, executor, 1, quiet=True)


def end_state(course):
    """All of the gradebook but its random row ids, and every autograded file but its seconds."""
    with closing(sqlite3.connect(course.root / "gradebook.db")) as db, db:
        grades = db.execute(
            "select a.student_id, n.flagged, b.name, g.auto_score, g.needs_manual_grade "
            "from grade g join base_cell b on b.id = g.cell_id "
            "join submitted_notebook n on n.id = g.notebook_id "
            "join submitted_assignment a on a.id = n.assignment_id order by 1, 3"
        ).fetchall()
    files = {}
    for path in sorted((course.root / "autograded").rglob("*.ipynb")):
        made = json.loads(path.read_bytes())
        made["metadata"]["autograder"]["result"].pop("seconds")
        files[str(path.relative_to(course.root))] = made
    return grades, files


def totals(course):
    with Gradebook(course) as book:
        return {student: entry.score for student, entry in book.entries("room").items()}
