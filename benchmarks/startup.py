"""What a command costs before it does anything: CPU seconds of ours and of others, in turns."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat

from autograder.authoring.answer_bank import fill
from autograder.authoring.installed import course_sources, student_notebooks
from autograder.authoring.source import read_source
from benchmarks.measure import cost_of
from benchmarks.peers import install_otter, otter_tests

ROUNDS = 5  # the least of these counts: other work on the machine only adds
BIN = Path(sys.executable).parent
UNTOUCHED, SOLVED = "00_wires", "02_momentum"

HEADER = """## What a command costs before it does anything

CPU seconds of the whole tree of processes, user and system, the least of {rounds} rounds in which
all took turns; Python {python}, {cores} cores, load average {load:.0f}. otter-grader has an
environment of its own.

| command | CPU seconds | more than `python -c "import numpy, IPython"` |
|---|--:|--:|
"""


def run() -> str:
    """The section of BENCHMARKS.md."""
    with tempfile.TemporaryDirectory() as name:
        commands = _commands(Path(name))
        least = dict.fromkeys(commands, float("inf"))
        for _ in range(ROUNDS):
            for said, (words, prepare) in commands.items():
                prepare()
                environment = {"PATH": f"{Path(words[0]).parent}{os.pathsep}{os.environ['PATH']}"}
                cost = cost_of(words, Path(name), environment, codes=(0, 1, 2))
                least[said] = min(least[said], cost.cpu)
    base = next(iter(least.values()))
    rows = [f"| {said} | {cpu:.2f} | {cpu - base:+.2f} |\n" for said, cpu in least.items()]
    head = HEADER.format(
        rounds=ROUNDS,
        python=sys.version.split()[0],
        cores=len(os.sched_getaffinity(0)),
        load=os.getloadavg()[0],
    )
    return head + "".join(rows)


def _commands(folder: Path) -> dict[str, tuple[list[str], Callable[[], None]]]:
    """Each command line by what the table calls it, and what must be done before it."""
    untouched, solved = folder / f"{UNTOUCHED}.ipynb", folder / f"{SOLVED}.ipynb"
    shutil.copy(student_notebooks()[UNTOUCHED], untouched)
    release = nbformat.from_dict(json.loads(student_notebooks()[SOLVED].read_text()))
    nbformat.write(fill(release, read_source(course_sources()[SOLVED])), solved)
    course = folder / "COURSE"

    def nothing() -> None:
        """Every time is like the first."""

    def no_course() -> None:
        shutil.rmtree(course, ignore_errors=True)

    ours, nbgrader = str(BIN / "autograder"), str(BIN / "nbgrader")
    otter, tests = str(install_otter()), str(otter_tests(folder, UNTOUCHED))
    python = [sys.executable, "-c", "import numpy, IPython"]
    return {
        '`python -c "import numpy, IPython"`': (python, nothing),
        "`autograder --help`": ([ours, "--help"], nothing),
        f"`autograder check`, `{SOLVED}` solved": ([ours, "check", str(solved)], nothing),
        f"`autograder check`, `{UNTOUCHED}` untouched": ([ours, "check", str(untouched)], nothing),
        "`autograder init`, nine assignments": ([ours, "init", str(course)], no_course),
        "`nbgrader --version`": ([nbgrader, "--version"], nothing),
        f"`nbgrader validate`, `{UNTOUCHED}`": ([nbgrader, "validate", str(untouched)], nothing),
        "`otter --help`": ([otter, "--help"], nothing),
        f"`otter check`, `{UNTOUCHED}`": ([otter, "check", str(untouched), "-t", tests], nothing),
    }
