"""Public reports of wrong gradients, and of checkers that refused right ones, rebuilt small.

Each report gives its source, what was reported, and (loss, gradient, params). ``expected`` is
"wrong" (with what has to be said of it), "right", or "float32": right to the digits that the loss
has. The code is ours; from the reports come only the formulas.
"""

from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from tests.mlpkit.mistakes.layers import sigmoid, softmax

RNG = np.random.default_rng(5)
X = RNG.normal(size=(9, 4))
Y = RNG.normal(size=(9, 3))
T = np.eye(3)[RNG.integers(0, 3, 9)]
START = RNG.bit_generator.state
GITHUB = "https://github.com/"


class Report(NamedTuple):
    source: str
    what: str
    expected: str
    build: Any
    says: str = ""


REPORTS: list[Report] = []


def report(source: str, what: str, expected: str, says: str = ""):
    """Register a function that returns (loss, gradient, params)."""

    def register(build):
        @wraps(build)
        def alone():
            RNG.bit_generator.state = START  # the same whichever tests ran before
            return build()

        REPORTS.append(Report(GITHUB + source, what, expected, alone, says))
        return alone

    return register


@report("scikit-learn/scikit-learn/issues/8349", "squared loss is a mean over K outputs", "wrong",
        r"multiplied by (K|3)|times 3|times K")  # fmt: skip
def outputs():
    def loss(P):
        return ((X @ P["W"] - Y) ** 2).mean() / 2

    return loss, lambda P: {"W": X.T @ (X @ P["W"] - Y) / 9}, {"W": RNG.normal(size=(4, 3))}


@report(
    "scikit-learn/scikit-learn/issues/13457", "derivative by log l given for that by l", "wrong"
)
def length_scale():
    q = (X**2).sum(axis=1)

    def gradient(l):
        return np.array([(q / l[0] ** 2 * np.exp(-q / (2 * l[0] ** 2))).sum()])

    return lambda l: np.exp(-q / (2 * l[0] ** 2)).sum(), gradient, np.array([1.7])


@report("scikit-learn/scikit-learn/issues/18702", "2 s^2 is right: it is by log s", "right")
def dot_product():
    def loss(t):
        return (Y[:, 0] @ (X @ X.T + np.exp(2 * t[0])) @ Y[:, 0]) / 2

    return loss, lambda t: np.exp(2 * t) * Y[:, 0].sum() ** 2, np.array([0.4])


@report("cornellius-gp/gpytorch/issues/2563", "Matern 5/2: the sign of dk/dx", "wrong", "sign")
def matern():
    z = RNG.normal(size=3)

    def parts(x):
        r = np.sqrt(5 * ((x - z) ** 2).sum())
        return r, np.exp(-r)

    def gradient(x):
        r, e = parts(x)
        return 5 / 3 * (x - z) * (1 + r) * e

    return lambda x: (1 + parts(x)[0] + parts(x)[0] ** 2 / 3) * parts(x)[1], gradient, z + 0.5


@report("STOR-i/GaussianProcesses.jl/issues/26", "the mean's derivative has the wrong sign", "wrong",
        "sign")  # fmt: skip
def mean_parameter():
    y = Y[:, 0]

    def loss(P):
        return (((y - P["m"]) ** 2).sum() * np.exp(-2 * P["s"])) / 2 + 9 * P["s"]

    def gradient(P):
        w = np.exp(-2 * P["s"])
        return {"m": np.array((y - P["m"]).sum() * w),
                "s": np.array(9 - ((y - P["m"]) ** 2).sum() * w)}  # fmt: skip

    return loss, gradient, {"m": np.array(0.2), "s": np.array(-0.3)}


@report("scikit-learn/scikit-learn/pull/5268", "y - f where 2 (y - f) is meant", "wrong", "half|2")
def boosting():
    return lambda f: ((Y - f) ** 2).sum(), lambda f: f - Y, RNG.normal(size=Y.shape)


@report("jax-ml/jax/issues/2140", "log sigmoid by max and abs: 0 at 0", "wrong")
def log_sigmoid():
    def loss(x):
        return -(np.maximum(-x, 0) + np.log1p(np.exp(-np.sqrt(x**2)))).sum()

    def gradient(x):
        return np.where(x == 0, 0.0, sigmoid(-x))

    return loss, gradient, np.array([0.0, 1.0, -2.0])


