"""Counting the lines that a student's function executes, where it runs.

What is counted runs beside what counts, so this cannot be proof. It makes the cheap ways useless:

* the counter and all it needs are taken hold of before the student's first line, so replacing
  ``mlpkit.testing.count_lines`` or ``sys.settrace`` changes nothing;
* an audit hook, which Python never takes out again, sees whether a counted call touches tracing,
  frames or the garbage collector, or starts a thread or process: the count is then refused;
* the value comes back with the count, and the examiner compares it with that of an ordinary call,
  so a function that does its work only while nobody counts is found (``proxies.CallableProxy``);
* a call that waits while a thread or process of an earlier cell computes is refused
  (``helpers_at_work``).

What remains: code that finds this harness in memory, by way of classes and globals, and rewrites
it; a process whose parent has ended, or that is waited for without sleeping; and before Python
3.12, which has no audit event for it, a thread started by ``_thread`` itself that ends in time.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from autograder.exam.protocol.codec import fresh
from autograder.exam.student.helpers_at_work import TRIES, make_look, were_at_work
from mlpkit.testing import count_lines

STUDENT = "ipython-input"  # in the file names of a student's cells
NEAR = 3  # frames from the student's code: its own call, or that of a library it called for this

FORBIDDEN = frozenset(
    {
        "sys.settrace",
        "sys.setprofile",
        "sys.monitoring.register_callback",
        "_thread.start_new_thread",
        "_thread.start_joinable_thread",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.exec",
        "os.system",
        "subprocess.Popen",
    }
)
# Libraries look at frames for warnings and names; not at once below a student's line.
FORBIDDEN_NEARBY = frozenset(
    {
        "sys._getframe",
        "sys._current_frames",
        "sys._current_exceptions",
        "code.__new__",
        "gc.get_objects",
        "gc.get_referrers",
        "gc.get_referents",
        "ctypes.dlopen",
        "ctypes.dlsym",
        "tb_frame",
        "gi_frame",
        "cr_frame",
        "ag_frame",
    }
)


Function = Callable[..., Any]
Calls = list[tuple[list[Any], dict[str, Any]]]
Counted = tuple[int, Any, Any]  # executed lines, value, value of an ordinary call
Counter = Callable[[Function, Calls], list[Counted]]


def make_counter() -> Counter:
    """To be made before students' code:
    ``counter(function, calls) -> [(lines, value, value of an ordinary call)]``.

    The counter raises AssertionError where the call reached for what it must leave alone.
    """
    count, anew = count_lines, fresh
    frame_at, trace_threads, look = sys._getframe, threading.settrace, make_look()
    armed = False
    seen: list[str] = []

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal armed
        if not armed:
            return
        reached = args[1] if event == "object.__getattr__" else event
        if reached in FORBIDDEN:
            seen.append(reached)
        elif reached in FORBIDDEN_NEARBY:
            armed = False  # looking at frames is an event, too
            frame: FrameType | None = frame_at(1)
            for _ in range(NEAR):
                if frame is not None:
                    if STUDENT in frame.f_code.co_filename:
                        seen.append(reached)
                    frame = frame.f_back
            armed = True

    def counter(function: Function, calls: Calls) -> list[Counted]:
        return [counted(function, args, kwargs) for args, kwargs in calls]

    def counted(function: Function, args: list[Any], kwargs: dict[str, Any]) -> Counted:
        nonlocal armed
        values: list[Any] = []

        def watched(*args: Any, **kwargs: Any) -> None:
            nonlocal armed
            armed = True
            try:
                values.append(function(*args, **kwargs))
            finally:
                armed = False

        seen.clear()
        trace_threads(lambda *event: seen.append("threading"))
        try:
            for _ in range(TRIES):
                before = look()
                lines = count(watched, *anew(args), **anew(kwargs))
                if seen or not were_at_work(before, look()):
                    break
            else:
                seen.append("threads or processes of an earlier cell")
        finally:
            trace_threads(None)
        if seen:
            raise AssertionError(
                f"it uses {', '.join(sorted(set(seen)))} while its executed lines are counted. "
                "Next: leave the interpreter's insides, threads and processes out of it"
            )
        return lines, values[0], function(*args, **kwargs)

    sys.addaudithook(hook)
    return counter
