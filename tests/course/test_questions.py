"""Questions about one's own code: every answer is what happens when the change is really made."""

import csv
import json
import random

import pytest

from autograder.course.person import Person
from autograder.errors import ExamError
from autograder.exam import examine
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import Batch
from autograder.questions.ask import Question, Sheet, ask, changed
from autograder.questions.changes import Change, changes, chosen, differs, with_cell
from autograder.questions.sheets import write_questions
from autograder.reports.pages import template
from autograder.result import FAILED
from tests.course.test_feedback import assert_inert

NAME = "01_tiny"
CLASS = {
    "ada": {
        "double": "def double(x):\n    y = 3 * x  # ä\n    return y - x",
        "square": "def square(x):\n    return x ** 2",
    },
    "bob": {
        "double": "def double(x):\n    return x + x",
        "square": "def square(x):\n    a = -x\n    b = x * a\n    return -b",
    },
    "eve": {
        "double": "def double(x):\n    return 2 * x",
        "square": "def square(x):\n    return x * x + 1",
    },
}


@pytest.fixture
def asked(course, hand_in):
    """A class of three with its questions."""
    for student, cells in CLASS.items():
        hand_in(student, **cells)
    with Gradebook(course) as book:
        book.add_people(map(Person, CLASS))
    return write_questions(course, NAME, list(CLASS))


def sheets(course):
    for path in sorted((course.private() / "questions" / NAME).glob("*.json")):
        yield Sheet.from_json(path.read_text())


def test_every_key_holds_when_its_code_is_run_again(course, asked):
    assert asked.made == 3
    questions = 0
    with Gradebook(course) as book:
        batch = Batch(course, NAME, book, register=False)
        for sheet in sheets(course):
            for question in sheet.questions:
                submission = batch.read(sheet.student, NAME)
                old = CLASS[sheet.student][question.change.cell]
                data = changed(submission, question.change, old)
                again = examine(batch.sources[NAME], data, **batch.terms(submission))
                failed = {check.title for check in again.checks if check.status == FAILED}
                for title, fails in zip(question.options, question.failing, strict=True):
                    assert (title in failed) == fails, (sheet.student, question)
                questions += 1
    assert questions >= 6


def test_a_sheet_shows_no_answer_and_nothing_hidden(course, asked):
    for student in CLASS:
        if student == "eve":
            continue  # one check of hers passes: there is nothing to choose
        text = (asked.folder / "sheets" / f"{student}.html").read_text()
        page = assert_inert(text)
        assert "Which of these checks fail?" in page.text and "Twice a number" in page.text
        assert "Answer:" not in page.text and "☒" not in page.text and 'class="right"' not in text
        for hidden in ("double(20)", "-7", "another number", "negative numbers"):
            assert hidden not in text
    key = (asked.folder / "key.html").read_text()
    assert_inert(key)
    assert "Answer:" in key and "☒" in key
    assert "eve" in asked.missing and "ada" not in asked.missing


def test_sheets_are_kept_until_the_submission_changes_and_so_is_the_form(course, hand_in, asked):
    before = {path.name: path.read_bytes() for path in asked.folder.rglob("*.html")}
    form = asked.folder / "questions.csv"
    rows = list(csv.reader(form.read_text().splitlines()))
    rows[1][4:] = ["A", "1", "said it well"]
    with form.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    again = write_questions(course, NAME, list(CLASS))
    assert (again.made, again.kept) == (0, 3)
    assert {path.name: path.read_bytes() for path in asked.folder.rglob("*.html")} == before
    assert "said it well" in form.read_text()

    hand_in("ada", **CLASS["bob"])
    third = write_questions(course, NAME, list(CLASS))
    assert (third.made, third.kept) == (1, 2)
    assert "said it well" not in form.read_text()


def test_the_same_course_asks_the_same_and_another_secret_may_not(course, asked):
    first = [sheet.to_json() for sheet in sheets(course)]
    for path in (course.private() / "questions" / NAME).glob("*.json"):
        path.unlink()
    write_questions(course, NAME, list(CLASS))
    assert [sheet.to_json() for sheet in sheets(course)] == first


