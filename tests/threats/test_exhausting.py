"""Cases 20 to 25: exhausting. Stopped within the limits; earlier and later tests are graded.

Each docstring ends with what holds.
"""

import json
import time

import pytest

from autograder.exam import Limits, examine
from autograder.exam.examiner.verdict import MAX_MESSAGE
from autograder.result import NEEDS_A_PERSON
from tests.threats.room import (
    FULL,
    HARNESS,
    NEIGHBOUR,
    OUTER,
    between,
    cell,
    flagged,
    grade,
    honest,
    message,
    notebook,
    own,
    printed,
    scores,
    sit,
    tier,
    walk_between,
    with_cell,
    without,
)

MIB = 1 << 20
WRONG = without("test_outer")
QUICK = Limits(call_seconds=0.7, cell_seconds=1.0)

LOOPS = [
    "while True: pass",
    "while True:\n        try:\n            while True: pass\n"
    "        except KeyboardInterrupt: pass",
    "import signal\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True: pass",
    "return [10 ** (10 ** 10)]",
]


def test_case_20_a_loop_in_a_function():
    """Holds: call_seconds, SIGINT, then SIGKILL and replay (``Session``)."""
    tried = [honest(outer=f"def outer(d, h):\n    {loop}") for loop in LOOPS]
    for result, loop in zip(between(*tried, limits=QUICK), LOOPS, strict=True):
        assert scores(result) == WRONG, loop
        assert "did not come back within 0.7 s" in message(result, "test_outer")


def test_case_20_a_loop_in_a_cell():
    """Holds: cell_seconds; what the cell defined before stays when it can be interrupted."""
    mild, stubborn = (
        with_cell(5, f"{kind} = 1\ndef f():\n    {loop}\nf()")
        for kind, loop in zip(("mild", "stubborn"), LOOPS[:2], strict=True)
    )
    for result in between(mild, stubborn, limits=QUICK):
        assert scores(result) == FULL
        assert "did not finish within 1 s and was stopped" in printed(result)


def test_case_20_call_backs_without_end():
    """Holds: the deadline goes on during call-backs."""
    endless = (
        "class Descent:\n    def __init__(self, gradient, w, alpha):\n"
        "        while True: gradient(w)\n"
    )
    result = grade(honest(descent=endless), limits=QUICK)
    assert scores(result) == without("test_descent")
    assert "did not come back" in message(result, "test_descent")


def test_case_20_call_backs_sent_without_waiting():
    """Holds: the same, and that an answer nobody takes is a timeout: each stops it alone."""
    flood = (
        HARNESS + "import threading\nclass Descent:\n"
        "    def __init__(self, gradient, w, alpha):\n"
        "        frame = wire.encode([me.number, 'CallBack', gradient.id, [1.0], {}]) * 50\n"
        "        def drain():\n            while True: me.channel.socket.recv(65536)\n"
        "        threading.Thread(target=drain, daemon=True).start()\n"
        "        while True: me.channel.socket.sendall(frame)\n"
    )
    result = grade(honest(descent=flood), limits=QUICK)
    assert scores(result) == without("test_descent")
    assert "did not end within" not in message(result, "test_descent")


def test_case_20_an_iterator_without_end_uses_up_the_notebooks_time():
    """Holds: notebook_seconds, over all calls; what was earned before stays."""
    endless = "def walk(f, n):\n    while True:\n        yield n"
    result = walk_between(endless, "assert sum(walk(double, 1)) == 1", notebook_seconds=3)
    assert scores(result) == {"test_neuron": 1, "test_outer": 0, "test_risk": 0}
    assert "had used up its 3 s" in message(result, "test_outer")


GREEDY = {
    "a 3 GB array": "np.ones((3 << 27))[::4096].sum()",
    "a 3 GB string": "'x' * (3 << 30)",
    "a 500 MB file": "open('big', 'wb').write(bytes(1 << 20) * 500)",
    "a sparse file": "open('big', 'wb').truncate(1 << 40)",
    "thousands of files": "[open(f'f{i}', 'w').close() for i in range(20_000)]",
    "thousands of descriptors": "[open('/dev/null') for i in range(2_000)]",
    "memory shared": "import mmap; mmap.mmap(-1, 3 << 30)",
}


@pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")
def test_case_21_memory_and_disk():
    """Holds: sandbox (RLIMIT_AS, RLIMIT_FSIZE, RLIMIT_NOFILE, a scratch of fixed size)."""
    text = "import numpy as np\nkept = []\n"
    for name, code in GREEDY.items():
        *before, last = code.split("; ")
        text += "\n".join(before) + (
            f"\ntry:\n    kept.append({last}); print('GOT', {name!r})\n"
            "except (MemoryError, OSError, ValueError) as error:\n"
            "    print('stopped', type(error).__name__)\n"
        )
    result = grade(with_cell(1, text))
    if tier() == "bwrap":
        assert printed(result).count("stopped") == len(GREEDY), printed(result)
    assert scores(result) == FULL


@pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")
def test_case_21_a_hundred_forks_and_a_bomb():
    """Holds: sandbox (RLIMIT_NPROC); what was forked is killed with the student process."""
    forks = (
        "import os, time\nmade = 0\ntry:\n    for _ in range(100):\n"
        "        if os.fork() == 0:\n            time.sleep(60)\n            os._exit(0)\n"
        "        made += 1\nexcept OSError:\n    print('stopped after', made)"
    )
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: break"
    made = with_cell(9, bomb)
    made["cells"].insert(8, with_cell(0, forks)["cells"][0])
    result = grade(made, limits=QUICK)
    assert "stopped after" in printed(result)
    assert scores(result) == {**FULL, "test_descent": scores(result)["test_descent"]}


@pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")
def test_case_21_memory_of_all_processes_together():
    """Holds: ``watch`` (tree_memory), from outside."""
    greedy = (
        "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n"
        "        block = bytearray(80 << 20); time.sleep(20); os._exit(0)\ntime.sleep(5)"
    )
    result = grade(with_cell(5, greedy), limits=Limits(tree_memory=330 * MIB))
    assert flagged(result, "its processes together used more than 330 MiB")
    assert scores(result)["test_neuron"] == 1 and scores(result)["test_outer"] == 2


def test_case_22_floods_of_output():
    """Holds: ``cells.Outputs``: bounded where they are made, and cheaply."""
    prints = "for _ in range(600):\n    print('x' * 100_000)\nprint('after')"
    displays = "for i in range(20_000):\n    display(i)"
    drawn = (
        "class Figure:\n    drawn = 0\n    def __repr__(self):\n"
        "        Figure.drawn += 1; return 'figure'\n"
        "for i in range(20_000):\n    display(Figure())\nassert Figure.drawn <= 200"
    )
    inside = OUTER.replace("    return", "    print('x' * 10_000_000)\n    return")
    tried = [
        with_cell(1, prints),
        with_cell(1, displays),
        with_cell(1, drawn),
        honest(outer=inside),
        with_cell(1, "import sys\nsys.stdout.write('y' * 60_000_000);"),
    ]
    started = time.process_time()
    for result in between(*tried):
        assert scores(result) == FULL
        shown = printed(result)
        assert len(shown) < 3 * MIB and ("[output cut:" in shown or not shown)
        assert "AssertionError" not in shown
    assert time.process_time() - started < 10, "of this process: nothing large arrives here"


def test_case_22_floods_in_every_cell():
    """Holds: ``Examiner._fitting``: notebook_bytes over all cells."""
    made = honest()
    for _ in range(12):
        made["cells"].insert(1, with_cell(0, "print('z' * 1_500_000)")["cells"][0])
    result = grade(made, limits=Limits(notebook_bytes=4 * MIB))
    assert scores(result) == FULL and "outputs cut" in printed(result, "own")


