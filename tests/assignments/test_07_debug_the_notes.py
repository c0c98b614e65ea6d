"""Each erratum of the notes: the printed form fails the checker, the corrected one is correct.

The printed forms are the cases that the notebook gives to students; the corrected ones are its
reference functions, held against the same losses and against HIPS autograd.
"""

from functools import cache

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from mlpkit import GradientReport, check_gradient
from tests.assignments.reference import RTOL, assert_close, load_reference

REFERENCE = load_reference("07_debug_the_notes")
GROUPS = ("domke", "gutfreund", "galvan_hao", "li")
SHAPES = [(6, 3, 5, 4), (1, 4, 2, 2), (4, 4, 4, 4), (7, 2, 1, 2), (3, 8, 6, 3)]  # N, p, M, K
DEPTHS = [(3, 2), (4, 3, 2), (1, 2, 2), (3, 3, 3, 3), (2, 5, 1, 4, 2)]  # units of each layer

# What is wrong in print, row by row, and the cases that show it.
ERRATA = {
    "Domke: the loss without exp": ("domke", "loss"),
    "Domke: an average without 1/N": ("domke", "average"),
    "Domke: dL/dW without brackets": ("domke", "dL_dW"),
    "Gutfreund: dL/dyhat is summed": ("gutfreund", "dyhat"),
    "Gutfreund: softmax's derivative without hats": ("gutfreund", "softmax"),
    "Gutfreund: b and bhat change places": ("gutfreund", "dbhat", "db_first"),
    "Gutfreund: products that do not fit": ("gutfreund", "dU", "dW"),
    "Gutfreund: the recursion without the layer's own slope": ("gutfreund", "recursion"),
    "Galvan (6): w_lk for w_kl": ("galvan_hao", "galvan_6"),
    "Galvan (13): sigma(Delta) for sigma'(a)": ("galvan_hao", "galvan_13"),
    "Hao (6) to (9): q for q_m in the chain": ("galvan_hao", "hao_chain"),
    "Hao (6), (8): the norm of W for W": ("galvan_hao", "hao_dW1", "hao_dW2"),
    "Hao (7), (9): no sum over the batch": ("galvan_hao", "hao_db1", "hao_db2"),
    "Hao (6): the gate at D = 0": ("galvan_hao", "hao_gate"),
    "Li, section 2: yhat without sigma": ("li", "yhat"),
    "Li (9): the sign of dW2 and db2": ("li", "dW2", "db2"),
    "Li, section 3: the sign, x is lost, no batch": ("li", "dW1", "dW1_column"),
    "Li: the title and the sizes": ("li", "hidden_layers", "last_unit"),
}
CORRECT_AS_PRINTED = {
    "Li (2), (5) and (8)": ("li", "eq_2", "eq_5", "eq_8"),
    "Gutfreund: the product form, dL/dz and the last line": (
        ("gutfreund", "product_form", "dz", "db_second")
    ),
    "Galvan (7) and (11)": ("galvan_hao", "galvan_7", "galvan_11"),
    "Hao: dL/dc": ("galvan_hao", "hao_dc"),
    "Domke's boxes but the last": ("domke", "dL_df", "dL_dc", "dL_dV", "dL_db"),
}


@cache
def cases(group):
    return getattr(REFERENCE, f"{group}_cases")()


def verdicts(group):
    """{name: word}, without the evidence."""
    return {name: word for name, (word, _) in getattr(REFERENCE, f"{group}_verdicts")().items()}


def named(verdict):
    """(group, name) of every case with this verdict that is more than a claim in words."""
    return [
        (group, name)
        for group in GROUPS
        for name, word in verdicts(group).items()
        if word == verdict and not isinstance(cases(group)[name], str)
    ]


def cross_entropy(z, k):
    return anp.log(anp.sum(anp.exp(z))) - z[k]


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


def test_every_erratum_and_every_right_formula_is_a_case_and_no_case_is_neither():
    wrong = {(group, name) for group, *names in ERRATA.values() for name in names}
    right = {(group, name) for group, *names in CORRECT_AS_PRINTED.values() for name in names}
    judged = {(g, name): word for g in GROUPS for name, word in verdicts(g).items()}
    assert wrong | right == set(judged)
    assert {judged[case] for case in right} == {"holds"}
    assert {judged[case] for case in wrong} == {"fails", "convention"}
    conventions = {("domke", "average"), ("galvan_hao", "hao_gate")}
    assert {case for case in wrong if judged[case] == "convention"} == conventions


def test_there_are_enough_of_each_kind_and_every_section_mixes_them():
    assert len(named("fails")) >= 12
    assert len(named("holds")) >= 6
    for group in GROUPS:
        assert set(verdicts(group)) == set(cases(group))
        words = list(verdicts(group).values())
        assert words.count("fails") >= 2
        assert words.count("holds") >= 3


