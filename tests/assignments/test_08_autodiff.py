"""The reference autodiff of 08_autodiff against the derived gradients of 01 to 07, and nudging."""

from functools import partial

import autograd
import matplotlib.pyplot as plt
import numpy as np
import pytest

from autograder.authoring.percent import SOLUTION, read_cells, regions
from mlpkit import forward
from tests.assignments.reference import SOLUTIONS, assert_close, load_reference

REFERENCE = load_reference("08_autodiff")
CELLS = {
    cell.id: cell
    for cell in read_cells((SOLUTIONS / "08_autodiff" / "08_autodiff.py").read_text("utf-8"))
    if cell.id
}
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
    "numpy's functions": lambda p: np.sum(np.sqrt(p["v"]) * np.mean(np.square(p["A"]), axis=0)),
    "smaller, absolute": lambda p: np.minimum(np.abs(p["A"]), 0.7).sum() * np.max(p["v"]),
    "np.dot": lambda p: np.dot(p["A"], p["v"]).sum(),
    "a variable it does not use": lambda p: (p["v"] ** 0.5).sum(),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_plain_numpy_runs_on_wires(name):
    rng = np.random.default_rng(2)
    params = {"A": rng.normal(size=(4, 3)), "v": rng.uniform(0.5, 2, size=3)}
    value, found = REFERENCE.gradient(EXPRESSIONS[name], params)
    assert_close(value, EXPRESSIONS[name](params))
    other = REFERENCE.numerical(EXPRESSIONS[name], params, "richardson")
    for letter in params:
        assert found[letter].shape == params[letter].shape
        scale = max(np.abs(other[letter]).max(), 1e-12)
        assert np.abs(found[letter] - other[letter]).max() <= 1e-7 * scale


def test_an_operation_without_a_rule_says_which_and_what_to_do():
    with pytest.raises(TypeError, match=r"np.sin has no rule: write one and put it into RULES\[np.sin\]"):
        REFERENCE.gradient(lambda p: np.sin(p["v"]).sum(), {"v": np.ones(3)})


def test_a_loss_beyond_the_rules_is_judged_all_the_same(capsys):
    """np.where, np.sin and methods that a wire lacks: the judge falls back on nudging."""
    v = np.array([0.5, -1.0, 2.0])
    for loss, slope, said in [
        (lambda p: np.sin(p["v"]).sum(), np.cos, "np.sin has no rule"),
        (lambda p: np.where(p["v"] > 0, p["v"], 0).sum(), lambda v: 1.0 * (v > 0), "np.greater"),
        (lambda p: np.log1p(np.abs(p["v"])).sum(), lambda v: np.sign(v) / (1 + np.abs(v)), "log1p"),
        (lambda p: (p["v"].reshape(3, 1) ** 2).sum(), lambda v: 2 * v, "reshape"),
    ]:
        assert REFERENCE.judge(loss, lambda p, slope=slope: {"v": slope(p["v"])}, {"v": v})["v"] < 1e-6
        assert said in capsys.readouterr().out
        wrong = REFERENCE.judge(loss, lambda p, slope=slope: {"v": -slope(p["v"])}, {"v": v})
        assert wrong["v"] == pytest.approx(2, rel=1e-3)


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


def test_counted_in_operations_reverse_mode_costs_three_to_five_passes(capsys):
    """The figure's own numbers, at every width: none of it depends on a clock."""
    space = {**vars(REFERENCE), "rng": np.random.default_rng(0)}
    exec(CELLS["figure_cost"].text, space)
    plt.close("all")
    for numbers, reverse, passes in space["costs"]:
        assert 3 <= reverse < 5 and passes == numbers
    widest, smallest = space["costs"][-1], space["costs"][0]
    assert widest[0] > 1000 * smallest[0] and widest[1] < smallest[1]
    assert capsys.readouterr().out.count("reverse mode costs") == len(space["costs"])


def test_a_product_of_matrices_is_counted_with_its_inner_length():
    space = {**vars(REFERENCE), "rng": np.random.default_rng(0)}
    exec(CELLS["figure_cost"].text.split("costs = []")[0], space)
    count, counted = space["count"], space["Counted"]
    a, b = np.ones((2, 3)).view(counted), np.ones((3, 5))
    assert count(lambda: a @ b) == 2 * 3 * 5
    assert count(lambda: b.T @ a.T) == 2 * 3 * 5
    assert count(lambda: np.tanh(a) + 1) == 12
    assert count(lambda: a.sum(axis=0)) == 6


def test_the_students_autodiff_is_about_sixty_lines():
    """What stands between the markers, and a head for each function."""
    rules = "multiply divide power exp tanh maximum matmul total take".split()
    own = ["unbroadcast", *(f"{rule}_rule" for rule in rules), "record", "backward", "gradient"]
    written = len(own)
    for name in own:
        (span,) = (found for found in regions(CELLS[name].text) if found.name == SOLUTION)
        written += sum(map(bool, CELLS[name].text.split("\n")[span.begin + 1 : span.end]))
    assert 50 <= written <= 65, written


def test_whole_numbers_as_parameters_are_numbers():
    """A parameter of integers is one of floats: 2 ** -1 is 0.5, and gradients have fractions."""
    value, found = REFERENCE.gradient(lambda p: (1 / p["n"]).sum(), {"n": np.array([2, 4])})
    assert value == 0.75 and found["n"].tolist() == [-0.25, -0.0625]


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
