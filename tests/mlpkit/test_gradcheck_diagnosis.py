"""The messages: which mistake, with which constant, and silence where it is not known."""

import numpy as np
import pytest

from benchmarks.nets import make
from mlpkit.gradcheck import check_gradient, explain_difference, known_mistakes

RNG = np.random.default_rng(0)
R = RNG.normal(size=(4, 6))  # the right gradient
W = RNG.normal(size=(4, 6))  # of this parameter
N, LAMBDA = 11, 0.1
CONSTANTS = {"N": N, "K": 3, "lambda": LAMBDA}
DATA = R - LAMBDA * W  # without the penalty

SENTENCES = [
    (-R, "times -1: the sign"),
    (R / N, "divided by N = 11: a mean where the sum is meant"),
    (R * N, "multiplied by N = 11: a sum where the mean is meant"),
    (-R / N, "divided by N = 11.*wrong sign"),
    (R / 3, "divided by K = 3"),
    (2 * R, "twice the right one"),
    (R / 2, "half of the right one"),
    (R / N**2, r"1/N\^2"),
    (R / 4, "divided by 4$"),
    (R / 24, "divided by 24, as many as it has entries"),
    (R * 0.37, "times 0.37"),
    (R / np.linalg.norm(R), "normalised"),
    (0 * R, "zero everywhere"),
    (W, "yours is W itself"),
    (W - 0.25 * R, "W - 1/4 times the gradient: the parameter after a step"),
    (DATA, "lacks lambda W"),
    (R + LAMBDA * W, "lambda W too much.*counted twice"),
    (DATA + LAMBDA / 2 * W, "lambda/2 W instead of lambda W"),
    (DATA - LAMBDA * W, "wrong sign: -lambda W"),
    (DATA + LAMBDA / N * W, "lambda/N W instead of lambda W"),
    (R + 2 * LAMBDA * W, "2 lambda W too much"),
    (R - LAMBDA / N * W, "lacks lambda/N W"),
    (R + (1 - 1 / N) * LAMBDA * W, "as lambda W instead of lambda/N W"),
    (DATA / N + LAMBDA * W, "apart from the penalty.*divided by N = 11.*its lambda W is right"),
    (DATA / N, "apart from the penalty.*divided by N = 11.*lambda W is missing"),
    (R.T.reshape(4, 6), "reshape was used where a transpose is meant"),
    (np.roll(R, 1, 0), "rows shifted by one"),
    (R[:, ::-1], "columns in reverse order"),
    (R[[0, 2, 1, 3]], "rows 1 and 2 exchanged"),
    (R[:, [0, 4, 2, 1, 3, 5]], "columns in another order"),
    (R + LAMBDA * np.sign(W), r"lambda sign\(W\) too much: the L1 penalty"),
    (
        DATA + LAMBDA * np.sign(W),
        r"lambda sign\(W\), of an L1 penalty, where the right one has lambda",
    ),
    (R - 2 * LAMBDA * W + LAMBDA * np.sign(W), r"lambda sign\(W\), of an L1 .* has 2 lambda W, of"),
    (R + LAMBDA * W - LAMBDA / 2 * np.sign(W), r"lambda W, of an L2 one, where .* lambda/2 sign"),
    (R - 0.7 * np.sign(W), r"lacks 0.7 sign\(W\): the derivative of an L1 penalty\?"),
    (R * (1 + 3e-7), r"times 1 \+3.0e-07"),
    (np.abs(R), "absolute value"),
    (np.clip(R, -0.5, 0.5), "clipped to at most 0.5"),
    (np.minimum(R, 0.4), "cut off above 0.4"),
    (np.maximum(R, -0.4), "cut off below -0.4"),
    (R * W, "times W, entry by entry"),
    (np.float32(R), "digits of float32"),
    (np.round(R, 3), "rounded to 3 decimals"),
    (R.astype(int), "integers, which cut off the digits"),
    (np.broadcast_to(R.sum(0), (4, 6)), "sum of the right one over axis 0"),
    (R * np.array([[2.0], [3], [5], [7]]), r"every row .* factor of its own \(2, 3, 5"),
    (R.T, r"it is transposed"),
    (R[None], "axis of length 1 too many"),
    (R.sum(), "nothing was left of the shape"),
    (np.where(np.arange(4)[:, None] == 3, 0, R), r"row 3 \(the last one\).*never written"),
    (np.where(np.arange(6) == 2, -R, R), "column 2 of yours is wrong: .*times -1"),
    (R + 0.5 * (np.arange(24).reshape(4, 6) == 8), r"entry \[1, 2\] of yours is wrong"),
    (np.full((4, 6), np.nan), "NaN"),
    (None, "return statement"),
]


