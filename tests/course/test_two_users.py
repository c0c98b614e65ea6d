"""nbgrader's exchange directory between users of one machine: a class on a JupyterHub.

Each step runs in a process with that user's rights alone, so only root can run these tests.
"""

import json
import os
import pwd
import shutil
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.collect.collect import collect
from autograder.course.directory import Course
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import Batch
from autograder.reports import feedback
from tests.course.conftest import GOOD, NAME, FakeExam, filled

PROF, ADA, BOB = 61_001, 61_002, 61_003  # any numbers will do, the machine need not know them
NAMES = {PROF: "prof", ADA: "ada", BOB: "bob"}

# Python finds these when they are first needed, which in a student's process may be too late:
# its own folder may be closed to other users.
for encoding in ("utf-8-sig", "utf-16", "cp437", "idna"):
    "".encode(encoding)

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def as_user(user, step, *args):
    """Run ``step(*args)`` in a process of that user, where any failure is the test's."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            os.umask(0o077)  # the strictest that anybody has
            step(*args)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, (NAMES[user], step)


@pytest.fixture
def machine(fresh_course, monkeypatch):
    """A folder with an exchange and the homes of three users, one of them with the course."""
    known = pwd.getpwuid

    def account(user):
        name = NAMES.get(user)
        return pwd.struct_passwd((name, "x", user, user, "", "/", "")) if name else known(user)

    monkeypatch.setattr(pwd, "getpwuid", account)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "exchange").mkdir()
        (root / "exchange").chmod(0o777)
        for user, name in NAMES.items():
            (root / name).mkdir()
            os.chown(root / name, user, user)
        shutil.copytree(fresh_course.root, root / "prof" / "course")
        for path in (root / "prof").rglob("*"):
            os.chown(path, PROF, PROF)
        yield root


@pytest.fixture
def exchange(machine):
    """``exchange(step, user)`` does a step of nbgrader's exchange as that user."""
    from nbgrader import auth, coursedir
    from nbgrader.apps import NbGrader
    from nbgrader.exchange import default
    from traitlets.config import Config

    def in_the_child(step, user):
        config = Config()
        config.Exchange.root = str(machine / "exchange")
        config.Exchange.cache = str(machine / NAMES[user] / "cache")
        if user == PROF:
            config.CourseDirectory.root = str(machine / "prof" / "course")
        config.CourseDirectory.course_id = "backpropagation"
        config.CourseDirectory.assignment_id = NAME
        os.chdir(machine / NAMES[user])
        parts = {"parent": NbGrader(config=config), "config": config}
        getattr(default, f"Exchange{step}")(
            coursedir=coursedir.CourseDirectory(**parts),
            authenticator=auth.Authenticator(**parts),
            **parts,
        ).start()

    return lambda step, user: as_user(user, in_the_child, step, user)


def hand_in(machine, exchange, user, name=f"{NAME}.ipynb", why=""):
    """Fetch, fill and submit as that student, in a notebook of that name."""
    folder = machine / NAMES[user] / NAME
    if not folder.exists():
        exchange("FetchAssignment", user)
    text = json.dumps(filled(Course.open(machine / "prof" / "course"), **GOOD, why=why))

    def write():
        (folder / f"{NAME}.ipynb").unlink(missing_ok=True)
        (folder / name).write_text(text)

    as_user(user, write)
    exchange("Submit", user)


def grade(machine):
    course = Course.open(machine / "prof" / "course")
    with Gradebook(course) as book, ThreadPoolExecutor(1) as pool:
        Batch(course, NAME, book).run(FakeExam(), pool, 1, quiet=True)
    feedback.write_pages(course, NAME, course.students(NAME))


def fetched(machine, user):
    return sorted((machine / NAMES[user] / NAME / "feedback").glob("*/*.html"))


def test_each_student_fetches_the_own_page_and_can_read_nothing_else(machine, exchange):
    exchange("ReleaseAssignment", PROF)
    hand_in(machine, exchange, ADA, why="written by ada")
    hand_in(machine, exchange, BOB, why="written by bob")
    exchange("Collect", PROF)
    as_user(PROF, grade, machine)
    exchange("ReleaseFeedback", PROF)
    for user, other in ((ADA, BOB), (BOB, ADA)):
        exchange("FetchFeedback", user)
        (page,) = fetched(machine, user)
        assert page.stat().st_uid == user
        text = page.read_text()
        assert f"written by {NAMES[user]}" in text and f"written by {NAMES[other]}" not in text

    def look_around():
        for closed in ("exchange/backpropagation/feedback", "exchange/backpropagation/inbound"):
            with pytest.raises(PermissionError):
                os.listdir(machine / closed)
        with pytest.raises(PermissionError):
            os.listdir(machine / "prof" / "course")

    as_user(BOB, look_around)


def test_feedback_of_a_renamed_notebook_is_found(machine, exchange):
    exchange("ReleaseAssignment", PROF)
    hand_in(machine, exchange, ADA, name="my work.ipynb", why="the first")
    exchange("Collect", PROF)
    as_user(PROF, grade, machine)
    exchange("ReleaseFeedback", PROF)
    exchange("FetchFeedback", ADA)
    (page,) = fetched(machine, ADA)
    assert page.name == "my work.html" and "the first" in page.read_text()


def test_our_own_collect_takes_the_exchange_and_feedback_finds_back(machine, exchange):
    exchange("ReleaseAssignment", PROF)
    hand_in(machine, exchange, ADA, why="written by ada")

    def collect_and_grade():
        course = Course.open(machine / "prof" / "course")
        inbound = machine / "exchange" / "backpropagation" / "inbound"
        assert collect(course, NAME, [inbound], enrol=True).done == {"new": ["ada"]}
        grade(machine)

    as_user(PROF, collect_and_grade)
    exchange("ReleaseFeedback", PROF)
    exchange("FetchFeedback", ADA)
    (page,) = fetched(machine, ADA)
    assert "written by ada" in page.read_text()
