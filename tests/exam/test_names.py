"""Every form in which a cell can define a name: the check finds it, and misses it where it is not."""

import json

import pytest

from autograder.exam import examine
from tests.exam.test_wild_courses import cell
from tests.threats.room import notebook, tier

# Solution, check; the reference earns the points, an empty answer does not.
FORMS = {
    "function": ("def f():\n    return 1", "f() == 1"),
    "async function": ("async def f():\n    return 1", "import asyncio\nasyncio.run(f()) == 1"),
    "class": ("class A:\n    x = 1", "A.x == 1 and A().x == 1"),
    "decorated": ("import functools\n@functools.cache\ndef f(x):\n    return x", "f(2) == 2"),
    "decorator with walrus": ("@(d := lambda f: f)\ndef f():\n    return 1", "d(3) == 3"),
    "assignment": ("x = 1", "x == 1"),
    "chained": ("x = y = 1", "x + y == 2"),
    "tuple": ("(x, y), *z = (1, 2), 3, 4", "[x, y, z] == [1, 2, [3, 4]]"),
    "list target": ("[x, y] = 1, 2", "x + y == 3"),
    "annotated": ("x: int = 1", "x == 1"),
    "walrus": ("if (n := 3) > 2:\n    pass", "n == 3"),
    "walrus in a comprehension": ("found = [last := i for i in range(4)]", "last == 3"),
    "walrus in a call": ("print(n := 4)", "n == 4"),
    "walrus in a default": ("def f(a=(n := 5)):\n    return a", "n == 5"),
    "walrus among bases": ("class A((B := object)):\n    y = 1", "B is object or B is not None"),
    "for": ("for i in range(3):\n    last = i", "i == 2 and last == 2"),
    "for over pairs": ("for a, b in {'k': 3}.items():\n    pass", "(a, b) == ('k', 3)"),
    "while": ("n = 0\nwhile n < 3:\n    n += 1", "n == 3"),
    "with": ("import io\nwith io.StringIO('t') as handle:\n    text = handle.read()", "text == 't'"),
    "if": ("if True:\n    x = 1\nelse:\n    y = 2", "x == 1"),
    "else": ("if False:\n    x = 1\nelse:\n    y = 2", "y == 2"),
    "try": ("try:\n    x = int('a')\nexcept ValueError as e:\n    x = str(e)[:3]", "x == 'inv'"),
    "finally": ("try:\n    pass\nfinally:\n    x = 1", "x == 1"),
    "try else": ("try:\n    pass\nexcept OSError:\n    pass\nelse:\n    x = 1", "x == 1"),
    "match": ("match [1, 2, 3]:\n    case [x, *rest]:\n        y = x", "(x, rest) == (1, [2, 3])"),
    "match mapping": ("match {'a': 1, 'b': 2}:\n    case {'a': a, **more}:\n        pass", "more == {'b': 2}"),
    "match as": ("match 3:\n    case int() as n:\n        pass", "n == 3"),
    "global in a function": ("def f():\n    global made\n    made = 7\nf()", "made == 7"),
    "lambda": ("f = lambda x: x + 1", "f(1) == 2"),
    "augmented": ("x = [1]\nx += [2]", "x == [1, 2]"),
    "star import": ("from math import *", "round(pi) == 3 and sqrt(4) == 2"),
    "imports of one package": ("import os.path, xml.dom\nimport os", "os.path.join('a', 'b') and xml.dom"),
    "import in try": ("try:\n    import json as js\nexcept ImportError:\n    js = None", "js.dumps(1) == '1'"),
    "import in a function's global": ("import math as m\ntau = 2 * m.pi", "tau == 2 * m.pi"),
    "globals()": ("globals()['made'] = 3", "made == 3"),
    "vars().update": ("vars().update(made=3)", "made == 3"),
    "exec": ("exec('made = 3')", "made == 3"),
    "setattr of a class": ("class A:\n    pass\nA.x = 1", "A.x == 1"),
    "time": ("%%time\nx = 1", "x == 1"),
    "capture": ("%%capture out\nprint(3)\nx = 1", "x == 1"),
    "nested magics": ("%%capture\n%%time\nx = 1", "x == 1"),
    "line magic": ("%time x = 3 + 4", "x == 7"),
    "magic value": ("%precision 3\nx = 1", "x == 1"),
    "question mark": ("x = 1\nlen?", "x == 1"),
    "format in a string": (
        '%precision 3\ndef f(a):\n    if a:\n        raise ValueError("a = %s, not 2" % a)\n    return 2',
        "f(0) == 2",
    ),
    "a magic in a string": ('%precision 3\ntext = """\n%time x\n!ls\n"""\ny = 1', "'%time' in text"),
    "shell line": ("!true\nx = 1", "x == 1"),
    "indented magic": ("if True:\n    %precision 3\n    x = 1", "x == 1"),
    "modulo on a new line": ("%precision 3\nx = (7\n     % 4)", "x == 3"),
    "non-ascii": ("größe = 3", "größe == 3"),
    "await": ("import asyncio\nx = await asyncio.sleep(0, 5)", "x == 5"),
    "deleted": ("x = 1\ntmp = 2\ndel tmp", "x == 1 and 'tmp' not in globals()"),
    "nested function": ("def outer():\n    def inner():\n        return 2\n    return inner\ng = outer()", "g() == 2"),
    "property of a class": ("class A:\n    @property\n    def x(self):\n        return 4", "A().x == 4"),
    "enum": ("import enum\nclass C(enum.Enum):\n    RED = 1", "C.RED.value == 1"),
    "two in one line": ("x = 1; y = 2", "x + y == 3"),
    "star expression": ("first, *rest = 'abc'", "rest == ['b', 'c']"),
    "subscript": ("d = {}\nd['k'] = 1", "d == {'k': 1}"),
}  # fmt: skip


