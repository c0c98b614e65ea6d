"""A class: everything settled once, whatever happened before."""

import json
import os
import random
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace

import pytest

from autograder.course.autograded import autograded_key, read_autograded
from autograder.errors import AutograderError
from autograder.exam import pool as exam_pool
from autograder.grading import run
from autograder.grading.batch import Batch, Stopped
from autograder.grading.draws import DRAWS, drawn, number_of_draws
from autograder.grading.result_cache import Cache, digest_of, grader_version, result_key
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

NAME = "01_tiny"


@pytest.fixture(autouse=True)
def one_version(monkeypatch):
    """The grader stays the same, whoever edits it while the tests run."""
    monkeypatch.setattr("autograder.grading.batch.grader_version", lambda: "this one")


def scores(book):
    return {student: entry.score for student, entry in book.entries(NAME).items()}


def end_state(course):
    """All of the gradebook but its random row ids, and every autograded file."""
    with closing(sqlite3.connect(course.root / "gradebook.db")) as db, db:
        grades = db.execute(
            "select a.student_id, a.timestamp, n.flagged, b.name, g.auto_score, g.manual_score, "
            "g.needs_manual_grade from grade g join base_cell b on b.id = g.cell_id "
            "join submitted_notebook n on n.id = g.notebook_id "
            "join submitted_assignment a on a.id = n.assignment_id order by 1, 4"
        ).fetchall()
        students = db.execute("select id from student order by 1").fetchall()
    files = sorted((course.root / "autograded").rglob("*.*"))
    return grades, students, {str(f.relative_to(course.root)): f.read_bytes() for f in files}


def test_a_class_is_graded_into_gradebook_and_autograded_folder(course, book, hand_in, grade):
    hand_in("ada", **GOOD)
    hand_in("bob", double=GOOD["double"])
    run = grade()
    assert [result.student for result in run.results] == ["ada", "bob"]
    assert [result.score for result in run.results] == [5.0, 2.0]
    assert all(result.notebook is None for result in run.results)
    assert scores(book) == {"ada": 5.0, "bob": 2.0}
    kept = read_autograded(course.path("autograded", "bob", NAME) / f"{NAME}.ipynb")
    assert kept.score == 2.0 and kept.student == "bob"


def test_the_autograded_notebook_shows_messages_and_no_hidden_test(course, hand_in, grade):
    hand_in("bob", double=GOOD["double"])
    grade()
    text = (course.path("autograded", "bob", NAME) / f"{NAME}.ipynb").read_text()
    assert "test_square: not yet" in text and "square is wrong for negative" not in text
    assert "HIDDEN" not in text


