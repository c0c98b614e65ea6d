"""The exam grades what the code computes, whatever the code does besides."""

import json

import pytest

from autograder.exam import Limits, examine
from autograder.result import COULD_NOT_RUN, FAILED, GRADED, NEEDS_A_PERSON, PASSED

CELLS = [
    ("given", "setup", "import numpy as np\nfrom mlpkit import testing"),
    (
        "solution",
        "double",
        "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
    ),
    (
        "test",
        "test_double",
        '"""double doubles"""\n'
        'testing.assert_array(double(np.ones(3)), 2 * np.ones(3), "2x")\n'
        "### BEGIN HIDDEN TESTS\n"
        "secret = np.arange(4.0)\n"
        'testing.assert_array(double(secret), 2 * secret, "2x")\n'
        "### END HIDDEN TESTS",
    ),
    (
        "solution",
        "twice",
        "def twice(f, x):\n    ### BEGIN SOLUTION\n    return f(f(x))\n    ### END SOLUTION",
    ),
    (
        "test",
        "test_twice",
        '"""twice applies f two times"""\n'
        "assert twice(lambda x: x + 1, 2.0) == 4.0\n"
        "assert twice(lambda x: 3 * x, 2.0) == 18.0",
    ),
    (
        "solution",
        "Counter",
        "class Counter:\n    ### BEGIN SOLUTION\n"
        "    def __init__(self, start=0):\n        self.count = start\n"
        "    def step(self, by=1):\n        self.count += by\n"
        "        return self.count\n    ### END SOLUTION",
    ),
    (
        "test",
        "test_counter",
        '"""A counter counts"""\n'
        "counter = Counter(start=2)\n"
        "assert counter.step() == 3 and counter.step(by=4) == 7\n"
        "assert counter.count == 7 and isinstance(counter, Counter)",
    ),
    ("solution", "answer", "### BEGIN SOLUTION\nanswer = [6, 7.0]\n### END SOLUTION"),
    ("test", "test_answer", '"""The answer"""\nassert answer == [6, 7.0]'),
]
ROLES = {
    "given": (False, False, True),
    "solution": (False, True, False),
    "test": (True, False, True),
}


def cell(kind, name, text):
    grade, solution, locked = ROLES[kind]
    mark = {
        "grade_id": name,
        "schema_version": 3,
        "task": False,
        "grade": grade,
        "solution": solution,
        "locked": locked,
    }
    if grade:
        mark["points"] = 1
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": mark},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


def notebook(cells):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


SOURCE = notebook([cell(*row) for row in CELLS])


def submission(extra=(), **texts):
    """The reference with some solution cells in other words, and cells of the student's own."""
    cells = [cell(kind, name, texts.get(name, text)) for kind, name, text in CELLS]
    for place, text in extra:
        cells.insert(place, {"cell_type": "code", "metadata": {}, "source": text, "outputs": []})
    return json.dumps(notebook(cells)).encode()


def grade(data=None, *, source=SOURCE, limits=Limits(), **texts):
    return examine(source, data or submission(**texts), limits, isolation="none")


def scores(result):
    return {check.id: check.score for check in result.checks}


FULL = {"test_double": 1, "test_twice": 1, "test_counter": 1, "test_answer": 1}


def without(*names):
    return {name: 0 if name in names else 1 for name in FULL}


def message(result, name):
    return next(check.message for check in result.checks if check.id == name)


def test_the_reference_scores_full_marks():
    result = grade()
    assert scores(result) == FULL
    assert result.status == GRADED and result.flags == ()
    assert {check.status for check in result.checks} == {PASSED}


def test_titles_are_the_tests_docstrings():
    assert [check.title for check in grade().checks] == [
        "double doubles",
        "twice applies f two times",
        "A counter counts",
        "The answer",
    ]


def test_a_wrong_answer_loses_its_own_check_and_says_why():
    result = grade(double="def double(x):\n    return 3 * x")
    assert scores(result) == without("test_double")
    assert "Likely cause" in message(result, "test_double")


