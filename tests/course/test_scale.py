"""Classes on real servers with real exams: nothing lost, nothing twice, nobody left behind."""

import dataclasses
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.errors import SandboxError
from autograder.exam import examine
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import read_source_notebook
from autograder.grading.batch import Batch
from autograder.grading.executors import open_executor
from autograder.sandbox import launch
from autograder.sandbox.monitor import descendants
from benchmarks.cluster import Cluster
from tests.course.conftest import GOOD, NAME, FakeExam
from tests.course.test_servers import postgres  # noqa: F401

WRONG = {"double": "def double(x): return x"}


@pytest.fixture
def isolation():
    try:
        return launch.choose("auto")
    except SandboxError:
        return "none"


@pytest.fixture
def cluster(tmp_path):
    pytest.importorskip("distributed")
    folder = tmp_path / "dask"
    folder.mkdir()
    with Cluster(folder) as cluster:
        cluster.wait(2)
        yield cluster


def hand_in_class(hand_in, count):
    for i in range(count):
        hand_in(f"s{i:03}", **(GOOD if i % 2 else WRONG), extra=f"# {i}")


def grade_on(cluster, course, book, isolation):
    with open_executor(scheduler=cluster.address) as (executor, window):
        return Batch(course, NAME, book, isolation=isolation).run(
            examine, executor, window, quiet=True
        )


def gradebook(course):
    """All that the gradebook says, without its rows' random ids."""
    with Gradebook(course) as book:
        return {student: entry.marks for student, entry in book.entries(NAME).items()}


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.filterwarnings("ignore")  # Dask's own, when workers go away
def test_a_worker_killed_in_an_exam_leaves_no_process_and_costs_nobody_a_point(
    cluster, course, book, hand_in, isolation
):
    hand_in_class(hand_in, 6)
    seats = set()

    class Watched(Gradebook):
        """Kills a worker, whose warm processes wait for their next exam, at the third result."""

        written = 0

        def write(self, *args):
            super().write(*args)
            self.written += 1
            if self.written == 3:
                seats.update(descendants(cluster.workers[0].pid)[1:])
                cluster.add()
                cluster.kill_one()

    with Watched(course) as watched:
        run = grade_on(cluster, course, watched, isolation)
    assert [result.score for result in run.results] == [5.0 if i % 2 else 0.0 for i in range(6)]
    assert seats, "the worker that was killed had no processes"
    deadline = time.monotonic() + 20
    while any(map(alive, seats)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in seats if alive(pid)]


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore")
def test_workers_killed_every_few_seconds_end_in_the_same_gradebook(
    cluster, course, hand_in, isolation, tmp_path
):
    hand_in_class(hand_in, 1000)
    calm = dataclasses.replace(course, root=tmp_path / "calm", db_url=f"sqlite:///{tmp_path}/c.db")
    shutil.copytree(course.root, calm.root)
    with Gradebook(calm) as book, open_executor() as (executor, window):
        Batch(calm, NAME, book, isolation=isolation).run(examine, executor, window, quiet=True)
    cluster.disturb(2.0)
    with Gradebook(course) as book:
        grade_on(cluster, course, book, isolation)
    assert cluster.killed > 3
    assert gradebook(course) == gradebook(calm)


@pytest.mark.soak
def test_two_graders_of_500_each_share_one_postgresql_gradebook(
    course,
    hand_in,
    postgres,  # noqa: F811
    tmp_path,
):
    first = dataclasses.replace(course, db_url=postgres)
    hand_in_class(hand_in, 1000)
    second = dataclasses.replace(first, root=tmp_path / "second")
    shutil.copytree(course.root, second.root)
    with Gradebook(first) as book:
        book.register(NAME, {NAME: read_source_notebook(course.sources(NAME)[NAME])})

    def grade(one, numbers):
        students = [f"s{i:03}" for i in numbers]
        with Gradebook(one) as book, ThreadPoolExecutor(2) as pool:
            return Batch(one, NAME, book).run(FakeExam(), pool, 4, students, quiet=True)

    halves = [(first, range(500)), (second, range(500, 1000))]
    with ThreadPoolExecutor(2) as graders:
        runs = [future.result() for future in [graders.submit(grade, *half) for half in halves]]
    assert [len(run.results) for run in runs] == [500, 500]
    entries = gradebook(first)
    assert len(entries) == 1000
    assert all(len(marks) == 3 for marks in entries.values()), "nothing twice"


def test_help_is_quick_and_imports_nothing_heavy():
    code = (
        "import sys\nfrom autograder.cli import main as cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'nbgrader', 'numpy', 'IPython', 'matplotlib', 'sqlalchemy', 'nbformat'}\n"
        "print(sorted(heavy & set(sys.modules)), len(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy, _, count = out.stdout.splitlines()[-1].rpartition(" ")
    assert heavy == "[]" and int(count) < 300
