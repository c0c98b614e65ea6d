"""Arrays of several axes in another order, and numbers where the right gradient has none."""

import re

import numpy as np
import pytest

from mlpkit import check_gradient

RNG = np.random.default_rng(0)
R = RNG.normal(size=(4, 4))
KERNELS = RNG.normal(size=(4, 3, 3, 2))


@pytest.mark.parametrize(
    ("yours", "said"),
    [
        (KERNELS.transpose(0, 2, 1, 3), "its axes 1 and 2 exchanged"),
        (
            KERNELS.transpose(0, 2, 1, 3)[..., ::-1],
            "axis 3 in reverse order, and axes 1 and 2 exch",
        ),
        (
            KERNELS.transpose(0, 2, 1, 3)[:, ::-1],
            "axis 2 in reverse order, and axes 1 and 2 exch|1",
        ),
        (KERNELS[:, :, ::-1, ::-1], "axes 2 and 3 in reverse order"),
        (KERNELS[[3, 2, 0, 1]], "its indices of axis 0 in another order"),
        (KERNELS[:, [1, 0, 2]], "indices 0 and 1 of axis 1 exchanged"),
        (np.roll(KERNELS, 1, 2), "axis 2 shifted by one"),
    ],
)
@pytest.mark.parametrize("method", ["auto", "real"])
def test_kernels_in_another_order(yours, said, method):
    """The right gradient of a linear loss is what it is linear in."""
    report = check_gradient(
        lambda K: (KERNELS * K).sum() + (K**2).sum() / 2,
        lambda K: yours + (K - K),
        0 * KERNELS,
        method=method,
    )
    assert re.search(said, report.findings[0].cause)


def test_where_nothing_is_to_be_seen_no_multiple_of_it_is_named():
    """A triangular array with something above its diagonal."""
    right = np.tril(R)
    loss, gradient = (lambda L: (right * L).sum()), (lambda L: R + 0 * L)
    cause = check_gradient(loss, gradient, np.ones((4, 4))).findings[0].cause
    assert "times" not in (cause or "")
    report = check_gradient(
        loss, lambda L: right + (np.arange(16) == 3).reshape(4, 4), np.ones((4, 4))
    )
    assert report.findings[0].cause == "not zero, as the right one is there"
