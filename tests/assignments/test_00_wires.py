"""The reference of 00_wires against an independent autodiff (HIPS autograd)."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from tests.assignments.reference import assert_close, load_reference

REFERENCE = load_reference("00_wires")


def circuit(point):
    x, y, z = point
    return (x + y) * z + anp.maximum(y, z)


@pytest.mark.parametrize("point", [(-2.0, 5.0, -4.0), (1.0, 2.0, 3.0), (0.0, 0.0, -1.0)])
def test_the_circuit_and_its_gradient_agree_with_autodiff(point):
    assert_close(REFERENCE.values(*point)[-1], circuit(point))
    expected = autograd.grad(circuit)(np.array(point))
    assert_close(REFERENCE.circuit_gradient(*point), expected)
    nudged = [REFERENCE.nudge(circuit, np.array(point), k) for k in range(3)]
    np.testing.assert_allclose(nudged, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("gate", ["add", "times", "max"])
def test_a_gate_agrees_with_autodiff(gate):
    function = {"add": anp.add, "times": anp.multiply, "max": anp.maximum}[gate]
    for a, b, upstream in [(3.0, -4.0, 2.0), (-1.0, 0.5, -3.0)]:
        right = [upstream * autograd.grad(function, argument)(a, b) for argument in (0, 1)]
        assert_close(getattr(REFERENCE, f"{gate}_gate")(a, b, upstream), right)


def test_the_chain_rule_agrees_with_autodiff():
    """x acts on L through sin(x), x² and exp(-x)."""
    at, weights = 0.7, np.array([2.0, -1.5, 0.4])

    def wires(x):
        return anp.array([anp.sin(x), x**2, anp.exp(-x)])

    slopes = autograd.jacobian(wires)(at)
    right = autograd.grad(lambda x: anp.dot(weights, wires(x)))(at)
    np.testing.assert_allclose(REFERENCE.chain_rule(weights, slopes), right, rtol=1e-12, atol=0)


@pytest.mark.parametrize("bias", [-5.0, 0.2, 4.0])  # silent, and not
def test_the_answers_for_paper_agree_with_autodiff(bias):
    twice, tanh_gate, neuron = REFERENCE.on_paper()
    assert twice(1.7) == autograd.grad(lambda x: x * x)(1.7)
    right = 0.3 * autograd.grad(anp.tanh)(0.6)
    np.testing.assert_allclose(tanh_gate(np.tanh(0.6), 0.3), right, rtol=1e-12, atol=0)
    rng = np.random.default_rng(0)
    w, x, y = rng.normal(size=3), rng.normal(size=3), 1.5

    def loss(w, b):
        return 0.5 * (anp.maximum(0.0, anp.dot(w, x) + b) - y) ** 2

    for argument, value in enumerate(neuron(w, bias, x, y)):
        right = autograd.grad(loss, argument)(w, bias)
        np.testing.assert_allclose(value, right, rtol=1e-12, atol=0)
