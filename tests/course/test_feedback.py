"""The page a student reads: score, messages, own work; nothing hidden, nothing that runs."""

import base64
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest

from autograder.course.deadline import Deadline
from autograder.course.person import Person
from autograder.gradebook.records import Entry, Marks
from autograder.gradebook.registration import read_source_notebook
from autograder.reports import html
from autograder.reports.feedback import page, write_pages
from autograder.result import (
    COULD_NOT_RUN,
    FAILED,
    GRADED,
    NEEDS_A_PERSON,
    NO_SANDBOX,
    PASSED,
    Check,
    Result,
)
from tests.course.conftest import GOOD

NAME = "01_tiny"
PIXEL = base64.b64encode(b"\x89PNG not really").decode()

CHECKS = (
    Check("test_double", "Twice a number", 2.0, 0.0, FAILED, "It is half.\nNext: multiply <by 2>"),
    Check("test_square", "The square of a number", 3.0, 3.0, PASSED, "never shown"),
    Check("why", "Why?", 5.0, None, COULD_NOT_RUN, "A person grades this answer.", manual=True),
)


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(text)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        if self.tags[-1:] != ["style"]:
            self.text += data + " "


def assert_inert(text):
    """No script, no handler, nothing fetched from elsewhere."""
    found = Page(text)
    assert not {"script", "iframe", "object", "embed", "form", "link", "base"} & set(found.tags)
    for tag, name, value in found.attributes:
        assert not name.startswith("on"), f"{tag} has {name}"
        assert not value.strip().lower().startswith("javascript:"), f"{tag} {name}={value}"
        if name in ("src", "srcset", "data", "poster"):
            assert value.startswith("data:image/"), f"{tag} {name}={value}"
    policy = next(v for t, n, v in found.attributes if t == "meta" and n == "content")
    assert policy.startswith("default-src 'none'")
    return found


@pytest.fixture
def source(fresh_course):
    return read_source_notebook(fresh_course.sources(NAME)[NAME])


@pytest.fixture
def notebook(fresh_course):
    path = fresh_course.path("release", ".", NAME) / f"{NAME}.ipynb"
    return read_source_notebook(path)


