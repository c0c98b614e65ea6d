"""What people outside the course need: arguments, bounds, tolerances, Jacobians, rates, pytest."""

import subprocess
import sys

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient, check_jacobian, taylor_test
from tests.mlpkit.mistakes import reader

X = np.array([1.3, 0.7, 0.8, 1.9])


def cubes(x, scale=1.0):
    return scale * (x**3).sum()


def cubes_gradient(x, scale=1.0):
    return scale * 3 * x**2


def test_args_reach_both_functions():
    assert check_gradient(cubes, cubes_gradient, X, args=(2.5,)).verdict == "correct"
    assert check_gradient(cubes, cubes_gradient, X, args=2.5).verdict == "correct"
    wrong = check_gradient(cubes, lambda x, scale: cubes_gradient(x), X, args=(2.5,))
    assert wrong.verdict == "wrong"


def test_the_loss_is_never_evaluated_outside_its_bounds():
    seen = []

    def loss(x):
        seen.append(np.array(x))
        return np.log(x).sum()

    x = np.array([1e-6, 0.5])
    for bounds in ([(0, None), (0, 1)], [(1e-7, 1), (None, 0.5 + 1e-9)]):
        report = check_gradient(loss, lambda x: 1 / x, x, bounds=bounds, method="real")
        assert report.verdict != "wrong"
        low, high = (np.array([b if b is not None else s for b in side], dtype=float)
                     for side, s in zip(zip(*bounds, strict=True), (-np.inf, np.inf), strict=True))  # fmt: skip
        assert all(np.all((low <= at) & (at <= high)) for at in seen)
        seen.clear()


def test_bounds_of_scipy_and_bounds_that_fit_nothing():
    scipy_optimize = pytest.importorskip("scipy.optimize")
    bounds = scipy_optimize.Bounds(0, np.inf)
    assert check_gradient(cubes, cubes_gradient, X, bounds=bounds).verdict == "correct"
    with pytest.raises(ValueError, match="bounds for 3 entries, and params has 4"):
        check_gradient(cubes, cubes_gradient, X, bounds=[(0, 1)] * 3)
    with pytest.raises(ValueError, match="entry 3 of params is 1.9, outside"):
        check_gradient(cubes, cubes_gradient, X, bounds=[(0, 1.5)] * 4)


def test_rtol_accepts_small_errors_and_no_larger_ones():
    def off(size):
        return lambda x: cubes_gradient(x) * (1 + size)

    assert check_gradient(cubes, off(1e-5), X).verdict != "correct"
    assert check_gradient(cubes, off(1e-5), X, rtol=1e-4).verdict == "correct"
    assert check_gradient(cubes, off(1e-3), X, rtol=1e-4).verdict == "wrong"


def test_methods():
    assert "complex" in check_gradient(cubes, cubes_gradient, X, method="complex").method
    assert "differences" in check_gradient(cubes, cubes_gradient, X, method="real").method
    dropped = check_gradient(lambda x: (np.abs(x) ** 3).sum(), cubes_gradient, X, method="complex")
    assert dropped.verdict == "inconclusive"
    assert "imaginary" in dropped.reason
    with pytest.raises(ValueError, match="choose one of auto, complex, real"):
        check_gradient(cubes, cubes_gradient, X, method="central")


def waves(x):
    return np.array([np.sin(x[0] * x[1]), x[2] ** 2 * 1e6, np.exp(-x[3]) * 1e-6, x.sum()])


def waves_jacobian(x):
    J = np.zeros((4, 4))
    J[0, :2] = np.cos(x[0] * x[1]) * x[1::-1]
    J[1, 2], J[2, 3], J[3] = 2e6 * x[2], -1e-6 * np.exp(-x[3]), 1
    return J


def test_a_right_jacobian_with_rows_of_all_sizes():
    assert check_jacobian(waves, waves_jacobian, X).verdict == "correct"


@pytest.mark.parametrize("row, column", [(0, 1), (1, 2), (2, 3), (3, 0)])
def test_one_wrong_entry_of_a_jacobian_is_named(row, column):
    def wrong(x):
        J = waves_jacobian(x)
        J[row, column] *= 1 + 1e-6
        return J

    report = check_jacobian(waves, wrong, X)
    assert report.verdict == "wrong"
    assert f"df[{row}]/dx" in str(report)
    assert report.findings[0].index == (column,)


def test_a_hessian_is_the_jacobian_of_a_gradient():
    optimize = pytest.importorskip("scipy.optimize")
    assert check_jacobian(optimize.rosen_der, optimize.rosen_hess, X).verdict == "correct"
    half = check_jacobian(optimize.rosen_der, lambda x: optimize.rosen_hess(x) / 2, X)
    assert "half" in str(half)


def test_jacobians_of_other_shapes_and_sparse_ones():
    sparse = pytest.importorskip("scipy.sparse")
    assert check_jacobian(waves, lambda x: sparse.csr_array(waves_jacobian(x)), X).ok
    square = check_jacobian(lambda x: np.outer(x, x), lambda x: np.einsum("ik,j->ijk", np.eye(4), x)
                            + np.einsum("jk,i->ijk", np.eye(4), x), X)  # fmt: skip
    assert square.ok
    with pytest.raises(ValueError, match="transposed"):
        check_jacobian(lambda x: x[:2] ** 2, lambda x: np.zeros((4, 2)), X)


@pytest.mark.parametrize("size", [1e-3, 1.0])
def test_the_cost_of_a_jacobian_does_not_grow_with_it(size):
    def evaluations(n):
        A = np.random.default_rng(0).normal(size=(n, n)) / n

        def jacobian(x):
            return (1 - np.tanh(A @ x) ** 2)[:, None] * A

        report = check_jacobian(lambda x: np.tanh(A @ x), jacobian, np.full(n, size))
        assert report.ok
        return report.evaluations

    assert evaluations(400) <= 2 * evaluations(20)


def test_rates_of_convergence():
    right, wrong = (
        taylor_test(cubes, cubes_gradient, X),
        taylor_test(cubes, lambda x: 3.2 * x**2, X),
    )
    assert abs(right.rate - 2) < 0.05
    assert abs(wrong.rate - 1) < 0.25
    straight = taylor_test(lambda x: 3 * x.sum(), lambda x: 3 * np.ones(4), X)
    assert np.isnan(straight.rate)
    assert "shrinks like h^2" in str(right) and "the gradient is wrong" in str(wrong)
    assert "no rate: the remainder is rounding alone" in str(straight)


def test_the_convergence_figure():
    plt = pytest.importorskip("matplotlib.pyplot")
    ax = taylor_test(cubes, cubes_gradient, X).plot()
    assert len(ax.lines) == 4  # both columns, both slopes
    assert "shrinks like $h^2$" in ax.get_title()
    plt.close(ax.figure)


TEST_FILE = """
import numpy as np
from mlpkit import assert_gradient

def test_mine():
    assert_gradient(lambda x: (x**2).sum(), lambda x: x, np.ones(3))
"""


def test_a_failed_assertion_shows_the_report_and_none_of_our_frames(tmp_path):
    (tmp_path / "test_it.py").write_text(TEST_FILE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "yours is half of the right one" in done.stdout
    assert "check.py" not in done.stdout
    assert "raise GradientError" not in done.stdout


def test_where_to_look_when_no_cause_is_known():
    bank = reader.read("layers")
    mistake = next(m for m in bank if m.model == "elman" and m.name == "not back through time")
    loss, gradient, params, *_ = reader.build(mistake)
    report = check_gradient(loss, gradient, params)
    assert any("dL/dv is right and" in note for note in report.notes)
