"""What cannot cross runs beside the student's code, for that check alone, and is flagged."""

import json

import pytest

from autograder.exam import examine
from autograder.exam.broken_checks import counting_all_the_same
from autograder.result import BESIDE, COULD_NOT_RUN, DOUBTED, FAILED, PASSED, Check
from tests.exam.test_wild_courses import cell
from tests.threats.room import notebook, tier

PLAIN = "def f(x):\n    return 2 * x"
# Cells before the check, the check, and what a wrong answer has in place of the first.
CASES = {
    "source": ([PLAIN], "import inspect\nassert 'return 2' in inspect.getsource(f)", "def f(x):\n    return x * 2"),
    "code object": ([PLAIN], "assert f.__code__.co_argcount == 1", "def f(x, y=1):\n    return 2 * x"),
    "texts of cells": ([PLAIN], "assert '2 * x' in In[-2]", "def f(x):\n    return x + x"),
    "patched module": (
        ["import time\ndef f():\n    time.sleep(1000)\n    return 1"],
        "from unittest.mock import patch\nwith patch('time.sleep') as slept:\n    assert f() == 1\nassert slept.called",
        "def f():\n    return 1",
    ),
    "a file": (["open('out.txt', 'w').write('x')"], "assert open('out.txt').read() == 'x'", "open('out.txt', 'w').write('y')"),
    "a table in a file": (["import csv\nwith open('a.csv', 'w') as file:\n    csv.writer(file).writerow([1, 2])"], "assert open('a.csv').read().strip() == '1,2'", "pass"),
    "warnings": (
        ["import warnings\ndef f():\n    warnings.warn('careful')"],
        "import warnings\nwith warnings.catch_warnings(record=True) as found:\n    warnings.simplefilter('always')\n    f()\nassert len(found) == 1",
        "def f():\n    pass",
    ),
    "logs": (
        ["import logging\ndef f():\n    logging.getLogger('a').warning('seen')"],
        "from unittest import TestCase\nwith TestCase().assertLogs('a'):\n    f()",
        "def f():\n    pass",
    ),
    "hashes": (
        ["class P:\n    def __init__(self, x):\n        self.x = x\n    def __eq__(self, o):\n        return self.x == o.x\n    def __hash__(self):\n        return hash(self.x)"],
        "assert len({P(1), P(1), P(2)}) == 2",
        "class P:\n    def __init__(self, x):\n        self.x = x",
    ),
    "identity": (["a = [1]\nb = a"], "assert a is b", "a = [1]\nb = [1]"),
    "types": (["class A:\n    pass\nx = A()"], "assert type(x) is A and x.__class__.__name__ == 'A'", "class A:\n    pass\nx = 1"),
    "a derived class": (["class A:\n    def f(self):\n        return self.g()"], "class B(A):\n    def g(self):\n        return 7\nassert B().f() == 7", "class A:\n    def f(self):\n        return 1"),
    "all names": ([PLAIN, "y = 3"], "assert 'f' in dir() and vars(f) == {}\nassert f.__globals__ is globals()", "pass"),
    "partial credit": ([PLAIN], "points = 0\nif f(1) == 2:\n    points += 1\ntry:\n    import inspect\n    inspect.getsource(f)\n    points += 1\nexcept TypeError:\n    pass\npoints", "def f(x):\n    return x"),
}  # fmt: skip


def exam(case, answer=None, **options):
    cells, check, _ = CASES[case]
    source = [
        *(cell("solution", f"s{place}", text) for place, text in enumerate(cells)),
        cell("test", "check", check),
        cell("test", "plain", "assert True"),
    ]
    handed = source if answer is None else [cell("solution", "s0", answer), *source[1:]]
    submission = json.dumps(notebook(handed)).encode()
    return examine(notebook(source), submission, isolation=tier(), **options)


@pytest.mark.parametrize("case", CASES)
def test_a_check_that_cannot_cross_gives_what_one_process_gives(case):
    right, wrong = exam(case), exam(case, CASES[case][-1])
    check, plain = right.checks
    assert (check.status, check.score) == (PASSED, 2) and check.message == BESIDE
    assert (plain.status, plain.message) == (PASSED, "")
    assert right.flags == (f"{BESIDE[:-1]}: check.",) and right.status == "graded"
    lost = wrong.checks[0]
    assert lost.status == FAILED and lost.score == (1 if case == "partial credit" else 0)
    assert lost.message.startswith(BESIDE) and wrong.checks[1].message == ""


