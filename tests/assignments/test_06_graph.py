"""The reference of 06_graph against an independent autodiff (HIPS autograd)."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from autograd.extend import defvjp, primitive

from tests.assignments.reference import assert_close, load_reference

REFERENCE = load_reference("06_graph")
# (inputs, hidden, outputs, N, scale of the weights); with 20 most units are saturated
GRAPHS = [
    (2, 3, 1, 4, 1.0),
    (1, 1, 2, 1, 1.0),
    (3, 6, 2, 5, 2.0),
    (2, 0, 2, 3, 1.0),
    (4, 8, 3, 1, 20.0),
    (2, 5, 2, 2, 20.0),
]
LAYERS = [
    ((3, 2), 1.0),
    ((1, 2), 1.0),
    ((3, 3, 3), 1.0),
    ((4, 6, 1, 2), 1.0),
    ((2, 5, 4, 3, 2), 1.0),
    ((3, 4, 2), 20.0),
    ((5, 3, 6, 2), 20.0),
]
RUNS = [(1, 2, 1, 1.0), (5, 3, 2, 1.0), (8, 1, 2, 2.0), (4, 4, 4, 1.0), (12, 6, 3, 3.0)]


@primitive
def tanh(a):
    return np.tanh(a)


# autograd's own slope, 1 - tanh², loses all digits where a unit is saturated
defvjp(tanh, lambda _, a: lambda g: g / np.cosh(a) ** 2)


@pytest.mark.parametrize(("inputs", "hidden", "outputs", "N", "scale"), GRAPHS)
def test_gradients_of_a_graph_agree_with_autodiff(inputs, hidden, outputs, N, scale):
    ref, rng = REFERENCE, np.random.default_rng(0)
    w, first, last, true_order = ref.random_graph(rng, inputs, hidden, outputs)
    w = {link: scale * weight for link, weight in w.items()}
    X, Y = rng.normal(size=(N, inputs)), rng.normal(size=(N, outputs))
    links = list(w)

    def loss(weights):
        total = 0.0
        for x, y in zip(X, Y, strict=True):
            phi = dict(zip(first, x, strict=True))
            for unit in true_order[inputs:]:
                terms = [weights[i] * phi[j] for i, (k, j) in enumerate(links) if k == unit]
                phi[unit] = tanh(sum(terms))
            total = total + sum((phi[u] - t) ** 2 for u, t in zip(last, y, strict=True)) / 2
        return total / N

    def of_sample(x, y):
        targets = dict(zip(last, y, strict=True))
        a, phi = ref.forward(w, order, dict(zip(first, x, strict=True)), np.tanh)
        slope = {unit: 1 / np.cosh(a[unit]) ** 2 for unit in a}
        delta = ref.backward(w, order, slope, ref.output_deltas(phi, targets, slope))
        for l in set(a) - set(last):  # backward is the sum over the links that leave a unit
            terms = [delta[k] * ref.across_link(w, slope, k, l) for k in ref.fed_by(w, l)]
            assert abs(delta[l] - sum(terms)) <= 1e-12 * max(map(abs, terms), default=0.0)
        half_squares = sum((phi[u] - t) ** 2 for u, t in targets.items()) / 2
        return half_squares, ref.link_gradients(w, delta, phi)

    order = ref.topological_order(w, sorted(true_order))
    L, gradient = ref.mean_over_data(of_sample, ref.dataset(X, Y))
    weights = np.array([w[link] for link in links])
    assert_close(L, loss(weights))
    assert_close([gradient[link] for link in links], autograd.grad(loss)(weights))


@pytest.mark.parametrize(("sizes", "scale"), LAYERS)
def test_levels_and_links_agree_with_autodiff(sizes, scale):
    ref, rng = REFERENCE, np.random.default_rng(1)
    Ws = [scale * rng.normal(size=shape) for shape in zip(sizes[1:], sizes, strict=False)]
    x, y = rng.normal(size=sizes[0]), rng.normal(size=sizes[-1])

    def loss(Ws):
        phi = x
        for W in Ws:
            phi = tanh(anp.dot(W, phi))
        return anp.sum((phi - y) ** 2) / 2

    expected = autograd.grad(loss)(Ws)
    levels, phis = ref.forward_layers(Ws, x, np.tanh)
    slopes = [1 / np.cosh(a) ** 2 for a in levels]
    deltas = ref.layer_deltas(Ws, slopes, (phis[-1] - y) * slopes[-1])
    for value, right in zip(ref.layer_gradients(deltas, phis), expected, strict=True):
        assert_close(value, right)

    w, units = ref.layers_as_graph(Ws), list(range(sum(sizes)))
    a, phi = ref.forward(w, units, dict(enumerate(x)), np.tanh)
    slope = {unit: 1 / np.cosh(a[unit]) ** 2 for unit in a}
    targets = dict(enumerate(y, start=sum(sizes[:-1])))
    delta = ref.backward(w, units, slope, ref.output_deltas(phi, targets, slope))
    gradient, as_links = ref.link_gradients(w, delta, phi), ref.layers_as_graph(expected)
    assert_close([gradient[link] for link in w], [as_links[link] for link in w])


@pytest.mark.parametrize(("T", "M", "p", "scale"), RUNS)
def test_gradients_through_time_agree_with_autodiff(T, M, p, scale):
    ref, rng = REFERENCE, np.random.default_rng(2)
    W, U = rng.normal(size=(M, M)), scale * rng.normal(size=(M, p))
    X, targets = rng.normal(size=(T, p)), rng.normal(size=(T, M))

    def loss(W, U):
        h, total = anp.zeros(M), 0.0
        for x, target in zip(X, targets, strict=True):
            h = anp.tanh(anp.dot(W, h) + anp.dot(U, x))
            total = total + anp.sum((h - target) ** 2) / 2
        return total

    H = ref.run_rnn(W, U, X)
    deltas = ref.rnn_deltas(W, 1 - H[1:] ** 2, H[1:] - targets)
    dW, dU = ref.rnn_gradients(deltas, H, X)
    if T > 1:
        assert_close(dW, autograd.grad(loss, 0)(W, U))
    else:
        assert not dW.any()
    assert_close(dU, autograd.grad(loss, 1)(W, U))


@pytest.mark.parametrize("T", [1, 2, 3, 7, 20])
def test_a_shared_weight_gets_the_sum_over_its_copies(T):
    """The unrolled network as a graph: unit t is h_t, unit 100 + t is x_t."""
    ref, rng = REFERENCE, np.random.default_rng(3)
    x, (v, u) = rng.normal(size=T), rng.normal(size=2)
    name_of = {(t + 1, t): "v" for t in range(T)} | {(t + 1, 100 + t): "u" for t in range(T)}
    w = {link: v if name == "v" else u for link, name in name_of.items()}
    values = {0: 0.7} | {100 + t: x[t] for t in range(T)}

    def loss(weights):
        h = 0.7
        for number in x:
            h = anp.tanh(weights[0] * h + weights[1] * number)
        return (h - 0.3) ** 2 / 2

    order = ref.topological_order(w, [*range(T + 1), *range(100, 100 + T)])
    a, phi = ref.forward(w, order, values, np.tanh)
    slope = {unit: 1 - phi[unit] ** 2 for unit in a}
    delta = ref.backward(w, order, slope, ref.output_deltas(phi, {T: 0.3}, slope))
    shared = ref.shared_gradient(ref.link_gradients(w, delta, phi), name_of)
    assert_close([shared["v"], shared["u"]], autograd.grad(loss)(np.array([v, u])))


@pytest.mark.parametrize("shape", [(1, 2), (5, 3), (4, 2, 3), (7,), (60, 8, 2)])
def test_the_carousel_agrees_with_autodiff(shape):
    rng = np.random.default_rng(4)
    gate, candidate, direct = rng.normal(size=(3, *shape))

    def loss(gate, candidate):
        c, total = 0.0, 0.0
        for i, g, d in zip(gate, candidate, direct, strict=True):
            c = c + i * g
            total = total + anp.sum(d * c)
        return total

    found = REFERENCE.carousel_backward(direct, gate, candidate)
    for argument, value in enumerate(found):
        assert_close(value, autograd.grad(loss, argument)(gate, candidate))


def test_equation_6_as_printed_names_the_units_on_the_wrong_side():
    ref = REFERENCE
    assert ref.fed_by(ref.toy, 4) == [2, 3]
    assert sorted(k for (target, k) in ref.toy if target == 4) == [0, 1, 5]  # w_lk
