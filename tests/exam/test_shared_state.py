"""What the cells of a course share besides plain data, in two processes: objects of classes that
a given cell made, variables that functions change, iterators, files in memory.
"""

import json

import pytest

from autograder.exam import examine
from autograder.result import FAILED, PASSED
from tests.exam.test_wild_courses import cell
from tests.threats.room import notebook, tier

POINT = "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    y: int = 0"
# Given cell, solution, check, wrong answer.
CASES = {
    "dataclass": (POINT, "def make(a):\n    return P(a, 2)\ndef norm(p):\n    return p.x + p.y", "assert make(3) == P(3, 2) and P(3, 2) == make(3) and make(3) != P(3, 3)\nassert norm(P(4, 5)) == 9 and isinstance(make(1), P)", "def make(a):\n    return P(a, 3)\ndef norm(p):\n    return p.x - p.y"),
    "ordered dataclass": (
        "from dataclasses import dataclass\n@dataclass(order=True, frozen=True)\nclass V:\n    a: int\n    b: tuple = ()",
        "def best(vs):\n    return max(vs)\ndef ordered(vs):\n    return sorted(vs, reverse=True)",
        "vs = [V(1), V(3, (1,)), V(2)]\nassert best(vs) == V(3, (1,)) and best(vs) is vs[1]\nassert ordered(vs) == [V(3, (1,)), V(2), V(1)] and len(set(ordered(vs))) == 3",
        "def best(vs):\n    return min(vs)\ndef ordered(vs):\n    return vs",
    ),
    "enum": (
        "from enum import Enum\nclass C(Enum):\n    RED = 1\n    BLUE = 2",
        "def other(c):\n    return C.BLUE if c is C.RED else C.RED",
        "assert other(C.RED) is C.BLUE and other(C.BLUE) == C.RED and other(C.RED).name == 'BLUE' and {C.RED: 1}[other(C.BLUE)] == 1",
        "def other(c):\n    return c",
    ),
    "typed named tuple": (
        "from typing import NamedTuple\nclass Q(NamedTuple):\n    x: int\n    y: int = 0\n    def norm(self):\n        return self.x + self.y",
        "def make(a):\n    return Q(a, 2)\ndef norm(q):\n    return q.norm()",
        "assert make(3).norm() == 5 and norm(Q(1)) == 1 and isinstance(make(2), Q)",
        "def make(a):\n    return Q(a, 3)\ndef norm(q):\n    return 0",
    ),
    "exception": (
        "class Bad(Exception):\n    def __init__(self, code, why='no'):\n        super().__init__(code)\n        self.code = code",
        "def f(n):\n    if n > 3:\n        raise Bad(n)\n    return n",
        "try:\n    f(5)\nexcept Bad as error:\n    assert error.code == 5 and error.args == (5,) and str(error) == '5'\nelse:\n    raise AssertionError('no Bad')\nassert f(2) == 2",
        "def f(n):\n    return n",
    ),
    "linked objects": (
        "class Node:\n    def __init__(self, v, next=None):\n        self.v, self.next = v, next",
        "def build(xs):\n    head = None\n    for x in reversed(xs):\n        head = Node(x, head)\n    return head\ndef total(n):\n    return 0 if n is None else n.v + total(n.next)",
        "h = build([1, 2, 3])\nassert h.next.next.v == 3 and h.next.next.next is None and isinstance(h, Node)\nassert total(Node(1, Node(5))) == 6 and total(h) == 6 and build([]) is None",
        "def build(xs):\n    return None\ndef total(n):\n    return 0",
    ),
    "objects that hold each other": (
        "class Person:\n    def __init__(self, name):\n        self.name, self.friends = name, []",
        "def befriend(a, b):\n    a.friends.append(b)\n    b.friends.append(a)\n    return a",
        "a, b = Person('a'), Person('b')\nassert befriend(a, b) is a and a.friends == [b] and b.friends[0].friends[0] is b\nbefriend(a, b)\nassert len(b.friends) == 2 and b.friends[1] is a",
        "def befriend(a, b):\n    return a",
    ),
    "changed in place": (
        "class Account:\n    def __init__(self):\n        self.balance, self.log = 0, []",
        "def deposit(acc, n):\n    acc.balance += n\n    acc.log.append(n)\n    acc.last = n",
        "a = Account()\nlog = a.log\ndeposit(a, 5)\ndeposit(a, 2)\nassert a.balance == 7 and a.log == [5, 2] and a.last == 2 and a.log is log",
        "def deposit(acc, n):\n    pass",
    ),
    "iterators": ("", "def total(xs):\n    return sum(xs)\ndef first(xs):\n    return next(xs)", "import itertools\nassert total(i for i in range(4)) == 6 and total(map(int, ['1'])) == 1 and total(zip()) == 0\nassert first(itertools.count(7)) == 7 and total({1: 2}.values()) == 2 and total({1: 2}.keys()) == 1\nsteps = iter([1, 2, 3])\nassert first(steps) == 1 and list(steps) == [2, 3]", "def total(xs):\n    return 0\ndef first(xs):\n    return 7"),
    "a generator's type": ("", "def count():\n    n = 0\n    while True:\n        yield n\n        n += 1", "import types\ng = count()\nassert isinstance(g, types.GeneratorType) and [next(g), next(g)] == [0, 1]", "def count():\n    return iter([0, 1])"),
    "files in memory": ("import io", "def total(file):\n    return sum(int(line) for line in file)\ndef write(file):\n    file.write('ok')", "file = io.StringIO('1\\n2\\n')\nassert total(file) == 3 and file.read() == ''\nout = io.StringIO()\nwrite(out)\nassert out.getvalue() == 'ok'", "def total(file):\n    return 3\ndef write(file):\n    pass"),
    "exceptions as values": ("", "def safe(f):\n    try:\n        return f()\n    except Exception as error:\n        return error", "def bad():\n    raise KeyError('k')\nassert isinstance(safe(bad), KeyError) and safe(bad).args == ('k',) and isinstance(safe(lambda: 1 / 0), ZeroDivisionError)", "def safe(f):\n    return None"),
    "a number that a function counts": ("", "n = 0\ndef f():\n    global n\n    n += 1", "f()\nf()\nassert n == 2\nn = 5\nf()\nassert n == 6", "n = 2\ndef f():\n    pass"),
    "a dict that a function fills": ("", "cache = {}\ndef fib(n):\n    if n not in cache:\n        cache[n] = n if n < 2 else fib(n - 1) + fib(n - 2)\n    return cache[n]", "assert fib(10) == 55 and len(cache) == 11", "cache = {}\ndef fib(n):\n    return 55"),
    "given variables that functions change": (
        "import numpy as np\nlog, stock, a = [], {'k': 1}, np.zeros(2)",
        "def f(x):\n    log.append(x)\n    a[0] = x\ndef sell(k):\n    stock[k] -= 1\n    return stock[k]",
        "mine = log\nf(3)\nassert log == [3] and mine is log and a[0] == 3\nstock['k'] = 5\nassert sell('k') == 4 and stock == {'k': 4}",
        "def f(x):\n    pass\ndef sell(k):\n    return 4",
    ),
    "a given object that a function changes": (
        "class Account:\n    def __init__(self):\n        self.balance, self.log = 0, []\n    def rich(self):\n        return self.balance > 4\nacc = Account()",
        "def pay(n):\n    acc.balance += n\n    acc.log.append(n)",
        "pay(5)\nassert acc.rich() and acc.log == [5] and type(acc) is Account\nacc.balance = 1\npay(2)\nassert acc.balance == 3",
        "def pay(n):\n    Account.rich = lambda self: True",
    ),
    "vars and texts of objects": ("", "class V:\n    def __init__(self, *c):\n        self.c = c\n    def __repr__(self):\n        return f'V{self.c}'\n    def __bool__(self):\n        return any(self.c)\n    def __call__(self, t):\n        return sum(self.c) * t\nv = V(4, 7)", "assert repr(v) == f'{v}' == '%s' % v == 'V(4, 7)' and not V(0) and v(2) == 22\nassert vars(v) == {'c': (4, 7)} and v.__dict__['c'] == (4, 7)", "class V:\n    pass\nv = V()"),
    "a function given to numpy": ("import numpy as np", "def f(x):\n    return x ** 2", "assert np.vectorize(f)([1, 2]).tolist() == [1, 4] and f in [f] and f != 3", "def f(x):\n    return x"),
    "a wrapped function of the test's": ("", "import functools\ndef twice(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n        return 2 * f(*a, **k)\n    return inner", "@twice\ndef g(x, y=1):\n    'doc'\n    return x + y\nassert g(1) == 4 and g(1, y=3) == 8 and g.__name__ == 'g' and g.__doc__ == 'doc'", "def twice(f):\n    return lambda *a, **k: 2 * f(*a, **k)"),
}  # fmt: skip


