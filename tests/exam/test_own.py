"""One's own notebook is checked where nothing forks: the same checks, the same messages."""

import json
import os
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest

from autograder.exam import Limits, examine, local, pool
from autograder.exam.examiner import checks
from autograder.exam.examiner.student_errors import StudentError
from autograder.exam.shell.shell import Outcome
from autograder.notebook.source_cells import SourceCell
from tests.docs.documents import ROOT
from tests.docs.play_readme import ANSWER, MISTAKE, fill
from tests.exam.test_exam import FULL, SOURCE, message, scores, submission, without

QUICK = Limits(call_seconds=0.5, cell_seconds=2.0)
SUBMISSIONS = {
    "right": {},
    "wrong": {"double": "def double(x):\n    return 3 * x"},
    "not written": {"double": "def double(x):\n    raise NotImplementedError()"},
    "raises": {"twice": "def twice(f, x):\n    return f(f(x)) / undefined"},
    "prints": {"answer": "print('hello')\nanswer = [6, 7.0]"},
    "changes its argument": {"double": "def double(x):\n    x *= 2\n    return x"},
    "never ends": {"twice": "def twice(f, x):\n    while True:\n        pass"},
    "ends its process": {"double": "import os\ndef double(x):\n    os._exit(3)"},
}

# What Windows has not, taken away before anything is imported. What multiprocessing itself does
# here by other means than there stays (waitpid, socketpair), and what libraries use on any Linux.
ELSEWHERE = """
import os, select, signal, socket, sys
for module, names in {
    os: "fork forkpty register_at_fork setsid geteuid getgid getegid getgroups sysconf "
        "sched_getaffinity sched_setaffinity getpgid killpg setpriority wait4 mkfifo chown "
        "O_NOFOLLOW O_NONBLOCK O_CLOEXEC",
    signal: "SIGALRM SIGXCPU SIGHUP SIGPIPE setitimer alarm ITIMER_REAL pthread_sigmask pause",
    socket: "send_fds recv_fds SOCK_SEQPACKET MSG_DONTWAIT",
    select: "poll epoll",
}.items():
    for name in names.split():
        delattr(module, name)
import shutil
shutil._use_fd_functions = False  # as shutil finds by itself where os has none of these
for name in "resource fcntl termios tty pty pwd grp syslog pyseccomp readline".split():
    sys.modules[name] = None
"""


@pytest.fixture
def no_forks(monkeypatch):
    monkeypatch.setattr(local, "FORKS", False)


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_a_spawned_candidate_gets_the_verdict_of_a_forked_one(name, no_forks):
    data = submission(**SUBMISSIONS[name])
    forked = examine(SOURCE, data, QUICK, isolation="none", seed="s")
    spawned = local.examine_own(SOURCE, data, QUICK, seed="s")
    assert spawned.checks == forked.checks and spawned.flags == forked.flags
    assert scores(spawned) == (FULL if name in ("right", "prints") else scores(forked))
    assert spawned.notebook == forked.notebook


@pytest.fixture
def first_exam(monkeypatch):
    """Nothing is known of any source, and no process is warm."""
    pool.shutdown()
    monkeypatch.setattr(pool, "_known", {})


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_a_notebook_that_is_checked_once_gets_the_verdict_of_a_class(name, first_exam):
    data = submission(**SUBMISSIONS[name])
    once = local.examine_own(SOURCE, data, QUICK, seed="s", once=True)
    of_a_class = examine(SOURCE, data, QUICK, seed="s")
    assert once.checks == of_a_class.checks and once.flags == of_a_class.flags
    assert once.notebook == of_a_class.notebook


@pytest.mark.parametrize("name", ["right", "not written", "wrong"])
def test_the_reference_has_its_exam_only_where_a_check_was_lost(name, first_exam):
    source = json.loads(json.dumps(SOURCE))  # but for the method whose operands the reference shows
    source["cells"] = [cell for cell in source["cells"] if cell["id"] != "test_counter"]
    local.examine_own(source, submission(**SUBMISSIONS[name]), QUICK, seed="s", once=True)
    assert len(pool._known) == (name == "wrong")


