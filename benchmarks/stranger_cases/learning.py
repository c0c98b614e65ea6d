"""statsmodels, scikit-learn, GPy and lifelines: objectives with gradients written by hand."""

import warnings
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.stranger_cases import Problem

N, P, K = 40, 4, 3
RNG = np.random.default_rng(7)
X = RNG.normal(size=(N, P))
BINARY = (X[:, 0] + RNG.normal(size=N) > 0).astype(float)
CLASSES = RNG.integers(0, K, N)
CLASSES[:K] = range(K)
COUNTS = RNG.poisson(2, N).astype(float)
AMOUNTS = np.exp(RNG.normal(size=N))
REALS = X @ RNG.normal(size=P) + RNG.normal(size=N)


def normal(size: int, scale: float = 0.5) -> Callable:
    return lambda rng: rng.normal(size=size) * scale


def above(size: int, last: float) -> Callable:
    """A point whose last entry is positive."""
    return lambda rng: np.append(rng.normal(size=size - 1) / 2, last * rng.uniform(0.5, 1.5))


def problems() -> Iterator[Problem]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for library in (statsmodels, scikit_learn, gpy, lifelines):
            try:
                yield from library()
            except ImportError as error:
                print(f"left out: {error}")


def statsmodels() -> Iterator[Problem]:
    import statsmodels.api as sm
    from statsmodels.discrete.conditional_models import ConditionalLogit
    from statsmodels.discrete.discrete_model import GeneralizedPoisson, NegativeBinomialP
    from statsmodels.discrete.truncated_model import TruncatedLFPoisson

    def problem(name: str, model, draw: Callable, convex: bool = True, **options) -> Problem:
        def loss(x: np.ndarray) -> float:
            return model.loglike(x, **options)

        def gradient(x: np.ndarray) -> np.ndarray:
            return np.asarray(model.score(x, **options))

        sign = -1.0
        return Problem(
            "statsmodels", name, lambda x: sign * loss(x), lambda x: sign * gradient(x), draw,
            convex=convex, zeros=convex,
        )  # fmt: skip

    yield problem("Logit", sm.Logit(BINARY, X), normal(P))
    yield problem("Probit", sm.Probit(BINARY, X), normal(P))
    yield problem("Poisson", sm.Poisson(COUNTS, X), normal(P))
    yield problem("MNLogit", sm.MNLogit(CLASSES, X), lambda r: r.normal(size=P * (K - 1)) / 2)
    yield problem("NegativeBinomialP", NegativeBinomialP(COUNTS, X), above(P + 1, 0.5), False)
    yield problem("GeneralizedPoisson", GeneralizedPoisson(COUNTS, X), above(P + 1, 0.2), False)
    yield problem("TruncatedLFPoisson", TruncatedLFPoisson(COUNTS + 1, X), normal(P), False)
    yield problem(
        "ConditionalLogit", ConditionalLogit(BINARY, X, groups=np.arange(N) // 8), normal(P)
    )
    yield problem("PHReg", sm.PHReg(AMOUNTS, X, status=BINARY), normal(P))
    families = sm.families
    for name, family, y, convex in (
        ("GLM Gaussian", families.Gaussian(), REALS, True),
        ("GLM Binomial", families.Binomial(), BINARY, True),
        ("GLM Poisson", families.Poisson(), COUNTS, True),
        ("GLM Gamma log", families.Gamma(families.links.Log()), AMOUNTS, True),
    ):
        yield problem(name, sm.GLM(y, X, family=family), normal(P), convex, scale=1.0)


def scikit_learn() -> Iterator[Problem]:
    import sklearn._loss.loss as losses
    from sklearn.gaussian_process import GaussianProcessRegressor, kernels
    from sklearn.linear_model._huber import _huber_loss_and_gradient
    from sklearn.linear_model._linear_loss import LinearModelLoss
    from sklearn.neighbors import NeighborhoodComponentsAnalysis

    def pair(name: str, both: Callable, draw: Callable, convex: bool = False, **more) -> Problem:
        return Problem(
            "scikit-learn", name, lambda x: both(x)[0], lambda x: np.array(both(x)[1]).ravel(),
            draw, convex=convex, **more,
        )  # fmt: skip

    for base, y, size in (
        (losses.HalfSquaredError(), REALS, P + 1),
        (losses.HalfBinomialLoss(), BINARY, P + 1),
        (losses.HalfPoissonLoss(), COUNTS, P + 1),
        (losses.HalfGammaLoss(), AMOUNTS, P + 1),
        (losses.HalfTweedieLoss(power=1.5), COUNTS, P + 1),
        (losses.HalfMultinomialLoss(n_classes=K), CLASSES.astype(float), K * (P + 1)),
    ):
        model = LinearModelLoss(base, fit_intercept=True)

        def both(x, model=model, y=y, size=size):
            coef = x.reshape(K, -1, order="F") if size > P + 1 else x
            value, g = model.loss_gradient(coef, X, y, l2_reg_strength=0.01)
            return value, g.ravel(order="F")

        yield pair(f"LinearModelLoss {type(base).__name__}", both, normal(size), True)
    yield pair(
        "HuberRegressor",
        lambda x: _huber_loss_and_gradient(x, X, REALS, 1.35, 0.01, np.ones(N)),
        above(P + 2, 2.0), zeros=False,
    )  # fmt: skip
    nca, same = NeighborhoodComponentsAnalysis(), CLASSES[:, None] == CLASSES
    nca.n_iter_ = 0
    yield pair("NCA", lambda x: nca._loss_grad_lbfgs(x, X, same), normal(2 * P))
    yield from _perceptrons(pair)
    for kernel in (
        kernels.RBF(1.0) + kernels.WhiteKernel(0.5),
        kernels.ConstantKernel() * kernels.Matern(nu=2.5) + kernels.WhiteKernel(0.5),
        kernels.RationalQuadratic() + kernels.WhiteKernel(0.5),
        kernels.DotProduct() + kernels.WhiteKernel(0.5),
    ):
        gp = GaussianProcessRegressor(kernel, optimizer=None).fit(X, REALS)

        def likelihood(x, gp=gp):
            return gp.log_marginal_likelihood(x, eval_gradient=True)

        yield pair(f"GPR {kernel}"[:40], likelihood, normal(len(kernel.theta)))


def _perceptrons(pair: Callable) -> Iterator[Problem]:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    for name, base, y, activation in (
        ("MLPClassifier tanh", MLPClassifier, CLASSES, "tanh"),
        ("MLPClassifier relu", MLPClassifier, CLASSES, "relu"),
        ("MLPClassifier logistic", MLPClassifier, BINARY, "logistic"),
        ("MLPRegressor one output", MLPRegressor, REALS, "tanh"),
    ):
        yield pair(name, perceptron(base, X, y, activation), normal(_size(base, y)))


def _size(base: type, y: np.ndarray) -> int:
    outputs = K if len(np.unique(y)) == K else 1
    return P * 5 + 5 + 5 * outputs + outputs


def perceptron(base: type, X: np.ndarray, y: np.ndarray, activation: str) -> Callable:
    """x -> (loss, gradient), as the multilayer perceptron hands them to L-BFGS."""

    class Recorded(base):
        def _loss_grad_lbfgs(self, x, *rest):
            self.rest = rest
            return super()._loss_grad_lbfgs(x, *rest)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"solver": "lbfgs", "max_iter": 1, "alpha": 0.05, "random_state": 0}
        model = Recorded(hidden_layer_sizes=(5,), activation=activation, **options).fit(X, y)
    rest = model.rest
    return lambda x: model._loss_grad_lbfgs(np.array(x), *rest)


