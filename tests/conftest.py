"""``--no-processes``: skip each test at the point where it would start a process.

So `make check` runs, in seconds, all that only computes.
"""

import multiprocessing.process
import os
import subprocess

import pytest

HELPERS = "ldconfig", "gcc", "cc", "ld", "objdump", "uname", "file"


def pytest_addoption(parser):
    parser.addoption(
        "--no-processes", action="store_true", help="skip tests that would start a process"
    )


@pytest.fixture(autouse=True, scope="session")
def no_processes(request):
    if not request.config.getoption("--no-processes"):
        yield
        return

    def refuse(*args, **kwargs):
        pytest.skip("starts a process")

    start = subprocess.Popen.__init__

    def start_helper(self, command, *args, **options):
        """Libraries look for others with ldconfig and the like when they are imported."""
        name = os.path.basename(command if isinstance(command, str) else str(command[0]))
        if name not in HELPERS:
            self._child_created = False
            refuse()
        start(self, command, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", start_helper)
        patch.setattr(os, "fork", refuse)
        patch.setattr(multiprocessing.process.BaseProcess, "start", refuse)
        # In a thread of its own; what is refused there skips nothing.
        patch.setattr("autograder.grading.run._start", lambda isolation, count: None)
        yield
