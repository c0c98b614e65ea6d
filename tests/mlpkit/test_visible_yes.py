"""A test cell that passed says so in one line, in a kernel, and no other cell does."""

from types import SimpleNamespace

import numpy as np

from mlpkit.testing import assert_array
from mlpkit.testing.visible_yes import Announcer

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


def test_a_failure_and_other_cells_get_none(capsys):
    assert said(CELL, capsys, success=False) == ""
    for cell in ("x = 1", '"""A note."""\nx = 1', "%matplotlib inline", "assert x == 1"):
        assert said(cell, capsys) == ""