def test_hidden_tests_are_cut_from_what_the_exam_returns(course, book, hand_in, pool, exam):
    """The exam's notebook has the whole test cell, and a traceback that quotes it."""
    secret = "assert square(-7) == 49"
    source = json.loads(course.sources(NAME)[NAME].read_text())
    leaky = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [secret]}
    for cell in source["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [leaky] if cell["id"].startswith("test_") else []
    checks = (
        Check("test_square", "t", 3.0, 0.0, FAILED, "no"),
        Check("test_double", "t", 2.0, 2.0, PASSED),
    )

    def whole(*args, **options):
        return Result("", "", GRADED, checks, (), source)

    hand_in("bob")
    Batch(course, NAME, book).run(whole, pool, 2, quiet=True)
    text = (course.path("autograded", "bob", NAME) / f"{NAME}.ipynb").read_text()
    assert secret not in text and "double(20)" not in text


def test_an_unchanged_class_costs_no_second_exam(course, hand_in, grade, exam):
    for student in ("ada", "bob"):
        hand_in(student, extra=f"# {student}")
    grade()
    before = end_state(course)
    times = {path: path.stat().st_mtime_ns for path in (course.root / "autograded").rglob("*")}
    run = grade()
    assert (exam.calls, run.unchanged, run.examined) == (2, 2, 0)
    assert end_state(course) == before
    assert times == {p: p.stat().st_mtime_ns for p in (course.root / "autograded").rglob("*")}


def test_only_a_changed_submission_is_graded_again(hand_in, grade, exam, book):
    hand_in("ada", **GOOD)
    hand_in("bob")
    grade()
    hand_in("bob", **GOOD, extra="# bob, again")
    run = grade()
    assert (exam.calls, run.unchanged) == (3, 1)
    assert scores(book) == {"ada": 5.0, "bob": 5.0}


def test_equal_submissions_share_one_exam_for_each_set_of_hidden_inputs(
    hand_in, grade, exam, course, book
):
    for number in range(4 * DRAWS):
        hand_in(f"student{number}", **GOOD)
    executor = ThreadPoolExecutor(1)
    run = Batch(course, NAME, book).run(exam, executor, 1, quiet=True)
    executor.shutdown()
    assert 1 < exam.calls <= DRAWS
    assert [result.score for result in run.results] == [5.0] * 4 * DRAWS


def test_a_changed_test_is_a_new_exam(course, hand_in, grade, exam):
    hand_in("ada", **GOOD)
    grade()
    path = course.sources(NAME)[NAME]
    path.write_text(path.read_text().replace("square(-7) == 49", "square(-8) == 64"))
    grade()
    assert exam.calls == 2


@pytest.mark.parametrize("lost", ["autograded", "gradebook", "row", "cache", "damaged cache"])
def test_what_was_lost_is_brought_back(course, book, hand_in, grade, exam, lost):
    for student in ("ada", "bob"):
        hand_in(student, **GOOD, extra=f"# {student}")
    grade()
    before = end_state(course)
    if lost == "autograded":
        shutil.rmtree(course.root / "autograded" / "ada")
    elif lost == "gradebook":
        with closing(sqlite3.connect(course.root / "gradebook.db")) as db, db:
            for table in ("grade", "comment", "submitted_notebook", "submitted_assignment"):
                db.execute(f"delete from {table}")
    elif lost == "row":
        with closing(sqlite3.connect(course.root / "gradebook.db")) as db, db:
            db.execute("update grade set auto_score = 0")
    elif lost == "cache":
        shutil.rmtree(course.private() / "results")
    else:
        for path in (course.private() / "results").rglob("*"):
            if path.is_file():
                data = bytearray(path.read_bytes())
                data[len(data) // 3] ^= 1
                path.write_bytes(data)
    grade()
    assert end_state(course) == before
    assert exam.calls == (4 if "cache" in lost else 2)


def test_a_manual_score_survives_a_second_run_and_is_looked_at_after_a_new_submission(
    course, book, hand_in, grade
):
    hand_in("ada", **GOOD)
    grade()
    with closing(sqlite3.connect(course.root / "gradebook.db")) as db, db:
        db.execute(
            "update grade set manual_score = 4, needs_manual_grade = 0 where auto_score is null"
        )
    grade()
    why = book.entries(NAME)["ada"].marks[NAME, "why"]
    assert (why.manual, why.needs_person) == (4.0, False)
    hand_in("ada", **GOOD, why="Another answer")  # the automatic scores stay the same
    grade()
    why = book.entries(NAME)["ada"].marks[NAME, "why"]
    assert (why.manual, why.needs_person) == (4.0, True)


def test_a_fault_of_the_grader_is_listed_and_nobodys_zero(course, book, hand_in, grade, exam):
    hand_in("ada", **GOOD)
    hand_in("bob", extra="# FAULT")
    run = grade()
    assert run.results[1].status == COULD_NOT_RUN
    assert "RuntimeError: the examiner fell over" in run.results[1].flags[0]
    assert scores(book) == {"ada": 5.0}, "nothing is entered for bob"
    assert exam.calls == 3, "tried twice: a machine may have gone away"
    grade()
    assert exam.calls == 5, "and again in the next run"


def test_a_check_that_could_not_run_is_not_kept_as_final(course, book, hand_in, pool):
    calls = []

    def doubtful(source, submission, *, isolation, seed):
        calls.append(seed)
        check = Check("test_double", "t", 2.0, None, COULD_NOT_RUN, "the test is wrong")
        return Result("", "", COULD_NOT_RUN, (check,), (), json.loads(submission))

    hand_in("ada", **GOOD)
    for _ in range(2):
        run = Batch(course, NAME, book).run(doubtful, pool, 2, quiet=True)
        assert run.results[0].status == COULD_NOT_RUN
    assert len(calls) == 2 and len(set(calls)) == 1
    assert book.entries(NAME)["ada"].needs_person


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        ([b"import math", b"x = 1"], 1),
        ([b"from mlpkit.testing import secret_rng"], DRAWS),
        ([b"import helpers", b"os.getenv('MLPKIT_SEED')"], DRAWS),  # in a file of the course's
        ([b"import os\nos.environ['HOME']", b"README: the environment"], 1),
    ],
)
def test_a_course_that_cannot_ask_for_the_secret_has_one_set_of_hidden_inputs(texts, number):
    assert number_of_draws(texts) == number
    met = {drawn("secret", f"student{n}", b"", number) for n in range(100)}
    assert len(met) == number