def cell(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def result(notebook, checks=CHECKS, flags=(), status=GRADED):
    return Result("ada", NAME, status, checks, flags, notebook)


def test_it_has_score_titles_points_and_the_sentence_of_what_was_lost(source, notebook):
    found = assert_inert(page(result(notebook), source, NAME))
    assert "3 of 10 points" in found.text and "1 of 3 checks is lost" in found.text
    assert "Tiny: two functions and a question" in found.text
    assert "Twice a number your cell 0 / 2 It is half. Next: multiply <by 2>" in found.text
    assert "The square of a number 3 / 3" in found.text and "never shown" not in found.text
    assert "Why? ? / 5 A person grades this answer." in found.text
    assert "5 more points are open" in found.text


def test_what_was_lost_stands_first(source, notebook):
    found = Page(page(result(notebook), source, NAME))
    places = [v for t, n, v in found.attributes if n == "id" and v.startswith("check-")]
    assert places == ["check-test_double", "check-why", "check-test_square"]
    for heading in ("Lost (1)", "Not decided yet (1)", "Passed (1)"):
        assert heading in found.text
    cell = found.text.split("Your work")[1]
    assert "Twice a number 0 / 2" in cell
    assert ("a", "href", "#check-test_double") in found.attributes, "from the cell to the message"


def test_a_question_that_a_person_graded_is_neither_lost_nor_open(source, notebook):
    marks = {(NAME, "why"): Marks(None, 1.0, None, False, 5.0)}
    text = Page(page(result(notebook), source, NAME, Entry("ada", None, 0.0, marks))).text
    assert "Graded by a person (1)" in text and "Not decided yet" not in text


DUE = datetime(2026, 11, 20, 23, 59)


@pytest.mark.parametrize(
    ("moment", "deadline", "words"),
    [
        (None, None, ""),
        (None, Deadline(DUE), "Due Fri 20 Nov 2026, 23:59 UTC."),
        (DUE, None, "Handed in Fri 20 Nov 2026, 23:59 UTC."),
        (DUE, Deadline(DUE), "Handed in Fri 20 Nov 2026, 23:59 UTC; due Fri 20 Nov 2026, 23:59 UTC."),
        (
            DUE + timedelta(hours=10, minutes=21), Deadline(DUE, zone="Europe/Paris"),
            "Handed in Sat 21 Nov 2026, 11:20 CET, 10 h 21 min late ; due Sat 21 Nov 2026, 00:59 CET.",
        ),
        (
            DUE + timedelta(hours=10), Deadline(DUE, {"ada": DUE + timedelta(days=1)}),
            "Handed in Sat 21 Nov 2026, 09:59 UTC; due Sat 21 Nov 2026, 23:59 UTC, your own date.",
        ),
    ],
)  # fmt: skip
def test_it_says_when_it_was_handed_in_and_for_which_date(
    source, notebook, moment, deadline, words
):
    entry = Entry("ada", moment)
    text = Page(page(result(notebook), source, NAME, entry, Person("ada"), deadline)).text
    said = text.split("ada, 01_tiny ")[1].split("3 of 10")[0].strip()
    assert said == words


def test_it_never_shows_a_hidden_test(source, notebook):
    leaky = {"output_type": "stream", "name": "stdout", "text": "assert square(-7) == 49"}
    test = cell(notebook, "test_square")
    test["source"] = cell(source, "test_square")["source"]
    test["outputs"] = [leaky]
    text = page(result(notebook), source, NAME)
    assert "square(-7)" not in text and "wrong for negative" not in text
    assert "says so" not in text, "nor the marking scheme"


def test_it_shows_the_students_cells_with_their_outputs(source, notebook):
    mine = cell(notebook, "double")
    mine["source"] = "def double(x):\n    return x / 2  # halve"
    mine["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["plain \x1b[31mred\x1b[0m\n"]},
        {"output_type": "display_data", "data": {"image/png": PIXEL, "text/plain": "<Figure>"}},
    ]
    extra = {"cell_type": "code", "id": "mine", "metadata": {}, "source": "y = 1", "outputs": []}
    notebook["cells"].append(extra)
    text = page(result(notebook), source, NAME)
    found = assert_inert(text)
    assert "# halve" in found.text and "plain red" in found.text
    assert f'src="data:image/png;base64,{PIXEL}"' in text and "<Figure>" not in found.text
    assert "y = 1" in found.text.replace("  ", " ")
    assert "The square" in found.text, "the section's heading"
    assert "import math" not in found.text, "the course's own cells are left out"


def test_outputs_of_experiments_are_shown_without_their_code(source, notebook):
    for nb in (source, notebook):
        setup = cell(nb, "setup")
        setup["metadata"]["tags"] = ["experiment"]
    cell(notebook, "setup")["outputs"] = [
        {"output_type": "display_data", "data": {"image/jpeg": PIXEL}}
    ]
    text = page(result(notebook), source, NAME)
    assert f"data:image/jpeg;base64,{PIXEL}" in text and "import math" not in text


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://spy.example/pixel.png">',
    "<a href='javascript:alert(1)'>win</a>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<iframe src='https://spy.example'></iframe>",
    "<style>.number { display: none }</style>",
    "<div style='position:fixed;inset:0'>100 of 10 points</div>",
    "<form action='https://spy.example'><input name=password></form>",
    "</article></main><script>alert(1)</script>",
    "<math><mtext></table><mglyph><style><img src=x onerror=alert(1)>",
)


@pytest.mark.parametrize("attack", HOSTILE)
@pytest.mark.parametrize(
    "place", ["markdown", "html", "markdown output", "plain", "stream", "code"]
)
def test_what_a_student_wrote_is_inert(source, notebook, attack, place):
    mime = {"html": "text/html", "markdown output": "text/markdown", "plain": "text/plain"}
    if place == "markdown":
        cell(notebook, "why")["source"] = f"An answer.\n\n{attack}\n\n[x](javascript:alert(1))"
    elif place == "code":
        cell(notebook, "double")["source"] = attack
    elif place == "stream":
        cell(notebook, "double")["outputs"] = [{"output_type": "stream", "text": attack}]
    else:
        data = {"output_type": "execute_result", "data": {mime[place]: attack}}
        cell(notebook, "double")["outputs"] = [data]
    text = page(result(notebook), source, NAME)
    found = assert_inert(text)
    assert found.tags.count("style") == 1 and "position:fixed" not in str(found.attributes)


def test_names_flags_messages_and_comments_are_text(source, notebook):
    bad = "<script>alert(1)</script>"
    checks = (Check("test_double", bad, 2.0, 0.0, FAILED, bad), *CHECKS[1:])
    entry = Entry("ada", comments={(NAME, "why"): bad, (NAME, "double"): bad})
    person = Person("ada", bad, bad)
    text = page(result(notebook, checks, (bad,)), source, NAME, entry, person)
    assert assert_inert(text).text.count(bad) >= 5


@pytest.mark.parametrize(
    "output",
    [
        None, 7, {}, {"output_type": "display_data"}, {"output_type": "display_data", "data": []},
        {"output_type": "display_data", "data": {"image/png": "not base64!"}},
        {"output_type": "display_data", "data": {"image/png": {"a": 1}}},
        {"output_type": "display_data", "data": {"text/plain": [1, None, "x"]}},
        {"output_type": "error", "traceback": "a string", "evalue": 3},
        {"output_type": "error", "traceback": [None, ["x"]]},
        {"output_type": "stream", "text": {"a": 1}}, {"output_type": "new in nbformat 9"},
    ],
)  # fmt: skip
def test_outputs_of_any_shape_are_survived(source, notebook, output):
    cell(notebook, "double")["outputs"] = [output]
    assert_inert(page(result(notebook), source, NAME))


def test_svg_is_a_picture_and_endless_text_is_cut():
    svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    shown = html.output({"output_type": "display_data", "data": {"image/svg+xml": svg}})
    assert shown.startswith('<img class="output"') and "onload" not in shown
    long = html.output({"output_type": "stream", "text": "x" * (html.MAX_TEXT + 5)})
    assert "5 more characters" in long


def test_a_persons_scores_and_comments_and_a_penalty_count(source, notebook):
    marks = {
        (NAME, "why"): Marks(None, 4.0, None, False, 5.0),
        (NAME, "test_double"): Marks(0.0, 1.0, None, False, 2.0),
    }
    entry = Entry("ada", None, 2.5, marks, {(NAME, "why"): "Say also when it is zero."})
    found = assert_inert(page(result(notebook), source, NAME, entry, Person("ada", "Ada", "L.")))
    assert "5.5 of 10 points" in found.text and "2.5 points are taken off" in found.text
    assert "Say also when it is zero." in found.text and "Ada L. (ada)" in found.text
    assert "are open" not in found.text


@pytest.mark.parametrize("status", [NEEDS_A_PERSON, COULD_NOT_RUN])
def test_an_undecided_score_says_so(source, notebook, status):
    found = Page(page(result(notebook, status=status, flags=("Odd file.",)), source, NAME))
    assert "Not decided yet." in found.text and "Odd file." in found.text


def test_a_score_without_a_sandbox_has_a_banner(source, notebook):
    found = Page(page(result(notebook, flags=(NO_SANDBOX,)), source, NAME))
    assert "could have been forged" in found.text
    assert "About the file" not in found.text, "it is not the student's flag"


def test_pages_stand_where_nbgrader_looks_for_them(course, hand_in, grade):
    hand_in("ada", **GOOD)
    hand_in("bob")
    grade()
    hand_in("eve")
    with closing(sqlite3.connect(course.root / "gradebook.db")) as db, db:
        db.execute("update grade set manual_score = 5 where auto_score is null")
    written, missing = write_pages(course, NAME, ["ada", "bob", "eve"])
    assert [str(p.relative_to(course.root)) for p in written] == [
        f"feedback/ada/{NAME}/{NAME}.html", f"feedback/bob/{NAME}/{NAME}.html"
    ]  # fmt: skip
    assert "not graded yet" in missing["eve"]
    assert "10 of 10 points" in Page(written[0].read_text()).text
    assert "test_double: not yet. Next: try again" in Page(written[1].read_text()).text


def test_a_page_for_a_notebook_graded_by_nbgrader_alone_is_not_invented(course, hand_in, grade):
    hand_in("ada", **GOOD)
    grade()
    path = course.path("autograded", "ada", NAME) / f"{NAME}.ipynb"
    path.unlink()
    path.write_text('{"cells": [], "metadata": {}, "nbformat": 4}')
    written, missing = write_pages(course, NAME, ["ada"])
    assert written == [] and "not graded yet" in missing["ada"]
