"""nbgrader's own test notebooks as courses; graded by both with ``COURSES=FOLDER make soak``."""

import json

from tests.courses import nbgrader_notebooks


def test_every_notebook_becomes_an_assignment_or_a_submission(tmp_path):
    made = nbgrader_notebooks.lay_out(nbgrader_notebooks.TESTS, tmp_path)
    assert "apps-files" in made
    there = {path.stem for path in nbgrader_notebooks.TESTS.rglob("*.ipynb")}
    sources = {path.stem for path in tmp_path.glob("*/source/*/*.ipynb")}
    students = {path.name for path in tmp_path.glob("*/submitted/*")}
    assert there == sources | students


def test_what_has_the_grading_cells_is_handed_in(tmp_path):
    folder = tmp_path / "tests" / "files"
    folder.mkdir(parents=True)
    for name, cells in {"test": "ab", "submitted-changed": "abc", "other": "c"}.items():
        marks = [{"metadata": {"nbgrader": {"grade": True, "grade_id": cell}}} for cell in cells]
        (folder / f"{name}.ipynb").write_text(json.dumps({"cells": marks}))
    nbgrader_notebooks.lay_out(tmp_path / "tests", tmp_path / "made")
    course = tmp_path / "made" / "files"
    assert {path.name for path in (course / "source").iterdir()} == {"test", "other"}
    assert {str(path.relative_to(course)) for path in course.glob("submitted/*/*/*")} == {
        "submitted/submitted-changed/test/test.ipynb",
        "submitted/submitted-changed/other/other.ipynb",
    }
