"""Wrong readings of the references: all caught by the checks, and named for what they are."""

import ast
import json
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.authoring.answer_bank import fill
from autograder.authoring.source import read_source
from autograder.exam import examine
from autograder.exam.examiner.causes import FIX, with_cause
from autograder.mutants.agreement import agrees, why_equivalent
from autograder.mutants.calls_seen import Call, Raised, TooLargeError, snapshot
from autograder.mutants.derive import EVERYWHERE, TICK, Rounds, mutants_of, sentence
from autograder.mutants.diagnose import Diagnosis, diagnose
from autograder.mutants.not_finite import about_not_finite
from autograder.mutants.prove import Notebook, fate_of
from autograder.mutants.readings import redrawn
from autograder.mutants.student_lines import lines_of
from autograder.mutants.texts import Texts
from autograder.notebook.source_cells import SOLUTION, SourceCell, read_source_cells
from tests.mutants.natural import NATURAL

SOLUTIONS = Path(__file__).parents[2] / "solutions"


def source(name):
    return read_source(SOLUTIONS / name / f"{name}.py")


def told(text):
    return {mutant.what for mutant in mutants_of("cell", text)}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("return X.T @ d", "the transpose of X is missing"),
        (
            "return (1 - np.tanh(s) ** 2) * d",
            "σ' is taken as 1 - np.tanh(s): the square is missing",
        ),
        ("return s * (1 - s)", "σ' is taken as 1 - s ** 2, the slope of tanh"),
        ("return F[y, n].sum()", "F[:, n] takes whole columns, not one entry a sample"),
        ("return E.sum(axis=0)", "the sum goes over axis 1, not over axis 0"),
        ("return np.log(f)", "log2 is used instead of the natural logarithm, of f"),
        (
            "return X @ d + b",
            "b is added once for each term of X @ d, not once: it stands inside the loop, or inside "
            "the sum",
        ),
        (
            "return (X * d).sum()",
            "only the first term of the sum is there, as if a loop returned in its first round",
        ),
        (
            "return X @ d",
            "the first term of the sum is missing, as of a loop that starts at 1 (of X @ d)",
        ),
        (
            "return E.sum(axis=1)",
            "only the last term of the sum is there, as when = is written for +=",
        ),
        (
            "return np.log(np.exp(f).sum())",
            "the logarithm is taken of each entry of np.exp(f) and these are summed; it is to be that of "
            "the sum",
        ),
        ("return np.diag(d) - E", "the sign beside the diagonal is wrong"),
        ("return np.diag(d) - E", "on the diagonal, - E is missing"),
        (
            "return s - y",
            "s is rounded to 0 or 1: the decision is used where the probability should be",
        ),
        ("return s - y", "s (1 - y) is used instead of s - y"),
        ("F = X @ d + b\n    return F", "ReLU is applied to X @ d + b, but should not be"),
        ("return s - y", "s (1 - s), a slope of the logistic function, is an extra factor"),
        (
            "return s[n] * (1 - s[n]) * y[d]",
            "y[d] is used where s[n] should be; and so wherever it occurs",
        ),
        ("return E.mean(axis=0)", "the sum is divided by the length of the other axis"),
        ("return E.sum(axis=1)", "the sum goes over all axes at once: it has no axis=..."),
        (
            "return np.zeros(n)",
            "an array of whole numbers (dtype int) loses what is behind the point: start from floats",
        ),
        ("return (X >= 0) * d", "the mask is taken of d; it should be X >= 0"),
        ("return s[n]", "the sum of all entries of s is used where s[n] should be"),
        ("return max(s, n)", "X is one too many in max(...)"),
    ],
)
def test_a_misreading_of_the_field_is_derived(line, what):
    assert what in told(f"def f(X, s, d, y, n, F, E):\n    {line}\n")