def test_a_stub_says_that_it_is_not_implemented():
    result = grade(double="def double(x):\n    raise NotImplementedError()")
    assert scores(result) == without("test_double")
    assert "NotImplementedError" in message(result, "test_double")


def test_an_exception_names_the_students_own_line():
    result = grade(double="def double(x):\n    y = x\n    return y / undefined")
    assert "line 3, in double: return y / undefined" in message(result, "test_double")


def test_patching_libraries_and_lying_values_gain_nothing():
    result = grade(
        double=(
            "import builtins\nimport numpy as np\nfrom mlpkit import testing\n"
            "testing.assert_array = np.allclose = np.testing.assert_allclose = lambda *a, **k: True\n"
            "builtins.AssertionError = ValueError\n"
            "class Liar(np.ndarray):\n    def __eq__(self, other): return True\n"
            "def double(x):\n    return np.zeros(x.shape).view(Liar)"
        )
    )
    assert scores(result) == without("test_double")


def test_an_object_with_a_lying_equality_is_no_number():
    result = grade(
        twice=(
            "class Yes:\n    def __eq__(self, other): return True\n"
            "def twice(f, x):\n    return Yes()"
        )
    )
    assert scores(result) == without("test_twice")


@pytest.mark.parametrize(
    "end",
    [
        "import os; os._exit(0)",
        "import sys; sys.exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "exit()",
    ],
)
def test_a_call_that_ends_the_process_loses_only_its_own_check(end):
    result = grade(double=f"def double(x):\n    {end}")
    assert scores(result) == without("test_double")
    assert "double(...)" in message(result, "test_double")


@pytest.mark.parametrize(
    "end", ["import os; os._exit(0)", "while True: pass", "1 / 0", "import sys; sys.exit(0)"]
)
def test_a_cell_that_dies_loses_only_what_it_defines(end):
    result = grade(submission(answer=end), limits=Limits(cell_seconds=0.5))
    assert scores(result) == without("test_answer")


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "while True:\n        try:\n            while True: pass\n        except BaseException: pass",
    ],
)
def test_a_loop_without_end_is_stopped_and_later_tests_go_on(loop):
    result = grade(
        submission(double=f"def double(x):\n    {loop}"), limits=Limits(call_seconds=0.5)
    )
    assert scores(result) == without("test_double")
    assert "did not come back within 0.5 s" in message(result, "test_double")


def test_when_the_notebooks_time_is_up_the_earlier_points_stay():
    slow = "def twice(f, x):\n    while True: pass"
    result = grade(submission(twice=slow), limits=Limits(call_seconds=1.2, notebook_seconds=1.0))
    assert scores(result)["test_double"] == 1
    assert scores(result)["test_twice"] == 0


def test_in_place_changes_of_arguments_reach_the_test():
    source = notebook(
        [
            cell("given", "setup", "import numpy as np"),
            cell(
                "solution",
                "fill",
                "def fill(a, numbers, table):\n    ### BEGIN SOLUTION\n"
                "    a[...] = 7\n    numbers.append(3)\n    table['k'][0] = 5\n"
                "    ### END SOLUTION",
            ),
            cell(
                "test",
                "test_fill",
                '"""fill changes what it is given"""\n'
                "a, numbers, inner = np.zeros(3), [1], np.zeros(2)\n"
                "table = {'k': inner}\n"
                "fill(a[::2], numbers, table)\n"
                "assert a.tolist() == [7, 0, 7] and numbers == [1, 3] and inner[0] == 5",
            ),
        ]
    )
    assert grade(json.dumps(source).encode(), source=source).score == 1


