"""Every assignment's bank of answers, held against the exam.

A mistake loses exactly the checks it names and its student reads what it promises; a variant
scores full marks; the untouched notebook scores nothing and shows NotImplementedError only.
"""

from functools import cache
from pathlib import Path

import pytest

from autograder.authoring.answer_bank import Answer, fill, read_mistakes, read_variants
from autograder.exam import examine
from autograder.authoring.release import make_release, to_bytes
from autograder.result import FAILED, PASSED, Check
from autograder.authoring.source import read_source

SOLUTIONS = Path(__file__).parents[2] / "solutions"
ASSIGNMENTS = sorted(path.stem for path in SOLUTIONS.glob("*/*.py"))
ENOUGH = {"02_momentum": (12, 4)}  # mistakes and variants; elsewhere:
ENOUGH_ELSEWHERE = (10, 3)


def named(kind: str) -> list[tuple[str, str]]:
    """(assignment, answer) for each file of the bank."""
    return [
        (name, path.stem)
        for name in ASSIGNMENTS
        for path in sorted((SOLUTIONS / name / kind).glob("*.py"))
    ]


@cache
def source_of(assignment: str):
    return read_source(SOLUTIONS / assignment / f"{assignment}.py")


@cache
def release_of(assignment: str):
    return make_release(source_of(assignment))


@cache
def bank(assignment: str) -> dict[str, Answer]:
    folder, source = SOLUTIONS / assignment, source_of(assignment)
    return {
        **{f"mistakes/{answer.name}": answer for answer in read_mistakes(folder, source)},
        **{f"variants/{answer.name}": answer for answer in read_variants(folder, source)},
    }


def graded(assignment: str, notebook) -> list[Check]:
    """What the exam says of each check that it decides itself."""
    result = examine(source_of(assignment), to_bytes(notebook), seed="bank")
    assert result.flags == ()
    return [check for check in result.checks if not check.manual]


def answered(assignment: str, answer: Answer | None) -> list[Check]:
    source, release = source_of(assignment), release_of(assignment)
    return graded(assignment, fill(release, source, answer))


def told(checks: list[Check]) -> str:
    return "\n\n".join(f"{check.id} {check.status}: {check.message}" for check in checks)


def test_there_is_an_assignment():
    assert "02_momentum" in ASSIGNMENTS


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_bank_is_rich_enough(assignment):
    mistakes, variants = ENOUGH.get(assignment, ENOUGH_ELSEWHERE)
    kinds = [name.split("/")[0] for name in bank(assignment)]
    assert kinds.count("mistakes") >= mistakes
    assert kinds.count("variants") >= variants


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_reference_scores_full_marks(assignment):
    checks = answered(assignment, None)
    assert all(check.status == PASSED for check in checks), told(checks)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_untouched_notebook_scores_nothing_and_only_says_what_is_missing(assignment):
    checks = graded(assignment, release_of(assignment))
    assert all(check.status == FAILED and check.score == 0 for check in checks), told(checks)
    assert all("NotImplementedError" in check.message for check in checks), told(checks)


@pytest.mark.parametrize(("assignment", "name"), named("mistakes"))
def test_a_mistake_loses_what_it_names_and_says_why(assignment, name):
    mistake = bank(assignment)[f"mistakes/{name}"]
    checks = answered(assignment, mistake)
    lost = [check for check in checks if check.status != PASSED]
    assert {check.id for check in lost} == mistake.loses, told(lost)
    assert all(check.status == FAILED and check.score == 0 for check in lost), told(lost)
    assert mistake.says in lost[0].message


@pytest.mark.parametrize(("assignment", "name"), named("variants"))
def test_a_variant_scores_full_marks(assignment, name):
    checks = answered(assignment, bank(assignment)[f"variants/{name}"])
    assert all(check.score == check.points for check in checks), told(checks)
