"""What a notebook's first cell promises is what the notebook has; the guide's table repeats it."""

import re
from functools import cache
from pathlib import Path

import pytest

from autograder.authoring.percent import read_cells

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = sorted(path.stem for path in (ROOT / "solutions").glob("*/*.py"))
SECTION = re.compile(r"^## (\d+) · .*?(?: · (\d+) points?)? · (\d+) minutes$", re.MULTILINE)
ROW = re.compile(r"^\| (\d+) [^|]*\| (\d+) \| (\d*) ?\|$", re.MULTILINE)


@cache
def read(assignment):
    path = ROOT / "solutions" / assignment / f"{assignment}.py"
    return read_cells(path.read_text(encoding="utf-8"))


def promised(assignment):
    """Minutes and points of the first lines."""
    found = re.search(r"about (\d+) minutes\. \*\*Points\*\* (\d+)\.", read(assignment)[0].text)
    return tuple(map(int, found.groups()))


def points(assignment, *kinds):
    return sum(cell.points for cell in read(assignment) if cell.kind in kinds)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_minutes_and_points_are_those_of_the_sections(assignment):
    rows = ROW.findall(read(assignment)[0].text)
    prose = "\n".join(cell.text for cell in read(assignment) if cell.type == "markdown")
    headings = [(number, minutes, points) for number, points, minutes in SECTION.findall(prose)]
    assert rows == headings
    minutes, total = promised(assignment)
    assert sum(int(minutes) for _, minutes, _ in rows) == minutes
    assert sum(int(points or 0) for *_, points in rows) == total


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_points_are_those_of_the_checks(assignment):
    assert promised(assignment)[1] == points(assignment, "test", "manual")


def test_the_guide_for_instructors_lists_every_assignment():
    text = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\d\d_\w+)` \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    assert [(name, *map(int, numbers)) for name, *numbers in listed] == [
        (name, *promised(name), points(name, "manual")) for name in ASSIGNMENTS
    ]