@report("jax-ml/jax/issues/22398", "log sum b exp a: 0 where b is 0", "wrong", r"zero|never")
def weights_of_zero():
    def gradient(b):
        return np.where(b == 0, 0.0, 1 / b.sum())

    return lambda b: np.log(b.sum()), gradient, np.array([1.0, 0.0])


@report("HIPS/autograd/issues/522", "lowest eigenvalue of a Hermitian matrix: 0", "wrong", "zero")
def hermitian():
    def loss(a):
        if np.iscomplexobj(a):
            raise TypeError("a is real")
        return np.linalg.eigvalsh(np.array([[1, 1j * a[0]], [-1j * a[0], 2]]))[0]

    return loss, lambda a: np.zeros(1), np.array([2.0])


def normalise(A):
    C = A - A.mean(axis=0)
    s = np.sqrt((C**2).mean(axis=0) + 1e-5)
    return C / s, s


def batch_norm_backward(D, Z, s):
    return (D - D.mean(axis=0) - Z * (D * Z).mean(axis=0)) / s


@report("BVLC/caffe/issues/3878", "a term is missing; it is 0, for the mean of y is 0", "right")
def four_paths():
    def gradient(A):
        Z, s = normalise(A)
        return batch_norm_backward(Z - Y, Z, s)

    return lambda A: ((normalise(A)[0] - Y) ** 2).sum() / 2, gradient, RNG.normal(size=(9, 3))


@report("denizyuret/Knet.jl/issues/288", "batch normalisation: gamma left out", "wrong",
        "column|factor")  # fmt: skip
def gamma_left_out():
    gamma = np.array([0.5, -2.0, 1.7])

    def gradient(A):
        Z, s = normalise(A)
        return batch_norm_backward(gamma * Z - Y, Z, s)

    loss = lambda A: ((gamma * normalise(A)[0] - Y) ** 2).sum() / 2  # noqa: E731
    return loss, gradient, RNG.normal(size=(9, 3))


@report(
    "Oneflow-Inc/oneflow/pull/6149", "gamma's and beta's gradients exchanged", "wrong", "exchang"
)
def gamma_beta():
    Z = normalise(X[:, :3])[0]

    def gradient(P):
        E = Z * P["gamma"] + P["beta"] - Y
        return {"gamma": E.sum(axis=0), "beta": (E * Z).sum(axis=0)}

    loss = lambda P: ((Z * P["gamma"] + P["beta"] - Y) ** 2).sum() / 2  # noqa: E731
    return loss, gradient, {"gamma": RNG.normal(size=3), "beta": RNG.normal(size=3)}


@report("pytorch/pytorch/issues/2421", "the norm's gradient at 0 is NaN", "wrong", "NaN")
def norm_at_zero():
    def gradient(x):
        with np.errstate(all="ignore"):
            return x / np.sqrt((x**2).sum())

    return lambda x: np.sqrt((x**2).sum()), gradient, np.zeros(3)


@report("pytorch/pytorch/issues/5351", "a linear layer in float32 is refused", "float32")
def single_linear():
    W, x = RNG.normal(size=2).astype(np.float32), np.array([0.3, 0.5])

    def loss(x):
        if np.iscomplexobj(x):
            raise TypeError("float32 only")
        return np.tanh(x.astype(np.float32) @ W + np.float32(0.1))

    def gradient(x):
        return ((1 - np.tanh(x.astype(np.float32) @ W + np.float32(0.1)) ** 2) * W).astype(float)

    return loss, gradient, x


@report("intel/ipex-llm/issues/833", "a convolution passes in float64, fails in float32", "float32")
def single_conv():
    image = RNG.normal(size=30).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(image, 5)

    def loss(k):
        if np.iscomplexobj(k):
            raise TypeError("float32 only")
        return ((windows @ k.astype(np.float32)) ** 2).sum()

    def gradient(k):
        return (2 * windows.T @ (windows @ k.astype(np.float32))).astype(float)

    return loss, gradient, RNG.normal(size=5)


@report("kornia/kornia/pull/4184", "a maximum with four ties, a quarter to each", "right")
def four_ties():
    x = np.array([1.0, 1.0, 1.0, 1.0, 0.2, -0.5])
    return lambda x: x.max(), lambda x: (x == x.max()) / np.sum(x == x.max()), x


