"""What newcomers do in their first two hours: each is told what to type, and nothing is lost."""

import errno
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys

import pytest

from autograder.authoring import installed
from autograder.cli import entry, student
from autograder.cli.main import guarded, main
from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.gradebook.gradebook import Gradebook

NAME = "00_wires"


def said_by(program, line, capsys):
    """What a command line that is refused prints."""
    try:
        code = program(shlex.split(line))
    except SystemExit as end:
        code = end.code
    out, err = capsys.readouterr()
    assert code == 2 and not out and "Traceback" not in err, out + err
    return err


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The folder above a student's own, which holds one notebook."""
    (tmp_path / "my course").mkdir()
    path = installed.student_notebooks()[NAME]
    shutil.copy(path, tmp_path / "my course")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "my course"


@pytest.mark.parametrize(
    ("program", "line", "meant"),
    [
        (main, "chekc x", "Did you mean: autograder check"),
        (main, "roster shwo COURSE", "Did you mean: autograder roster show"),
        (main, "start", "'start' is a command of mlpkit. Type: mlpkit start"),
        (main, "zzz", "there are: check, watch, progress, init,"),
        (student.main, "strat", "Did you mean: mlpkit start"),
        (student.main, "check x", "'check' is a command of autograder. Type: autograder check"),
        (student.main, "watch", "Type: autograder watch"),
    ],
)
def test_a_wrong_command_gets_the_right_one(program, line, meant, capsys):
    assert meant in said_by(program, line, capsys)


@pytest.mark.parametrize("package", ["mlpkit", "autograder"])
def test_python_m_is_the_command(package):
    done = subprocess.run(
        [sys.executable, "-m", package, "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"{package} ")


@pytest.mark.parametrize("command", ["watch", "progress"])
def test_a_notebook_in_the_place_of_its_folder(mine, command, capsys):
    said = said_by(main, f"{command} 'my course/{NAME}.ipynb'", capsys)
    assert said.endswith("is a file. Name the folder that it is in: 'my course'\n")


def test_several_notebooks_in_the_place_of_one(mine, capsys):
    said = said_by(main, "check 00_wires.ipynb 01_logistic.ipynb 02_momentum.ipynb", capsys)
    assert "there is also 01_logistic.ipynb 02_momentum.ipynb" in said
    assert "For all that are in a folder: autograder progress FOLDER" in said


@pytest.mark.parametrize(
    "given", [f"{NAME}.ipynb", NAME, f"'my course/{NAME}'", f"nowhere/{NAME}.ipynb"]
)
def test_a_notebook_that_lies_elsewhere_is_found(mine, given, capsys):
    said = said_by(main, f"check {given}", capsys)
    assert said.endswith(f"Did you mean: autograder check 'my course/{NAME}.ipynb'\n")


def test_without_any_notebook_it_says_where_they_come_from(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert "to get the notebooks: mlpkit start" in said_by(main, "check zzz", capsys)


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        (f"{NAME}.ipynb", lambda data: data[:20000], "its JSON is broken, or was cut off"),
        (f"{NAME}.ipynb", lambda data: b"", "The file is empty"),
        (f"{NAME}.html", lambda data: b"<!DOCTYPE html>", "The file is no notebook"),
        (f"{NAME}.py", lambda data: b"x = 1", "The file is no notebook"),
        ("new name.ipynb", lambda data: b"<<<<<<< HEAD\n" + data, "its JSON is broken"),
    ],
)
def test_what_cannot_be_read_is_no_zero(mine, name, change, why, capsys):
    """It is refused, and the copy that Jupyter kept is named where there is one."""
    path = mine / name
    path.write_bytes(change((mine / f"{NAME}.ipynb").read_bytes()))
    line = shlex.join(["check", str(path)])
    said = said_by(main, line, capsys)
    assert why in said and said.endswith("Give the .ipynb file that Jupyter saves.\n")
    kept = mine / ".ipynb_checkpoints" / f"{path.stem}-checkpoint.ipynb"
    kept.parent.mkdir()
    kept.touch()
    assert str(kept) in said_by(main, line, capsys)


def test_a_notebook_in_utf_16_is_read(mine, capsys):
    path = mine / "a.ipynb"
    path.write_bytes((mine / f"{NAME}.ipynb").read_text("utf-8").encode("utf-16"))
    assert main(["check", str(path), "--only", "1.1"]) == 0
    assert "not begun" in capsys.readouterr().out


def test_lines_to_type_can_be_typed_where_a_folder_has_spaces(mine, capsys, tiny_course_only):
    assert main(["init", "Übung 1"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "Then type" in line)
    assert shlex.split(line)[2:] == ["autograder", "grade", "Übung 1", "01_tiny", "--enrol"]


@pytest.fixture
def tiny_course_only(tiny_sources, monkeypatch):
    monkeypatch.setattr(installed, "course_files", lambda: tiny_sources)


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Make room, then type the same again"),
        (errno.EROFS, "Name a folder that you may write to"),
        (errno.EACCES, "Name a folder that you may write to"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
@pytest.mark.parametrize("file", [None, "/there", 3])
def test_what_the_system_refuses_is_one_line_with_what_to_do(number, advice, file, capsys):
    def refused():
        raise OSError(number, os.strerror(number), file)

    assert guarded("autograder", refused) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and advice in said and "::" not in said
    assert ("/there: " in said) == (file == "/there")


def test_a_link_to_nowhere_is_no_folder(tmp_path, capsys):
    (tmp_path / "link").symlink_to("/nowhere")
    said = said_by(student.main, f"start {tmp_path / 'link'}", capsys)
    assert "is a link to /nowhere, which is not there" in said


@pytest.mark.parametrize("command", ["init", "demo"])
def test_a_course_for_which_there_is_no_place_leaves_nothing(
    command, tiny_course_only, tmp_path, monkeypatch, capsys
):
    def full(*any):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / ".C.x1/C/seed"))

    monkeypatch.setattr(Course, "seed", full)
    assert main([command, str(tmp_path / "C")]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"autograder: No course can be made in {tmp_path / 'C'}: No space left")
    assert said.count("\n") == 1 and "Make room" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("people", [[], [Person("ada", "Ada", "Lovelace")]])
def test_the_demo_is_not_played_in_a_course_without_hand_ins(course, people, capsys):
    """A class list, or a course just made, is not the demo's either."""
    with Gradebook(course) as book:
        book.add_people(people)
    assert main(["demo", str(course.root)]) == 2
    assert "another course than the demo's" in capsys.readouterr().err
    with Gradebook(course) as book:
        assert list(book.people()) == [person.id for person in people]


def test_ctrl_c_while_libraries_are_imported_is_one_line(monkeypatch, capsys):
    def interrupted(name):
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "import_module", interrupted)
    assert entry.mlpkit() == 130
    assert capsys.readouterr().err == "\nmlpkit: Stopped.\n"


