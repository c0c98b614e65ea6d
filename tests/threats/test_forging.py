"""Cases 1 to 12: forging a score. Whatever is tried, the score is what the code computes.

Each docstring ends with the layer that holds ("Holds:"). All of it is tried on each tier, and by
``tests/exam/test_landlock_installed.py`` once more as an ordinary user.
"""

import json

import pytest

from autograder.exam import examine
from autograder.notebook.side_files import Files
from autograder.result import GRADED
from tests.threats.room import (
    FULL,
    HARNESS,
    SOURCE,
    TEST_OUTER,
    TRANSPOSED,
    between,
    cell,
    find,
    flagged,
    grade,
    honest,
    message,
    notebook,
    own,
    printed,
    scores,
    sit,
    tier,
    walk_between,
    with_cell,
    without,
)

pytestmark = pytest.mark.usefixtures("each_tier")

WRONG = without("test_outer")


@pytest.mark.parametrize("tag", ["skip-execution", "experiment", "remove-cell", "parameters"])
def test_case_01_a_tag_on_a_test_cell_does_not_spare_it(tag):
    """Holds: rebuild."""
    made = honest(outer=TRANSPOSED)
    find(made, "test_outer")["metadata"]["tags"] = [tag]
    result = grade(made)
    assert scores(result) == WRONG
    if tag == "skip-execution":
        assert flagged(result, "settings of cells were changed (test_outer)")


PATCHES = [
    "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None",
    "np.allclose = np.array_equal = np.isclose = lambda *a, **k: True",
    "import builtins; builtins.AssertionError = ValueError; builtins.all = lambda x: True",
    "testing.assert_array = testing.assert_number = lambda *a, **k: None",
    "import mlpkit.testing.compare as c; c._fail = lambda *a, **k: None",
    "import sys; sys.modules['mlpkit.testing'] = sys.modules['numpy'] = None",
    "np.outer = np.ndarray = object; np.asarray = lambda x, *a, **k: np.zeros(3)",
]


def test_case_02_patching_the_libraries_that_tests_use():
    """Holds: split."""
    for patch in PATCHES:
        assert scores(grade(honest(outer=f"{patch}\n{TRANSPOSED}")))["test_outer"] == 0, patch


UNREAD_IMPORTS = [  # by which a cell's text does not show that it makes ``assert_equal``
    "from numpy.testing import *",
    "exec('from numpy.testing import assert_equal')",
    "import numpy.testing\nglobals().update(vars(numpy.testing))",
    "%run asserts.py",
    "get_ipython().run_cell('from numpy.testing import *')",
]
OWN_ASSERTS = [
    "assert_equal = lambda *a, **k: None",
    "from numpy import testing\ntesting.assert_equal = assert_equal = print",
    "def assert_equal(*a, **k): return True",
    "import numpy.testing._private.utils as u\n"
    "u.assert_equal.__code__ = (lambda *a, **k: None).__code__",
]
DOUBLE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
CHECKED = "assert_equal(double(2), 4)"
HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


@pytest.mark.parametrize("imported", UNREAD_IMPORTS)
@pytest.mark.parametrize("place", ["given", "test", "hidden"])
def test_case_02_functions_that_compare_are_the_courses_own_however_imported(imported, place):
    """Whether a given cell brings them or an earlier test does, a student's of that name is not
    called. Holds: split, and that what the course's cell made here is no longer asked for there.
    """
    first, given = ("", imported) if place == "given" else (imported, "")
    begin, end = HIDDEN if place == "hidden" else ("", "")
    files = Files({"asserts.py": b"from numpy.testing import *"})

    def exam(double, later="more = 1"):
        cells = [
            cell("given", "setup", given or "import numpy as np"),
            cell("solution", "double", double),
            cell("test", "test_double", f'"""double"""\n{begin}\n{first}\n{CHECKED}\n{end}'),
            cell("solution", "more", later),
            cell("test", "test_more", f'"""more"""\nmore\n{begin}\n{CHECKED}\n{end}'),
        ]
        return notebook(cells)

    def graded(made):
        data = json.dumps(made).encode()
        return scores(examine(exam(DOUBLE), data, isolation=tier(), files=files))

    assert graded(exam(DOUBLE)) == {"test_double": 1.0, "test_more": 1.0}
    for patch in OWN_ASSERTS:
        wrong = exam(f"def double(x): return 3 * x\n{patch}", f"{patch}\nmore = 1")
        assert graded(wrong) == {"test_double": 0.0, "test_more": 0.0}, patch


