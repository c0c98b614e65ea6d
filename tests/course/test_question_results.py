"""The points of questions come back as a check that every page, table and export has."""

import csv
import io

import pytest

from autograder.cli.main import main
from autograder.course.person import Person
from autograder.errors import AutograderError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import QUESTIONS
from autograder.grading.standings import OPEN, read_standings
from autograder.questions.results import enter_results
from autograder.reports.class_report import write_report
from autograder.reports.export import plain_csv
from autograder.reports.feedback import write_pages
from autograder.result import GRADED
from tests.course.conftest import GOOD, NAME
from tests.course.test_feedback import assert_inert

HEAD = ["student", "question", "about", "right answer", "answer", "points", "comment"]


@pytest.fixture
def graded(course, hand_in, book, grade):
    """Three students with 5 points of tests and 5 of a written answer that has 4 of them."""
    book.add_people([Person("ada"), Person("bob"), Person("=eve"), Person("tim")])
    for student in ("ada", "bob", "=eve"):
        hand_in(student, **GOOD, why="Two equal signs.")
    grade()
    give_written(book, 4.0)
    return course


def give_written(book, points):
    with book._session() as session:
        for grade in session.query(book._api.Grade):
            if grade.name == "why":
                grade.manual_score = points


def form(course, points, *, delimiter=",", comments=(), encoding="utf-8-sig"):
    """A form with these points of each student's questions, as text."""
    rows = [
        [who, str(n), "about", "A", "B", value, dict(comments).get((who, n), "")]
        for who, values in points.items()
        for n, value in enumerate(values, 1)
    ]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows([HEAD, *rows])
    path = course.root / "form.csv"
    path.write_text(buffer.getvalue(), encoding=encoding)
    return path


def standings(course):
    with Gradebook(course) as book:
        return {one.person.id: one for one in read_standings(course, NAME, book)}


def test_points_are_the_same_everywhere(graded):
    path = form(
        graded,
        {"ada": ["1", "1", "0.5", "1"], "bob": ["", "", "", ""], "'=eve": ["0"] * 4},
        comments={("ada", 3): "knew the <b>shape"},
    )
    done = enter_results(graded, NAME, path)
    assert (done.students, done.top, done.blank, done.left) == (["=eve", "ada"], 4.0, ["bob"], {})
    found = standings(graded)
    assert {who: one.status for who, one in found.items() if one.entry} == {
        "ada": GRADED, "bob": OPEN, "=eve": GRADED,
    }  # fmt: skip
    assert [found[who].score for who in ("ada", "bob", "=eve")] == [12.5, 9.0, 9.0]
    assert {one.max_score for one in found.values() if one.entry} == {14.0}
    assert found["ada"].result.score == 12.5 and found["ada"].result.max_score == 14.0

    rows = list(csv.DictReader(io.StringIO(plain_csv(NAME, list(found.values())).lstrip("\ufeff"))))
    row = next(row for row in rows if row["student"] == "ada")
    assert (row["score"], row["max_score"], row[QUESTIONS]) == ("12.5", "14.0", "3.5")
    write_pages(graded, NAME, ["ada", "bob"])
    page = assert_inert((graded.path("feedback", "ada", NAME) / f"{NAME}.html").read_text())
    assert "12.5 of 14 points" in page.text and "Questions about your code" in page.text
    assert "3: knew the <b>shape" in page.text
    page = assert_inert((graded.path("feedback", "bob", NAME) / f"{NAME}.html").read_text())
    assert "4 more points are open" in page.text
    text = write_report(graded, NAME, graded.root / "report.html").read_text()
    assert "Questions about your code" in assert_inert(text).text


def test_entering_again_adds_the_rest_and_keeps_what_is_there(graded):
    enter_results(graded, NAME, form(graded, {"ada": ["1"] * 4}))
    enter_results(graded, NAME, form(graded, {"bob": ["1", "0", "0", "0"]}))
    assert standings(graded)["ada"].score == 13.0 and standings(graded)["bob"].score == 10.0
    enter_results(graded, NAME, form(graded, {"ada": ["0.5"] * 4}))
    assert standings(graded)["ada"].score == 11.0


def test_grading_again_keeps_the_points_and_late_work_waits(graded, book, grade, hand_in):
    enter_results(graded, NAME, form(graded, {"ada": ["1"] * 4}))
    assert grade().examined == 0
    hand_in("ada", double=GOOD["double"], square="def square(x): return 0", why="Two.")
    hand_in("tim", **GOOD, why="Two equal signs.")
    book._known.clear()
    grade()
    found = standings(graded)
    assert found["ada"].so_far == 2 + 4 + 4 and found["tim"].status == OPEN
    assert found["tim"].max_score == 14.0


def test_fewer_questions_count_by_their_mean_and_points_may_be_more(graded):
    done = enter_results(graded, NAME, form(graded, {"ada": ["2", "1"], "bob": ["2"] * 4}), 2.0)
    assert done.top == 8.0
    assert standings(graded)["ada"].score == 9 + 6 and standings(graded)["bob"].score == 17


@pytest.mark.parametrize("delimiter, encoding", [(";", "cp1252"), ("\t", "utf-16")])
def test_what_a_spreadsheet_makes_of_the_form_is_read(graded, delimiter, encoding):
    path = form(
        graded, {"ada": ["0,5", "1", "1,0", ""]}, delimiter=delimiter, encoding=encoding,
        comments={("ada", 1): "gut erklärt"},
    )  # fmt: skip
    assert enter_results(graded, NAME, path).left == {"ada": "no points for question 4"}
    path.write_text(path.read_text(encoding=encoding).replace("4", "4"), encoding=encoding)
    full = form(graded, {"ada": ["0,5", "1", "1,0", "0"]}, delimiter=delimiter, encoding=encoding)
    enter_results(graded, NAME, full)
    assert standings(graded)["ada"].score == 11.5


@pytest.mark.parametrize("points", ["2", "-1", "nan", "inf", "A", "1/2"])
def test_what_is_no_number_of_points_enters_nothing(graded, points):
    with pytest.raises(AutograderError, match=r"form.csv, line 3: .* from 0 to 1. Nothing was"):
        enter_results(graded, NAME, form(graded, {"bob": ["1"], "ada": [points]}))
    assert standings(graded)["bob"].max_score == 10.0


def test_who_cannot_be_entered_is_named(graded, capsys):
    path = form(graded, {"ada": ["1"] * 4, "tim": ["1"] * 4, "nobody": ["1"] * 4})
    assert main(["questions", str(graded.root), NAME, "--results", str(path)]) == 1
    said = capsys.readouterr()
    assert "not entered: tim: not graded yet" in said.err and "nobody: no student" in said.err
    assert "1 students have points now" in said.out


def test_a_file_that_is_no_form_is_refused(graded):
    path = graded.root / "x.csv"
    path.write_text("student,score\nada,1\n")
    with pytest.raises(AutograderError, match="no column question, points, comment"):
        enter_results(graded, NAME, path)
    twice = form(graded, {"ada": ["1"]})
    twice.write_text(twice.read_text() + "ada,1,a,A,A,1,\n")
    with pytest.raises(AutograderError, match="line 3: question 1 of ada is there twice"):
        enter_results(graded, NAME, twice)
    with pytest.raises(AutograderError, match="--points 0"):
        enter_results(graded, NAME, form(graded, {"ada": ["1"]}), 0.0)


def test_before_anybody_is_graded_nothing_is_entered(course, book):
    book.add_people([Person("ada")])
    with pytest.raises(AutograderError, match="graded yet"):
        enter_results(course, NAME, form(course, {"ada": ["1"]}))
