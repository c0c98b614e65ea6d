"""``grade`` and the report say in one line in what students' code was run, as it was tried."""

import pytest

from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.grading import run
from autograder.reports.class_report import report
from autograder.sandbox import cgroup, launch, visible_paths
from autograder.sandbox.found import found
from tests.threats.classroom import CLASS, make_course
from tests.threats.room import tier


@pytest.mark.parametrize("reason", ["", "no memory controller is to be had"])
def test_the_line_names_the_sandbox_and_what_it_does_not_count(monkeypatch, reason):
    monkeypatch.setattr(cgroup, "unavailable", lambda: reason)
    monkeypatch.setattr(launch, "probe", lambda tier: "it is not installed.")
    line = found("landlock")
    assert line.startswith("Sandbox: Landlock;") and "\n" not in line
    assert "not bubblewrap (it is not installed)" in line
    assert ("not counted (no memory controller" in line) == bool(reason)
    assert found("bwrap").startswith("Sandbox: bubblewrap;") and "Landlock" not in found("bwrap")
    assert "may be forged" in found("none")


def test_grade_says_it_and_the_report_repeats_it(folder_of_a_class, capsys):
    course = folder_of_a_class
    graded = run.grade_class(course, "room", ["ann"], jobs=1)
    said = capsys.readouterr().err
    assert said.count("Sandbox: ") == 1
    assert run.sandbox_file(course, "room").read_text().strip() in said
    standings = run.class_standings(course, "room", graded)
    assert "Sandbox: Landlock; x" in report("room", standings, (), "Sandbox: Landlock; x")


@pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")
def test_a_course_among_pythons_packages_is_refused(folder_of_a_class, monkeypatch):
    """As after ``pip install --target .`` in it: what Python imports, students' code can read."""
    shown = folder_of_a_class.root.resolve().parent
    paths = visible_paths.visible_paths()
    monkeypatch.setattr(visible_paths, "visible_paths", lambda: (*paths, shown))
    with pytest.raises(AutograderError, match=f"lies in {shown}, where Python's packages are"):
        run.grade_class(folder_of_a_class, "room", ["ann"], jobs=1)
    assert run.choose_sandbox(folder_of_a_class, "none") == "none"


@pytest.fixture
def folder_of_a_class(tmp_path):
    made = next(iter(CLASS.values()))
    course = make_course(tmp_path / "course", {"ann": made})
    return Course.open(course.root)
