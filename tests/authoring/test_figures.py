"""Pictures in Markdown cells: attached to the notebook, drawn again only when their source changed."""

import base64

import pytest

from autograder.authoring.figures import attach, draw_figures, out_of_date
from autograder.authoring.release import make_release, to_bytes, without_hidden_tests
from autograder.authoring.source import read_source

DRAWING = """
import matplotlib.pyplot as plt

def network():
    return plt.figure(figsize=(1, 1))
"""
SOURCE = '''# %% [markdown]
# ![A small
# network](figure:network) and [a link](https://example.org).

# %% solution id="one"
def one():
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION

# %% test id="test_one" points=1
"""One."""
assert one() == 1
### BEGIN HIDDEN TESTS
assert one() == 1
### END HIDDEN TESTS
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "00_small" / "figures").mkdir(parents=True)
    (tmp_path / "00_small" / "00_small.py").write_text(SOURCE)
    (tmp_path / "00_small" / "figures" / "network.py").write_text(DRAWING)
    return tmp_path / "00_small"


def test_a_picture_is_in_the_release_and_in_the_reading_copy(folder):
    draw_figures(folder)
    picture = (folder / "figures" / "network.png").read_bytes()
    source = read_source(folder / "00_small.py")
    for notebook in (make_release(source), without_hidden_tests(source)):
        cell = notebook.cells[0]
        assert "network](attachment:network.png)" in cell.source
        assert base64.b64decode(cell.attachments["network.png"]["image/png"]) == picture
        to_bytes(notebook)  # is valid


def test_a_picture_is_drawn_when_it_is_missing_or_its_source_changed_and_not_else(folder):
    assert draw_figures(folder) == [folder / "figures" / "network.png"]
    assert draw_figures(folder) == []
    (folder / "figures" / "network.py").write_text(DRAWING.replace("(1, 1)", "(2, 1)"))
    assert [path.name for path, _ in out_of_date(folder)] == ["network.png"]
    assert draw_figures(folder) == [folder / "figures" / "network.png"]
    assert list(out_of_date(folder)) == []


def test_a_picture_that_was_never_drawn_is_named(folder):
    with pytest.raises(FileNotFoundError, match="network.png"):
        attach("![x](figure:network)", folder)


def test_text_without_a_figure_stays_as_it_is(folder):
    assert attach("a [figure](http://x) ![y](z.png)", folder) == (
        "a [figure](http://x) ![y](z.png)",
        {},
    )