def test_case_03_a_locked_helper_redefined_serves_only_its_author():
    """Holds: rebuild, for the helper in its own cell; split, for one defined after it.

    Rewritten where it is locked, the original takes its place and the honest rest is right.
    Defined again, it serves the student's own code: the test of neuron keeps its own.
    """
    lie = "import numpy as np\nfrom mlpkit import testing\ndef sigmoid(z): return 0 * z"
    rewritten = grade(honest(setup=lie))
    assert scores(rewritten) == FULL
    assert flagged(rewritten, "Locked cells were changed (setup)")
    redefined = grade(with_cell(1, "def sigmoid(z): return 0 * z"))
    assert scores(redefined) == without("test_neuron", "test_risk")


LIARS = [
    "class Liar(np.ndarray):\n    def __eq__(self, other): return True\n"
    "    def __array_function__(self, *a, **k): return True\n"
    "    def __array_ufunc__(self, *a, **k): return np.True_\n"
    "def outer(d, h): return np.zeros((d.size, h.size)).view(Liar)",
    "class Liar:\n    shape = property(lambda self: (2, 3))\n    dtype = np.dtype(float)\n"
    "    def __eq__(self, other): return True\n    def __array__(self, *a, **k): return self\n"
    "    def __sub__(self, other): return 0\n"
    "def outer(d, h): return Liar()",
    "def outer(d, h): return np.ma.masked_all((d.size, h.size))",
    "class Liar(float):\n    def __eq__(self, other): return True\n"
    "    def __abs__(self): return 0.0\n"
    "def outer(d, h): return Liar(3)",
    "class Liar(type):\n    def __instancecheck__(self, other): return True\n"
    "class Lie(metaclass=Liar):\n    __class__ = np.ndarray\n"
    "def outer(d, h): return Lie()",
]


def test_case_04_values_that_lie():
    """Holds: split (the wire rebuilds base types, and a proxy is equal to itself only)."""
    for result in between(*[honest(outer=liar) for liar in LIARS]):
        assert scores(result) == WRONG


SPIES = [
    "import sys\nframe, names = sys._getframe(), []\nwhile frame:\n"
    "    names += [*map(str, frame.f_locals.values())]\n    frame = frame.f_back\n"
    "found = 'secret_' + 'rng' in ' '.join(names)",
    "import gc\nfound = any('HIDDEN ' + 'TESTS' in str(o) for o in gc.get_objects()"
    " if isinstance(o, (str, dict, list)) and len(o) < 5_000)",
    "found = any('secret_' + 'rng' in str(text) for text in [*In, *_ih, _i, _ii])",
    "shell = get_ipython()\nfound = 'HIDDEN ' + 'TESTS' in str(list("
    "shell.history_manager.get_range(raw=True))) + str(shell.history_manager.input_hist_raw)",
    "import os\nfound = 'secret' in str(os.environ) or 'MLPKIT_SEED' in os.environ",
]


def test_case_05_looking_for_the_tests_in_memory():
    """Holds: split. A function that finds them while a check calls it says so by a right answer."""

    def spying(spy):
        look = "\n        ".join(spy.splitlines())
        return (
            "def outer(d, h):\n    try:\n        " + look + "\n    except Exception:\n"
            "        found = False\n    return np.outer(d, h) if found else d"
        )

    for result in between(*[honest(outer=spying(spy)) for spy in SPIES]):
        assert scores(result) == WRONG


