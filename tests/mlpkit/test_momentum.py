"""Momentum on quadratics: theory against the method run as it is written, and both against
wrong conventions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpkit import momentum
from mlpkit.momentum import (
    Quadratic,
    assert_rate,
    assert_trajectory,
    best_parameters,
    best_step_size,
    convergence_rate,
    observed_rate,
    observed_recurrence,
    spectral_radius,
    step_matrix,
    trajectory,
)
from mlpkit.momentum.conventions import OTHERS, iterates_of

CURVATURES = [0.1, 1.0, 4.0]
GAMMA, ALPHA, STEPS = 0.3, 0.2, 40
QUADRATIC = Quadratic(CURVATURES, random_state=0)
THETA0 = np.array([1.0, 2.0, -3.0])


def descend(quadratic, theta0, gamma, alpha, steps):
    """Domke's step as the note writes it."""
    theta, phi = theta0, np.zeros_like(theta0)
    iterates = [theta]
    for _ in range(steps):
        phi = (1 - alpha) * phi + alpha * quadratic.gradient(theta)
        theta = theta - gamma * phi
        iterates.append(theta)
    return np.array(iterates)


RIGHT = descend(QUADRATIC, THETA0, GAMMA, ALPHA, STEPS)


# The quadratic ------------------------------------------------------------------------------------


def test_the_quadratic_has_the_curvatures_and_the_minimiser_it_was_given():
    quadratic = Quadratic([3.0, 0.5], minimiser=[1.0, -2.0], random_state=1)
    np.testing.assert_allclose(np.linalg.eigvalsh(quadratic.hessian), [0.5, 3.0], rtol=1e-13)
    np.testing.assert_array_equal(quadratic.gradient(quadratic.minimiser), 0)
    assert quadratic.value(np.array([1.0, -2.0])) == 0
    assert quadratic.value(np.array([1.5, -2.0])) > 0


def test_the_gradient_is_the_derivative_of_the_value():
    step = 1e-6 * np.eye(3)
    numeric = [(QUADRATIC.value(THETA0 + h) - QUADRATIC.value(THETA0 - h)) / 2e-6 for h in step]
    np.testing.assert_allclose(QUADRATIC.gradient(THETA0), numeric, rtol=1e-7)


def test_a_rotation_mixes_the_axes_and_no_seed_leaves_them():
    assert (np.abs(QUADRATIC.hessian) > 1e-3).all()
    np.testing.assert_array_equal(Quadratic([1.0, 2.0]).hessian, np.diag([1.0, 2.0]))
    np.testing.assert_allclose(QUADRATIC.directions @ QUADRATIC.directions.T, np.eye(3), atol=1e-14)


def test_distances_are_the_same_along_the_directions():
    by_direction = np.linalg.norm(QUADRATIC.coordinates(RIGHT), axis=1)
    np.testing.assert_allclose(QUADRATIC.distance(RIGHT), by_direction, rtol=1e-13)


def test_a_student_cannot_change_the_quadratic():
    with pytest.raises(ValueError, match="read-only"):
        QUADRATIC.minimiser -= 1


@pytest.mark.parametrize("curvatures", [[], [1.0, 0.0], [1.0, -1.0], [[1.0]]])
def test_curvatures_must_be_positive_numbers(curvatures):
    with pytest.raises(ValueError, match="expected a list of positive numbers"):
        Quadratic(curvatures)


def test_the_minimiser_must_fit():
    with pytest.raises(ValueError, match=r"shape \(3,\), expected \(2,\)"):
        Quadratic([1.0, 2.0], minimiser=np.zeros(3))


# Theory -------------------------------------------------------------------------------------------

parameters = {
    "curvature": st.floats(0.01, 10),
    "gamma": st.floats(0.01, 2),
    "alpha": st.floats(0.02, 1),
}


@settings(deadline=None)
@given(**parameters)
def test_the_step_matrix_is_one_step_of_the_method(curvature, gamma, alpha):
    theta, phi = 1.7, -0.4
    new_phi = (1 - alpha) * phi + alpha * curvature * theta
    new_theta = theta - gamma * new_phi
    moved = step_matrix(curvature, gamma, alpha) @ [theta, phi]
    np.testing.assert_allclose(moved, [new_theta, new_phi], rtol=1e-12, atol=1e-12)


