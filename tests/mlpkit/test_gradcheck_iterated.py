"""Losses that an iteration solves: a right gradient is never called wrong, a wrong one is."""

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient
from tests.mlpkit.iterated import KINDS

TOLERANCES = (1e-3, 1e-4, 1e-6, 1e-8, 1e-12)
SLOW = {"runge_kutta", "expectation_maximisation", "jacobi_slow"}
CASES = [(name, rtol) for name in KINDS for rtol in TOLERANCES if name not in SLOW or rtol >= 1e-6]


def report_on(name, rtol, factor=1.0):
    loss, gradient, x = KINDS[name](rtol)
    return check_gradient(loss, lambda w: factor * np.asarray(gradient(w)), x)


@pytest.mark.parametrize(("name", "rtol"), CASES)
def test_a_right_gradient_is_not_called_wrong(name, rtol):
    report = report_on(name, rtol)
    assert report.verdict in ("correct", "inconclusive"), report
    assert not report.findings


@pytest.mark.parametrize(("name", "rtol"), [case for case in CASES if case[1] <= 1e-6])
def test_an_error_of_ten_per_cent_is_wrong(name, rtol):
    report = report_on(name, rtol, 1.1)
    assert report.verdict == "wrong", report


@pytest.mark.parametrize("name", ["fixed_point_solver", "conjugate_gradients", "inner_newton"])
def test_the_bound_is_as_good_as_the_tolerance_allows(name):
    assert report_on(name, 1e-12).bound <= 1e-6


@pytest.mark.parametrize("factor", [0.9, 1.1])
@pytest.mark.parametrize(
    ("name", "rtol", "seed", "entry"),
    [
        ("fixed_point_solver", 1e-6, 0, 7),
        ("conjugate_gradients", 1e-4, 1, 3),
        ("conjugate_gradients", 1e-4, 1, 7),
        ("power_iteration", 1e-6, 1, 0),
        ("power_iteration", 1e-8, 0, 1),
    ],
)
def test_an_error_in_an_entry_that_the_iteration_hides_is_not_called_correct(
    name, rtol, seed, entry, factor
):
    loss, gradient, x = KINDS[name](rtol, seed)

    def wrong(w):
        g = np.array(gradient(w))
        g[entry] *= factor
        return g

    report = check_gradient(loss, wrong, x)
    assert report.verdict in ("wrong", "inconclusive"), report
