"""Cases 13 to 19: reaching others. Every attempt is made, and refused; what it aimed at is whole.

The probes of ``autograder doctor`` show the sandbox from inside, limit by limit, and that each
attempt works outside of it (``tests/exam/test_sandbox.py``); here are the same doors tried from a
notebook. ``test_layers_off`` opens them one by one, and sees these tests fail.
"""

import csv
import io
import json
import os
import socket
import sqlite3
from contextlib import closing

import pytest

from autograder.course.person import Person
from autograder.exam import Limits
from autograder.gradebook.records import Entry
from autograder.grading.standings import Standing
from autograder.reports.canvas import fill_canvas
from autograder.reports.export import moodle_csv, plain_csv
from autograder.reports.spreadsheet import table
from tests.threats.room import (
    FULL,
    NEIGHBOUR,
    TRANSPOSED,
    between,
    grade,
    printed,
    scores,
    sit,
    tier,
    with_cell,
    without,
)

sandboxed = pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")
WRONG = without("test_outer")


def attempt(*lines):
    """A cell that tries each line, and prints DONE where it worked, else what refused it."""
    text = "import os, socket, signal, subprocess, pathlib\n"
    for line in lines:
        text += (
            f"try:\n    {line}\n    print('DONE', {line!r})\n"
            "except BaseException as error: print('refused', type(error).__name__)\n"
        )
    return text


def refused(*lines, **options):
    """The result of a notebook in which every one of these lines was refused."""
    result = grade(with_cell(1, attempt(*lines)), **options)
    assert printed(result).count("refused") == len(lines) and "DONE" not in printed(result)
    assert scores(result) == FULL
    return result


@pytest.fixture
def gradebook(tmp_path):
    path = tmp_path / "gradebook.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("create table grade (score real)")
        db.execute("insert into grade values (3)")
    path.chmod(0o666)
    tmp_path.chmod(0o777)
    return path


def score_in(path):
    with closing(sqlite3.connect(path)) as db, db:
        return db.execute("select score from grade").fetchall()


@sandboxed
def test_case_13_the_gradebook_is_out_of_reach(gradebook):
    """Holds: sandbox."""
    path = str(gradebook)
    refused(
        f"open({path!r}, 'r+b').write(b'10')",
        f"import sqlite3; sqlite3.connect({path!r}).execute('update grade set score=9')",
    )
    assert score_in(gradebook) == [(3.0,)]


DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for _ in range(200):
            time.sleep(0.05)
            try: open({path!r}, 'w').write('from the daemon')
            except OSError: pass
            try: open('left_behind', 'w').write('x')
            except OSError: pass
    os._exit(0)
