"""Public complaints about graders of notebooks, rebuilt small; each gives its source on GitHub.

The name of the test is the answer; docs/instructor.md lists them. The texts are ours; from the
reports come only what somebody did and what went wrong.
"""

import csv
import json
import re
import zipfile
from pathlib import Path

import pytest

from autograder.cli.main import main
from autograder.collect.collect import collect
from autograder.course.class_list import read_class_list
from autograder.course.person import Person
from autograder.course.submissions import read_submission
from autograder.exam import Limits, examine
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import read_source_notebook
from autograder.grading.roll import call_roll
from autograder.grading.standings import read_standings
from autograder.reports.export import gradescope, write_export
from autograder.reports.feedback import write_pages
from tests.course.conftest import GOOD, NAME, filled

RIGHT = {"double": "def double(x):\n    return 2 * x", "square": "def square(x):\n    return x * x"}
sources = []


def complaint(*issues):
    """The reports that a test answers, as OWNER/NAME#NUMBER."""
    sources.extend(issues)
    return lambda test: test


@pytest.fixture
def course(course):
    with Gradebook(course) as book:
        book.add_people([Person("ada", "Ada", "Lovelace", "ada@example.org", "101"), Person("bob")])
    return course


def a_zip(path, course, *names, text="x"):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, json.dumps(filled(course, **GOOD, why=text)))
    return path


def exam(course, notebook):
    source = read_source_notebook(course.sources(NAME)[NAME])
    data = json.dumps(notebook).encode()
    return examine(json.dumps(source), data, isolation="none", seed="a")


@complaint("jupyter/nbgrader#1897")
def test_a_submission_without_a_secret_does_not_stop_the_release(course, hand_in, grade):
    hand_in("ada", **GOOD)
    grade()
    write_pages(course, NAME, ["ada"])
    names = {path.name for path in course.path("feedback", "ada", NAME).iterdir()}
    assert names == {f"{NAME}.html", "timestamp.txt", "submission_secret.txt"}


@complaint("jupyter/nbgrader#1712", "jupyter/nbgrader#1868")
def test_feedback_is_found_although_the_submission_was_repaired(course, hand_in, grade):
    path = hand_in("ada", **GOOD)
    path.with_name("submission_secret.txt").write_text("s" * 128)
    for text in ("first", "repaired by the instructor"):
        hand_in("ada", **GOOD, why=text)
        grade()
        write_pages(course, NAME, ["ada"])
        secret = course.path("feedback", "ada", NAME) / "submission_secret.txt"
        assert secret.read_text() == "s" * 128


@complaint("jupyter/nbgrader#724", "jupyter/nbgrader#511")
def test_of_several_attempts_all_files_of_the_last_count(course, tmp_path):
    with zipfile.ZipFile(tmp_path / "bb.zip", "w") as archive:
        for hour in ("11", "17"):
            for name, data in (
                (f"{NAME}.ipynb", json.dumps(filled(course, why=hour))),
                ("data.csv", hour),
            ):
                archive.writestr(f"ps1_ada_attempt_2017-03-03-{hour}-00-00_{name}", data)
    collect(course, NAME, [tmp_path / "bb.zip"])
    folder = course.path("submitted", "ada", NAME)
    assert (
        '"17"' in (folder / f"{NAME}.ipynb").read_text()
        and (folder / "data.csv").read_text() == "17"
    )


@complaint("jupyter/nbgrader#796", "jupyter/nbgrader#526")
def test_a_platforms_zip_with_a_folder_for_each_student_is_taken(course, tmp_path):
    download = a_zip(
        tmp_path / "lms.zip", course, f"Exercise 1/submissions/Ada Lovelace/{NAME}.ipynb"
    )
    assert collect(course, NAME, [download]).done == {"new": ["ada"]}


@complaint("federicazoe/gradetools#17")
def test_the_number_in_each_name_of_canvas_does_no_harm(course, tmp_path):
    download = a_zip(tmp_path / "c.zip", course, "lovelaceada_101_9001_my homework final.ipynb")
    collect(course, NAME, [download])
    assert (course.path("submitted", "ada", NAME) / f"{NAME}.ipynb").is_file()


@complaint("jupyter/nbgrader#1357", "sagemathinc/cocalc#4931")
def test_a_notebook_with_another_name_is_graded_and_a_missing_one_is_named(course, hand_in):
    hand_in("ada", name="test.ipynb", **GOOD)
    read = read_submission(course, NAME, "ada", NAME)
    assert read.data and "called 'test.ipynb'" in read.flags[0]
    course.path("submitted", "bob", NAME).mkdir(parents=True)
    assert read_submission(course, NAME, "bob", NAME).flags == (
        f"No notebook {NAME}.ipynb was handed in.",
    )


@complaint(
    "ucbds-infra/otter-grader#445", "ucbds-infra/otter-grader#176", "ucbds-infra/otter-grader#242"
)
def test_what_is_no_notebook_is_said_at_once(course, tmp_path):
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("lovelaceada_101_1_homework.py", "print(1)")
        archive.writestr("bob/wrong course.zip", b"PK\x05\x06" + bytes(18))
    found = collect(course, NAME, [tmp_path / "c.zip"])
    assert found.without[0] == "ada: handed in homework.py" and found.needs_person


