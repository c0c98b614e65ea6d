"""The helpers for test cells: nothing wrong passes, nothing right fails, the messages help."""

import functools
import math
import sys

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from mlpkit import testing
from mlpkit.testing import (
    assert_array,
    assert_number,
    assert_unchanged,
    assert_vectorised,
    count_lines,
    secret_rng,
)
from mlpkit.traceback_lines import traceback_lines

RIGHT = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -6.0]])


def message(*args, **kwargs) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_array(*args, **kwargs)
    return str(caught.value)


# secret_rng -------------------------------------------------------------------------------------


def test_secret_numbers_depend_on_the_secret_and_the_name(monkeypatch):
    monkeypatch.setenv("MLPKIT_SEED", "a")
    first = secret_rng("dL_dV").normal(size=4)
    assert (secret_rng("dL_dV").normal(size=4) == first).all()
    assert (secret_rng("dL_dW").normal(size=4) != first).all()
    monkeypatch.setenv("MLPKIT_SEED", "b")
    assert (secret_rng("dL_dV").normal(size=4) != first).all()


def test_secret_numbers_are_the_same_on_every_machine(monkeypatch):
    monkeypatch.delenv("MLPKIT_SEED", raising=False)
    assert secret_rng("dL_dV").integers(10**6, size=3).tolist() == [599985, 589042, 30036]


# assert_array: what passes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [RIGHT.copy(), RIGHT * (1 + 1e-12), np.asfortranarray(RIGHT), RIGHT.T.copy().T],
    ids=["equal", "rounding", "column order", "not contiguous"],
)
def test_a_right_array_passes(value):
    assert_array(value, RIGHT, "dL/dV")


def test_read_only_and_empty_arrays_pass():
    value = RIGHT.copy()
    value.flags.writeable = False
    assert_array(value, RIGHT, "dL/dV")
    assert_array(np.empty((0, 3)), np.empty((0, 3)), "dL/dV")


def test_the_tolerance_is_relative_at_every_scale():
    for scale in (1e-200, 1e-8, 1.0, 1e200):
        assert_array(scale * RIGHT * (1 + 1e-11), scale * RIGHT, "dL/dV")
        with pytest.raises(AssertionError):
            assert_array(scale * (RIGHT + 1e-6), scale * RIGHT, "dL/dV")


def test_no_tolerance_hides_a_wrong_zero():
    assert_array(np.zeros(3), np.zeros(3), "g")
    with pytest.raises(AssertionError):
        assert_array(np.full(3, 1e-300), np.zeros(3), "g")
    assert_array(np.full(3, 1e-18), np.zeros(3), "g", atol=1e-15)


def test_float32_is_compared_as_float32_where_float32_was_put_in():
    close = RIGHT.astype(np.float32) * np.float32(1 + 1e-5)
    assert_array(close, RIGHT.astype(np.float32), "dL/dV")
    assert_array(close.astype(float), RIGHT.astype(np.float32), "dL/dV")
    with pytest.raises(AssertionError):
        assert_array(close * np.float32(1.01), RIGHT.astype(np.float32), "dL/dV")
    digits = RIGHT.astype(np.float32) * np.float32(1 + 1e-6)
    assert "float32, which keeps 7 digits" in message(digits, RIGHT, "dL/dV")
    assert "right to some digits" in message(RIGHT * (1 + 1e-7), RIGHT, "dL/dV")


def test_integers_are_integers_of_any_width():
    assert_array(np.array([1, 2], dtype=np.uint8), np.array([1, 2]), "labels")
    assert "argmax" in message(np.array([1.0, 2.0]), np.array([1, 2]), "labels")


# assert_array: what fails, and what it says -----------------------------------------------------


