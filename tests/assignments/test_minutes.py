"""The minutes printed for a section are those of a student who reads, derives, types and looks.

What there is to read, derive, type and look at is counted from the text. The rates are an author's,
who worked through all nine notebooks from their text alone: a class's own times may replace them.
Two have a measurement beside them. English prose is read silently at 238 words a minute (Brysbaert,
Journal of Memory and Language 109, 2019), to learn from it at 200 (Carver, Reading Rate, 1990).
Prose is copied at 52 words of 5 characters a minute (Dhakal et al., CHI 2018): 260 characters; of
code, which is thought out while typed, less than half of that.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.authoring.source import read_source

SOLUTIONS = Path(__file__).parents[2] / "solutions"
ALL = sorted(path.name for path in SOLUTIONS.glob("[0-9][0-9]_*"))
WORDS = 200  # read in a minute; a displayed formula counts as 8 words, one in a line as 1
HINTS = 0.4  # of the hints are opened
CHARACTERS = 120  # of code typed in a minute, corrections included
DERIVE, POINT = 1.0, 0.9  # minutes of thought for a stub, and more for each of its points
RUN = 0.4  # minutes to run a test and read what it says, half the time once more
LOOK = 1.2  # minutes for a figure, its prediction included
WRITE, MARK = 2.0, 1.3  # minutes for a written question, and more for each of its points
UNTIMED = "Three problems for paper"
HEADING = re.compile(r"^## (\d+) · .*?(\d+) minutes$", re.MULTILINE)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
SCHEME = re.compile(r"### BEGIN (SOLUTION|MARK SCHEME).*?### END \1", re.DOTALL)
DETAILS = re.compile(r"<details>.*?</details>", re.DOTALL)


@dataclass
class Section:
    printed: int
    reading: float = 0.0
    deriving: float = 0.0
    typing: float = 0.0
    looking: float = 0.0
    writing: float = 0.0

    @property
    def minutes(self):
        return self.reading + self.deriving + self.typing + self.looking + self.writing


def minutes_to_read(text):
    text = re.sub(r"!\[.*?\]\(.*?\)", "", text, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$", " formula" * 8, text, flags=re.DOTALL)
    return len(re.sub(r"\$[^$]*\$", "formula", text).split()) / WORDS


def add_prose(section, text):
    hints = "".join(box for box in DETAILS.findall(text) if "Hint" in box)
    section.reading += minutes_to_read(DETAILS.sub("", text)) + HINTS * minutes_to_read(hints)
    section.reading += sum(map(minutes_to_read, DETAILS.findall(text))) - minutes_to_read(hints)


def add_code(section, cell, stub):
    """``stub``: whether a stub of the same name stands above a test."""
    mark = cell.metadata.get("nbgrader", {})
    if mark.get("solution"):
        answer = SOLUTION.search(cell.source)[1]
        section.typing += len(re.sub(r"\s+|#.*", "", answer)) / CHARACTERS
        section.reading += minutes_to_read(SOLUTION.sub("", cell.source))
    elif mark.get("grade"):
        section.deriving += RUN + (DERIVE + POINT * mark["points"]) * stub
    elif "experiment" in cell.metadata.get("tags", ()):
        section.looking += LOOK
    else:
        section.reading += minutes_to_read(cell.source) / 3  # helpers are skimmed


def sections_of(notebook):
    """Each section with a printed time, by its number; the frame and problems for paper have none."""
    sections, current, ids = {}, None, {cell.id for cell in notebook.cells}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if current:
                add_code(current, cell, cell.id.removeprefix("test_") in ids - {cell.id})
            continue
        if found := HEADING.search(cell.source):
            current = sections.setdefault(found[1], Section(int(found[2])))
        elif re.search(r"^## ", cell.source, re.MULTILINE):
            current = None
        if current:
            add_prose(current, SCHEME.sub("", cell.source))
            if points := cell.metadata.get("nbgrader", {}).get("points"):
                current.writing += WRITE + MARK * points
    return sections


def minutes_of_the_frame(notebook):
    """What is read before the first section and after the last, tables and links left aside."""
    minutes, framed = 0.0, True
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (headed := re.search(r"^## .*", cell.source, re.M)):
            framed = not HEADING.search(cell.source) and UNTIMED not in headed[0]
        if cell.cell_type == "markdown" and framed:
            text = cell.source.partition("**Further reading.**")[0]
            minutes += minutes_to_read(re.sub(r"^\|.*$", "", DETAILS.sub("", text), flags=re.M))
    return minutes


@pytest.mark.parametrize("assignment", ALL)
def test_the_printed_minutes_of_a_notebook_are_right_to_a_tenth(assignment):
    notebook = read_source(SOLUTIONS / assignment / f"{assignment}.py")
    sections = sections_of(notebook).values()
    counted = minutes_of_the_frame(notebook) + sum(section.minutes for section in sections)
    assert sum(section.printed for section in sections) == pytest.approx(counted, rel=0.1)
    if assignment == "00_wires":  # for everybody, before everything else
        assert 20 <= counted <= 30


@pytest.mark.parametrize("assignment", ALL)
def test_the_printed_minutes_of_a_section_are_right_to_a_third(assignment):
    sections = sections_of(read_source(SOLUTIONS / assignment / f"{assignment}.py"))
    off = {
        number: (section.printed, round(section.minutes))
        for number, section in sections.items()
        if abs(section.printed - section.minutes) > section.minutes / 3 + 1
    }
    assert sections and off == {}, "section: (printed, from working through)"
