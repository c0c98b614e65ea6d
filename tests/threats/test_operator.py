"""Cases 33 and 45 to 48: the operator's own day. Nothing is lost, nothing is counted twice.

Each docstring ends with what holds.
"""

import json
import os
import resource
import shutil
import sqlite3
from contextlib import closing

import pytest

from autograder.cli import main
from autograder.errors import AutograderError
from autograder.exam import examine
from autograder.result import COULD_NOT_RUN, GRADED
from tests.threats.classroom import CLASS, TOTALS, end_state, make_course, run, totals
from tests.threats.room import (
    FULL,
    NEIGHBOUR,
    SOURCE,
    TRANSPOSED,
    data_of,
    find,
    honest,
    message,
    scores,
    tier,
    without,
)


@pytest.fixture
def course(folder):
    return make_course(folder / "course", CLASS)


def known_exam(source, submission, limits=None, *, isolation, seed):
    """The exam with one worker for all courses: the secret is the same."""
    return examine(source, submission, isolation=tier(), seed="secret")


def test_case_33_a_file_renamed_is_found_and_flagged(folder):
    """Holds: ``submissions._choose``."""
    course = make_course(folder / "course", {"ada": NEIGHBOUR, "bob": NEIGHBOUR, "cem": NEIGHBOUR})
    path = course.root / "submitted/bob/room/room.ipynb"
    path.rename(path.with_name("room (1).ipynb"))
    ada, bob, cem = run(course, known_exam).results
    assert scores(ada) == scores(bob) == scores(cem) == FULL and ada.flags == cem.flags == ()
    assert bob.flags == ("The notebook is called 'room (1).ipynb' instead of 'room.ipynb'.",)


def test_case_45_the_same_run_twice_gives_the_same(course):
    """Holds: one secret for each course, and results compared with what is recorded."""
    first = run(course, known_exam)
    assert totals(course) == TOTALS
    before = end_state(course)
    second = run(course, known_exam)
    assert (second.examined, second.unchanged) == (0, len(CLASS))
    assert [r.to_json() for r in first.results] == [r.to_json() for r in second.results]
    shutil.rmtree(course.private() / "results")
    assert run(course, known_exam).examined == len(CLASS)
    assert end_state(course) == before


def test_case_46_a_disk_that_takes_no_more(course):
    """Holds: ``Batch`` and ``Gradebook`` say it in a message; transactions and atomic files."""
    run(course, known_exam)
    before = end_state(course)
    path = course.root / "submitted/ada/room/room.ipynb"
    path.write_bytes(data_of(honest(outer=TRANSPOSED, why="Changed.")))
    bounds = resource.getrlimit(resource.RLIMIT_FSIZE)
    result = known_exam(SOURCE, path.read_bytes(), isolation=tier(), seed="")
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, bounds[1]))
    try:
        with pytest.raises(AutograderError, match="cannot be used|could not be written"):
            run(course, lambda *args, **options: result)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, bounds)
    assert end_state(course) == before
    run(course, known_exam)
    assert totals(course) == {**TOTALS, "ada": 8.0}


