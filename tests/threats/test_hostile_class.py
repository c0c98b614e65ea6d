"""A class with hostile submissions in it costs the honest ones neither points nor much time."""

import pytest

from benchmarks import hostile


def holds(found):
    assert found["same"], "an honest score has changed"
    assert found["together"].seconds <= found["bound"] + 5  # of start-up, on a busy machine
    assert len(found["alone"].honest()) == len(found["disturbed"].honest()) > 0


def test_twelve_of_whom_four_are_hostile(monkeypatch):
    quick = {name: hostile.HOSTILE[name] for name in list(hostile.HOSTILE)[3:20:5]}
    monkeypatch.setattr(hostile, "HOSTILE", quick)
    holds(hostile.compare(honest=8, others=4, kills=2))


@pytest.mark.soak
def test_three_hundred_of_whom_ninety_are_hostile():
    holds(hostile.compare(honest=210, others=90, kills=8))