def test_strict_refuses_it():
    check, plain = exam("source", strict=True).checks
    assert (check.status, check.score) == (COULD_NOT_RUN, None) and plain.status == PASSED


def test_what_runs_in_two_processes_is_never_run_beside():
    source = [cell("solution", "s", PLAIN), cell("test", "check", "assert f(2) == 4")]
    wrong = [cell("solution", "s", "def f(x):\n    return 1"), source[1]]
    result = examine(notebook(source), json.dumps(notebook(wrong)).encode(), isolation=tier())
    assert (result.checks[0].status, result.flags) == (FAILED, ())


FORGED = {
    "its comparison is replaced": "import numpy.testing as t\nt.assert_equal = lambda *a, **k: None",
    "its test case is replaced": "import unittest\nunittest.TestCase.assertEqual = lambda *a, **k: None",
    "its built-ins are replaced": "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = lambda x: 1\nbuiltins.AssertionError = SystemExit",
    "the harness is replaced": "from autograder.exam.student import executor\nexecutor.run_cell = lambda *a, **k: executor.Outcome([], None)",
    "it is traced": "import sys\nsys.settrace(lambda *a: None)",
    "a module is replaced": "import types\nm = types.ModuleType('numpy.testing')\nm.__getattr__ = lambda n: lambda *a, **k: None\nnp.testing = m",
    "an entry of sys.modules is replaced": "import sys, types\nm = types.ModuleType('unittest')\nm.TestCase = lambda: m\nm.__getattr__ = lambda n: lambda *a, **k: None\nsys.modules['unittest'] = sys.modules['numpy.testing'] = m",
    "an importer is put before the others": "import sys\nfor n in [n for n in sys.modules if n.startswith(('numpy.testing', 'unittest'))]: del sys.modules[n]\nsys.meta_path.insert(0, None)",
    "code of functions is replaced": "import unittest, numpy.testing as t\nno = (lambda *a, **k: None).__code__\nt.assert_equal.__code__ = unittest.TestCase.assertEqual.__code__ = no",
    "defaults of functions are replaced": "import unittest\nunittest.TestCase.assertEqual.__code__ = (lambda self, a, b, msg=None: None).__code__",
    "a name of a given cell means something else": "class Yes:\n    def __getattr__(self, name): return self\n    def __call__(self, *a, **k): return self\nnp = unittest = equal = inspect = Yes()",
    "it is replaced in the middle": "import unittest, numpy.testing as t\ndef f(x):\n    t.assert_equal = unittest.TestCase.assertEqual = lambda *a, **k: None\n    return 1",
    "code is replaced in the middle": "import unittest, numpy.testing as t\ndef f(x):\n    no = (lambda *a, **k: None).__code__\n    t.assert_equal.__code__ = unittest.TestCase.assertEqual.__code__ = no\n    return 1",
    "replies are replaced in the middle": "from autograder.exam.student import executor, one_process\ndef f(x):\n    one_process.Raised = executor.Raised = lambda *a: executor.Returned(None, None, None)",
    "what came of it is replaced in the middle": "from autograder.exam.shell import shell\ndef f(x):\n    shell.Outcome = lambda *a, **k: type('O', (), {'value': 2, 'error': None})()",
    "the judge is replaced": "from autograder.exam.student import executor, one_process\nyes = executor.Returned(2, None, None)\nexecutor.StudentExecutor.judge = lambda self, r: self.reply(yes)\nexecutor.run_check = lambda *a: yes",
    "what restores is replaced": "from autograder.exam.student import pristine\nimport unittest\nimport builtins\npristine.Pristine.restore = pristine._parts = pristine._kept = pristine._is_checking = lambda *a, **k: []\nbuiltins.setattr = builtins.getattr = builtins.vars = lambda *a: None\nunittest.TestCase.assertEqual = lambda *a: None\nt.assert_equal = lambda *a: None",
    "messages are replaced": "from autograder.exam.protocol import messages, codec\nto = messages.to_wire\nfor m in (messages, __import__('autograder.exam.student.executor').exam.student.executor):\n    m.to_wire = lambda n, r: [n, 'Returned', 2, None, None] if type(r).__name__ == 'Raised' else to(n, r)",
    "it leaves quietly": "def f(x):\n    raise SystemExit(0)",
    "it is skipped": "import unittest\ndef f(x):\n    raise unittest.SkipTest('x')",
    "its cells are transformed": "import ast\nclass Strip(ast.NodeTransformer):\n    visit_Assert = lambda self, node: ast.Pass()\n    visit_Expr = lambda self, node: ast.Pass()\nget_ipython().ast_transformers.append(Strip())\nget_ipython().input_transformers_post.append(lambda lines: ['pass'])\nget_ipython().run_cell = lambda *a, **k: None",
    "its process ends": "import os\ndef f(x):\n    os._exit(0)",
}  # fmt: skip


