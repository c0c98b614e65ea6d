"""Stock ``nbgrader autograde`` gives every answer the scores that our exam gives.

Both read the same course directory. Where they may differ is listed in STRICTER: nbgrader fails
a test cell for anything on stderr, so an answer that warns loses points there and not here.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring.answer_bank import fill, read_mistakes, read_variants
from autograder.grading.new_course import init
from autograder.exam import examine
from autograder.gradebook.gradebook import Gradebook
from autograder.authoring.release import make_release, to_bytes
from autograder.authoring.source import read_source
from tests.assignments import stock_runner

SOLUTIONS = Path(__file__).parents[2] / "solutions"
ASSIGNMENTS = sorted(path.stem for path in SOLUTIONS.glob("*/*.py"))

# (assignment, answer, check): what nbgrader takes points for and we do not, with its reason.
STRICTER: dict[tuple[str, str, str], str] = {}


def answers_of(assignment, names=None):
    """Every answer of the bank as the bytes of a student's notebook, by name."""
    folder = SOLUTIONS / assignment
    source = read_source(folder / f"{assignment}.py")
    release = make_release(source)
    bank = [*read_mistakes(folder, source), *read_variants(folder, source)]
    found = {"reference": fill(release, source), "untouched": release}
    found |= {answer.name: fill(release, source, answer) for answer in bank}
    kept = list(found) if names is None else names
    return source, {name: to_bytes(found[name]) for name in kept}


def stock_scores(folder, assignment, notebooks):
    """Points per check by ``nbgrader autograde``, for each student."""
    course = init(folder)
    for student, data in notebooks.items():
        place = folder / "submitted" / student / assignment
        place.mkdir(parents=True)
        (place / f"{assignment}.ipynb").write_bytes(data)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", assignment, "--course-dir", str(folder)],
        capture_output=True, text=True, env={**os.environ, "PATH": path}, cwd=folder, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    with Gradebook(course) as book:
        entries = book.entries(assignment)
    return {student: {name: mark.auto for (_, name), mark in entries[student].marks.items()}
            for student in notebooks}


def our_scores(source, data):
    result = examine(source, data, seed="stock")
    return {check.id: check.score for check in result.checks if not check.manual}


def hold_against_stock(assignment, folder, names=None):
    source, notebooks = answers_of(assignment, names)
    theirs = stock_scores(folder, assignment, notebooks)
    differing = []
    for name, data in notebooks.items():
        for check, points in our_scores(source, data).items():
            if theirs[name][check] != points and (assignment, name, check) not in STRICTER:
                differing.append(f"{name}: {check} {points} here, {theirs[name][check]} there")
    assert not differing, "\n".join(differing)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_right_answer_warns_in_a_cell_that_nbgrader_grades(assignment):
    folder = SOLUTIONS / assignment
    source = read_source(folder / f"{assignment}.py")
    written = {
        f"{answer.name}: {cell}": outcome["stderr"]
        for answer in read_variants(folder, source)
        for cell, outcome in stock_runner.run(fill(source, source, answer)).items()
        if outcome["stderr"]
    }
    assert written == {}


def test_nbgrader_gives_a_few_answers_of_02_momentum_our_scores(tmp_path):
    names = ["reference", "untouched"]
    for kind in ("mistakes", "variants"):
        names += sorted(path.stem for path in (SOLUTIONS / "02_momentum" / kind).glob("*.py"))[:2]
    hold_against_stock("02_momentum", tmp_path / "course", names)


@pytest.mark.soak
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_nbgrader_gives_every_answer_our_scores(assignment, tmp_path):
    hold_against_stock(assignment, tmp_path / "course")
