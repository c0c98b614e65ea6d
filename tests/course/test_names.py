"""Names that break careless programs survive from the folder to every page and file."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from autograder.course.person import Person
from autograder.reports.class_report import write_report
from autograder.reports.export import write_export
from autograder.reports.feedback import write_pages
from tests.course.conftest import GOOD, NAME

# The folder's name, which is the id; first and last name.
PEOPLE = [
    Person("Smith, Jr.", "John", "Smith, Jr.", "jr@example.org", "101"),
    Person("=cmd()", "=cmd()", "+1", "calc@example.org", "102"),
    Person("Łęcka Åse", 'Åse "Ann"', "Łęcka", "", "103"),
    Person("' or 1=1; --", "<b>", "O'Brien & Söhne", "", "104"),
    Person("李雷", "雷", "李", "", "105"),
    Person("nameless", "", "", "", ""),
]


@pytest.fixture
def class_of_names(course, hand_in, grade, book):
    for person in PEOPLE:
        hand_in(person.id, **GOOD if person.id != "nameless" else {})
    book.add_people(PEOPLE)
    grade()
    return course


def points(student):
    """What each has earned: the nameless one handed in an untouched notebook."""
    return 0.0 if student == "nameless" else 5.0


def entered(name):
    """A name as the gradebook has it: with no sign that begins or ends a tag."""
    return name.translate({ord("<"): "‹", ord(">"): "›"})


class Text(HTMLParser):
    """The words of a page."""

    def __init__(self, page):
        super().__init__()
        self.words = ""
        self.feed(page)

    def handle_data(self, data):
        self.words += data


def rows(path):
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def plain(cell):
    """A cell without the apostrophes before what a spreadsheet may take for a formula, also behind
    another separator."""
    return re.sub(r"(?:\A|(?<=[;,|]))'(?=\s*[=+\-@])", "", cell)


def test_on_the_feedback_page(class_of_names):
    pages, missing = write_pages(class_of_names, NAME, [person.id for person in PEOPLE])
    assert missing == {}
    for person, path in zip(PEOPLE, pages, strict=True):
        assert path.parts[-3] == person.id
        text = path.read_text(encoding="utf-8")
        name = " ".join(filter(None, [person.first_name, person.last_name])) or person.id
        words = Text(text).words
        assert entered(name) in words and person.id in words


def test_on_the_report(class_of_names, tmp_path):
    path = write_report(class_of_names, NAME, tmp_path / "report.html")
    words = Text(path.read_text(encoding="utf-8")).words
    assert "0 decided; 6 open" in words  # the written answers wait for a person


def test_in_the_csv(class_of_names):
    found = {
        plain(row["student"]): (plain(row["first_name"]), plain(row["last_name"]), row["score"])
        for row in rows(write_export(class_of_names, NAME, "csv").path)
    }
    assert found == {
        person.id: (entered(person.first_name), person.last_name, f"{points(person.id):.1f}")
        for person in PEOPLE
    }


def test_in_moodles_file(class_of_names):
    found = {
        plain(row["Username"]): (plain(row["First name"]), plain(row["Last name"]))
        for row in rows(write_export(class_of_names, NAME, "moodle").path)
    }
    assert found == {p.id: (entered(p.first_name), p.last_name) for p in PEOPLE}


def test_in_canvas_file(class_of_names, tmp_path):
    given = [["Student", "ID", "SIS Login ID", "Section", f"{NAME} (7)"]]
    given += [["    Points Possible", "", "", "", "10"]]
    given += [
        [f"{person.last_name}, {person.first_name}", person.lms_user_id or "9", person.id, "A", ""]
        for person in PEOPLE
    ]
    source = tmp_path / "canvas.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(given)
    done = write_export(class_of_names, NAME, "canvas", canvas=source)
    after = list(csv.reader(io.StringIO(done.path.read_text("utf-8"), newline="")))
    assert not [note for note in done.notes if "left out" in note]
    assert [list(map(plain, row[:4])) for row in after] == [row[:4] for row in given]
    assert [row[4] for row in after[2:]] == ["5"] * 5 + ["0"]


def test_in_gradescopes_folders(class_of_names):
    folder = write_export(class_of_names, NAME, "gradescope").path
    assert {path.name for path in folder.iterdir()} == {person.id for person in PEOPLE}
    for path in folder.glob("*/results.json"):
        score = json.loads(path.read_text(encoding="utf-8"))["score"]
        assert score == points(path.parent.name)
