"""What the checker says about right and wrong gradients of small functions and networks."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.nets import FAMILIES, LARGE, MORE_FAMILIES, family, make
from benchmarks.student_mistakes import MISTAKES
from mlpkit import GradientError, assert_gradient, check_gradient, numerical_gradient
from mlpkit.gradcheck.measure.localise import LOST

SMALL = (7, 5, 4, 3)  # N, p, M, K: 4 layers' sizes that cannot be mistaken for each other


@pytest.fixture
def net():
    return make(0, sizes=SMALL)


def test_right_gradient_is_correct_in_few_calls(net):
    report = check_gradient(net.loss, net.gradient, net.params)
    assert (report.verdict, report.findings) == ("correct", ())
    assert report.evaluations <= 9
    assert report.gradient_calls == 2
    assert report.bound < 1e-11


def test_assert_gradient_raises_the_report(net):
    with pytest.raises(GradientError, match="times -1: the sign") as caught:
        assert_gradient(net.loss, lambda P: {k: -g for k, g in net.gradient(P).items()}, net.params)
    assert isinstance(caught.value, AssertionError)
    assert caught.value.report.verdict == "wrong"
    assert assert_gradient(net.loss, net.gradient, net.params).ok


@pytest.mark.parametrize("name", FAMILIES + MORE_FAMILIES)
def test_no_false_alarm_on_correct_networks(name):
    for seed in range(10):
        net = family(name, seed)
        report = check_gradient(net.loss, net.gradient, net.params)
        assert report.verdict == "correct", report
        assert bool(report.kinks) == (name == "ReLU, z = 0")


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e-6])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_seen_at_every_scale_of_the_loss(mistake, scale):
    net = make(3, scale=scale)
    report = check_gradient(net.loss, lambda P: MISTAKES[mistake](net, P), net.params)
    assert report.verdict == ("precision" if mistake == "float32" else "wrong")
    assert not report.ok


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("delta", [1e-11, 1e-9, 1e-6, 1e-3, -2.0])
def test_one_wrong_entry_is_seen_and_named_in_few_evaluations(delta, activation):
    for seed in range(20):
        assert_named(make(seed, activation), delta, evaluations=60)


def test_one_entry_of_a_million_is_named():
    for delta in (1e-9, 1e-3):
        assert_named(make(0, sizes=(16, 3072, 512, 10)), delta)


@pytest.mark.soak
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize(
    ("delta", "seeds"), [(1e-11, 20), (1e-10, 10), (1e-9, 10), (1e-6, 10), (1e-3, 10)]
)
def test_one_entry_of_1_578_506_is_seen_and_named(delta, seeds, activation):
    for seed in range(seeds):
        assert_named(make(seed, activation, LARGE), delta)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_gradient_of_data_in_float32_is_imprecise_and_not_wrong(activation):
    for seed in range(8):
        net = make(seed, activation)
        rounded = replace(net, X=net.X.astype(np.float32).astype(float))
        report = check_gradient(net.loss, rounded.gradient, net.params)
        assert report.verdict == "precision", report


def test_an_entry_that_is_found_beside_right_ones_is_not_hidden_by_a_small_array(net):
    """Small arrays are not read off whole where the search has found the entry."""
    for name, index in (("W2", (1, 2)), ("b1", (3,)), ("b2", (0,))):
        report = check_gradient(net.loss, changed(net, name, index, 0.1), net.params)
        assert (report.findings[0].where[:5], report.findings[0].index) == ("entry", index)
        assert report.evaluations <= 25


def assert_named(net, delta, evaluations=40):
    """One wrong entry of W1, and what is said of it."""
    i, j = typical_entry(net)
    report = check_gradient(net.loss, changed(net, "W1", (i, j), delta), net.params)
    assert report.verdict == "wrong"
    (finding,) = report.findings
    assert (finding.parameter, finding.index, len(finding.entries)) == ("W1", (i, j), 1)
    assert finding.ratio - 1 == pytest.approx(delta, rel=1e-3)
    assert report.evaluations <= evaluations


@pytest.mark.parametrize(
    ("index", "words"), [((5, slice(None)), "row 5"), ((slice(None), 3), "column 3")]
)
def test_wrong_rows_and_columns_are_named(index, words):
    net = make(1)
    report = check_gradient(net.loss, changed(net, "W1", index, -2.0), net.params)
    assert report.findings[0].where == words
    assert "times -1: the sign" in report.findings[0].cause
    assert report.evaluations <= 100


def test_several_wrong_entries_are_all_named():
    net, index = make(1), ([3, 3, 40], [2, 9, 2])
    report = check_gradient(net.loss, changed(net, "W1", index, 0.5), net.params)
    assert report.findings[0].where == "entries [3, 2], [3, 9], [40, 2]"


@pytest.mark.parametrize("style", ["where", "maximum"])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_any_convention_is_right_on_a_kink(style, value, monkeypatch):
    set_relu(monkeypatch, style, lambda s: np.where(s == 0, value, s > 0))
    net = family("ReLU, z = 0", 0)
    report = check_gradient(net.loss, net.gradient, net.params)
    assert report.verdict == "correct"
    assert report.kinks == ("b1",)
    assert "exactly on a kink along b1" in str(report)


@pytest.mark.parametrize("style", ["where", "maximum"])
def test_nonsense_on_a_kink_and_mistakes_beside_it_are_wrong(style, monkeypatch):
    net = family("ReLU, z = 0", 0)
    set_relu(monkeypatch, style, lambda s: np.where(s == 0, 7.0, s > 0))
    assert check_gradient(net.loss, net.gradient, net.params).verdict == "wrong"
    set_relu(monkeypatch, style, lambda s: np.where(s == 0, 0.5, 1.1 * (s > 0)))
    assert check_gradient(net.loss, net.gradient, net.params).verdict == "wrong"


def test_kink_of_abs_is_seen_by_real_differences():
    x = np.array([0.0, 1.0, -2.0])
    report = check_gradient(lambda x: np.abs(x).sum(), np.sign, x)
    assert (report.verdict, report.kinks) == ("correct", ("x",))
    assert check_gradient(lambda x: np.abs(x).sum(), lambda x: 3 * np.sign(x), x).verdict == "wrong"


def test_a_kink_too_small_for_real_differences_is_seen_by_both_imaginary_steps():
    params = {"a": np.zeros(2), "b": np.array([1.0, 2.0])}

    def loss(P):
        return (P["b"] ** 2).sum() + 1e-11 * np.maximum(P["a"], 0).sum()

    def gradient(P, slope=0.5e-11):
        return {"a": np.full(2, slope) + 0.5e-11 * np.sign(P["a"]), "b": 2 * P["b"]}

    report = check_gradient(loss, gradient, params)
    assert (report.verdict, report.kinks) == ("correct", ("a",))
    assert check_gradient(loss, lambda P: gradient(P, 2e-11), params).verdict == "wrong"


def test_a_float32_loss_is_checked_to_the_precision_of_float32():
    x = np.array([0.3, -1.0, 2.0])

    def loss(x):
        return float(np.float32((x**3).sum()))

    report = check_gradient(loss, lambda x: 3 * x**2, x)
    assert (report.verdict, report.ok) == ("correct", True)
    assert report.bound < 1e-3
    assert "all that float32 can show" in report.reason
    assert check_gradient(loss, lambda x: 3.03 * x**2, x).verdict == "wrong"


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: np.linalg.norm(x),
        lambda x: np.sqrt(np.vdot(x, x)),
        lambda x: np.sqrt(np.sum(np.abs(x) ** 2)),
        lambda x: np.sqrt(np.var(x) * x.size + x.size * np.mean(x) ** 2),
        lambda x: float(np.sqrt((x**2).sum().real)) if np.isrealobj(x) else float("x"),
        lambda x: np.sqrt(np.sum(x.astype(float) ** 2)),
    ],
)
def test_losses_that_drop_the_imaginary_part_fall_back_to_differences(loss):
    x = np.array([0.3, -1.0, 2.0, 0.7])
    report = check_gradient(loss, lambda x: x / np.sqrt((x**2).sum()), x)
    assert report.verdict == "correct", report
    assert report.method == "ladder of central differences"
    assert report.bound < 1e-6
    wrong = check_gradient(loss, lambda x: 1.00001 * x / np.sqrt((x**2).sum()), x)
    assert wrong.verdict != "correct"


def test_a_penalty_that_the_complex_step_cannot_see_is_not_forgotten():
    def loss(x):
        return (x**3).sum() + 1e-4 * np.abs(x).sum()

    x = np.array([0.3, -1.0, 2.0])
    assert check_gradient(loss, lambda x: 3 * x**2, x).verdict == "wrong"
    assert check_gradient(loss, lambda x: 3 * x**2 + 1e-4 * np.sign(x), x).verdict == "correct"


def test_an_error_whose_place_drowns_in_rounding_is_wrong_and_not_imprecise(net, monkeypatch):
    monkeypatch.setattr("mlpkit.gradcheck.explain.causes.Locator.locate", lambda self, whole: LOST)
    report = check_gradient(net.loss, changed(net, "W1", (1, 2), 1e-11), net.params)
    assert report.verdict == "wrong"
    assert "rounding hides in which entries" in str(report)


def test_no_absolute_tolerance():
    x = np.array([1.0, 2.0, -3.0])
    for size in (1e-30, 1e-6, 1e6, 1e30):
        loss = lambda x, size=size: size * (x**3).sum()  # noqa: E731
        assert check_gradient(loss, lambda x, size=size: 3 * size * x**2, x).verdict == "correct"
        wrong = check_gradient(loss, lambda x, size=size: 3.000001 * size * x**2, x)
        assert wrong.verdict == "wrong"
        assert check_gradient(loss, lambda x: np.zeros(3), x).verdict == "wrong"


def test_a_small_gradient_is_not_drowned_by_large_ones():
    params = {"big": np.array([1e4, 2e4]), "small": np.array([1e-4, 2e-4])}

    def loss(P):
        return (P["big"] ** 4).sum() + (P["small"] ** 2).sum()

    def gradient(P, factor=1.0):
        return {"big": 4 * P["big"] ** 3, "small": 2 * factor * P["small"]}

    assert check_gradient(loss, gradient, params).verdict == "correct"
    report = check_gradient(loss, lambda P: gradient(P, 1 + 1e-9), params)
    assert [f.parameter for f in report.findings] == ["small"]


@pytest.mark.parametrize("method", ["complex", "central", "richardson", "forward"])
def test_numerical_gradient(method):
    x = np.array([[0.5, -1.0], [2.0, 0.1]])
    right = np.cos(x) * np.exp(np.sin(x))
    value = numerical_gradient(lambda x: np.exp(np.sin(x)).sum(), x, method)
    accuracy = {"complex": 1e-15, "central": 1e-9, "richardson": 1e-10, "forward": 1e-6}[method]
    np.testing.assert_allclose(value, right, rtol=0, atol=accuracy)


def test_numerical_gradient_refuses_in_words():
    with pytest.raises(ValueError, match="choose one of .*complex"):
        numerical_gradient(np.sum, np.ones(2), "magic")
    with pytest.raises(TypeError, match="astype"):
        numerical_gradient(np.sum, np.arange(3))
    with pytest.raises(TypeError, match="use method='central'"):
        numerical_gradient(lambda x: float(np.sum(x)), np.ones(2))
    with pytest.raises(ValueError, match="a loss is one number"):
        numerical_gradient(lambda x: x**2, np.ones(2))


def typical_entry(net):
    """An entry of W1 whose gradient is neither large nor small."""
    g = np.abs(net.gradient(net.params)["W1"])
    flat = np.argsort(g, axis=None)[int(g.size * np.random.default_rng(g.size).uniform(0.25, 0.75))]
    return tuple(int(i) for i in np.unravel_index(flat, g.shape))


def changed(net, name, index, delta):
    """The right gradient with some entries off by a relative delta."""

    def gradient(P):
        g = net.gradient(P)
        g[name][index] *= 1 + delta
        return g

    return gradient


def set_relu(monkeypatch, style, derivative):
    import benchmarks.nets as nets

    relu = {"where": nets.relu, "maximum": lambda z: np.maximum(z, 0)}[style]
    monkeypatch.setitem(nets.ACTIVATIONS, "relu", (relu, lambda s, h: derivative(s)))
