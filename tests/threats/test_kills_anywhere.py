"""kill -9 of any process of an exam, at any moment: the same scores, and nothing doubtful is kept."""

import os
import random
import signal
import threading
from pathlib import Path

import pytest

from autograder.exam import pool
from autograder.sandbox import monitor
from tests.threats.room import FULL, NEIGHBOUR, honest, scores, sit, tier

KINDS = "student", "student's server", "examiner", "examiner's server"
# A little slow, so that there is somebody to be killed.
PATIENT = honest(
    outer="import time\ndef outer(d, h):\n    time.sleep(0.15)\n    return np.outer(d, h)",
    risk="import time\ndef risk(w, X):\n    time.sleep(0.1)\n    return float(np.mean(sigmoid(X @ w)))",
)


def victims(kind):
    """The processes of this kind that live now."""
    role = "student" if kind.startswith("student") else "examiner"
    python = {pid for pid in monitor.descendants(os.getpid())[1:] if _runs(pid, role)}
    forked = {child for pid in python for child in monitor.children(pid)} & python
    return sorted(python - forked if kind.endswith("server") else forked)


def _runs(pid, role):
    """Whether it is a fork server of this role, or forked by one; bubblewrap around it is not."""
    try:
        program, *words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return False
    return "python" in program and role in words and "autograder.exam.forkserver" in " ".join(words)


def kill_during_an_exam(kind, dice):
    """The result of an honest exam, and whether a process of this kind was killed during it."""
    done, killed = threading.Event(), []

    def kill():
        if done.wait(dice.uniform(0.0, 0.8)):
            return
        for _ in range(100):
            if found := victims(kind):
                killed.append(dice.choice(found))
                os.kill(killed[0], signal.SIGKILL)
                return
            if done.wait(0.01):
                return

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        return sit(PATIENT), bool(killed)
    finally:
        done.set()
        killer.join()


def holds(kind, times, dice):
    sit(NEIGHBOUR)  # what is to be known of the reference is known
    kills = 0
    for _ in range(times):
        result, killed = kill_during_an_exam(kind, dice)
        assert scores(result) == FULL, (result.checks, result.flags)
        assert not result.provisional
        kills += killed
    assert kills, f"none of {times} kills met a process"
    assert scores(sit(NEIGHBOUR)) == FULL


@pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")
@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_of_any_process_costs_nobody_a_point(kind):
    holds(kind, 2, random.Random(kind))
    pool.shutdown()


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_soak_25_kills_of_each_kind(kind):
    holds(kind, 25, random.Random(f"{kind}, often"))
    pool.shutdown()
