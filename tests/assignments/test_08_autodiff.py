"""The reference autodiff of 08_autodiff against the derived gradients of 01 to 07, and nudging."""

from functools import partial

import autograd
import numpy as np
import pytest

from mlpkit import forward
from tests.assignments.reference import assert_close, load_reference

REFERENCE = load_reference("08_autodiff")
RNG = np.random.default_rng(0)
N, P, M, K = 6, 3, 5, 4
X, CLASSES, Y = RNG.normal(size=(N, P)), RNG.integers(K, size=N), RNG.integers(2, size=(N, K))
ROWS = {"W1": RNG.normal(size=(P, M)), "b1": RNG.normal(size=M), "W2": RNG.normal(size=(M, K)),
        "b2": RNG.normal(size=K)}  # fmt: skip
COLUMNS = {"W": ROWS["W1"].T, "b": ROWS["b1"], "V": ROWS["W2"].T, "c": ROWS["b2"]}


def by_tape(loss, params):
    return REFERENCE.gradient(loss, params)[1]


def softmax(z):
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def test_the_gradients_of_01():
    ref = load_reference("01_logistic")
    params, y = {"W": RNG.normal(size=P), "b": np.array(0.3)}, Y[:, 0]
    s = ref.sigmoid(ref.scores(params["W"], 0.3, X))
    for loss, function in [
        (forward.li_squared, ref.squared_gradient),
        (forward.li_cross_entropy, ref.cross_entropy_gradient),
    ]:
        found = by_tape(partial(loss, X=X, y=y), params)
        for name, value in zip("Wb", function(s, y, X), strict=True):
            assert_close(found[name], value)


def test_the_gradient_of_02():
    _, expected = load_reference("02_momentum").risk_gradient(COLUMNS, X, CLASSES)
    found = by_tape(partial(forward.domke_risk, X=X, y=CLASSES), COLUMNS)
    for name, value in expected.items():
        assert_close(found[name], value)


def test_the_gradients_of_03():
    expected = load_reference("03_relu_l2").gradients(ROWS, X, CLASSES, 0.3)
    found = by_tape(partial(forward.hao_loss, X=X, m=CLASSES, alpha=0.3), ROWS)
    for name, value in expected.items():
        assert_close(found[name], value)


def test_the_recursion_of_04():
    sizes = [P, 5, 2, K]
    params, xs, slopes = {}, [X], []
    for i, (n, m) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        params |= {f"W{i}": RNG.normal(size=(m, n)), f"b{i}": RNG.normal(size=m)}
        z = xs[-1] @ params[f"W{i}"].T + params[f"b{i}"]
        xs.append(np.tanh(z))
        slopes.append(1 - xs[-1] ** 2)
    error = np.array([softmax(row) for row in z]) - np.eye(K)[CLASSES]
    weights = [params[f"W{i}"] for i in (1, 2, 3)]
    pairs = load_reference("04_deep_mlp").backward(weights, slopes[:-1], xs[:-1], error)
    found = by_tape(partial(forward.gutfreund_loss, X=X, y=CLASSES), params)
    for i, (dW, db) in enumerate(pairs, start=1):
        assert_close(found[f"W{i}"], dW)
        assert_close(found[f"b{i}"], db)


def test_the_gradient_of_05():
    value, expected = load_reference("05_minibatch").loss_and_gradient(ROWS, X, Y)
    loss = partial(forward.li_minibatch_loss, X=X, Y=Y)
    assert_close(REFERENCE.gradient(loss, ROWS)[0], value)
    for name, right in expected.items():
        assert_close(by_tape(loss, ROWS)[name], right)


def test_the_graph_and_the_unrolled_network_of_06():
    ref = load_reference("06_graph")
    links = [(2, 0), (2, 1), (3, 1), (3, 2), (4, 2), (4, 3)]
    x, weights = [0.4, -0.7], RNG.normal(size=6)
    w, phi = dict(zip(links, weights, strict=True)), dict(enumerate(x))
    for unit in (2, 3, 4):
        phi[unit] = np.tanh(sum(w[k, j] * phi[j] for k, j in w if k == unit))
    slope = {unit: 1 - phi[unit] ** 2 for unit in (2, 3, 4)}
    delta = ref.backward(w, [0, 1, 2, 3, 4], slope, ref.output_deltas(phi, {4: 0.5}, slope))
    found = by_tape(partial(forward.galvan_loss, links=links, x=x, y=0.5), {"w": weights})
    assert_close(found["w"], list(ref.link_gradients(w, delta, phi).values()))

    params = {"W": RNG.normal(size=(4, 4)), "U": RNG.normal(size=(4, P))}
    H = ref.run_rnn(params["W"], params["U"], X)
    direct = np.zeros((N, 4))
    direct[-1] = H[-1] - 1
    deltas = ref.rnn_deltas(params["W"], 1 - H[1:] ** 2, direct)
    found = by_tape(partial(forward.recurrent_loss, X=X, target=np.ones(4)), params)
    for name, value in zip("WU", ref.rnn_gradients(deltas, H, X), strict=True):
        assert_close(found[name], value)


