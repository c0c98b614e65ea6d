"""A rung is right if it is the derivative of the trusted forward pass, and the message says so."""

import re

import numpy as np
import pytest

from mlpkit.testing import assert_derivative

RNG = np.random.default_rng(0)
V, C, H = RNG.normal(size=(3, 2)), RNG.normal(size=3), RNG.normal(size=2)


def outputs(h):
    return C + V @ np.tanh(h)


def loss(h):
    return np.log(np.exp(outputs(h)).sum()) - outputs(h)[0]


DF = np.exp(outputs(H)) / np.exp(outputs(H)).sum() - np.eye(3)[0]
SLOPES = 1 - np.tanh(H) ** 2


def message_of(value, function=loss, at=H, **options):
    with pytest.raises(AssertionError) as caught:
        assert_derivative(value, function, at, "dL/dh", of="L", wrt="h", **options)
    return str(caught.value)


def test_gradient_jacobian_and_vector_jacobian_product():
    assert_derivative(SLOPES * (V.T @ DF), loss, H, "dL/dh", of="L", wrt="h")
    assert_derivative(V * SLOPES, outputs, H, "df/dh", of="f", wrt="h")
    assert_derivative(SLOPES * (V.T @ C), outputs, H, "the product", of="f", wrt="h", upstream=C)
    assert_derivative(2.0, lambda x: x**2, 1.0, "slope", of="x²", wrt="x")


def test_a_jacobian_has_the_indices_of_the_output_first():
    X = RNG.normal(size=(2, 3))
    jacobian = np.zeros((2, 2, 3))
    jacobian[0, 0] = jacobian[1, 1] = [1.0, 2.0, 3.0]
    assert_derivative(
        jacobian, lambda X: X @ np.array([1.0, 2.0, 3.0]), X, "df/dX", of="f", wrt="X"
    )


def test_the_message_says_which_derivative_and_where_it_departs():
    wrong = SLOPES * (V.T @ DF)
    wrong[1] += 1
    message = message_of(wrong)
    assert message.startswith("dL/dh: the derivative of L with respect to h, all else as in the")
    assert "1 of 2 entries is wrong, the worst at [1]: yours" in message


def test_hidden_says_what_is_wrong_but_no_values_and_no_places():
    wrong = SLOPES * (V.T @ DF)
    wrong[1] += 1
    message = message_of(wrong, hidden=True)
    assert "the value is wrong.\n" in message
    assert not re.search(r"yours|right |\[|\d", message.partition(": the value")[2])
    scalar = message_of(3.5, lambda x: x**2, 1.0, hidden=True)
    assert "3.5" not in scalar and "the value is wrong" in scalar


def test_hints_are_matched_as_in_assert_array():
    message = message_of(V.T @ DF, hints={"the slope is missing": V.T @ DF})
    assert "Likely cause: the slope is missing." in message


def test_the_shape_and_the_type_are_checked_first():
    assert "expected (2,)" in message_of((V.T @ DF)[:, None])
    assert "you returned a list" in message_of(list(V.T @ DF))
    assert "expected a single number" in message_of(np.ones(2), lambda x: x**2, 1.0)


@pytest.mark.parametrize("function", [lambda h: np.abs(h).sum(), lambda h: float(np.hypot(*h))])
def test_richardson_where_complex_numbers_cannot_pass(function):
    right = np.sign(H) if function(np.array([3.0, 4.0])) == 7 else H / np.hypot(*H)
    assert_derivative(right, function, H, "slope", of="L", wrt="h")
    assert "wrong" in message_of(right * (1 + 1e-5), function)


def test_float32_is_expected_where_the_point_is_float32():
    single = H.astype(np.float32)
    right = (1 - np.tanh(single) ** 2) * (V.T @ DF).astype(np.float32)
    assert_derivative(right, loss, single, "dL/dh", of="L", wrt="h")
    assert "float32" in message_of(right, loss, H)


def test_the_derivative_of_something_else_is_wrong():
    assert "wrong" in message_of(DF[:2])
