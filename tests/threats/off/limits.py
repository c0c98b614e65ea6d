"""Limits, and lives after a death."""

ROLE = "test"  # or "examiner", "student"


def lift(**limits):
    """Other limits than those of the test; never without any bound."""
    from dataclasses import replace

    from autograder.exam.examiner import session

    begin = session.Session.__init__
    session.Session.__init__ = lambda self, control, asked, *rest: begin(
        self, control, replace(asked, **limits), *rest
    )


def scratch_of(size, files):
    from dataclasses import replace

    from autograder.sandbox import launch
    from autograder.sandbox.limits import Limits

    launch.Limits = lambda: replace(Limits(), scratch_size=size, scratch_files=files)


def seconds_of_a_test(seconds):
    """A test's own time; shortened only, so that nothing here takes a minute."""
    from autograder.exam.examiner import checks, verdict

    checks.TEST_SECONDS = verdict.TEST_SECONDS = seconds


def call_backs_stop_the_clock():
    import time

    from autograder.exam.examiner import session

    serve, answer = session.Session._serve_callback, session.Session._answer

    class Again(Exception):
        pass

    def served(self, *arguments):
        serve(self, *arguments)
        raise Again

    def patient(self, verb, deadline):
        seconds = deadline - time.monotonic()
        while True:
            try:
                return answer(self, verb, time.monotonic() + seconds)
            except Again:
                pass

    session.Session._serve_callback, session.Session._answer = served, patient


def no_recursion_limit():
    import sys

    sys.setrecursionlimit(1 << 30)


def unwatched():
    from autograder.sandbox import monitor

    monitor.excess = lambda *arguments: ""


def unbounded_outputs():
    from autograder.exam.shell import capture, shell

    class Outputs(capture.Outputs):
        limit = property(lambda self: 1 << 40, lambda self, limit: None)

    capture.Outputs = shell.Outputs = Outputs
    capture.MAX_OUTPUTS = 1 << 40


def unbounded_notebook():
    from autograder.exam.examiner import examiner

    examiner.Examiner._fitting = lambda self, outputs: outputs


def any_length():
    from autograder.notebook import submitted_cells

    submitted_cells.MAX_CHARACTERS = submitted_cells.MAX_CODE = 1 << 40


def whole_messages():
    from autograder.exam.examiner import verdict

    verdict.MAX_MESSAGE = 1 << 40


def no_replay():
    from autograder.exam.examiner import session

    session.Session._replay = lambda self: None


def called_again_and_again():
    from autograder.exam.examiner import session

    session.DEADLY = 1 << 30


def waits_for_the_end():
    """The student process ends as a Python does, and is waited for."""
    import os
    import sys
    from types import SimpleNamespace

    from autograder.exam import forkserver, worker

    if ROLE == "test":
        worker.START_SECONDS = 10.0
    elif ROLE == "student":
        forkserver.os = SimpleNamespace(**{**vars(os), "_exit": sys.exit, "kill": lambda *a: None})