def test_case_46_a_course_folder_that_is_read_only(course, capsys):
    """Holds: a message, exit code 2, the old state intact."""
    import autograder.grading.run  # noqa: F401 (another user may not enter this Python's folder)

    run(course, known_exam)
    before = end_state(course)
    (course.root / "submitted/ada/room/room.ipynb").write_bytes(data_of(CLASS["bob"]))
    folders = [course.root, *(path for path in course.root.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    if os.geteuid() == 0:  # whom no mode stops
        os.seteuid(61_999)
    try:
        assert main.main(["grade", str(course.root), "room", "--isolation", tier()]) == 2
    finally:
        os.seteuid(os.getuid())
        for path in folders:
            path.chmod(0o755)
    *_, said = capsys.readouterr().err.splitlines()  # after the line about the sandbox
    assert said.startswith("autograder: ")
    assert end_state(course) == before


def test_case_46_a_gradebook_of_another_version(course, capsys):
    """Holds: ``Database._prepare``."""
    run(course, known_exam)
    with closing(sqlite3.connect(course.root / "gradebook.db")) as db, db:
        db.execute("update alembic_version set version_num = 'older'")
    before = (course.root / "gradebook.db").read_bytes()
    assert main.main(["grade", str(course.root), "room"]) == 2
    assert "nbgrader db upgrade" in capsys.readouterr().err
    assert (course.root / "gradebook.db").read_bytes() == before


def broken_source():
    """The source with a test that raises on correct work."""
    source = json.loads(json.dumps(SOURCE))
    find(source, "test_outer")["source"] += "\nassert outer(np.ones(1), np.ones(1))[7] == 1"
    return source


def test_case_47_a_test_that_fails_on_correct_work_is_nobodys_zero(folder, capsys):
    """Holds: ``doubts.with_broken_checks`` (the source's own solution sits the exam first)."""
    course = make_course(folder / "course", {n: CLASS[n] for n in ("ada", "bob")}, broken_source())
    arguments = [
        "grade",
        str(course.root),
        "room",
        "--enrol",
        "--json",
        "-",
        "--jobs",
        "1",
        "--isolation",
        tier(),
    ]
    assert main.main(arguments) == 2
    ada, bob = json.loads(capsys.readouterr().out)
    for result in (ada, bob):
        outer = next(check for check in result["checks"] if check["id"] == "test_outer")
        assert outer["score"] is None and outer["status"] == COULD_NOT_RUN
        assert "fails on the course's own solution" in outer["message"]
        assert result["status"] == COULD_NOT_RUN and result["score"] is None


def test_case_48_a_mended_test_shows_who_changes_before_anything_is_written(folder, capsys):
    """Holds: ``regrade`` (compared with what is recorded; released scores fall on request only)."""
    lax = json.loads(json.dumps(SOURCE))
    find(lax, "test_risk")["source"] = '"""The risk"""\nassert risk(np.ones(1), np.ones((1, 1)))'
    strict = json.loads(json.dumps(SOURCE))
    find(strict, "test_outer")["source"] = '"""The gradient"""\nassert outer(d, h).shape == (0,)'
    find(strict, "setup")["source"] += "\nd = h = np.ones(1)"
    fixed = json.loads(json.dumps(SOURCE))
    course = make_course(folder / "course", {n: CLASS[n] for n in ("ada", "bob", "eve")}, lax)
    run(course)
    assert totals(course) == {"ada": 10.0, "bob": 8.0, "eve": 10.0}
    page = course.root / "feedback/eve/room/room.html"
    page.parent.mkdir(parents=True)
    page.write_text("10 of 15")
    course.sources("room")["room"].write_text(json.dumps(fixed))
    before, command = (
        end_state(course),
        ["regrade", str(course.root), "room", "--isolation", tier(), "--jobs", "1"],
    )
    assert main.main(command) == 0
    shown = capsys.readouterr().out
    assert "eve: 10 -> 7 (-3, and the student knows the old score)" in shown
    assert "test_risk: 3 of 3 -> 0 of 3  risk:" in shown
    assert "1 of 3 students change" in shown and "Nothing was written" in shown
    assert end_state(course) == before
    assert main.main([*command, "--apply"]) == 1
    assert "Not lowered, as feedback was given out: eve" in capsys.readouterr().out
    assert totals(course)["eve"] == 10.0
    assert main.main([*command, "--apply", "--lower"]) == 0
    assert totals(course) == {"ada": 10.0, "bob": 8.0, "eve": 7.0}
    kept = json.loads((course.root / "autograded/eve/room/room.ipynb").read_text())
    flags = kept["metadata"]["autograder"]["result"]["flags"]
    assert "The score fell from 10 to 7 after feedback was given out." in flags
    capsys.readouterr()
    assert main.main(command) == 0 and "0 of 3 students change" in capsys.readouterr().out


def test_honest_neighbours_of_the_class_are_graded(course):
    """The whole class at once, hostile ones too: one run, each with the score of its code."""
    results = {result.student: result for result in run(course, known_exam).results}
    assert scores(results["bob"]) == without("test_outer")
    assert results["ada"].status == GRADED and results["ada"].flags == ()
    assert "neuron" in message(results["fay"], "test_neuron")
