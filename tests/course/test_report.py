"""The page about a class: every number from the results, who needs a person, and why."""

import math
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import unquote

import pytest

from autograder.cli.class_table import class_table
from autograder.course.deadline import Deadline, in_words
from autograder.course.person import Person
from autograder.errors import AutograderError
from autograder.gradebook.records import Entry, Marks
from autograder.grading.standings import Standing, read_standings, written_answers
from autograder.reports.class_report import report, write_report
from autograder.reports.export import _notes, gradescope
from autograder.reports.feedback import write_pages
from autograder.reports.histogram import HEIGHT, WIDTH, histogram
from autograder.reports.item_statistics import NOT_DONE, cause, check_statistics
from autograder.result import (
    BESIDE,
    COULD_NOT_RUN,
    DOUBTED,
    FAILED,
    GRADED,
    NEEDS_A_PERSON,
    NO_SANDBOX,
    PASSED,
    Check,
    Result,
)
from tests.course.conftest import GOOD
from tests.course.test_feedback import Page, assert_inert

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
    assert "median 0.4 s" in text


def test_unreadable_submissions_say_nothing_about_checks():
    unread = Result("", "", NEEDS_A_PERSON, (check("a", None),))
    (a,) = check_statistics([unread, Result("", "", GRADED, (check("a", 2.0),))])
    assert (a.ran, a.could_not_run) == (1, 0)


def test_written_answers_wait_where_they_can_be_read_alike_in_report_and_terminal():
    written = replace(check("why", None), manual=True)
    everybody = [
        one("ada", check("a", 2.0), written),
        one("bob", check("a", 0.0), replace(written, score=1.0)),
        one("cut_off", check("a", None), written, status=NEEDS_A_PERSON),
        one("essay", written),
    ]
    assert written_answers(everybody) == {"Title of why": 2}
    assert "Title of why: 2" in assert_inert(report(NAME, everybody)).text
    assert "Title of why: 2 to be graded by a person" in class_table(NAME, everybody)


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
    assert found.tags.count("rect") > 2, "figures"


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


def links(text):
    """{address: the words of its last link} of a page."""
    return {unquote(a): w for a, w in re.findall(r'<a href="([^"]*)">([^<]*)</a>', text)}


def test_a_cause_leads_to_the_students_and_the_cells_behind_it(course, hand_in, grade):
    hand_in("ada", **GOOD)
    hand_in("bob b", double="def double(x): return x", square=GOOD["square"])
    hand_in("cem", double="def double(x): return 0", square=GOOD["square"])
    grade()
    write_pages(course, NAME, ["ada", "bob b", "cem"])
    path = write_report(course, NAME, course.root / "reports" / "r.html")
    text = path.read_text()
    cause = "<summary>not yet. Next: try again (2)</summary>"
    found = links(text.split(cause)[1].split("</details>")[0])
    assert set(found.values()) == {"bob b", "cem"}
    for address in found:
        file, _, anchor = address.partition("#")
        page = Page((path.parent / file).read_text())
        assert anchor == "cell-double"
        assert ("article", "id", anchor) in page.attributes


def test_without_pages_a_name_leads_to_the_table_and_the_report_says_how_to_get_them(
    course, hand_in, grade
):
    hand_in("ada", double="def double(x): return x")
    grade()
    text = write_report(course, NAME, course.root / "r.html").read_text()
    found, ids = links(text), [v for _, n, v in Page(text).attributes if n == "id"]
    here = {address[1:] for address, words in found.items() if words == "ada"}
    assert here == {"s0"} and "s0" in ids
    assert "autograder feedback" in Page(text).text


def test_names_that_could_leave_the_place_of_a_link_do_not(course, hand_in, grade):
    bad = "a'b#c?d&e %3C"
    hand_in(bad, double="def double(x): return x")
    grade()
    write_pages(course, NAME, [bad])
    path = write_report(course, NAME, course.root / "reports" / "r.html")
    targets = [a.partition("#")[0] for a in re.findall(r'<a href="(\./[^"]*)"', path.read_text())]
    assert targets and all((path.parent / unquote(target)).is_file() for target in targets)