def gpy() -> Iterator[Problem]:
    import GPy

    for name in ("RBF", "Matern32", "Matern52", "RatQuad", "Linear", "OU"):
        model = GPy.models.GPRegression(X[:15], REALS[:15, None], getattr(GPy.kern, name)(P))

        def both(x, model=model):
            value, g = model._objective_grads(x.copy())
            return float(value), np.array(g)

        size = model.optimizer_array.size
        yield Problem(
            "GPy", name, lambda x, b=both: b(x)[0], lambda x, b=both: b(x)[1],
            normal(size, 0.8),
        )  # fmt: skip


def lifelines() -> Iterator[Problem]:
    import pandas as pd
    from lifelines.fitters.coxph_fitter import SemiParametricPHFitter

    order = np.argsort(AMOUNTS)
    arguments = (
        pd.DataFrame(X[order]), pd.Series(AMOUNTS[order]),
        pd.Series(BINARY[order].astype(bool)), pd.Series(np.ones(N)), None,
    )  # fmt: skip
    for name in ("single", "batch"):
        fitter = SemiParametricPHFitter()
        values = getattr(fitter, f"_get_efron_values_{name}")

        def both(x, values=values):
            _, g, ll = values(*arguments, np.array(x))
            return -float(ll), -np.ravel(g)

        yield Problem(
            "lifelines", f"Cox, {name}", lambda x, b=both: b(x)[0], lambda x, b=both: b(x)[1],
            normal(P), convex=True,
        )  # fmt: skip
