"""The simulated class: there, graded, shown; a second time taken up, never over another course."""

import json
from pathlib import Path

import pytest

from autograder import exam
from autograder.cli.demo import ASSIGNMENT
from autograder.cli.main import main
from autograder.course.directory import Course
from autograder.gradebook.registration import read_source_notebook
from autograder.grading import run
from autograder.result import COULD_NOT_RUN, GRADED, NEEDS_A_PERSON, PASSED, Check, Result


@pytest.fixture
def quick_exam(monkeypatch):
    """Passes whatever is a notebook; the real exam has tests of its own."""
    calls = []

    def examine(source, submission, *, isolation, seed):
        calls.append(1)
        cells = json.loads(source)["cells"]
        found = [cell["metadata"]["nbgrader"] for cell in cells if cell["metadata"]]
        points = {m["grade_id"]: float(m["points"]) for m in found if m.get("grade")}
        try:
            notebook = json.loads(submission)
        except ValueError:
            checks = tuple(Check(n, n, p, None, COULD_NOT_RUN) for n, p in points.items())
            return Result("", "", NEEDS_A_PERSON, checks, ("It is cut off.",))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
        checks = tuple(Check(n, n, p, p, PASSED) for n, p in points.items())
        return Result("", "", GRADED, checks, (), notebook)

    monkeypatch.setattr(exam, "examine", examine)
    monkeypatch.setattr(run, "choose_sandbox", lambda course, isolation: "none")
    return calls


def test_the_demo_makes_grades_and_shows_a_class_and_a_second_time_takes_it_up(
    quick_exam, tmp_path, capsys
):
    assert main(["demo", str(tmp_path / "demo")]) == 0
    first = capsys.readouterr().out
    course = Course.open(tmp_path / "demo")
    assert len(course.students(ASSIGNMENT)) == 30
    assert "30 submissions, 29 graded" in first and "It is cut off." in first
    for path in [line.split()[-1] for line in first.splitlines() if line.endswith(".html")]:
        assert Path(path).read_text().startswith("<!DOCTYPE html>")
    pages = {Path(line.split()[-1]).name for line in first.splitlines() if line.endswith(".html")}
    assert {"key.html", f"{ASSIGNMENT}-similar.html", f"{ASSIGNMENT}.html"} <= pages
    texts = [path.read_bytes() for path in sorted((course.root / "submitted").rglob("*.ipynb"))]
    assert len(set(texts)) >= 22, "a class of different answers"
    whole = b"".join(texts)
    assert b"os._exit" in whole and b"while True" in whole
    release = course.path("release", ".", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
    untouched = [text for text in texts[:-1] if b"END SOLUTION" in text]
    assert not untouched, "no marker of the source reaches a student"
    assert read_source_notebook(release)["cells"]
    calls = len(quick_exam)
    assert len(list((course.root / "questions" / ASSIGNMENT / "sheets").iterdir())) == 3
    assert main(["demo", str(tmp_path / "demo")]) == 0
    assert len(quick_exam) == calls, "nothing had changed"


def test_the_demo_leaves_another_course_alone(course, hand_in, capsys):
    hand_in("a real student")
    before = sorted(course.root.rglob("*"))
    assert main(["demo", str(course.root)]) == 2
    assert "another course than the demo's" in capsys.readouterr().err
    assert sorted(course.root.rglob("*")) == before
