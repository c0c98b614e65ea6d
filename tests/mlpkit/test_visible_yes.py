"""A test cell that passed says so in one line, in a kernel, and no other cell does."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from mlpkit.testing import assert_array
from mlpkit.testing.plain_words import in_plain_words
from mlpkit.testing.visible_yes import Announcer
from mlpkit.testing.words import CheckFailed
from mlpkit.traceback_lines import WIDTH

CELL = '"""dL/df: softmax minus the unit vector"""\nassert_array(a, b, "dL/df")'


def said(cell, capsys, success=True):
    announcer = Announcer()
    announcer.before(None)
    if success:
        assert_array(np.ones(2), np.ones(2), "dL/df")
    announcer.after(SimpleNamespace(success=success, info=SimpleNamespace(raw_cell=cell)))
    return capsys.readouterr().out


def test_a_right_stub_gets_one_line(capsys):
    assert said(CELL, capsys) == "✓ Right: dL/df: softmax minus the unit vector (1 comparison)\n"


def test_in_a_notebook_that_is_known_the_line_has_points_and_a_count(capsys, monkeypatch, tmp_path):
    def cell(id, kind="code", **about):
        return {"id": id, "cell_type": kind, "metadata": {"nbgrader": about}}

    cells = [
        cell("f", solution=True),
        cell("test_f", grade=True, points=1),
        cell("test_g", grade=True, points=2),
        cell("why", "markdown", grade=True, solution=True, points=3),
        {"id": "mine", "cell_type": "code", "metadata": {}},
    ]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "a.ipynb"))
    announcer = Announcer()

    def ran(cell_id, success=True):
        announcer.before(None)
        info = SimpleNamespace(raw_cell=CELL, cell_id=cell_id)
        announcer.after(SimpleNamespace(success=success, info=info))
        return capsys.readouterr().out

    title = "✓ Right: dL/df: softmax minus the unit vector"
    assert ran("test_f") == f"{title} (worth 1 point, 1 of 2 checks so far)\n"
    assert ran("test_g") == f"{title} (worth 2 points, 2 of 2 checks so far)\n"
    assert ran("test_f", success=False) == ""
    assert ran("test_g") == f"{title} (worth 2 points, 1 of 2 checks so far)\n"
    assert ran("mine") == f"{title}\n"  # a test of one's own is none of the notebook's checks
    (tmp_path / "a.ipynb").write_text("no notebook")
    assert ran("test_g") == f"{title}\n"


def test_a_failure_and_other_cells_get_none(capsys):
    assert said(CELL, capsys, success=False) == ""
    for cell in ("x = 1", '"""A note."""\nx = 1', "%matplotlib inline", "assert x == 1"):
        assert said(cell, capsys) == ""


def test_a_test_cell_and_no_other_is_left_out_of_tracebacks():
    """It lists wrong answers, and IPython shows the lines around the one that raised."""
    space = {}
    announcer = Announcer(space)
    result = SimpleNamespace(success=False, info=SimpleNamespace(raw_cell=CELL))
    for cell, hidden in [(CELL, True), ("x = f(1)", False)]:
        announcer.before(SimpleNamespace(raw_cell=cell))
        assert ("__tracebackhide__" in space) == hidden
        announcer.after(result)
        assert "__tracebackhide__" not in space


def test_what_numpy_meant_is_said_below_its_error(capsys):
    with pytest.raises(ValueError, match="truth value") as raised:
        bool(np.ones(2) == 1)
    info = SimpleNamespace(raw_cell="if x == 1: pass")
    Announcer().after(SimpleNamespace(success=False, error_in_exec=raised.value, info=info))
    said = capsys.readouterr().out
    assert said.startswith("In plain words: an array stands where one True or False is needed")
    assert "a.any" not in said


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: np.ones((2, 3)) @ np.ones(2), "left factor has length 3, the first of its right one 2"),
        (lambda: np.arange(3).__isub__(0.5), "write W = W - ..."),
        (lambda: np.ones(2) ^ 2, "x ** 2"),
        (lambda: np.array([[1.0, 2.0], [3.0]]), "different lengths"),
        (lambda: -np.array([True]), "True and False"),
        (lambda: np.exp(np.array([1000.0])), "exp only sees numbers of 0 or below"),
        (lambda: np.log(np.zeros(2)), "a probability that was rounded to 0"),
    ],
)  # fmt: skip
def test_numpys_own_messages_are_put_into_plain_words(wrong, says):
    with pytest.raises((ValueError, TypeError, RuntimeWarning)) as raised:
        wrong()
    assert says in in_plain_words(str(raised.value))


def test_a_notebook_shows_long_lines_wrapped_between_words():
    row, path = "  [0]" + "    1.23456789" * 8, "x" * 120
    message = "short\n    " + "word " * 40 + f"end\n{row}\n{path}"
    lines = CheckFailed(message)._render_traceback_()
    assert lines[0] == "short" and lines[-2:] == [row, path]
    assert len(lines) > 5 and all(len(line) <= WIDTH for line in lines[:-2])
    assert all(line.startswith("    ") for line in lines[1:-2])
    assert " ".join(" ".join(lines).split()) == " ".join(message.split())