@pytest.mark.parametrize(
    ("line", "what", "right"),
    [
        ("return a @ b + c", "c is added once for each term", lambda a, b, c: a @ b + 3 * c),
        ("return a @ b", "only the last term of the sum", lambda a, b, c: a[:, 2:] @ b[2:]),
        ("return a.sum(axis=0)", "the first term of the sum is missing", lambda a, b, c: a[1] + a[2]),
        ("return np.diag(c) - a", "the sign beside the diagonal is wrong", lambda a, b, c: a + np.diag(c - 2 * a.diagonal())),
        ("return np.diag(c) - a", "the entries beside the diagonal", lambda a, b, c: np.diag(c - a.diagonal())),
        ("return np.log(np.exp(c).sum())", "the logarithm is taken of each", lambda a, b, c: c.sum()),
    ],
)  # fmt: skip
def test_a_misread_sum_has_the_values_of_the_loop_that_it_speaks_of(line, what, right):
    a, b, c = (
        np.arange(9.0).reshape(3, 3) ** 1.5,
        np.array([[2.0, 0.5], [3.0, 1.0], [-1.0, 4.0]]),
        None,
    )
    c = np.array([0.5, 1.5, 2.5]) if "c" in line and "@" not in line else np.array([0.5, 1.5])
    (mutant,) = (m for m in mutants_of("f", f"def f(a, b, c):\n    {line}\n") if what in m.what)
    space = {"np": np}
    exec(mutant.code, space)
    np.testing.assert_allclose(space["f"](a, b, c), right(a, b, c))


def test_a_step_is_taken_from_where_the_loop_began():
    text = (
        "def f(objective, W, steps):\n    for _ in range(steps):\n        dW = objective(W)\n"
        "        W = W - dW\n    return W\n"
    )
    (mutant,) = (one for one in mutants_of("f", text) if "at the start in every round" in one.what)
    space = {TICK: Rounds()}
    exec(mutant.code, space)
    assert space["f"](lambda W: W / 2, 8.0, 3) == 8 - 3 * 4


def test_momentum_has_its_other_conventions():
    body = "    phi = (1 - a) * phi + a * g\n        theta = theta - c * phi\n"
    text = f"def f(theta, g, a, c):\n    phi, path = 0, []\n    for _ in range(3):\n    {body}    return theta\n"
    said = " ".join(told(text))
    for word in ("heavy ball", "Nesterov", "Adam", "alpha and 1 - alpha are exchanged"):
        assert word in said


def test_a_mutant_of_an_endless_loop_ends():
    text = "def f(n):\n    while n > 0:\n        n -= 1\n    return n\n"
    assert all(mutant.code is not None for mutant in mutants_of("cell", text))
    assert any("+=" in mutant.text for mutant in mutants_of("cell", text))


def test_every_sampled_mutant_is_caught_and_named_rightly():
    """Every thirteenth of one notebook; `autograder mutants` runs them all."""
    steps = read_source_cells(json.loads(json.dumps(source("01_logistic"))))
    notebook, shaped, named = Notebook(steps), 0, 0
    for step in (one for one in steps if one.kind == SOLUTION):
        for mutant in notebook.mutants[step.id][::13]:
            fate = fate_of(notebook, mutant, step, notebook.checks_of[step.id])
            assert fate.caught or fate.equivalent, mutant.text
            assert fate.named != "wrong", (mutant.text, fate.diagnosis.cause)
            shaped += fate.right_shape
            named += fate.right_shape and fate.named == "right"
    assert named >= 0.9 * shaped > 20


@pytest.mark.parametrize(
    ("function", "new", "says"),
    [
        ("squared_gradient", "(s - y) * (1 - s)", "the factor s is missing"),
        ("gradient_descent", "b = b - db", "the factor step_size is missing"),
        ("dL_dsigma", "-y / s", "(1 - y) / (1 - s) is missing"),
    ],
)
def test_the_exam_names_what_no_hint_was_written_for(function, new, says):
    assignment, cell, old, new = next(
        one for one in NATURAL if one[1] == function and one[3] == new
    )
    notebook = source(assignment)
    filled = edited(notebook, cell, old, new)
    result = examine(notebook, nbformat.writes(filled).encode(), isolation="none", seed="x")
    lost = [check for check in result.checks if check.status == "failed"]
    assert says in lost[0].message
    assert lost[0].message.count("Likely cause:") == lost[0].message.count("Next:") == 1


