"""What a check may ask of a student's objects, and that nothing is won by lying there."""

import json
import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograder.exam import examine
from autograder.exam.protocol import codec, data_types, random_state
from autograder.exam.protocol.codec import ProtocolError
from autograder.exam.protocol.messages import Raised
from autograder.exam.protocol.validation import MAX_PRINTED, read_aside, read_raised
from tests.exam.test_exam import cell, notebook

LIAR = """
class Liar:
    def _yes(self, *others): return True
    def _zero(self, *others): return 0.0
    def _self(self, *others): return self
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _yes
    __sub__ = __rsub__ = __abs__ = __float__ = _zero
    __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __isub__ = _self
    __hash__ = None
"""
CELLS = [
    ("given", "setup", "import numpy as np"),
    (
        "solution",
        "f",
        "def f(x):\n    ### BEGIN SOLUTION\n    return 2.0 * x\n    ### END SOLUTION",
    ),
    ("test", "equal", "assert f(3.0) == 6.0"),
    ("test", "close", "assert abs(f(3.0) - 6.0) < 1e-9"),
    ("test", "reflected", "assert abs(6.0 - f(3.0)) < 1e-9"),
    ("test", "ordered", "assert 5.9 < f(3.0) < 6.1"),
    ("test", "contained", "assert f(3.0) in [6.0]"),
    ("test", "numpy", "np.testing.assert_allclose(f(3.0), 6.0)"),
    (
        "solution",
        "money",
        "class Money:\n    ### BEGIN SOLUTION\n    def __init__(self, n):\n"
        "        self.n = n\n    def __eq__(self, other):\n"
        "        return isinstance(other, Money) and self.n == other.n\n"
        "    def __add__(self, other):\n        return Money(self.n + other.n)\n"
        "    ### END SOLUTION",
    ),
    ("test", "money", "a = Money(1)\nassert a == Money(1) and a + a == Money(2)"),
]
SOURCE = notebook([cell(*row) for row in CELLS])


def grade(source=SOURCE, **texts):
    made = json.loads(json.dumps(source))
    for one in made["cells"]:
        one["source"] = texts.get(one["id"], one["source"])
    return examine(source, json.dumps(made).encode(), isolation="none")


def scores(result):
    return {check.id: check.score for check in result.checks}


def test_the_reference_passes():
    assert set(scores(grade()).values()) == {1.0}


def test_an_object_that_says_yes_to_everything_passes_no_check_of_a_number():
    found = scores(grade(f=LIAR + "def f(x):\n    return Liar()"))
    assert found.pop("money") == 1.0 and set(found.values()) == {0.0}


def test_an_operator_is_asked_where_the_reference_is_asked_too():
    alone = "class Money:\n    def __init__(self, n):\n        self.n = n"
    assert scores(grade(money=alone))["money"] == 0.0


def test_a_context_manager_cannot_swallow_an_assertion():
    source = notebook(
        [
            cell(
                "solution",
                "c",
                "class Quiet:\n    ### BEGIN SOLUTION\n    def __enter__(self):\n"
                "        return 5\n    def __exit__(self, *error):\n"
                "        return error[0] is KeyError\n    ### END SOLUTION",
            ),
            cell(
                "test",
                "t",
                "with Quiet() as five:\n    raise KeyError\nwith Quiet() as five:\n"
                "    assert five == 5",
            ),
        ]
    )
    assert scores(grade(source)) == {"t": 1.0}
    lying = (
        "class Quiet:\n    def __enter__(self): return 6\n    def __exit__(self, *e): return True"
    )
    assert scores(grade(source, c=lying)) == {"t": 0.0}


CLASSES = "pd.DataFrame", "pd.Series", "pd.Index", "set", "list"
LIES = """
class Yes(Exception):
    def __init__(self, *a): pass
class Liar:
    shape, columns = (3,), ["a"]
    def _yes(self, *others): return True
    def __getattr__(self, name): return Yes if name == "issuperset" else self._yes
    def __contains__(self, item): return True
    def __iter__(self): return iter([7])
    def __exit__(self, *error): return True
    def __enter__(self): return self
    __eq__ = equals = _yes
"""
TOLD = {  # what the solution returns, and a check that hands the right value to a method of it
    "a table": ("pd.DataFrame({'a': x})", "f(x).equals(pd.DataFrame({'a': [0, 1, 2]}))"),
    "a column": ("pd.Series(x)", "f(x).eq(pd.Series([0, 1, 2])).all()"),
    "an index": ("pd.Index(x)", "f(x).identical(pd.Index([0, 1, 2]))"),
    "a set": ("set(x)", "f(x).issuperset({0, 1, 2})"),
    "text": ("'abc'", "f(x).startswith('ab')"),
    "a list": ("list(x)", "f(x).index(1) == 1"),
    "an operator by its name": ("3", "f(x).__eq__(3)"),
    "a list that contains": ("list(x)", "2 in f(x)"),
    "found by getattr": ("set(x)", "getattr(f(x), 'isdisjoint')({5})"),
    "as a key": ("list(x)", "max([0, 1], key=f(x).count) == 0"),
    "in a tuple": ("(1, {2})", "f(x)[1].issubset({2, 3})"),
    "a variable": ("{2}", "(lambda table: table.issubset({2}))(f(x))"),
}


