"""How often the diagnosis names the right cause, and how often a wrong one, on a bank of edits."""

import re

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient, known_mistakes
from tests.mlpkit.held_out_mistakes import CONSTANTS, EDITS, HELD_OUT, NETS


def outcome(net, old, new, expected):
    """ "right", "silent" or "wrong": what the sentence for the first wrong parameter is."""
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


@pytest.mark.parametrize("net", NETS)
def test_the_unedited_gradients_are_correct(net):
    case = NETS[net]
    report = check_gradient(case.loss, case.gradient("def gradient", "def gradient"), case.params)
    assert report.verdict == "correct"
