"""What the processes of one student use together: CPU time, their share of it, and memory."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from autograder.exam import Limits
from autograder.sandbox import cgroup, monitor
from tests.threats.room import FULL, NEIGHBOUR, printed, scores, sit, tier, with_cell

sandboxed = pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")

ORPHANS = """
import os, time
if os.fork() == 0:
    if os.fork() == 0:
        while True:
            time.sleep(0.01)
            open("still here", "w").close()
    os._exit(0)
os.wait()
time.sleep(0.1)
assert os.path.exists("still here")
os._exit(1)
"""


@sandboxed
def test_nothing_of_a_process_that_ended_lives_beside_the_next():
    made = with_cell(1, ORPHANS)
    made["cells"].insert(
        3,
        with_cell(
            0,
            "import os, time\nif os.path.exists('still here'): os.unlink('still here')\n"
            "time.sleep(0.1)\nprint('left:', os.path.exists('still here'))",
        )["cells"][0],
    )
    result = sit(made, limits=Limits(cell_seconds=1.5))  # the orphan holds the connection open
    assert scores(result) == FULL and "left: False" in printed(result)


def test_the_time_of_a_tree_counts_those_that_have_ended():
    code = """
        import os
        for _ in range(2):
            if os.fork() == 0:
                while os.times().user < 0.15: pass
                os._exit(0)
        os.wait(); os.wait()
        print("done", flush=True)
        input()
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        assert monitor.cpu_of_tree(process.pid) > 0.25
        process.kill()
    assert monitor.cpu_of_tree(process.pid) == 0


# Memory that no resident size shows -------------------------------------------------------------

HOARDS = {
    "memory": "kept = bytearray(b'x') * (256 << 20)",
    "a file in memory": "f = os.memfd_create('x')\nfor _ in range(256): os.write(f, bytes(1 << 20))",
    "pipes": "pipes = [os.pipe() for _ in range(400)]\n"
    "for r, w in pipes:\n    fcntl.fcntl(w, 1031, 1 << 20); os.write(w, bytes(1 << 20))",
    "in many": "for _ in range(16):\n    if os.fork() == 0:\n        kept = bytearray(b'x') * (16 << 20)\n"
    "        time.sleep(20); os._exit(0)\nwhile True:\n    os.wait()\n    os.kill(0, 9)",
}
needs_group = pytest.mark.skipif(bool(cgroup.unavailable()), reason=cgroup.unavailable())


@needs_group
@pytest.mark.parametrize("kind", HOARDS)
def test_the_kernel_counts_all_memory_in_a_group(kind):
    group = cgroup.group_for(os.getpid() % 1000, 64 << 20)
    code = (
        f"import fcntl, os, time\nos.setpgid(0, 0)\ninput()\n{HOARDS[kind]}\nprint('took it all')"
    )
    try:
        with subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            group.add([process.pid])
            told, _ = process.communicate(b"\n", timeout=60)
        assert b"took it all" not in told and process.returncode == -signal.SIGKILL
        assert group.ran_out() and not group.ran_out()
    finally:
        group.close()
    assert not group.folder.exists()


@needs_group
def test_without_a_group_it_is_taken():
    code = f"import fcntl, os, time\n{HOARDS['a file in memory']}\nprint('took it all')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"took it all" in done.stdout


@needs_group
@sandboxed
def test_a_worker_and_its_students_are_in_a_group():
    found = []
    sit(NEIGHBOUR)  # a worker waits

    def look():
        time.sleep(0.3)
        where = cgroup.place().folder
        for folder in where.glob(f"mlpkit-{os.getpid()}-*"):
            found.append(len((folder / "cgroup.procs").read_text().split()))

    looking = threading.Thread(target=look)
    looking.start()
    assert scores(sit(with_cell(1, "import time\ntime.sleep(0.6)"))) == FULL
    looking.join()
    assert max(found) >= 2


def test_where_no_group_can_be_had_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(cgroup, "MOUNT", tmp_path)
    cgroup.place.cache_clear()
    try:
        assert "no memory controller" in cgroup.unavailable()
        assert "systemd-run --user --scope -p Delegate=yes" in cgroup.unavailable()
        assert cgroup.group_for(1, 1 << 30) is None
    finally:
        cgroup.place.cache_clear()


def test_version_2_makes_room_for_a_group(monkeypatch, tmp_path):
    """A delegated scope: the one process in it moves down, then the controller is passed on."""
    own = tmp_path / "user.scope"
    own.mkdir()
    (tmp_path / "cgroup.controllers").touch()
    (own / "cgroup.controllers").write_text("cpu memory pids\n")
    (own / "cgroup.subtree_control").write_text("")
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
    monkeypatch.setattr(cgroup, "MOUNT", tmp_path)
    monkeypatch.setattr(cgroup, "_own_path", lambda controller: "/user.scope")
    found = cgroup._version_2()
    assert found.folder == own and found.limit == "memory.max"
    assert (own / "cgroup.subtree_control").read_text() == "+memory"
    assert (own / "mlpkit-grader/cgroup.procs").read_text() == str(os.getpid())
    (own / "cgroup.controllers").write_text("cpu\n")
    assert cgroup._version_2() is None
