"""Reports of strangers: the wrong gradients are found, the right ones are left alone."""

import re

import numpy as np
import pytest

from mlpkit.gradcheck import check_gradient
from tests.mlpkit.public_reports import REPORTS

WRONG = [r for r in REPORTS if r.expected == "wrong"]
RIGHT = [r for r in REPORTS if r.expected == "right"]
NARROW = [r for r in REPORTS if r.expected == "float32"]


def name(report):
    return report.build.__name__


def cases(reports):
    return [pytest.param(r, id=name(r)) for r in reports]


def test_there_are_enough_and_each_has_a_source():
    assert len({report.source for report in REPORTS}) >= 24
    assert all(report.source.startswith("https://") for report in REPORTS)


@pytest.mark.parametrize("report", cases(WRONG))
def test_what_was_reported_as_wrong_is_refused(report):
    loss, gradient, params = report.build()
    found = check_gradient(loss, gradient, params)
    assert found.verdict == "wrong", str(found)
    assert re.search(report.says, str(found)), str(found)


@pytest.mark.parametrize("report", cases(RIGHT))
def test_what_was_refused_without_cause_is_right(report):
    assert check_gradient(*report.build()).verdict == "correct"


@pytest.mark.parametrize("report", cases(NARROW))
def test_float32_is_right_to_its_own_digits_and_one_per_cent_is_wrong(report):
    loss, gradient, params = report.build()
    assert check_gradient(loss, gradient, params).verdict in ("correct", "precision")
    off = check_gradient(
        loss, lambda x: gradient(x) * np.array([1.01, *[1] * (x.size - 1)]), params
    )
    assert off.verdict == "wrong"
