"""Any nbgrader course: the one of nbgrader's own documentation, which its quickstart copies."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbgrader
import pytest

from autograder.course.directory import Course
from autograder.exam import examine
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import described, read_source_notebook
from autograder.grading.batch import Batch
from autograder.notebook.side_files import Files
from autograder.result import COULD_NOT_RUN
from tests.exam.test_wild_courses import cell as worth_two
from tests.threats.room import cell, notebook, tier

QUICKSTART = Path(nbgrader.__file__).parent / "docs/source/user_guide/source"

ANSWERS = {
    "reference": {
        "squares": 'def squares(n):\n    if n < 1:\n        raise ValueError("n")\n'
        "    return [i ** 2 for i in range(1, n + 1)]",
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))",
        "sum_of_squares_equation": "$\\sum i^2$",
        "sum_of_squares_application": "x = 1",
        "part-a": "Fibonacci",
        "part-b": "Below zero",
    },
    "wrong": {
        "squares": "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]",
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(i * i for i in range(n + 1))",
        "part-a": "No idea",
    },
    "untouched": {},
}

# What `nbgrader autograde` 0.9.6 gives (None: a person decides); the soak test asks it again.
EXPECTED = {
    "reference": {
        "correct_squares": 1,
        "squares_invalid_input": 1,
        "correct_sum_of_squares": 0.5,
        "sum_of_squares_uses_squares": 0.5,
        "sum_of_squares_equation": None,
        "sum_of_squares_application": None,
        "cell-938593c4a215c6cc": None,
        "part-a": None,
        "part-b": None,
    },
    "wrong": {
        "correct_squares": 1,
        "squares_invalid_input": 0,
        "correct_sum_of_squares": 0.5,
        "sum_of_squares_uses_squares": 0,
        "sum_of_squares_equation": 0,
        "sum_of_squares_application": 0,
        "cell-938593c4a215c6cc": None,
        "part-a": None,
        "part-b": 0,
    },
    "untouched": {
        "correct_squares": 0,
        "squares_invalid_input": 0,
        "correct_sum_of_squares": 0,
        "sum_of_squares_uses_squares": 0,
        "sum_of_squares_equation": 0,
        "sum_of_squares_application": 0,
        "cell-938593c4a215c6cc": None,
        "part-a": 0,
        "part-b": 0,
    },
}


@pytest.fixture
def course(tmp_path):
    shutil.copytree(QUICKSTART / "ps1", tmp_path / "source/ps1")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    course = Course.open(tmp_path)
    for name, path in course.sources("ps1").items():
        released = described(read_source_notebook(path)).released
        for student, texts in ANSWERS.items():
            made = json.loads(json.dumps(released))
            for one in made["cells"]:
                mark = one["metadata"].get("nbgrader", {})
                one["source"] = texts.get(mark.get("grade_id"), one["source"])
            target = course.path("submitted", student, "ps1") / f"{name}.ipynb"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps(made))
    return course


def scores(course):
    with Gradebook(course) as book:
        return {
            student: {name: mark.auto for (_, name), mark in entry.marks.items()}
            for student, entry in book.entries("ps1").items()
        }


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_the_documentations_course_gets_nbgraders_scores(course):
    with Gradebook(course) as book, ThreadPoolExecutor(1) as executor:
        Batch(course, "ps1", book, isolation=tier()).run(examine, executor, 1, quiet=True)
    assert scores(course) == EXPECTED


@pytest.mark.soak
def test_these_are_nbgraders_scores(course):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # for alembic
    for command in ("generate_assignment", "autograde"):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, "ps1"],
            cwd=course.root,
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": path},
        )
        assert done.returncode == 0, done.stderr
    assert scores(course) == EXPECTED


def test_a_test_may_delete_or_replace_a_students_function():
    """As nbgrader's course does, to see whether one function calls the other."""
    source = notebook(
        [
            cell(
                "solution",
                "inner",
                "def inner(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION",
            ),
            cell(
                "solution",
                "twice",
                "def twice(x):\n    ### BEGIN SOLUTION\n"
                "    return inner(inner(x))\n    ### END SOLUTION",
            ),
            cell(
                "test",
                "test_neuron",
                '"""Calls it"""\ncalls = []\ninner = lambda x: calls.append(x)'
                " or 5\nassert twice(1) == 5 and calls == [1, 5]",
            ),
            cell("test", "test_outer", '"""As before"""\nassert inner(1) == 2 and twice(1) == 3'),
        ]
    )
    lonely = json.loads(json.dumps(source))
    lonely["cells"][1]["source"] = "def twice(x):\n    return x + 2"
    assert [
        c.score for c in examine(source, json.dumps(source).encode(), isolation=tier()).checks
    ] == [1, 2]
    assert [
        c.score for c in examine(source, json.dumps(lonely).encode(), isolation=tier()).checks
    ] == [0, 2]


