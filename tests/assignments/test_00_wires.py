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


@pytest.mark.parametrize("bias", [-5.0, 0.2, 4.0])  # silent, and not
def test_the_neurons_gradient_agrees_with_autodiff(bias):
    rng = np.random.default_rng(0)
    w, x, y = rng.normal(size=3), rng.normal(size=3), 1.5

    def loss(w, b, x):
        return 0.5 * (anp.maximum(0.0, anp.dot(w, x) + b) - y) ** 2

    found = REFERENCE.neuron_gradient(w, bias, x, y)
    for value, argument in zip(found, range(3), strict=True):
        right = autograd.grad(loss, argument)(w, bias, x)
        np.testing.assert_allclose(value, right, rtol=1e-12, atol=0)


def test_multiplications_are_those_that_numpy_is_asked_for():
    """One product forward is two backward: X.T @ G and G @ W.T, counted by their sizes."""
    sizes = [3, 5, 2, 4]
    pairs = list(zip(sizes, sizes[1:], strict=False))
    forward = sum(np.outer(np.ones(n), np.ones(m)).size for n, m in pairs)
    assert REFERENCE.multiplications(sizes) == (forward, 2 * forward, 2 * forward * forward)