def test_generators_go_on_where_the_student_left_them():
    source = notebook(
        [
            cell("given", "setup", "import numpy as np"),
            cell(
                "solution",
                "draw",
                "def draw(rng):\n    ### BEGIN SOLUTION\n"
                "    return rng.normal(size=2)\n    ### END SOLUTION",
            ),
            cell(
                "test",
                "test_draw",
                '"""draw draws"""\n'
                "rng, twin = np.random.default_rng(1), np.random.default_rng(1)\n"
                "assert (draw(rng) == twin.normal(size=2)).all()\n"
                "assert (draw(rng) == twin.normal(size=2)).all()",
            ),
        ]
    )
    assert grade(json.dumps(source).encode(), source=source).score == 1


def test_a_test_may_wrap_student_code_in_a_function_it_passes():
    source = notebook(
        [
            cell(
                "solution",
                "both",
                "### BEGIN SOLUTION\ndef g(x):\n    return x + 1\n"
                "def twice(f, x):\n    return f(f(x))\n### END SOLUTION",
            ),
            cell(
                "test",
                "test_both",
                '"""call-backs may call back"""\n'
                "assert twice(lambda x: 2 * g(x), 1) == 10\n"
                "assert twice(g, 1) == 3",
            ),
        ]
    )
    assert grade(json.dumps(source).encode(), source=source).score == 1


def test_a_generator_function_is_iterated_where_it_lives():
    source = notebook(
        [
            cell(
                "solution",
                "count",
                "def count(n):\n    ### BEGIN SOLUTION\n"
                "    yield from range(n)\n    ### END SOLUTION",
            ),
            cell("test", "test_count", '"""count yields"""\nassert list(count(4)) == [0, 1, 2, 3]'),
        ]
    )
    assert grade(json.dumps(source).encode(), source=source).score == 1


def test_a_helper_in_a_cell_of_ones_own_counts():
    result = grade(
        submission(
            [(1, "def helper(x):\n    return x + x")], double="def double(x):\n    return helper(x)"
        )
    )
    assert scores(result) == FULL


def test_a_name_that_is_reused_later_for_something_else_keeps_its_meaning():
    result = grade(submission([(4, "double = 7")]))
    assert scores(result) == FULL


def test_prints_and_warnings_cost_nothing_and_are_kept():
    result = grade(
        double=(
            "import warnings\nwarnings.warn('careful')\nprint('hello')\n"
            "def double(x):\n    print('inside', x)\n    return 2 * x"
        )
    )
    assert scores(result) == FULL
    outputs = json.dumps([c for c in result.notebook["cells"] if c["id"] == "double"])
    assert "careful" in outputs and "hello" in outputs


def test_what_a_check_makes_student_code_print_is_kept_nowhere():
    result = grade(double="def double(x):\n    print('seen', x)\n    return 2 * x")
    assert "seen" not in json.dumps(result.to_dict()).replace("print('seen'", "")


def test_a_bare_hidden_assert_does_not_show_its_line():
    source = notebook(
        [
            cell("solution", "one", "### BEGIN SOLUTION\none = 1\n### END SOLUTION"),
            cell(
                "test",
                "test_one",
                '"""one"""\n### BEGIN HIDDEN TESTS\n'
                "assert one * 12345 == 12345\n### END HIDDEN TESTS",
            ),
        ]
    )
    broken = json.loads(json.dumps(source))
    broken["cells"][0]["source"] = "one = 2"
    result = grade(json.dumps(broken).encode(), source=source)
    assert result.score == 0 and "12345" not in result.checks[0].message


def test_a_test_that_fails_on_the_reference_fails_nobody():
    source = json.loads(json.dumps(SOURCE))
    source["cells"][2]["source"] = '"""broken"""\nraise KeyError("the test itself")'
    result = grade(submission(), source=source)
    assert result.status == COULD_NOT_RUN
    assert scores(result)["test_double"] is None
    assert "fails on the course's own solution" in message(result, "test_double")