def graded(given, solution, check, answer=None):
    cells = [cell("solution", "s", solution), cell("test", "check", check)]
    source = [cell("given", "g", given), *cells] if given else cells
    handed = [{**one, "source": answer} if answer and one["id"] == "s" else one for one in source]
    submission = json.dumps(notebook(handed)).encode()
    return examine(notebook(source), submission, isolation=tier(), strict=True).checks[0]


@pytest.mark.parametrize("case", CASES)
def test_it_crosses_in_two_processes(case):
    given, solution, check, wrong = CASES[case]
    right = graded(given, solution, check)
    assert (right.status, right.message) == (PASSED, "")
    assert graded(given, solution, check, wrong).status == FAILED


def test_no_method_of_a_given_class_is_replaced():
    given = "class A:\n    def __init__(self):\n        self.n = 0\n    def right(self):\n        return self.n == 5"
    lie = "def five(a):\n    a.right = lambda: True\n    a.n = 4"
    five = "def five(a):\n    a.n = 5"
    check = "a = A()\nfive(a)\nassert a.right()"
    assert graded(given, five, check).status == PASSED
    assert graded(given, five, check, lie).status == FAILED


MAKE = "def make(a):\n    return P(a, 2)"
LIES = [
    "P.__eq__ = lambda self, other: True\ndef make(a):\n    return P(a, 7)",
    "class P(P):\n    def __eq__(self, other):\n        return True\ndef make(a):\n    return P(a, 7)",
    "def make(a):\n    p = P(a, 7)\n    p.__dict__[1] = 2\n    return p",
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_given_class_compares_as_the_course_wrote_it(lie):
    assert (
        graded(POINT, MAKE, "assert P(3, 2) == make(3) and make(3) == P(3, 2)", lie).status
        == FAILED
    )


def test_annotations_are_as_a_notebook_has_them():
    source = notebook(
        [
            cell("solution", "s", "def f(x: int) -> float:\n    return x\nfound = f.__annotations__['x'] is int"),
            cell("test", "check", "def g(x: int):\n    pass\nassert found and g.__annotations__ == {'x': int}"),
        ]
    )  # fmt: skip
    (check,) = examine(source, json.dumps(source).encode(), isolation=tier(), strict=True).checks
    assert check.status == PASSED, check