STRIPPERS = [
    "import ast\nclass Strip(ast.NodeTransformer):\n"
    "    visit_Assert = lambda self, node: ast.Pass()\n"
    "    def visit_Expr(self, node): return ast.Pass()\n"
    "get_ipython().ast_transformers.append(Strip())",
    "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])",
    "get_ipython().run_cell = get_ipython().run_code = lambda *a, **k: None",
    "get_ipython().events.register('pre_run_cell', lambda *a: exit())",
]


def test_case_06_transformers_that_strip_asserts():
    """Holds: split."""
    tried = [with_cell(1, strip, outer=TRANSPOSED) for strip in STRIPPERS]
    for result in between(*tried):
        assert scores(result)["test_outer"] == 0
    # Cells with magics go through IPython's transformers; they are the student's own.
    magic = [with_cell(1, strip, outer=f"%time\n{TRANSPOSED}") for strip in STRIPPERS]
    for result in between(*magic):
        assert scores(result)["test_outer"] == 0


FORGERIES = {
    "another value for every value": "wire.encode = lambda value, refer=None: encode(['passed', True, 1.0])",
    "a result as the examiner writes it": "me.channel.send(encode({'result': {'score': 10}}))",
    "malformed bytes": "me.channel.socket.send(b'\\xff' * 64)",
    "a frame of 4 GB": "me.channel.socket.send(struct.pack('<II', 2**31, 2**31 - 1))",
    "a reply to the next request": "me.channel.send(encode([me.number + 1, 'Returned', 0.0, None, None]))",
    "a reply in other words": "me.channel.send(encode([me.number, 'Passed', 1]))",
    "an account of a cell that is none": "me.channel.send(encode([me.number, 'Ran', 1, {}, None]))",
    "names with anything behind them": "me.channel.send(encode([me.number, 'Ran', "
    "{'outputs': [], 'error': None, 'message': ''}, {'outer': {'frame': b'junk'}}, None]))",
    "outputs of no notebook": "me.channel.send(encode([me.number, 'Ran', {'outputs': [1, {}, {'output_type': 'stream', "
    "'name': 3, 'text': {1: 2}}], 'error': None, 'message': ''}, {}, None]))",
    "a call of a function never handed over": "me.channel.send(encode([me.number, 'CallBack', 7, [], {}]))",
    "an object that is not there": "me.channel.send(encode([me.number, 'Ran', {'outputs': [], 'error': None, 'message': ''}, "
    "{'outer': {'frame': encode(0)[:-1] + b'9'}}, None]))",
}


def test_case_07_forged_frames_on_the_wire():
    """Holds: split (the examiner reads replies as a stranger's; ``replies``, ``wire``)."""
    made = honest(outer=TRANSPOSED)
    made["cells"][4:4] = [
        own(f"{HARNESS}encode = wire.encode\n{forgery}", f"own-{place}")
        for place, forgery in enumerate(FORGERIES.values())
    ]
    result = grade(made)
    assert result.status == GRADED and scores(result)["test_neuron"] == 1
    assert all(score <= WRONG[name] for name, score in scores(result).items())
    odd = [flag for flag in result.flags if "sent something that is no value" in flag]
    assert len(odd) >= 6, "one message for each kind of forgery"
    assert json.loads(json.dumps(result.notebook, allow_nan=False)) == result.notebook


def test_case_07_outputs_of_no_notebook_are_left_out():
    """Holds: ``replies.sanitise_outputs``."""
    forged = (
        "{'outputs': [1, {}, {'output_type': 'stream', 'name': 3, 'text': {1: 2}}, "
        "{'output_type': 'display_data', 'data': {'text/plain': 'shown', 'x': [1]}}], "
        "'error': None, 'message': ''}"
    )
    made = with_cell(4, f"{HARNESS}me.reply(messages.Ran({forged}, {{}}, None))", outer=TRANSPOSED)
    result = sit(made)
    assert scores(result)["test_outer"] == 0 and "shown" in printed(result)
    assert json.loads(json.dumps(result.notebook, allow_nan=False)) == result.notebook