os.wait()
"""


def test_case_13_a_daemon_left_behind_ends_with_its_notebook(tmp_path):
    """Holds: ``confine.reap_strays`` and the emptied scratch, on every tier."""
    look = "import os, time\ntime.sleep(0.2)\nprint('there:', os.listdir('.'))"
    target = tmp_path / "submission.ipynb"
    tmp_path.chmod(0o777)
    left, after = (
        sit(one)
        for one in (
            with_cell(1, DAEMON.format(path=str(target)), outer=TRANSPOSED),
            with_cell(1, look),
        )
    )
    assert scores(left) == WRONG and scores(after) == FULL
    assert "there: []" in printed(after)
    if tier() != "none":
        assert not target.exists()


@sandboxed
def test_case_14_files_outside_the_work_folder_stay_as_they_are(tmp_path):
    """Holds: sandbox (nothing is writable but the scratch)."""
    targets = [tmp_path / "submitted.ipynb", tmp_path / "nbgrader_config.py"]
    for target in targets:
        target.write_text("whole")
        target.chmod(0o666)
    tmp_path.chmod(0o777)
    import mlpkit

    elsewhere = [str(target) for target in targets] + [
        mlpkit.__file__,
        os.__file__,
        "/etc/profile",
        "/usr/lib/evil.py",
        "/dev/shm/x",
    ]
    refused(
        *[f"open({path!r}, 'a').write('changed')" for path in elsewhere],
        "os.makedirs('/root/.ipython/profile_default/startup')",
        "os.mkdir('/var/evil')",
        "os.symlink('/etc', '/etc2')",
        "(os.chmod('/usr', 0o777), os.stat('/usr').st_mode & 2 or 1 / 0)",
    )
    assert [target.read_text() for target in targets] == ["whole"] * 2


@sandboxed
def test_case_14_the_shell_of_the_next_is_fresh():
    """Holds: one fork for each: what a notebook changes in its own process is gone with it."""
    change = (
        "import numpy, builtins, os\nnumpy.pi = 3\nbuiltins.x = 1\nos.environ['LEFT'] = '1'\n"
        "open('start.py', 'w').write('1')"
    )
    look = "import numpy, os\nprint(numpy.pi, 'LEFT' in os.environ, os.listdir('.'), 'x' in dir())"
    _, after = between(with_cell(1, change), with_cell(1, look))
    assert "3.14159" in printed(after) and "False [] False" in printed(after)


@pytest.mark.parametrize("kind", ["link", "folder link", "fifo", "device", "huge", "folder"])
def test_case_15_odd_files_handed_in(kind, tmp_path):
    """Holds: ``submissions.read_regular`` (no link followed, no pipe waited for, bounded)."""
    from autograder.course.directory import Course
    from autograder.course.submissions import read_submission

    (tmp_path / "source/hw").mkdir(parents=True)
    (tmp_path / "source/hw/hw.ipynb").write_text(json.dumps(NEIGHBOUR))
    folder, secret = tmp_path / "submitted/eve/hw", tmp_path / "secret.ipynb"
    secret.write_text(json.dumps(NEIGHBOUR))
    folder.parent.mkdir(parents=True)
    path = folder / "hw.ipynb"
    if kind == "folder link":
        folder.symlink_to(tmp_path / "source/hw")
    else:
        folder.mkdir()
    if kind == "link":
        path.symlink_to(secret)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "huge":
        with open(path, "wb") as file:
            file.truncate(10 << 30)
    elif kind == "folder":
        path.mkdir()
    read = read_submission(Course.open(tmp_path), "hw", "eve", "hw")
    assert read.data == b"" and len(read.flags) == 1 and "read" in read.flags[0]


@sandboxed
def test_case_16_no_lock_can_be_held_on_the_gradebook(gradebook):
    """Holds: sandbox."""
    refused(
        f"__import__('fcntl').lockf(open({str(gradebook)!r}, 'r+b'), 2)",
        f"__import__('sqlite3').connect({str(gradebook)!r}).execute('begin exclusive')",
    )
    with closing(sqlite3.connect(gradebook, timeout=0.1)) as db, db:
        db.execute("begin exclusive")


@sandboxed
def test_case_17_no_other_process_can_be_killed():
    """Holds: sandbox (a PID namespace whose init cannot be killed, or Landlock's scope)."""
    text = attempt(
        "os.kill(1, 9)",
        "os.kill(os.getppid(), 9)",
        f"os.kill({os.getpid()}, 9)",
        "os.killpg(os.getppid(), 9)",
        "os.setpriority(os.PRIO_PROCESS, 1, 19)",
    )
    result = grade(with_cell(1, text))
    assert scores(result) == FULL, "the warm process that forked it is alive"
    every = grade(with_cell(1, "import os; os.kill(-1, 9)"))
    assert scores(every)["test_outer"] == 2


@sandboxed
def test_case_17_what_it_writes_to_inherited_descriptors_blocks_nobody():
    """Holds: ``nursery._silence``: the pipe of the warm process is not the student process's."""
    flood = (
        "import os, select\nfor number in (1, 2):\n    for _ in range(64):\n"
        "        if select.select([], [number], [], 0)[1]: os.write(number, b'x' * 4096)"
    )
    loud = "import os\nos.write(2, b'y' * 100_000)\nprint('said')"
    limits = Limits(cell_seconds=2)
    for result in between(with_cell(1, flood), with_cell(1, flood + "\n" + loud), limits=limits):
        assert scores(result) == FULL and result.flags == ()
    assert "said" in printed(result)


@sandboxed
def test_case_18_no_network():
    """Holds: sandbox (network namespace; seccomp, for AF_VSOCK, packets and abstract sockets)."""
    with socket.socket() as listener, socket.socket(socket.AF_UNIX) as abstract:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        name = b"\0mlpkit-threat-%d" % os.getpid()
        abstract.bind(name)
        abstract.listen()
        port = listener.getsockname()[1]
        refused(
            f"socket.create_connection(('127.0.0.1', {port}), 1)",
            "socket.create_connection(('8.8.8.8', 53), 1)",
            "socket.getaddrinfo('example.org', 80)[0][9]",
            f"socket.socket(socket.AF_UNIX).connect({name!r})",
            "socket.socket(40, socket.SOCK_STREAM).connect((2, 1))",
            "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
            "__import__('urllib.request').request.urlopen('http://example.org', timeout=1)",
        )


def test_case_19_scripts_are_inert_on_the_feedback_page():
    """Holds: ``rendering`` (nh3), for Markdown, HTML outputs, SVG, code, and messages."""
    from autograder.reports.feedback import page
    from tests.threats.room import SOURCE

    evil = "<script>alert(1)</script><img src=x onerror=alert(2)><iframe src='//evil'></iframe>"
    made = with_cell(
        4,
        f"from IPython.display import HTML, SVG, Markdown\nx = {evil!r}\n"
        "display(HTML(x), Markdown(x))\nprint(x)\nraise ValueError(x)",
        why=f"Because {evil} [link](javascript:alert(3))",
        outer=f"def outer(d, h):\n    raise ValueError({evil!r})",
    )
    result = grade(made).named("<b>eve</b><script>", "room")
    html = page(result, SOURCE, "room").lower()
    assert scores(result) == WRONG
    for sign in (
        "<script>alert",
        "<img src=x",
        "<iframe",
        'href="javascript',
        "<script></",
        "<b>eve",
    ):
        assert sign not in html, sign
    assert "&lt;script&gt;" in html


FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\u200b=1",
    "\ufeff=HYPERLINK(A1)",
    "\u00a0+1",
    "＝1+1",
    "＠SUM(A1)",
    "Ada;=1+1;x",
    "Ada, =1+1, x",
    "Ada\n@SUM(A1)",
    "Ada\t-1",
    'Ada";=1+1;"',
    "Ada;\u200b＝1",
]
NAMES = ['Smith, "Jr."', "Ünal", "O'Brien", "Jean-Luc", "a@b.org", "1;2", "x = 1", "Smith; Jr. - x"]


