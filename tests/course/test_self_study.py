"""How far one is with all assignments: which notebooks count, and what is said of each."""

import json
import os

import pytest

from autograder import self_study
from autograder.authoring import installed
from autograder.authoring.installed import course_sources
from autograder.authoring.release import make_release, to_bytes
from autograder.authoring.source import read_source
from autograder.cli.main import main
from autograder.cli.tables import one_result
from autograder.notebook.sections import Section
from autograder.result import COULD_NOT_RUN, FAILED, NO_ANSWER, PASSED, Check, Result
from tests.course.conftest import TINY

RIGHT = {"double": "def double(x):\n    return x + x", "square": "def square(x):\n    return x * x"}
WRONG = {"double": "def double(x):\n    return 3 * x"}


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A student's folder with two of a course's three notebooks, as they were handed out."""
    for name in ("01_tiny", "02_more", "03_last"):
        (tmp_path / "solutions" / name).mkdir(parents=True)
        text = TINY.replace('id="', f'id="{name[3:]}_') if name != "01_tiny" else TINY
        (tmp_path / "solutions" / name / f"{name}.py").write_text(text)
    monkeypatch.setattr(installed, "course_files", lambda: tmp_path / "solutions")
    monkeypatch.setattr(self_study, "course_files", lambda: tmp_path / "solutions")
    for cached in (self_study._source, self_study._steps):
        cached.cache_clear()
    folder = tmp_path / "work"
    for name in ("01_tiny", "02_more"):
        write(folder / name / f"{name}.ipynb", name)
    monkeypatch.chdir(folder)
    yield folder
    for cached in (self_study._source, self_study._steps):
        cached.cache_clear()


def write(path, name, answers=None):
    """The release of an assignment, with these answers in."""
    release = json.loads(to_bytes(make_release(read_source(course_sources()[name]))))
    for cell in release["cells"]:
        cell["source"] = (answers or {}).get(cell["id"], cell["source"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(release))


def lines(capsys, *arguments, code=0):
    assert main(["progress", *map(str, arguments)]) == code
    return capsys.readouterr().out.splitlines()


def test_a_written_answer_says_how_to_mark_it_oneself():
    check = Check("why", "Why?", 4.0, None, "could-not-run", "A person grades this.", manual=True)
    assert "autograder check --written" in one_result(Result("", "", "graded", (check,)))


def test_each_assignment_says_how_far_it_is_and_what_comes_next(mine, capsys):
    write(mine / "01_tiny/01_tiny.ipynb", "01_tiny", WRONG | {"square": RIGHT["square"]})
    said = lines(capsys)
    assert said[0].split(maxsplit=1)[1] == "[######..............]   1 of 2 checks, 3 of 10 points"
    assert said[1] == "    next: Twice a number"
    assert said[2] == "    autograder check 01_tiny/01_tiny.ipynb --only test_double"
    assert said[3].split(maxsplit=1)[1] == "[....................]   0 of 2 checks, 0 of 10 points"
    assert said[4] == f"    not begun: {os.path.join('02_more', '02_more.ipynb')}"
    assert said[6] == "    its notebook is not here"
    assert said[-1] == "Together 1 of 6 checks, 3 of 30 points."
    assert max(map(len, said)) < 80


@pytest.mark.parametrize(
    ("why", "next_line"),
    [
        ("", "next: The square · Written answer: why"),
        ("Equal signs.", "done; a person grades 5 points"),
    ],
)
def test_the_written_answer_comes_last(mine, capsys, why, next_line):
    write(mine / "01_tiny/01_tiny.ipynb", "01_tiny", RIGHT | {"why": why})
    assert lines(capsys)[1].strip() == next_line


def test_json_says_the_same(mine, capsys):
    write(mine / "01_tiny/01_tiny.ipynb", "01_tiny", WRONG)
    (line,) = lines(capsys, "--json")
    first, second, third = json.loads(line)
    assert first["begun"] and first["passed"] == 0 and first["max_score"] == 10
    assert first["next"]["id"] == "test_double" and "multiply by 2" in first["next"]["message"]
    assert not second["begun"] and second["notebook"] and second["next"] is None
    assert third["notebook"] is None and third["checks"] == 2


def test_what_is_untouched_is_not_run(mine, capsys, monkeypatch):
    monkeypatch.setattr(self_study, "examined", None)
    assert "not begun" in lines(capsys)[1]


def test_one_that_cannot_be_read_needs_a_person(mine, capsys):
    (mine / "01_tiny/01_tiny.ipynb").write_text('{"cells": [')
    assert lines(capsys, code=1)[1].startswith("    needs a person: The file is no notebook")


def test_of_several_copies_the_nearest_under_its_own_name_counts(mine):
    copies = "01_tiny/deep/01_tiny.ipynb", "01_tiny/.ipynb_checkpoints/01_tiny.ipynb"
    for copy in (*copies, "01_tiny/01_tiny-Copy1.ipynb", "../solutions/01_tiny/01_tiny.ipynb"):
        write(mine / copy, "01_tiny", RIGHT)
    assert self_study.find_notebooks(mine)["01_tiny"] == mine / "01_tiny/01_tiny.ipynb"
    (mine / "01_tiny/01_tiny.ipynb").unlink()
    found = self_study.find_notebooks(mine.parent)["01_tiny"]
    assert found == mine / "01_tiny/01_tiny-Copy1.ipynb"


def test_other_notebooks_in_the_folder_are_left_alone(mine, capsys):
    (mine / "poems.ipynb").write_text('{"cells": [{"id": "rose"}]}')
    (mine / "link.ipynb").symlink_to("/dev/zero")
    assert len(lines(capsys)) == 8


def test_a_narrow_terminal_gets_whole_words_in_columns():
    table = "    [2]  -1.32   1.32    0.5"
    message = f"dL/dW: 2 of 4 entries are wrong, the worst at the end of the row.\n{table}"
    check = Check("a", "A title of more words than one line holds", 2, 0.0, FAILED, message)
    said = one_result(Result("", "01_tiny", "graded", (check,), ("A flag " * 9,)), 50).splitlines()
    assert said[2:6] == [
        "LOST        0 / 2  A title of more words than one",
        "                   line holds",
        "                     dL/dW: 2 of 4 entries are",
        "                     wrong, the worst at the end",
    ]
    assert " " * 21 + table in said and max(map(len, said)) <= 50
    assert message.splitlines()[0] in one_result(Result("", "", "graded", (check,)))


def test_what_is_open_comes_first_and_what_is_not_begun_is_not_called_lost():
    unwritten = "square(...) is not written yet: it raises NotImplementedError."
    checks = (
        Check("right", "A right one", 1, 1.0, PASSED),
        Check("why", "Written answer: why", 1, 0.0, COULD_NOT_RUN, NO_ANSWER, manual=True),
        Check("stub", "A stub", 1, 0.0, FAILED, unwritten),
        Check("wrong", "A wrong one", 1, 0.0, FAILED, "square is wrong."),
    )
    sections = {"wrong": Section("2.1", "Squares"), "stub": Section("10", "More")}
    said = one_result(Result("", "01_tiny", "graded", checks), 0, sections).splitlines()[2:]
    assert said == [
        "LOST        0 / 1  2.1  A wrong one",
        "                     square is wrong.",
        "not begun   0 / 1       Written answer: why",
        "not begun   0 / 1  10   A stub",
        "ok          1 / 1       A right one",
    ]


def test_a_written_answer_stands_beside_the_model_answer(mine, capsys):
    path = mine / "01_tiny/01_tiny.ipynb"
    write(path, "01_tiny", RIGHT)
    assert main(["check", "--written", str(path)]) == 0
    said = capsys.readouterr().out
    assert "nothing yet" in said and "Model answer" not in said
    notebook = json.loads(path.read_text())
    place = next(k for k, cell in enumerate(notebook["cells"]) if cell.get("id") == "why")
    below = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "Since it is even."}
    notebook["cells"].insert(place + 1, below)
    path.write_text(json.dumps(notebook))
    assert main(["check", "--written", str(path)]) == 0
    said = capsys.readouterr().out
    assert "You wrote\nSince it is even.\n\nModel answer\n" in said and "Marking scheme" in said
    assert "### " not in said
    assert main(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert "written " in said and "stands below its question; it was taken" in said