def told(lie=""):
    """A notebook with all of these, each returned by a function of its own."""
    cells = [cell("given", "setup", "import numpy as np\nimport pandas as pd\nx = np.arange(3)")]
    for place, (value, check) in enumerate(TOLD.values()):
        answer = f"### BEGIN SOLUTION\n    return {value}\n    ### END SOLUTION"
        if lie:
            kind = value.partition("(")[0]
            kind = kind if kind in CLASSES else "Liar"
            shown = f"type('Lie', (Liar,), {{'__class__': {kind}}})()"
            answer = f"return (1, {shown})" if value.startswith("(") else f"return {shown}"
        cells += [
            cell("solution", f"s{place}", f"{lie}\ndef f{place}(x):\n    {answer}"),
            cell("test", f"t{place}", f"assert {check.replace('f(x)', f'f{place}(x)')}"),
        ]
    return notebook(cells)


def test_a_method_that_says_yes_to_the_right_value_passes_no_check_of_data():
    source = told()
    assert set(scores(grade(source)).values()) == {1.0}
    result = examine(source, json.dumps(told(LIES)).encode(), isolation="none")
    assert set(scores(result).values()) == {0.0}
    said = [check.message for check in result.checks]
    assert sum("an object of its own" in message for message in said) == len(TOLD) - 1


def test_an_object_of_the_students_own_may_stand_for_data_that_a_check_reads():
    source = notebook(
        [
            cell(
                "solution",
                "f",
                "def f(x):\n    ### BEGIN SOLUTION\n    return [x, 2 * x]\n    ### END SOLUTION",
            ),
            cell("test", "t", "y = f(1)\nassert 2 in y and 3 not in y and len(y) == 2"),
            cell("test", "u", "y = f(1).copy()\nassert y[1] == 2 and list(y) == [1, 2]"),
        ]
    )
    own = (
        "class Own:\n    def __init__(self, *parts): self.parts = parts\n"
        "    def __len__(self): return 2\n    def __iter__(self): return iter(self.parts)\n"
        "    def __getitem__(self, n): return self.parts[n]\n"
        "    def copy(self): return Own(*self.parts)\ndef f(x): return Own(x, 2 * x)"
    )
    assert scores(grade(source)) == scores(grade(source, f=own)) == {"t": 1.0, "u": 1.0}


def test_a_context_manager_swallows_what_the_solutions_does():
    source = notebook(
        [
            cell(
                "solution",
                "c",
                "class Timer:\n    ### BEGIN SOLUTION\n    def __enter__(self): return self\n"
                "    def __exit__(self, *error): return False\n    ### END SOLUTION\n"
                "def f(x): return x",
            ),
            cell("test", "t", "with Timer():\n    assert f(1) == 1\n    assert f(2) == 2"),
        ]
    )
    lying = (
        "class Timer:\n    def __enter__(self): return self\n"
        "    def __exit__(self, *error): return True\ndef f(x): raise KeyError"
    )
    assert scores(grade(source)) == {"t": 1.0} and scores(grade(source, c=lying)) == {"t": 0.0}


def test_what_a_hidden_check_makes_a_student_print_is_neither_kept_nor_shown():
    source = notebook(
        [
            cell(
                "solution",
                "f",
                "def f(x):\n    ### BEGIN SOLUTION\n    print(x)\n    return x\n"
                "    ### END SOLUTION",
            ),
            cell(
                "test",
                "t",
                "import io, contextlib\nout = io.StringIO()\n"
                "with contextlib.redirect_stdout(out):\n    f('inside')\n"
                "assert out.getvalue() == 'inside\\n'\n"
                "assert f('secret-42') and f(5) == 5",
            ),
        ]
    )
    result = grade(source)
    assert scores(result) == {"t": 1.0}
    lines = grade(source, f="def f(x):\n    print(x)\n    raise KeyError")
    for one in (result, lines):
        kept = [cell["outputs"] for cell in one.notebook["cells"] if cell["id"] == "t"]
        assert "secret-42" not in json.dumps(kept) and "inside" not in json.dumps(kept)


def test_endless_printing_is_cut():
    source = notebook(
        [
            cell(
                "solution",
                "f",
                "def f():\n    ### BEGIN SOLUTION\n    for _ in range(300):\n"
                "        print('x' * 1000)\n    ### END SOLUTION",
            ),
            cell(
                "test",
                "t",
                "import io, contextlib\nout = io.StringIO()\n"
                "with contextlib.redirect_stdout(out):\n    f()\n"
                f"assert len(out.getvalue()) == {MAX_PRINTED}",
            ),
        ]
    )
    assert scores(grade(source)) == {"t": 1.0}


@pytest.mark.parametrize("aside", [0, "text", [], ["a"], [1, None], ["a", None, None], {"a": 1}])
def test_a_forged_aside_is_none(aside):
    with pytest.raises(ProtocolError):
        read_aside(aside)