@pytest.mark.parametrize(
    ("ending", "points", "status"),
    [
        ("0.5", 0.5, FAILED),
        ("1", 1, PASSED),
        ("None", 1, PASSED),
        ("True", 1, PASSED),
    ],
)
def test_a_test_that_ends_in_a_number_gives_partial_credit(ending, points, status):
    source = notebook(
        [
            cell("solution", "part", "### BEGIN SOLUTION\npart = 1\n### END SOLUTION"),
            cell("test", "test_part", f'"""part"""\n{ending} if part == 2 else 1'),
        ]
    )
    partly = json.loads(json.dumps(source))
    partly["cells"][0]["source"] = "part = 2"
    check = grade(json.dumps(partly).encode(), source=source).checks[0]
    assert (check.score, check.status) == (points, status)


@pytest.mark.parametrize("ending", ["False", "-1.0", "2", "float('nan')"])
def test_false_and_numbers_out_of_range_are_no_marks(ending):
    source = notebook(
        [
            cell("solution", "part", "### BEGIN SOLUTION\npart = 1\n### END SOLUTION"),
            cell("test", "test_part", f'"""part"""\n{ending} if part == 2 else 1'),
        ]
    )
    partly = json.loads(json.dumps(source))
    partly["cells"][0]["source"] = "part = 2"
    check = grade(json.dumps(partly).encode(), source=source).checks[0]
    assert not check.score and check.status != PASSED


def test_a_file_that_is_no_notebook_needs_a_person():
    result = grade(b"{")
    assert result.status == NEEDS_A_PERSON
    assert all(check.score is None for check in result.checks)
    assert "JSON is broken" in result.flags[0]


def test_the_seed_decides_the_hidden_inputs():
    source = notebook(
        [
            cell("given", "setup", "from mlpkit import testing"),
            cell(
                "solution",
                "seen",
                "### BEGIN SOLUTION\nseen = []\ndef see(x):\n    return x\n### END SOLUTION",
            ),
            cell(
                "test",
                "test_seen",
                '"""seen"""\nraise AssertionError(str(testing.secret_rng("a").integers(10**9)))',
            ),
        ]
    )
    data = json.dumps(source).encode()

    def text(seed):
        return examine(source, data, isolation="none", seed=seed).checks[0].message

    assert text("one") == text("one") != text("two")


def test_an_exception_in_a_hidden_check_cannot_carry_its_inputs_out():
    result = grade(
        double="def double(x):\n    if x.size == 3: return 2 * x\n    raise ValueError(f'x = {x}')"
    )
    assert scores(result) == without("test_double")
    assert message(result, "test_double") == "double(...) raised ValueError"
    check = next(check for check in result.checks if check.id == "test_double")
    assert "ValueError: x = [" in check.unabridged, "for the instructor alone"
    visible = grade(double="def double(x):\n    raise ValueError('y' * 3000)")
    assert len(message(visible, "test_double")) > 3000


def test_a_check_that_builds_on_a_huge_number_ends_with_a_sentence():
    """Its own process is bounded, too."""
    source = notebook(
        [
            cell("given", "setup", "import numpy as np"),
            cell("solution", "size", "### BEGIN SOLUTION\nsize = 3\n### END SOLUTION"),
            cell(
                "test",
                "test_size",
                '"""size"""\nassert np.zeros((size, size)).shape == (size, size)',
            ),
        ]
    )
    huge = json.loads(json.dumps(source))
    huge["cells"][1]["source"] = "size = 28_000"
    result = grade(json.dumps(huge).encode(), source=source)
    assert result.score == 0 and "MemoryError" in result.checks[0].message


def test_a_notebook_full_of_figures_is_graded_and_kept():
    made = json.loads(submission())
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 2**20}}
    for cell in made["cells"]:
        cell["outputs"] = [picture, picture]
    assert grade(json.dumps(made).encode()).score == 4.0
    source = json.loads(json.dumps(SOURCE))
    source["cells"].append(
        {"cell_type": "markdown", "id": "essay", "metadata": {}, "source": "A" * 2**24}
    )
    assert len(grade(source=source).notebook["cells"][-1]["source"]) == 2**24