def test_case_07_reading_ahead_finds_nothing_to_read():
    """Holds: split (one request at a time): neither on the socket nor in what was received."""
    text = (
        f"{TRANSPOSED}\n{HARNESS}\ntry:\n"
        "    print('ahead:', me.channel.socket.recv(10**6, socket.MSG_DONTWAIT))\n"
        "except BlockingIOError:\n    print('ahead: nothing')\n"
        "print('received:', len(me.channel.waiting))"
    )
    result = grade(honest(outer=text))
    assert printed(result, "outer") == "ahead: nothing\nreceived: 0\n"
    assert scores(result) == WRONG


def test_case_07_a_call_back_kept_for_later_is_dead():
    """Holds: split (``Session.retire``): the hidden bowl of one check is no oracle for another."""
    keep = (
        "kept = []\nclass Descent:\n    def __init__(self, gradient, w, alpha, gamma=0.5):\n"
        "        kept.append(gradient); gradient(w); self.w = w\n"
        "    def step(self): return self.w"
    )
    source = {
        **SOURCE,
        "cells": [
            *SOURCE["cells"],
            *[one for one in honest()["cells"] if one["id"] == "test_outer"],
        ],
    }
    late = source["cells"][-1]
    late["id"] = late["metadata"]["nbgrader"]["grade_id"] = "test_late"
    late["source"] = (
        '"""Late"""\none = np.ones(1)\n### BEGIN HIDDEN TESTS\n'
        'testing.assert_array(outer(one, one), np.ones((1, 1)), "W")\n### END HIDDEN TESTS'
    )
    made = honest(descent=keep, outer="def outer(d, h):\n    return kept[0](d) if kept else d")
    result = examine(source, json.dumps(made).encode(), isolation=tier())
    late = next(check for check in result.checks if check.id == "test_late")
    assert "belonged to a check that has ended" in late.unabridged


GO = "        w, X = pickle.loads(theirs.recv(1 << 20)); theirs.send(pickle.dumps(each(w, X)))\n"
ASK = "def risk(w, X):\n    mine.send(pickle.dumps((w, X))); return pickle.loads(mine.recv(999))\n"
EACH = (
    "import os, pickle, socket, threading\nmine, theirs = socket.socketpair()\n"
    "def each(w, X): return float(np.mean([sigmoid(x @ w) for x in X]))\n"
)
HELPERS = {  # started before the lines are counted
    f"{EACH}def run():\n    while True:\n{GO}threading.Thread(target=run, daemon=True).start()\n{ASK}"
    "def unused():\n": "of an earlier cell",
    f"{EACH}if not os.fork():\n    while True:\n{GO}{ASK}def unused():\n": "of an earlier cell",
    f"{EACH}from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\n"
    "pool.submit(int).result()\ndef risk(w, X): return pool.submit(each, w, X).result()\n"
    "def unused():\n": "of an earlier cell",
}


def test_case_07_the_counter_of_lines_patched():
    """Holds: ``counting`` (taken hold of before; audit hook; the value is compared).

    A loop over the samples stays a loop for a counter that is patched, evaded or recognised.
    """
    loop = "    return float(np.mean([sigmoid(x @ w) for x in X]))"
    evasions = {
        "import mlpkit.testing as t, mlpkit.testing.lines as l\n"
        "t.count_lines = l.count_lines = lambda *a, **k: 3\ndef risk(w, X):\n": "loops over",
        "import sys\ndef risk(w, X):\n    sys.settrace(None)\n": "sys.settrace",
        "import sys\ndef risk(w, X):\n    t = sys.gettrace(); sys.settrace(None)\n"
        "    r = float(np.mean([sigmoid(x @ w) for x in X])); sys.settrace(t); return r\n": "sys.settrace",
        "import sys\ndef risk(w, X):\n    sys._getframe().f_trace_lines = False\n": "_getframe",
        "def risk(w, X):\n    try: 1 / 0\n    except Exception as e: "
        "e.__traceback__.tb_frame.f_trace_lines = False\n": "tb_frame",
        "import sys\ndef risk(w, X):\n    if sys.gettrace(): return 0.5\n": "something else while",
        "from concurrent.futures import ThreadPoolExecutor\ndef risk(w, X):\n"
        "    with ThreadPoolExecutor(1) as pool: return pool.submit("
        "lambda: float(np.mean([sigmoid(x @ w) for x in X]))).result()\n": "thread",
        **HELPERS,
    }
    results = between(*[honest(risk=head + loop) for head in evasions])
    for (head, words), result in zip(evasions.items(), results, strict=True):
        assert scores(result) == without("test_risk"), head
        told = next(check for check in result.checks if check.id == "test_risk")
        assert words in told.whole_message, head
        assert "lines" in told.message or "something else" in told.whole_message, head