def test_a_given_cell_that_stops_has_made_what_it_made_until_then():
    """What it left under a student's name is no test's doing, and need not cross."""
    source = notebook(
        [
            cell("solution", "inner", "def f():\n    return 1\ndef h():\n    return 5\nthing = 3"),
            cell("given", "given", "thing = object()\nassert f() == 1"),
            cell("test", "test_neuron", "assert h() == 5"),
            cell("solution", "after", "y = 2"),
            cell("test", "test_outer", "assert h() == 5 and y == 2"),
        ]
    )
    wrong = json.loads(json.dumps(source))
    wrong["cells"][0]["source"] = source["cells"][0]["source"].replace("1", "2")
    for handed in (source, wrong):
        held = examine(source, json.dumps(handed).encode(), isolation=tier())
        assert [check.score for check in held.checks] == [1, 2] and not held.flags, held


def test_a_name_of_several_cells_is_not_taken_from_a_later_one():
    source = notebook(
        [
            cell("solution", "first", "answer = 1"),
            cell("test", "test_neuron", "assert type(answer) is int"),
            cell("solution", "second", "answer = 3"),
            cell("test", "test_outer", "assert answer == 3"),
        ]
    )
    without = json.loads(json.dumps(source))
    del without["cells"][0]
    held = examine(source, json.dumps(without).encode(), isolation=tier())
    assert [check.score for check in held.checks] == [0, 2], held
    assert held.flags == ("The cell first is missing.",)


def test_what_the_split_cannot_give_is_named_in_a_sentence():
    source = notebook(
        [
            cell(
                "solution",
                "inner",
                "### BEGIN SOLUTION\ndef inner(x):\n    return x\n### END SOLUTION",
            ),
            cell(
                "test",
                "test_neuron",
                '"""Reads its code"""\nimport inspect\n'
                "assert 'return' in inspect.getsource(inner)",
            ),
        ]
    )
    result = examine(source, json.dumps(source).encode(), isolation=tier(), strict=True)
    assert result.status == COULD_NOT_RUN and result.checks[0].score is None
    assert "fails on the course's own solution" in result.checks[0].message
    assert "only its calls and attributes can be reached" in result.checks[0].message


ADD_TO = """\
from IPython import get_ipython as shell_of
from IPython.core.magic import register_cell_magic

def add_to(line, cell):
    made = {}
    exec(compile(cell, "add_to", "exec"), shell_of().user_ns, made)
    for name, value in made.items():
        setattr(shell_of().user_ns[line], name, value)

get_ipython().register_magic_function(add_to, "cell")
display("A kernel has both names as built-ins.")
"""


def test_a_module_of_the_course_may_register_a_magic_that_its_cells_use():
    add = "%%add_to Agent\ndef twice(self):\n    return 2 * self.x"
    source = notebook(
        [
            worth_two("given", "g", "import adding\nclass Agent:\n    x = 3"),
            worth_two("given", "more", "%%add_to Agent\ndef once(self):\n    return self.x"),
            worth_two("solution", "s", add),
            worth_two("test", "once", "assert Agent().once() == 3"),
            worth_two("test", "twice", "assert Agent().twice() == 6"),
        ]
    )
    wrong = json.loads(json.dumps(source).replace("2 * self.x", "5 * self.x"))
    for handed, expected in ((source, [2, 2]), (wrong, [2, 0])):
        result = examine(
            source,
            json.dumps(handed).encode(),
            isolation=tier(),
            files=Files({"adding.py": ADD_TO.encode()}),
        )
        assert [check.score for check in result.checks] == expected, result


def test_the_examiner_draws_nothing_of_what_given_cells_show():
    """A figure costs a tenth of a second, and the student process has drawn it."""
    shows = (
        "drawn = []\nclass Seen:\n    def _repr_html_(self):\n        drawn.append(1)\n        return '<b>x</b>'\n"
        "from IPython.display import display\ndisplay(Seen())\nprint('printed')"
    )
    source = notebook(
        [
            worth_two("given", "g", shows),
            worth_two("solution", "s", "x = len(drawn)"),
            worth_two("test", "t", "assert x == 1 and drawn == []"),
        ]
    )
    result = examine(source, json.dumps(source).encode(), isolation=tier())
    assert result.checks[0].score == 2, result
    assert "<b>x</b>" in json.dumps(result.notebook["cells"][0]["outputs"])
