"""A class with hostile submissions in it: what they cost the others, also when processes die.

The honest ones are graded alone, then all, then all again while a student process, an examiner, a
worker and the coordinator are killed at random moments. Every honest score must be the same each
time. Times are limited to a tenth of what a course has, so that this takes minutes.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.sandbox.limits import Limits
from autograder.sandbox.monitor import children
from benchmarks.classes import notebooks

ASSIGNMENT, JOBS = "02_momentum", 2
LIMITS = Limits(call_seconds=1.0, cell_seconds=3.0, notebook_seconds=12.0)
HARNESS = (
    "import gc\nfrom autograder.exam.student import executor\n"
    "me = next(o for o in gc.get_objects() if type(o) is executor.StudentExecutor)\n"
)


def function(body: str, head: str = "") -> dict[str, str]:
    """The answer ``loss``, which every later check calls, with this body."""
    return {"loss": f"{head}def loss(y, f):\n    {body}"}


# Cells by id, "mine" for a cell of one's own; bytes: the whole file.
HOSTILE: Mapping[str, Any] = {
    "sleeps in every call": function("time.sleep(0.9)", "import time\n"),
    "sleeps for ever in every call": function("time.sleep(1e6)", "import time\n"),
    "computes in every call": function("while True: pass"),
    "computes and takes no interrupt": function(
        "while True: pass", "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    ),
    "sleeps in a cell": {"mine": "import time; time.sleep(1e6)"},
    "computes in a cell": {"mine": "while True: pass"},
    "stops itself": function("os.kill(os.getpid(), 19)", "import os\n"),
    "ends in every call": function("os._exit(0)", "import os\n"),
    "ends in a cell": {"mine": "import os; os._exit(0)"},
    "kills itself": function("os.kill(os.getpid(), 9)", "import os\n"),
    "kills its parent": {"mine": "import os; os.kill(os.getppid(), 9)"},
    "kills all it sees": {"mine": "import os; os.kill(-1, 9)"},
    "crashes": function("ctypes.string_at(0)", "import ctypes\n"),
    "forks without end": {"mine": "import os\nwhile True:\n    os.fork()"},
    "leaves busy children": {
        "mine": "import os\nfor _ in range(20):\n    if not os.fork():\n"
        "        os.setsid()\n        while True: pass"
    },
    "fills the memory": {"mine": "x = []\nwhile True: x.append(bytearray(10**8))"},
    "fills the disk": {
        "mine": "n = 0\nwhile True:\n    open(f'f{n}', 'wb').write(bytes(10**7)); n += 1"
    },
    "prints without end": {"mine": "while True: print('x' * 10**6)"},
    "prints in every call": function("print('x' * 10**7)"),
    "returns something huge": function("return [0.0] * 10**7"),
    "returns something deep": function("x = []\n    for _ in range(10**5): x = [x]\n    return x"),
    "returns colliding numbers": function("return set(range(0, 10**4 * (2**61 - 1), 2**61 - 1))"),
    "garbage on the wire": function("me.channel.send(b'x' * 100); return 1.0", HARNESS),
    "answers twice": function("me.reply(executor.Done()); return 1.0", HARNESS),
    "closes its descriptors": {"mine": "import os; os.closerange(3, 200)"},
    "patches numpy": {"mine": "import numpy as np; np.allclose = np.array_equal = lambda *a: True"},
    "threads without end": {
        "mine": "import threading\ndef spin():\n    while True: pass\n"
        "while True: threading.Thread(target=spin).start()"
    },
    "no notebook": b"{",
    "an empty file": b"",
    "not UTF-8": b"\xff\xfe" * 1000,
}


def hostile(count: int) -> Iterator[tuple[str, bytes]]:
    """Names and files, in turn, until there are so many."""
    texts = islice(notebooks(ASSIGNMENT), count)
    for (name, payload), notebook in zip(cycle(HOSTILE.items()), texts, strict=False):
        yield name, payload if isinstance(payload, bytes) else _with(payload, notebook)


def _with(cells: Mapping[str, str], notebook: Any) -> bytes:
    made = json.loads(json.dumps(notebook))
    for cell in made["cells"]:
        cell["source"] = cells.get(cell["id"], cell["source"])
    if "mine" in cells:
        mine = {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": []}
        made["cells"].insert(3, {**mine, "execution_count": None, "source": cells["mine"]})
    return json.dumps(made).encode()


def make_class(folder: Path, honest: int, others: int) -> Course:
    """A course; the hostile ones are spread among the honest, ``h`` and ``x`` in their names."""
    from autograder.grading.new_course import init

    course = init(folder)
    (course.private() / "seed").write_text("a class with hostile submissions")
    files = [
        (f"h{n:04}", json.dumps(one).encode())
        for n, one in zip(range(honest), notebooks(ASSIGNMENT), strict=False)
    ]
    files += [(f"x{n:04}", data) for n, (_, data) in enumerate(hostile(others))]
    dice = random.Random(7)
    for student, data in files:  # nbgrader grades in the order of names
        name = f"{dice.randrange(10**6):06}-{student}"
        path = course.path("submitted", name, ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    return course


@dataclass
class Graded:
    """What a run gave: seconds until its end and until the last honest one, and all results."""

    seconds: float
    honest_seconds: float
    results: list[dict[str, Any]]
    killed: list[str]

    def honest(self) -> dict[str, Any]:
        """Scores of the honest ones, check by check, by name."""
        return {
            one["student"]: {check["id"]: check["score"] for check in one["checks"]}
            for one in self.results
            if "-h" in one["student"]
        }

    def hostile_seconds(self) -> float:
        """How long the exams of the hostile ones took, added up."""
        return float(sum(one["seconds"] for one in self.results if "-x" in one["student"]))


def grade(root: Path, kills: Sequence[float] = ()) -> Graded:
    """Grade a class in a process of its own; after ``kills`` seconds each one process dies.

    In turn a student process, an examiner, a worker's server and the coordinator, which is then
    started again.
    """
    began, killed, waiting = time.time(), [], list(kills)
    victims = cycle(("student", "examiner", "server", "coordinator"))
    process = _start(root)
    while process.poll() is None or process.returncode < 0:
        if process.returncode is not None:  # the coordinator was killed
            process = _start(root)
        time.sleep(0.05)
        if waiting and time.time() - began > waiting[0]:
            waiting.pop(0)
            killed.append(_kill(process, next(victims)))
    assert process.returncode in (0, 1, 2), process.returncode
    files = [*(root / "autograded").glob(f"*-h*/{ASSIGNMENT}/*.ipynb")]
    last = max(path.stat().st_mtime for path in files)
    results = json.loads((root / "results.json").read_text())
    return Graded(time.time() - began, last - began, results, killed)


def _start(root: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "benchmarks.hostile", str(root)])


def _kill(coordinator: subprocess.Popen, what: str) -> str:
    """Kill one of the processes of a run; what it was, or that there was none just then."""
    found = []
    if what == "coordinator":
        found = [coordinator.pid]
    else:
        for pid in _descendants(coordinator.pid):
            role = _role(pid)
            is_server = role and _role(_parent(pid)) != role
            if role and (is_server if what == "server" else not is_server and role == what):
                found.append(pid)
    with contextlib.suppress(OSError, ValueError, IndexError):
        os.kill(random.Random(len(found)).choice(found), signal.SIGKILL)
        return what
    return f"no {what}"


def _descendants(pid: int) -> list[int]:
    return [pid, *(one for child in children(pid) for one in _descendants(child))]


def _role(pid: int) -> str:
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"autograder.exam.forkserver" in words:
            return words[words.index(b"autograder.exam.forkserver") + 1].decode()
    return ""


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def compare(honest: int, others: int, kills: int) -> dict[str, Any]:
    """The three runs of one class; ``same`` says whether all honest scores are."""
    folder = Path(tempfile.mkdtemp(prefix="hostile-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        whole = make_class(folder / "whole", honest, others)
        for name in ("alone", "killed"):
            shutil.copytree(whole.root, folder / name)
        for path in (folder / "alone/submitted").glob("*-x*"):
            shutil.rmtree(path)
        alone, together = grade(folder / "alone"), grade(whole.root)
        dice = random.Random(11)
        moments = sorted(dice.uniform(2, max(3.0, together.seconds)) for _ in range(kills))
        disturbed = grade(folder / "killed", moments)
    finally:
        shutil.rmtree(folder)
    return {
        "alone": alone,
        "together": together,
        "disturbed": disturbed,
        "bound": 1.5 * alone.seconds + together.hostile_seconds(),
        "same": alone.honest() == together.honest() == disturbed.honest(),
    }


def run(honest: int = 210, others: int = 90, kills: int = 8) -> str:
    """The section of BENCHMARKS.md."""
    found = compare(honest, others, kills)
    alone, together, disturbed = found["alone"], found["together"], found["disturbed"]
    rows = [
        f"| {name} | {one.honest_seconds:.1f} s | {one.seconds:.1f} s | {', '.join(one.killed)} |"
        for name, one in (
            (f"{honest} honest ones", alone),
            (f"with {others} hostile ones", together),
            ("the same, processes killed", disturbed),
        )
    ]
    return "\n".join(
        [
            "## A class with hostile submissions",
            "",
            f"{ASSIGNMENT}, {JOBS} jobs; {len(HOSTILE)} kinds of hostile submissions, times "
            f"limited to {LIMITS.call_seconds:g} s a call, {LIMITS.cell_seconds:g} s a cell, "
            f"{LIMITS.notebook_seconds:g} s a notebook.",
            "",
            "| class | all honest ones graded | end | killed |",
            "|---|--:|--:|---|",
            *rows,
            "",
            f"The hostile exams took {together.hostile_seconds():.0f} s in all; the bound of 1.5 "
            f"times the honest ones alone and these is {found['bound']:.0f} s. Every honest score "
            f"was {'the same' if found['same'] else '**not** the same'} in all three runs.",
        ]
    )


def main(root: Path) -> None:
    """Grade the class at ``root``; results go into ``results.json``."""
    from autograder.exam import examine
    from autograder.gradebook.gradebook import Gradebook
    from autograder.grading.batch import Batch
    from autograder.grading.executors import open_executor

    course = Course.open(root)
    with Gradebook(course) as book, open_executor(JOBS) as (executor, window):
        batch = Batch(course, ASSIGNMENT, book, limits=LIMITS)
        results = batch.run(examine, executor, window, quiet=True).results
    told = [{**one.to_json(), "seconds": one.seconds} for one in results]
    (root / "results.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
