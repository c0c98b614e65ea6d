"""How often the diagnosis names the right cause, and how often a wrong one, on a bank of edits."""

import re

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient, known_mistakes
from tests.mlpkit import (
    held_out_bank,
    held_out_mistakes_3,
    held_out_mistakes_4,
    held_out_mistakes_5,
    held_out_models_3,
    held_out_models_4,
    held_out_models_5,
)
from tests.mlpkit.held_out_mistakes import CONSTANTS, EDITS, HELD_OUT, NETS

LATER = [
    (held_out_models_3, held_out_mistakes_3.BANK),
    (held_out_models_4, held_out_mistakes_4.BANK),
    (held_out_models_5, held_out_mistakes_5.BANK),
]


def outcome(net, old, new, expected):
    """ "right", "silent" or "wrong": what the message for the first wrong parameter is."""
    case = NETS[net]
    alternatives = known_mistakes(**case.mistakes) if case.mistakes else None
    params = {name: np.array(array) for name, array in case.params.items()}
    report = check_gradient(
        case.loss, case.gradient(old, new), params, constants=CONSTANTS, alternatives=alternatives
    )
    assert not report.ok, (net, new)
    cause = report.findings[0].cause
    if cause is None:
        return "right" if expected is None else "silent"
    return "right" if expected and re.search(expected, cause) else "wrong"


@pytest.mark.parametrize("bank", [EDITS, HELD_OUT], ids=["edits", "held out"])
def test_nine_of_ten_causes_are_right_and_one_of_fifty_wrong(bank):
    outcomes = [outcome(*edit) for edit in bank]
    assert outcomes.count("right") >= 0.9 * len(bank)
    assert outcomes.count("wrong") <= 0.02 * len(bank)


@pytest.mark.parametrize(("models", "bank"), LATER, ids=["third", "fourth", "fifth"])
def test_nine_of_ten_causes_are_right_in_the_later_banks(models, bank):
    outcomes = [held_out_bank.judge(models, mistake)[0] for mistake in bank]
    named = [o for o, mistake in zip(outcomes, bank, strict=True) if not mistake.unnamed]
    assert outcomes.count("right") >= 0.9 * len(bank)
    assert named.count("right") >= 0.9 * len(named)
    assert outcomes.count("wrong") <= 0.02 * len(bank)


@pytest.mark.parametrize("net", NETS)
def test_the_unedited_gradients_are_correct(net):
    case = NETS[net]
    report = check_gradient(case.loss, case.gradient("def gradient", "def gradient"), case.params)
    assert report.verdict == "correct"


@pytest.mark.parametrize(("models", "bank"), LATER, ids=["third", "fourth", "fifth"])
def test_the_unedited_models_are_correct(models, bank):
    for name in sorted({mistake.model for mistake in bank}):
        loss, gradient, params, *_ = getattr(models, name)(np.random.default_rng(3))
        verdict = "precision" if name == "single_digits" else "correct"
        assert check_gradient(loss, gradient, params).verdict == verdict, name