@pytest.mark.parametrize(("yours", "words"), SENTENCES, ids=[w for _, w in SENTENCES])
def test_mistakes_are_named(yours, words):
    message = explain_difference(yours, R, parameter=W, name="W", constants=CONSTANTS)
    import re

    assert re.search(words, message), message


def test_square_transposes_exchanges_and_alternatives():
    Q = RNG.normal(size=(5, 5))
    assert explain_difference(Q.T, Q) == "yours is the transpose of the right one"
    assert "times -1" in explain_difference(-Q.T, Q)
    assert explain_difference(W, R, others={"V": W}) == "yours is the one for V"
    alternatives = {"sigma' is left out": W}
    assert explain_difference(W, R, alternatives=alternatives) == "sigma' is left out"
    assert "a factor of -1" in explain_difference(-W, R, alternatives=alternatives)


def test_unknown_mistakes_get_no_cause():
    assert explain_difference(R, R) is None
    assert explain_difference(RNG.normal(size=(4, 6)), R, parameter=W, constants=CONSTANTS) is None
    assert explain_difference(R**3 + 0.1, R, parameter=W, constants=CONSTANTS) is None


def test_one_entry_alone_makes_no_rule():
    right = np.array([3.0, -1.0, 2.0, 5.0])
    message = explain_difference(np.abs(right), right)
    assert "absolute" not in message
    assert "entry [1]" in message


def test_a_number_with_two_names_gets_both():
    message = explain_difference(R / 2, R, constants={"N": 2})
    assert "factor 2 is missing (or 1/N, which is the same here)" in message


def test_a_penalty_is_called_lambda_even_where_another_constant_is_as_large():
    constants = {"N": 10, "lambda": LAMBDA}
    lacking = explain_difference(DATA, R, parameter=W, name="W", constants=constants)
    assert "lacks lambda W" in lacking
    half = explain_difference(DATA + LAMBDA / 2 * W, R, parameter=W, name="W", constants=constants)
    assert "lambda/2 W instead of lambda W" in half


def test_a_plain_small_number_is_not_said_twice():
    """Once it was "multiplied by 3 (3 here, perhaps by chance)"."""
    tripled = "yours is the right one multiplied by 3"
    assert explain_difference(3 * R, R) == f"{tripled} (the number of samples?)"
    assert explain_difference(3 * R, R, constants={"K": 7}) == tripled
    nine = explain_difference(9 * R, R, constants={"K": 3})
    assert nine == "yours is the right one multiplied by 9 (K^2 here, perhaps by chance)"


def test_a_factor_next_to_one_is_told_by_its_digits():
    assert explain_difference(R * (1 + 1e-8), R) == "yours is the right one times 1 +1.0e-08"
    net = make(3)

    def wrong(P):
        g = net.gradient(P)
        g["W1"][3, 4] *= 1 + 1e-11
        return g

    assert "entry [3, 4]: wrong, and the rest is right." in str(
        check_gradient(net.loss, wrong, net.params)
    )


def test_entries_that_are_shown_are_wrong_ones():
    net = make(3)

    def wrong(P):
        g = net.gradient(P)
        g["W2"][:, 9] = 0
        g["b1"][[4, 7]] *= -1
        return g

    report = check_gradient(net.loss, wrong, net.params)
    assert [f.where for f in report.findings] == ["entries [4], [7]", "column 9"]
    assert {e.index for e in report.findings[0].entries} == {(4,), (7,)}
    assert all(e.index[1] == 9 and e.ratio == 0 for e in report.findings[1].entries)
    x = np.array([0.3, -1.0, 2.0, -0.5, 0.7])
    report = check_gradient(lambda x: (x**2).sum(), lambda x: np.maximum(2 * x, 0), x)
    assert "negative entries cut off" in str(report)
    assert [e.index for e in report.findings[0].entries] == [(1,), (3,)]