@settings(deadline=None)
@given(**parameters)
def test_the_spectral_radius_is_that_of_the_step_matrix(curvature, gamma, alpha):
    eigenvalues = np.linalg.eigvals(step_matrix(curvature, gamma, alpha))
    # a double eigenvalue is found by eigvals to the root of the rounding error only
    np.testing.assert_allclose(
        spectral_radius(curvature, gamma, alpha), np.abs(eigenvalues).max(), rtol=1e-6
    )


@settings(deadline=None, max_examples=40)
@given(
    p=st.integers(1, 5),
    gamma=st.floats(0.05, 1),
    alpha=st.floats(0.02, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_trajectory_is_that_of_the_method(p, gamma, alpha, seed):
    random = np.random.default_rng(seed)
    quadratic = Quadratic(np.exp(random.uniform(-3, 1, p)), random_state=random)
    theta0 = random.normal(size=p)
    run = descend(quadratic, theta0, gamma, alpha, 60)
    assert_trajectory(run, quadratic, theta0, gamma, alpha, 60)
    assert_rate(run, quadratic, gamma, alpha)


def test_without_momentum_the_rate_is_that_of_gradient_descent():
    np.testing.assert_allclose(
        spectral_radius(CURVATURES, 0.4, 1.0), np.abs(1 - 0.4 * np.array(CURVATURES)), rtol=1e-14
    )


@pytest.mark.parametrize("kappa", [1.5, 10.0, 1e4])
def test_nothing_is_faster_than_the_best_parameters(kappa):
    alpha, gamma, rate = best_parameters(0.5, 0.5 * kappa)
    curvatures = np.geomspace(0.5, 0.5 * kappa, 50)
    # at a double eigenvalue the radius moves by the root of the rounding error
    np.testing.assert_allclose(convergence_rate(curvatures, gamma, alpha), rate, rtol=1e-6)
    around = [
        convergence_rate(curvatures, gamma * a, min(1.0, alpha * b))
        for a in np.linspace(0.7, 1.3, 21)
        for b in np.linspace(0.7, 1.3, 21)
    ]
    assert min(around) > rate * (1 - 1e-6)


def test_the_best_step_size_is_best_without_momentum():
    gamma, rate = best_step_size(0.5, 8.0)
    assert convergence_rate([0.5, 8.0], gamma, 1.0) == pytest.approx(rate, rel=1e-14)
    for other in np.linspace(0.5, 1.5, 10) * gamma:
        assert convergence_rate([0.5, 8.0], other, 1.0) >= rate


def test_momentum_pays_by_the_root_of_the_condition_number():
    assert best_parameters(1.0, 100.0)[2] == pytest.approx(9 / 11)
    assert best_step_size(1.0, 100.0)[1] == pytest.approx(99 / 101)
    assert best_parameters(2.0, 2.0) == pytest.approx((1.0, 0.5, 0.0))


@pytest.mark.parametrize("ends", [(0.0, 1.0), (2.0, 1.0), (1.0, np.inf), (-1.0, 1.0)])
def test_curvatures_out_of_order_are_refused(ends):
    for best in (best_parameters, best_step_size):
        with pytest.raises(ValueError, match="expected 0 < smallest <= largest"):
            best(*ends)


# What is observed ---------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(alpha=st.floats(0.05, 0.5), gamma=st.floats(0.2, 0.7), seed=st.integers(0, 2**32 - 1))
def test_the_observed_rate_is_near_the_theory_however_distances_oscillate(alpha, gamma, seed):
    random = np.random.default_rng(seed)
    quadratic = Quadratic(np.exp(random.uniform(-3, 1, 3)), random_state=random)
    theta0 = quadratic.minimiser + quadratic.directions.sum(axis=1)  # as much of each direction
    path = trajectory(quadratic, theta0, gamma, alpha, 300)
    rate = convergence_rate(quadratic.curvatures, gamma, alpha)
    assert observed_rate(quadratic.distance(path)) == pytest.approx(rate, rel=0.05)


def test_a_geometric_sequence_has_its_own_rate():
    assert observed_rate(0.9 ** np.arange(50)) == pytest.approx(0.9, rel=1e-12)
    assert observed_rate(1.1 ** np.arange(50)) == pytest.approx(1.1, rel=1e-12)
    assert observed_rate(0.5 ** np.arange(2000)) == pytest.approx(0.5, rel=1e-12)


def test_zeros_of_the_oscillation_do_not_bias_the_observed_rate():
    k = np.arange(121)
    distances = 0.95**k * np.abs(np.cos(0.5 * k + 0.3))
    assert observed_rate(distances) == pytest.approx(0.95, rel=1e-3)
    plain_fit = np.exp(np.polyfit(k[40:], np.log(distances[40:]), 1)[0])
    assert abs(plain_fit - 0.95) > 5 * abs(observed_rate(distances) - 0.95)


@pytest.mark.parametrize("distances", [[], [1.0, 0.5, 0.2], [1.0, 0.0, 0.0, 0.0, 0.0]])
def test_too_few_distances_are_refused(distances):
    with pytest.raises(ValueError, match="expected at least 4"):
        observed_rate(distances)


@pytest.mark.parametrize("distances", [[1.0, np.nan, 1, 1], [1.0, -1, 1, 1], np.ones((5, 2))])
def test_distances_are_numbers_in_a_row(distances):
    with pytest.raises(ValueError, match="finite distances, none negative"):
        observed_rate(distances)


def test_the_simplest_recurrence_is_taken_where_many_fit():
    quadratic = Quadratic([2.0], minimiser=[1.0])
    path = trajectory(quadratic, np.array([3.0]), 0.2, 1.0, 10)
    assert observed_recurrence(path, quadratic) == pytest.approx((0.2, 0.0, 0.0), abs=1e-12)


def test_the_recurrence_gives_step_and_momentum_back():
    eta, beta, misfit = observed_recurrence(RIGHT, QUADRATIC)
    assert eta == pytest.approx(GAMMA * ALPHA, rel=1e-10)
    assert beta == pytest.approx(1 - ALPHA, rel=1e-10)
    assert misfit < 1e-10


def test_the_recurrence_is_found_on_a_divergent_path():
    eta, beta, misfit = observed_recurrence(descend(QUADRATIC, THETA0, 3.0, 0.9, 200), QUADRATIC)
    assert (eta, beta) == (pytest.approx(2.7, rel=1e-10), pytest.approx(0.1, rel=1e-9))
    assert misfit < 1e-10


# Checks -------------------------------------------------------------------------------------------


def told(check, *args, **kwargs):
    with pytest.raises(AssertionError) as caught:
        check(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize("message", OTHERS)
def test_a_wrong_convention_is_called_by_its_name(message):
    wrong = iterates_of(OTHERS[message], QUADRATIC.gradient, THETA0, GAMMA, ALPHA, STEPS)
    text = told(assert_trajectory, wrong, QUADRATIC, THETA0, GAMMA, ALPHA, STEPS)
    assert f"Likely cause: {message}." in text


def test_conventions_with_translated_parameters_are_the_same_method():
    beta, eta = 1 - ALPHA, GAMMA * ALPHA
    theta = before = THETA0
    polyak = [theta]
    for _ in range(STEPS):
        theta, before = theta - eta * QUADRATIC.gradient(theta) + beta * (theta - before), theta
        polyak.append(theta)
    assert_trajectory(np.array(polyak), QUADRATIC, THETA0, GAMMA, ALPHA, STEPS)
    w, v = THETA0, np.zeros(3)
    cs231n = [w]
    for _ in range(STEPS):
        v = beta * v - eta * QUADRATIC.gradient(w)
        w = w + v
        cs231n.append(w)
    assert_trajectory(np.array(cs231n), QUADRATIC, THETA0, GAMMA, ALPHA, STEPS)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (RIGHT[1:], "row 0 should be theta0"),
        (RIGHT[:-1], "the last step is missing"),
        (RIGHT[-1], "only the last iterate is returned"),
        (np.array([RIGHT[-1]] * (STEPS + 1)), "store theta.copy()"),
        (list(RIGHT), "you returned a list"),
        (RIGHT[:1], "shape (1, 3), expected (41, 3)"),
        (np.where(RIGHT[7] == RIGHT, np.nan, RIGHT), "not finite"),
        (RIGHT * (1 + 1e-7), "entries are wrong"),
    ],
)
def test_a_trajectory_in_the_wrong_form_is_described(wrong, says):
    assert says in told(assert_trajectory, wrong, QUADRATIC, THETA0, GAMMA, ALPHA, STEPS)


@pytest.mark.parametrize(
    ("gamma", "alpha", "says"),
    [
        (GAMMA, 1 - ALPHA, "Likely cause: alpha and 1 - alpha are swapped."),
        (GAMMA / ALPHA, ALPHA, "the gradient is not multiplied by alpha"),
        (GAMMA / (1 - ALPHA), 1 - ALPHA, "beta = alpha was taken"),
        (GAMMA * ALPHA, 1.0, "phi is not carried over"),
        (GAMMA, 1.0, "there is no momentum"),
        (-GAMMA, ALPHA, "the sign of the step"),
        (GAMMA / 2, ALPHA / 2, "expected gamma alpha = 0.06 and 1 - alpha = 0.8"),
    ],
)
def test_a_wrong_rate_is_told_with_its_cause(gamma, alpha, says):
    path = trajectory(QUADRATIC, THETA0, gamma, alpha, STEPS)
    text = told(assert_rate, path, QUADRATIC, GAMMA, ALPHA)
    assert says in text
    assert f"{convergence_rate(CURVATURES, GAMMA, ALPHA):.6g} for gamma = 0.3" in text


def test_the_best_parameters_pass_at_their_double_eigenvalues():
    alpha, gamma, _ = best_parameters(0.1, 4.0)
    assert_rate(descend(QUADRATIC, THETA0, gamma, alpha, 300), QUADRATIC, gamma, alpha)


def test_a_divergent_descent_has_a_rate_too():
    assert_rate(descend(QUADRATIC, THETA0, 3.0, 0.9, 200), QUADRATIC, 3.0, 0.9)


@pytest.mark.parametrize("steps", [3, 5])
def test_few_steps_are_enough_for_the_rate(steps):
    assert_rate(descend(QUADRATIC, THETA0, GAMMA, ALPHA, steps), QUADRATIC, GAMMA, ALPHA)


SHRINK = convergence_rate(CURVATURES, GAMMA, ALPHA) ** np.arange(STEPS + 1)


@pytest.mark.parametrize(
    "drawn",
    [
        QUADRATIC.minimiser + SHRINK[:, None] * (THETA0 - QUADRATIC.minimiser),
        np.tile(THETA0, (STEPS + 1, 1)),
        np.tile(QUADRATIC.minimiser, (STEPS + 1, 1)),
        np.concatenate([RIGHT[:20], np.tile(QUADRATIC.minimiser, (21, 1))]),
        np.concatenate([RIGHT[:30], RIGHT[29:-1]]),
        np.random.default_rng(0).normal(size=(STEPS + 1, 3)),
    ],
    ids=["drawn by hand", "does not move", "begins at the end", "jumps", "pauses", "random"],
)
def test_a_path_that_no_momentum_method_made_does_not_pass(drawn):
    assert "rate of convergence: " in told(assert_rate, drawn, QUADRATIC, GAMMA, ALPHA)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (None, "you returned NoneType"),
        (list(RIGHT), "you returned list"),
        (RIGHT[0], "an array of shape (3,), expected floats of shape (steps + 1, 3)"),
        (RIGHT[:3], "an array of shape (3, 3)"),
        (RIGHT.T, "an array of shape (3, 41)"),
        (np.where(RIGHT[7] == RIGHT, np.nan, RIGHT), "NaN or infinity, first in row 7"),
        (RIGHT.astype(object), "an array of dtype object"),
    ],
)
def test_iterates_in_the_wrong_form_have_no_rate(wrong, says):
    assert says in told(assert_rate, wrong, QUADRATIC, GAMMA, ALPHA)


def test_parameters_that_arrive_at_once_have_no_rate_to_measure():
    with pytest.raises(ValueError, match="no rate to measure"):
        assert_rate(RIGHT, Quadratic([2.0, 2.0, 2.0]), 0.5, 1.0)


def test_every_public_name_exists_and_is_described():
    assert momentum.__all__ == sorted(momentum.__all__)
    for name in momentum.__all__:
        assert getattr(momentum, name).__doc__