COMPARED = {
    "numpy's testing": "t.assert_equal(f(1), 2)",
    "by way of np": "np.testing.assert_equal(f(1), 2)",
    "by its name": "equal(f(1), 2)",
    "imported in the check": "import numpy.testing\nnumpy.testing.assert_equal(f(1), 2)",
    "a test case": "unittest.TestCase().assertEqual(f(1), 2)",
    "an assertion": "assert len([f(1)]) == 1 and f(1) == 2",
    "magics": "%matplotlib inline\nassert f(1) == 2",
}


def beside(text):
    """Scores of checks beside a notebook's code, each of which calls ``f`` and then compares."""
    given = (
        "import inspect, unittest\nimport numpy as np\nimport numpy.testing as t\n"
        "from numpy.testing import assert_equal as equal"
    )
    tests = [
        cell(
            "test", f"t{place}", f"{check}\ninspect.getsource(f)".replace("f(1)", "(f(1), f(1))[1]")
        )
        for place, check in enumerate(COMPARED.values())
    ]
    source = [cell("given", "g", given), cell("solution", "s", PLAIN), *tests]
    handed = [source[0], cell("solution", "s", text), *tests]
    result = examine(notebook(source), json.dumps(notebook(handed)).encode(), isolation=tier())
    assert all(check.message.startswith(BESIDE) for check in result.checks)
    return dict(zip(COMPARED, (check.score for check in result.checks), strict=True))


def test_checks_beside_the_students_code_judge_honest_work():
    assert beside(PLAIN) == dict.fromkeys(COMPARED, 2)


@pytest.mark.parametrize("kind", FORGED)
def test_the_common_ways_to_forge_a_pass_do_not_work(kind):
    assert beside(f"def f(x):\n    return 3\n{FORGED[kind]}") == dict.fromkeys(COMPARED, 0)


def test_a_student_may_import_another_library_under_a_given_name():
    """Then it is theirs, and what a check asks of it fails by itself."""
    found = beside("import math as np\ndef f(x):\n    return 2 * int(np.floor(x))")
    assert found == dict.fromkeys(COMPARED, 2) | {"by way of np": 0}


@pytest.mark.parametrize(
    "solution, check",
    [
        ("raise NotImplementedError", "assert f(2) == 4"),
        ("open('not_there.csv')\ndef f(x):\n    return 2 * x", "assert f(2) == 4"),
        ("from no_such_library import f", "assert f(2) == 4"),
        ("def f(x):\n    raise NotImplementedError", "assert f(2) == 4"),
    ],
)
def test_where_the_course_has_no_solution_students_get_nbgraders_score(solution, check):
    """A check that the solution fails is doubtful; one that finds no solution is not."""
    source = [cell("solution", "s", solution), cell("test", "check", check)]
    scores = [
        examine(
            notebook(source),
            json.dumps(notebook([cell("solution", "s", text), source[1]])).encode(),
            isolation=tier(),
        )
        .checks[0]
        .score
        for text in (PLAIN, "def f(x):\n    return x", solution)
    ]
    assert scores == [2, 0, 0]


