"""Functions at the points where people begin and end: zeros, ties, limits, guards, saturated."""

import math

import numpy as np
import pytest
import scipy.special as sp

from mlpkit import check_gradient

FUNCTIONS = [
    ("gammaln", sp.gammaln, sp.psi, [0.1, 1.0, 2.0, 1e3]),
    ("gammaln at min", sp.gammaln, sp.psi, [1.4616321449683623]),
    ("erf 0", sp.erf, lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x), [0.0, 1e-8, 3.0, -6.0]),
    (
        "log_ndtr",
        sp.log_ndtr,
        lambda x: np.exp(-x * x / 2 - sp.log_ndtr(x)) / math.sqrt(2 * math.pi),
        [-30.0, -3.0, 0.0, 3.0, 8.0],
    ),
    ("expit", sp.expit, lambda x: sp.expit(x) * sp.expit(-x), [-40.0, 0.0, 40.0]),
    ("j0", sp.j0, lambda x: -sp.j1(x), [0.0, 1.0, 50.0]),
    ("i0e", sp.i0e, lambda x: sp.i1e(x) - np.sign(x) * sp.i0e(x), [1.0, 20.0, 700.0]),
    ("entr", sp.entr, lambda x: -np.log(x) - 1, [1e-10, 0.3, 1.0]),
    (
        "zeta",
        sp.zeta,
        lambda x: np.array([-0.9375482543158437537, -0.19812624288563685333]),
        [2.0, 3.0],
    ),
    (
        "erfcx",
        sp.erfcx,
        lambda x: 2 * x * sp.erfcx(x) - 2 / math.sqrt(math.pi),
        [-2.0, 0.0, 1.0, 5.0],
    ),
    (
        "lambertw",
        lambda x: sp.lambertw(x).real,
        lambda x: (lambda w: np.exp(-w) / (1 + w))(sp.lambertw(x).real),
        [0.0, 1.0, 10.0],
    ),
    (
        "ellipk",
        sp.ellipk,
        lambda m: sp.ellipe(m) / (2 * m * (1 - m)) - sp.ellipk(m) / (2 * m),
        [0.1, 0.5, 0.999],
    ),
    (
        "sinc",
        np.sinc,
        lambda x: np.where(
            x == 0,
            0,
            (np.cos(np.pi * x) * np.pi * x - np.sin(np.pi * x))
            / (np.pi * np.where(x == 0, 1, x) ** 2),
        ),
        [0.0, 0.5, 2.0],
    ),
    ("kl_div", lambda x: sp.kl_div(x, 2.0), lambda x: np.log(x / 2), [2.0, 0.1, 5.0]),
    ("logit", sp.logit, lambda x: 1 / x / (1 - x), [0.5, 1e-9, 1 - 1e-6]),
    ("arctan2", lambda x: np.arctan2(x, 1.0), lambda x: 1 / (1 + x * x), [0.0, 1.0, -3.0]),
    ("hypot", lambda x: np.hypot(x, 1.0), lambda x: x / np.hypot(x, 1), [0.0, 1.0, -3.0]),
    ("cbrt", np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2), [1.0, 8.0, -1.0, 1e-6]),
    (
        "betainc",
        lambda x: sp.betainc(2.0, 3.0, x),
        lambda x: x * (1 - x) ** 2 / sp.beta(2, 3),
        [0.1, 0.5, 0.9],
    ),
    (
        "power |x|^1.5 at 0",
        lambda x: np.abs(x) ** 1.5,
        lambda x: 1.5 * np.sign(x) * np.abs(x) ** 0.5,
        [0.0, 1.0, -2.0],
    ),
    ("exp(-1/x)", lambda x: np.exp(-1 / x), lambda x: np.exp(-1 / x) / x**2, [0.01, 0.1, 1.0]),
    (
        "x^2 sin(1/x)-like",
        lambda x: x**2 * np.sin(3 / x),
        lambda x: 2 * x * np.sin(3 / x) - 3 * np.cos(3 / x),
        [0.1, 0.5],
    ),
    (
        "smoothstep",
        lambda x: np.where(x < 0, 0, np.where(x > 1, 1, x * x * (3 - 2 * x))),
        lambda x: np.where((x > 0) & (x < 1), 6 * x * (1 - x), 0),
        [0.0, 0.5, 1.0, 1.2, -1.0],
    ),
    (
        "huber at delta",
        lambda x: sp.huber(1.0, x),
        lambda x: np.clip(x, -1, 1),
        [1.0, -1.0, 0.5, 3.0],
    ),
    (
        "logcosh",
        lambda x: np.abs(x) + np.log1p(np.exp(-2 * np.abs(x))) - np.log(2),
        np.tanh,
        [0.0, 1e-8, 400.0],
    ),
    (
        "softabs sqrt",
        lambda x: np.sqrt(1 + x * x) - 1,
        lambda x: x / np.sqrt(1 + x * x),
        [0.0, 1e-7, 1e5],
    ),
    (
        "elu",
        lambda x: np.where(x > 0, x, np.expm1(x)),
        lambda x: np.where(x > 0, 1, np.exp(x)),
        [0.0, 1e-6, -1e-6, -3.0],
    ),
    (
        "gelu",
        lambda x: x * sp.ndtr(x),
        lambda x: sp.ndtr(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi),
        [0.0, -5.0, 2.0],
    ),
    (
        "silu",
        lambda x: x * sp.expit(x),
        lambda x: sp.expit(x) * (1 + x * sp.expit(-x)),
        [0.0, -1.2784645427610738, 2.0],
    ),
    (
        "relu6 at 6",
        lambda x: np.clip(x, 0, 6),
        lambda x: ((x > 0) & (x < 6)) * 1.0,
        [0.0, 6.0, 3.0],
    ),
    (
        "leaky at 0",
        lambda x: np.where(x > 0, x, 0.01 * x),
        lambda x: np.where(x > 0, 1, 0.01),
        [0.0, 1.0, -1.0],
    ),
    (
        "softsign",
        lambda x: x / (1 + np.abs(x)),
        lambda x: 1 / (1 + np.abs(x)) ** 2,
        [0.0, 1.0, -1e3],
    ),
    (
        "relu squared at 0",
        lambda x: np.maximum(x, 0) ** 2,
        lambda x: 2 * np.maximum(x, 0),
        [0.0, 1.0, -1.0, 1e-9],
    ),
    ("constant loss", lambda x: 0 * x + 3, lambda x: 0 * x, [1.0, 2.0]),
    ("floor constant", np.floor, lambda x: 0 * x, [0.5, 1.3]),
    ("quartic at 0", lambda x: x**4, lambda x: 4 * x**3, [0.0, 1e-3, 0.0]),
    ("saddle xy", lambda x: x[::-1] * x, lambda x: 2 * x[::-1], [0.0, 0.0]),
]


@pytest.mark.filterwarnings("ignore")  # of the functions' own, where they meet their limits
@pytest.mark.parametrize("is_real", [False, True], ids=["as it is", "real only"])
@pytest.mark.parametrize(
    ("function", "slope", "x"), [f[1:] for f in FUNCTIONS], ids=[f[0] for f in FUNCTIONS]
)
def test_a_right_slope_is_right(function, slope, x, is_real):
    def loss(x):
        return float(np.real(function(np.real(x))).sum()) if is_real else function(x).sum()

    with np.errstate(all="ignore"):
        report = check_gradient(loss, slope, np.array(x))
        assert report.verdict == "correct"
        if np.any(slope(np.array(x))):
            assert not check_gradient(loss, lambda x: 1.1 * slope(x) + 0.01, np.array(x)).ok
