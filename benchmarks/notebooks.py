"""What a student waits for: a finished notebook in a real kernel, and its graded part."""

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from autograder.authoring.answer_bank import fill
from autograder.authoring.execute import execute
from autograder.authoring.installed import course_sources
from autograder.authoring.release import make_release, write_notebook
from autograder.authoring.source import read_source
from benchmarks.measure import cost_of

KERNEL, GRADED = 60, 3  # seconds that a notebook, and CPU seconds that its graded part, may take
REPEATS = 5


def run() -> str:
    """The section of BENCHMARKS.md."""
    lines = [
        "## Notebooks", "",
        f"{len(os.sched_getaffinity(0))} shared cores, load {os.getloadavg()[0]:.1f} at the start; "
        f"Python {platform.python_version()}, BLAS on one thread. Each student notebook, filled "
        "with the reference. Kernel: top to bottom in a fresh Jupyter kernel, with experiments. "
        f"Graded part: all cells but experiments, with the hidden tests, in a warm process (median "
        f"of {REPEATS}). `autograder check`: the whole command, start-up, sandbox and both "
        f"processes. Goals: kernel under {KERNEL} s, graded part under {GRADED} s of CPU.", "",
        "| notebook | kernel, s | graded part, CPU s | `autograder check`, CPU s |",
        "|---|---|---|---|",
    ]  # fmt: skip
    for name, path in sorted(course_sources().items()):
        kernel, graded, check = measure(name, path)
        lines.append(
            f"| {name} | {kernel:.1f}{' (over)' * (kernel >= KERNEL)} "
            f"| {graded:.2f}{' (over)' * (graded >= GRADED)} | {check:.2f} |"
        )
    return "\n".join(lines)


def measure(name: str, path: Path) -> tuple[float, float, float]:
    """Seconds in a kernel, CPU seconds of the graded part, and of ``autograder check``."""
    source = read_source(path)
    filled = fill(make_release(source), source)
    began = time.monotonic()
    execute(name, filled, experiments=True)
    kernel = time.monotonic() - began
    # Submission 0 of the simulated class is the reference.
    limit = [sys.executable, "-m", "benchmarks.limit", name, "1"]
    graded = [json.loads(cost_of(limit).output)["cpu"] for _ in range(REPEATS)]
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / f"{name}.ipynb"
        write_notebook(filled, notebook)
        check = cost_of([sys.executable, "-m", "autograder", "check", notebook], codes=(0,)).cpu
    return kernel, statistics.median(graded), check
