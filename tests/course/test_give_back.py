"""Feedback goes back the way the work came: names that platforms know, and nbgrader's exchange."""

import csv
import json
import zipfile

import pytest
from traitlets.config import Config

from autograder.cli.main import main
from autograder.collect.collect import collect
from autograder.course.person import Person
from autograder.errors import AutograderError
from autograder.gradebook.gradebook import Gradebook
from autograder.reports.feedback import write_pages
from autograder.reports.give_back import give_back
from tests.course.conftest import GOOD, NAME, filled


@pytest.fixture
def term(course, grade, tmp_path):
    """``term(files)`` collects a zip of these names, grades it and writes the pages."""
    with Gradebook(course) as book:
        book.add_people(
            [
                Person("ada", "Ada", "Lovelace", "ada@example.org", "101"),
                Person("emmy", "Emmy", "Noether"),
            ]
        )

    def play(*names):
        with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
            for name in names:
                archive.writestr(name, json.dumps(filled(course, **GOOD, why=name)))
        collect(course, NAME, [tmp_path / "in.zip"])
        grade()
        write_pages(course, NAME, course.students(NAME))

    return play


def test_canvas_gets_its_own_names_back(course, term):
    term(f"lovelaceada_LATE_101_9001_{NAME}-1.ipynb", f"noetheremmy_102_9002_{NAME}.ipynb")
    done = give_back(course, NAME, "canvas", ["ada", "emmy"])
    with zipfile.ZipFile(done.path) as archive:
        assert sorted(archive.namelist()) == [
            f"lovelaceada_LATE_101_9001_{NAME}-1.html", f"noetheremmy_102_9002_{NAME}.html",
        ]  # fmt: skip
        assert b"Ada Lovelace" in archive.read(f"lovelaceada_LATE_101_9001_{NAME}-1.html")
    with pytest.raises(AutograderError, match="Nothing of 01_tiny was collected from Moodle"):
        give_back(course, NAME, "moodle", ["ada", "emmy"])


def test_moodle_gets_its_own_folders_back(course, term, hand_in):
    """In the form of old and new versions; the importer reads name_number_kind_plugin_."""
    term(
        f"Ada Lovelace_12345_assignsubmission_file/{NAME}.ipynb",
        f"Emmy Noether_12346_assignsubmission_file_{NAME}.ipynb",
    )
    hand_in("zoe", **GOOD)
    done = give_back(course, NAME, "moodle", ["ada", "emmy", "zoe"])
    with zipfile.ZipFile(done.path) as archive:
        assert sorted(archive.namelist()) == [
            f"Ada Lovelace_12345_assignsubmission_file_/{NAME}.html",
            f"Emmy Noether_12346_assignsubmission_file_/{NAME}.html",
        ]
    assert done.left == {"zoe": "what counts was not collected from Moodle"} and done.students == 2


def test_a_folder_to_mail_from(course, term, capsys):
    term(f"lovelaceada_101_1_{NAME}.ipynb", f"noetheremmy_102_2_{NAME}.ipynb")
    assert main(["feedback", str(course.root), NAME, "--for", "mail"]) == 1
    assert "emmy: has no e-mail address" in capsys.readouterr().err
    folder = course.root / "exports" / f"{NAME}-mail"
    (row,) = csv.DictReader((folder / "mail.csv").read_text().splitlines())
    assert (row["email"], row["score"], row["status"]) == ("ada@example.org", "5", "open")
    assert (folder / row["files"]).read_text().startswith("<!DOCTYPE html>")


@pytest.fixture
def exchange(course, tmp_path, monkeypatch):
    """``exchange(step)`` runs a step of nbgrader's exchange; root and home are the test's own."""
    from nbgrader.apps import NbGrader
    from nbgrader.exchange import default

    for folder in ("exchange", "home", "student"):
        (tmp_path / folder).mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    config = Config()
    config.Exchange.root = str(tmp_path / "exchange")
    config.Exchange.cache = str(tmp_path / "home")
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.course_id = "backpropagation"
    config.CourseDirectory.assignment_id = NAME

    def step(name, folder=tmp_path / "student"):
        from nbgrader.auth import Authenticator
        from nbgrader.coursedir import CourseDirectory

        monkeypatch.chdir(folder)
        app = NbGrader(config=config)
        directory = CourseDirectory(config=config, parent=app)
        authenticator = Authenticator(config=config, parent=app)
        getattr(default, f"Exchange{name}")(
            coursedir=directory, authenticator=authenticator, parent=app, config=config
        ).start()
        NbGrader.clear_instance()

    return step


@pytest.mark.filterwarnings(  # nbgrader leaves a file open
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_the_exchange_takes_the_pages_back(course, exchange, grade, hand_in, tmp_path):
    """Released, fetched, handed in, collected, graded, and the student reads the page; someone
    whose work did not come through the exchange stops nothing."""
    from nbgrader.utils import get_username

    exchange("ReleaseAssignment")
    exchange("FetchAssignment")
    mine = tmp_path / "student" / NAME / f"{NAME}.ipynb"
    mine.write_text(json.dumps(filled(course, **GOOD)))
    exchange("Submit")
    exchange("Collect")
    hand_in("by_hand", **GOOD)
    grade()
    students = course.students(NAME)
    assert set(students) == {get_username(), "by_hand"}
    write_pages(course, NAME, students)
    exchange("ReleaseFeedback")
    exchange("FetchFeedback")
    (page,) = (tmp_path / "student" / NAME / "feedback").glob(f"*/{NAME}.html")
    assert (
        page.read_text()
        == course.path("feedback", get_username(), NAME).joinpath(f"{NAME}.html").read_text()
    )
    assert len(list((tmp_path / "exchange" / "backpropagation" / "feedback").glob("*.html"))) == 2


def test_secrets_are_kept_and_seen_by_nobody_else(course, hand_in, grade):
    path = hand_in("ada", **GOOD)
    hand_in("bob", **GOOD)
    path.with_name("submission_secret.txt").write_text("hers")
    grade()
    write_pages(course, NAME, ["ada", "bob"])
    folders = [course.path("feedback", student, NAME) for student in ("ada", "bob")]
    assert (folders[0] / "submission_secret.txt").read_text() == "hers"
    drawn = (folders[1] / "submission_secret.txt").read_text()
    write_pages(course, NAME, ["bob"])
    assert (folders[1] / "submission_secret.txt").read_text() == drawn and len(drawn) == 128
    assert (folders[1] / "submission_secret.txt").stat().st_mode & 0o077 == 0
