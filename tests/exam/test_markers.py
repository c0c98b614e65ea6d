"""Markers of a course's own are read from nbgrader_config.py and hold everywhere."""

import json
import shutil

import pytest

from autograder.course.directory import Course
from autograder.exam import examine
from autograder.gradebook.registration import described, read_source_notebook
from autograder.notebook.markers import Markers
from autograder.notebook.rebuild import rebuild
from autograder.notebook.source_cells import read_source_cells
from autograder.result import FAILED
from tests.threats.room import cell as room_cell
from tests.threats.room import notebook

CONFIG = """\
c = get_config()
c.ClearSolutions.begin_solution_delimeter = "ANSWER>"
c.ClearSolutions.end_solution_delimeter = "<ANSWER"
c.ClearSolutions.code_stub = {"python": "...  # your turn\\npass"}
c.ClearSolutions.text_stub = "*write here*"
c.ClearSolutions.comment_mark = "%"
c.ClearSolutions.enforce_metadata = False
c.ClearHiddenTests.begin_test_delimeter = "SECRET>"
c.ClearHiddenTests.end_test_delimeter = "<SECRET"
c.ClearMarkScheme.begin_mark_scheme_delimeter = "SCHEME>"
c.ClearMarkScheme.end_mark_scheme_delimeter = "<SCHEME"
"""
TEST = '''\
# SECRET>
"""A hidden title"""
# <SECRET
"""Doubles"""
assert double(1) == 2
    # SECRET> said with an indent
assert double(20) == 40
assert double(30) == 60
    # <SECRET
assert double(2) == 4
# <SECRET'''


def cell(kind, name, text):
    return (
        room_cell(kind, name, text)
        if kind != "test"
        else {
            **room_cell("given", name, text),
            "metadata": {
                "nbgrader": {
                    "grade_id": name,
                    "schema_version": 3,
                    "task": False,
                    "grade": True,
                    "solution": False,
                    "locked": True,
                    "points": 2,
                }
            },
        }
    )


SOURCE = notebook(
    [
        cell("given", "setup", "x = 1\n# ANSWER>\ny = 2\n# <ANSWER"),
        cell(
            "solution",
            "double",
            "def double(x):\n    '''2 x'''\n    # ANSWER> here\n    y = x\n"
            "    return x + y\n    # <ANSWER\n\nz = 1",
        ),
        cell("solution", "whole", "def whole():\n    return 1"),
        cell("test", "test_double", TEST),
        cell("manual", "why", "**Why?** ANSWER>\nBecause.\n<ANSWER\nThat is all."),
    ]
)
DEFAULT = json.loads(
    json.dumps(SOURCE)
    .replace("ANSWER>", "BEGIN SOLUTION")
    .replace("<ANSWER", "END SOLUTION")
    .replace("SECRET>", "BEGIN HIDDEN TESTS")
    .replace("<SECRET", "END HIDDEN TESTS")
)
DEFAULT["cells"][0]["source"] = "x = 1"


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "source/ps1"
    folder.mkdir(parents=True)
    (folder / "ps1.ipynb").write_text(json.dumps(SOURCE))
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    return Course.open(tmp_path)


@pytest.fixture
def source(course):
    return read_source_notebook(course.sources("ps1")["ps1"], course.config)


def texts(released):
    return {one["id"]: one["source"].strip() for one in released.cells}


@pytest.mark.parametrize("configured", [True, False])
def test_what_is_released_is_what_nbgrader_releases(course, source, configured):
    source = source if configured else DEFAULT
    theirs = described(source, course.config if configured else None).released
    assert {step.id: step.released for step in read_source_cells(source)} == texts(theirs)
    assert ("your turn" in texts(theirs)["double"]) == configured


def test_the_source_carries_the_markers_only_if_they_are_the_courses_own(course, source):
    assert Markers.of(source) == Markers.configured(course.config) != Markers()
    plain = read_source_notebook(course.sources("ps1")["ps1"])
    assert "autograder" not in plain["metadata"] and Markers.of(plain) == Markers()


def test_a_stub_that_is_a_text_is_the_one_for_python(course):
    course.config.ClearSolutions.code_stub = "# here"
    assert Markers.configured(course.config).code_stub == "# here"


def test_titles_and_messages_show_nothing_hidden(source):
    wrong = json.loads(json.dumps(SOURCE))
    wrong["cells"][1]["source"] = "def double(x):\n    return x + 1 if x < 3 else 0"
    (check, _) = examine(source, json.dumps(wrong).encode(), isolation="none").checks
    assert check.title == "Doubles" and check.status == FAILED
    assert check.message == "A hidden check of this cell fails."
    assert "20" not in check.message and "40" not in check.message
    wrong["cells"][1]["source"] = "def double(x):\n    return 0"
    (check, _) = examine(source, json.dumps(wrong).encode(), isolation="none").checks
    assert check.message == "This fails: assert double(1) == 2"
    hidden = [line for line in range(14) if read_source_cells(source)[3].hides(line)]
    assert hidden == [1, 2, 3, 6, 7, 8, 9, 11]


def test_an_answer_left_as_it_was_handed_out_is_none(course, source):
    blank = described(source, course.config).released
    (_, why) = examine(source, json.dumps(blank).encode(), isolation="none").checks
    assert why.score == 0.0 and why.message == "No answer was given."
    blank.cells[4]["source"] = "Because of the sum."
    (_, why) = examine(source, json.dumps(blank).encode(), isolation="none").checks
    assert why.score is None


def test_of_two_copies_the_one_with_the_courses_stub_does_not_count(course, source):
    made = json.loads(json.dumps(SOURCE))
    blank = described(source, course.config).released
    made["cells"].append(json.loads(json.dumps(blank.cells[1])))
    rebuilt = rebuild(read_source_cells(source), json.dumps(made).encode())
    (text,) = (one.text for one in rebuilt.cells if one.step.id == "double")
    assert "y = x" in text and rebuilt.flags == ["The cell double is there 2 times."]


def test_a_class_is_graded_by_the_courses_markers(course):
    from concurrent.futures import ThreadPoolExecutor

    from autograder.gradebook.gradebook import Gradebook
    from autograder.grading.batch import Batch

    folder = course.path("submitted", "ada", "ps1")
    folder.mkdir(parents=True)
    shutil.copy(course.sources("ps1")["ps1"], folder)
    with Gradebook(course) as book, ThreadPoolExecutor(1) as executor:
        run = Batch(course, "ps1", book, isolation="none").run(examine, executor, 1, quiet=True)
    (check, _) = run.results[0].checks
    assert check.score == 2.0 and check.title == "Doubles"
    kept = (course.path("autograded", "ada", "ps1") / "ps1.ipynb").read_text()
    assert "double(2) == 4" in kept and "double(20)" not in kept