@pytest.mark.parametrize(("group", "name"), named("fails"))
def test_what_fails_is_wrong_for_the_checker_or_does_not_fit(group, name):
    report = REFERENCE.judge(cases(group)[name])
    if isinstance(report, GradientReport):
        assert report.verdict == "wrong"
    else:
        assert report.startswith("numpy cannot compute the formula as printed: matmul")


@pytest.mark.parametrize(("group", "name"), named("holds"))
def test_what_holds_is_correct_for_the_checker(group, name):
    report = REFERENCE.judge(cases(group)[name])
    assert report.verdict == "correct"
    assert report.kinks == ()


def test_the_average_is_a_sum_and_the_sum_of_boxes_is_its_gradient():
    mean, gradient, c, _ = cases("domke")["average"]
    report = check_gradient(mean, gradient, c)
    assert report.verdict == "wrong"
    assert [finding.ratio for finding in report.findings] == [pytest.approx(3)]  # N
    assert check_gradient(lambda c: 3 * mean(c), gradient, c).verdict == "correct"


def test_the_gate_of_relu_is_a_convention_at_its_kink():
    report = REFERENCE.judge(cases("galvan_hao")["hao_gate"])
    assert report.kinks
    assert "convention" in str(report)


@pytest.mark.parametrize("group", GROUPS)
def test_the_visible_check_takes_any_word_and_says_nothing_of_it(group):
    """Flipping one verdict after the other must not find the wrong ones."""
    right = getattr(REFERENCE, f"{group}_verdicts")()
    for name, (word, evidence) in right.items():
        for other in set(REFERENCE.VERDICTS) - {word}:
            REFERENCE.assert_evidence({**right, name: (other, evidence)}, cases(group))


@pytest.mark.parametrize("group", GROUPS)
def test_the_visible_check_refuses_evidence_that_was_not_measured(group):
    right = getattr(REFERENCE, f"{group}_verdicts")()
    for name, (word, evidence) in right.items():
        for invented in {0.0, 0.33, 1.5, np.inf, None} - {evidence}:
            given = {**right, name: (word, invented)}
            with pytest.raises(AssertionError, match=f"evidence for {name} "):
                REFERENCE.assert_evidence(given, cases(group))


@pytest.mark.parametrize("group", GROUPS)
def test_the_grader_says_the_same_of_one_wrong_verdict_and_of_many(group):
    words, told = verdicts(group), set()
    for wrong in ([name] for name in words):
        given = {n: ("none" if n in wrong else word, 0.0) for n, word in words.items()}
        with pytest.raises(AssertionError) as failure:
            REFERENCE.assert_all_right(given, words)
        told.add(str(failure.value))
    with pytest.raises(AssertionError) as failure:
        REFERENCE.assert_all_right(dict.fromkeys(words, ("none", 0.0)), words)
    assert told == {str(failure.value)}
    REFERENCE.assert_all_right({name: (word, 0.0) for name, word in words.items()}, words)


def test_sizes_as_printed_do_not_count_up():
    assert verdicts("li")["hidden_layers"] == verdicts("li")["last_unit"] == "fails"
    assert len([512]) == len([(3072, 512), (512, 10)]) - 1  # one hidden layer between two matrices
    assert range(512)[-1] == 511


def test_domkes_box_is_the_gradient_of_the_corrected_loss():
    loss, box, f, _ = cases("domke")["loss"]
    assert check_gradient(loss, box, f).verdict == "wrong"
    corrected = REFERENCE.domke_loss
    assert check_gradient(lambda f: corrected(2, f), box, f).verdict == "correct"


@cache
def parts(group):
    """What the corrected functions take, read off the case functions' own variables."""
    found = {}
    for case in cases(group).values():
        if isinstance(case, str):
            continue
        for function in case[:2]:
            found |= closure_of(function)
    return found


def closure_of(function, seen=None):
    """Names and values in the closure of a function, and of functions in it."""
    seen = set() if seen is None else seen
    if id(function) in seen or not getattr(function, "__closure__", None):
        return {}
    seen.add(id(function))
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
        if callable(cell.cell_contents):
            found |= closure_of(cell.cell_contents, seen)
        else:
            found.setdefault(name, cell.cell_contents)
    return found


def corrected_domke():
    v = parts("domke")
    dW = REFERENCE.domke_dW(v["slope"], v["p"]["V"], v["df"], v["x"])
    return {"dL_dW": {"W": dW}}


