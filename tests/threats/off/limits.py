"""Limits, and lives after a death."""

ROLE = "test"  # or "examiner", "student"


def lift(**limits):
    """Other limits than those of the test; never without any bound."""
    from dataclasses import replace

    from autograder.exam.examiner import session

    begin = session.Session.__init__
    patch(
        session.Session,
        "__init__",
        lambda self, control, asked, *rest: begin(self, control, replace(asked, **limits), *rest),
    )


def scratch_of(size, files):
    from dataclasses import replace

    from autograder.sandbox import launch
    from autograder.sandbox.limits import Limits

    patch(launch, "Limits", lambda: replace(Limits(), scratch_size=size, scratch_files=files))


def seconds_of_a_test(seconds):
    """A test's own time; shortened only, so that nothing here takes a minute."""
    from autograder.exam.examiner import checks, verdict

    patch(checks, "TEST_SECONDS", seconds)
    patch(verdict, "TEST_SECONDS", seconds)


def call_backs_stop_the_clock():
    import time

    from autograder.exam.examiner.connection import Connection

    wait, serve = Connection.await_reply, Connection._serve

    class Again(Exception):
        pass

    def served(self, *arguments):
        serve(self, *arguments)
        raise Again

    def patient(self, request, deadline):
        seconds = deadline - time.monotonic()
        while True:
            try:
                return wait(self, request, time.monotonic() + seconds)
            except Again:
                pass

    patch(Connection, "_serve", served)
    patch(Connection, "await_reply", patient)


def no_recursion_limit():
    import sys

    sys.setrecursionlimit(1 << 30)


def unwatched():
    from autograder.sandbox import monitor

    patch(monitor, "excess", lambda *arguments: "")


def no_cgroup():
    from autograder.sandbox import cgroup

    patch(cgroup, "group_for", lambda *arguments: None)


def unbounded_outputs():
    from autograder.exam.shell import capture, shell

    class Outputs(capture.Outputs):
        limit = property(lambda self: 1 << 40, lambda self, limit: None)

    patch(capture, "Outputs", Outputs)
    patch(shell, "Outputs", Outputs)
    patch(capture, "MAX_OUTPUTS", 1 << 40)


def unbounded_notebook():
    from autograder.exam.examiner import examiner

    patch(examiner.Examiner, "_fitting", lambda self, outputs: outputs)


def any_length():
    from autograder.notebook import submitted_cells

    patch(submitted_cells, "MAX_CHARACTERS", 1 << 40)
    patch(submitted_cells, "MAX_CODE", 1 << 40)


def whole_messages():
    from autograder.exam.examiner import verdict

    patch(verdict, "MAX_MESSAGE", 1 << 40)


def no_replay():
    from autograder.exam.examiner import session

    patch(session.Session, "_replay", lambda self: None)


def called_again_and_again():
    from autograder.exam.examiner import session

    patch(session, "DEADLY", 1 << 30)


def waits_for_the_end():
    """The student process ends as a Python does, and is waited for."""
    import os
    import sys
    from types import SimpleNamespace

    from autograder.exam import forkserver, server_process

    if ROLE == "test":
        patch(server_process, "START_SECONDS", 30.0)
    elif ROLE == "student":
        patch(
            forkserver,
            "os",
            SimpleNamespace(**{**vars(os), "_exit": sys.exit, "kill": lambda *a: None}),
        )


def uncounted_cpu():
    from autograder.sandbox import monitor

    patch(monitor, "excess_cpu", lambda *arguments: "")


def helpers_stay_busy():
    from autograder.sandbox import monitor

    patch(monitor, "make_helpers_idle", lambda server: None)


def equal_hashes_taken():
    from autograder.exam.protocol import bounds

    patch(bounds, "comparisons", lambda keys: 0)


def no_watchdog():
    from autograder.exam.examiner import watchdog

    patch(watchdog, "REPLY_SECONDS", 1e6)


def held_once():
    """An exam whose processes died is not held again."""
    from autograder.exam import pool

    class Never(Exception):
        pass

    patch(pool, "ProcessGone", Never)


def any_memory():
    from autograder.exam.examiner import held_memory

    patch(held_memory.HeldMemory, "make_room", lambda self: None)
