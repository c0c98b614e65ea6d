"""A class: every submission of an assignment examined once, and every result kept as it arrives.

A submission is *settled* when the gradebook holds its scores and its autograded notebook carries
the key of exactly this submission, source, grader and secret. What is there is compared with what
should be there, so a run that was killed at any moment, or whose gradebook or files were lost in
part, is repaired by running it again. Only this process writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.course.autograded import autograded_key, autograded_text, read_autograded
from autograder.course.directory import Course, unusable_id
from autograder.course.side_files import read_course_files, read_students_files
from autograder.course.submissions import Submission, read_submission
from autograder.errors import AutograderError, Stopped
from autograder.files import write_atomically
from autograder.gradebook.autotests import with_autotests
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.registration import described, read_source_notebook
from autograder.grading import exam_queue
from autograder.grading.class_results import joined
from autograder.grading.draws import DRAWS, drawn, number_of_draws
from autograder.grading.exam_queue import Window
from autograder.grading.result_cache import Cache, digest_of, grader_version, result_key
from autograder.notebook.output_cells import plain_cells
from autograder.notebook.source_cells import read_source_cells
from autograder.result import COULD_NOT_RUN, NEEDS_A_PERSON, NO_SANDBOX, Check, Result


@dataclass
class Run:
    """What a run over a class did. ``results`` has one of each student, without notebooks."""

    results: list[Result] = field(default_factory=list)
    unchanged: int = 0
    examined: int = 0


_Parts = dict[tuple[str, str], Result]  # by student and notebook


@dataclass(frozen=True)
class _Work:
    submission: Submission
    key: str

    def __str__(self) -> str:
        return f"{self.submission.student}/{self.submission.notebook}"


class Batch:
    """Grades one assignment of a course into its gradebook and its autograded folder."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        book: Gradebook,
        *,
        isolation: str = "auto",
        limits: Any = None,
        register: bool = True,
        strict: bool = False,
    ) -> None:
        self.course, self.assignment, self.book = course, assignment, book
        self.isolation, self.limits, self.seed = isolation, limits, course.seed()
        self.strict = strict  # refuse to run checks beside students' code
        self.sources = {
            name: with_autotests(read_source_notebook(path, course.config), path, course)
            for name, path in course.sources(assignment).items()
        }
        self._texts = {name: json.dumps(source) for name, source in self.sources.items()}
        known = {
            name: described(source, course.config, f"{name}.ipynb")
            for name, source in self.sources.items()
        }
        self.released = {name: one.released for name, one in known.items()}
        if register:
            book.register(assignment, known)
        self.caches = {
            name: Cache(
                course.private() / "results", plain_cells(source, read_source_cells(source))
            )
            for name, source in self.sources.items()
        }
        bounds = None if limits is None else asdict(limits)
        self.files = read_course_files(course, assignment)
        self._draws = {
            name: number_of_draws([text.encode(), *self.files.course.values()])
            for name, text in self._texts.items()
        }
        seeds = self.seed, DRAWS
        context = [grader_version(), *seeds, isolation == "none", bounds, self.files.digest]
        context += ["strict"] * strict
        self._contexts = {
            name: digest_of(source, *context) for name, source in self.sources.items()
        }
        self._shared: dict[Check, Check] = {}

    def run(
        self,
        examine: Callable[..., Result],
        executor: Executor,
        window: Window,
        students: Sequence[str] | None = None,
        quiet: bool = False,
    ) -> Run:
        """Settle every submission, at most ``window`` exams under way at a time.

        ``window`` is a number, or a function that says how many are right just now.

        ``examine(source as JSON, submission, limits, isolation=, seed=, files=)`` runs on
        ``executor``. An exam that raises gives a result that "could not run", and no score.
        Raises Stopped on Ctrl-C, AutograderError when the gradebook or the disk does not take a
        result.
        """
        present = self.course.students(self.assignment) if students is None else students
        with self.course.alone():
            parts, todo = self._look(present)
            run = Run(unchanged=len(parts), examined=len(todo))
            self._work_off(todo, parts, self._results(todo, examine, executor, window), quiet)
            self.book.assign_late_penalties(self.assignment)
        run.results = [
            joined([parts[student, notebook] for notebook in self.sources]) for student in present
        ]
        return run

    def preview(
        self,
        examine: Callable[..., Result],
        executor: Executor,
        window: Window,
        students: Iterable[str],
    ) -> Iterator[tuple[str, Result | None, Result]]:
        """Notebook, what is recorded of it (None: nothing), and what would be by now.

        Nothing is written but the cache, so that the run that follows costs no second exam.
        """
        pairs = [(student, notebook) for student in students for notebook in self.sources]
        for work, result in self._results(pairs, examine, executor, window):
            self._remember(work, result)
            kept = read_autograded(self._file(work.submission))
            yield work.submission.notebook, kept, self._about(result, work.submission)

    def _look(self, students: Iterable[str]) -> tuple[_Parts, list[tuple[str, str]]]:
        """What is settled already, and what is to be done."""
        parts: _Parts = {}
        todo = []
        entries = self.book.entries(self.assignment)
        for student in students:
            for notebook in self.sources:
                result = self._settled(student, notebook, entries)
                if result is None:
                    todo.append((student, notebook))
                else:
                    parts[student, notebook] = self._slim(result)
        return parts, todo

    def _work_off(
        self,
        todo: Sequence[tuple[str, str]],
        parts: _Parts,
        results: Generator[tuple[_Work, Result]],
        quiet: bool,
    ) -> None:
        """Settle results as they come, with a progress bar, into ``parts``."""
        from tqdm import tqdm

        done = 0  # tqdm does not count when it shows nothing
        with (
            closing(results),
            tqdm(total=len(todo), unit="submission", disable=quiet or None) as progress,
        ):
            try:
                for work, result in results:
                    key = work.submission.student, work.submission.notebook
                    parts[key] = self._slim(self._settle(work, result))
                    done += 1
                    progress.update()
            except KeyboardInterrupt:
                raise Stopped(
                    f"Stopped: {done} of {len(todo)} graded and kept. "
                    "Run the same command again to go on."
                ) from None
            except OSError as error:
                raise AutograderError(
                    f"Stopped: a result could not be written ({error}). {done} of "
                    f"{len(todo)} are graded and kept; fix that and run the same command again."
                ) from error

    def read(self, student: str, notebook: str) -> Submission:
        """What a student handed in, with the files beside it."""
        alone = len(self.sources) == 1
        submission = read_submission(self.course, self.assignment, student, notebook, alone)
        files, flags = read_students_files(self.course, self.assignment, student, self.files)
        if not (files or flags):
            return submission
        return replace(submission, files=files, flags=(*submission.flags, *flags))

    def terms(self, submission: Submission) -> dict[str, Any]:
        """How an exam of this submission is held: the keyword arguments of ``examine``."""
        seed = self._drawn(submission)
        terms: dict[str, Any] = {"isolation": self.isolation, "seed": seed}
        if self.strict:
            terms["strict"] = True
        if self.files.course or submission.files:
            terms["files"] = replace(self.files, student=submission.files)
        return terms

    def key(self, submission: Submission) -> str:
        """What names this submission, its exam and the grader: its result's key in the cache."""
        context = digest_of(self._contexts[submission.notebook], self._drawn(submission))
        return result_key(submission.data, context, submission.files)

    def _drawn(self, submission: Submission) -> str:
        draws = self._draws[submission.notebook]
        return drawn(self.seed, submission.student, submission.data, draws)

    def _settled(self, student: str, notebook: str, entries: dict[str, Any]) -> Result | None:
        """The result of a submission that needs nothing more done, else None."""
        entry = entries.get(student)
        if entry is None:
            return None
        submission = self.read(student, notebook)
        key = self.key(submission)
        result = self.caches[notebook].head(key)
        if result is None or autograded_key(self._file(submission)) != key:
            return None
        marks = {name: mark.auto for (nb, name), mark in entry.marks.items() if nb == notebook}
        scores = {check.id: check.score for check in result.checks}
        if entry.timestamp != submission.timestamp or any(
            score != scores.get(name) for name, score in marks.items()
        ):
            return None
        return self._about(result, submission)

    def _results(
        self,
        todo: Iterable[tuple[str, str]],
        examine: Callable[..., Result],
        executor: Executor,
        window: Window,
    ) -> Generator[tuple[_Work, Result]]:
        """Results as they are ready, nobody's yet; equal ones of one draw from the cache."""

        def start(work: _Work) -> Future[Result]:
            submission = work.submission
            return executor.submit(
                examine,
                self._texts[submission.notebook],
                submission.data,
                *([] if self.limits is None else [self.limits]),
                **self.terms(submission),
            )

        return exam_queue.results(self._known(todo), start, window)

    def _known(self, todo: Iterable[tuple[str, str]]) -> Iterator[tuple[_Work, Result | None]]:
        """What is to be done, each with its result where no exam is needed."""
        for student, notebook in todo:
            if message := unusable_id(student):
                work = _Work(Submission(student, self.assignment, notebook), "")
                yield work, Result("", "", NEEDS_A_PERSON, flags=(message,))
                continue
            submission = self.read(student, notebook)
            work = _Work(submission, self.key(submission))
            yield work, self.caches[notebook].get(work.key)

    def _about(self, result: Result, submission: Submission) -> Result:
        """The result as this student's: with what was unusual about the file, if anything."""
        read = bool(submission.data) or result.status == COULD_NOT_RUN
        flags = (*submission.flags, *(result.flags if read or not submission.flags else ()))
        if self.isolation == "none":
            flags = (NO_SANDBOX, *flags)
        status = result.status if read else NEEDS_A_PERSON
        return replace(
            result,
            student=submission.student,
            assignment=submission.assignment,
            flags=flags,
            status=status,
        )

    def _remember(self, work: _Work, result: Result) -> bool:
        """Put a result that will not change into the cache; whether it is one."""
        final = bool(result.checks) and result.status != COULD_NOT_RUN and not result.provisional
        cache = self.caches[work.submission.notebook]
        if final and not cache.has(work.key):
            cache.put(work.key, result)
        return final

    def _settle(self, work: _Work, result: Result) -> Result:
        """Keep one result: cache, then gradebook, then the file that says it is complete.

        The file comes last: were it there before the row, a kill between the two would leave the
        scores of an earlier submission looking as if they were this one's.
        """
        submission = work.submission
        named = self._about(result, submission)
        if not result.checks:
            return named  # the grader failed: nothing is known, and nothing known is touched
        final = self._remember(work, result)
        released = self.released[submission.notebook]
        if message := self._fall(named, submission):
            named = replace(named, flags=(*named.flags, message))
        if named.notebook is None:
            named = replace(named, notebook=released)
        self.book.write(named, submission.notebook, submission.timestamp)
        path = self._file(submission)
        if submission.timestamp is not None:
            time = f"{submission.timestamp} UTC\n".encode()
            write_atomically(path.with_name("timestamp.txt"), time)
        text = autograded_text(named, released, work.key if final else "")
        write_atomically(path, text, mode=0o444)
        return named

    def _fall(self, result: Result, submission: Submission) -> str:
        """A message when the student has seen a better score than this one."""
        folder = self.course.path("feedback", submission.student, self.assignment)
        if not (folder / f"{submission.notebook}.html").exists():
            return ""
        kept = read_autograded(self._file(submission))
        if kept is None or kept.score <= result.score:
            return ""
        return (
            f"The score fell from {kept.score:g} to {result.score:g} after feedback was given out."
        )

    def _file(self, submission: Submission) -> Path:
        folder = self.course.path("autograded", submission.student, self.assignment)
        return folder / f"{submission.notebook}.ipynb"

    def _slim(self, result: Result) -> Result:
        """Without the notebook, equal checks shared: a class of 50 000 fits in memory."""
        checks = tuple(self._shared.setdefault(check, check) for check in result.checks)
        return replace(result, notebook=None, checks=checks)