def corrected_gutfreund():
    ref, v = REFERENCE, parts("gutfreund")
    dU, dbhat, dW, db = ref.sample_gradients(v["error"], v["U"], v["h"], v["x"])
    shares = softmax(cases("gutfreund")["softmax"][2])
    dyhat, J = ref.footnote(v["y"], shares)
    return {
        "dyhat": dyhat,
        "softmax": J[v["target"]],
        "dU": {"U": dU},
        "dbhat": {"bhat": dbhat},
        "db_first": {"b": db},
        "dW": {"W": dW},
    }


def corrected_galvan_hao():
    ref, v = REFERENCE, parts("galvan_hao")
    X, dc, dD, h, p = v["X"], v["dc"], v["dD"], v["h"], v["p"]
    slope, w = 1 - v["phi2"] ** 2, v["w"]
    phi = {0: 0.4, 1: -0.7}
    for unit in (2, 3, 4):
        phi[unit] = np.tanh(sum(w[k, j] * phi[j] for k, j in w if k == unit))
    delta = {4: (phi[4] - 1) * (1 - phi[4] ** 2)}
    for unit in (3, 2):
        fed = ref.fed_by(w, unit)
        delta[unit] = sum(delta[k] * w[k, unit] for k in fed) * (1 - phi[unit] ** 2)
    return {
        "galvan_6": np.array([delta[2], delta[3], delta[4]]),
        "galvan_13": ref.layer_delta(v["W3"], v["W3"] @ v["phi2"] - v["y"], slope),
        "hao_chain": -1 / v["q_m"] * v["q_m"] * (v["one_hot"] - v["q"]),  # dL/dq_m, as is meant
        "hao_dW1": {"W1": ref.weight_gradient(X, dD, p["W1"], v["alpha"])},
        "hao_dW2": {"W2": ref.weight_gradient(h, dc, p["W2"], v["alpha"])},
        "hao_db1": {"b1": ref.bias_gradient(dD)},
        "hao_db2": {"b2": ref.bias_gradient(dc)},
    }


def corrected_li():
    ref, v = REFERENCE, parts("li")
    X, Y, Z, W2 = v["X"], v["Y"], v["Z"], v["p"]["W2"]
    Yhat = ref.li_outputs(Z, W2, v["p"]["b2"])
    dW2, _ = ref.li_output_gradients(Z, Y, Yhat)
    _, db2 = ref.li_output_gradients(Z[:1], Y[:1], Yhat[:1])
    dW1 = ref.li_dW1(X[:1], Z[:1], W2, Y[:1], Yhat[:1])
    return {
        "dW2": {"W2": dW2},
        "db2": {"b2": db2},
        "dW1": {"W1": dW1},
        "dW1_column": dW1[:, 0],
    }


# Printed case -> the corrected function on the same loss and parameters.
CORRECTED = {
    "domke": corrected_domke,
    "gutfreund": corrected_gutfreund,
    "galvan_hao": corrected_galvan_hao,
    "li": corrected_li,
}
# Corrected by a loss or an output, or by a whole recursion: they have tests of their own.
APART = {("domke", "loss"), ("gutfreund", "recursion"), ("li", "yhat")}


@pytest.mark.parametrize(("group", "name"), sorted(set(named("fails")) - APART))
def test_the_corrected_formula_is_correct_for_the_checker(group, name):
    loss, _, params, _ = cases(group)[name]
    corrected = CORRECTED[group]()[name]
    report = check_gradient(loss, lambda _: corrected, params)
    assert report.verdict == "correct", str(report)


def test_the_corrected_recursion_is_the_gradient_of_the_deep_network():
    loss, _, params, _ = cases("gutfreund")["recursion"]
    Ws, x = parts("gutfreund")["Ws"], parts("gutfreund")["x"]

    def gradient(biases):
        a, slopes = x, []
        for W, b in zip(Ws, biases, strict=True):
            z = W @ a + b
            a = np.tanh(z)
            slopes.append(1 - a**2)
        error = softmax(z) - np.eye(5)[1]
        return REFERENCE.recursion(Ws, slopes[:-1], error)

    assert check_gradient(loss, gradient, params).verdict == "correct"


def test_with_corrected_outputs_the_error_is_the_gradient():
    Z, W2, b2, y = np.eye(2)[:1], np.eye(2), np.zeros(2), np.array([[1.0, 0.0]])

    def outputs(T):
        return REFERENCE.li_outputs(T * Z.sum(), W2, b2)

    def loss(T):
        return -(y * np.log(outputs(T)) + (1 - y) * np.log(1 - outputs(T))).sum()

    T = np.array([[0.3, -0.8]])
    assert check_gradient(loss, lambda T: outputs(T) - y, T).verdict == "correct"


