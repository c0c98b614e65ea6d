"""The banks of mistakes: all are refused, the causes are named, and hardly ever a false one."""

from statistics import median

import pytest

from mlpkit.gradcheck import check_gradient
from tests.mlpkit.mistakes import reader

BANKS = {name: reader.read(name) for name in reader.BANKS}
OUTSIDE = [mistake for name in reader.OUTSIDE for mistake in BANKS[name]]
SAMPLE = OUTSIDE[::8]


def models(bank):
    """One mistake of each model."""
    return {mistake.model: mistake for mistake in bank}.values()


def test_the_banks_are_large_enough():
    assert len(OUTSIDE) >= 500
    assert len(models(OUTSIDE)) >= 40
    assert sum(map(len, BANKS.values())) >= 1000


@pytest.mark.parametrize("bank", BANKS)
def test_the_models_without_a_mistake_are_right(bank):
    for mistake in models(BANKS[bank]):
        loss, gradient, params, *_ = reader.build(mistake.right)
        verdict = "precision" if mistake.model == "single_digits" else "correct"
        assert check_gradient(loss, gradient, params).verdict == verdict, mistake


@pytest.mark.parametrize("bank", sorted({*BANKS} - {*reader.OUTSIDE}))
def test_nine_of_ten_causes_are_named_in_networks(bank):
    found = reader.summary(map(reader.judge, BANKS[bank]))
    assert found["refused"] >= 0.98
    assert found["named"] >= 0.95
    assert found["false"] <= 0.01


@pytest.mark.parametrize(
    "bank", [SAMPLE, pytest.param(OUTSIDE, marks=pytest.mark.soak)], ids=["sample", "whole"]
)
def test_outside_networks_all_are_refused_and_their_causes_named(bank):
    found = reader.summary(map(reader.judge, bank))
    assert found["refused"] == 1
    assert found["named"] >= 0.95
    assert found["false"] <= 0.01


def test_by_real_differences_a_wrong_gradient_costs_at_most_four_times_a_right_one():
    bank = SAMPLE[::2]
    wrong = [evaluations(mistake) for mistake in bank]
    right = [evaluations(mistake.right) for mistake in models(bank)]
    assert len(right) > 15
    assert median(wrong) <= 4 * median(right)


def evaluations(mistake):
    loss, gradient, params, constants, alternatives = reader.build(mistake)
    given = {"constants": constants, "alternatives": alternatives}
    return check_gradient(loss, gradient, params, method="real", **given).evaluations