def test_a_change_replaces_one_expression_and_leaves_all_else_as_written():
    text = 'def f(X, W):\n    """Doc."""\n    h = np.tanh(X @ W.T)  # grüße\n    return 2*h . sum( axis=0 )'
    found = list(changes("nb", "f", text))
    assert {"matrix_products", "products"} <= {change.operator for change in found}
    for change in found:
        old, new = text.split("\n"), change.text.split("\n")
        assert [
            i for i, pair in enumerate(zip(old, new, strict=True), 1) if len(set(pair)) > 1
        ] == [change.line]
    assert any(change.after == "h = np.tanh(X @ W)  # grüße" for change in found)


def test_only_what_makes_other_python_is_chosen():
    text = "def f(x):\n    return 2 * x"
    same = Change("nb", "f", "f", "o", 2, "", "", "def f(x):\n    return (2 * x)")
    broken = Change("nb", "f", "f", "o", 2, "", "", "def f(x):\n    return 2 * * x")
    found = list(changes("nb", "f", text))
    draw = random.Random(0)
    assert chosen([same, broken], {"nb": {"f": text}}, 5, draw) == []
    assert chosen([same, broken, *found], {"nb": {"f": text}}, 5, draw)[0] in found


def test_each_change_is_of_another_line_and_kinds_come_before_repeats():
    lines = ["a = x * y", "b = x + y", "c = x * y", "d = -x"]
    text = "def f(x, y):\n    " + "\n    ".join(lines)
    found = list(changes("nb", "f", text))
    for seed in range(20):
        picked = chosen(found, {"nb": {"f": text}}, 3, random.Random(seed))
        assert len({change.line for change in picked}) == 3
        assert len({change.operator for change in picked}) == 3
        assert all(differs(text, change.text) for change in picked)


def test_a_replaced_factor_binds_as_the_operator_meant():
    found = {
        change.after for change in changes("nb", "f", "def f(a, b, c):\n    return a * (b - c)")
    }
    assert "return a * (b + c)" in found
    found = {change.after for change in changes("nb", "f", "def f(a, b, c):\n    return c ** -a")}
    assert "return c ** a" in found or "return c ** (a)" in found


@pytest.mark.parametrize("end", ["\r\n", "\n\f"])
def test_lines_of_other_systems_are_changed_in_their_place(end):
    text = f"def f(x, y):{end}    'ä'{end}    return x * y{end}"
    found = list(changes("nb", "f", text))
    assert {change.line for change in found} == {3}
    assert all(differs(text, change.text) for change in found)


def test_an_exam_that_dies_costs_its_question_alone(course, hand_in):
    hand_in("bob", **CLASS["bob"])
    exams = []

    def dies_at_first(*args, **terms):
        exams.append(examine(*args, **terms))
        if len(exams) == 1:
            raise ExamError("the machine went away")
        return exams[-1]

    with Gradebook(course) as book:
        book.add_people([Person("bob")])
        batch = Batch(course, NAME, book, register=False)
        submission = batch.read("bob", NAME)
        before = examine(
            json.dumps(batch.sources[NAME]), submission.data, **batch.terms(submission)
        )
        sheet = ask(batch, "bob", {NAME: before}, dies_at_first)
    assert len(exams) > 1 and sheet.questions


@pytest.mark.parametrize(
    "text",
    [
        "def f(:",
        "def f(x):\r    'ä'\r    return x * 2\nääääääääää",
        "%matplotlib inline\n",
        "",
        "x = 1",
        "def f(): pass",
    ],
)
def test_what_cannot_be_changed_gives_no_change(text):
    assert list(changes("nb", "c", text)) == []


def test_a_file_without_the_cell_gives_none():
    assert with_cell(b"not json", "a", "b") is None
    assert with_cell(json.dumps({"cells": [{"source": ["x\n", "y"]}]}).encode(), "z", "b") is None
    data = with_cell(json.dumps({"cells": [{"source": ["x\n", "y"]}]}).encode(), "x\ny", "b")
    assert json.loads(data)["cells"][0]["source"] == "b"


def test_nobody_can_write_the_page(course):
    from autograder.reports import html

    evil = "<script>alert(1)</script>"
    question = Question(
        Change("n", "c", evil, "o", 1, evil, evil, evil), (evil, "b"), (True, False)
    )
    text = template("questions.html.j2").render(
        sheets=[(Sheet(evil, "k", [question]), evil)], key=True, letters="AB", assignment="a",
        code=html.code, code_style="",
    )  # fmt: skip
    assert_inert(text)
