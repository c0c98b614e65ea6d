"""Expressions of sympy cross as data: what a student's own class says of itself decides nothing."""

import json

import pytest

from autograder.exam import examine
from autograder.exam.protocol import codec
from autograder.result import FAILED
from tests.exam.test_data_types import crossed
from tests.exam.test_wild_courses import cell
from tests.threats.room import notebook, tier

sp = pytest.importorskip("sympy")
sympy_types = pytest.importorskip("autograder.exam.protocol.sympy_types")
x, y = sp.symbols("x y", positive=True)

EXPRESSIONS = [
    *(x, sp.Symbol("n", integer=True), sp.Integer(7), sp.Rational(-2, 3), sp.Float("0.1", 30)),
    *(sp.pi, sp.oo, sp.I, sp.true, sp.S.EmptySet, sp.sqrt(2) * x**y / 3 - sp.exp(-x)),
    *(sp.sin(x) ** 2 + sp.log(y), sp.Eq(x, 2), x < y, sp.FiniteSet(1, x), sp.Interval(0, 2)),
    *(sp.Matrix([[1, x], [0, 2]]), sp.Abs(sp.Symbol("z")), sp.Tuple(x, 1)),
]


@pytest.mark.parametrize("value", EXPRESSIONS, ids=str)
def test_expressions_cross(value):
    found = crossed(value)
    assert type(found) is type(value) and found == value


def test_a_number_keeps_its_digits():
    assert str(crossed(sp.Float("0.1", 30))) == str(sp.Float("0.1", 30))


STAYS = {
    "unevaluated": lambda: sp.Add(x, x, evaluate=False),
    "a large power": lambda: sp.Pow(10, 10**9, evaluate=False),
    "an integral": lambda: sp.Integral(sp.sin(x), x),
    "a function of their own": lambda: sp.Function("f")(x),
    "code for a name": lambda: sp.Symbol("__import__('os').getcwd()") + 1,
    "what takes long to build": lambda: sp.tanh(x + sp.tanh(y)),
    "a largest one": lambda: sp.Max(x, y),
    "very many terms": lambda: sum(sp.Symbol(f"x{n}") for n in range(3_000)),
}


@pytest.mark.parametrize("case", STAYS)
def test_others_stay_where_they_are(case):
    with pytest.raises(codec.ProtocolError):
        codec.encode(STAYS[case](), lambda value: None)


FORGED = [
    *(["Pow", ["number", 10, 1], ["number", 10**9, 1]], ["symbol", "open()", {}]),
    *(["Add", 1, 2], ["eval", "1"], ["symbol", "x", {"zero": True, "positive": True}], "x", []),
    *(["matrix", "MutableDenseMatrix", [10**6, 10**6], []], ["number", 1, 0], ["Add", ["Add"] * 2]),
]


@pytest.mark.parametrize("tree", FORGED, ids=str)
def test_a_forged_expression_is_refused(tree):
    with pytest.raises(Exception):  # noqa: B017 - the codec takes any for a refusal
        sympy_types._built(tree)


LIE = """class Pow:
    def __eq__(self, other):
        return True
    def __sub__(self, other):
        return 0
    def equals(self, other):
        return True
Pow.__module__ = 'sympy.core.power'
root = Pow()"""


@pytest.mark.parametrize(
    "check",
    [
        "assert root == sp.sqrt(2)",
        "assert sp.simplify(root - sp.sqrt(2)) == 0",
        "assert root.equals(sp.sqrt(2))",
        "assert sp.sqrt(2) == root and root.is_number and x not in root.free_symbols",
    ],
)
def test_a_check_judges_the_expression_itself(check):
    given = cell("given", "g", "import sympy as sp\nx = sp.symbols('x', positive=True)")
    source = [given, cell("solution", "s", "root = sp.solve(x ** 2 - 2, x)[0]")]
    source.append(cell("test", "check", check))

    def judged(answer):
        handed = [given, cell("solution", "s", answer), source[-1]]
        text = json.dumps(notebook(handed)).encode()
        return examine(notebook(source), text, isolation=tier(), strict=True).checks[0]

    assert judged("root = sp.solve(x ** 2 - 2, x)[0]").score == 2
    assert judged("root = sp.solve(x ** 2 - 3, x)[0]").status == FAILED
    assert judged(LIE).status == FAILED
