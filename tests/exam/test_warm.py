"""What is done before the fork, or instead of a crossing, changes no result."""

import ast
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.exam import ExamError, examine, pool
from autograder.exam.protocol import codec
from autograder.exam.shell.compile import ENDS_IN_RETURN, compile_cell
from autograder.exam.student.executor import StudentExecutor
from autograder.exam.worker import _imports
from autograder.notebook.output_cells import brief, plain_cells, whole
from autograder.notebook.source_cells import given_cells, read_source_cells
from autograder.result import FAILED, PASSED
from autograder.sandbox.limits import Limits
from tests.exam.test_exam import SOURCE, cell, notebook

# Cells whose end has the look of a return, and is none; and such as end in one.
ENDS = [
    "def f():\n    return 1",
    "def f():\n    return 1\n\n  # a comment\n# another",
    "def f():\n    return {'a': 1, \"b\": [2]}  # why",
    "def f():\n    return 'a' 'b'",
    "def f():\n    return 1\nf()",
    "def f():\n    return 1\nf  # returned",
    "'''a text\n    return 1'''",
    "'''a text\n    return 1\n'''",
    '"""a text\n    return "1" """',
    '"""a text\n    return "1""""',
    "x = '''\n    return 1\n# no comment'''\nx",
    "(1 +\n    returned)",
    "returned = 1\n(\n    returned)",
    "if True:\n    x = 1\n    x",
    "class A:\n    def f(self):\n        return (1,\n    2)\nA",
    "async def f():\n\treturn 1",
    "f(\n    1)",
    "1",
    "",
]


@pytest.mark.parametrize("source", ENDS)
def test_a_cell_has_the_value_that_its_last_statement_has(source):
    code = compile_cell(source, "cell")
    try:
        body = ast.parse(source).body
    except SyntaxError:
        assert code is None
        return
    assert (code.last is not None) == bool(body and isinstance(body[-1], ast.Expr))


def test_a_long_line_is_looked_at_in_linear_time():
    for line in (
        "    return " + "(" * 50_000,
        "    return " + "'a' " * 20_000 + "'",
        "\n" * 50_000,
        "    return 1\n" * 20_000 + "x",
    ):
        ENDS_IN_RETURN.search(line)


@pytest.mark.parametrize("name", ["self", "target", "operation", "proxy", "function", "calls"])
def test_an_argument_may_have_any_name(name):
    source = notebook(
        [
            cell(
                "solution",
                "f",
                f"def f({name}):\n    ### BEGIN SOLUTION\n    return {name} + 1\n"
                "    ### END SOLUTION",
            ),
            cell(
                "test",
                "test_f",
                '"""f"""\nfrom mlpkit.testing import assert_unchanged\n'
                f"assert f({name}=1) == 2\n"
                f"assert assert_unchanged(f, {name}=2) == 3",
            ),
        ]
    )
    assert examine(source, json.dumps(source).encode(), isolation="none").score == 1


PARTIAL = notebook(
    [
        cell("given", "setup", "from functools import partial\nimport numpy as np"),
        cell(
            "solution",
            "f",
            "def f(g, x):\n    ### BEGIN SOLUTION\n    return g(x), g\n    ### END SOLUTION",
        ),
        cell(
            "test",
            "test_public",
            '"""A public function and data"""\n'
            "g = partial(np.add, np.arange(3.0))\n"
            "value, back = f(g, 1)\n"
            "assert list(value) == [1.0, 2.0, 3.0] and back is g",
        ),
        cell(
            "test",
            "test_own",
            '"""A function of the check\'s own"""\n'
            "asked = []\n"
            "g = partial(lambda a, x: asked.append(x) or a + x, 2)\n"
            "value, back = f(g, 1)\n"
            "assert value == 3 and asked == [1] and back is g",
        ),
        cell(
            "test",
            "test_held",
            '"""What cannot cross stays with the check"""\n'
            "g = partial(np.take, np.array([{}, 'kept'], dtype=object))\n"
            "value, back = f(g, 1)\n"
            "assert value == 'kept' and back is g",
        ),
    ]
)


def test_a_partial_crosses_and_comes_back_as_the_checks_own():
    result = examine(PARTIAL, json.dumps(PARTIAL).encode(), isolation="none")
    assert [check.status for check in result.checks] == [PASSED] * 3


