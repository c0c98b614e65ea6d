"""What courses are made of: each kind gives what nbgrader gives, for the right answer and a wrong one.

Written down before any was tried.
"""

import json

import pytest

from autograder.exam import examine
from autograder.result import BESIDE
from tests.exam.test_wild_courses import cell
from tests.threats.room import notebook, tier

# Given, solution, check, and a wrong solution.
CASES = {
    "rolling windows": (
        "import pandas as pd\ns = pd.Series([1.0, 2, 3, 4])",
        "window = s.rolling(2)\nmeans = window.mean()",
        "assert means.tolist()[1:] == [1.5, 2.5, 3.5]\nassert window.max().iloc[-1] == 4",
        "window = s.rolling(3)\nmeans = window.mean()",
    ),
    "resampled by day": (
        "import pandas as pd\ns = pd.Series(range(4), index=pd.date_range('2024-01-01', periods=4, freq='12h'))",
        "days = s.resample('D')\ntotals = days.sum()",
        "assert totals.tolist() == [1, 5]\nassert days.ngroups == 2",
        "days = s.resample('12h')\ntotals = days.sum()",
    ),
    "a styled table": (
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 5]})",
        "styled = df.style.highlight_max(color='red')",
        "assert 'red' in styled.to_html()\nassert styled.data.a.max() == 5",
        "styled = df.style.highlight_max(color='blue')",
    ),
    "groups of a table": (
        "import pandas as pd\ndf = pd.DataFrame({'k': list('aab'), 'v': [1, 2, 3]})",
        "groups = df.groupby('k')",
        "assert {k: len(g) for k, g in groups} == {'a': 2, 'b': 1}\nassert groups.v.sum()['a'] == 3\nassert isinstance(groups, pd.core.groupby.DataFrameGroupBy)",
        "groups = df.groupby('v')",
    ),
    "pivoted and melted": (
        "import pandas as pd\ndf = pd.DataFrame({'d': [1, 1, 2], 'k': list('aba'), 'v': [1, 2, 3]})",
        "wide = df.pivot(index='d', columns='k', values='v')\nlong = wide.reset_index().melt(id_vars='d')",
        "assert wide.loc[1, 'b'] == 2 and wide.isna().sum().sum() == 1\nassert list(long.columns) == ['d', 'k', 'value']",
        "wide = df.pivot(index='d', columns='k', values='d')\nlong = df",
    ),
    "two levels of an index": (
        "import pandas as pd",
        "def build():\n    return pd.DataFrame({'v': [1, 2]}, index=pd.MultiIndex.from_tuples([('a', 1), ('b', 2)], names=['x', 'y']))",
        "pd.testing.assert_frame_equal(build(), pd.DataFrame({'v': [1, 2]}, index=pd.MultiIndex.from_tuples([('a', 1), ('b', 2)], names=['x', 'y'])))",
        "def build():\n    return pd.DataFrame({'v': [1, 2]})",
    ),
    "a function applied to rows": (
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})",
        "def total(row):\n    return row['a'] + row.b",
        "assert df.apply(total, axis=1).tolist() == [4, 6]\nassert df.pipe(lambda d: d.assign(c=d.apply(total, axis=1))).c.sum() == 10",
        "def total(row):\n    return row['a']",
    ),
    "a compiled pattern": (
        "import re",
        "date = re.compile(r'(?P<y>\\d{4})-(\\d\\d)')",
        "assert date.match('2024-05').group('y') == '2024'\nassert date.sub('x', 'a 2024-05') == 'a x' and date.groups == 2\nassert isinstance(date, re.Pattern) and date == re.compile(r'(?P<y>\\d{4})-(\\d\\d)')",
        "date = re.compile(r'(?P<y>\\d{2})-(\\d\\d)')",
    ),
    "a context manager": (
        "",
        "from contextlib import contextmanager\nlog = []\n@contextmanager\ndef noted(name):\n    log.append('in ' + name)\n    try:\n        yield len(log)\n    finally:\n        log.append('out ' + name)",
        "with noted('a') as n:\n    assert n == 1\nassert log == ['in a', 'out a']\ntry:\n    with noted('b'):\n        raise ValueError('x')\nexcept ValueError:\n    pass\nassert log[-1] == 'out b'",
        "from contextlib import contextmanager\nlog = []\n@contextmanager\ndef noted(name):\n    yield 0",
    ),
    "a class for with": (
        "",
        "class Timer:\n    def __enter__(self):\n        self.open = True\n        return self\n    def __exit__(self, *error):\n        self.open = False\n        return error[0] is KeyError",
        "with Timer() as t:\n    assert t.open\nassert not t.open\nwith Timer():\n    raise KeyError('swallowed')",
        "class Timer:\n    def __enter__(self):\n        self.open = True\n        return self\n    def __exit__(self, *error):\n        pass",
    ),
    "flags": (
        "from enum import Flag, auto\nclass Access(Flag):\n    READ = auto()\n    WRITE = auto()",
        "def grant(a, b):\n    return a | b\nboth = Access.READ | Access.WRITE",
        "assert grant(Access.READ, Access.WRITE) == both and Access.READ in both\nassert bool(both & Access.WRITE) and both.value == 3",
        "def grant(a, b):\n    return a & b\nboth = Access.READ",
    ),
    "the student's own flags": (
        "",
        "from enum import IntFlag\nclass P(IntFlag):\n    R = 4\n    W = 2\ndef mode(*flags):\n    made = P(0)\n    for flag in flags:\n        made |= flag\n    return made",
        "assert mode(P.R, P.W) == 6 and P.R in mode(P.R)\nassert P.R.name == 'R' and [p.name for p in P] == ['W', 'R'] or [p.name for p in P] == ['R', 'W']",
        "from enum import IntFlag\nclass P(IntFlag):\n    R = 4\n    W = 2\ndef mode(*flags):\n    return P(0)",
    ),
    "very long integers": (
        "import math",
        "def fib(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\nbig = math.factorial(300)",
        "assert fib(1000) % 10**9 == 849228875 and big == math.factorial(300)\nassert len(str(fib(5000))) == 1045",
        "def fib(n):\n    return float(n)\nbig = 0",
    ),
    "the state of a generator": (
        "import numpy as np\nrng = np.random.default_rng(3)",
        "first = rng.integers(100, size=3)\ndef draw(rng):\n    return rng.random()",
        "r = np.random.default_rng(3)\nassert (first == r.integers(100, size=3)).all()\nassert rng.bit_generator.state['state'] == r.bit_generator.state['state']\nassert draw(rng) == r.random()",
        "first = rng.integers(10, size=3)\ndef draw(rng):\n    return 0.5",
    ),
    "records and masks": (
        "import numpy as np",
        "people = np.array([('Ada', 36), ('Bob', 7)], dtype=[('name', 'U10'), ('age', int)])\ndef clean(x):\n    return np.ma.masked_invalid(x)",
        "assert people['age'].max() == 36 and people.dtype.names == ('name', 'age')\nassert people[people['age'] > 9]['name'].tolist() == ['Ada']\nassert clean([1, np.nan, 3]).mean() == 2 and clean([np.nan, 1]).mask.tolist() == [True, False]",
        "people = np.array([('Ada', 3), ('Bob', 7)], dtype=[('name', 'U10'), ('age', int)])\ndef clean(x):\n    return np.ma.masked_array(x)",
    ),
    "a memory map": (
        "import numpy as np\nnp.arange(6.0).tofile('data.bin')",
        "def load(path):\n    return np.memmap(path, dtype=float, mode='r', shape=(2, 3))",
        "assert load('data.bin').sum() == 15 and load('data.bin').shape == (2, 3)",
        "def load(path):\n    return np.zeros((2, 3))",
    ),
    "bytes": (
        "import struct",
        "def pack(n):\n    return struct.pack('<I', n)\ndef flip(data):\n    data.reverse()\n    return memoryview(bytes(data))",
        "assert pack(1) == b'\\x01\\0\\0\\0'\nbuffer = bytearray(b'abc')\nassert flip(buffer).tobytes() == b'cba' and buffer == b'cba'",
        "def pack(n):\n    return struct.pack('>I', n)\ndef flip(data):\n    return memoryview(bytes(data))",
    ),
    "an open file": (
        "open('words.txt', 'w').write('one\\ntwo\\n')",
        "handle = open('words.txt')\ndef lines(file):\n    return [line.strip() for line in file]",
        "assert lines(handle) == ['one', 'two'] and handle.name == 'words.txt'\nhandle.close()\nassert handle.closed\nwith open('words.txt') as again:\n    assert lines(again) == ['one', 'two']",
        "handle = open('words.txt')\ndef lines(file):\n    return file.readlines()",
    ),
    "a connection to a data base": (
        "import sqlite3",
        "def build():\n    db = sqlite3.connect(':memory:')\n    db.execute('create table t (a int, b text)')\n    db.executemany('insert into t values (?, ?)', [(1, 'x'), (2, 'y')])\n    return db\ndb = build()",
        "assert db.execute('select b from t where a = 2').fetchone() == ('y',)\nassert [c[0] for c in db.execute('select * from t').description] == ['a', 'b']\ncursor = build().cursor()\ncursor.execute('select count(*) from t')\nassert cursor.fetchall() == [(2,)]",
        "def build():\n    return sqlite3.connect(':memory:')\ndb = build()\ndb.execute('create table t (a int, b text)')",
    ),
    "times with zones": (
        "from datetime import datetime, timedelta, timezone\nfrom zoneinfo import ZoneInfo",
        "def local(t):\n    return t.astimezone(ZoneInfo('Europe/Berlin'))\nmoment = datetime(2024, 7, 1, 12, tzinfo=timezone.utc)",
        "assert local(moment).hour == 14 and local(moment) == moment\nassert local(moment).utcoffset() == timedelta(hours=2) and moment.tzinfo is timezone.utc",
        "def local(t):\n    return t.replace(tzinfo=ZoneInfo('Europe/Berlin'))\nmoment = datetime(2024, 7, 1, 12, tzinfo=timezone.utc)",
    ),
    "exceptions that are chained": (
        "",
        "class ParseError(Exception):\n    pass\ndef parse(text):\n    try:\n        return int(text)\n    except ValueError as error:\n        raise ParseError(f'bad: {text}') from error",
        "assert parse('3') == 3\ntry:\n    parse('x')\nexcept ParseError as error:\n    assert str(error) == 'bad: x' and isinstance(error.__cause__, ValueError)\nelse:\n    raise AssertionError",
        "class ParseError(Exception):\n    pass\ndef parse(text):\n    try:\n        return int(text)\n    except ValueError as error:\n        raise ParseError('bad')",
    ),
    "properties and slots": (
        "",
        "class Temperature:\n    __slots__ = ('_c',)\n    def __init__(self, c):\n        self.c = c\n    @property\n    def c(self):\n        return self._c\n    @c.setter\n    def c(self, value):\n        if value < -273.15:\n            raise ValueError('too cold')\n        self._c = value\n    @property\n    def f(self):\n        return self._c * 9 / 5 + 32",
        "t = Temperature(100)\nassert t.f == 212\nt.c = 0\nassert t.f == 32\nfor change in (lambda: setattr(t, 'f', 1), lambda: setattr(t, 'x', 1)):\n    try:\n        change()\n    except AttributeError:\n        continue\n    raise AssertionError\ntry:\n    t.c = -300\n    raise AssertionError\nexcept ValueError as error:\n    assert 'cold' in str(error)",
        "class Temperature:\n    def __init__(self, c):\n        self.c = c\n        self.f = c * 9 / 5 + 32",
    ),
    "operators of the student's": (
        "",
        "import functools\n@functools.total_ordering\nclass Money:\n    def __init__(self, cents):\n        self.cents = cents\n    def __eq__(self, other):\n        return self.cents == other.cents\n    def __lt__(self, other):\n        return self.cents < other.cents\n    def __hash__(self):\n        return hash(self.cents)\n    def __add__(self, other):\n        return Money(self.cents + other.cents)\n    def __radd__(self, other):\n        return self if other == 0 else NotImplemented\n    def __neg__(self):\n        return Money(-self.cents)\n    def __format__(self, spec):\n        return f'{self.cents / 100:.2f}'\n    def __matmul__(self, n):\n        return [self] * n",
        "a, b = Money(150), Money(50)\nassert a > b and a >= b and max(a, b) == a and sum([a, b]) == Money(200)\nassert f'{a:x}' == '1.50' and -a < b and len(a @ 3) == 3 and sorted([a, b])[0] == b",
        "class Money:\n    def __init__(self, cents):\n        self.cents = cents",
    ),
    "an abstract class": (
        "from abc import ABC, abstractmethod\nclass Shape(ABC):\n    @abstractmethod\n    def area(self): ...\n    def twice(self):\n        return 2 * self.area()",
        "class Square(Shape):\n    def __init__(self, a):\n        self.a = a\n    def area(self):\n        return self.a ** 2",
        "assert issubclass(Square, Shape) and isinstance(Square(2), Shape) and Square(3).twice() == 18\ntry:\n    Shape()\n    raise AssertionError\nexcept TypeError:\n    pass",
        "class Square:\n    def __init__(self, a):\n        self.a = a\n    def area(self):\n        return self.a ** 2\n    def twice(self):\n        return 1",
    ),
    "super of a given class": (
        "class Account:\n    fee = 1\n    def __init__(self, balance=0):\n        self.balance = balance\n    def withdraw(self, x):\n        self.balance -= x + self.fee\n        return self.balance",
        "class Savings(Account):\n    fee = 0\n    def withdraw(self, x):\n        if x > self.balance:\n            raise RuntimeError('not enough')\n        return super().withdraw(x)",
        "s = Savings(10)\nassert s.withdraw(4) == 6 and s.balance == 6 and Account(10).withdraw(4) == 5\ntry:\n    s.withdraw(99)\n    raise AssertionError('no limit')\nexcept RuntimeError:\n    assert s.balance == 6",
        "class Savings(Account):\n    pass",
    ),
    "a decorator that is given": (
        "def counted(f):\n    def inner(*a):\n        inner.calls += 1\n        return f(*a)\n    inner.calls = 0\n    return inner",
        "@counted\ndef double(x):\n    return 2 * x",
        "assert double(2) == 4 and double(3) == 6 and double.calls == 2",
        "def double(x):\n    return 2 * x\ndouble.calls = 0",
    ),
    "default arguments that last": (
        "",
        "def gather(x, seen=[]):\n    seen.append(x)\n    return seen\ndef fresh(x, seen=None):\n    return [*(seen or []), x]",
        "gather(1)\nassert gather(2) == [1, 2] and gather.__defaults__ == ([1, 2],)\nfresh(1)\nassert fresh(2) == [2]",
        "def gather(x, seen=None):\n    return [x]\ndef fresh(x, seen=[]):\n    seen.append(x)\n    return seen",
    ),
    "a test case that counts": (
        "",
        "def add(a, b):\n    return a + b",
        "import unittest\nclass TestAdd(unittest.TestCase):\n    def setUp(self):\n        self.one = 1\n    def test_numbers(self):\n        for b in range(3):\n            with self.subTest(b=b):\n                self.assertEqual(add(self.one, b), 1 + b)\n    def test_text(self):\n        self.assertRaises(TypeError, add, 'a', 1)\nfound = unittest.TextTestRunner(verbosity=0, stream=__import__('io').StringIO()).run(unittest.TestLoader().loadTestsFromTestCase(TestAdd))\nassert found.wasSuccessful() and found.testsRun == 2, found.failures",
        "def add(a, b):\n    return a",
    ),
    "exceptions by pytest and numpy": (
        "import numpy as np, pytest",
        "def root(x):\n    if np.any(np.asarray(x) < 0):\n        raise ValueError('negative: no real root')\n    return np.sqrt(x)",
        "with pytest.raises(ValueError, match='no real') as info:\n    root(-1)\nassert 'negative' in str(info.value) and info.type is not KeyError\nassert root(4) == pytest.approx(2)\nnp.testing.assert_raises(ValueError, root, [-1])\nnp.testing.assert_array_almost_equal(root([4, 9]), [2, 3])\nnp.testing.assert_allclose(root(np.ones(3)), 1, rtol=1e-12)",
        "def root(x):\n    return np.sqrt(np.abs(x))",
    ),
    "random cases by hypothesis": (
        "from hypothesis import given, settings, strategies as st",
        "def order(xs):\n    return sorted(xs)",
        "@settings(max_examples=20, database=None, deadline=None)\n@given(st.lists(st.integers()))\ndef test(xs):\n    assert order(xs) == sorted(xs) and order(order(xs)) == order(xs)\ntest()",
        "def order(xs):\n    return sorted(xs)[:2]",
    ),
    "examples in a docstring": (
        "",
        "def double(x):\n    '''Twice x.\n\n    >>> double(2)\n    4\n    >>> double('a')\n    'aa'\n    '''\n    return 2 * x",
        "import doctest\nfailed = doctest.testmod()\nassert failed.failed == 0 and failed.attempted == 2",
        "def double(x):\n    '''Twice x.\n\n    >>> double(2)\n    5\n    '''\n    return 2 * x",
    ),
    "examples of one function": (
        "",
        "def double(x):\n    '''\n    >>> double(2)\n    4\n    '''\n    return 2 * x",
        "import doctest\nrunner = doctest.DocTestRunner(verbose=False)\nfor test in doctest.DocTestFinder().find(double, 'double', globs={'double': double}):\n    runner.run(test)\nassert runner.summarize(verbose=False) == (0, 1)",
        "def double(x):\n    '''\n    >>> double(2)\n    4\n    '''\n    return x",
    ),
    "what is printed": (
        "",
        "def table(n):\n    for i in range(1, n + 1):\n        print(f'{i:>2} {i * i:>3}')",
        "import io\nfrom contextlib import redirect_stdout\nout = io.StringIO()\nwith redirect_stdout(out):\n    table(3)\nassert out.getvalue().splitlines() == [' 1   1', ' 2   4', ' 3   9']",
        "def table(n):\n    for i in range(n):\n        print(i, i * i)",
    ),
    "input, random and print replaced": (
        "",
        "import random\ndef game():\n    secret = random.randint(1, 10)\n    guess = int(input('Your guess: '))\n    print('right' if guess == secret else 'wrong')",
        "from unittest.mock import patch\nwith patch('random.randint', return_value=7) as dice, patch('builtins.input', return_value='7'), patch('builtins.print') as said:\n    game()\nsaid.assert_called_once_with('right')\ndice.assert_called_once_with(1, 10)",
        "def game():\n    input('Your guess: ')\n    print('wrong')",
    ),
    "cell magics": (
        "%matplotlib inline\n%config InlineBackend.figure_format = 'svg'",
        "%%time\nx = sum(range(10))\ndef f(x):\n    return 2 * x",
        "%%capture out\nprint(f(x))\nassert x == 45 and f(1) == 2",
        "%%time\nx = sum(range(9))\ndef f(x):\n    return x",
    ),
    "a module that a cell writes": (
        "%%writefile helper_of_mine.py\nRATE = 3\ndef scaled(x):\n    return RATE * x",
        "import helper_of_mine\ndef twice(x):\n    return 2 * helper_of_mine.scaled(x)",
        "import helper_of_mine as h\nassert twice(2) == 2 * h.scaled(2) == 12",
        "def twice(x):\n    return 2 * x",
    ),
    "quotes in f-strings": (
        "",
        "def greet(d):\n    return f\"{d['name']!r:>8} is {d[\"age\"] if False else d['age']:03d} {'{}'} {len(f'{d}') > 0}\"".replace('d["age"] if False else ', ''),
        "assert greet({'name': 'Ada', 'age': 36}) == \"   'Ada' is 036 {} True\"",
        "def greet(d):\n    return f\"{d['name']} is {d['age']}\"",
    ),
    "patterns of match": (
        "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\n    y: int",
        "def where(p):\n    match p:\n        case Point(x=0, y=0):\n            return 'origin'\n        case Point(x=0) | Point(y=0):\n            return 'axis'\n        case {'x': x, **rest} if rest:\n            return f'dict {x}'\n        case [a, *_]:\n            return a\n        case _:\n            return None",
        "assert [where(p) for p in (Point(0, 0), Point(0, 3), {'x': 1, 'z': 2}, [7, 8], 5)] == ['origin', 'axis', 'dict 1', 7, None]",
        "def where(p):\n    match p:\n        case Point(x=0):\n            return 'axis'",
    ),
    "awaited together": (
        "import asyncio",
        "async def fetch(n):\n    await asyncio.sleep(0)\n    return n * n\nasync def all_of(ns):\n    return await asyncio.gather(*map(fetch, ns))",
        "import inspect\nassert await all_of([1, 2, 3]) == [1, 4, 9]\nassert inspect.iscoroutinefunction(fetch)",
        "async def fetch(n):\n    return n\nasync def all_of(ns):\n    return [await fetch(n) for n in ns]",
    ),
    "types that are written down": (
        "import inspect, typing",
        "def scale(x: float, by: int = 2, *, name: str = 'a') -> list[float]:\n    return [x * by]",
        "signature = inspect.signature(scale)\nassert list(signature.parameters) == ['x', 'by', 'name'] and signature.parameters['by'].default == 2\nassert signature.return_annotation == list[float] and typing.get_type_hints(scale)['x'] is float\nassert scale.__annotations__['name'] is str and signature.parameters['name'].kind.name == 'KEYWORD_ONLY'",
        "def scale(x, by=2, *, name='a'):\n    return [x * by]",
    ),
    "source that must hold a loop": (
        "import ast, inspect",
        "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s",
        "tree = ast.parse(inspect.getsource(total))\nassert any(isinstance(node, ast.For) for node in ast.walk(tree))\nassert 'sum(' not in inspect.getsource(total) and total([1, 2]) == 3",
        "def total(xs):\n    return sum(xs)",
    ),
    "identity and copies": (
        "import copy",
        "a = [1, [2]]\nb = a\nc = copy.deepcopy(a)\nd = a[:]",
        "assert b is a and id(b) == id(a) and c is not a and c == a\nassert d[1] is a[1] and c[1] is not a[1]",
        "a = [1, [2]]\nb = a[:]\nc = a\nd = copy.deepcopy(a)",
    ),
    "names that must be there": (
        "",
        "height = 3\ndef area(w):\n    return w * height",
        "assert 'height' in globals() and callable(globals().get('area'))\nassert 'width' not in globals() and 'area' in dir()\nassert {'height', 'area'} <= set(locals())",
        "def area(w):\n    return w * 3",
    ),
    "what a cell shows": (
        "",
        "6 * 7",
        "assert _ == 42 and 42 in Out.values() and '6 * 7' in In[-2] + In[-3]",
        "6 * 6",
    ),
    "the shell itself": (
        "",
        "y = 5\nz = get_ipython().ev('y + 1')",
        "shell = get_ipython()\nassert shell.user_ns['y'] == 5 and z == 6\nshell.run_cell('made_here = y * 2')\nassert made_here == 10",
        "y = 4\nz = 0",
    ),
    "figures of seaborn's kind": (
        "import matplotlib.pyplot as plt, numpy as np",
        "def hist(x, ax=None):\n    ax = ax or plt.gca()\n    ax.hist(x, bins=[0, 1, 2, 3])\n    ax.set_xlabel('value')\n    ax.axvline(np.mean(x), color='k')\n    return ax\nfig, axes = plt.subplots(2, 2, figsize=(6, 4))\nhist([0.5, 1.5, 1.6], axes[0, 1])",
        "assert [p.get_height() for p in axes[0, 1].patches] == [1, 2, 0] and axes.shape == (2, 2)\nassert axes[0, 1].get_xlabel() == 'value' and len(axes[0, 1].lines) == 1 and not axes[1, 1].has_data()\nassert fig.get_size_inches().tolist() == [6, 4]\nax = hist([0.5])\nassert isinstance(ax, plt.Axes) and ax.lines[0].get_xdata()[0] == 0.5",
        "def hist(x, ax=None):\n    return plt.gca()\nfig, axes = plt.subplots(2, 2)",
    ),
    "a scatter and its legend": (
        "import matplotlib.pyplot as plt",
        "plt.figure()\npoints = plt.scatter([1, 2], [3, 4], label='seen', c=['r', 'b'])\nplt.legend()\nplt.title('Two')\nax = plt.gca()",
        "assert points.get_offsets().tolist() == [[1, 3], [2, 4]] and ax.get_title() == 'Two'\nassert [t.get_text() for t in ax.get_legend().get_texts()] == ['seen'] and len(ax.collections) == 1",
        "plt.figure()\npoints = plt.scatter([1], [3])\nax = plt.gca()",
    ),
    "iterators of the student's": (
        "",
        "class Countdown:\n    def __init__(self, n):\n        self.n = n\n    def __iter__(self):\n        return self\n    def __next__(self):\n        if self.n == 0:\n            raise StopIteration\n        self.n -= 1\n        return self.n + 1\ndef chunks(xs, k):\n    for i in range(0, len(xs), k):\n        yield xs[i:i + k]",
        "assert list(Countdown(3)) == [3, 2, 1] and next(iter(Countdown(5))) == 5 and 2 in Countdown(3)\nassert list(chunks([1, 2, 3], 2)) == [[1, 2], [3]] and next(chunks('ab', 1)) == 'a'\na, *rest = Countdown(3)\nassert rest == [2, 1] and dict(zip('ab', Countdown(2))) == {'a': 2, 'b': 1}",
        "class Countdown:\n    def __init__(self, n):\n        self.n = n\n    def __iter__(self):\n        return iter(range(self.n))\ndef chunks(xs, k):\n    yield xs",
    ),
    "nested containers of objects": (
        "class Node:\n    def __init__(self, value, children=()):\n        self.value, self.children = value, list(children)",
        "def depth(node):\n    return 1 + max(map(depth, node.children), default=0)\ndef build():\n    return {'tree': Node(1, [Node(2), Node(3, [Node(4)])]), 'flat': [Node(9)]}",
        "t = build()\nassert depth(t['tree']) == 3 and t['tree'].children[1].children[0].value == 4\nassert isinstance(t['flat'][0], Node) and depth(Node(0, [Node(1)])) == 2",
        "def depth(node):\n    return 1\ndef build():\n    return {'tree': Node(1), 'flat': []}",
    ),
    "a cache and its statistics": (
        "from functools import lru_cache, partial, reduce",
        "@lru_cache(maxsize=None)\ndef ways(n):\n    return 1 if n < 2 else ways(n - 1) + ways(n - 2)\nadd3 = partial(pow, 3)",
        "assert ways(30) == 1346269 and ways.cache_info().hits > 20 and add3(2) == 9\nassert add3.func is pow and add3.args == (3,) and reduce(lambda a, b: a * b, map(ways, [2, 3])) == 6",
        "def ways(n):\n    return 1\nadd3 = partial(pow, 2)",
    ),
    "fractions, decimals and complex numbers": (
        "from fractions import Fraction\nfrom decimal import Decimal, getcontext",
        "half = Fraction(1, 2)\ndef third(x):\n    return x / 3\nroots = [1 + 2j, 1 - 2j]\nprice = Decimal('0.10')",
        "assert third(half) == Fraction(1, 6) and third(half).denominator == 6 and type(third(half)) is Fraction\nassert roots[0].conjugate() == roots[1] and abs(third(3j)) == 1 and third(price).quantize(Decimal('0.01')) == Decimal('0.03')\nassert str(price * 3) == '0.30'",
        "half = 0.5\ndef third(x):\n    return x\nroots = [1, 1]\nprice = 0.1",
    ),
}  # fmt: skip