@complaint("MarkUsProject/Wiki#87", "jupyter/nbgrader#1402")
def test_who_has_left_is_graded_no_more_and_many_leave_in_one_line(course, hand_in):
    hand_in("ada", **GOOD)
    hand_in("bob", **GOOD)
    assert main(["roster", "withdraw", str(course.root), "ada", "bob"]) == 0
    assert call_roll(course, NAME).students == []


@complaint("jupyter/nbgrader#1524")
def test_a_submission_that_was_removed_has_no_score_without_a_word(course, hand_in, grade):
    path = hand_in("ada", **GOOD)
    grade()
    path.unlink()
    path.parent.rmdir()
    assert any(
        "ada: The submission was taken away" in note
        for note in write_export(course, NAME, "csv").notes
    )


@complaint("jupyter/nbgrader#660", "okpy/ok#710", "eecs-autograder/autograder.io#28")
def test_an_extension_is_one_command_and_the_score_is_exported(course, hand_in, grade):
    from nbgrader.api import Gradebook as Nbgrader

    with open(course.root / "nbgrader_config.py", "a") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    hand_in("ada", **GOOD).with_name("timestamp.txt").write_text("2026-11-22 10:00:00 UTC")
    grade()
    with Nbgrader(course.db_url) as theirs:
        theirs.update_or_create_assignment(NAME, duedate="2026-11-20 23:59:00")
    root = str(course.root)
    for command in ([], ["roster", "extend", root, NAME, "ada", "--days", "3"]):
        assert not command or main(command) == 0
        path = write_export(type(course).open(root), NAME, "csv").path
        rows = csv.DictReader(path.read_text("utf-8-sig").splitlines())
        score = next(row["score"] for row in rows if row["student"] == "ada")
        assert score == ("5.0" if command else "0.0")


@complaint("jupyter/nbgrader#938", "sagemathinc/cocalc#5738")
def test_the_scores_of_each_question_are_exported(course, hand_in, grade):
    hand_in("ada", double=GOOD["double"])
    grade()
    rows = csv.DictReader(
        write_export(course, NAME, "csv").path.read_text("utf-8-sig").splitlines()
    )
    ada = next(row for row in rows if row["student"] == "ada")
    assert (ada["test_double"], ada["test_square"], ada["why"]) == ("2.0", "0.0", "")


@complaint("jupyter/nbgrader#1083", "TU-Wien-dataLAB/grader-service#51", "jupyter/nbgrader#1933")
def test_copied_cells_are_graded_and_said(course):
    notebook = filled(course, **RIGHT)
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "double")
    notebook["cells"].append({**cell, "source": cell["source"] + "\n# again", "id": "copy"})
    result = exam(course, notebook)
    assert result.score == 5 and any("is there 2 times" in flag for flag in result.flags)


@complaint("jupyter/nbgrader#1941")
def test_changed_types_and_deleted_cells_cost_nothing_else(course):
    notebook = filled(course, **RIGHT)
    cells = [cell for cell in notebook["cells"] if cell["id"] != "setup"]
    for cell in cells:
        if cell["id"] == "test_double":
            cell |= {"cell_type": "markdown"}
            for key in ("outputs", "execution_count"):
                cell.pop(key, None)
    result = exam(course, {**notebook, "cells": cells})
    assert result.score == 5 and result.flags


@complaint("googlecolab/colabtools#581", "jupyter/notebook#4307")
def test_a_notebook_that_lost_its_metadata_is_still_graded(course):
    notebook = filled(course, **RIGHT)
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    result = exam(course, notebook)
    assert result.score == 5 and any("lost its id" in flag for flag in result.flags)


@complaint("LibreTexts/ngshare#11")
def test_work_handed_in_after_feedback_is_graded_anew_and_the_old_is_kept(
    course, tmp_path, grade, book
):
    for number in (1, 2):
        download = a_zip(
            tmp_path / "c.zip", course, f"lovelaceada_101_{number}_{NAME}.ipynb", text=str(number)
        )
        collect(course, NAME, [download])
        grade()
        write_pages(course, NAME, ["ada"])
    assert len(list((course.root / "collected" / NAME / "ada").iterdir())) == 2
    ada = next(one for one in read_standings(course, NAME, book) if one.person.id == "ada")
    assert ada.score == 5 and ada.status == "open"


@complaint("jupyter/nbgrader#917", "jupyter/nbgrader#1363", "earthlab/abc-classroom#238")
def test_feedback_reveals_no_hidden_test(course, hand_in, grade):
    hand_in("ada", double=GOOD["double"])
    grade()
    write_pages(course, NAME, ["ada"])
    page = (course.path("feedback", "ada", NAME) / f"{NAME}.html").read_text()
    assert "double(20)" not in page and "square(-7)" not in page and "Tiny" in page


