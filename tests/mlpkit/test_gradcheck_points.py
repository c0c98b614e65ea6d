"""Right gradients of the models in ``mistakes``, at points where people begin and end."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize

from mlpkit.gradcheck import check_gradient
from mlpkit.gradcheck.inputs.pytree import flatten
from tests.mlpkit.mistakes import reader

BANKS = ("simulations", "estimators", "learners", "unseen")
MODELS = [m.right for bank in BANKS for m in {m.model: m for m in reader.read(bank)}.values()]
SPREAD = 8  # decimal powers by which units differ


class Flat:
    """Loss and gradient of a model as functions of one vector, in units of their own."""

    def __init__(self, model):
        self.loss, self.gradient, params, *_ = reader.build(model)
        self.tree = flatten(params)
        leaves = self.tree.point.values()
        self.point = np.concatenate([np.ravel(leaf) for leaf in leaves]).astype(float)
        self.units = np.ones(self.point.size)

    def params(self, x):
        parts, start = {}, 0
        for name, leaf in self.tree.point.items():
            parts[name] = (x * self.units)[start : start + leaf.size].reshape(leaf.shape)
            start += leaf.size
        return self.tree.build(parts)

    def value(self, x):
        return self.loss(self.params(x))

    def slope(self, x):
        given = self.gradient(self.params(x))
        leaves = given if isinstance(given, dict) else flatten(given).point
        return self.units * np.concatenate([np.ravel(leaves[name]) for name in self.tree.point])


def real_only(f):
    def loss(x):
        if np.iscomplexobj(x):
            raise RuntimeError("expected a real number")
        return float(f(x))

    return loss


def at_random(model, rng):
    return model.value, model.point


def in_real_numbers(model, rng):
    return real_only(model.value), model.point


def in_other_units(model, rng):
    model.units = 10 ** rng.uniform(-SPREAD, SPREAD, model.point.size)
    return model.value, model.point / model.units


def with_an_offset(model, rng):
    return (lambda x: model.value(x) + 1e9), model.point


def at_zeros(model, rng):
    return model.value, 0 * model.point


def at_the_optimum(model, rng):
    found = minimize(real_only(model.value), model.point, jac=model.slope, options={"maxiter": 200})
    return model.value, found.x * (
        1 + 1e-8 * rng.choice([0.0, 1.0]) * rng.normal(size=found.x.size)
    )


POINTS = [at_random, in_real_numbers, in_other_units, with_an_offset, at_zeros, at_the_optimum]
CASES = list(product(MODELS, POINTS))


def name(case):
    return f"{case[0].model}-{case[1].__name__}"


@pytest.mark.filterwarnings("ignore")  # the models' own, at zeros and on the way to an optimum
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[] if i % 7 == 0 else [pytest.mark.soak])
        for i, case in enumerate(CASES)
    ],
    ids=map(name, CASES),
)
def test_a_right_gradient_is_never_called_wrong(case):
    model, place = Flat(case[0]), case[1]
    with np.errstate(all="ignore"):
        loss, point = place(model, np.random.default_rng(5))
        if not (np.isfinite(loss(point)) and np.all(np.isfinite(model.slope(point)))):
            pytest.skip("no gradient there")
        report = check_gradient(loss, model.slope, point)
    assert report.verdict in ("correct", "inconclusive"), str(report)
    assert report.verdict == "correct" or place is not at_random