# What a check looks at stays with the student's code: seen in one process only.
IN_ONE_PROCESS = {
    "a compiled pattern",
    "the student's own flags",
    "very long integers",
    "the state of a generator",
    "records and masks",
    "bytes",
    "an open file",
    "exceptions that are chained",
    "operators of the student's",
    "an abstract class",
    "default arguments that last",
    "examples in a docstring",
    "input, random and print replaced",
    "awaited together",
    "types that are written down",
    "source that must hold a loop",
    "identity and copies",
    "what a cell shows",
    "a cache and its statistics",
}


def graded(row, wrong=False):
    given, solution, check, other = row
    cells = [cell("given", "g", given)] if given else []
    source = [*cells, cell("solution", "s", solution), cell("test", "check", check)]
    handed = [*cells, cell("solution", "s", other if wrong else solution), source[-1]]
    handed = json.dumps(notebook(handed)).encode()
    return examine(notebook(source), handed, isolation=tier()).checks[0]


@pytest.mark.parametrize("case", CASES)
def test_a_kind_of_course_gives_what_nbgrader_gives(case):
    right = graded(CASES[case])
    assert right.score == 2, right
    assert right.message.startswith(BESIDE) == (case in IN_ONE_PROCESS), right
    assert graded(CASES[case], wrong=True).score == 0