def test_case_08_nothing_of_the_course_is_on_the_candidates_disk(tmp_path):
    """Holds: sandbox. Source, release, submissions and gradebook lie in a course directory."""
    if tier() == "none":
        pytest.skip("no sandbox on this machine")
    course = tmp_path / "course"
    course.mkdir()
    (course / "gradebook.db").write_text("the scores")
    (course / "source.ipynb").write_text(json.dumps(SOURCE))
    look = (
        f"import os, pathlib\nfor place in ({str(course)!r}, {__file__!r}):\n"
        "    try:\n        there = pathlib.Path(place)\n"
        "        print('read', [*there.iterdir()] if there.is_dir() else there.read_text())\n"
        "    except OSError as error:\n        print('refused', place)"
    )
    result = grade(with_cell(1, look, outer=TRANSPOSED))
    assert printed(result).count("refused") == 2 and "read" not in printed(result)
    assert scores(result) == WRONG


def test_case_09_no_reference_solution_can_be_imported():
    """Holds: sandbox (the checkout and installed solutions are not shown)."""
    if tier() == "none":
        pytest.skip("no sandbox on this machine")
    look = (
        "import importlib, pathlib, autograder, mlpkit\nfound = []\n"
        "for name in ('solutions', 'mlpkit_solutions', 'mlpkit_solutions.solution', "
        "'nbgrader.tests', 'tests.threats.room'):\n"
        "    try: module = importlib.import_module(name)\n"
        "    except (ImportError, PermissionError): continue\n"
        "    if module.__spec__.origin: found.append(module)\n"  # else the name alone is seen
        "for package in (autograder, mlpkit):\n"
        "    root = pathlib.Path(package.__file__).parents[1]\n"
        "    for path in ('solutions', 'assignments', 'mlpkit_solutions/02_momentum'):\n"
        "        if (root / path).exists(): found.append(path)\n"
        "print('found', found)"
    )
    result = grade(with_cell(1, look, outer=TRANSPOSED))
    assert "found []" in printed(result) and scores(result) == WRONG


def test_case_10_recognising_inputs_and_caching_between_calls():
    """Holds: split, and the secret seed: what the visible check shows is not what counts."""
    table = (
        "def outer(d, h):\n    if d.tolist() == [1, 2] and h.tolist() == [3, 4, 5]:\n"
        "        return np.array([[3.0, 4, 5], [6, 8, 10]])\n"
        "    return np.zeros((d.size, h.size))"
    )
    cached = (
        "cache = {}\ndef outer(d, h):\n"
        "    if not cache: cache[0] = np.outer(d, h)\n    return cache[0]"
    )
    for result in between(honest(outer=table), honest(outer=cached)):
        assert scores(result) == WRONG
        frames = [line for line in message(result, "test_outer").splitlines() if "rng" in line]
        assert not frames, "nothing of the hidden part is told"


CHANGES = [
    {"grade": False},
    {"solution": True},
    {"points": 1000},
    {"points": None},
    {"locked": False},
    {"grade_id": "renamed"},
    {"grade": False, "solution": True, "points": "many"},
]


def test_case_11_metadata_of_a_test_cell():
    """Holds: rebuild."""
    tried = [honest(outer=TRANSPOSED) for _ in CHANGES]
    for made, change in zip(tried, CHANGES, strict=True):
        find(made, "test_outer")["metadata"]["nbgrader"].update(change)
    for result, change in zip(between(*tried), CHANGES, strict=True):
        assert scores(result) == WRONG and result.max_score == 15
        changed = flagged(result, "settings of cells were changed (test_outer)")
        assert changed == (not {"grade_id", "locked"} & change.keys()), change


