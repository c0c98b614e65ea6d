"""What comes before numbers: arguments, shapes, types, and functions that misbehave."""

import re

import numpy as np
import pytest

from benchmarks.nets import make
from mlpkit import check_gradient

X0 = np.array([0.5, -1.0, 2.0])


def cubes(x):
    return (x**3).sum()


def slopes(x):
    return 3 * x**2


@pytest.fixture
def net():
    return make(0, sizes=(7, 5, 4, 3))


def cause(report):
    return report.findings[0].cause


def test_one_number_and_one_array():
    assert check_gradient(lambda x: x**2, lambda x: 2 * x, 3.0).verdict == "correct"
    assert check_gradient(lambda x: x**2, lambda x: 2 * x, np.float64(3.0)).verdict == "correct"
    assert check_gradient(lambda x: x**2, lambda x: 3 * x, 3.0).findings[0].right == 6.0
    assert check_gradient(cubes, slopes, X0).verdict == "correct"
    assert check_gradient(cubes, slopes, np.array(2.0)).verdict == "correct"


def test_nested_layers_and_functions_that_return_the_loss_too(net):
    P = net.params

    def as_dict(layers):
        (W1, b1), (W2, b2) = layers
        return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

    def loss(layers):
        return net.loss(as_dict(layers))

    def both(layers):
        g = net.gradient(as_dict(layers))
        return loss(layers), [(g["W1"], g["b1"]), (g["W2"], g["b2"])]

    layers = [(P["W1"], P["b1"]), (P["W2"], P["b2"])]
    assert check_gradient(loss, both, layers).verdict == "correct"
    assert check_gradient(both, both, layers).verdict == "correct"

    def wrong(layers):
        value, [(dW1, db1), (dW2, db2)] = both(layers)
        return value, [(dW1, db1), (2 * dW2, db2)]

    assert check_gradient(loss, wrong, layers).findings[0].parameter == "params[1][0]"
    named = check_gradient(loss, wrong, layers, names=["W", "b", "V", "c"], symbol="dR/d{}")
    assert "dR/dV: yours is twice the right one" in str(named)


def test_a_pair_of_parameters_is_not_mistaken_for_loss_and_gradient():
    def loss(pair):
        return pair[0] ** 2 * (pair[1] ** 2).sum()

    def gradient(pair):
        return 2 * pair[0] * (pair[1] ** 2).sum(), 2 * pair[0] ** 2 * pair[1]

    assert check_gradient(loss, gradient, (2.0, X0)).verdict == "correct"


def test_a_returned_loss_that_differs_is_said():
    report = check_gradient(cubes, lambda x: (cubes(x) + 1, slopes(x)), X0)
    assert report.verdict == "correct"
    assert "the loss returned with the gradient is" in report.notes[0]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (np.arange(3), r"holds integers \(int64\).*astype"),
        (3, "write 3.0"),
        ({"W": None}, "W is None"),
        (np.array([True]), "bool"),
        (np.array([1j]), "complex128"),
        ({"W": np.array(["a"])}, "needs real floats"),
        ("W", "numpy arrays"),
    ],
)
def test_parameters_without_a_gradient_are_refused_in_words(params, message):
    with pytest.raises(TypeError, match=message):
        check_gradient(lambda p: 0.0, lambda p: p, params)


def test_empty_parameters_and_wrong_names_are_refused():
    with pytest.raises(ValueError, match="holds no array"):
        check_gradient(cubes, slopes, {})
    with pytest.raises(ValueError, match="as many different names"):
        check_gradient(cubes, slopes, [X0, X0], names=["a"])


def test_random_loss_is_named():
    rng = np.random.default_rng(0)
    report = check_gradient(lambda x: cubes(x) + 1e-9 * rng.normal(), slopes, X0)
    assert report.verdict == "inconclusive"
    assert "the loss is random" in report.reason