@pytest.mark.parametrize("kinds", [None, "ValueError", [], [1]])
def test_a_forged_exception_is_none(kinds):
    with pytest.raises(ProtocolError):
        read_raised(Raised(kinds, "message", "where", None, None))


def spoilt(place, value):
    state = random_state.get_state()
    state[place] = value
    return state


@pytest.mark.parametrize(
    "place, value",
    [
        (0, np.zeros(3, np.uint32)),
        (0, np.zeros(624)),
        (0, None),
        (1, 625),
        (1, -1),
        (1, 1.0),
        (3, None),
        (4, np.zeros(625, np.int64)),
        (4, np.full(625, 700, np.uint32)),
        (4, None),
        (5, "x"),
        (5, []),
    ],
)
def test_a_forged_state_of_a_generator_is_refused(place, value):
    before = random.getstate(), np.random.get_state()[1].tolist()
    with pytest.raises(ProtocolError):
        random_state.set_state(spoilt(place, value))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


def test_a_state_comes_back_as_it_was():
    before = random_state.get_state()
    drawn = random.random(), random.gauss(0, 1), np.random.normal(), np.random.rand()
    random_state.set_state(before)
    assert drawn == (random.random(), random.gauss(0, 1), np.random.normal(), np.random.rand())


@pytest.mark.parametrize("draws", [0, 1, 3, 621, 622, 623, 624, 625, 1248, 1249, 100_000])
def test_generators_follow_by_as_many_draws(draws):
    before = random_state.get_state()
    np.random.randint(2**32, size=draws, dtype=np.uint32)
    for _ in range(draws):
        random.getrandbits(32)
    after = random_state.get_state()
    random_state.set_state(before)
    random_state.advance_to(after)
    assert all(np.array_equal(*pair) for pair in zip(random_state.get_state(), after, strict=True))


def test_a_generator_that_was_set_is_not_followed():
    np.random.seed(1), random.seed(1)
    np.random.rand(5)
    here = random_state.get_state()
    np.random.seed(1)
    back = random_state.get_state()
    np.random.seed(2), random.seed(2)
    for other in (back, random_state.get_state()):
        random_state.set_state(here)
        random_state.advance_to(other)
        assert all(
            np.array_equal(*pair) for pair in zip(random_state.get_state(), here, strict=True)
        )


def test_a_student_cannot_choose_the_numbers_of_a_check():
    source = notebook(
        [
            cell("given", "setup", "import numpy as np"),
            cell(
                "solution",
                "f",
                "def f(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION",
            ),
            cell(
                "test",
                "t",
                "for _ in range(9):\n    x = np.random.rand()\n    assert np.isclose(f(x), x * x)",
            ),
        ]
    )
    lying = (
        "f0 = []\ndef f(x):\n    np.random.seed(1)\n    f0.append(x)\n"
        "    return x * x if len(f0) == 1 else 0.417022004702574 ** 2"
    )
    assert scores(grade(source)) == {"t": 1.0} and scores(grade(source, f=lying)) == {"t": 0.0}


def test_which_notebooks_draw_from_the_global_generators():
    assert random_state.is_used(["np.random.seed(1)"])
    assert random_state.is_used(["x", "import random\nrandom.random()"])
    assert random_state.is_used(["from numpy.random import rand"])
    assert not random_state.is_used(
        ["rng = np.random.default_rng(1)", "isinstance(x, np.random.Generator)"]
    )


@pytest.mark.parametrize(
    "value",
    [
        range(2, 9, 3),
        slice(None, 3),
        Fraction(-1, 3),
        Decimal("1.50"),
        date(2026, 1, 2),
        datetime(2026, 1, 2, 3, 4, 5, 6),
        time(1, 2),
        timedelta(days=-1, microseconds=5),
    ],
)
def test_small_types_of_the_standard_library_cross(value):
    found = codec.decode(codec.encode([value]))[0]
    assert type(found) is type(value) and found == value


@pytest.mark.parametrize(
    "parts",
    [
        [],
        ["eval", "1"],
        ["range", 1, 2, 0],
        ["range", "a", 1, 1],
        ["Fraction", 1, 0],
        ["Decimal", "x"],
        [["range"], 1],
        ["Decimal", "9" * 2000],
        ["Decimal", 5],
        ["date", 2026, 13, 1],
        ["slice"],
        [None],
        ["time", {}],
    ],
)
def test_what_is_built_from_forged_parts_is_refused(parts):
    with pytest.raises(ProtocolError):
        codec.decode(codec.encode([Forged(parts)], lambda value: None))


class Forged:
    """Encoded as if it were a value of the standard library."""

    def __init__(self, parts):
        self.parts = parts


@pytest.fixture(autouse=True)
def forging(monkeypatch):
    parts = data_types.parts
    monkeypatch.setattr(
        data_types,
        "parts",
        lambda value, *rest: value.parts if isinstance(value, Forged) else parts(value, *rest),
    )