def test_checked_once_what_the_reference_teaches_is_minded(first_exam):
    source = json.loads(json.dumps(SOURCE))
    (test,) = (cell for cell in source["cells"] if cell["id"] == "test_double")
    test["source"] += "\nimport inspect\nassert 'return 2' in inspect.getsource(double)"
    (broken,) = (cell for cell in source["cells"] if cell["id"] == "test_answer")
    broken["source"] += "\nassert False"
    once = local.examine_own(source, submission(), QUICK, seed="s", once=True)
    assert once.checks == examine(source, submission(), QUICK, seed="s").checks
    assert scores(once) == {**FULL, "test_answer": None}


def test_a_death_is_told_and_costs_its_own_check(no_forks):
    result = local.examine_own(SOURCE, submission(**SUBMISSIONS["ends its process"]), QUICK)
    assert scores(result) == without("test_double")
    assert "ended its process itself (exit status 3)" in message(result, "test_double")


def test_a_check_that_the_reference_fails_fails_nobody(no_forks):
    source = json.loads(json.dumps(SOURCE))
    (test,) = (cell for cell in source["cells"] if cell["id"] == "test_answer")
    test["source"] += "\nassert False"
    result = local.examine_own(source, submission(), QUICK)
    assert scores(result) == {**FULL, "test_answer": None} and result.status == "could not run"


def test_without_forks_files_land_in_a_folder_that_goes(no_forks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "import os\nopen('left', 'w').close()\nprint(os.getcwd())\nanswer = [6, 7.0]"
    result = local.examine_own(SOURCE, submission(answer=text), QUICK)
    (cell,) = (cell for cell in result.notebook["cells"] if cell["id"] == "answer")
    folder = cell["outputs"][0]["text"].strip()
    assert folder != str(tmp_path) and not os.path.exists(folder) and os.listdir(tmp_path) == []


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Runs `autograder` here, or as on a system that has nothing of Linux's own; its stdout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "sitecustomize.py").write_text(ELSEWHERE)

    def run(*arguments, poor):
        path = os.pathsep.join([str(folder)] * poor + [str(ROOT)])
        done = subprocess.run(
            [sys.executable, "-m", "autograder", *map(str, arguments)], capture_output=True,
            text=True, cwd=folder, env={**os.environ, "PYTHONPATH": path}, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_check_and_progress_need_nothing_of_linux(elsewhere, tmp_path):
    name = "00_wires"
    path = tmp_path / name / f"{name}.ipynb"
    path.parent.mkdir()
    path.write_bytes((ROOT / "assignments" / name / path.name).read_bytes())
    fill(
        path, {"values": ANSWER, "times_gate": MISTAKE, "nudge": "def nudge(*args):\n    exit()\n"}
    )
    told = elsewhere("check", path, "--json", poor=True)
    assert json.loads(told) == json.loads(elsewhere("check", path, "--json", poor=False))
    assert json.loads(told)["score"] == 1
    (first, *others) = json.loads(elsewhere("progress", tmp_path, "--json", poor=True))
    assert first["passed"] == 1 and first["begun"] and first["next"]["id"] == "test_nudge"
    assert not any(other["begun"] for other in others)


def test_the_system_of_that_test_is_a_poor_one(elsewhere, tmp_path):
    """Else the test above would show nothing."""
    code = textwrap.dedent("""
        from autograder.exam import local, spawn, worker
        assert not spawn.FORKS and spawn.SpawnedLauncher and local
        try:
            worker.ExamWorker("none", 0)
        except AttributeError as error:
            print(error)
    """)
    program = tmp_path / "program.py"
    program.write_text(code)
    (tmp_path / "sitecustomize.py").write_text(ELSEWHERE)
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
    )  # fmt: skip
    assert "SOCK_SEQPACKET" in done.stdout, done.stderr


@pytest.mark.parametrize("said, asked", [("f(...) is not written yet", 0), ("f(...) raised", 1)])
def test_a_stub_as_handed_out_is_not_searched_for_a_cause(said, asked):
    searched = []
    causes = SimpleNamespace(told=lambda step, message, *rest: searched.append(step) or message)
    names = SimpleNamespace(space={})
    session = SimpleNamespace(seen_hidden=False, last_arguments=None, names=names)
    exam = SimpleNamespace(session=session, causes=causes, stopped=[])
    step = SourceCell("test", "check", "assert f(1) == 1", points=1.0)
    checks.Checks._judged(exam, step, Outcome([], None, StudentError(said)))
    assert len(searched) == asked
