"""Small courses in the styles found in the wild, each with its reference and one wrong answer.

A course is a list of cells, ``(kind, id, text)``. ``wrong`` holds the texts of a wrong answer,
``scores`` what reference and wrong answer earn in each test of 2 points; None: could not run.
``says`` is what our message about a test names. ``stock`` holds the scores of ``nbgrader
autograde`` where they are others, with ``why``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

POINTS = 2.0


@dataclass(frozen=True)
class Wild:
    cells: list[tuple[str, str, str]]
    wrong: dict[str, str]
    scores: dict[str, tuple[float | None, float | None]]
    says: dict[str, str] = field(default_factory=dict)
    stock: dict[str, tuple[float, float]] = field(default_factory=dict)
    why: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


def answer(text: str) -> str:
    return f"### BEGIN SOLUTION\n{text}\n### END SOLUTION"


ASSERTIONS = Wild(
    [
        (
            "given",
            "setup",
            "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n"
            "import numpy as np\nfrom numpy.testing import assert_allclose, "
            "assert_array_equal\nfrom unittest import TestCase\ntc = TestCase()",
        ),
        (
            "solution",
            "two",
            "def mean(x: list[float]) -> float:\n    '''The mean'''\n"
            "### BEGIN SOLUTION\n    return sum(x) / len(x)\n"
            "    ### END SOLUTION\n\n"
            "def center(x):\n    ### BEGIN SOLUTION\n"
            "    return np.asarray(x) - mean(x)\n    ### END SOLUTION",
        ),
        (
            "test",
            "test_mean",
            "tc.assertAlmostEqual(mean([1, 2]), 1.5)\n"
            "tc.assertIsInstance(mean([1]), float)\n"
            "with tc.assertRaises(ZeroDivisionError):\n    mean([])",
        ),
        (
            "test",
            "test_center",
            "assert_allclose(center([1, 3]), [-1, 1])\n"
            "### BEGIN HIDDEN TESTS\n"
            "assert_array_equal(center(np.arange(3)), [-1, 0, 1])\n"
            "### END HIDDEN TESTS\nprint('all passed')",
        ),
        (
            "test",
            "test_partial",
            "points = 0\n"
            "for x, right in ([1, 3], 2), ([5], 5), ([0, 1], 0.5):\n"
            "    try:\n        assert mean(x) == right\n"
            "        points += 0.5\n    except Exception as error:\n"
            "        print('failed', error)\npoints",
        ),
        ("solution", "timed", "%%time\n" + answer("def cube(x):\n    return x**3")),
        ("test", "test_cube", "%%time\nimport time\ntime.sleep(0.01)\nassert cube(2) == 8"),
        ("test", "test_false", "cube(2) == 8"),
    ],
    {
        "two": "def mean(x):\n    return sum(x) // len(x)\ndef center(x):\n    return x - mean(x)",
        "timed": "def cube(x):\n    return x**2",
    },
    {
        "test_mean": (2, 0),
        "test_center": (2, 0),
        "test_partial": (1.5, 1),
        "test_cube": (2, 0),
        "test_false": (2, 0),
    },
    stock={"test_false": (2, 2)},
    why="nbgrader gives full points to a test that ends in False",
)

PRINTED = Wild(
    [
        (
            "given",
            "setup",
            "import io, sys\nfrom contextlib import redirect_stdout\n"
            "from unittest.mock import patch",
        ),
        (
            "solution",
            "hello",
            "def hello(name):\n    ### BEGIN SOLUTION\n"
            "    print('Hello', name)\n    ### END SOLUTION",
        ),
        (
            "test",
            "test_redirect",
            "out = io.StringIO()\nwith redirect_stdout(out):\n"
            "    hello('Ada')\nassert out.getvalue() == 'Hello Ada\\n'",
        ),
        (
            "test",
            "test_swapped",
            "old, sys.stdout = sys.stdout, io.StringIO()\ntry:\n"
            "    hello('Bob')\n    said = sys.stdout.getvalue()\nfinally:\n"
            "    sys.stdout = old\nassert said.strip() == 'Hello Bob', said",
        ),
        (
            "test",
            "test_capture",
            "from IPython.utils.capture import capture_output\n"
            "with capture_output() as captured:\n    hello('Cem')\n"
            "assert captured.stdout == 'Hello Cem\\n'",
        ),
        (
            "test",
            "test_mock_print",
            "with patch('builtins.print') as fake:\n    hello('Dan')\n"
            "fake.assert_called_once_with('Hello', 'Dan')",
        ),
        (
            "solution",
            "ask",
            "def ask():\n    ### BEGIN SOLUTION\n"
            "    return int(input('A number? ')) + int(input())\n"
            "    ### END SOLUTION",
        ),
        (
            "test",
            "test_mock_input",
            "with patch('builtins.input', side_effect=['3', '4']):\n    assert ask() == 7",
        ),
        (
            "test",
            "test_own_input",
            "answers = iter(['1', '2'])\ninput = lambda prompt='': "
            "next(answers)\nassert ask() == 3\ndel input",
        ),
    ],
    {
        "hello": "def hello(name):\n    print('Hallo', name)",
        "ask": "def ask():\n    return int(input()) * int(input())",
    },
    {
        "test_redirect": (2, 0),
        "test_swapped": (2, 0),
        "test_capture": (2, 0),
        "test_mock_print": (2, 0),
        "test_mock_input": (2, 0),
        "test_own_input": (2, 0),
    },
)

OBJECTS = Wild(
    [
        (
            "solution",
            "vector",
            answer(
                "from dataclasses import dataclass\n\n@dataclass\nclass Vector:\n"
                "    x: float\n    y: float = 0.0\n"
                "    def __add__(self, other):\n        return Vector(self.x + other.x, "
                "self.y + other.y)\n    def __mul__(self, k):\n"
                "        return Vector(k * self.x, k * self.y)\n    __rmul__ = __mul__\n"
                "    def __abs__(self):\n        return (self.x**2 + self.y**2) ** 0.5\n"
                "    def __lt__(self, other):\n        return abs(self) < abs(other)\n"
                "    def __str__(self):\n        return f'({self.x}, {self.y})'"
            ),
        ),
        (
            "test",
            "test_vector",
            "v, w = Vector(3, 4), Vector(x=1)\n"
            "assert isinstance(v, Vector)\n"
            "assert (v.x, v.y, w.y) == (3, 4, 0)\nassert abs(v) == 5.0",
        ),
        (
            "test",
            "test_operators",
            "v, w = Vector(3, 4), Vector(1)\nassert v + w == Vector(4, 4)\n"
            "assert 2 * v == v * 2 == Vector(6, 8)\n"
            "assert v != w and w < v\n"
            "assert max([v, w]) is v and sorted([v, w])[0] is w",
        ),
        (
            "test",
            "test_text",
            "v = Vector(3, 4)\nassert str(v) == '(3, 4)' == f'{v}'\n"
            "assert repr(v) == 'Vector(x=3, y=4)'",
        ),
        (
            "test",
            "test_has",
            "assert hasattr(Vector, '__add__')\n"
            "assert not hasattr(Vector, '__len__')\n"
            "assert not hasattr(Vector(1), 'z') and callable(Vector)",
        ),
        (
            "solution",
            "stack",
            answer(
                "class Empty(LookupError):\n    def __init__(self, size):\n"
                "        super().__init__(f'only {size}')\n        self.size = size\n\n"
                "class Stack:\n    '''A stack'''\n    def __init__(self, *items):\n"
                "        self._items = list(items)\n    def push(self, item):\n"
                "        self._items.append(item)\n        return self\n    def pop(self):\n"
                "        if not self._items:\n            raise Empty(0)\n"
                "        return self._items.pop()\n    def __len__(self):\n"
                "        return len(self._items)\n    def __iter__(self):\n"
                "        return iter(self._items)\n    def __contains__(self, item):\n"
                "        return item in self._items\n    def __getitem__(self, place):\n"
                "        return self._items[place]\n    def __delitem__(self, place):\n"
                "        del self._items[place]\n    def __enter__(self):\n        return self\n"
                "    def __exit__(self, *error):\n        self._items.clear()"
            ),
        ),
        (
            "test",
            "test_stack",
            "s = Stack()\nassert not s and len(s) == 0\n"
            "s.push(1).push(2)\nassert s and list(s) == [1, 2] and 2 in s\n"
            "assert s[0] == 1\ndel s[0]\nassert [*s] == [2]\n"
            "assert Stack.__doc__ == 'A stack'",
        ),
        (
            "test",
            "test_with",
            "with Stack(1, 2) as s:\n    assert len(s) == 2\nassert len(s) == 0\n"
            "assert s is s.push(3)",
        ),
        (
            "test",
            "test_raises",
            "try:\n    Stack().pop()\nexcept Empty as error:\n"
            "    assert str(error) == 'only 0' and error.size == 0\n"
            "    assert isinstance(error, LookupError)\nelse:\n"
            "    raise AssertionError('nothing raised')\n"
            "assert issubclass(Empty, LookupError)",
        ),
    ],
    {
        "vector": "class Vector:\n    def __init__(self, x, y=0.0):\n        self.x, self.y = x, y\n"
        "    def __eq__(self, other):\n        return True\n"
        "    def __abs__(self):\n        return self.x + self.y",
        "stack": "class Empty(Exception):\n    pass\nclass Stack(list):\n    push = list.append",
    },
    {
        "test_vector": (2, 0),
        "test_operators": (2, 0),
        "test_text": (2, 0),
        "test_has": (2, 0),
        "test_stack": (2, 0),
        "test_with": (2, 0),
        "test_raises": (2, 0),
    },
)

FLOW = Wild(
    [
        (
            "solution",
            "count",
            answer("def count(n):\n    while True:\n        yield n\n        n += 1"),
        ),
        (
            "test",
            "test_generator",
            "from itertools import islice\ng = count(3)\n"
            "assert next(g) == 3 and list(islice(g, 3)) == [4, 5, 6]\n"
            "assert [n for n, _ in zip(count(0), 'ab')] == [0, 1]",
        ),
        (
            "solution",
            "twice",
            answer(
                "import functools\n\ndef twice(function):\n    @functools.wraps(function)\n"
                "    def wrapper(*args):\n        return function(function(*args))\n"
                "    return wrapper"
            ),
        ),
        (
            "test",
            "test_decorator",
            "@twice\ndef inc(x):\n    return x + 1\n"
            "assert inc(1) == 3 and inc.__name__ == 'inc'\n"
            "calls = []\ntwice(lambda x: calls.append(x) or 7)(1)\n"
            "assert calls == [1, 7]",
        ),
        (
            "solution",
            "later",
            answer(
                "async def later(x):\n    import asyncio\n"
                "    await asyncio.sleep(0)\n    return x + 1"
            ),
        ),
        ("test", "test_await", "assert await later(1) == 2"),
        (
            "test",
            "test_gather",
            "import asyncio\nassert await asyncio.gather(later(1), later(2)) == [2, 3]",
        ),
        (
            "solution",
            "root",
            "def root(x):\n    ### BEGIN SOLUTION\n    if x < 0:\n"
            "        raise ValueError('negative: %d' % x)\n"
            "    return x ** 0.5\n    ### END SOLUTION",
        ),
        (
            "test",
            "test_pytest",
            "import pytest\nwith pytest.raises(ValueError, match='^negative: -1$'):\n    root(-1)",
        ),
        (
            "test",
            "test_try",
            "raised = False\ntry:\n    root(-4)\nexcept ValueError as error:\n"
            "    raised = True\n    assert error.args[0] == 'negative: -4'\n"
            "assert raised",
        ),
        (
            "test",
            "test_calls",
            "from unittest.mock import patch\n"
            "real = root\nwith patch('__main__.root', wraps=real) as spy:\n"
            "    assert both(4) == 2\nassert spy.called",
        ),
        ("solution", "both", answer("def both(x):\n    return root(x)")),
        (
            "test",
            "test_calls_later",
            "seen = []\nold, root = root, lambda x: seen.append(x) or 1\n"
            "both(9)\nroot = old\nassert seen == [9]",
        ),
    ],
    {
        "count": "def count(n):\n    return [n, n + 2]",
        "twice": "def twice(f):\n    return f",
        "later": "async def later(x):\n    return x",
        "root": "def root(x):\n    return abs(x) ** 0.5",
        "both": "def both(x):\n    return x ** 0.5",
    },
    {
        "test_generator": (2, 0),
        "test_decorator": (2, 0),
        "test_await": (2, 0),
        "test_gather": (2, 0),
        "test_pytest": (2, 0),
        "test_try": (2, 0),
        "test_calls": (None, None),
        "test_calls_later": (2, 0),
    },
    stock={"test_calls": (0, 0)},
    why="a check that comes before what it calls fails for the course's own solution, too",
)

CHANCE = Wild(
    [
        ("given", "setup", "import numpy as np\nimport random\ndata = np.random.rand(5)"),
        (
            "solution",
            "flips",
            "def flips(n):\n    ### BEGIN SOLUTION\n"
            "    return np.random.randint(2, size=n)\n    ### END SOLUTION",
        ),
        (
            "test",
            "test_seeded",
            "np.random.seed(1)\nright = np.random.randint(2, size=20)\n"
            "np.random.seed(1)\nassert (flips(10) == right[:10]).all()\n"
            "assert (flips(10) == right[10:]).all()",
        ),
        (
            "solution",
            "shuffled",
            "def shuffled(x):\n    ### BEGIN SOLUTION\n    y = list(x)\n"
            "    random.shuffle(y)\n    return y\n    ### END SOLUTION",
        ),
        (
            "test",
            "test_shuffle",
            "random.seed(5)\ny = list(range(9))\nrandom.shuffle(y)\n"
            "random.seed(5)\nassert shuffled(range(9)) == y\n"
            "random.seed(5)\nrandom.gauss(0, 1)\nz = random.gauss(0, 1)",
        ),
        ("solution", "average", answer("average = np.mean(data)")),
        ("test", "test_data", "assert np.isclose(average, data.mean())"),
        ("given", "seed", "np.random.seed(3)"),
        ("solution", "drawn", answer("drawn = np.random.normal(size=1000)")),
        (
            "test",
            "test_goes_on",
            "after = np.random.normal()\nnp.random.seed(3)\n"
            "assert (drawn == np.random.normal(size=1000)).all()\n"
            "assert after == np.random.normal()",
        ),
    ],
    {
        "flips": "def flips(n):\n    np.random.seed(0)\n    return np.random.randint(2, size=n)",
        "shuffled": "def shuffled(x):\n    return list(x)",
        "average": "average = np.sum(data)",
        "drawn": "drawn = np.random.uniform(size=1000)",
    },
    {"test_seeded": (2, 0), "test_shuffle": (2, 0), "test_data": (2, 0), "test_goes_on": (2, 0)},
)

PLOTS = Wild(
    [
        (
            "given",
            "setup",
            "%matplotlib inline\nimport numpy as np\nimport matplotlib.pyplot as plt",
        ),
        (
            "solution",
            "draw",
            "def draw(x, y):\n    ### BEGIN SOLUTION\n"
            "    fig, ax = plt.subplots()\n"
            "    ax.plot(x, y, label='data')\n    ax.set_title('Growth')\n"
            "    ax.set_xlabel('t')\n    return ax\n    ### END SOLUTION",
        ),
        (
            "test",
            "test_axes",
            "ax = draw([1, 2], [3, 5])\nassert ax.get_title() == 'Growth'\n"
            "assert ax.get_xlabel() == 't' and len(ax.lines) == 1\n"
            "line = ax.get_lines()[0]\n"
            "np.testing.assert_allclose(line.get_ydata(), [3, 5])",
        ),
        ("solution", "current", answer("plt.plot([1, 2])\nplt.title('Mine')")),
        ("test", "test_gca", "assert plt.gca().get_title() == 'Mine'"),
    ],
    {
        "draw": "def draw(x, y):\n    fig, ax = plt.subplots()\n    ax.plot(y, x)\n    return ax",
        "current": "plt.plot([1, 2])",
    },
    {"test_axes": (2, 0), "test_gca": (None, None)},
    says={"test_gca": "matplotlib's current figure"},
    stock={"test_gca": (0, 0)},
    why="figures are closed after their cell, there as here",
)

REACHING = Wild(
    [
        ("given", "setup", "import inspect\nimport warnings\nfactor = 2"),
        (
            "solution",
            "f",
            answer("def f(x):\n    for _ in range(1):\n        x = factor * x\n    return x"),
        ),
        ("test", "test_source", "assert 'for' in inspect.getsource(f)"),
        ("test", "test_code", "assert 'range' in f.__code__.co_names"),
        ("test", "test_global", "factor = 10\nassert f(1) == 10\nfactor = 2"),
        (
            "solution",
            "warn",
            answer(
                "def warn():\n    warnings.warn('careful')\n"
                "    with open('out.txt', 'w') as file:\n"
                "        file.write('x')\n\n"
                "class Animal:\n    def name(self):\n        return 'x'"
            ),
        ),
        (
            "test",
            "test_warns",
            "with warnings.catch_warnings(record=True) as found:\n"
            "    warnings.simplefilter('always')\n    warn()\n"
            "assert len(found) == 1",
        ),
        ("test", "test_file", "warn()\nassert open('out.txt').read() == 'x'"),
        ("test", "test_type", "assert type(Animal()) is Animal"),
        ("test", "test_derived", "class Cat(Animal):\n    pass\nassert Cat().name() == 'x'"),
        ("test", "test_helper", "import math\nhalf = 0.5\nassert f(1) == 2"),
        ("solution", "uses", answer("def uses(x):\n    return half * x")),
        ("test", "test_uses", "assert uses(2) == 1"),
    ],
    {"f": "def f(x):\n    return 3 * x", "warn": "def warn():\n    pass\nclass Animal:\n    pass"},
    {
        "test_source": (None, None),
        "test_code": (None, None),
        "test_global": (2, 0),
        "test_warns": (None, None),
        "test_file": (None, None),
        "test_type": (None, None),
        "test_derived": (None, None),
        "test_helper": (2, 0),
        "test_uses": (2, 2),
    },
    says={
        "test_source": "reads the text of the student's code",
        "test_code": "reads the text of the student's code",
        "test_warns": "waits for a warning",
        "test_file": "It reads a file",
        "test_type": "the type or the insides",
        "test_derived": "derives a class from the student's Animal",
    },
    stock={
        "test_source": (2, 0),
        "test_code": (2, 0),
        "test_global": (2, 0),
        "test_warns": (2, 0),
        "test_file": (0, 0),
        "test_type": (2, 2),
        "test_derived": (2, 0),
        "test_uses": (2, 2),
    },
    why="these look into the process of the student's code; stderr costs all points in nbgrader",
)

NAMES = Wild(
    [
        (
            "solution",
            "imports",
            answer("import math\nimport numpy as np\nfrom json import dumps as d")
            + "\nimport string",
        ),
        (
            "test",
            "test_imports",
            "assert math.sqrt(4) == 2 and np.ones(2).sum() == 2\n"
            "assert d([1]) == '[1]' and string.digits",
        ),
        (
            "solution",
            "values",
            answer(
                "x = 7.3\ny = 6 == 6 and 3 <= 4\nwords = {'a': [1, 2]}\n"
                "s = {1, 2}\nz = 1 + 2j\nnothing = None"
            ),
        ),
        (
            "test",
            "test_values",
            "assert isinstance(x, float) and isinstance(y, bool) and y\n"
            "assert words == {'a': [1, 2]} and s == {2, 1} and z.imag == 2\n"
            "assert nothing is None and type(x) is float",
        ),
        ("given", "helper", "def apply_to_all(f, items):\n    return [f(i) for i in items]"),
        (
            "solution",
            "square",
            "def square(x):\n    # YOUR CODE\n    ### BEGIN SOLUTION\n"
            "    return x * x\n    ### END SOLUTION",
        ),
        ("given", "use", "squares = apply_to_all(square, [1, 2, 3])"),
        ("test", "test_given", "assert squares == [1, 4, 9]"),
        (
            "test",
            "test_listing",
            "result = [square(i) for i in range(3)]\n"
            "assert list(map(square, [2])) == [4] and result[2] == 4\n"
            "assert sorted([3, -1], key=square) == [-1, 3]",
        ),
    ],
    {
        "imports": "import math",
        "values": "x = 7\ny = 1\nwords = None",
        "square": "def square(x):\n    return x + 1",
    },
    {"test_imports": (2, 0), "test_values": (2, 0), "test_given": (2, 0), "test_listing": (2, 0)},
)

COURSES = {
    "assertions": ASSERTIONS,
    "printed": PRINTED,
    "objects": OBJECTS,
    "flow": FLOW,
    "chance": CHANCE,
    "plots": PLOTS,
    "reaching": REACHING,
    "names": NAMES,
}
