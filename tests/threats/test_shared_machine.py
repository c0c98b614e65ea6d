"""Cases 54 to 56: one notebook's processes take neither the machine, nor the grader, from others."""

import os
import random

import pytest

from autograder.exam import Limits
from tests.threats.room import (
    FULL,
    flagged,
    honest,
    message,
    printed,
    scores,
    sit,
    tier,
    walk_between,
    with_cell,
    without,
)
from tests.threats.test_kills_anywhere import holds

sandboxed = pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")

HELPERS = """
import os, time
session, pid = os.getsid(0), os.fork()
if pid == 0:
    os.setsid()
    while True: pass
time.sleep(1.2)
print("policies:", os.sched_getscheduler(pid), os.sched_getscheduler(0))
print("same session:", os.getsid(pid) == session)
"""
BUSY = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        while True: pass
time.sleep(8)
"""


@sandboxed
def test_case_54_helpers_run_where_nobody_else_wants_to():
    """Holds: ``monitor.make_helpers_idle``; one session, so one share of the CPU, for all."""
    result = sit(with_cell(1, HELPERS))
    assert scores(result) == FULL
    assert f"policies: {os.SCHED_IDLE} 0" in printed(result)
    assert "same session: True" in printed(result)


@sandboxed
def test_case_54_cpu_time_of_all_processes_together():
    """Holds: ``monitor.excess_cpu``."""
    result = sit(with_cell(1, BUSY), limits=Limits(tree_cpu_seconds=1))
    assert flagged(result, "together used more than 1 s of CPU time")
    assert scores(result) == FULL


@sandboxed
def test_case_55_a_process_killed_by_somebody_else():
    """Holds: an exam whose processes died is held once more, in a new worker (``pool``)."""
    holds("examiner", 2, random.Random(5))


def test_case_56_a_dict_whose_keys_have_equal_hashes():
    """Holds: ``bounds.comparisons``, before a dict or set is made."""
    keys = "def outer(d, h):\n    return {(n + 1) * (2**61 - 1): 0 for n in range(6000)}"
    result = sit(honest(outer=keys))
    assert scores(result) == without("test_outer")
    assert "equal hashes" in message(result, "test_outer")


def test_case_56_a_list_that_takes_minutes_to_compare():
    """Holds: ``examiner.watchdog``: the check earns nothing, and the rest is graded."""
    answer = "def walk(f, n):\n    return [(i + 1) * (2**61 - 1) for i in range(60_000)]"
    result = walk_between(answer, "assert len(set(walk(double, 1))) > 0")
    assert scores(result) == {"test_neuron": 1, "test_outer": 0, "test_risk": 3}
    assert "took the grader more than 8 s" in message(result, "test_outer")
    assert not result.provisional