def test_work_handed_in_again_meets_other_hidden_inputs(course, book, hand_in, pool, exam):
    met = {}

    def watched(source, submission, *, isolation, seed):
        met.setdefault(submission, []).append(seed)
        return exam(source, submission)

    for number in range(20):
        hand_in("ada", double=GOOD["double"] + f"  # {number}", square=GOOD["square"])
        Batch(course, NAME, book).run(watched, pool, 2, quiet=True)
    seeds = [seed for seeds in met.values() for seed in seeds]
    assert len(met) == len(seeds) == 20
    assert 2 < len(set(seeds)) <= DRAWS and all(seed.startswith(course.seed()) for seed in seeds)
    shutil.rmtree(course.private() / "results")
    shutil.rmtree(course.root / "autograded")
    Batch(course, NAME, book).run(watched, pool, 2, quiet=True)
    assert list(met.values())[-1][0] == list(met.values())[-1][1], "the same work, the same inputs"


def test_what_is_odd_about_a_file_is_told_of_its_student_only(course, hand_in, grade):
    hand_in("ada", **GOOD)
    hand_in("bob", name=f"{NAME} (2).ipynb", **GOOD)
    course.path("submitted", "cem", NAME).mkdir(parents=True)
    path = hand_in("dan")
    path.write_text("{")
    run = grade()
    ada, bob, cem, dan = run.results
    assert ada.flags == () and "(2)" in bob.flags[0] and bob.score == 5.0
    assert cem.status == NEEDS_A_PERSON and cem.flags == (
        f"No notebook {NAME}.ipynb was handed in.",
    )
    assert dan.status == NEEDS_A_PERSON and dan.flags == ("The file is no notebook.",)
    assert [r.flags for r in grade().results] == [r.flags for r in run.results]


@pytest.mark.parametrize("student", ["x" * 129, os.fsdecode(b"\xff\xfe")])
def test_a_folder_that_cannot_be_a_student_is_listed(course, book, hand_in, grade, student):
    hand_in("ada", **GOOD)
    hand_in(student, **GOOD)
    run = grade()
    odd = next(result for result in run.results if result.student == student)
    assert odd.status == NEEDS_A_PERSON and "rename it" in odd.flags[0]
    assert scores(book) == {"ada": 5.0}


def test_without_a_sandbox_every_result_says_so(course, book, hand_in, pool, exam):
    hand_in("ada", **GOOD)
    run = Batch(course, NAME, book, isolation="none").run(exam, pool, 2, quiet=True)
    assert run.results[0].flags == (NO_SANDBOX,)
    kept = read_autograded(course.path("autograded", "ada", NAME) / f"{NAME}.ipynb")
    assert NO_SANDBOX in kept.flags
    again = Batch(course, NAME, book).run(exam, pool, 2, quiet=True)
    assert again.results[0].flags == () and exam.calls == 2


def test_no_more_than_the_window_is_under_way(course, book, hand_in, exam):
    for i in range(12):
        hand_in(f"s{i}", extra=f"# {i}")
    most = []

    class Watched(ThreadPoolExecutor):
        def submit(self, *args, **options):
            future = super().submit(*args, **options)
            under_way.add(future)
            future.add_done_callback(under_way.discard)
            most.append(len(under_way))
            return future

    under_way = set()
    with Watched(2) as pool:
        Batch(course, NAME, book).run(exam, pool, 3, quiet=True)
    assert exam.calls == 12 and max(most) <= 3