def rows(text):
    """Cells of each row of the table of students: text, and the row's filters."""
    table = text.split('id="students"')[1]
    found = {}
    for kinds, row in re.findall(r'<tr id="s\d+" class="([^"]*)">(.*?)</tr>', table, re.S):
        cells = [Page(cell).text for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
        found[cells[0].split()[0]] = kinds.split(), cells[1:]
    return found


def test_the_table_has_everybody_and_filters_for_each_state(course, book, hand_in, grade):
    from nbgrader.api import Gradebook as Stock

    from autograder.course.standing import write_extensions

    book.add_people([Person("ada", "Ada", "L."), Person("zoe", "Zoe", "")])
    times = {"ada": "21 10:00", "bob": "20 10:00", "cem": "21 10:00"}
    for student, time in times.items():
        hand_in(student, **GOOD)
        stamp = course.path("submitted", student, NAME) / "timestamp.txt"
        stamp.write_text(f"2026-11-{time}:00 UTC")
    grade()
    with closing(sqlite3.connect(course.root / "gradebook.db")) as db, db:
        db.execute("update grade set manual_score = 5 where auto_score is null")
    with Stock(f"sqlite:///{course.root / 'gradebook.db'}") as theirs:
        theirs.update_or_create_assignment(NAME, duedate="2026-11-20 23:00:00")
    write_extensions(course, NAME, ["cem"], datetime(2026, 11, 22, 12))
    hand_in("dan")
    text = write_report(course, NAME, course.root / "reports" / "r.html").read_text()
    shown = dict(re.findall(r'id="show(\d)">([^<]+)</label>', text))
    filters = {f"k{number}": words for number, words in shown.items()}
    assert set(filters.values()) == {"decided 3", "not graded yet 1", "not handed in 1", "late 1"}
    found = {
        name: ([filters[kind].rpartition(" ")[0] for kind in kinds], cells)
        for name, (kinds, cells) in rows(text).items()
    }
    assert list(found) == ["ada", "bob", "cem", "dan", "zoe"]
    assert found["ada"] == (
        ["decided", "late"], ["decided", "10", "0", "2026-11-21 10:00 11 h late"],
    )  # fmt: skip
    assert found["bob"] == (["decided"], ["decided", "10", "0", "2026-11-20 10:00"])
    assert found["cem"][1][3] == "2026-11-21 10:00 extended to 2026-11-22 12:00"
    assert found["dan"] == (["not graded yet"], ["not graded yet, in no class list", "", "", ""])
    assert found["zoe"] == (["not handed in"], ["not handed in", "", "", ""])
    assert "Due Fri 20 Nov 2026, 23:00 UTC" in Page(text).text


def test_every_student_of_a_common_cause_is_named_the_first_with_links():
    lost = [one(f"s{n:03}", check("a", 0.0, "wrong sign")) for n in range(120)]
    text = report(NAME, lost)
    behind = text.split("<summary>wrong sign (120)</summary>")[1].split("</details>")[0]
    assert behind.count("<a ") == 50
    assert {f"s{n:03}" for n in range(120)} == set(re.findall(r"\bs\d{3}\b", behind))


@pytest.mark.parametrize(
    ("values", "top", "counts"),
    [
        ([0, 1, 2, 2, 3], 3, {0.0: 1, 1 - 1e-9: 0, 2.0: 2}),
        ([40, 39.5, 12, 0], 40, {0.0: 1, 12.0: 1, 38.0: 2}),
        ([0, 0], 0, {0.0: 2}),
        ([7.25], 5, {7.0: 1}),
    ],
)
def test_bars_hold_every_value_once(values, top, counts):
    chart = histogram(values, top)
    assert sum(bar.count for bar in chart.bars) == len(values) and len(chart.bars) <= 20
    for bar in chart.bars:
        inside = [v for v in values if bar.low <= v + 1e-9 and (v < bar.high or bar.high >= top)]
        assert bar.count == len(inside)
        assert bar.x >= 0 and bar.x + bar.width <= WIDTH + 1e-9
        assert math.isclose(bar.y + bar.height, HEIGHT)
    for low, count in counts.items():
        assert sum(b.count for b in chart.bars if b.low <= low < b.high) >= count
    assert 0 <= chart.median <= WIDTH


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=1, hours=10, minutes=3), "1 day 10 h"),
        (timedelta(days=2), "2 days"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(seconds=1), "less than a minute"),
    ],
)
def test_how_late_is_said_in_two_units(span, words):
    assert in_words(span) == words


def test_a_moment_is_written_in_the_zone_of_the_course():
    moment = datetime(2026, 7, 1, 22, 30)
    assert Deadline(zone="Europe/Berlin").written(moment) == "Thu 02 Jul 2026, 00:30 CEST"
    assert Deadline(zone="no/zone").written(moment) == "Wed 01 Jul 2026, 22:30 UTC"
    due = Deadline(moment, {"ada": moment + timedelta(days=1)})
    assert due.late("bob", moment) is None, "on time to the second"
    assert due.late("bob", moment + timedelta(seconds=1)) == timedelta(seconds=1)
    assert due.late("ada", moment + timedelta(hours=5)) is None and due.extended("ada")


def test_what_is_in_doubt_about_a_check_is_told_wherever_scores_are():
    doubted = replace(check("a", 0.0), message=f"Something.\n{DOUBTED}")
    beside = replace(check("b", 2.0), message=BESIDE)
    flags = f"{DOUBTED[:-1]} (a).", f"{BESIDE[:-1]}: b."
    ada = one("ada", doubted, beside)
    ada = replace(ada, result=replace(ada.result, flags=flags))
    said = class_table(NAME, [ada]).splitlines()
    assert f"{DOUBTED[:-1]} (a)." in said and f"{BESIDE[:-1]} (b)." in said
    shown = assert_inert(report(NAME, [ada])).text
    assert all(flag in shown for flag in flags)
    assert _notes([ada]) == [f"{DOUBTED[:-1]} (a).", f"{BESIDE[:-1]} (b)."]
    assert gradescope(ada)["output"].splitlines() == list(flags)
    assert DOUBTED in gradescope(ada)["tests"][0]["output"]