def test_a_partial_of_a_public_function_is_called_without_a_crossing():
    shell = SimpleNamespace(space={})
    candidate = StudentExecutor(None, shell, Limits(), {}, frozenset())  # no channel to cross by
    function = candidate.objects.from_reference(
        {
            "kind": "callback",
            "id": 0,
            "name": "function",
            "module": "numpy",
            "function": "add",
            "args": [2.0],
            "kwargs": {},
            "iterator": False,
            "doc": "",
        }
    )
    assert function(3.0) == 5.0
    asked = {"kind": "callback", "id": 1, "name": "f", "iterator": False, "doc": ""}
    with pytest.raises(AttributeError):
        candidate.resolve(asked)(3.0)


def test_arguments_know_whether_they_were_changed():
    def crossed(*args):
        return codec.decode(codec.encode([codec.Arguments(list(args), {"k": [1]})]), calls=True)[0]

    def refer(value):
        return None

    x = np.arange(3.0)
    assert not codec.was_changed(crossed(x, (1, "a"), {"W": x}), refer)
    changes = [
        lambda a: a.args[0].__setitem__(1, 9.0),
        lambda a: a.args[0].sort(),
        lambda a: a.args[1]["W"].fill(0.0),
        lambda a: a.args[1].update(b=1),
        lambda a: a.args[1].pop("W"),
        lambda a: a.kwargs["k"].append(2),
        lambda a: a.args[2][1].pop(),
        lambda a: a.args[2].reverse(),
    ]
    for change in changes:
        arguments = crossed(-x, {"W": x + 1}, [145, [3, 4]])
        change(arguments)
        assert codec.was_changed(arguments, refer)


def test_arguments_stand_nowhere_but_in_a_request():
    with pytest.raises(codec.ProtocolError, match="only data"):
        codec.decode(codec.encode([codec.Arguments([1], {})]))


def test_most_cells_go_by_number_and_come_back_as_they_were():
    plain = plain_cells(SOURCE, read_source_cells(SOURCE))
    cells_ = [plain[0], {**plain[1], "source": "mine"}, *plain[2:]]
    short = brief(cells_, plain)
    assert short == [0, cells_[1], *range(2, len(plain))]
    assert whole(short, plain) == cells_
    result = examine(SOURCE, json.dumps(SOURCE).encode(), isolation="none")
    assert [one["source"] for one in result.notebook["cells"]] == [
        one["source"] for one in SOURCE["cells"]
    ]


def test_given_cells_have_the_numbers_at_which_they_run():
    steps = read_source_cells(
        notebook(
            [
                cell("given", "a", "a = 1"),
                cell("solution", "b", "b = 2"),
                cell("test", "c", "assert b"),
                cell("given", "d", "d = 4"),
                cell("solution", "e", "e = 5"),
                cell("given", "f", "f = 6"),
            ]
        )
    )
    assert given_cells(steps) == {1: "a = 1", 3: "d = 4", 5: "f = 6"}


def test_the_rehearsal_passes_fails_and_leaves_nothing():
    code = """
from autograder.exam import warmup
from autograder.exam.shell.shell import build_shell
for role in ("examiner", "student"):
    shell = build_shell(figures=False)
    result = warmup.run_sample_exam(role, shell)
    print(role, result and [check.status for check in result.checks])
    assert "affine" not in shell.space and "np" not in shell.space
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.splitlines() == [f"examiner {[PASSED] * 2 + [FAILED] * 2}", "student None"]


DRAWING = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


def test_who_draws_is_graded_as_who_does_not_and_the_figure_is_kept():
    outputs = []
    for number in range(4):  # from the third on the worker has what draws in memory
        mine = json.loads(json.dumps(SOURCE))
        mine["cells"].insert(2, cell("given", f"mine-{number}", DRAWING) | {"metadata": {}})
        result = examine(SOURCE, json.dumps(mine).encode(), isolation="none")
        assert result.score == 4 and result.flags == ()
        (own,) = (one for one in result.notebook["cells"] if one["source"] == DRAWING)
        outputs.append([sorted(output["data"]) for output in own["outputs"]])
    assert outputs == [[["image/png", "text/plain"]]] * 4


def test_what_the_reference_draws_is_learned():
    source = json.loads(json.dumps(SOURCE))
    text = "import numpy as np\nfrom mlpkit import testing"
    source["cells"][0]["source"] = f"%matplotlib inline\n{text}"
    pool.shutdown()  # a worker in which others drew has it in memory
    for _ in range(2):
        assert examine(source, json.dumps(source).encode(), isolation="none").score == 4
    learned = _imports[json.dumps(source)]
    assert "matplotlib" in learned["examiner"] and "matplotlib" in learned["student"]


def test_a_source_that_cannot_be_read_is_the_graders_fault_in_words():
    with pytest.raises(ExamError, match="source cannot be read"):
        examine({"cells": [1]}, b"{}", isolation="none")