@pytest.mark.parametrize(("N", "p", "M", "K"), SHAPES)
@pytest.mark.parametrize("scale", [1.0, 3.0])  # with 3 most units are saturated
def test_corrected_functions_agree_with_autodiff(N, p, M, K, scale):
    ref, rng = REFERENCE, np.random.default_rng(0)
    W, b = scale * rng.normal(size=(M, p)), rng.normal(size=M)
    U, bhat = rng.normal(size=(K, M)), rng.normal(size=K)
    X, k = rng.normal(size=(N, p)), rng.integers(K, size=N)
    x, h = X[0], np.tanh(W @ X[0] + b)

    def loss(U, bhat, W, b):
        return cross_entropy(anp.dot(U, anp.tanh(anp.dot(W, x) + b)) + bhat, k[0])

    error = softmax(U @ h + bhat) - np.eye(K)[k[0]]
    assert np.isclose(ref.domke_loss(k[0], U @ h), cross_entropy(U @ h, k[0]), rtol=1e-12)
    for argument, value in enumerate(ref.sample_gradients(error, U, h, x)):
        assert_close(value, autograd.grad(loss, argument)(U, bhat, W, b))
    assert_close(ref.domke_dW(1 - h**2, U, error, x), autograd.grad(loss, 2)(U, bhat, W, b))
    db = ref.recursion([W, U], [1 - h**2], error)
    assert_close(db[0], autograd.grad(loss, 3)(U, bhat, W, b))
    assert_close(ref.layer_delta(U, error, 1 - h**2), db[0])

    def of_batch(W, b):
        C = anp.dot(X, W) + b
        total = sum(cross_entropy(C[n], k[n]) for n in range(N))
        return total / N + 0.15 * anp.sum(W**2)

    W, b = rng.normal(size=(p, K)), rng.normal(size=K)
    back = np.array([softmax(row) for row in X @ W + b]) - np.eye(K)[k]
    assert_close(ref.weight_gradient(X, back, W, 0.3), autograd.grad(of_batch, 0)(W, b))
    assert_close(ref.bias_gradient(back), autograd.grad(of_batch, 1)(W, b))


@pytest.mark.parametrize(("N", "p", "M", "K"), SHAPES)
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_lis_corrected_gradients_agree_with_autodiff(N, p, M, K, scale):
    ref, rng = REFERENCE, np.random.default_rng(1)
    W1, W2, b2 = scale * rng.normal(size=(p, M)), rng.normal(size=(M, K)), rng.normal(size=K)
    X, Y = rng.normal(size=(N, p)), rng.integers(2, size=(N, K)).astype(float)

    def loss(W1, W2, b2):
        T = anp.dot(1 / (1 + anp.exp(-anp.dot(X, W1))), W2) + b2
        return anp.sum(anp.logaddexp(0, T) - Y * T)

    Z = 1 / (1 + np.exp(-X @ W1))
    Yhat = ref.li_outputs(Z, W2, b2)
    found = (ref.li_dW1(X, Z, W2, Y, Yhat), *ref.li_output_gradients(Z, Y, Yhat))
    for argument, value in enumerate(found):
        assert_close(value, autograd.grad(loss, argument)(W1, W2, b2))


@pytest.mark.parametrize("sizes", DEPTHS)
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_the_corrected_recursion_agrees_with_autodiff(sizes, scale):
    rng, depth = np.random.default_rng(2), len(sizes) - 1
    weights = [scale * rng.normal(size=shape) for shape in zip(sizes[1:], sizes, strict=False)]
    biases, x = [rng.normal(size=m) for m in sizes[1:]], rng.normal(size=sizes[0])

    def scores(biases):
        a = x
        for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
            z = anp.dot(W, a) + b
            a = anp.tanh(z) if i < depth - 1 else z
        return a

    slopes, a = [], x
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        a = np.tanh(W @ a + b)
        slopes.append(1 - a**2)
    error = softmax(scores(biases)) - np.eye(sizes[-1])[0]
    expected = autograd.grad(lambda biases: cross_entropy(scores(biases), 0))(biases)
    found = REFERENCE.recursion(weights, slopes, error)
    for value, right in zip(found, expected, strict=True):
        assert_close(value, right)


@pytest.mark.parametrize("K", [2, 3, 5, 8, 10])
@pytest.mark.parametrize("scale", [1.0, 12.0])  # with 12 all shares but one are next to nothing
def test_the_corrected_footnote_agrees_with_autodiff(K, scale):
    rng = np.random.default_rng(K)
    z, y = scale * rng.normal(size=K), np.eye(K)[0]
    dyhat, J = REFERENCE.footnote(y, softmax(z))
    assert_close(dyhat, autograd.grad(lambda s: -anp.sum(y * anp.log(s)))(softmax(z)))
    expected = autograd.jacobian(lambda z: anp.exp(z) / anp.sum(anp.exp(z)))(z)
    assert np.abs(J - expected).max() <= RTOL  # of a share near 1: J is made of shares
