"""The small courses, as stock nbgrader graded them; real ones with ``COURSES=FOLDER make soak``.

That we give the same is asserted where each feature is tried: ``tests/exam/test_names.py``,
``test_one_process.py``, ``test_library_objects.py``, ``test_shared_state.py`` and
``test_course_kinds.py`` and ``test_course_features.py``.
"""

import json
import os
from pathlib import Path

import pytest

from tests.courses import corpus, side_by_side

POINTS = json.loads(corpus.RECORDED.read_text())

# Where stock gives something else, and why.
DIFFERENT = {
    "name__async_function": ([0, 0], "asyncio.run fails in a kernel, which has a loop running"),
    "feature__a_credit_of_numpy_s__partial_credit": (
        [2, 2],
        "nbgrader does not read np.float64(1.0), as numpy 2 writes a number: it gives all points",
    ),
}


def ours(name):
    """What the tests of the feature assert: for the reference, and for the wrong answer."""
    return [2, 1 if name.endswith("partial_credit") else 0]


def test_every_small_course_was_graded_by_stock():
    assert POINTS.keys() == corpus.small_courses().keys() and len(POINTS) >= 190


@pytest.mark.parametrize("name", POINTS)
def test_stock_gives_the_same(name):
    expected, _ = DIFFERENT.get(name, (ours(name), ""))
    assert POINTS[name] == expected


@pytest.mark.soak
def test_stock_still_gives_this(tmp_path):
    corpus.record(tmp_path / "points.json")
    assert json.loads((tmp_path / "points.json").read_text()) == POINTS


@pytest.mark.soak
@pytest.mark.skipif("COURSES" not in os.environ, reason="COURSES names no folder of courses")
def test_real_courses_get_stocks_points():
    """Writes a table beside the courses: COURSES/side_by_side.md."""
    folder = Path(os.environ["COURSES"])
    found = [
        side_by_side.compare(course, assignment.name)
        for course in side_by_side.courses(folder)
        for assignment in sorted((course / "source").iterdir())
    ]
    (folder / "side_by_side.md").write_text(side_by_side.table(found) + "\n")
    passed = [(one, key) for one in found for key in one.passed()]
    equal = [key for one, key in passed if one.ours.get(key) == one.stock[key]]
    assert len(equal) >= 0.98 * len(passed)