def diagnosed(right, wrong, *arguments):
    """The cause of the values of a wrong f(x), called with each of the arguments."""
    spaces = [{"np": np}, {"np": np}]
    for text, space in zip((right, wrong), spaces, strict=True):
        exec(f"def f(x):\n    return {text}\n", space)
    mutants = mutants_of("cell", f"def f(x):\n    return {right}\n")
    calls = [Call("f", (x,), {}, spaces[1]["f"](x)) for x in arguments]
    return diagnose(calls, lambda name: mutants, spaces[0]).cause


@pytest.mark.parametrize("x", [1, 1.0, np.ones(3), -np.ones((2, 2))])
def test_one_small_number_names_no_cause(x):
    """At x = 1 both 3 * x and 2 + x are 3."""
    assert diagnosed("2 * x", "3 * x", x) == ""
    assert diagnosed("2 * x", "2 + abs(x)", x) == ""


def test_two_values_name_a_cause():
    assert "2 and x are added" in diagnosed("2 * x", "2 + x", 1.0, 3.0)
    assert "2 and x are added" in diagnosed("2 * x", "2 + x", 0.3)
    assert diagnosed("2 * x", "3 * x + x**2", 1.0, 3.0) == ""


def test_readings_that_these_values_do_not_tell_apart_are_both_named():
    positive = np.array([0.25, 1.5])
    cause = diagnosed("np.tanh(x)", "x", positive)
    assert "tanh is missing: x stands alone" in cause and "ReLU is used instead of tanh" in cause
    cause = diagnosed("np.tanh(x)", "x", np.array([0.25, -1.5]))
    assert "tanh is missing" in cause and "ReLU" not in cause


def test_a_function_left_out_leaves_its_argument_unchanged():
    text = "def f(x):\n    e = np.tanh(x)\n    e -= 1\n    return e + x\n"
    (left_out,) = (one for one in mutants_of("cell", text) if "tanh is missing" in one.what)
    space = {"np": np, "__mutant_round__": None}
    exec(left_out.code, space)
    assert list(space["f"](np.array([2.0, 3.0]))) == [3.0, 5.0]


def test_one_value_of_several_is_shown_and_no_answer_to_the_others():
    text = "def f(x, y):\n    return x * y, lambda G: (G * y, G * x)\n"
    said = [sentence(one) for one in mutants_of("cell", text) if one.operator == "products"]
    assert "the factor y is missing (yours are the values of `G`)" in said
    assert "the factor y stands twice (yours are the values of `x * (y * y)`)" in said
    assert not any("lambda" in one for one in said)


def test_a_cause_that_is_known_tells_what_to_do():
    message = "b: you returned an array.\nNext: sum over every axis."
    assert with_cause(message, "the sign", known=True).endswith("Next: " + FIX + ".")
    assert with_cause(message, "exp overflows").endswith("Next: sum over every axis.")
    assert with_cause("b.\nNext: shuffle.", "the sign", known=True).endswith("Next: shuffle.")


def test_what_is_said_of_two_readings_alike_is_said_once():
    found = Diagnosis("f", (), [])
    assert found.cause == ""
    text = "def f(x, y):\n    return x + 1, y + 1\n"
    twice = [one for one in mutants_of("cell", text) if one.what.endswith(EVERYWHERE)][:2]
    cause = Diagnosis("f", twice, twice).cause
    assert ", or " in cause and cause.count(EVERYWHERE) == 1 and cause.endswith(EVERYWHERE)


def test_an_error_that_is_carried_on_is_told_apart():
    notebook = source("05_minibatch")
    filled = edited(notebook, "sigmoid", "np.where(t > 0, 1, e)", "np.where(t > 0, e, 1)")
    result = examine(notebook, nbformat.writes(filled).encode(), isolation="none", seed="x")
    messages = {check.id: check.message for check in result.checks if check.status == "failed"}
    assert "carried on from sigmoid" in messages["test_forward"]
    assert "carried on" not in messages["test_sigmoid"]


def test_a_cause_replaces_a_vaguer_one():
    message = "z: wrong.\nLikely cause: entry [2, 0] is wrong.\nNext: work it out."
    assert with_cause(message, "the sign").split("\n")[1] == "Likely cause: the sign."
    assert with_cause("z: wrong.", "the sign").startswith(
        "z: wrong.\nLikely cause: the sign.\nNext:"
    )