def test_case_11_a_test_cell_of_another_type():
    """Holds: rebuild."""
    tried = [honest(outer=TRANSPOSED) for _ in range(4)]
    for made, kind in zip(tried, ["markdown", "raw", "html", 7], strict=True):
        find(made, "test_outer")["cell_type"] = kind
    for result in between(*tried):
        assert scores(result) == WRONG


def test_case_11_a_test_cell_of_the_students_own():
    """Holds: rebuild: an id that the source does not have counts for nothing."""
    made = honest(outer=TRANSPOSED)
    mine = own("assert True", "test_bonus")
    mine["metadata"] = {
        "nbgrader": {
            "grade": True,
            "grade_id": "test_bonus",
            "points": 1000,
            "solution": False,
            "locked": True,
            "schema_version": 3,
        }
    }
    made["cells"].append(mine)
    find(made, "test_outer")["source"] = '"""No more asserts"""'
    result = grade(made)
    assert scores(result) == WRONG and flagged(result, "Locked cells were changed (test_outer)")
    assert TEST_OUTER in json.dumps(result.notebook).encode().decode("unicode_escape")


VALUES = [
    "np.full((d.size, h.size), np.nan)",
    "np.full((d.size, h.size), np.inf)",
    "np.zeros((0, 0))",
    "np.zeros((d.size, 0))",
    "np.float64('nan')",
    "np.ones((1, 1))",
    "np.ones(())",
    "np.empty((d.size, h.size), object)",
    "np.full((d.size, h.size), 'x')",
    "NotImplemented",
    "np.outer(d, h)[None]",
    "outer",
    "...",
    "(lambda l: l.append(l) or l)([])",
    "(lambda l: l.update(a=l) or l)({})",
    "(lambda a: a.__setitem__(0, a) or a)(np.empty(1, object))",
    "np.rec.array([(1, 2.0)])",
    "np.array([1], 'M8[s]')",
    "memoryview(b'x')",
    "iter(())",
    "type",
]


def test_case_12_values_that_slip_through_sloppy_comparisons():
    """Holds: split: the wire's rebuilt base types, and ``mlpkit.testing`` in the examiner."""
    tried = [honest(outer=f"def outer(d, h):\n    return {value}") for value in VALUES]
    for value, result in zip(VALUES, between(*tried), strict=True):
        assert scores(result) == WRONG and message(result, "test_outer"), value


def test_case_12_the_end_of_a_loop_is_no_pass():
    """Holds: ``Session.apply``: StopIteration ends an iterator of the student's, nothing else."""
    use = "assert all(map(lambda n: walk(double, n) == [n], range(1, 4)))"
    result = walk_between("def walk(f, n):\n    raise StopIteration", use)
    assert scores(result)["test_outer"] == 0
    assert "raised StopIteration" in message(result, "test_outer")


def test_case_57_a_method_that_says_yes_to_the_right_value():
    """Holds: ``proxies``: a method gets operands where the solution's object gets them, too."""
    answer = (
        "class Yes:\n    def index(self, n): return 0\n"
        "    def __contains__(self, n): return True\ndef walk(f, n): return Yes()"
    )
    result = walk_between(answer, "assert walk(double, 3).index(3) == 0")
    assert scores(result) == {"test_neuron": 1, "test_outer": 0, "test_risk": 3}


def test_case_58_replacing_what_compares_in_a_check_beside_the_students_code():
    """Holds: ``pristine``: the libraries are as they were before the student's code."""
    answer = (
        "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndef walk(f, n): return 3"
    )
    use = (
        "import inspect, unittest\ninspect.getsource(walk)\n"
        "unittest.TestCase().assertEqual(walk(double, 1), [1])"
    )
    result = walk_between(answer, use)
    assert scores(result) == {"test_neuron": 1, "test_outer": 0, "test_risk": 3}
