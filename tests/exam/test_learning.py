"""What the course's own solution imports, the warm processes import before they fork."""

import gc
import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from autograder.exam import Limits, examine, forkserver, pool
from autograder.exam.compiled import compile_source
from autograder.exam.degraded import Degraded
from autograder.exam.worker import ExamWorker, _expect_imports, _imports
from autograder.mutants.prove import _graded_mutants, graded_mutants
from autograder.notebook.side_files import NO_FILES
from tests.exam.test_exam import SOURCE, cell, notebook

IMPORTS = notebook(
    [
        cell("given", "setup", "import sys\nfresh = 'wave' not in sys.modules\nimport wave\nfresh"),
        cell(
            "solution",
            "f",
            "def f(x):\n    ### BEGIN SOLUTION\n    import colorsys\n"
            "    return x\n    ### END SOLUTION",
        ),
        cell("test", "test_f", '"""f"""\nassert f(1) == 1'),
    ]
)


def outputs(result, name):
    (cell,) = (cell for cell in result.notebook["cells"] if cell["id"] == name)
    return cell["outputs"]


def test_a_candidate_finds_imported_what_the_solution_imports():
    there = "import sys; known = 'colorsys' in sys.modules"
    text = json.dumps(IMPORTS).replace("import colorsys", f"{there}; assert known")
    result = examine(IMPORTS, text.encode(), isolation="none")  # the reference comes before it
    assert [check.status for check in result.checks] == ["passed"]
    assert outputs(result, "setup")[0]["data"]["text/plain"] == "False"


def test_what_the_source_says_it_imports_is_there_before_its_first_exam():
    source = notebook(
        [
            cell("given", "setup", "import numpy.fft as f, helpers\nfrom json import tool"),
            cell("solution", "f", "def f(x):\n    import colorsys\n\nimport matplotlib.pyplot"),
            cell("test", "test_f", "%time\nfrom wave import *\nassert f(1) == 1"),
        ]
    )
    text = json.dumps(source)
    _expect_imports(text, {"lib/helpers.py": b"import csv", "other.py": b"import cmd"})
    both = [
        "numpy.fft",
        "json",
        "json.tool",
    ]  # not the course's own, nor what is left until it draws
    assert _imports[text] == {"examiner": [*both, "wave", "csv"], "student": [*both, "csv"]}


def test_what_was_learned_is_not_forgotten_over_other_hidden_inputs():
    data = json.dumps(IMPORTS).encode()
    for secret in ("one", "two"):  # the reference is examined for each, at first in the same worker
        assert examine(IMPORTS, data, isolation="none", seed=secret).score == 1
    learned = _imports[json.dumps(IMPORTS)]
    assert "wave" in learned["examiner"] and "colorsys" in learned["student"]


CAUSES = notebook(
    [
        cell(
            "solution",
            "f",
            "def f(x, y):\n    ### BEGIN SOLUTION\n    return x * y - x\n    ### END SOLUTION",
        ),
        cell("test", "test_f", '"""f"""\nassert f(2.0, 5.0) == 8, "wrong value"'),
    ]
)


@pytest.mark.parametrize("practised", [True, False])
def test_wrong_readings_that_one_exam_made_are_made_for_all_that_follow(practised):
    source, exam = json.dumps(CAUSES), ("s", NO_FILES, [])
    wrong = json.dumps(CAUSES).replace("x * y - x", "x * y + x").encode()
    worker = ExamWorker("none", number=4000, practised=practised)
    try:
        first, second = (worker.examine(source, wrong, Limits(), *exam) for _ in range(2))
        assert worker.derived == {"f": practised}
    finally:
        worker.close()
    (check,) = first.result.checks
    assert "Likely cause" in check.message and second.result.checks == (check,)


def test_a_fork_server_makes_the_mutants_of_the_cells_it_is_told():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        server = forkserver.ForkServer("examiner", theirs)
        server.source = compile_source(json.dumps(CAUSES).encode(), {}, [])
        (step,) = (step for step in server.source.steps if step.id == "f")
        _graded_mutants.cache_clear()
        server.derive(["g"])
        assert _graded_mutants.cache_info().currsize == 0
        server.derive(["f"])
        gc.unfreeze()
    made = graded_mutants(step)
    assert made and all("code" in vars(mutant) for mutant in made)
    assert _graded_mutants.cache_info().misses == 1  # not made again


def test_many_that_come_at_once_wait_for_one_exam_of_the_reference(monkeypatch):
    held = []

    def learned(tier, exam):
        held.append(exam.seed)
        time.sleep(0.05)  # long enough for the others to come
        return SimpleNamespace(broken={}, degraded=Degraded())

    monkeypatch.setattr(pool, "_known", {})
    monkeypatch.setattr(pool, "_learned", learned)
    about = "source", Limits(), "none", "one", NO_FILES, False
    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(pool._about_reference, *about) for _ in range(4)]
    assert len({id(one.result()) for one in found}) == 1
    assert held == ["one"]


def test_a_reference_whose_exam_broke_down_has_another(monkeypatch):
    monkeypatch.setattr(pool, "_known", {})
    monkeypatch.setattr(pool, "_learned", lambda tier, exam: 1 / 0)
    about = "source", Limits(), "none", "one", NO_FILES, False
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            pool._about_reference(*about)


def test_another_notebook_is_examined_in_the_same_seat_all_the_same():
    assert examine(IMPORTS, json.dumps(IMPORTS).encode(), isolation="none").score == 1
    assert examine(SOURCE, json.dumps(SOURCE).encode(), isolation="none").score == 4


@pytest.fixture
def learner(tmp_path, monkeypatch):
    """Lets a fork server in this process learn modules that lie in a folder of the test's own."""
    monkeypatch.syspath_prepend(tmp_path)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield tmp_path, forkserver.ForkServer("examiner", theirs)


def learn(warm, *names):
    assert warm.preload(list(names)) == {}


def test_a_module_that_leaves_a_thread_running_is_not_imported_before_a_fork(learner, monkeypatch):
    folder, warm = learner
    (folder / "quiet_module.py").write_text("value = 1")
    (folder / "threaded_module.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    )
    learn(warm, "quiet_module", "no_such_module")
    assert "quiet_module" in sys.modules
    learn(warm, "threaded_module")
    assert "threaded_module" not in sys.modules


def test_a_module_that_ends_its_process_is_not_imported_before_a_fork(learner):
    folder, warm = learner
    (folder / "ending_module.py").write_text("raise SystemExit(0)")
    learn(warm, "ending_module")
    assert "ending_module" not in sys.modules


def test_known_packages_are_imported_without_a_trial(learner, monkeypatch):
    folder, warm = learner
    tried = []
    monkeypatch.setattr(warm, "_try", lambda names: bool(tried.append(names)))
    learn(warm, "colorsys", "numpy.polynomial")
    assert "colorsys" in sys.modules and tried == []
    (folder / "other_module.py").write_text("value = 1")
    learn(warm, "colorsys", "other_module")
    assert tried == [["colorsys", "other_module"]] and "other_module" not in sys.modules


ALL = """import importlib, os, sys
from autograder.exam.quiet_packages import LIBRARIES
for name in sorted(LIBRARIES):
    try:
        importlib.import_module(name)
    except ImportError:
        continue
print(len(os.listdir('/proc/self/task')))"""


@pytest.mark.skipif("not os.path.isdir('/proc/self/task')")
def test_known_packages_leave_no_thread_running():
    one = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", ALL], env=one, capture_output=True, text=True)
    assert done.stdout.split()[-1:] == ["1"], done.stderr