def edited(notebook, cell_id, old, new):
    """The solved notebook with one edit in a solution."""
    filled = fill(notebook, notebook)
    for cell in filled.cells:
        if cell.id == cell_id:
            whole = next(one for one in notebook.cells if one.id == cell_id).source
            head, body = whole.split("### BEGIN SOLUTION")
            assert body.count(old) == 1
            cell.source = (head + body.replace(old, new)).replace("### END SOLUTION", "")
    return filled


@pytest.mark.parametrize(
    ("right", "wrong", "what"),
    [
        ("(x + 1) * y", "x + 1 * y", "the brackets around x + 1 are missing"),
        ("(x - 1) / (2 * y)", "(x - 1) / 2 * y", "the brackets around 2 * y are missing"),
        ("x @ y + 1", "x @ (y + 1)", "y and 1 are put into one pair of brackets"),
        ("(x ** 2).sum()", "x.sum() ** 2", "the sum is squared, not each entry of x"),
        ("np.tanh(x + y)", "x + np.tanh(y)", "tanh is taken of y alone; x belongs inside, too"),
        ("2 * x", "3 * x", "the number 3 is used where 2 should be"),
        ("y * x * (1 - x)", "y * (1 - x ** 2)", "σ' is taken as 1 - x ** 2, the slope of tanh"),
        ("y / x", "y * np.log(x)", "the logarithm of x is used instead of its derivative, 1 / x"),
    ],
)
def test_brackets_constants_and_slopes_are_misread(right, wrong, what):
    text = ast.unparse(ast.parse(f"return {wrong}"))
    mutants = mutants_of("cell", f"def f(x, y):\n    return {right}\n")
    assert what in [mutant.what for mutant in mutants if mutant.line == text]


def test_a_misreading_that_is_repeated_is_one_mutant():
    """Who squares the sum of W squares the sum of V as well."""
    text = "def f(W, V):\n    return (W**2).sum() + (V**2).sum()\n"
    lines = [mutant.line for mutant in mutants_of("cell", text)]
    assert "return W.sum() ** 2 + V.sum() ** 2" in lines
    assert "return W.sum() ** 2 + (V ** 2).sum()" in lines


def test_readings_in_other_words_are_said_once():
    """A mean, and a sum divided by the number of entries."""
    x = np.array([0.25, 1.5, -3.0])
    assert diagnosed("x.sum()", "x.mean()", x) == "a mean is used where a sum should be"


def test_more_readings_than_two_name_no_cause():
    """Of 3 = 1 + 2 = 3 * 1 = 6 / 2 nobody knows which it was."""
    lines = "def f(x, y, z):\n    return x * y\n"
    space = {"np": np}
    exec(lines, space)
    arguments = (np.array([2.5, 0.5]), np.array([2.0, 2.0]), np.array([4.0, 4.0]))
    call = Call("f", arguments, {}, arguments[0] * 4)
    mutants = mutants_of("cell", lines)
    found = diagnose([call], lambda name: mutants, space)
    assert len(found.readings) > 2 and found.cause == ""


def test_of_several_readings_the_line_that_stands_there_is_meant():
    lines = "def f(x, y, z):\n    return x * y\n"
    space = {"np": np}
    exec(lines, space)
    arguments = (np.array([2.5, 0.5]), np.array([2.0, 2.0]), np.array([4.0, 4.0]))
    call = Call("f", arguments, {}, arguments[0] * 4)
    mutants = mutants_of("cell", lines)
    theirs = ["def f(x, y, z):\n    # my own\n    return   x * z", "def g(x, z):\n    return x / z"]
    found = diagnose([call], lambda name: mutants, space, partial(lines_of, theirs))
    assert found.cause == "z is used where y should be"


def test_an_exception_names_the_mistake_that_stands_in_the_line():
    lines = "def f(X, w):\n    return X @ w\n"
    space = {"np": np}
    exec(lines, space)
    X, w = np.ones((3, 2)), np.ones(2)
    with pytest.raises(ValueError, match="core dimension") as raised:
        np.matmul(X.T, w)
    call = Call("f", (X, w), {}, Raised(str(raised.value)))
    mutants = mutants_of("cell", lines)
    for text, cause in [("return X.T @ w", "X is transposed, but should not be"), ("return X", "")]:
        lines = partial(lines_of, [f"def f(X, w):\n    {text}"])
        found = diagnose([call], lambda name: mutants, space, lines)
        assert found.cause == cause


