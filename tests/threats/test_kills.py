"""Case 44: the run killed at any moment, then started again. Nothing is lost, or counted twice.

Holds: one transaction for each result, and the file that settles it written last (``Batch``).
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from autograder.course.directory import Course
from autograder.sandbox import monitor
from tests.threats.classroom import CLASS, end_state, make_course
from tests.threats.room import TRANSPOSED, tier, with_cell

PHASES = "no exam yet", "first exam under way", "some results kept", "all results kept"
MARK = "MLPKIT_KILLED_RUN"  # environment variable that tells a run's processes from others'


class Run:
    """``autograder grade`` on a course, in a process group of its own."""

    def __init__(self, course, jobs):
        self.course, self.known = course, settled(course)
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "autograder",
                "grade",
                str(course.root),
                "room",
                "--enrol",
                "--isolation",
                tier(),
                "--jobs",
                str(jobs),
            ],
            env={**os.environ, MARK: str(course.root)},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self, seconds=None):
        """Whether it came to its end."""
        try:
            assert self.process.wait(seconds) in (0, 1)
        except subprocess.TimeoutExpired:
            return False
        return True

    def phase(self):
        done = settled(self.course)
        if done > self.known:
            return PHASES[2 + (done == submitted(self.course))]
        return PHASES[bool(monitor.children(self.process.pid))]

    def kill(self):
        """SIGKILL for the whole group; whether it still ran. What it had started ends by itself."""
        os.killpg(self.process.pid, signal.SIGKILL)
        killed = self.process.wait() == -signal.SIGKILL
        deadline = time.monotonic() + 20
        while left := marked(str(self.course.root)):
            assert time.monotonic() < deadline, f"still there: {left}"
            time.sleep(0.05)
        return killed


def settled(course):
    return len([*(course.root / "autograded").glob("*/room/room.ipynb")])


def submitted(course):
    return len([*(course.root / "submitted").iterdir()])


def marked(text):
    """The command lines of living processes that were started with this mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={text}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ")[:200])
        except OSError:  # it has ended, or is another user's
            pass
    return found


def kill_often(folder, students, kills, dice, jobs):
    """Kill the grading of a class at moments spread over its length, starting it again each time.

    A run that comes to its end must leave what an undisturbed one leaves, and a fresh course is
    begun. Returns how many kills fell into each phase of a run, and how many runs ended.
    """
    fresh = make_course(folder / "fresh", students)
    (fresh.private() / "seed").write_text("one")

    def anew(name):
        shutil.rmtree(folder / name, ignore_errors=True)
        return Course.open(shutil.copytree(fresh.root, folder / name))

    calm, started = anew("calm"), time.monotonic()
    assert Run(calm, jobs).wait() and settled(calm) == submitted(calm)
    length, expected = time.monotonic() - started, end_state(calm)
    course, phases, ended = anew("course"), Counter(), 0
    while True:
        run = Run(course, jobs)
        if run.wait(dice.uniform(0, length) if phases.total() < kills else None):
            assert end_state(course) == expected
            ended += 1
            if phases.total() == kills:
                return phases, ended
            course = anew("course")
        else:
            phase = run.phase()
            phases[phase] += run.kill()


def test_case_44_killed_and_started_again(folder):
    phases, ended = kill_often(folder, CLASS, 3, random.Random(5), jobs=1)
    assert phases.total() == 3 and ended


@pytest.mark.soak
def test_case_44_soak_two_hundred_kills_of_a_class_of_40(folder):
    students = {
        f"s{n:02}": with_cell(1, f"x = {n}", **({"outer": TRANSPOSED} if n % 3 else {}))
        for n in range(40 - len(CLASS))
    }
    phases, ended = kill_often(folder, {**students, **CLASS}, 200, random.Random(5), jobs=2)
    print(f"{ended} runs came to their end; kills: {dict(phases)}")
    assert phases.keys() == set(PHASES), "every phase was met"