def test_a_ratio_of_nothing_has_no_sign():
    net = make(3)

    def zero(P):
        return net.gradient(P) | {"W2": np.zeros_like(P["W2"])}

    report = check_gradient(net.loss, zero, net.params)
    assert "-0" not in {digits for e in report.findings[0].entries for digits in e.digits()}


def test_a_question_needs_no_full_stop():
    net = make(0, sizes=(7, 5, 4, 3))
    report = check_gradient(net.loss, lambda P: None, net.params)
    for text in (str(report), report._repr_html_()):
        assert "is a return statement missing?" in text
        assert "?." not in text


@pytest.mark.parametrize("sizes", [(9, 6, 5, 3), (9, 30, 20, 3)], ids=["read off", "projected"])
def test_checks_of_whole_networks_name_the_cause(sizes):
    net = make(0, sizes=sizes)

    def cause(change):
        def gradient(P):
            g = net.gradient(P)
            return g | {"W1": change(g["W1"], P["W1"])}

        report = check_gradient(net.loss, gradient, net.params, constants=net.constants)
        return report.findings[0].cause

    assert "the sign" in cause(lambda g, W: -g)
    assert "divided by N = 9: a mean" in cause(lambda g, W: g / 9)
    assert "lacks lambda W1" in cause(lambda g, W: g - net.penalty * W)
    assert "2 lambda W1 instead of lambda W1" in cause(
        lambda g, W: g + net.penalty * W
    ) or "counted twice" in cause(lambda g, W: g + net.penalty * W)
    assert "reshape" in cause(lambda g, W: g.T.reshape(g.shape))
    assert "rows 1 and 4 exchanged" in cause(lambda g, W: g[[0, 4, 2, 3, 1, *range(5, len(g))]])
    assert "columns 0 and 2 exchanged" in cause(lambda g, W: g[:, [2, 1, 0, *range(3, g.shape[1])]])
    assert "integers" in cause(lambda g, W: (1000 * g).astype(int))
    assert cause(lambda g, W: np.sin(g) + 0.01) is None


def test_penalty_on_a_bias_and_exchanged_parameters():
    net = make(0, sizes=(9, 5, 5, 5))

    def on_bias(P):
        g = net.gradient(P)
        return g | {"b1": g["b1"] + net.penalty * P["b1"]}

    def swapped(P):
        g = net.gradient(P)
        return g | {"b1": g["b2"], "b2": g["b1"]}

    constants = net.constants
    report = check_gradient(net.loss, on_bias, net.params, constants=constants)
    assert "lambda b1 too much: the loss does not penalise b1" in str(report)
    report = check_gradient(net.loss, swapped, net.params, constants=constants)
    assert "the right one is what you return for b2: exchanged" in str(report)


@pytest.mark.parametrize("hidden", ["tanh", "relu"])
def test_every_known_mistake_of_a_network_is_recognised(hidden):
    net = make(0, hidden, sizes=(12, 6, 5, 3))
    bank = known_mistakes(
        net.X, net.labels, [("W1", "b1"), ("W2", "b2")], hidden=hidden, mean=True,
        penalty=net.penalty,
    )  # fmt: skip
    seen = 0
    for message, wrong in bank.items():
        report = check_gradient(net.loss, wrong, net.params, alternatives=bank)
        causes = {finding.cause for finding in report.findings}
        if report.verdict == "wrong" and message in causes:
            seen += 1
        elif report.verdict == "wrong":
            assert len(causes) == 1, message  # the same array by another name
    assert seen > 30


