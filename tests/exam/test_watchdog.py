"""The timer of an examiner: set with every step, and anew with what comes in the middle of one."""

import signal
import time

import pytest

from autograder.exam.costly import REPLY_SECONDS
from autograder.exam.examiner import watchdog

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers of CPU time")


@pytest.fixture
def clock(monkeypatch):
    """The time, to be turned on by hand, and what the timer is set to."""
    at, bounds = [100.0], []
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    monkeypatch.setattr(signal, "setitimer", lambda _which, bound: bounds.append(bound))
    return at, bounds


def test_a_frame_begins_its_time_anew(clock):
    at, bounds = clock
    dog = watchdog.Watchdog(lambda place: None, {"slow": 2.0})
    with dog.over("slow"):
        bound = REPLY_SECONDS + watchdog.PER_REFERENCE * 2.0
        for _ in range(3):
            at[0] += watchdog.NEGLIGIBLE * 2
            dog.heard()
    assert bounds == [bound] * 4 + [0.0]


def test_what_comes_at_once_needs_no_timer(clock):
    at, bounds = clock
    dog = watchdog.Watchdog(lambda place: None)
    with dog.over("quick"):
        for _ in range(100):
            at[0] += watchdog.NEGLIGIBLE / 1000
            dog.heard()
    assert bounds == [REPLY_SECONDS, 0.0]


def test_nothing_is_watched_where_nobody_is_told(clock):
    dog = watchdog.Watchdog()
    with dog.over("reference"):
        dog.heard()
    assert clock[1] == [] and dog.seconds.keys() == {"reference"}