def test_ctrl_c_stops_with_a_sentence_and_the_next_run_goes_on(course, book, hand_in, exam):
    for i in range(6):
        hand_in(f"s{i}", **GOOD, extra=f"# {i}")
    count = []

    def impatient(*args, **options):
        count.append(1)
        if len(count) == 4:
            raise KeyboardInterrupt
        return exam(*args, **options)

    class Here(ThreadPoolExecutor):  # in this thread, as Ctrl-C arrives
        def submit(self, function, *args, **options):
            future = super().submit(lambda: None)
            future.result()
            future._result = function(*args, **options)
            return future

    with Here(1) as pool:
        with pytest.raises(Stopped, match="Stopped: 3 of 6 graded and kept. Run the same command"):
            Batch(course, NAME, book).run(impatient, pool, 1, quiet=True)
        assert len(scores(book)) == 3
        run = Batch(course, NAME, book).run(exam, pool, 1, quiet=True)
    assert (run.unchanged, run.examined) == (3, 3) and len(scores(book)) == 6


class PowerCut(BaseException):
    """Ends the run like a kill: nothing after it is done."""


@pytest.mark.parametrize("seed", [0, 2])
def test_a_run_killed_anywhere_ends_like_an_undisturbed_one(
    course, book, hand_in, pool, exam, monkeypatch, seed, tmp_path
):
    """Every write of cache, row, and file may be the last before the kill."""
    from autograder.course.directory import Course
    from autograder.gradebook.gradebook import Gradebook
    from autograder.grading import batch, result_cache

    for i in range(6):
        path = hand_in(f"s{i}", **(GOOD if i % 2 else {}), extra=f"# {i}")
        (path.parent / "timestamp.txt").write_text(f"2026-11-0{i + 1} 10:00:00 UTC")
    shutil.copytree(course.root, tmp_path / "calm")
    calm = Course.open(tmp_path / "calm")
    with Gradebook(calm) as other:
        Batch(calm, NAME, other).run(exam, pool, 2, quiet=True)

    dice = random.Random(seed)

    def mortal(function):
        def wrapper(*args, **options):
            fate = dice.random()
            if fate < 0.12:
                raise PowerCut
            function(*args, **options)
            if fate > 0.88:
                raise PowerCut

        return wrapper

    kills = 0
    while True:
        with monkeypatch.context() as patch:
            patch.setattr(batch, "write_atomically", mortal(batch.write_atomically))
            patch.setattr(result_cache, "write_atomically", mortal(result_cache.write_atomically))
            patch.setattr(book, "_write", mortal(book._write))
            try:
                Batch(course, NAME, book).run(exam, pool, 2, quiet=True)
                break
            except PowerCut:
                kills += 1
    assert kills > 0, "this seed kills nobody; take another"
    assert end_state(course) == end_state(calm)


def test_two_runs_do_not_write_at_once(course, hand_in, grade, exam):
    hand_in("ada", **GOOD)
    with course.alone(), pytest.raises(AutograderError, match="Another autograder is grading in"):
        grade()
    assert exam.calls == 0
    assert grade().examined == 1


def test_a_full_disk_stops_with_a_sentence_and_loses_nothing(
    course, book, hand_in, grade, monkeypatch
):
    from autograder.grading import batch

    for i in range(3):
        hand_in(f"s{i}", **GOOD, extra=f"# {i}")

    def full(path, data, mode=0o644):
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(batch, "write_atomically", full)
        with pytest.raises(AutograderError, match="No space left on device.*run the same command"):
            grade()
    grade()
    assert scores(book) == {"s0": 5.0, "s1": 5.0, "s2": 5.0}


@pytest.mark.parametrize(
    ("students", "ready"), [(1, (1, False)), (9, (2, False)), (130, (2, True))]
)
def test_the_processes_of_a_large_class_practise_first(course, monkeypatch, students, ready):
    started = []
    monkeypatch.setattr(
        run.threading,
        "Thread",
        lambda target, args, daemon: SimpleNamespace(start=lambda: target(*args)),
    )
    monkeypatch.setattr(exam_pool, "get_ready", lambda tier, *how: started.append(how))
    for number in range(students):
        course.path("submitted", f"s{number}", "01_line").mkdir(parents=True)
    run.get_ready(course, "01_line", 2, "none")
    assert started == [ready]
    course.path("autograded", "s0", "01_line").mkdir(parents=True)
    run.get_ready(course, "01_line", 2, "none")
    assert len(started) == 1  # not where most may be done already