class AlwaysEqual(np.ndarray):
    """What a cheat returns: equal to everything."""

    def __eq__(self, other):
        return np.array(True)

    __hash__ = None


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "returned None"),
        (RIGHT.tolist(), "you returned a list, expected an array of shape (2, 3)"),
        (RIGHT.tolist(), "return np.array(...)"),
        ((RIGHT,), "a comma after it makes a tuple"),
        (3.0, "which axes you sum over"),
        (np.float64(3.0), "which axes you sum over"),
        (np.ma.masked_array(RIGHT, mask=True), "plain array"),
        (RIGHT.view(AlwaysEqual), "you returned an AlwaysEqual"),
        (RIGHT.T, "shape (3, 2), expected (2, 3): it is transposed"),
        (RIGHT[:, :, None], "an axis of length 1 too many"),
        (np.array(1.0), "a scalar"),
        (RIGHT[0], "shape (3,), expected (2, 3): axis 0 is gone"),
        (RIGHT[:, 0], "axis 1 is gone.\nNext: look for the sum, mean or max"),
        (RIGHT[:1], "write the shape of every factor next to it"),
        (np.empty((0, 3)), "shape (0, 3)"),
        (np.stack([RIGHT] * 5), "an axis of length 5 is left in front"),
        (np.zeros((5, 2, 4)), "an axis is left over"),
        (RIGHT.astype(int), "whole numbers lose what is behind the point"),
        (RIGHT.astype(object), "an array of Python objects"),
        (RIGHT.astype(complex), "complex numbers"),
        (RIGHT.astype(str), "return numbers of dtype float64"),
        (np.where(RIGHT == 4, np.nan, RIGHT), "1 of 6 entries is not finite, the first is NaN"),
        (np.where(RIGHT == 4, np.nan, RIGHT), "at [1, 1]"),
        (np.full((2, 3), np.nan), "6 of 6"),
        (np.full((2, 3), np.nan), "Next: look for 0/0"),
        (np.full((2, 3), np.inf), "Next: look for exp of a large number"),
        (np.where(RIGHT == 4, np.inf, RIGHT), "infinite"),
        (RIGHT + [[0, 0, 0], [0, 0, 1e-3]], "1 of 6 entries is wrong, the worst at [1, 2]"),
        (RIGHT + [[0, 0, 0], [0, 0, 1e-3]], "yours -5.999, right -6"),
        (RIGHT * (1 + 1e-8), "yours -6.00000006, right -6"),
    ],
)
def test_a_wrong_array_is_told_what_is_wrong(value, says):
    text = message(value, RIGHT, "dL/dV")
    assert text.startswith("dL/dV: ")
    assert says in text
    assert "\nNext: " in text


def test_vectors_are_told_about_superfluous_axes():
    assert "too many" in message(np.ones((4, 1)), np.ones(4), "dL/db")
    assert "too many" in message(np.ones((1, 4)), np.ones(4), "dL/db")
    assert "missing" in message(np.ones(4), np.ones((4, 1)), "dL/db")


def test_a_hint_names_the_cause_also_when_the_shape_is_wrong():
    square = np.arange(9.0).reshape(3, 3)
    hints = {"it is the transpose": square.T, "the sign is wrong": -square}
    assert "Likely cause: it is the transpose." in message(square.T, square, "V", hints=hints)
    assert "Likely cause: the sign is wrong." in message(-square, square, "V", hints=hints)
    assert "the outer product the wrong way round" in message(
        RIGHT.T, RIGHT, "V", hints={"the outer product the wrong way round": RIGHT.T}
    )


def test_a_hint_outranks_what_the_shapes_alone_suggest():
    grid = {"q[:, m] picks a grid": np.ones((3, 3))}
    text = message(np.ones((3, 3)), np.ones(3), "q_m", hints=grid)
    assert "picks a grid" in text
    assert "axis 0" not in text


def test_truth_values_are_told_how_to_become_numbers():
    assert ".astype(int)" in message(np.array([True, False]), np.array([1, 0]), "the decision")


@pytest.mark.parametrize(
    "call",
    [
        "mlpkit.testing.assert_array(np.zeros(2), np.ones(2), 'dL/db')",
        "mlpkit.testing.assert_unchanged(np.ndarray.sort, np.array([2, 1]))",
        "mlpkit.testing.assert_vectorised(lambda x: [2 * i for i in x], lambda n: (range(n),))",
        "mlpkit.assert_gradient(lambda w: w @ w, lambda w: w, np.ones(3))",
    ],
)
def test_a_notebook_shows_the_sentences_without_a_traceback(call, monkeypatch):
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shown = []
    monkeypatch.setattr(shell, "_showtraceback", lambda *args: shown.extend(args[1:]))
    shell.run_cell(f"import numpy as np, mlpkit, mlpkit.testing\n{call}")
    error, lines = shown
    assert isinstance(error, AssertionError)
    assert lines == traceback_lines(str(error))
    assert " ".join(lines).split() == str(error).split(), "all of it, and nothing else"


def test_a_hint_that_does_not_fit_is_not_given():
    assert "sign" not in message(2 * RIGHT, RIGHT, "V", hints={"the sign is wrong": -RIGHT})
    assert "nan" not in message(2 * RIGHT, RIGHT, "V", hints={"nan": np.full((2, 3), np.nan)})


def test_the_nearest_of_two_hints_is_given():
    hints = {"near": 2 * RIGHT * (1 + 1e-7), "exact": 2 * RIGHT}
    assert "exact" in message(2 * RIGHT, RIGHT, "V", hints=hints)


