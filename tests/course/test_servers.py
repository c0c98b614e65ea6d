"""Grading against real servers, started here: PostgreSQL as gradebook, Dask as crew."""

import dataclasses
import os
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import read_source_notebook
from autograder.grading.batch import Batch
from autograder.grading.executors import open_executor
from tests.course.conftest import GOOD, FakeExam

NAME = "01_tiny"


@pytest.fixture(scope="module")
def postgres():
    """The URL of an empty PostgreSQL server on a socket; it ends with the module."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if not initdb:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="mlpkit-pg-"))  # pytest's folders are closed to others
    home.chmod(0o755)
    become = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(home, "postgres")
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data, program = home / "data", str(Path(initdb).with_name("postgres"))
    subprocess.run(
        [*become, initdb, "-D", data, "-U", "grader", "-A", "trust", "--no-sync"],
        check=True, capture_output=True, cwd=home,
    )  # fmt: skip
    options = ["-k", str(home), "-c", "listen_addresses=", "-c", "fsync=off"]
    server = subprocess.Popen(
        [*become, program, "-D", data, *options],
        cwd=home, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in server.stderr:
        if "ready to accept connections" in line:
            break
    drain = threading.Thread(target=server.stderr.read)
    drain.start()
    yield f"postgresql+psycopg://grader@/postgres?host={home}"
    server.terminate()
    server.wait()
    drain.join()
    server.stderr.close()
    shutil.rmtree(home)


def test_two_graders_at_once_share_one_postgresql_gradebook(course, hand_in, postgres, tmp_path):
    """Each from a course directory of its own, half of the students in both."""
    first = dataclasses.replace(course, db_url=postgres)
    for i in range(30):
        hand_in(f"s{i:02}", **(GOOD if i % 2 else {}), extra=f"# {i}")
    shutil.copytree(course.root, tmp_path / "second")
    second = dataclasses.replace(first, root=tmp_path / "second")
    with Gradebook(first) as book:
        book.register(NAME, {NAME: read_source_notebook(course.sources(NAME)[NAME])})
    halves = [(first, range(0, 20)), (second, range(10, 30))]
    start = threading.Barrier(2)

    def grade(one, numbers):
        students = [f"s{i:02}" for i in numbers]
        with Gradebook(one) as book, ThreadPoolExecutor(2) as pool:
            batch = Batch(one, NAME, book)
            start.wait()
            return batch.run(FakeExam(), pool, 4, students, quiet=True)

    with ThreadPoolExecutor(2) as graders:
        runs = [future.result() for future in [graders.submit(grade, *half) for half in halves]]
    assert [len(run.results) for run in runs] == [20, 20]
    with Gradebook(first) as book:
        entries = book.entries(NAME)
    assert {student: entry.score for student, entry in entries.items()} == {
        f"s{i:02}": 5.0 * (i % 2) for i in range(30)
    }
    assert all(len(entry.marks) == 3 for entry in entries.values()), "nothing twice"


def test_a_postgresql_that_is_not_there_is_said(course, tmp_path):
    url = f"postgresql+psycopg://me:secret@/x?host={tmp_path}"
    with pytest.raises(AutograderError, match="cannot be used: connection") as caught:
        Gradebook(dataclasses.replace(course, db_url=url))
    assert "me:***@" in str(caught.value) and "secret" not in str(caught.value)


@pytest.fixture
def dask(tmp_path, request):
    """The address of a Dask scheduler on loopback with two workers that are processes."""
    if request.config.getoption("--no-processes"):
        pytest.skip("starts processes")  # refused in Dask's own thread, it would wait for ever
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)
    ) as cluster:
        yield cluster


@pytest.mark.filterwarnings("ignore")  # Dask's own, when workers go away
def test_a_dask_cluster_grades_like_this_machine_and_a_lost_worker_costs_nothing(
    course, book, hand_in, dask, pool
):
    for i in range(8):
        hand_in(f"s{i}", **(GOOD if i % 2 else {}), extra=f"# {i}")
    killed = []

    def kill_one(future):
        if not killed:
            killed.append(1)
            os.kill(next(iter(dask.workers.values())).pid, 9)

    with open_executor(scheduler=dask.scheduler_address) as (executor, window):
        assert window() == 4
        executor.submit(int).add_done_callback(kill_one)
        run = Batch(course, NAME, book).run(FakeExam(), executor, window, quiet=True)
    assert killed and [result.score for result in run.results] == [0.0, 5.0] * 4
