"""The reference of 02_momentum against HIPS autograd, which shares no line with it."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from autograd.scipy.special import logsumexp

from tests.assignments.reference import RTOL, assert_close, load_reference

REFERENCE = load_reference("02_momentum")

# N, p, M, K, and what W and V are multiplied by. (Where every unit of a network is saturated, the
# slopes 1 - h**2 are below rounding, as in any code that starts from h; so one of two is enough.)
CASES = {
    "all sizes differ": (6, 4, 3, 5, 1, 1),
    "one sample": (1, 7, 2, 3, 1, 1),
    "two classes": (9, 3, 5, 2, 1, 1),
    "one unit, one input": (4, 1, 1, 3, 1, 1),
    "saturated": (8, 5, 4, 3, 6, 40),
    "scores near 1000": (5, 3, 6, 4, 1, 1000),
    "digits": (200, 64, 16, 10, 1, 1),
}


@pytest.fixture(params=CASES)
def problem(request):
    """params, X, y of one case."""
    N, p, M, K, of_W, of_V = CASES[request.param]
    rng = np.random.default_rng(len(request.param))
    params = REFERENCE.random_params(p, M, K, rng)
    params["W"], params["V"] = of_W * params["W"], of_V * params["V"]
    return params, rng.normal(size=(N, p)), rng.integers(K, size=N)


def risk(params, X, y):
    S = anp.dot(X, params["W"].T) + params["b"]
    F = anp.dot(anp.tanh(S), params["V"].T) + params["c"]
    return anp.sum(logsumexp(F, axis=1) - F[anp.arange(len(y)), y])


def loss(params, x, y):
    return risk(params, x[None], np.array([y]))


def test_risk_and_its_gradient(problem):
    R, gradient = REFERENCE.risk_gradient(*problem)
    right = grad(risk)(*problem)
    assert_close(np.array([R, REFERENCE.risk(*problem)]), np.full(2, risk(*problem)))
    assert set(gradient) == set(right)
    for name in right:
        assert_close(gradient[name], right[name])


def test_the_boxes_of_one_sample(problem):
    params, x, y = problem[0], problem[1][0], int(problem[2][0])
    f = REFERENCE.predict(params, x)
    s = params["b"] + params["W"] @ x
    df = REFERENCE.dL_df(y, f)
    right = grad(loss)(params, x, y)
    assert_close(np.array([REFERENCE.loss(y, f)]), np.array([loss(params, x, y)]))
    assert_close(df, grad(lambda f: logsumexp(f) - f[y])(f))
    assert_close(REFERENCE.dlogsum_df(f), grad(logsumexp)(f))
    assert_close(REFERENCE.dL_dc(df), right["c"])
    for k, j in np.ndindex(right["V"].shape):
        entry = np.array([REFERENCE.dL_dV_entry(df, np.tanh(s), k, j)])
        assert_close(entry, right["V"][k, j][None])
    assert_close(REFERENCE.dL_dV(df, np.tanh(s)), right["V"])
    assert_close(REFERENCE.dL_db(params, x, df), right["b"])
    assert_close(REFERENCE.dL_dW(params, x, df), right["W"])


def test_the_steps_between_the_boxes(problem):
    params, x, y = problem[0], problem[1][0], int(problem[2][0])
    V, c, s = params["V"], params["c"], params["b"] + params["W"] @ x

    def of_hidden(h):
        f = c + anp.dot(V, h)
        return logsumexp(f) - f[y]

    dh = REFERENCE.dL_dh(V, REFERENCE.dL_df(y, c + V @ np.tanh(s)))
    assert_close(dh, grad(of_hidden)(np.tanh(s)))
    assert_close(REFERENCE.dL_ds(s, dh), grad(lambda s: of_hidden(anp.tanh(s)))(s))


def test_float32_stays_float32(problem):
    params, X, y = problem
    single = {name: array.astype(np.float32) for name, array in params.items()}
    R, gradient = REFERENCE.risk_gradient(single, X.astype(np.float32), y)
    assert {array.dtype for array in [R, *gradient.values()]} == {np.dtype(np.float32)}


def test_complex_parameters_pass_through(problem):
    """So that the checker's complex step sees the reference too."""
    params, X, y = problem
    for name, right in grad(risk)(params, X, y).items():
        moved = {**params, name: params[name] + 1e-30j}
        for R in (REFERENCE.risk(moved, X, y), REFERENCE.risk_gradient(moved, X, y)[0]):
            assert abs(R.imag / 1e-30 - right.sum()) <= RTOL * np.abs(right).sum()