def test_without_a_hint_the_diagnosis_of_the_gradient_checker_is_asked():
    text = message(-RIGHT, RIGHT, "dL/dV")
    assert "Likely cause: yours is the right one times -1" in text
    assert "Likely cause" not in message(RIGHT[:, ::-1] ** 3 + 0.1, RIGHT, "dL/dV")


def test_a_test_that_expects_nonsense_blames_itself():
    with pytest.raises(ValueError, match="the test of dL/dV"):
        assert_array(RIGHT, np.full((2, 3), np.nan), "dL/dV")


# assert_number ----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [2.5, np.float64(2.5), np.float32(2.5), np.array(2.5)])
def test_a_right_number_passes(value):
    assert_number(value, 2.5, "L")
    assert_number(2, 2.0, "L")


class LyingFloat(float):
    def __sub__(self, other):
        return 0.0


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "returned None"),
        (np.array([2.5]), "array of shape (1,), expected a single number"),
        ([2.5], "you returned a list"),
        (True, "you returned a bool"),
        (np.True_, "you returned a bool"),
        ("2.5", "you returned a str"),
        (LyingFloat(7.0), "you returned a LyingFloat"),
        (2.5 + 0j, "complex"),
        (math.nan, "your number is NaN"),
        (-math.inf, "your number is infinite"),
        (2.6, "wrong value: yours 2.6, right 2.5"),
    ],
)
def test_a_wrong_number_is_told_what_is_wrong(value, says):
    with pytest.raises(AssertionError, match="^L: ") as caught:
        assert_number(value, 2.5, "L", hints={"1/N is missing": 5.0})
    assert says in str(caught.value)


def test_a_number_that_a_hint_explains_is_told_so():
    with pytest.raises(AssertionError, match="Likely cause: 1/N is missing."):
        assert_number(5.0, 2.5, "L", hints={"1/N is missing": 5.0})


# assert_unchanged -------------------------------------------------------------------------------


def test_a_function_that_only_reads_gives_its_result():
    assert assert_unchanged(lambda W, b: W @ b, np.eye(2), np.ones(2)).tolist() == [1.0, 1.0]


def change_array(X, W):
    W -= 0.1


def change_nested(X, params):
    params["layers"][1][0][2] = np.nan


def change_shape(X, params):
    params["b"].resize((3,), refcheck=False)


def replace_entry(X, params):
    params["b"] = params["b"] - 1


def add_entry(X, params):
    params["phi"] = np.zeros(3)


@pytest.mark.parametrize(
    ("function", "argument", "path"),
    [
        (change_array, np.ones(3), "W"),
        (change_nested, {"layers": [(np.ones(3),), (np.ones(3),)]}, "params['layers'][1][0]"),
        (change_shape, {"b": np.ones(2)}, "params['b']"),
        (replace_entry, {"b": np.ones(2)}, "params['b']"),
        (add_entry, {"b": np.ones(2)}, "params"),
    ],
)
def test_an_argument_changed_in_place_is_named(function, argument, path):
    with pytest.raises(AssertionError) as caught:
        assert_unchanged(function, np.ones(2), argument)
    assert f"your function changed its argument {path} in place." in str(caught.value)


def test_arguments_without_names_are_counted():
    with pytest.raises(AssertionError, match="argument number 2 in place"):
        assert_unchanged(lambda *a: a[1].fill(7.0), np.ones(2), np.ones(2))


# count_lines ------------------------------------------------------------------------------------

W = np.ones((3, 5))


def whole_array(X):
    H = np.tanh(X @ W.T)
    H = H - H.mean(axis=1, keepdims=True)
    Z = np.exp(H - H.max(axis=1, keepdims=True))
    Y = np.einsum("nk,nk->n", Z, H) + np.linalg.norm(Z) + np.median(H)
    return float(np.where(Y > 0, Y, 0).sum() + sum(w.sum() for w in (W, W)))


def for_loop(X):
    total = 0.0
    for x in X:
        total += x.sum()
    return total


# fmt: off
def for_on_one_line(X):
    for _ in X: pass  # noqa: E701


def while_on_one_line(X):
    n = len(X)
    while (n := n - 1): pass  # noqa: E701
# fmt: on


def recursion(X):
    return 0.0 if len(X) == 0 else X[0].sum() + recursion(X[1:])