def test_case_19_formulas_are_text_in_every_csv(tmp_path):
    """Holds: ``spreadsheet.harmless``: whatever the separator of the program that opens it."""
    tables = [table(["name"], [["1", name, "x"] for name in [*FORMULAS, *NAMES]])]
    people = [Person(f"s{n}", name, name, "a@b.org", "1") for n, name in enumerate(FORMULAS)]
    everybody = [Standing(person, Entry(person.id), None) for person in people]
    tables += [plain_csv("room", everybody), moodle_csv("room", everybody)]
    canvas = tmp_path / "canvas.csv"
    head = ["Student", "ID", "SIS Login ID", "Section", "room (7)"]
    rows = [[name, str(n), name, name, "-1.5"] for n, name in enumerate(FORMULAS)]
    with canvas.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    tables.append(fill_canvas(canvas, "room", everybody)[0])
    for text in tables:
        for delimiter in ",;\t|":
            back = [*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
            back += [line.split(delimiter) for line in text.splitlines()]
            for cell in (cell.strip(' "\u200b\ufeff\u00a0\t\r\n') for row in back for cell in row):
                plain = not cell.startswith(tuple("=+-@＝＋－＠")) or not cell.strip(
                    "+-.,0123456789"
                )
                assert plain, (delimiter, cell)  # numbers of Canvas' stay numbers
    names = [row[1] for row in csv.reader(io.StringIO(tables[0], newline="")) if len(row) == 3]
    assert names[len(FORMULAS) :] == NAMES
    assert [name.replace("'", "") for name in names[1 : len(FORMULAS)]] == FORMULAS[1:]
