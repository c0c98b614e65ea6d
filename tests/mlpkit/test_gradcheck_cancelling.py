"""Losses that are constant because their terms cancel: no slope is left, and only rounding."""

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_sum(x):
    top = x.max(axis=-1, keepdims=True)
    return top + np.log(np.exp(x - top).sum(axis=-1, keepdims=True))


def normalised(axis, eps):
    """The sum of what has a mean of zero along ``axis`` and a variance of one."""

    def parts(x):
        centred = x - x.mean(axis=axis, keepdims=True)
        s = np.sqrt((centred * centred).mean(axis=axis, keepdims=True) + eps)
        return centred / s, s

    def gradient(x):
        z, s = parts(x)
        ones = np.ones_like(z)
        along = z * (ones * z).mean(axis=axis, keepdims=True)
        return (ones - ones.mean(axis=axis, keepdims=True) - along) / s

    return lambda x: parts(x)[0].sum(), gradient, lambda x: 1 / parts(x)[1]


def squares_of_unit_vectors(x):
    n = np.sqrt((x * x).sum(axis=-1, keepdims=True))
    return ((x / n) ** 2).sum() - x[..., 0].size


def their_gradient(x):
    n = np.sqrt((x * x).sum(axis=-1, keepdims=True))
    u = x / n
    return 2 * (u - u * (u * u).sum(axis=-1, keepdims=True)) / n


def probabilities(x):
    p = softmax(x)
    return p * (1 - p.sum(axis=-1, keepdims=True))


CASES = {  # (loss, gradient, one of the terms that cancel in it)
    "probabilities": (lambda x: softmax(x).sum(), probabilities, softmax),
    "probabilities less one": (
        lambda x: softmax(x).sum() - x[..., 0].size,
        probabilities,
        softmax,
    ),
    "a normalised batch": normalised(0, 1e-5),
    "a normalised layer": normalised(-1, 1e-5),
    "squares of unit vectors": (
        squares_of_unit_vectors,
        their_gradient,
        lambda x: 2 * x / (x * x).sum(axis=-1, keepdims=True),
    ),
    "log-sum-exp minus itself": (
        lambda x: (log_sum(x) - np.log(np.exp(x).sum(axis=-1, keepdims=True))).sum(),
        lambda x: softmax(x) - np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True),
        softmax,
    ),
    "deviations from the mean": (
        lambda x: (3.7 * (x - x.mean())).sum(),
        lambda x: 3.7 * (np.ones_like(x) - np.ones_like(x).mean()),
        lambda x: 3.7,
    ),
    "sine and cosine": (
        lambda x: (np.sin(x) ** 2 + np.cos(x) ** 2 - 1).sum(),
        lambda x: 2 * np.sin(x) * np.cos(x) - 2 * np.cos(x) * np.sin(x),
        lambda x: np.sin(2 * x),
    ),
    "a sum of differences": (
        lambda x: np.diff(x, axis=-1).sum() - (x[..., -1] - x[..., 0]).sum(),
        lambda x: 0 * x,
        lambda x: 1.0,
    ),
}
FORMS = {
    "complex": lambda loss: loss,
    "real": lambda loss: lambda x: float(loss(np.real(x))),
    "float32": lambda loss: lambda x: loss(np.real(x).astype(np.float32)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", CASES)
def test_a_right_gradient_is_right_and_one_per_cent_of_a_term_is_not(name, form):
    loss, gradient, term = CASES[name]
    for seed, (shape, scale) in enumerate([((2, 2), 1), ((5, 3), 1e-6), ((4, 12), 1e9)]):
        rng = np.random.default_rng([seed, 7])
        x = rng.normal(size=shape)
        some = scale * np.sqrt(np.mean(np.square(term(x))))
        off = 0.01 * some * rng.choice((-1.0, 1.0), shape)

        def times(x, scale=scale):
            return scale * gradient(x)

        def scaled(x, scale=scale):
            return scale * loss(x)

        right = check_gradient(FORMS[form](scaled), times, x)
        assert right.verdict == "correct", (shape, str(right))
        assert "zero up to rounding" in str(right)
        wrong = check_gradient(FORMS[form](scaled), lambda x, off=off, g=times: g(x) + off, x)
        assert wrong.verdict == "wrong", (shape, str(wrong))


@pytest.mark.parametrize("form", FORMS)
def test_a_bias_that_a_normalisation_takes_away_again(form):
    rng = np.random.default_rng(1)
    X, targets = rng.normal(size=(20, 4)), rng.normal(size=(20, 3))
    params = {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}

    def forward(p):
        s = X @ p["W"] + p["b"]
        centred = s - s.mean(axis=0)
        size = np.sqrt((centred * centred).mean(axis=0) + 1e-5)
        return centred / size, size

    def loss(p):
        return ((forward(p)[0] - targets) ** 2).sum()

    def gradient(p):
        z, size = forward(p)
        d = 2 * (z - targets)
        d = (d - d.mean(axis=0) - z * (d * z).mean(axis=0)) / size
        return {"W": X.T @ d, "b": d.sum(axis=0)}

    def wrapped(p):
        if form == "complex":
            return loss(p)
        kind = np.float32 if form == "float32" else float
        return loss({name: np.real(array).astype(kind) for name, array in p.items()})

    assert check_gradient(wrapped, gradient, params).verdict == "correct"
    for name in ("W", "b"):

        def off(p, name=name):
            g = gradient(p)
            return g | {name: g[name] + 0.01 * np.abs(g["W"]).mean()}

        assert check_gradient(wrapped, off, params).verdict == "wrong"