@report("stevengj/nlopt/issues/328", "sum (x - a)^2 in 10000 dimensions: 1500 errors", "right")
def many_dimensions():
    a = RNG.uniform(size=10_000)
    return lambda x: ((x - a) ** 2).sum(), lambda x: 2 * (x - a), np.arange(1.0, 10_001)


@report("scipy/scipy/issues/7766", "an absolute error of 1e-9 is 100 % here", "wrong", "half|2")
def small_scale():
    loss = lambda x: 1e-9 * (X @ x) @ (X @ x)  # noqa: E731
    return loss, lambda x: 1e-9 * X.T @ (X @ x), RNG.normal(size=4)


@report("SauersML/gam/issues/2461", "a step of 3e-4 across waves of 1.7e-3: 0.5 % off", "right")
def short_waves():
    s = 1.6647e-3
    return lambda x: np.sin(x / s).sum(), lambda x: np.cos(x / s) / s, RNG.normal(size=4)


@report("SauersML/gam/issues/2454", "5e-8 lambda too much in d/d log lambda", "wrong")
def spurious_ridge():
    A = X.T @ X

    def loss(r):
        return np.log(np.linalg.det(A + np.exp(r[0]) * np.eye(4))) / 2

    def gradient(r):
        inverse = np.linalg.inv(A + np.exp(r[0]) * np.eye(4))
        return np.array([np.exp(r[0]) * np.trace(inverse) / 2 + 5e-8 * np.exp(r[0])])

    return loss, gradient, np.array([6.0])


@report("climate-analytics-lab/jax-gcm/issues/820", "a field of 3e5 whose gradient is dropped", "wrong",
        "zero")  # fmt: skip
def large_field():
    def loss(P):
        return 1e-9 * (P["se"] ** 2).mean() + (np.tanh(P["q"]) ** 2).sum()

    def gradient(P):
        t = np.tanh(P["q"])
        return {"se": np.zeros(8), "q": 2 * t * (1 - t**2)}

    return loss, gradient, {"se": 3.1e5 + RNG.normal(size=8), "q": RNG.normal(size=5)}


@report(
    "pybrain/pybrain/issues/51", "a right gradient of a small network is complained of", "right"
)
def small_network():
    def loss(P):
        return ((sigmoid(X @ P["W"]) @ P["V"] - Y) ** 2).sum() / 2

    def gradient(P):
        H = sigmoid(X @ P["W"])
        E = H @ P["V"] - Y
        return {"W": X.T @ (E @ P["V"].T * H * (1 - H)), "V": H.T @ E}

    return loss, gradient, {"W": RNG.normal(size=(4, 5)), "V": RNG.normal(size=(5, 3))}


@report("pints-team/pints/issues/412", "model - values against values - model", "wrong", "sign")
def sensitivities():
    t = np.linspace(0, 1, 9)

    def gradient(p):
        r = Y[:, 0] - p[0] * np.exp(-p[1] * t)
        return np.array([2 * r @ np.exp(-p[1] * t), -2 * p[0] * r @ (t * np.exp(-p[1] * t))])

    loss = lambda p: ((Y[:, 0] - p[0] * np.exp(-p[1] * t)) ** 2).sum()  # noqa: E731
    return loss, gradient, np.array([1.2, 0.7])


@report("HomericIntelligence/Odyssey/pull/2882", "sum of a normalised batch: 0, differences say no",
        "right")  # fmt: skip
def sum_of_normalised():
    def gradient(A):
        Z, s = normalise(A)
        return batch_norm_backward(np.ones_like(Z), Z, s)

    return lambda A: normalise(A)[0].sum(), gradient, RNG.normal(size=(9, 3))


@report(
    "Quantco/glum/issues/175", "one-sided differences are too coarse for a right score", "right"
)
def glm():
    y = np.arange(9) % 4
    loss = lambda b: (np.exp(X @ b) - y * (X @ b)).sum()  # noqa: E731
    return loss, lambda b: X.T @ (np.exp(X @ b) - y), np.array([2.0, -1.5, 1.0, 2.5])


@report("jax-ml/jax/pull/2195", "max(x, x) with a derivative of 1 to each side", "wrong", "twice|2")
def both_sides():
    return lambda x: np.maximum(x, x).sum(), lambda x: 2 * np.ones_like(x), np.array([0.3, -1.0])


