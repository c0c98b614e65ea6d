"""A student's function that ends the program: nobody's exam ends with it, and a test may expect it."""

import json

import pytest

from autograder.exam import examine
from autograder.result import BESIDE, FAILED
from tests.exam.test_wild_courses import cell
from tests.threats.room import notebook, tier

ENDS = {
    "sys.exit": "import sys\ndef main(n):\n    sys.exit(n)",
    "raised": "def main(n):\n    raise SystemExit(n)",
    "argparse": "import argparse\ndef main(n):\n    argparse.ArgumentParser().parse_args(['--none'])",
}
EXPECTED = "try:\n    main(2)\nexcept SystemExit as end:\n    assert end.code == 2\nelse:\n    raise AssertionError('it goes on')"


def judged(solution, check, handed=None, **options):
    source = [cell("solution", "s", solution), cell("test", "check", check)]
    submission = source if handed is None else [cell("solution", "s", handed), source[1]]
    text = json.dumps(notebook(submission)).encode()
    (found,) = examine(notebook(source), text, isolation=tier(), **options).checks
    return found


@pytest.mark.parametrize("form", ENDS)
def test_a_check_may_expect_that_a_program_ends(form):
    found = judged(ENDS[form], EXPECTED, strict=True)
    assert found.score == 2, found
    assert judged(ENDS[form], EXPECTED, "def main(n):\n    return n").score == 0


@pytest.mark.parametrize("form", [*ENDS, "interrupted"])
def test_a_call_that_ends_the_program_fails_its_check_alone(form):
    ends = ENDS.get(form, "def main(n):\n    raise KeyboardInterrupt")
    found = judged("def main(n):\n    return n", "assert main(2) == 2", ends)
    assert found.status == FAILED and found.score == 0


def test_a_reference_that_ends_the_program_is_not_asked_for_a_cause():
    found = judged(ENDS["sys.exit"], EXPECTED, "def main(n):\n    return n + 1")
    assert found.status == FAILED and "it goes on" in found.message


def test_what_a_system_error_says_of_itself_is_read():
    check = "try:\n    read('none.txt')\nexcept FileNotFoundError as error:\n    assert error.filename == 'none.txt' and error.errno == 2"
    right = "def read(path):\n    return open(path).read()"
    assert judged(right, check, strict=True).score == 2
    other = "def read(path):\n    raise FileNotFoundError(path)"
    found = judged(right, check, other)
    assert found.score == 0 and not found.message.startswith(BESIDE)
