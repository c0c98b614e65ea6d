"""scipy and numpy: special functions beside their own derivatives, splines, polynomials."""

from collections.abc import Iterator

import numpy as np
from scipy import interpolate, optimize, special

from benchmarks.stranger_cases import Problem

PLUS = ("psi-like domain", lambda r: np.exp(r.normal(size=5)), False)
ALL = ("the line", lambda r: r.normal(size=5) * 2, True)
UNIT = ("0 to 1", lambda r: r.uniform(0.05, 0.95, 5), False)
UNLIKE = ("unlike units", lambda r: np.array([1e-4, 1.0, 50.0]) * r.uniform(0.5, 1.5, 3), False)

FUNCTIONS = [  # a function of each entry, and what the same library gives as its derivative
    ("gammaln, psi", special.gammaln, special.psi, PLUS),
    ("gammaln, psi, unlike units", special.gammaln, special.psi, UNLIKE),
    ("psi, polygamma", special.psi, lambda x: special.polygamma(1, x), PLUS),
    ("erf", special.erf, lambda x: 2 / np.sqrt(np.pi) * np.exp(-(x**2)), ALL),
    ("ndtr", special.ndtr, lambda x: np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi), ALL),
    ("log_ndtr", special.log_ndtr,
     lambda x: np.exp(-(x**2) / 2 - special.log_ndtr(x)) / np.sqrt(2 * np.pi), ALL),
    ("expit", special.expit, lambda x: special.expit(x) * special.expit(-x), ALL),
    ("log_expit", special.log_expit, lambda x: special.expit(-x), ALL),
    ("logit", special.logit, lambda x: 1 / (x * (1 - x)), UNIT),
    ("entr", special.entr, lambda x: -np.log(x) - 1, UNIT),
    ("j0, j1", special.j0, lambda x: -special.j1(x), ALL),
    ("jv, jvp", lambda x: special.jv(2, x), lambda x: special.jvp(2, x), ALL),
    ("iv, ivp", lambda x: special.iv(1, x), lambda x: special.ivp(1, x), ALL),
    ("k0, k1", special.k0, lambda x: -special.k1(x), PLUS),
    ("airy", lambda x: special.airy(x)[0], lambda x: special.airy(x)[1], ALL),
    ("dawsn", special.dawsn, lambda x: 1 - 2 * x * special.dawsn(x), ALL),
    ("expi", special.expi, lambda x: np.exp(x) / x, PLUS),
    ("exp1", special.exp1, lambda x: -np.exp(-x) / x, UNLIKE),
    ("sici", lambda x: special.sici(x)[0], lambda x: np.sin(x) / x, PLUS),
    ("fresnel", lambda x: special.fresnel(x)[0], lambda x: np.sin(np.pi * x**2 / 2), ALL),
    ("ellipk", special.ellipk,
     lambda m: (special.ellipe(m) - (1 - m) * special.ellipk(m)) / (2 * m * (1 - m)), UNIT),
    ("lambertw", lambda x: np.real(special.lambertw(x)),
     lambda x: np.real(special.lambertw(x) / (x * (1 + special.lambertw(x)))), PLUS),
    ("pseudo_huber", lambda x: special.pseudo_huber(1.5, x),
     lambda x: x / np.sqrt(1 + (x / 1.5) ** 2), ALL),
    ("huber", lambda x: special.huber(1.0, x), lambda x: np.clip(x, -1, 1), ALL),
    ("hyp1f1", lambda x: special.hyp1f1(1.5, 2.5, x),
     lambda x: 0.6 * special.hyp1f1(2.5, 3.5, x), ALL),
    ("boxcox1p", lambda x: special.boxcox1p(x, 0.3), lambda x: (1 + x) ** (0.3 - 1), UNIT),
]  # fmt: skip


def problems() -> Iterator[Problem]:
    for name, f, df, (_, draw, zeros) in FUNCTIONS:
        yield Problem("scipy.special", name, lambda x, f=f: f(x).sum(), df, draw, zeros=zeros)
    yield Problem("scipy.special", "logsumexp, softmax", special.logsumexp, special.softmax, ALL[1])
    yield Problem(
        "scipy.optimize", "rosen", optimize.rosen, optimize.rosen_der, ALL[1], convex=True
    )
    yield from _curves()


def _curves() -> Iterator[Problem]:
    """Sums of a curve's values at the entries of x."""
    t = np.linspace(-8, 8, 20)
    y = np.random.default_rng(1).normal(size=20)
    spline = interpolate.CubicSpline(t, y)
    akima = interpolate.Akima1DInterpolator(t, y)
    pchip = interpolate.PchipInterpolator(t, y)
    smooth = interpolate.UnivariateSpline(t, y, s=3)
    curves = {"CubicSpline": spline, "Akima1D": akima, "Pchip": pchip, "UnivariateSpline": smooth}
    for name, curve in curves.items():
        slope = curve.derivative()
        yield Problem("scipy.interpolate", name, lambda x, f=curve: f(x).sum(), slope, ALL[1])
    for kind in ("Polynomial", "Chebyshev", "Legendre", "HermiteE", "Laguerre"):
        series = getattr(np.polynomial, kind)(y[:6])
        slope = series.deriv()
        yield Problem("numpy.polynomial", kind, lambda x, f=series: f(x).sum(), slope, ALL[1])