def test_random_gradient_is_named():
    rng = np.random.default_rng(0)
    report = check_gradient(cubes, lambda x: slopes(x) * rng.uniform(size=3), X0)
    assert report.verdict == "wrong"
    assert "the gradient is random" in report.reason


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (lambda x: np.nan, "the loss is nan"),
        (lambda x: np.inf, "the loss is inf"),
        (lambda x: x**2, "it must be one number"),
        (lambda x: None, "is no number"),
        (lambda x: 1j * cubes(x), "complex"),
        (lambda x: np.add(x, 1, out=x).sum(), "the loss changes x in place"),
    ],
)
def test_losses_without_a_derivative_are_inconclusive(loss, words):
    report = check_gradient(loss, slopes, X0)
    assert (report.verdict, report.findings) == ("inconclusive", ())
    assert words in report.reason


def test_changed_arguments_are_named_and_put_back():
    params, data = {"W": X0.copy()}, np.ones(3)

    def gradient(P):
        g = slopes(P["W"])
        P["W"] -= 0.1 * g
        data[0] = 5.0
        return {"W": g}

    report = check_gradient(lambda P: cubes(P["W"]), gradient, params, watch={"X": data})
    assert report.verdict == "wrong"
    assert "changes X in place" in str(report)
    assert "changes W in place" in str(report)
    np.testing.assert_array_equal(params["W"], X0)
    np.testing.assert_array_equal(data, np.ones(3))


def test_replaced_entries_of_the_dict_are_named():
    params = {"W": X0.copy()}

    def gradient(P):
        g = slopes(P["W"])
        P["W"] = P["W"] - g
        return {"W": g}

    report = check_gradient(lambda P: cubes(P["W"]), gradient, params)
    assert "puts other values into params" in cause(report)
    np.testing.assert_array_equal(params["W"], X0)


def test_shared_memory_is_noted():
    params = {"W": X0.copy()}
    report = check_gradient(lambda P: (P["W"] ** 2).sum() / 2, lambda P: {"W": P["W"]}, params)
    assert report.verdict == "correct"
    assert "shares its memory with W" in report.notes[0]
    buffer = np.zeros(3)
    report = check_gradient(cubes, lambda x: np.multiply(3, x**2, out=buffer), X0)
    assert report.verdict == "correct"
    assert "the same one in every call" in report.notes[0]


def test_a_gradient_that_is_added_to_an_earlier_call_s_is_wrong():
    buffer = np.zeros(3)

    def added(x):
        np.add(buffer, 3 * x**2, out=buffer)
        return buffer

    report = check_gradient(cubes, added, X0)
    assert report.verdict == "wrong"
    assert "keeps what an earlier call left" in report.reason


def test_two_gradients_in_one_array_are_noted():
    params = {"V": X0.copy(), "W": 2 * X0}

    def gradient(P):
        g = np.zeros(3)
        dV, dW = g, g
        dV += 3 * P["V"] ** 2
        dW += 3 * P["W"] ** 2
        return {"V": dV, "W": dW}

    report = check_gradient(lambda P: cubes(P["V"]) + cubes(P["W"]), gradient, params)
    assert report.verdict == "wrong"
    assert "V and W are the same array in memory" in str(report)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda g: None, "returned None"),
        (lambda g: {k: v for k, v in g.items() if k != "b1"}, "has no 'b1'"),
        (lambda g: {f"d{k}": v for k, v in g.items()}, "has no 'W1'; it has 'dW1'"),
        (lambda g: list(g.values()), "expected a dict with the keys 'W1'"),
        (lambda g: g | {"W1": None}, "it is None"),
        (lambda g: g | {"W1": g["W1"].T}, r"shape is \(4, 5\), expected \(5, 4\): it is transpo"),
        (lambda g: g | {"b1": g["b1"][:, None]}, "an axis of length 1 too many"),
        (lambda g: g | {"b1": np.ones((7, 4))}, "an axis of length 7 is left in front"),
        (lambda g: g | {"b1": tuple(g["b1"])}, "a tuple of length 4; expected a numpy array"),
        (lambda g: g | {"b1": g["b1"] + 0j}, "complex128"),
        (lambda g: g | {"b1": np.full(4, np.nan)}, "4 of 4 entries are NaN, the first at"),
        (lambda g: g | {"b1": np.array([1, np.inf, 1, 1])}, "1 of 4 entries are infinite"),
        (lambda g: g | {"b1": np.ma.masked_array(g["b1"])}, "masked array"),
    ],
)
def test_what_is_no_gradient_is_said(net, change, words):
    report = check_gradient(net.loss, lambda P: change(net.gradient(P)), net.params)
    assert report.verdict == "wrong"
    assert re.search(words, cause(report)), cause(report)