def test_one_student_can_be_graded_alone(hand_in, grade, book):
    hand_in("ada", **GOOD)
    hand_in("bob", **GOOD)
    run = grade(students=["bob"])
    assert [result.student for result in run.results] == ["bob"] and scores(book) == {"bob": 5.0}


CELL = {"id": "a", "cell_type": "markdown", "metadata": {}, "source": "\n" * 100}


def test_cells_that_are_the_sources_own_are_not_kept_again(tmp_path):
    words = [f"{number} words of a source that compress badly" for number in range(500)]
    own, changed = {**CELL, "id": "b", "source": "\n".join(words)}, {**CELL, "source": "mine"}
    cache, key = Cache(tmp_path, [CELL, own]), "ab" * 32
    cache.put(key, Result("", "", GRADED, notebook={"cells": [changed, own, {**own, "id": "a"}]}))
    assert cache.get(key).notebook == {"cells": [changed, own, {**own, "id": "a"}]}
    cache.put(key, Result("", "", GRADED, notebook={"cells": [changed, own, CELL]}))
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path.stat().st_size < 700


def test_a_result_comes_back_from_the_cache_as_it_was(tmp_path):
    cache, key = Cache(tmp_path), result_key(b"submission", digest_of({"cells": []}, "seed"), {})
    check = Check("t", "naïve \ud800 title", 1.0, float("inf"), PASSED, "line\nline")
    result = Result("", "", GRADED, (check,), ("flag",), {"cells": [CELL]}, 0.5)
    assert cache.get(key) is None and not cache.has(key)
    cache.put(key, result)
    assert cache.get(key) == result
    assert cache.head(key).checks == (check,)


def test_a_damaged_entry_is_no_result_even_if_it_can_be_read(tmp_path):
    cache, key = Cache(tmp_path), "ab" * 32
    notebook = {"cells": []}
    cache.put(key, Result("", "", GRADED, (Check("t", "t", 2.0, 1.0, PASSED),), (), notebook))
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes().replace(b'"score": 1.0', b'"score": 2.0'))
    assert cache.head(key) is None and cache.get(key) is None


def test_a_key_changes_with_everything_that_decides():
    keys = {
        result_key(data, digest_of(source, seed, unsafe), files)
        for data, source, seed, unsafe, files in [
            (b"a", {"s": 1}, "seed", False, {}),
            (b"b", {"s": 1}, "seed", False, {}),
            (b"a", {"s": 2}, "seed", False, {}),
            (b"a", {"s": 1}, "other", False, {}),
            (b"a", {"s": 1}, "seed", True, {}),
            (b"a", {"s": 1}, "seed", False, {"data.csv": b"1"}),
            (b"a", {"s": 1}, "seed", False, {"data.csv": b"2"}),
        ]
    }
    assert len(keys) == 7
    assert len(grader_version()) == 64


def test_the_key_in_an_autograded_notebook_cannot_be_forged_by_its_cells(course, hand_in, grade):
    forged = '"result_key": "' + "0" * 64 + '"'
    hand_in("ada", extra=forged * 80)
    grade()
    key = autograded_key(course.path("autograded", "ada", NAME) / f"{NAME}.ipynb")
    assert key is not None and key != "0" * 64


def test_several_notebooks_make_one_result(course, book, hand_in, grade, exam, pool):
    source = course.path("source", ".", NAME)
    shutil.copy(source / f"{NAME}.ipynb", source / "part2.ipynb")
    hand_in("ada", **GOOD)
    hand_in("ada", name="part2.ipynb")
    run = grade()
    assert [(r.student, r.score, r.max_score) for r in run.results] == [("ada", 5.0, 20.0)]
    assert scores(book) == {"ada": 5.0}
    assert grade().unchanged == 2
