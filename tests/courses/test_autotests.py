"""nbgrader's autotests: lines that stand for tests, written out when the notebook is released."""

import json

import pytest
from nbgrader.preprocessors import InstantiateTests

from autograder.errors import AutograderError
from tests.courses.test_old_courses import graded, written

TEMPLATES = """
python3:
    setup: "from hashlib import sha1"
    hash: 'sha1({{snippet}}.encode() + b"{{salt}}").hexdigest()'
    dispatch: "type({{snippet}})"
    normalize: "str({{snippet}})"
    check: 'assert {{snippet}} == "{{value}}", "{{message}}"'
    templates:
        default:
            - {test: "type({{snippet}})", fail: "the type of {{snippet}} is another"}
            - {test: "{{snippet}}", fail: "the value of {{snippet}} is another"}
"""
WRONG = "def f(x):\n    return x"


def with_check(text, solution=None):
    made = written(3, solution) if solution else written(3)
    made["cells"][1]["source"] = text
    return made


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_autotests_are_written_out_and_graded(tmp_path):
    (tmp_path / "autotests.yml").write_text(TEMPLATES)  # in the course's own folder
    text = "### AUTOTEST f(2); f(-1)\ny = 3\n### HASHED AUTOTEST f(y)"
    made = with_check(text)
    config = "print('a course that greets')\n"
    found = graded(tmp_path, {"one": (made, with_check(text, WRONG))}, config)
    assert found == {"right": {("one", "check"): 3}, "wrong": {("one", "check"): 0}}
    assert json.loads((tmp_path / "source/ps/one.ipynb").read_text()) == made


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_autotests_without_templates_are_refused_and_pass_nobody(tmp_path):
    made = with_check("### AUTOTEST f(2)")
    with pytest.raises(AutograderError, match="autotests.yml"):
        graded(tmp_path, {"one": (made, made)})


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
@pytest.mark.parametrize(
    "word, config", [("CHECKS", "c.InstantiateTests.autotest_delimiter = 'CHECKS'\n"), (None, "")]
)
def test_the_word_that_marks_them_is_nbgraders_or_the_courses(tmp_path, word, config):
    word = word or InstantiateTests().autotest_delimiter
    (tmp_path / "autotests.yml").write_text(TEMPLATES)
    made = with_check(f"### {word} f(2)")
    found = graded(tmp_path, {"one": (made, with_check(f"### {word} f(2)", WRONG))}, config)
    assert found == {"right": {("one", "check"): 3}, "wrong": {("one", "check"): 0}}


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_a_solution_that_does_not_run_is_named(tmp_path):
    (tmp_path / "autotests.yml").write_text(TEMPLATES)
    made = with_check("### AUTOTEST f(2)", "def f(x):\n    return missing")
    with pytest.raises(AutograderError, match="missing"):
        graded(tmp_path, {"one": (made, made)})