def test_ctrl_c_in_the_middle_of_start_halves_no_notebook(tmp_path):
    """The real command, stopped at its third notebook; typed again, it goes on."""
    program = (
        "import os, signal, sys\n"
        "from autograder import handout\n"
        "from autograder.cli.student import main\n"
        "write, done = handout.write_atomically, []\n"
        "def one(path, data):\n"
        "    done.append(path)\n"
        "    if len(done) == 3: os.kill(os.getpid(), signal.SIGINT)\n"
        "    write(path, data)\n"
        "handout.write_atomically = one\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.exit(main(['start', 'mine']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nmlpkit: Stopped.\n")
    there = sorted(path.stem for path in (tmp_path / "mine").iterdir())
    assert there == sorted(installed.student_notebooks())[:2]
    assert student.start(tmp_path / "mine") == 0
    for name, path in installed.student_notebooks().items():
        assert (tmp_path / "mine" / f"{name}.ipynb").read_bytes() == path.read_bytes()


def test_ctrl_c_is_jupyterlabs_to_answer():
    """The command waits until JupyterLab, which asks first, has ended."""

    class Lab:
        asked = 0

        def wait(self):
            self.asked += 1
            if self.asked == 1:
                raise KeyboardInterrupt
            return 7

    assert student._wait_for(Lab()) == 7


def test_ctrl_c_in_watch_is_one_line(mine):
    program = (
        "import sys\n"
        "from autograder import watch\n"
        "from autograder.cli.main import main\n"
        "from autograder.result import Result\n"
        "watch.examined = lambda name, data: Result('', name, 'graded')\n"
        "sys.exit(main(['watch']))\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-u", "-c", program],
        cwd=mine, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    first = running.stdout.readline()
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate()
    assert f"Watching 1 notebook in {mine}. Save one." in first
    assert (running.returncode, rest) == (0, "\nStopped watching.\n")


def test_the_file_on_disk_is_what_was_saved_last(mine):
    """Reading never writes: a check leaves every byte of the folder as it was."""
    before = {path: path.read_bytes() for path in mine.iterdir()}
    assert main(["progress", str(mine)]) == 0
    assert {path: path.read_bytes() for path in mine.iterdir()} == before
    assert json.loads(next(iter(before.values())))