LOOPS = {
    "for": for_loop,
    "for on one line": for_on_one_line,
    "while on one line": while_on_one_line,
    "recursion": recursion,
    "list comprehension": lambda X: np.array([x.sum() for x in X]),
    "nested comprehension": lambda X: [[v for v in x] for x in X],
    "dict comprehension": lambda X: {i: x for i, x in enumerate(X)},
    "generator": lambda X: sum(x.sum() for x in X),
    "map of a lambda": lambda X: list(map(lambda x: x.sum(), X)),
    "reduce": lambda X: functools.reduce(lambda a, x: a + x.sum(), X, 0.0),
    "sorted by a key": lambda X: sorted(X, key=lambda x: x[0]),
    "np.vectorize": lambda X: np.vectorize(lambda v: v * 2)(X[:, 0]),
    "np.vectorize of C": lambda X: np.vectorize(math.exp)(X[:, 0]),
    "np.frompyfunc": lambda X: np.frompyfunc(lambda v: v * 2, 1, 1)(X[:, 0]),
    "np.apply_along_axis": lambda X: np.apply_along_axis(lambda x: x.sum(), 1, X),
    "np.apply_along_axis of C": lambda X: np.apply_along_axis(np.sum, 1, X),
    "np.fromiter": lambda X: np.fromiter((x[0] for x in X), float),
    "batches of 4": lambda X: [X[i : i + 4].sum() for i in range(0, len(X), 4)],
}


def samples(n):
    return (np.ones((n, 5)),)


def test_code_on_whole_arrays_is_vectorised():
    assert count_lines(whole_array, *samples(8)) == count_lines(whole_array, *samples(64))
    assert_vectorised(whole_array, samples)


def test_loops_inside_libraries_are_not_the_student_s():
    def leaves_a_print(X):
        str(X.tolist())
        return np.array2string(X, threshold=10**6) and X.sum()

    assert_vectorised(leaves_a_print, samples)


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_every_hidden_loop_is_found(loop):
    with pytest.raises(AssertionError, match="for 8 samples and [0-9]+ for 64"):
        assert_vectorised(loop, samples)


def test_the_sentence_names_the_function_and_both_counts():
    with pytest.raises(AssertionError) as caught:
        assert_vectorised(for_loop, samples)
    few, many = count_lines(for_loop, *samples(8)), count_lines(for_loop, *samples(64))
    text = str(caught.value)
    assert text.startswith("for_loop: your function loops over the samples")
    assert f"executes {few} lines of Python for 8 samples and {many} for 64" in text


def test_what_a_first_call_imports_does_not_hide_a_loop():
    warm = []

    def slow_start(X):
        if not warm:
            warm.append([None for _ in range(500)])
        return for_loop(X)

    with pytest.raises(AssertionError):
        assert_vectorised(slow_start, samples)


def test_a_function_elsewhere_counts_its_own_lines():
    def proxy(n):
        return n

    proxy.count_lines = lambda calls: [100 * args[0] for args, kwargs in calls]
    assert count_lines(proxy, 3) == 300
    with pytest.raises(AssertionError, match="800 lines of Python for 8 samples and 6400 for 64"):
        assert_vectorised(proxy, lambda n: (n,))


def test_the_tracer_that_was_there_is_put_back_also_after_an_error():
    before = sys.gettrace()
    with pytest.raises(ZeroDivisionError):
        count_lines(lambda: 1 / 0)
    assert sys.gettrace() is before


def test_switching_the_count_off_is_no_way_out():
    def cheat(X):
        previous = sys.gettrace()
        sys.settrace(None)
        return previous, for_loop(X)

    with pytest.raises(AssertionError, match="leave sys.settrace alone"):
        count_lines(cheat, *samples(8))


def test_the_package_offers_what_contributing_names():
    assert testing.__all__ == sorted(testing.__all__)
    for name in testing.__all__:
        assert getattr(testing, name).__doc__


@pytest.mark.parametrize(
    ("yours", "right", "says"),
    [
        ([1.0, -1.0], [1.0, -0.995], ""),  # short, and no rounding of the right answer
        ([[1.0, 2], [3, 4], [5, 6.1]], [[1.0, 2], [3, 4], [5, 6.0]], ""),  # said above it already
        ([1.0, 0.333251953125], [1.0, 1 / 3], "float16"),
        ([19.25, 57.75], [3.5, 10.5], "times 5.5, in every entry"),  # and not "its length is 1"
    ],
)
def test_a_cause_is_neither_false_nor_empty(yours, right, says):
    with pytest.raises(AssertionError) as failed:
        assert_array(np.array(yours), np.array(right), "g")
    said = [line for line in str(failed.value).split("\n") if line.startswith("Likely cause:")]
    assert bool(said) == bool(says)
    assert says in "".join(said)