@complaint("jupyter/nbgrader#1211")
def test_a_page_of_the_students_own_beside_the_notebook_hides_no_feedback(course, hand_in, grade):
    hand_in("ada", **GOOD).with_suffix(".html").write_text("mine")
    grade()
    write_pages(course, NAME, ["ada"])
    (page,) = course.path("feedback", "ada", NAME).glob("*.html")
    assert "Tiny: two functions" in page.read_text()


@complaint("jupyter/nbgrader#978", "jeflem/ananke#27")
def test_other_users_of_the_machine_reach_nothing_of_a_course(course, hand_in):
    """Between three users of an exchange: test_two_users.py."""
    for path in (hand_in("ada", **GOOD), course.path("source"), course.root / "gradebook.db"):
        assert any(folder.stat().st_mode & 0o077 == 0 for folder in path.parents), path


@complaint("jupyter/nbgrader#1141")
def test_who_hands_in_again_gets_no_feedback_for_it_before_it_is_graded(course, hand_in, grade):
    """The exchange finds a page by the secret of the submission: the new one names none yet."""
    path = hand_in("ada", **GOOD)
    path.with_name("submission_secret.txt").write_text("first")
    grade()
    write_pages(course, NAME, ["ada"])
    hand_in("ada", **GOOD, why="more").with_name("submission_secret.txt").write_text("second")
    released = course.path("feedback", "ada", NAME) / "submission_secret.txt"
    assert released.read_text() == "first"
    grade()
    write_pages(course, NAME, ["ada"])
    assert released.read_text() == "second"


@complaint("ucbds-infra/otter-grader#469", "jupyter/nbgrader#70", "sagemathinc/cocalc#4879")
def test_a_loop_without_end_costs_its_own_check(course):
    source = read_source_notebook(course.sources(NAME)[NAME])
    endless = {**RIGHT, "double": "def double(x):\n    while True:\n        pass"}
    limits = Limits(call_seconds=0.5)
    data = json.dumps(filled(course, **endless)).encode()
    result = examine(json.dumps(source), data, limits, isolation="none", seed="a")
    double, square = result.checks[:2]
    assert not double.score, "0, or a person's to decide where the machine is too busy to tell"
    assert square.score == 3 and "within 0.5 s" in double.message


@complaint("ucbds-infra/otter-grader#383", "ucbds-infra/otter-grader#410")
def test_gradescope_shows_what_a_hidden_test_cost_and_why(course, hand_in, grade, book):
    hand_in("ada", double=GOOD["double"])
    grade()
    (ada,) = (one for one in read_standings(course, NAME, book) if one.person.id == "ada")
    found = gradescope(ada)
    assert found["score"] == 2 == sum(test.get("score", 0) for test in found["tests"])
    assert "not yet. Next" in found["tests"][1]["output"] and found["visibility"] == "visible"


@complaint("PrairieLearn/PrairieLearn#3015")
def test_an_error_in_a_huge_notebook_gives_a_short_result(course, hand_in):
    broken = filled(course, double="def double(x:", extra="print('x' * 10)")
    broken["cells"][-1]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 3_000_000}
    ]
    result = exam(course, broken)
    words = sum(len(check.message) for check in result.checks) + sum(map(len, result.flags))
    assert result.checks[0].score == 0 and words < 2000 and "x" * 100 not in str(result.checks)


@complaint(
    "autolab/Autolab#874", "foundation50/classroom50#746", "KITPraktomatTeam/Praktomat#284",
    "jfisteus/eyegrade#70",
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_a_class_list_from_a_spreadsheet_keeps_its_umlauts(tmp_path, encoding):
    (tmp_path / "list.csv").write_bytes(
        "id;last_name\r\nj;Müller-Lüdenscheidt\r\n".encode(encoding)
    )
    assert read_class_list(tmp_path / "list.csv") == [Person("j", "", "Müller-Lüdenscheidt")]


@complaint("jupyter/nbgrader#1171")
def test_the_same_work_handed_in_again_after_the_deadline_is_not_late(course, tmp_path):
    names = (f"ada+{NAME}+2026-11-20 {time} UTC/{NAME}.ipynb" for time in ("20:00:00", "23:00:00"))
    for name in names:
        collect(course, NAME, [a_zip(tmp_path / "e.zip", course, name)])
    read = read_submission(course, NAME, "ada", NAME)
    assert read.timestamp.hour == 20


@complaint("sagemathinc/cocalc#5225")
def test_scores_stand_in_the_order_of_the_notebook(course, hand_in, grade):
    hand_in("ada", **GOOD)
    grade()
    head = write_export(course, NAME, "csv").path.read_text("utf-8-sig").splitlines()[0]
    assert head.index("test_double") < head.index("test_square") < head.index('"why"')


def test_the_guide_tells_the_answer_to_each_report():
    guide = Path(__file__).parents[2] / "docs" / "instructor.md"
    section = guide.read_text().split("## Complaints about other graders")[1]
    told = re.findall(r"[\w.-]+/[\w.-]+#\d+", section)
    assert sorted(told) == sorted(sources)
    assert len(re.findall(r"^\| .*#\d+", section, re.M)) >= 20