def test_wrong_count_of_gradients_is_said():
    report = check_gradient(lambda p: cubes(p[0]), lambda p: [slopes(p[0])], [X0, X0])
    assert "1 gradients for 2 parameters" in cause(report)


def test_one_bad_shape_does_not_hide_the_other_parameters(net):
    def gradient(P):
        g = net.gradient(P)
        return g | {"W1": g["W1"].T, "b2": -g["b2"]}

    report = check_gradient(net.loss, gradient, net.params)
    assert [f.parameter for f in report.findings] == ["W1", "b2"]


def test_extra_keys_are_noted(net):
    report = check_gradient(net.loss, lambda P: net.gradient(P) | {"loss": 1.0}, net.params)
    assert report.verdict == "correct"
    assert "also holds 'loss'" in report.notes[0]


def test_read_only_and_strided_arrays(net):
    params = {k: np.asfortranarray(np.repeat(v, 2, axis=0))[::2] for k, v in net.params.items()}
    for array in params.values():
        array.setflags(write=False)

    def gradient(P):
        g = {k: np.repeat(v, 2, axis=-1)[..., ::2] for k, v in net.gradient(P).items()}
        for array in g.values():
            array.setflags(write=False)
        return g

    assert check_gradient(net.loss, gradient, params).verdict == "correct"


def test_float32_parameters_are_checked_in_float64(net):
    params = {k: v.astype(np.float32) for k, v in net.params.items()}
    assert check_gradient(net.loss, net.gradient, params).verdict == "correct"

    def off(P):
        return {k: g * (1 + 1e-8) for k, g in net.gradient(P).items()}

    assert check_gradient(net.loss, off, params).verdict == "wrong"


def test_code_that_computes_in_float32_is_precision(net):
    def gradient(P):
        return net.gradient({k: v.astype(np.float32) for k, v in P.items()})

    def narrow(P):
        return {k: g.astype(np.float32) for k, g in gradient(P).items()}

    report = check_gradient(net.loss, narrow, net.params)
    assert (report.verdict, report.ok) == ("precision", False)
    assert "only the digits of float32" in str(report)
    params = {k: v.astype(np.float32) for k, v in net.params.items()}
    assert check_gradient(net.loss, narrow, params).ok


def test_exceptions_of_the_students_code_pass_through(net):
    def gradient(P):
        raise NotImplementedError("dL_dW1")

    with pytest.raises(NotImplementedError, match="dL_dW1"):
        check_gradient(net.loss, gradient, net.params)


def test_nothing_is_printed_and_nothing_warned(net, capsys):
    check_gradient(lambda x: np.sqrt(x).sum(), lambda x: 0.5 / np.sqrt(x), np.array([1e-300, 1.0]))
    assert capsys.readouterr() == ("", "")


def test_a_gradient_or_loss_that_breaks_down_beside_the_point_is_never_correct():
    def at_home(x):
        return bool(np.array_equal(np.real(x), X0))

    def gradient(x):
        return slopes(x) * (1 + 1e-9) if at_home(x) else np.full(3, np.nan)

    assert check_gradient(cubes, gradient, X0).verdict == "wrong"
    report = check_gradient(lambda x: cubes(X0) if at_home(x) else np.nan, slopes, X0)
    assert report.verdict == "inconclusive", report