def failing(check, answer=PLAIN, given="", **options):
    """The check and the flags of an answer, where the course's own solution fails the check."""
    source = [
        cell("given", "g", given),
        cell("solution", "s", PLAIN),
        cell("test", "check", check),
        cell("test", "right", "assert f(2) == 4 or f(2) == 5"),
    ]
    handed = [source[0], cell("solution", "s", answer), *source[2:]]
    handed = json.dumps(notebook(handed)).encode()
    result = examine(notebook(source), handed, isolation=tier(), **options)
    assert result.checks[1].status == PASSED and DOUBTED not in result.checks[1].message
    return result.checks[0], result.flags, result.status


@pytest.mark.parametrize(
    "check", ["assert f(2) == 5", "import inspect\nassert 'x + 3' in inspect.getsource(f)", "g(f)"]
)
def test_a_check_that_the_solution_fails_in_every_way_gives_what_nbgrader_gives(check):
    check, flags, status = failing(check)
    assert (check.status, check.score, status) == (FAILED, 0, "graded")
    assert DOUBTED in check.message and flags == (f"{DOUBTED[:-1]} (check).",)


def test_whoever_passes_what_the_solution_fails_has_the_points():
    check, flags, _ = failing("assert f(2) == 5", "def f(x):\n    return x + 3")
    assert (check.status, check.score) == (PASSED, 2)
    assert DOUBTED in check.message and flags == (f"{DOUBTED[:-1]} (check).",)


def test_what_is_said_after_hidden_inputs_stays_hidden():
    check, *_ = failing("### BEGIN HIDDEN TESTS\nassert f(12345) == 5\n### END HIDDEN TESTS")
    assert check.score == 0 and DOUBTED in check.message and DOUBTED in check.unabridged
    assert "12345" not in check.message


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ("pass", {"strict": True}),
        ("import mlpkit", {}),
        ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9/')\ny = 5", {}),
    ],
    ids=["strict", "a course with mlpkit", "no network"],
)
def test_it_fails_nobody_where_that_may_be_ours(given, options):
    check, flags, status = failing("assert f(2) == y" if "y =" in given else "assert f(2) == 5",
                                   given=given, **options)  # fmt: skip
    assert (check.status, check.score, status) == (COULD_NOT_RUN, None, COULD_NOT_RUN)
    assert "fails on the course's own solution" in check.message and not flags


@pytest.mark.parametrize(
    "line", ["!ls data", "x = !ls", "%%bash\nls", "import os; os.system('ls')"]
)
def test_a_program_that_a_cell_starts_is_started_by_nbgrader_only(line):
    failed = Check("a", "a", 2, 0.0, FAILED, "This fails: assert x")
    source = notebook([cell("given", "g", line), cell("test", "a", "assert x")])
    assert counting_all_the_same({"a"}, [failed], source) == frozenset()
    for other in ("!pip install x", "y = 3 != 4", "# no !ls", "text = '!ls'"):
        source["cells"][0]["source"] = other
        assert counting_all_the_same({"a"}, [failed], source) == {"a"}, other


@pytest.mark.parametrize(
    "said",
    [
        "f(...) raised PermissionError: [Errno 13] Permission denied: '/srv/x'",
        "f(...) raised OSError: [Errno 28] No space left on device",
        "f(...) raised MemoryError",
        "f(...) raised _ArrayMemoryError: Unable to allocate 8. GiB for an array",
        "f(...) raised RuntimeError: can't start new thread",
        "f(...) raised AttributeError: 'InteractiveShell' object has no attribute 'kernel'",
        f"f(...) raised FileNotFoundError: [Errno 2] No such file or directory: '{__file__}'",
        "f did not come back within 10 s and was stopped. Look for a loop that never ends.",
        "f is not defined: The cell s was killed: it used too much memory or CPU time",
        "NameError: name 'y' is not defined\nThe cell g had stopped with ConnectTimeoutError: x",
    ],
)
def test_what_the_sandbox_or_a_limit_may_have_caused_is_told(said):
    check = Check("a", "a", 2, 0.0, FAILED, "Something hidden fails.", unabridged=said)
    other = Check("b", "b", 2, 0.0, FAILED, "f(...) raised FileNotFoundError: [Errno 2] x")
    source = notebook([cell("test", "a", "f()"), cell("test", "b", "f()")])
    assert counting_all_the_same({"a", "b"}, [check, other], source) == {"b"}