ENDS = {
    "os._exit(0)": "ended its process itself (exit status 0)",
    "os.kill(os.getpid(), 9)": "was killed",
    "ctypes.string_at(0)": "segmentation fault",
    "sys.exit(0)": "SystemExit",
    "exit()": "SystemExit",
    "os.abort()": "ended its process (signal 6)",
    "os.close(3); [os.close(n) for n in range(3, 60) if not os.closerange(n, n + 1)]": "",
}


def test_case_22_more_text_than_can_be_kept():
    """Holds: ``handed_in``: a person looks; the file breaks neither exam nor result."""
    long = with_cell(1, "x = '" + "a" * (5 << 20) + "'")
    wide = [own("# " + "é" * 900_000, f"x{place}") for place in range(14)]
    wide = {**NEIGHBOUR, "cells": [*NEIGHBOUR["cells"], *wide]}
    for result in between(long, json.dumps(wide, ensure_ascii=False).encode("latin-1")):
        assert result.status == NEEDS_A_PERSON and flagged(result, "characters.")


def test_case_22_a_check_that_quotes_a_huge_value():
    """Holds: ``examiner.MAX_MESSAGE``."""
    quotes = "value = walk(double, 1)\nassert value == [1], f'you returned {value}'"
    result = walk_between("def walk(f, n):\n    return 'x' * 7_000_000", quotes)
    assert scores(result) == {"test_neuron": 1, "test_outer": 0, "test_risk": 3}
    assert len(message(result, "test_outer")) == MAX_MESSAGE


def test_case_23_ends_inside_a_function():
    """Holds: replay in a fresh process, without the call that killed."""
    tried = [honest(outer=f"import os, sys, ctypes\ndef outer(d, h):\n    {end}") for end in ENDS]
    for (end, words), result in zip(ENDS.items(), between(*tried), strict=True):
        # A SIGKILL may have come from outside: a person decides, twice it is tried.
        lost = WRONG | {"test_outer": None} if "9" in end else WRONG
        assert scores(result) == lost, end
        assert words in message(result, "test_outer"), message(result, "test_outer")


def test_case_23_ends_at_the_end_of_a_correct_cell():
    """Holds: replay. sys.exit leaves the cell's work; a process that ends itself loses that cell.

    Everything before and after keeps its points.
    """
    soft = honest(outer=f"{OUTER}\nimport sys; sys.exit(0)")
    hard = [
        honest(outer=f"{OUTER}\nimport os, ctypes; {end}")
        for end in ("os._exit(0)", "ctypes.string_at(0)")
    ]
    results = between(soft, *hard)
    assert scores(results[0]) == FULL
    for result in results[1:]:
        assert scores(result) == WRONG
        assert "outer is not defined: This cell" in message(result, "test_outer")


def test_case_23_a_function_that_kills_again_and_again_takes_nothing_else_along():
    """Holds: ``Session.deadly``: after three deaths it is not called any more."""
    tests = []
    for number in range(30):
        tests.append(cell("test", "test_neuron", f"assert neuron({number}) == {number}"))
        tests[-1]["id"] = tests[-1]["metadata"]["nbgrader"]["grade_id"] = f"test_{number}"
    source = notebook(
        [
            cell(
                "solution",
                "neuron",
                "### BEGIN SOLUTION\nimport os\ndef neuron(n):\n    return n\n### END SOLUTION",
            ),
            cell(
                "solution",
                "outer",
                "### BEGIN SOLUTION\ncount = globals().get('count', 0) + 1\n"
                "def outer():\n    return count\n### END SOLUTION",
            ),
            *tests,
            cell("test", "test_outer", "assert outer() == 1, 'a cell ran twice'"),
        ]
    )
    made = json.loads(json.dumps(source))
    made["cells"][0]["source"] = "import os\ndef neuron(n):\n    os._exit(1)"
    sit(NEIGHBOUR)
    result = examine(source, json.dumps(made).encode(), isolation=tier())
    assert scores(result) == {**{f"test_{number}": 0 for number in range(30)}, "test_outer": 2}
    assert "ended its process 3 times" in message(result, "test_29")
    assert scores(sit(NEIGHBOUR)) == FULL


