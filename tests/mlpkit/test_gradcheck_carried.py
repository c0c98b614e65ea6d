"""Iterations that carry complex numbers: the complex step is exact there, and of the wrong thing."""

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient
from mlpkit.gradcheck.measure.loops import ends_early
from tests.mlpkit.carried import KINDS, POINTS, gradient_of, point_of


def report_on(name, rtol, change=lambda g: g):
    loss = KINDS[name]
    gradient = gradient_of(loss)
    return check_gradient(lambda w: loss(w, rtol), lambda w: change(gradient(w)), point_of(loss, 0))


@pytest.mark.parametrize("name", KINDS)
def test_a_right_gradient_is_not_called_wrong(name):
    for rtol in (1e-3, 1e-6):
        report = report_on(name, rtol)
        assert report.verdict in ("correct", "inconclusive"), report
        assert not report.findings
        assert not any("zero up to rounding" in note for note in report.notes), report


@pytest.mark.soak
@pytest.mark.parametrize("name", KINDS)
def test_nor_at_other_points(name):
    loss = KINDS[name]
    for seed in range(1, 6):
        for rtol in (1e-3, 1e-4, 1e-6, 1e-8, 1e-12):
            report = check_gradient(
                lambda w, rtol=rtol: loss(w, rtol), gradient_of(loss), point_of(loss, seed)
            )
            assert report.verdict in ("correct", "inconclusive"), report


@pytest.mark.parametrize("name", KINDS)
def test_an_error_of_ten_per_cent_is_seen(name):
    def change(g):
        return g * np.linspace(0.9, 1.1, g.size)

    report = report_on(name, 1e-6, change)
    assert report.verdict == "wrong", report


def test_what_is_called_correct_is_as_good_as_the_iteration():
    for name in ("jacobi", "sinkhorn", "newton_root", "value_iteration"):
        assert report_on(name, 1e-12).bound <= 1e-9


def test_without_such_a_loop_a_small_error_everywhere_is_the_gradients():
    w = np.random.default_rng(0).normal(size=8)
    report = check_gradient(lambda w: np.exp(w).sum() + 1e-5 * np.sin(3 * w).sum(), np.exp, w)
    assert report.verdict == "wrong", report


def for_with_break():
    for i in range(9):
        if i > 3:
            break


def plain_loops():
    total = 0.0
    for i in range(9):
        if i == 3:
            continue
        try:
            total += 1 / i
        except ZeroDivisionError:
            total = 0.0
        assert total < 100
    return [k for k in range(3) if k], sum(k * k for k in range(3)), total


def test_loops_that_may_end_early_are_told_from_others():
    assert ends_early(for_with_break)
    assert not ends_early(plain_loops)
    assert not ends_early(lambda: np.linalg.svd(np.eye(3)))
    for name, loss in KINDS.items():
        assert ends_early(lambda loss=loss: loss(POINTS[loss], 1e-3)), name
