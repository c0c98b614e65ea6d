"""A tiny course, a class that hands in, and an exam that needs no process."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.authoring import installed
from autograder.course import directory as courses
from autograder.grading.new_course import init
from autograder.result import COULD_NOT_RUN, FAILED, GRADED, NEEDS_A_PERSON, PASSED, Check, Result

TINY = '''\
# %% [markdown]
# # Tiny: two functions and a question

# %% given id="setup"
import math

from mlpkit.testing import secret_rng

# %% solution id="double"
def double(x):
    """2 x"""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% test id="test_double" points=2
"""Twice a number"""
assert double(1) == 2, "double(1) should be 2. Next: multiply by 2"
### BEGIN HIDDEN TESTS
assert double(20) == 40, "double is wrong on another number. Next: try x = 20"
### END HIDDEN TESTS

# %% [markdown]
# ## The square

# %% solution id="square"
def square(x):
    """x^2"""
    ### BEGIN SOLUTION
    return x * x
    ### END SOLUTION

# %% test id="test_square" points=3
"""The square of a number"""
assert square(2) == 4, "square(2) should be 4. Next: multiply x by x"
### BEGIN HIDDEN TESTS
assert square(-7) == 49, "square is wrong for negative numbers. Next: try x = -7"
### END HIDDEN TESTS

# %% manual [markdown] id="why" points=5
# Why is a square never negative?
#
# ### BEGIN SOLUTION
# Two equal signs.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 5: says so
# ### END MARK SCHEME
'''
NAME = "01_tiny"


@pytest.fixture(scope="session")
def tiny_sources(tmp_path_factory):
    """A folder like ``solutions/`` with one small assignment."""
    folder = tmp_path_factory.mktemp("solutions")
    (folder / NAME).mkdir()
    (folder / NAME / f"{NAME}.py").write_text(TINY)
    return folder


@pytest.fixture(scope="session")
def fresh_course(tiny_sources, tmp_path_factory):
    """What ``autograder init`` makes; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installed, "course_files", lambda: tiny_sources)
        return init(tmp_path_factory.mktemp("course") / "fresh")


@pytest.fixture
def course(fresh_course, tmp_path):
    """A course directory of the test's own."""
    shutil.copytree(fresh_course.root, tmp_path / "course")
    return courses.Course.open(tmp_path / "course")


@pytest.fixture
def book(course):
    from autograder.gradebook.gradebook import Gradebook

    with Gradebook(course) as book:
        yield book


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def hand_in(course):
    """``hand_in(student, double=..., square=..., why=..., extra=...)`` writes a submission."""

    def write(student: str, *, name: str = f"{NAME}.ipynb", **cells: str) -> Path:
        path = course.path("submitted", student, NAME) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(filled(course, **cells)))
        return path

    return write


def filled(course, **cells):
    """The release with these texts in the cells of these ids; ``extra`` is a cell at the end."""
    path = course.path("release", ".", NAME) / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["id"] in cells:
            cell["source"] = cells[cell["id"]]
    if "extra" in cells:
        notebook["cells"].append(
            {
                "cell_type": "code",
                "id": "extra",
                "metadata": {},
                "source": cells["extra"],
                "outputs": [],
                "execution_count": None,
            }
        )
    return notebook


GOOD = {"double": "def double(x): return x + x", "square": "def square(x): return x**2"}


class FakeExam:
    """Decides by the text of the cells: "x + x" is right, "x**2" is right; counts its calls."""

    def __init__(self):
        self.calls = 0

    def __call__(self, source, submission, *, isolation="auto", seed="", files=None):
        self.calls += 1
        if b"FAULT" in submission:
            raise RuntimeError("the examiner fell over")
        right = {"test_double": ("x + x", 2.0), "test_square": ("x**2", 3.0)}
        try:
            notebook = json.loads(submission)
        except ValueError:
            checks = [
                Check(name, name, points, None, COULD_NOT_RUN, "Not read.")
                for name, (_, points) in right.items()
            ]
            return Result("", "", NEEDS_A_PERSON, tuple(checks), ("The file is no notebook.",))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
        text = "\n".join(cell["source"] for cell in notebook["cells"])
        checks = []
        for name, (sign, points) in right.items():
            good = sign in text
            message = "" if good else f"{name}: not yet. Next: try again"
            status, score = (PASSED, points) if good else (FAILED, 0.0)
            checks.append(Check(name, f"Title of {name}", points, score, status, message))
        open_ = Check("why", "Why?", 5.0, None, COULD_NOT_RUN, "A person grades this.", manual=True)
        return Result("", "", GRADED, (*checks, open_), (), notebook, seconds=0.01)


@pytest.fixture
def exam():
    return FakeExam()


@pytest.fixture
def grade(course, book, pool, exam):
    """``grade()`` grades the class with the fake exam and returns the run."""
    from autograder.grading.batch import Batch

    def run(**options):
        return Batch(course, NAME, book).run(exam, pool, 2, quiet=True, **options)

    return run
