"""The page about a class: every number from the results, who needs a person, and why."""

import math
import re
from dataclasses import replace

import pytest

from autograder.course.person import Person
from autograder.errors import AutograderError
from autograder.gradebook.records import Entry, Marks
from autograder.grading.standings import Standing, read_standings
from autograder.reports.class_report import report, write_report
from autograder.reports.item_statistics import NOT_DONE, cause, check_statistics
from autograder.result import (
    COULD_NOT_RUN,
    FAILED,
    GRADED,
    NEEDS_A_PERSON,
    NO_SANDBOX,
    PASSED,
    Check,
    Result,
)
from tests.course.conftest import GOOD
from tests.course.test_feedback import assert_inert

NAME = "01_tiny"


def check(name, points, message="", top=2.0):
    status = COULD_NOT_RUN if points is None else PASSED if points == top else FAILED
    return Check(name, f"Title of {name}", top, points, status, message)


def one(student, *checks, status=GRADED, flags=(), penalty=0.0, name=("", "")):
    marks = {(NAME, c.id): Marks(c.score, None, None, c.score is None, c.points) for c in checks}
    result = Result(student, NAME, status, checks, flags, seconds=0.5)
    return Standing(Person(student, *name), Entry(student, None, penalty, marks), result)


def test_a_check_is_counted_as_wrong_not_done_or_not_run():
    results = [
        Result("", "", GRADED, (check("a", 2.0), check("b", points, message)))
        for points, message in [
            (2.0, ""),
            (0.0, "dL/dV is wrong.\nLikely cause: it is the transpose.\nNext: turn it"),
            (0.0, "dL/dV is worse.\nLikely cause: it is the transpose\nNext: turn it"),
            (0.0, "b(...) raised NotImplementedError\n    line 3"),
            (None, "the test is wrong"),
        ]
    ]
    _, b = check_statistics(results)
    assert (b.ran, b.failed, b.not_done, b.could_not_run) == (4, 0.5, 0.25, 1)
    assert b.causes == (("it is the transpose", 2),)


def test_the_slowest_are_named_first():
    everybody = [
        replace(each, result=replace(each.result, seconds=seconds))
        for seconds, each in [(n / 10, one(f"s{n}", check("a", 2.0))) for n in range(1, 8)]
    ]
    text = assert_inert(report(NAME, everybody)).text
    told = text.split("The slowest")[1]
    assert re.findall(r"(s\d)\W+([\d.]+) s", told) == [
        ("s7", "0.7"), ("s6", "0.6"), ("s5", "0.5"), ("s4", "0.4"), ("s3", "0.3"),
    ]  # fmt: skip
    assert "0.4 s in the middle" in text


def test_unreadable_submissions_say_nothing_about_checks():
    unread = Result("", "", NEEDS_A_PERSON, (check("a", None),))
    (a,) = check_statistics([unread, Result("", "", GRADED, (check("a", 2.0),))])
    assert (a.ran, a.could_not_run) == (1, 0)


def test_a_check_tells_apart_by_its_correlation_with_the_rest():
    points = [(2.0, 2.0, 0.0), (2.0, 2.0, 2.0), (0.0, 0.0, 2.0), (0.0, 2.0, 0.0)]
    results = [
        Result("", "", GRADED, tuple(check(n, p) for n, p in zip("abc", row, strict=True)))
        for row in points
    ]
    a, _, _ = check_statistics(results)
    # a = (2, 2, 0, 0) against b + c = (2, 4, 2, 2): covariance 0.5, deviations 1 and sqrt(0.75)
    assert math.isclose(a.discrimination, 0.5 / math.sqrt(0.75), rel_tol=1e-12)
    same = [Result("", "", GRADED, (check("a", 2.0), check("b", 0.0)))] * 5
    assert check_statistics(same)[0].discrimination is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("f(...) raised NotImplementedError\n    line 7", NOT_DONE),
        ("f: 2 of 3 wrong.\nLikely cause: σ' is missing.\nNext: x", "σ' is missing"),
        ("f(...) raised IndexError: index 2 is out of bounds\n  line 6", "raised IndexError"),
        ("f(...) did not come back within 10 s and was stopped.", "did not end in time"),
        ("f(...) ended its process itself (exit status 0).", "ended the process"),
        ("dW: shape (3, 1), expected (3,): odd.", "shape (3, 1), expected (3,): odd"),
        ("dW: 2 of 3 are wrong, the worst at [0]: yours 1, right 2.", "2 of 3 are wrong"),
        ("R: your function loops: 35 lines for 8 samples", "loops: … lines for 8 samples"),
        ("", "no message"),
    ],
)  # fmt: skip
def test_students_with_one_mistake_share_its_cause(message, expected):
    assert cause(check("a", 0.0, message)) == expected


def test_the_page_says_who_needs_a_person_and_why():
    bad = "<script>alert(1)</script>"
    manual = Check("why", "Why?", 5.0, None, COULD_NOT_RUN, manual=True)
    graded = [
        one("ada", check("a", 2.0), manual, name=("Ada", "King, Countess")),
        one("bob", check("a", None), status=NEEDS_A_PERSON, flags=("The file is empty.",)),
        one("cem", check("a", None, "it fails for all"), status=COULD_NOT_RUN),
        one("eve", check("a", 0.0, bad), flags=(bad,), penalty=1.5, name=(bad, bad)),
    ]
    found = assert_inert(report(NAME, graded, ["zoe"]))
    assert (
        "1 decided; 1 open, 1 needs a person, 1 could not run" in found.text and "zoe" in found.text
    )
    assert "bob The file is empty." in found.text
    assert "cem The grader failed: a: it fails for all" in found.text
    assert "Why?: 1" in found.text and "-1.5" in found.text
    assert found.text.count(bad) >= 2
    assert "without a sandbox" not in found.text
    assert [value for tag, name, value in found.attributes if name == "src"], "figures"


def test_a_class_graded_without_a_sandbox_has_a_banner():
    assert "without a sandbox" in report(NAME, [one("ada", check("a", 2.0), flags=(NO_SANDBOX,))])


def test_a_class_where_nobody_is_graded_is_said():
    with pytest.raises(AutograderError, match="graded yet. Type: autograder grade"):
        report(NAME, [Standing(Person("ada"), Entry("ada"), None)])


def test_800_students_with_40_checks_make_less_than_a_megabyte():
    graded = [
        one(
            f"student{i:04}",
            *(check(f"test_{k}", 2.0 * ((i * k) % 3 > 0), f"f: {i} of {k} odd") for k in range(40)),
            status=NEEDS_A_PERSON if i % 2 else GRADED,
            flags=("Something odd about this file, said in a message of usual length.",),
        )
        for i in range(800)
    ]
    assert len(report(NAME, graded).encode()) < 1_000_000


def test_scores_by_hand_count_in_the_report(course, hand_in, grade, book):
    from tests.course.test_gradebook import execute

    hand_in("ada", **GOOD)
    hand_in("bob")
    grade()
    hand_in("eve")
    execute(course, "update grade set manual_score = 4 where auto_score is null")
    path = write_report(course, NAME, course.root / "reports" / "r.html")
    found = assert_inert(path.read_text())
    assert "6.5 mean of 10 points" in found.text and "eve" in found.text
    assert [one.so_far for one in read_standings(course, NAME, book)] == [9.0, 4.0]