@report("BVLC/caffe/issues/1334", "a subgradient at the kink is right", "right")
def subgradient():
    v = np.array([1.0, 2.0, -1.0])
    loss = lambda x: np.where(x.real > 0, x, 0) @ v  # noqa: E731
    return (
        loss,
        lambda x: np.where(x > 0, 1.0, np.where(x == 0, 0.3, 0)) * v,
        np.zeros(3) + [0, 1, -1],
    )


@report("BVLC/caffe/issues/1334", "what lies outside the two slopes is wrong", "wrong")
def no_subgradient():
    v = np.array([1.0, 2.0, -1.0])
    loss = lambda x: np.where(x.real > 0, x, 0) @ v  # noqa: E731
    return (
        loss,
        lambda x: np.where(x > 0, 1.0, np.where(x == 0, 1.9, 0)) * v,
        np.zeros(3) + [0, 1, -1],
    )


@report(
    "tracel-ai/burn/issues/3864", "cumprod divides by the input, which holds a 0", "wrong", "NaN"
)
def cumulative_product():
    def gradient(x):
        with np.errstate(all="ignore"):
            return np.cumsum(np.cumprod(x)[::-1])[::-1] / x

    return lambda x: np.cumprod(x).sum(), gradient, np.array([2.0, 0.0, 3.0, 4.0])


@report("pymc-devs/pytensor/pull/1956", "the formula without a division is right at 0", "right")
def without_division():
    def gradient(x):
        left = np.cumprod(np.append(1, x[:-1]))
        right = np.ones(len(x))
        for i in reversed(range(len(x) - 1)):
            right[i] = 1 + x[i + 1] * right[i + 1]
        return left * right

    return lambda x: np.cumprod(x).sum(), gradient, np.array([2.0, 0.0, 3.0, 4.0])


@report(
    "pytorch/pytorch/issues/80804", "renorm to 0 is constant; the identity is returned", "wrong"
)
def renormalised():
    return lambda x: 0 * x.sum(), lambda x: np.ones_like(x), np.array([[0.1, 0.0], [0.0, 0.0]])


@report("ddbourgin/numpy-ml/issues/53", "gamma |b| has the derivative gamma b / |b|", "wrong")
def norm_penalty():
    y = (Y[:, 0] > 0) * 1.0

    def loss(b):
        return (np.log1p(np.exp(X @ b)) - y * (X @ b)).sum() / 9 + 0.3 * np.sqrt((b**2).sum())

    return loss, lambda b: X.T @ (sigmoid(X @ b) - y) / 9 + 0.3 * b, RNG.normal(size=4)


@report("jxgu1016/MNIST_center_loss_pytorch/issues/10", "the centres' gradient is not over N", "wrong",
        "9")  # fmt: skip
def centres():
    def gradient(P):
        E = X[:, :3] - T @ P["c"]
        return {"c": -T.T @ E}

    return (
        lambda P: ((X[:, :3] - T @ P["c"]) ** 2).sum() / 18,
        gradient,
        {"c": RNG.normal(size=(3, 3))},
    )


@report("victorlempitsky/Mate/issues/2", "softmax loss over the number of entries, not N", "wrong",
        "divided by 3|1/3")  # fmt: skip
def over_entries():
    def loss(S):
        return (np.log(np.exp(S).sum(axis=1)) - (S * T).sum(axis=1)).sum() / 9

    return loss, lambda S: (softmax(S) - T) / S.size, RNG.normal(size=(9, 3))


@report("gbm-developers/gbm3/issues/77", "log-likelihood's derivative for the deviance's", "wrong",
        "half|2|sign")  # fmt: skip
def deviance():
    y = (Y[:, 0] > 0) * 1.0
    loss = lambda f: -2 * (y * f - np.log1p(np.exp(f))).sum()  # noqa: E731
    return loss, lambda f: y - sigmoid(f), RNG.normal(size=9)


@report("statsmodels/statsmodels/issues/7522", "derivative by alpha where log alpha is given", "wrong",
        r"entry \[1\]|entry")  # fmt: skip
def dispersion():
    def loss(p):
        a = np.exp(p[1])
        return ((Y[:, 0] - p[0]) ** 2).sum() / (2 * a) + 4.5 * np.log(a)

    def gradient(p):
        a, r = np.exp(p[1]), Y[:, 0] - p[0]
        return np.array([-r.sum() / a, 4.5 / a - (r**2).sum() / (2 * a**2)])

    return loss, gradient, np.array([0.2, 0.7])