def graded(*cells, submission=None):
    source = notebook(cells)
    handed = source if submission is None else notebook(submission)
    return examine(source, json.dumps(handed).encode(), isolation=tier())


def checked(text):
    *before, last = text.split("\n")
    return "\n".join([*before, f"assert {last}"])


@pytest.mark.parametrize("form", FORMS)
def test_a_check_finds_what_a_cell_defines(form):
    solution, check = FORMS[form]
    cells = cell("solution", "s", solution), cell("test", "test_it", checked(check))
    empty = cell("solution", "s", "pass"), cells[1]
    (right,) = graded(*cells).checks
    assert (right.status, right.message) == ("passed", "")
    (wrong,) = graded(*cells, submission=empty).checks
    assert (wrong.status, wrong.score) == ("failed", 0)


SHARED = {
    "a given cell calls a student's function": [
        ("solution", "def f(x):\n    return x + 1"),
        ("given", "y = f(1)\ndef twice(x):\n    return f(f(x))"),
        ("test", "assert y == 2 and twice(1) == 3"),
    ],
    "a given cell changes a student's object once": [
        ("solution", "stack = [0]"),
        ("given", "stack.append(1)\nprint(stack.pop())"),
        ("test", "assert stack == [0]"),
    ],
    "a student's object is changed once": [
        ("solution", "class S:\n    def __init__(self):\n        self.n = 0\n    def up(self):\n        self.n += 1\ns = S()"),
        ("given", "s.up()"),
        ("test", "assert s.n == 1"),
    ],
    "a check makes what a student's function reads": [
        ("solution", "def f():\n    return rate * 2"),
        ("test", "rate = 4\nassert f() == 8"),
        ("test", "rate = 5\nassert f() == 10\ndel rate\ntry:\n    f()\n    assert False\nexcept NameError:\n    pass"),
    ],
    "a check sets a given variable anew": [
        ("given", "rate = 1"),
        ("solution", "def f():\n    return rate * 2"),
        ("test", "assert f() == 2"),
        ("test", "rate = 4\nassert f() == 8"),
        ("given", "rate = 3"),
        ("test", "assert f() == 6"),
    ],
    "a solution changes a given variable in place": [
        ("given", "data = [3, 1, 2]\ntable = {}"),
        ("solution", "data.sort()\ntable['a'] = 1"),
        ("test", "assert data == [1, 2, 3] and table == {'a': 1}"),
    ],
    "a solution changes an object that a given cell made": [
        ("solution", "class A:\n    total = 0\n    def add(self, x):\n        self.total += x"),
        ("given", "a = A()\na.add(2)"),
        ("solution", "a.add(3)"),
        ("test", "assert a.total == 5"),
    ],
    "a given value stands until the cell runs": [
        ("given", "x = None"),
        ("test", "assert x is None"),
        ("solution", "x = 3"),
        ("test", "assert x == 3"),
    ],
    "a given cell makes a student's name anew": [
        ("solution", "x = 3"),
        ("given", "x = 4"),
        ("solution", "y = x + 1"),
        ("test", "assert (x, y) == (4, 5)"),
    ],
    "a check asks whether a name is there": [
        ("solution", "x = 3"),
        ("test", "assert 'x' in globals() and 'y' not in globals()\ntry:\n    y\n    assert False\nexcept NameError:\n    pass"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", SHARED)
def test_names_are_shared_as_in_one_process(case):
    cells = [
        cell(kind, f"test_{place}" if kind == "test" else f"c{place}", text)
        for place, (kind, text) in enumerate(SHARED[case])
    ]
    result = graded(*cells)
    assert [(check.status, check.message) for check in result.checks] == [
        ("passed", "") for kind, _ in SHARED[case] if kind == "test"
    ]


def test_a_given_variable_that_the_solution_leaves_alone_is_not_a_students_to_change():
    cells = [
        cell("given", "c1", "data = [3, 1, 2]"),
        cell("solution", "s", "print(data)\nlen(data)\nx = sorted(data)"),
        cell("test", "test_x", "assert x == sorted(data)"),
    ]
    forged = [cells[0], cell("solution", "s", "data.clear()\nx = []"), cells[2]]
    assert graded(*cells).checks[0].score and not graded(*cells, submission=forged).checks[0].score


def test_a_name_that_is_not_there_is_said_to_be():
    cells = [cell("solution", "s", "x = 1"), cell("test", "test_x", "assert x == 1")]
    (check,) = graded(*cells, submission=[cell("solution", "s", "1 / 0"), cells[1]]).checks
    assert check.message == (
        "x is not defined: its cell stopped with ZeroDivisionError: division by zero"
    )