def test_the_corrected_formulas_of_07():
    ref, y = load_reference("07_debug_the_notes"), int(CLASSES[0])
    x, h = X[0], np.tanh(COLUMNS["b"] + COLUMNS["W"] @ X[0])
    error = softmax(COLUMNS["c"] + COLUMNS["V"] @ h) - np.eye(K)[y]
    dV, dc, dW, db = ref.sample_gradients(error, COLUMNS["V"], h, x)
    found = by_tape(partial(forward.domke_risk, X=x[None], y=np.array([y])), COLUMNS)
    for name, value in {"V": dV, "c": dc, "W": dW, "b": db}.items():
        assert_close(found[name], value)
    assert_close(found["W"], ref.domke_dW(1 - h**2, COLUMNS["V"], error, x))
    Z = 1 / (1 + np.exp(-X @ ROWS["W1"] - ROWS["b1"]))
    Yhat = ref.li_outputs(Z, ROWS["W2"], ROWS["b2"])
    found = by_tape(partial(forward.li_minibatch_loss, X=X, Y=Y), ROWS)
    dW2, db2 = ref.li_output_gradients(Z, Y, Yhat)
    for name, value in {"W1": ref.li_dW1(X, Z, ROWS["W2"], Y, Yhat), "W2": dW2, "b2": db2}.items():
        assert_close(found[name], value)


@pytest.mark.parametrize("name", list(REFERENCE.every_loss(np.random.default_rng(1))))
def test_reverse_and_forward_mode_agree_on_every_loss(name):
    loss, params = REFERENCE.every_loss(np.random.default_rng(1))[name]
    value, found = REFERENCE.gradient(loss, params)
    assert_close(value, loss(params))
    other = REFERENCE.forward_gradient(loss, params)
    for letter in params:
        assert_close(found[letter], other[letter])


EXPRESSIONS = {
    "a wire used three times": lambda p: (p["A"] * p["A"] + p["A"]).sum(),
    "twice in two sums": lambda p: ((p["A"] + p["v"]) + p["A"]).sum() + p["v"].sum(),
    "a column and a row": lambda p: (p["A"][:, :1] * p["v"] + p["v"]).sum(),
    "keepdims": lambda p: (p["A"] / p["A"].sum(axis=1, keepdims=True)).sum(axis=0)[1],
    "the last axis": lambda p: (p["A"].sum(axis=-1) ** 2).sum(),
    "the largest of each row": lambda p: (p["A"].max(axis=1) * p["A"][:, 0]).sum(),
    "vectors on either side": lambda p: (p["v"] @ p["A"].T) @ (p["A"] @ p["v"]),
    "the inner product": lambda p: p["v"] @ p["v"],
    "a mean": lambda p: (p["A"].mean(axis=0) * p["v"]).mean(),
    "chosen twice": lambda p: (p["v"][[0, 0, 2]] * np.array([1.0, 2.0, 3.0])).sum(),
    "numbers on the left": lambda p: (2 - 3 / (1 + p["v"] ** 2)).sum(),
    "transposed": lambda p: (p["A"].T @ p["A"]).sum() - np.log(p["A"] ** 2).sum(),
    "softmax": lambda p: (np.exp(p["v"]) / np.exp(p["v"]).sum())[1],
    "relu": lambda p: (np.maximum(0, p["A"]) * np.maximum(p["A"], 0.2)).sum(),
    "a variable it does not use": lambda p: (p["v"] ** 0.5).sum(),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_plain_numpy_runs_on_wires(name):
    rng = np.random.default_rng(2)
    params = {"A": rng.normal(size=(4, 3)), "v": rng.uniform(0.5, 2, size=3)}
    value, found = REFERENCE.gradient(EXPRESSIONS[name], params)
    assert_close(value, EXPRESSIONS[name](params))
    other = REFERENCE.numerical(EXPRESSIONS[name], params)
    for letter in params:
        assert found[letter].shape == params[letter].shape
        scale = max(np.abs(other[letter]).max(), 1e-12)
        assert np.abs(found[letter] - other[letter]).max() <= 1e-9 * scale


def test_an_operation_without_a_rule_says_which_and_what_to_do():
    with pytest.raises(TypeError, match=r"np.sin has no rule: write one, RULES\[np.sin\] = "):
        REFERENCE.gradient(lambda p: np.sin(p["v"]).sum(), {"v": np.ones(3)})


def test_reverse_mode_costs_a_few_passes_and_forward_mode_one_for_each_number():
    """Counted in calls of the loss: the cost is the tape's, not the number of parameters'."""
    calls = []

    def loss(params):
        calls.append(1)
        return forward.domke_risk(params, X, CLASSES)

    by_tape(loss, COLUMNS)
    assert len(calls) == 1
    REFERENCE.forward_gradient(loss, COLUMNS)
    assert len(calls) - 1 == sum(value.size for value in COLUMNS.values())


@pytest.mark.parametrize(
    ("name", "verdict", "cause"),
    [
        ("logistic loss, labels 1 and -1", "correct", "agrees"),
        ("softmax at temperature T, class 1", "wrong", "multiplied by T = 4"),
        ("ridge regression", "wrong", "the derivative of the penalty"),
        ("cosine distance", "wrong", "too much"),
        ("layer normalisation", "wrong", "look at what is computed between the two"),
    ],
)
def test_formulas_that_were_found_are_judged_and_explained(name, verdict, cause):
    from mlpkit import check_gradient

    loss, printed, params, constants = REFERENCE.found_formulas()[name]
    report = check_gradient(loss, printed, params, constants=constants)
    assert report.verdict == verdict and cause in str(report)
    errors = REFERENCE.judge(loss, printed, params)
    assert (max(errors.values()) < 1e-9) == (verdict == "correct")


def test_the_corrected_cosine_agrees_with_autograd():
    u, v = RNG.normal(size=4), RNG.normal(size=4)

    def distance(u):
        return 1 - (u * v).sum() / ((u**2).sum() ** 0.5 * (v**2).sum() ** 0.5)

    assert_close(REFERENCE.cosine_gradient(u, v), autograd.grad(distance)(u))
