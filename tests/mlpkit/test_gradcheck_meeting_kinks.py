"""ReLU networks with a first layer of zeros, where every unit is on its kink in all rows."""

import numpy as np
import pytest

from mlpkit import check_gradient

MISTAKES = {
    "W larger": lambda g, P: g | {"W": 1.1 * g["W"]},
    "W wrong on the kink only": lambda g, P: g | {"W": g["W"] + 1.0 * (not P["W"].any())},
    "b with the wrong sign": lambda g, P: g | {"b": -g["b"]},
    "c halved": lambda g, P: g | {"c": 0.5 * g["c"]},
}


def network(seed, slope_at_0, is_real):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(30, 4)), rng.normal(size=(30, 2))

    def forward(P):
        Z = X @ P["W"] + P["b"]
        H = np.where(Z.real > 0, Z, 0)
        return Z, H, H @ P["V"] + P["c"]

    def loss(P):
        if is_real and any(map(np.iscomplexobj, P.values())):
            raise TypeError("real numbers only")
        return ((forward(P)[2] - Y) ** 2).mean()

    def gradient(P):
        Z, H, out = forward(P)
        delta = 2 * (out - Y) / Y.size
        below = (delta @ P["V"].T) * np.where(Z == 0, slope_at_0, Z > 0)
        return {"W": X.T @ below, "b": below.sum(0), "V": H.T @ delta, "c": delta.sum(0)}

    params = {"W": np.zeros((4, 5)), "b": np.zeros(5)}
    return loss, gradient, params | {"V": rng.normal(size=(5, 2)), "c": rng.normal(size=2)}


@pytest.mark.parametrize("is_real", [False, True], ids=["complex step", "real only"])
@pytest.mark.parametrize("slope_at_0", [0, 0.5, 1])
@pytest.mark.parametrize("seed", [0, 5, 14])
def test_every_convention_is_right_where_all_weights_are_zero(seed, slope_at_0, is_real):
    loss, gradient, params = network(seed, slope_at_0, is_real)
    assert check_gradient(loss, gradient, params, seed=seed).verdict == "correct"


@pytest.mark.parametrize("is_real", [False, True], ids=["complex step", "real only"])
@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("seed", [5, 14])
def test_no_mistake_is_a_convention(seed, mistake, is_real):
    loss, gradient, params = network(seed, 0, is_real)
    report = check_gradient(loss, lambda P: MISTAKES[mistake](gradient(P), P), params, seed=seed)
    assert report.verdict == "wrong"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "loss, claim",
    [
        (lambda x: np.max(x), [1.0, 1.0, 0.0]),
        (lambda x: np.abs(x[0] - 2) - np.abs(x[1] - 2), [2.0, 0.0, 0.0]),
        (lambda x: np.abs(x[0] - x[1]) + np.abs(x[0] - 2), [3.0, 0.0, 0.0]),
    ],
    ids=["both of a tie", "twice", "too much"],
)
def test_where_kinks_do_not_mix_a_claim_outside_of_their_slopes_is_wrong(loss, claim, seed):
    point = np.array([2.0, 2.0, 1.0])

    def gradient(x):
        if np.array_equal(x, point):
            return np.array(claim)
        steps = 1e-9 * np.eye(3)  # beside the kinks every loss here is linear
        return np.round([(loss(x + h) - loss(x - h)) / 2e-9 for h in steps])

    assert check_gradient(loss, gradient, point, seed=seed).verdict == "wrong"
