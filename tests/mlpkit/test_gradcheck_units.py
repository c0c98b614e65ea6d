"""Entries of very unlike units, and next to the edge of a domain, by real differences."""

import numpy as np
import pytest
from scipy.special import gammaln, psi

from mlpkit.gradcheck import check_gradient

U = np.array([1e12, 1.0, 1e-12])
CASES = {
    "log": (lambda x: -np.log(x).sum(), lambda x: -1 / x, [1e-12, 0.9, 3e-5]),
    "log of almost nothing": (lambda x: -np.log(x).sum(), lambda x: -1 / x, [1e-100, 0.9, 3e-5]),
    "root": (lambda x: np.sqrt(x).sum(), lambda x: 0.5 / np.sqrt(x), [1e-10, 1e-3, 4.0]),
    "gammaln": (lambda x: gammaln(x).sum(), psi, [1e-12, 1.0, 50.0]),
    "squares": (lambda x: ((x * U) ** 2).sum(), lambda x: 2 * x * U**2, [1e-12, 1.0, 1e12]),
    "wave": (lambda x: np.cos(x @ U), lambda x: -U * np.sin(x @ U), [0.3e-12, 1.0, 0.7e12]),
    "a weight next to zero": (lambda x: np.exp(x).sum(), np.exp, [1e-17, 1.0, 0.7, -0.3]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_right_gradient_is_right_and_one_per_cent_in_any_entry_is_not(name):
    loss, gradient, x = CASES[name]

    def real(x):
        return float(loss(np.real(x)))

    assert check_gradient(real, gradient, np.array(x)).verdict == "correct"
    for i in range(len(x)):
        off = 1 + 0.01 * (np.arange(len(x)) == i)
        report = check_gradient(real, lambda x, off=off: gradient(x) * off, np.array(x))
        assert report.verdict == "wrong", (i, str(report))


def test_entries_outside_of_whose_usual_step_the_loss_ends():
    """x log x hardly changes by the first entry, so nothing but the domain gives its size."""

    def loss(x):
        return float((np.real(x) * np.log(np.real(x))).sum())

    report = check_gradient(loss, lambda x: np.log(x) + 1, np.array([1e-12, 0.9, 3e-5]))
    assert report.verdict == "correct", str(report)