def test_an_overflow_is_told_where_the_formula_is_right_elsewhere():
    def softmax(x):
        with np.errstate(all="ignore"):
            return np.exp(x) / np.exp(x).sum()

    right = "def f(x):\n    e = np.exp(x - x.max())\n    return e / e.sum()\n"
    space = {"np": np}
    exec(right, space)
    small, large = np.array([0.5, 2.0]), np.array([1000.0, 999.0])
    calls = [Call("f", (x,), {}, softmax(x)) for x in (small, large)]
    assert "exp overflows" in diagnose(calls, lambda name: [], space).cause
    assert diagnose(calls[1:], lambda name: [], space).cause == ""


def test_a_snapshot_is_a_copy_of_what_may_change_and_of_no_more_than_asked():
    array, rng = np.arange(3.0), np.random.default_rng(1)
    value = {"a": [array, ({1}, rng)], "f": len}
    copied = snapshot(value, at_most=array.nbytes)
    expected = rng.bit_generator.state
    array[0] = 7
    value["a"][1][0].add(2)
    rng.random()
    assert copied["a"][0].tolist() == [0, 1, 2] and copied["a"][1][0] == {1}
    assert copied["a"][1][1].bit_generator.state == expected and copied["f"] is len
    with pytest.raises(TooLargeError):
        snapshot(value, at_most=array.nbytes - 1)


def readings_of(right, wrong, *arguments):
    """What is said of the values of wrong(x, n), called once."""
    lines = f"def f(x, n):\n    return {right}\n"
    space, theirs = {"np": np}, {"np": np}
    exec(lines, space)
    exec(f"def f(x, n):\n    return {wrong}\n", theirs)
    call = Call("f", arguments, {}, theirs["f"](*arguments))
    mutants = mutants_of("cell", lines)
    return mutants, diagnose([call], lambda name: mutants, space), space, [call]


def test_a_length_is_told_from_a_number_that_it_equals_here():
    """Two entries: divided by len(x) is half as large; both are said, not the half alone."""
    _, found, *_ = readings_of(
        "np.exp(x) + n", "(np.exp(x) + n) / len(x)", np.array([0.3, 1.7]), 0.9
    )
    assert "has an extra factor 1/2" in found.cause and "such as len(x)" in found.cause


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_a_number_of_any_kind_is_drawn_anew_and_stays_of_its_kind(kind):
    rng, number = np.random.default_rng(0), kind(0.3)
    for drawn in (redrawn(number, rng, 1), redrawn(number, rng, 1, boldly=True)):
        assert drawn != number and type(drawn) is kind
    assert redrawn(kind(3.0), rng, 1) == 3.0  # a whole number may be a label


def test_a_whole_number_is_told_from_a_factor_that_it_equals_here():
    _, found, *_ = readings_of("np.exp(x) + 1", "(np.exp(x) + 1) * n", np.array([0.3, 1.7, 0.4]), 2)
    assert "has an extra factor 2" in found.cause and "is multiplied by n" in found.cause


def test_a_cause_is_false_where_the_mutant_has_other_values_on_other_inputs():
    mutants, _, space, calls = readings_of("np.exp(x) + n", "x", np.array([0.3, 1.7]), 0.9)
    by_what = {mutant.what: mutant for mutant in mutants}
    half, length = (
        by_what["the result has an extra factor 1/2"],
        by_what["the result is divided by a length, such as len(x), but should not be"],
    )
    longer = [Call("f", (np.array([0.3, 1.7, 0.2]), 0.9), {}, None)]
    assert agrees(length, [half], calls, space)
    assert not agrees(length, [half], longer, space)
    assert agrees(length, [half, length], longer, space)


def test_a_random_order_drawn_backwards_is_no_mistake():
    lines = """def f(x, rng):
    for i in rng.permutation(len(x)):
        x = 0.5 * x + x[i]
    return x
"""
    space = {"np": np, "__mutant_round__": lambda: None}
    exec(lines, space)
    (other,) = (one for one in mutants_of("cell", lines) if "other order" in one.what)
    (first,) = (one for one in mutants_of("cell", lines) if "the first round" in one.what)
    calls = [Call("f", (np.array([0.3, 1.7, 0.4]), np.random.default_rng(3)), {}, None)]
    assert "backwards" in why_equivalent(other, calls, space)
    assert why_equivalent(first, calls, space) == ""