def test_reports_fit_a_screen_and_are_safe_html():
    net = make(0)

    def gradient(P):
        return {k: np.sin(3 * g) + 0.1 for k, g in net.gradient(P).items()}

    report = check_gradient(net.loss, gradient, net.params, names=["<b>", "b1", "W2", "b2"])
    text, html = str(report), report._repr_html_()
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 160
    assert "<b>" not in html.replace("<b style", "").replace("</b>", "")
    assert "&lt;b&gt;" in html
    assert "<script" not in html


def test_plot_shows_a_heat_map_for_each_wrong_parameter_and_the_steps():
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    net = make(0, sizes=(7, 5, 4, 3))
    report = check_gradient(net.loss, lambda P: net.gradient(P) | {"b2": P["b2"]}, net.params)
    figure = report.plot()
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[0] == "dL/db2: relative error"
    assert "Error against step" in titles
    plt.close(figure)


def test_plot_is_as_wide_as_a_notebook_and_fits_its_arrays():
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    net = make(0, sizes=(7, 5, 4, 3))
    figure = check_gradient(
        net.loss, lambda P: {k: -g for k, g in net.gradient(P).items()}, net.params
    ).plot()
    assert figure.get_size_inches()[0] <= 10
    bias = next(ax for ax in figure.axes if ax.get_title() == "dL/db1: relative error")
    assert (bias.get_xlabel(), bias.get_ylabel(), len(bias.get_yticks())) == ("entry", "", 0)
    plt.close(figure)
    figure = check_gradient(lambda w: w**3, lambda w: w**2, 2.0).plot()
    assert [ax.get_title() for ax in figure.axes] == ["Error against step"]
    plt.close(figure)


def test_steps_are_compared_with_the_right_slope_where_the_complex_step_fails():
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from mlpkit.gradcheck import plot_steps

    x = np.array([0.3, -1.0, 2.0])

    def errors(f):
        ax = plot_steps(f, x)
        lines = {line.get_label(): line.get_ydata() for line in ax.lines}
        texts = [text.get_text().strip() for text in ax.texts]
        plt.close(ax.figure)
        return lines, texts

    lines, texts = errors(lambda x: (np.abs(x) ** 3).sum())
    assert np.allclose(lines["complex step"], 1)
    assert min(lines["central"]) < 1e-9
    assert texts == ["rounding $u/h$", "truncation $h$", "truncation $h^2$"]
    lines, _ = errors(lambda x: (x**3).sum())
    assert max(lines["complex step"][:10]) < 1e-14
    lines, _ = errors(lambda x: np.logaddexp(x, 0).sum())  # TypeError for complex numbers
    assert "complex step" not in lines
    assert "central" in lines
    assert errors(np.sum)[1] == ["rounding $u/h$"]


def test_a_small_number_of_samples_is_not_said_to_be_the_cause_alone():
    found = explain_difference(3 * R, R, parameter=W, constants={"N": 3})
    assert "multiplied by N = 3: a sum where the mean is meant (or by a plain 3)" in str(found)


def test_rows_that_begin_one_too_late_are_told_from_a_factor():
    """The steps of descent on a quadratic shrink by a factor for each column: a row lost looks like it."""
    path = np.array([[1.0, -2.0]]) * np.array([0.75, 0.25]) ** np.arange(6)[:, None]
    late, early = explain_difference(path[1:], path[:-1]), explain_difference(path[:-1], path[1:])
    assert late == "each row of yours is the next row of the right one: the first is missing"
    assert early == "each row of yours is the previous row of the right one: the last is missing"
    numbers = np.array([0.3, 1.7, -0.4, 2.2])
    assert "each entry of yours is the next entry" in explain_difference(numbers[1:], numbers[:-1])


def test_a_factor_for_each_column_is_not_said_of_columns_of_equal_numbers():
    right = np.array([[4.41, 1.69], [4.41, 1.69]])
    assert explain_difference(np.full((2, 2), 30.6), right) is None


def test_ones_are_not_called_a_sign():
    assert "sign" not in (explain_difference(np.ones((2, 1)), np.array([[0.75], [0.86]])) or "")
    signs = np.array([1.0, -1.0, 1.0])
    assert "only the sign" in explain_difference(signs, np.array([0.75, -0.86, 0.2]))
