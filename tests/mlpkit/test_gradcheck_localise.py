"""Where the errors of a gradient are, found from few noisy sums over parts of it."""

import numpy as np
import pytest

from mlpkit.gradcheck.measure.direction import Entries
from mlpkit.gradcheck.measure.localise import Locator
from mlpkit.gradcheck.measure.screen import Residual


class Sums:
    """In place of a screen: residuals of known errors, with noise that grows like a root."""

    def __init__(self, errors, noise, seed=0):
        self.errors, self.noise, self.count = errors, noise, 0
        self.rng = np.random.default_rng(seed)

    def tolerance(self, direction):
        return 5 * self.noise * float(np.linalg.norm(direction["W"].values))

    def residual(self, direction, accuracy=0.0):
        self.count += 1
        tolerance = self.tolerance(direction)
        d = direction["W"]
        value = np.sum(self.errors.ravel()[d.flat] * d.values) + tolerance / 5 * self.rng.normal()
        return Residual(value, tolerance, 1.0)


def locate(errors, noise=1e-15, seed=0):
    """The place, and how many sums it took beside the first."""
    values = np.random.default_rng(seed).uniform(0.5, 1.5, errors.size)
    direction = Entries(slice(None), values)
    sums = Sums(errors, noise, seed)
    whole = sums.residual({"W": direction})
    assert not whole.is_zero
    return Locator(sums, "W", direction, errors.shape).locate(whole), sums.count - 1


def errors_at(shape, index, size=1.0):
    errors = np.zeros(shape)
    errors[index] = size
    return errors


@pytest.mark.parametrize("shape", [(7,), (2410,), (64, 32), (1, 50), (50, 1), (5, 4), (12, 10, 3)])
def test_one_entry_takes_few_sums_whatever_the_size(shape):
    for seed in range(20):
        index = tuple(int(i) for i in np.random.default_rng([seed, 1]).integers(0, shape))
        place, count = locate(errors_at(shape, index, 1e-3), seed=seed)
        assert place.words == f"entry {list(index)}"
        assert [int(axis[0]) for axis in place.indices] == list(index)
        assert count <= 8


def test_one_entry_that_barely_shows_is_named_in_fewer_sums_than_halving_takes():
    counts = []
    for seed in range(20):
        index = tuple(int(i) for i in np.random.default_rng([seed, 1]).integers(0, (400, 512)))
        errors = errors_at((400, 512), index, 15.0)
        place, count = locate(errors, noise=1 / np.sqrt(errors.size), seed=seed)
        assert place.words == f"entry {list(index)}"
        counts.append(count)
    assert max(counts) <= 14  # log2(400 * 512) is 17.6


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ((5, slice(None)), "row 5"),
        ((slice(None), 7), "column 7"),
        (([2, 5, 60],), "rows 2, 5, 60"),
        ((slice(None), [0, 31]), "columns 0, 31"),
        (([3, 3, 40], [2, 9, 2]), "entries [3, 2], [3, 9], [40, 2]"),
        (([1, 2, 3, 4], [7, 7, 7, 7]), "entries [1, 7], [2, 7], [3, 7], [4, 7]"),
    ],
)
def test_rows_columns_and_several_entries_are_named(index, words):
    for seed in range(10):
        errors = errors_at((64, 32), index) * np.random.default_rng(seed).normal(size=(64, 32))
        place, count = locate(errors, seed=seed)
        assert place.words == words
        assert errors[place.indices].all()
        assert count <= 40


@pytest.mark.parametrize(
    ("shape", "index", "words"),
    [
        ((4, 3), (slice(None), 1), "column 1"),
        ((4, 3), ([0, 1, 2], slice(None)), "rows 0, 1, 2"),
        ((4, 3), ([0, 1, 2, 3], [0, 1, 2, 0]), "entries [0, 0], [1, 1], [2, 2], [3, 0]"),
        ((4, 3), slice(None), "every entry"),
        ((3,), slice(None), "every entry"),
        ((2,), 1, "entry [1]"),
    ],
)
def test_small_arrays_are_described_by_what_is_fewest(shape, index, words):
    assert locate(errors_at(shape, index))[0].words == words


@pytest.mark.parametrize("shape", [(2410,), (64, 32), (300, 512)])
def test_errors_everywhere_are_seen_at_once(shape):
    for seed in range(10):
        errors = np.random.default_rng(seed).normal(size=shape)
        place, count = locate(errors, seed=seed)
        assert (place.words, place.indices) == ("every entry", None)
        assert count <= 18


def test_errors_that_drown_in_parts_are_lost_and_not_everywhere():
    """Each of many entries is off by less than shows; together they do."""
    errors = np.full(4096, 1.0)
    place, _ = locate(errors, noise=12.0)
    assert (place.words, place.indices) == ("somewhere", None)
