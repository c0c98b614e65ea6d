"""Courses in the styles found in the wild get nbgrader's scores, or a message says why not."""

import json
import os
import subprocess
import sys

import pytest

from autograder.course.directory import Course
from autograder.exam import examine
from autograder.gradebook.gradebook import Gradebook
from autograder.notebook.side_files import Files
from autograder.result import COULD_NOT_RUN
from tests.exam.wild import COURSES, POINTS
from tests.threats.room import ROLES, notebook, tier


def cell(kind, name, text):
    grade, solution = ROLES[kind]
    mark = {
        "grade_id": name,
        "schema_version": 3,
        "task": False,
        "grade": grade,
        "solution": solution,
        "locked": not solution,
    }
    if grade:
        mark["points"] = POINTS
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": mark},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


def written(course, texts):
    return notebook([cell(kind, name, texts.get(name, text)) for kind, name, text in course.cells])


@pytest.mark.parametrize("name", COURSES)
def test_reference_and_wrong_answer_get_their_scores(name):
    course = COURSES[name]
    source = written(course, {})
    options = {"isolation": tier(), "files": Files(course.files), "strict": True}
    found = [
        examine(source, json.dumps(written(course, texts)).encode(), **options)
        for texts in ({}, course.wrong)
    ]
    given = {
        first.id: (first.score, second.score)
        for first, second in zip(found[0].checks, found[1].checks, strict=True)
    }
    assert given == course.scores, [(c.id, c.message) for one in found for c in one.checks]
    for check in found[0].checks:
        assert course.says.get(check.id, "") in check.message
        assert (check.status == COULD_NOT_RUN) == (course.scores[check.id][0] is None)


@pytest.mark.soak
def test_nbgrader_gives_these_scores_or_those_we_state(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    course = Course.open(tmp_path)
    for name, wild in COURSES.items():
        for student, texts in (("", None), ("reference", {}), ("wrong", wild.wrong)):
            folder = (
                course.path("submitted", student, name)
                if student
                else course.path("source", ".", name)
            )
            folder.mkdir(parents=True)
            (folder / f"{name}.ipynb").write_text(json.dumps(written(wild, texts or {})))
    differing = {}
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    for name, wild in COURSES.items():
        for command in ("generate_assignment", "autograde"):
            done = subprocess.run(
                [sys.executable, "-m", "nbgrader", command, name],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                env={**os.environ, "PATH": path},
            )
            assert done.returncode == 0, done.stderr
        with Gradebook(course) as book:
            entries = book.entries(name)
        found = {
            check: tuple(
                entries[student].marks[name, check].auto for student in ("reference", "wrong")
            )
            for check in wild.scores
        }
        wanted = wild.scores | wild.stock
        differing |= {
            (name, check): scores for check, scores in found.items() if scores != wanted[check]
        }
    assert not differing
