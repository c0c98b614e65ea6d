"""The command line: messages, exit codes, and the whole way once with the real exam."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from autograder.authoring import installed
from autograder.cli import commands
from autograder.cli.exit_codes import exit_code
from autograder.cli.main import main
from autograder.course.person import Person
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.standings import OPEN
from autograder.result import COULD_NOT_RUN, GRADED, NEEDS_A_PERSON, Result
from tests.course.conftest import GOOD

NAME = "01_tiny"
RIGHT = {"double": "def double(x):\n    return x + x", "square": "def square(x):\n    return x**2"}


@pytest.fixture
def tiny(tiny_sources, monkeypatch):
    """The installation's assignments are the tiny one."""
    monkeypatch.setattr(installed, "course_files", lambda: tiny_sources)


def run(*arguments, capsys):
    """Exit code, stdout and stderr of one command."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as end:
        code = end.code
    out, err = capsys.readouterr()
    return code, out, err


def test_help_imports_nothing_heavy():
    probe = (
        "import sys; from autograder.cli.main import parser; parser().format_help();"
        "heavy = {'numpy', 'nbgrader', 'nbformat', 'sqlalchemy', 'IPython', 'jinja2', 'tqdm'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_help_names_every_command(capsys):
    code, out, _ = run("--help", capsys=capsys)
    assert code == 0
    names = "check progress init grade regrade feedback report export doctor demo build"
    for name in names.split():
        assert f"    {name} " in out and callable(getattr(commands, name))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "there is no command 'frobnicate'"),
        ([], "required: COMMAND"),
        (["grade", "COURSE"], "required: ASSIGNMENT"),
        (["grade", "COURSE", NAME, "--jobs", "0"], "'0' is not a number of at least 1"),
        (["grade", "COURSE", NAME, "--isolation", "hope"], "invalid choice: 'hope'"),
        (["grade", "nowhere", NAME], "There is no directory nowhere"),
        (["grade", "EMPTY", NAME], "is no course directory"),
        (["grade", "COURSE", "02_none"], "There is no assignment '02_none'"),
        (["grade", "COURSE", NAME], "Nobody has handed in 01_tiny"),
        (["feedback", "COURSE", "02_none"], "There is no assignment '02_none'"),
        (["report", "COURSE", "02_none"], "There is no assignment '02_none'"),
        (["export", "COURSE", "02_none"], "There is no assignment '02_none'"),
        (["init", "COURSE"], "not empty. Nothing was changed"),
        (["check", "missing.ipynb"], "There is no missing.ipynb"),
        (["check", "EMPTY"], "is a folder. Give the name of your notebook"),
        (["progress", "EMPTY"], "No notebook of this course is in"),
        (["progress", "nowhere"], "There is no folder nowhere"),
    ],
)
def test_bad_input_gets_one_sentence_and_changes_nothing(
    course, tmp_path, capsys, monkeypatch, arguments, message
):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    names = {"COURSE": str(course.root), "EMPTY": str(tmp_path / "empty")}
    code, out, err = run(*(names.get(a, a) for a in arguments), capsys=capsys)
    assert code == 2 and out == "" and message in err and "Traceback" not in err
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_an_unknown_student_is_said(course, hand_in, capsys):
    hand_in("ada")
    code, _, err = run("grade", course.root, NAME, "--student", "eve", capsys=capsys)
    assert code == 2 and "No submission of 01_tiny by eve" in err


def test_a_broken_source_is_said_with_file_and_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "01_bad").mkdir()
    text = '# %% solution id="f"\ndef f():\n    ### BEGIN SOLUTION\n    return 1\n'
    (tmp_path / "01_bad" / "01_bad.py").write_text(text)
    monkeypatch.setattr(installed, "course_files", lambda: tmp_path)
    code, _, err = run("init", tmp_path / "course", capsys=capsys)
    assert code == 2 and "01_bad.py:3:" in err and "Traceback" not in err
    assert not (tmp_path / "course").exists()


def test_a_notebook_of_another_course_is_said(tiny, tmp_path, capsys):
    path = tmp_path / "poems.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": [{"id": "rose", "source": "r"}]}))
    code, _, err = run("check", path, capsys=capsys)
    assert code == 2 and "is no notebook of this course" in err and NAME in err


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ([GRADED], 0),
        ([GRADED, NEEDS_A_PERSON], 1),
        ([NEEDS_A_PERSON, COULD_NOT_RUN, GRADED], 2),
    ],
)
def test_the_exit_code_says_the_worst(statuses, code):
    assert exit_code([Result("s", NAME, status) for status in statuses]) == code


def test_no_dask_scheduler_is_said(course, hand_in, capsys, monkeypatch):
    from autograder.grading import executors

    monkeypatch.setattr(executors, "CONNECT_SECONDS", 0.2)
    hand_in("ada")
    with Gradebook(course) as book:
        book.add_people([Person("ada")])
    address = "tcp://127.0.0.1:9"
    code, _, err = run("grade", course.root, NAME, "--scheduler", address, capsys=capsys)
    assert code == 2 and "No Dask scheduler answers at tcp://127.0.0.1:9" in err


@pytest.fixture(scope="module")
def graded(fresh_course, tmp_path_factory):
    """A course whose class was graded by the real exam, with what was printed."""
    root = tmp_path_factory.mktemp("graded") / "course"
    shutil.copytree(fresh_course.root, root)
    release = json.loads((root / "release" / NAME / f"{NAME}.ipynb").read_text())

    def hand_in(student, **cells):
        notebook = json.loads(json.dumps(release))
        for cell in notebook["cells"]:
            cell["source"] = cells.get(cell["id"], cell["source"])
        path = root / "submitted" / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))
        return path

    hand_in("ada", **RIGHT, why="Minus times minus is plus.")
    hand_in("bob", double="def double(x):\n    return 2 if x == 1 else 0")
    hand_in("cut").write_text('{"cells": [')
    return root


def test_a_class_is_graded_by_the_real_exam(graded, capsys):
    target = graded / "out.json"
    code, out, _ = run("grade", graded, NAME, "--json", target, "--enrol", capsys=capsys)
    assert code == 1, "somebody needs a person"
    ada, bob, cut = json.loads(target.read_text())
    assert (ada["student"], ada["score"], ada["max_score"], ada["status"]) == ("ada", 5, 10, OPEN)
    assert (bob["score"], cut["score"], cut["status"]) == (0, None, NEEDS_A_PERSON)
    assert set(ada) == {
        "student", "assignment", "score", "max_score", "late_penalty", "status", "flags", "checks"
    }  # fmt: skip
    double = bob["checks"][0]
    assert set(double) == {"id", "title", "points", "score", "status", "message"}
    assert double["message"] == "double is wrong on another number. Next: try x = 20"
    assert (
        "3 submissions, 1 graded; 1 open, 1 needs a person" in out
        and "cut: The file is no notebook" in out
    )
    assert str(graded / "gradebook.db") in out and f"autograder feedback {graded} {NAME}" in out
    code, out, _ = run("grade", graded, NAME, "--json", "-", capsys=capsys)
    assert json.loads(out) == [ada, bob, cut], "a second run says the same"


def test_one_notebook_is_checked_without_a_course(graded, tiny, capsys):
    path = graded / "submitted" / "bob" / NAME / f"{NAME}.ipynb"
    code, out, _ = run("check", path, capsys=capsys)
    assert code == 0 and "01_tiny: 0 of 10 points" in out
    assert "LOST        0 / 2  " in out and "Twice a number" in out and "Next: try x = 20" in out
    code, out, _ = run("check", path, "--json", capsys=capsys)
    assert json.loads(out)["checks"][1]["status"] == "failed"


def test_ctrl_c_stops_at_once_and_leaves_no_process(graded, tmp_path):
    """While a student's endless loop runs: a message, exit code 130, the next run goes on."""
    shutil.copytree(graded, tmp_path / "course")
    shutil.rmtree(tmp_path / "course" / "submitted")
    path = tmp_path / "course" / "submitted" / "loop" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    notebook = json.loads((graded / "submitted" / "ada" / NAME / f"{NAME}.ipynb").read_text())
    notebook["cells"].append(
        {"cell_type": "code", "id": "loop", "metadata": {}, "outputs": [], "execution_count": None,
         "source": "while True: pass"}
    )  # fmt: skip
    path.write_text(json.dumps(notebook))
    command = [sys.executable, "-m", "autograder", "grade", tmp_path / "course", NAME, "--enrol"]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not locked(tmp_path / "course"):
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.05)
    time.sleep(1)
    children = [pid for pid, _ in family(running.pid)]
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: every process gets it
    out, err = running.communicate(timeout=120)
    assert running.returncode == 130 and out == ""
    assert "Stopped: 0 of 1 graded and kept. Run the same command again to go on." in err
    assert "Traceback" not in err
    deadline = time.monotonic() + 120  # a busy machine is no failure
    while any(os.path.exists(f"/proc/{pid}") for pid in children):
        assert time.monotonic() < deadline, "processes are left behind"
        time.sleep(0.05)


def locked(course):
    """Whether a run is at work in the course."""
    with open(course / ".autograder" / "lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def family(pid):
    """(pid, command line) of every process below ``pid``."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat, open(f"/proc/{entry}/cmdline") as line:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
                    found.append((int(entry), parent, line.read()))
            except OSError:
                continue
    below = {pid}
    for _ in range(8):
        below |= {child for child, parent, _ in found if parent in below}
    return [(child, line) for child, _, line in found if child in below - {pid}]


def test_feedback_before_grading_says_what_to_type(course, hand_in, capsys):
    hand_in("ada", **GOOD)
    code, _, err = run("feedback", course.root, NAME, capsys=capsys)
    assert code == 1 and f"ada: not graded yet. Type: autograder grade {course.root} {NAME}" in err


def test_python_m_autograder_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", "/nowhere", NAME],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and done.stderr.startswith("autograder: There is no directory")
