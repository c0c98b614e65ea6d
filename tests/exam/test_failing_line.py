"""The line of a student's code that raised, with what stood in it."""

import numpy as np
import pytest

from autograder.exam.examiner.student_errors import describe_exception
from autograder.exam.student.failing_line import failing_line


def line_of(text, *args):
    space = {"np": np}
    exec(compile(text, "<ipython-input-1>", "exec"), space)
    with pytest.raises(Exception) as caught:
        space["f"](*args)
    return failing_line(caught.value)


@pytest.fixture(autouse=True)
def source_lines(monkeypatch):
    """Lines as IPython would know them."""
    lines = {}
    monkeypatch.setattr("linecache.getline", lambda name, number, *_: lines.get(number, ""))
    return lines


def test_the_shapes_and_numbers_of_a_line_that_raised_are_said(source_lines):
    text = "def f(A, x, k):\n    return A @ x[k]\n"
    source_lines.update(enumerate(text.splitlines(), 1))
    said = line_of(text, np.ones((2, 3)), np.ones((5, 4)), 1)
    assert said.splitlines() == [
        "line 2, in f: return A @ x[k]",
        "    where A has shape (2, 3), x has shape (5, 4), k is 1",
    ]
    message = describe_exception("f", "ValueError", "shapes do not fit", said)
    assert message.endswith(
        "Next: ask of every name in that line whether its shape, or number, is the one you meant."
    )


def test_a_line_without_arrays_stands_alone(source_lines):
    text = "def f(n):\n    return 1 / n\n"
    source_lines.update(enumerate(text.splitlines(), 1))
    assert line_of(text, 0) == "line 2, in f: return 1 / n"


def test_what_is_no_line_of_theirs_is_not_said():
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 / 0
    assert failing_line(caught.value) == ""
