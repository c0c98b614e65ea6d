"""The bank of mistakes outside fully connected networks: a sample always, the whole as a soak."""

import pytest

from mlpkit.gradcheck import check_gradient
from tests.mlpkit.held_out_bank import problem
from tests.mlpkit.unseen import reader
from tests.mlpkit.unseen.mistakes import BANK

SAMPLE = BANK[::6]


def test_the_bank_is_large_enough():
    assert len(BANK) >= 250
    assert len({mistake.model for mistake in BANK}) >= 20


@pytest.mark.parametrize("mistake", {m.model: m for m in BANK}.values(), ids=lambda m: m.model)
def test_the_unedited_models_are_right(mistake):
    loss, gradient, params, *_ = problem(reader.module(mistake), mistake._replace(edits=()))
    assert check_gradient(loss, gradient, params).verdict == "correct"


@pytest.mark.parametrize(
    "bank", [SAMPLE, pytest.param(BANK, marks=pytest.mark.soak)], ids=["sample", "whole"]
)
def test_all_are_refused_and_their_causes_named(bank):
    found = reader.summary(reader.run(bank))
    assert found["refused"] == 1
    assert found["named"] >= 0.95
    assert found["false"] <= 0.01
