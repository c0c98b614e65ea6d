"""Grading a class: choose the sandbox, the executor, and go."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from autograder.course.directory import Course
from autograder.errors import AutograderError, SandboxError
from autograder.files import write_atomically
from autograder.grading.batch import Batch, Run
from autograder.grading.standings import Standing, read_standings

ENOUGH = 60  # exams of one worker, for which practice saves as much as it costs


def grade_class(
    course: Course,
    assignment: str,
    students: Sequence[str],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    isolation: str = "auto",
    strict: bool = False,
) -> Run:
    """Grade the students' submissions of an assignment into the course's gradebook."""
    from autograder.exam import examine
    from autograder.gradebook.gradebook import Gradebook
    from autograder.grading.executors import open_executor
    from autograder.sandbox.found import found

    if not scheduler:  # else it is the workers' machines that matter
        line = found(choose_sandbox(course, isolation))
        print(line, file=sys.stderr)
        write_atomically(sandbox_file(course, assignment), f"{line}\n".encode())
    with Gradebook(course) as book, open_executor(jobs, scheduler) as (executor, window):
        batch = Batch(course, assignment, book, isolation=isolation, strict=strict)
        gc.freeze()  # what was imported stays: the collector need not look through it each time
        return batch.run(examine, executor, window, students)


def get_ready(course: Course, assignment: str, jobs: int | None, isolation: str) -> None:
    """Let the processes of the exams start beside what else takes its time: a gradebook to open.

    Only where nothing of the assignment was ever graded, and so much is to be done.
    """
    there = course.students(assignment)
    if not any(course.path("autograded", name, assignment).exists() for name in there):
        count = min(len(there), jobs or len(os.sched_getaffinity(0)))
        start = isolation, count, len(there) > count * ENOUGH
        threading.Thread(target=_start, args=start, daemon=True).start()


def _start(isolation: str, count: int, practised: bool) -> None:
    from autograder.exam import pool
    from autograder.sandbox.launch import choose

    with contextlib.suppress(SandboxError):  # said when the class is graded
        pool.get_ready(choose(isolation), count, practised)


def sandbox_file(course: Course, assignment: str) -> Path:
    """Where it stands what held when the assignment was last graded: the report says it."""
    return course.private() / f"sandbox-{assignment}.txt"


def class_standings(course: Course, assignment: str, run: Run) -> list[Standing]:
    """Where everybody stands after a run."""
    from autograder.gradebook.gradebook import Gradebook

    results = {result.student: result for result in run.results}
    with Gradebook(course) as book:
        return read_standings(course, assignment, book, results)


def choose_sandbox(course: Course, isolation: str) -> str:
    """The sandbox to grade in, tried from inside.

    Raises AutograderError where there is none, or where it would show students' code the course.
    """
    from autograder.sandbox.launch import choose
    from autograder.sandbox.visible_paths import shown_with

    try:
        tier = choose(isolation)
    except SandboxError as error:
        raise AutograderError(f"{error} To see more: autograder doctor") from error
    root = course.root.resolve()
    if tier != "none" and (shown := shown_with(root)):
        raise AutograderError(
            f"Students' code could read the course: {root} lies in {shown}, where Python's "
            "packages are. Move the course, or install the packages elsewhere."
        )
    return tier