def test_another_topological_order_is_no_mistake_and_any_order_is():
    notebook = Notebook(
        read_source_cells(json.loads(json.dumps(source("06_graph")))), only=["topological_order"]
    )
    (step,) = (one for one in notebook.steps if one.id == "topological_order")
    (other,) = (one for one in notebook.mutants[step.id] if "other order (of w)" in one.what)
    fate = fate_of(notebook, other, step, notebook.checks_of[step.id])
    assert not fate.caught and "one of several right ones" in fate.equivalent


def test_mutants_that_differ_where_the_check_asks_later_are_two_readings():
    """Only tanh was asked for yet: that the case is missing and that ReLU stands there is one."""
    right = (
        'def f(name, x):\n    if name == "tanh":\n        return np.tanh(x)\n'
        '    if name == "relu":\n        return np.maximum(x, 0)\n    return x\n'
    )
    space, theirs = {"np": np}, {"np": np}
    exec(right, space)
    exec(right.replace('name == "tanh"', 'name != "tanh"'), theirs)
    x = np.array([0.25, -1.5])
    mutants = mutants_of("cell", right)
    calls = [Call("f", ("tanh", x), {}, theirs["f"]("tanh", x))]
    asked = [Call("f", (name, x), {}, None) for name in ("tanh", "relu", "identity")]
    alone = diagnose(calls, lambda name: mutants, space).cause
    both = diagnose(calls, lambda name: mutants, space, asked=lambda: asked).cause
    assert alone.count(", or ") < both.count(", or ") + (both == "")


def test_the_exam_asks_what_the_rest_of_the_check_asks():
    """The value of exp_rule alone does not tell whether its way back has the sign, too."""
    notebook = source("08_autodiff")
    filled = edited(notebook, "exp_rule", "return value,", "turned = -value\n    return turned,")
    result = examine(notebook, nbformat.writes(filled).encode(), isolation="none", seed="x")
    (message,) = (check.message for check in result.checks if check.id == "test_exp_rule")
    cause = message.split("Likely cause: ")[1].split("\n")[0]
    assert cause == "the sign of np.exp(a) is wrong, or the sign of value is wrong."


def test_the_same_tree_has_the_same_text_and_a_changed_one_another():
    text = "def f(x, y):\n    a = x + y\n    for i in range(3):\n        a += i * x\n    return a\n"
    mutants = mutants_of("cell", text)
    dumps = [ast.dump(ast.parse(mutant.text)) for mutant in mutants if mutant.code]
    assert len(set(dumps)) == len(dumps) > 50
    tree = mutants[0].tree
    texts, function = Texts(tree), tree.body[0]
    first = texts.with_changes(())
    function.body.append(ast.Pass())
    assert texts.with_changes([function]) != first
    function.body.pop()
    assert texts.with_changes([function]) == first


def test_that_two_values_are_infinite_says_nothing_of_the_formula():
    call = Call("f", (np.array([0.0, 2.0]),), {}, np.inf)
    assert about_not_finite(call, 0.25, [(np.inf, np.inf)]) == ""
    assert "elsewhere" in about_not_finite(call, 0.25, [(np.inf, np.inf), (0.5, 0.5)])


def test_a_mutant_that_changes_what_cells_share_harms_no_later_one():
    """Else every mutant after it would be refused, whatever its check asks."""
    solution = "def f():\n    return [one + 1 for one in shared]\n"
    cells = [
        SourceCell("given", "given", "shared = [1.0, 2.0]"),
        SourceCell(SOLUTION, "f", solution, names={"f": "function"}),
        SourceCell("test", "test_f", "assert f() == [2.0, 3.0]"),
    ]
    notebook = Notebook(cells)
    harmful = compile("def f():\n    shared.clear()\n    return []\n", "<f>", "exec")
    assert notebook.run("test_f", harmful, ["f"]).error is not None
    assert notebook.run("test_f", None, ["f"]).error is None
