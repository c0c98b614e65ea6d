"""What a student reads fits into JupyterLab beside its list of files, in a window of 1280 pixels."""

from pathlib import Path

import pytest

from autograder.authoring.percent import read_cells
from autograder.authoring.release import make_release
from autograder.authoring.source import read_source

SOLUTIONS = Path(__file__).parents[2] / "solutions"
ASSIGNMENTS = sorted(path.stem for path in SOLUTIONS.glob("*/*.py"))
COLUMNS = 100  # of an open code cell; seen in Chromium
TITLE = 80  # with "✓ Right: " before it and the number of comparisons behind


def source_of(assignment):
    return SOLUTIONS / assignment / f"{assignment}.py"


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_open_code_cell_has_to_be_moved_sideways(assignment):
    release = make_release(read_source(source_of(assignment)))
    wide = [
        f"{cell.id}: {line}"
        for cell in release.cells
        if cell.cell_type == "code" and not cell.metadata.get("jupyter", {}).get("source_hidden")
        for line in cell.source.splitlines()
        if len(line) > COLUMNS
    ]
    assert wide == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_what_a_passed_test_says_is_one_line(assignment):
    cells = read_cells(source_of(assignment).read_text(encoding="utf-8"))
    titles = [cell.text.splitlines()[0].strip('"') for cell in cells if cell.kind == "test"]
    assert [title for title in titles if len(title) > TITLE] == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_notebook_opens_with_its_setup_folded(assignment):
    first = next(cell for cell in read_cells(source_of(assignment).read_text()) if cell.kind == "given")
    assert first.text.startswith("# Setup: run this cell first.\n")