def test_case_24_threads_and_handlers_left_behind():
    """Holds: the student process ends by ``os._exit``, or SIGKILL, whatever still runs."""
    threads = (
        "import threading, time\ndef run():\n    while True: time.sleep(0.01)\n"
        "for _ in range(8): threading.Thread(target=run, daemon=False).start()"
    )
    handlers = "import atexit, time\natexit.register(time.sleep, 1000)"
    finalizers = "class Stay:\n    def __del__(self):\n        while True: pass\nstay = Stay()"
    started = time.monotonic()
    for result in between(*[with_cell(1, text) for text in (threads, handlers, finalizers)]):
        assert scores(result) == FULL
    assert time.monotonic() - started < 60


RECURSION = "def outer(d, h):\n    return outer(d, h)"
DEEP = {
    RECURSION: "RecursionError",
    "def outer(d, h):\n    x = []\n    for _ in range(10**5): x = [x]\n    return x": "too deep",
    "def outer(d, h):\n    return np.zeros(20 << 20)": "MB",
    "def outer(d, h):\n    return 'x' * (160 << 20)": "MB",
    "def outer(d, h):\n    return [0.5] * 10_000_000": "MB",
    "def outer(d, h):\n    return [0.5] * 500_000": "more than 200000 entries",
    "def outer(d, h):\n    return {i: i for i in range(25_000)}": "more than 20000 entries",
    "def outer(d, h):\n    return 10 ** 5_000": "digits",
    "def outer(d, h):\n    return [[[]] * 100_000] * 9": "parts together",
}


def test_case_25_deep_recursion_and_huge_values():
    """Holds: ``wire`` (bounded in size, depth and parts), limits of stack and memory."""
    for (text, words), result in zip(
        DEEP.items(),
        between(*[honest(outer=text) for text in DEEP], limits=Limits(call_seconds=4)),
        strict=True,
    ):
        assert scores(result) == WRONG, text
        assert words in message(result, "test_outer"), message(result, "test_outer")


def test_recursion_without_a_limit_ends_itself():
    """It takes all its memory first. Where the machine is too busy for that, a person looks."""
    result = grade(honest(outer=f"import sys\nsys.setrecursionlimit(10**9)\n{RECURSION}"))
    assert {**scores(result), "test_outer": 0.0} == WRONG and not scores(result)["test_outer"]


def test_case_25_recursion_through_call_backs():
    """Holds: each side's own limit on recursion, and the deadline of a call."""
    again = "def again(n):\n    return walk(again, n + 1)\nassert walk(again, 0) == [0]"
    result = walk_between("def walk(f, n):\n    return [f(n)]", again, call_seconds=5)
    assert scores(result) == {"test_neuron": 1, "test_outer": 0, "test_risk": 3}
    assert "walk(...) raised" in message(result, "test_outer")
    proxy = "class Descent:\n    def __init__(self, gradient, w, alpha): self.g = gradient\n"
    for step in ("self.g(self)", "self.g(self.step)"):
        result = grade(honest(descent=f"{proxy}    def step(self): return {step}"), limits=QUICK)
        assert scores(result) == without("test_descent")


KEPT = {
    "a list of arrays": (
        "import numpy as np\ndef walk(f, n):\n    return np.zeros(7 << 20)",
        "kept = [walk(double, n) for n in range(24)]\nassert len(kept) == 0",
    ),
    "an iterator of texts": (
        "def walk(f, n):\n    for _ in range(180): yield 'x' * (7 << 20)",
        "kept = list(walk(double, 1))\nassert len(kept) == 1",
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_case_67_values_that_a_check_keeps(name):
    """Holds: ``held_memory``. Each crosses; together they would fill the examiner's memory, and
    the checks that follow would be lost, too.
    """
    result = walk_between(*KEPT[name], call_seconds=30)
    assert scores(result) == {"test_neuron": 1, "test_outer": 0, "test_risk": 3}
    assert "more than 1 GB together" in message(result, "test_outer")
