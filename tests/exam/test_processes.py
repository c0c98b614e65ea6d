"""What goes wrong between the processes of an exam: full pipes, deaths, and a machine that is busy."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from autograder.exam import ExamError, doubtful, examine, pool
from autograder.exam.costly import CostlySteps
from autograder.exam.examiner import cpu_clock
from autograder.exam.protocol.messages import Doubt
from autograder.exam.server_process import StderrTail
from autograder.exam.turns import MOST_ASLEEP, MOST_BUSY, Turns
from autograder.result import COULD_NOT_RUN, FAILED, GRADED, NEEDS_A_PERSON, PASSED, Check, Result
from autograder.sandbox import monitor
from autograder.sandbox.limits import Limits
from tests.exam.test_exam import cell, notebook


def course(test, solution="def one():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"):
    return notebook([cell("solution", "one", solution), cell("test", "test_one", test)])


NOISY = course(
    """\"\"\"One\"\"\"
import subprocess, sys
subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('x' * 3000)"])
assert one() == 1"""
)


def test_what_checks_write_to_stderr_never_fills_a_pipe():
    """30 times 3 000 bytes, in one worker: more than a pipe of 64 KiB holds."""
    submission = json.dumps(NOISY).encode()
    for _ in range(30):
        assert examine(NOISY, submission, isolation="none").score == 1


def test_an_examiner_that_dies_says_what_it_wrote():
    dying = course('"""One"""\nimport os\nos.abort()')
    with pytest.raises(ExamError, match="(?s)ended without a result.*Fatal Python error: Aborted"):
        examine(dying, json.dumps(dying).encode(), isolation="none")
    assert examine(NOISY, json.dumps(NOISY).encode(), isolation="none").score == 1


def test_a_tail_drains_any_amount_and_keeps_the_end():
    command = [sys.executable, "-c", "import sys; sys.stderr.write('x' * 10**6 + 'the end')"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    tail = StderrTail(process.stderr)
    assert process.wait(30) == 0
    assert tail.text().endswith("xthe end") and len(tail.text()) < 10_000
    tail.close()


SLOW = course('"""One"""\nassert one() == 1')


def student_processes():
    """Processes below the student's fork servers of this test's workers."""
    mine = monitor.descendants(os.getpid())
    found = []
    for pid in mine:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        except OSError:
            continue
        if "autograder.exam.forkserver" in words and "student" in words:
            found += monitor.children(pid)
    return found


def killed_once(answer, seconds=0.7):
    """The result of an honest exam whose student process is killed once from outside."""
    text = json.dumps(answer)
    examine(SLOW, json.dumps(SLOW).encode(), isolation="none")  # the reference is known by now

    def kill():
        time.sleep(seconds)
        for pid in student_processes():
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    result = examine(SLOW, text.encode(), isolation="none", limits=Limits(call_seconds=5))
    killer.join()
    return result


def test_an_honest_process_killed_from_outside_loses_nothing():
    pool.shutdown()
    patient = course("", "import time\ndef one():\n    time.sleep(1.5)\n    return 1")
    result = killed_once(patient)
    assert result.score == 1 and result.status == GRADED and not result.provisional


def test_a_call_that_sleeps_its_time_away_is_left_to_a_person():
    asleep = course("", "import time\ndef one():\n    time.sleep(60)\n    return 1")
    limits = Limits(call_seconds=0.5)
    result = examine(SLOW, json.dumps(asleep).encode(), limits, isolation="none")
    (check,) = result.checks
    assert check.score is None and check.status == COULD_NOT_RUN and result.provisional
    assert result.status == NEEDS_A_PERSON and "hardly used the CPU" in check.message


def test_a_call_that_computes_its_time_away_is_a_plain_zero():
    busy = course("", "def one():\n    while True: pass")
    result = examine(SLOW, json.dumps(busy).encode(), Limits(call_seconds=0.5), isolation="none")
    (check,) = result.checks
    assert check.score == 0 and check.status == FAILED and not result.provisional


THREE = notebook(
    [
        cell(kind, name if kind == "solution" else f"test_{name}", text)
        for name in "abc"
        for kind, text in (
            (
                "solution",
                f"def {name}():\n    ### BEGIN SOLUTION\n    return [1]\n    ### END SOLUTION",
            ),
            ("test", f"assert set({name}()) == {{1}}"),
        )
    ]
)


def test_an_answer_that_takes_for_ever_to_compare_costs_its_check_alone():
    """``set`` of 100 000 ints with one hash: an hour, in C, where no exception interrupts."""
    answer = json.loads(json.dumps(THREE))
    answer["cells"][2]["source"] = "def b():\n    return [i * (2**61 - 1) for i in range(10**5)]"
    result = examine(THREE, json.dumps(answer).encode(), isolation="none")
    assert [check.score for check in result.checks] == [1, 0, 1]
    assert "took the grader more than 8 s" in result.checks[1].message
    assert result.status == GRADED and not result.provisional
    assert "too long in test_b; nothing is earned" in " ".join(result.flags)


def test_after_a_few_such_steps_nothing_later_is_tried():
    costly = CostlySteps()
    assert costly.flags() == [] and costly.reason("a") == ""
    for step in "abcd":
        assert not costly.last
        costly.add(step)
    costly.passed("c")
    assert costly.last == "d" and costly.reason("e") == "" and "8 s" in costly.reason("a")
    costly.passed("d")
    assert "Not tried" in costly.reason("e")


def result_of(*statuses):
    checks = tuple(
        Check(f"c{place}", "", 1.0, 0.0 if status == FAILED else 1.0, status)
        for place, status in enumerate(statuses)
    )
    return Result("", "", GRADED, checks)


def test_only_what_is_doubtful_is_left_to_a_person():
    first = result_of(FAILED, FAILED, PASSED)
    one = doubtful.without_silent_zeros(first, {"c0": Doubt.KILLED})
    assert [check.score for check in one.checks] == [None, 0.0, 1.0] and one.provisional
    whole = doubtful.without_silent_zeros(first, {"": Doubt.IDLE})
    assert [check.score for check in whole.checks] == [None, None, 1.0]
    assert doubtful.without_silent_zeros(first, {"c0": Doubt.TIMEOUT}) == first
    assert doubtful.without_silent_zeros(result_of(PASSED), {"": Doubt.KILLED}) == result_of(PASSED)


class Clock:
    """Time that passes as a test says."""

    def __init__(self, monkeypatch):
        self.wall = self.cpu = 0.0
        monkeypatch.setattr(cpu_clock.time, "monotonic", lambda: self.wall)
        monkeypatch.setattr(cpu_clock.time, "process_time", lambda: 0.0)

    def passes(self, wall, cpu):
        self.wall, self.cpu = self.wall + wall, self.cpu + cpu


def test_who_is_starved_is_waited_for_and_who_sleeps_or_computes_is_not(monkeypatch):
    clock = Clock(monkeypatch)

    def request():
        return cpu_clock.CpuClock(lambda: clock.cpu, clock.cpu, 10.0)

    starved = request()
    clock.passes(10.0, 2.0)
    for _ in range(90):
        assert starved.is_starved() and starved.was_idle()
        clock.passes(0.2, 0.04)
    clock.passes(3.0, 0.6)
    assert not starved.is_starved(), "three times its seconds, and no longer"

    busy = request()
    clock.passes(10.0, 9.9)
    assert not busy.is_starved() and not busy.was_idle()

    asleep = request()
    clock.passes(10.0, 0.1)
    assert asleep.is_starved()
    clock.passes(0.2, 0.0)
    assert not asleep.is_starved() and asleep.was_idle()


def test_an_exam_alone_waits_for_the_others_and_they_for_it():
    turns, order = Turns(), []
    inside, alone_now = threading.Event(), threading.Event()

    def many():
        with turns.one_of_many():
            inside.set()
            time.sleep(0.2)
            order.append("many")

    def alone():
        inside.wait()
        with turns.alone():
            alone_now.set()
            order.append("alone")
            time.sleep(0.2)
            order.append("alone")

    def first():
        inside.wait()
        time.sleep(0.1)
        with turns.one_of_many():
            order.append("before it")

    def late():
        alone_now.wait()
        with turns.one_of_many():
            order.append("late")

    in_threads(many, alone, first, late)
    assert order == ["before it", "many", "alone", "alone", "late"]


def test_a_slow_exam_gives_its_place_to_the_next():
    turns, order = Turns(), []
    turns.places = 1
    started, others_done = threading.Event(), threading.Event()

    def slow():
        with turns.one_of_many() as turn:
            started.set()
            assert turn.give_up_place(asleep=True) and turn.give_up_place(asleep=True)
            assert turns.aside() == 1
            assert others_done.wait(10)
            order.append("slow")

    def quick():
        started.wait()
        for number in range(3):
            with turns.one_of_many():
                order.append(number)
        others_done.set()

    in_threads(slow, quick)
    assert order == [0, 1, 2, "slow"] and turns.aside() == turns.going_on == 0


@pytest.mark.parametrize("asleep", [True, False])
def test_not_all_are_set_aside_and_one_alone_keeps_its_place(asleep):
    turns, most = Turns(), MOST_ASLEEP if asleep else MOST_BUSY
    with ExitStack() as stack:
        entered = [stack.enter_context(turns.one_of_many()) for _ in range(most + 1)]
        assert [turn.give_up_place(asleep) for turn in entered] == [True] * most + [False]
    with turns.alone() as turn:
        assert not turn.give_up_place(asleep)


def in_threads(*targets):
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


SLOW_ONCE = "import time\ndef f(n):\n    time.sleep(n)\n    return n"
IN_TIME = """
import signal
try:
    signal.setitimer(signal.ITIMER_REAL, 0.3)  # the grader's own alarm
    f(2)
except BaseException as error:
    assert type(error).__name__ == "TestTimeout", error
assert f(0) == 0
"""


def test_the_answer_to_a_call_that_nobody_waits_for_is_not_taken_for_the_next_one():
    reference = "def f(n):\n    ### BEGIN SOLUTION\n    return n\n    ### END SOLUTION"
    cells = [("solution", "f", reference), ("test", "t", IN_TIME)]
    source = notebook([cell(*one) for one in cells])
    cells[0] = "solution", "f", SLOW_ONCE
    made = notebook([cell(*one) for one in cells])
    result = examine(source, json.dumps(made).encode(), isolation="none")
    assert result.flags == () and result.checks[0].status == PASSED
