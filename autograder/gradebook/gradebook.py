"""nbgrader's gradebook: results in, marks and students out.

The tables are nbgrader's own, so formgrader, generate_feedback and export show what is written
here. nbgrader's API commits after every call; here a submission is one transaction: all of its
rows are there, or none. What a person entered (manual scores, comments, extra credit) is never
changed. Importing nbgrader costs seconds, so it is imported when a gradebook is opened.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autograder.course.deadline import Deadline
from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.course.standing import read_extensions
from autograder.course.submissions import course_zone
from autograder.errors import AutograderError
from autograder.gradebook import oral
from autograder.gradebook.database import Database
from autograder.gradebook.records import QUESTIONS, Entry, Marks
from autograder.gradebook.statements import Statements
from autograder.notebook.cell_fields import role_of, text_of
from autograder.result import NEEDS_A_PERSON, Result


@dataclass(frozen=True)
class _Cells:
    """Ids of a notebook, its assignment and cells, these by name; ``points`` are by id, and
    ``sources``, the cells' texts as released, by name."""

    id: str
    assignment: str
    graded: Mapping[str, str]
    commented: Mapping[str, str]
    points: Mapping[str, float]
    sources: Mapping[str, str]


class Gradebook:
    """The gradebook of a course; use as a context manager.

    Raises AutograderError when it cannot be opened, is of another nbgrader version (it is then
    left as it is), or stays locked.
    """

    def __init__(self, course: Course) -> None:
        from nbgrader import api

        self.course = course
        self._api = api
        self._database = Database(course)
        self._session = self._database.transaction
        self._rows = Statements()
        self._known: dict[str, dict[str, _Cells]] = {}  # by assignment and notebook

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *exc: object) -> None:
        self._database.close()

    def register(self, assignment: str, notebooks: Mapping[str, Any]) -> None:
        """Enter an assignment's source notebooks (or what is ``described`` of them), or bring what
        is there up to date.

        As nbgrader, refuses to add or drop cells once there are submissions.
        """
        from autograder.gradebook.registration import Described, described

        api = self._api
        wanted = {
            name: nb if isinstance(nb, Described) else described(nb, self.course.config)
            for name, nb in notebooks.items()
        }
        with self._session() as session:
            entry = session.query(api.Assignment).filter_by(name=assignment).one_or_none()
            if entry is None:
                if session.get(api.Course, self.course.course_id) is None:
                    session.add(api.Course(id=self.course.course_id))
                entry = api.Assignment(name=assignment, course_id=self.course.course_id)
                session.add(entry)
            present = {notebook.name: notebook for notebook in entry.notebooks}
            for name, cells in wanted.items():
                row = present.get(name) or api.Notebook(name=name, assignment=entry)
                row.kernelspec = cells.kernelspec
                session.add(row)
                self._register_cells(session, row, cells)
        self._known.pop(assignment, None)

    def _register_cells(self, session: Any, row: Any, cells: Any) -> None:
        api = self._api
        for kind, present, wanted in (
            (api.GradeCell, row.grade_cells, cells.grades),
            (api.SolutionCell, row.solution_cells, cells.solutions),
            (api.TaskCell, row.task_cells, cells.tasks),
            (api.SourceCell, row.source_cells, cells.sources),
        ):
            known = {cell.name: cell for cell in present if cell.name != QUESTIONS}
            if row.submissions and known.keys() != wanted.keys():
                other = ", ".join(sorted(known.keys() ^ wanted.keys()))
                raise AutograderError(
                    f"Cells of {row.name}.ipynb were added or removed ({other}), but the gradebook "
                    "already has submissions of it. Put the cells back as they were, or give the "
                    "changed assignment a new name."
                )
            for name in known.keys() - wanted.keys():
                session.delete(known[name])
            for name, values in wanted.items():
                cell = known.get(name) or kind(name=name, notebook=row)
                session.add(cell)
                for key, value in values.items():
                    if getattr(cell, key) != value:
                        setattr(cell, key, value)

    def write(self, result: Result, notebook: str, timestamp: datetime | None) -> None:
        """Enter one result, in one transaction.

        A score given by a person stays, and its check is marked for another look: the work it
        was given for has changed. A comment by a person stays too.
        """
        from sqlalchemy.exc import IntegrityError

        try:
            self._write(result, notebook, timestamp)
        except IntegrityError:  # another grader entered the same student at the same moment
            self._write(result, notebook, timestamp)

    def _write(self, result: Result, notebook: str, timestamp: datetime | None) -> None:
        checks = {check.id: check for check in result.checks}
        with self._session() as session:
            cells = self._cells(result.assignment, session)
            own, db = cells[notebook], session.connection()
            submission, rows, new = self._rows.of(
                db, own.assignment, result.student, [other.id for other in cells.values()]
            )
            row, flagged = rows[own.id], result.status == NEEDS_A_PERSON
            self._rows.describe(db, submission, row, timestamp, flagged)
            scores = {
                cell: checks[name].score if name in checks else None
                for name, cell in own.graded.items()
            }
            remarks = _remarks(result, own)
            notes = {cell: remarks.get(name) for name, cell in own.commented.items()}
            self._rows.grades.put(db, row, scores, new)
            self._rows.comments.put(db, row, notes, new)
            for other in cells.values() if new else ():
                if other is not own:  # its cells are there from now on, and empty
                    empty = dict.fromkeys(other.graded.values())
                    self._rows.grades.put(db, rows[other.id], empty, new)
                    empty = dict.fromkeys(other.commented.values())
                    self._rows.comments.put(db, rows[other.id], empty, new)

    def entries(self, assignment: str) -> dict[str, Entry]:
        """All submissions of an assignment, by student."""
        from sqlalchemy import select

        api = self._api
        entries: dict[str, Entry] = {}
        with self._session() as session:
            submitted = (
                select(
                    api.SubmittedAssignment.student_id,
                    api.SubmittedAssignment.timestamp,
                    api.SubmittedNotebook.id,
                    api.SubmittedNotebook.late_submission_penalty,
                    api.Notebook.name,
                )
                .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
                .join(
                    api.SubmittedNotebook,
                    api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id,
                )
                .join(api.Notebook, api.Notebook.id == api.SubmittedNotebook.notebook_id)
                .where(api.Assignment.name == assignment)
            )
            place: dict[str, tuple[Entry, str]] = {}
            for student, timestamp, row, penalty, notebook in session.execute(submitted):
                entry = entries.setdefault(student, Entry(student, timestamp))
                entry.penalty += penalty or 0.0
                place[row] = entry, notebook
            self._read_marks(session, assignment, place)
        return entries

    def _read_marks(self, session: Any, assignment: str, place: Mapping[str, Any]) -> None:
        from sqlalchemy import select

        api, cells = self._api, self._cells(assignment, session)
        names = {cell: name for nb in cells.values() for name, cell in nb.graded.items()}
        names |= {cell: name for nb in cells.values() for name, cell in nb.commented.items()}
        points = {cell: top for nb in cells.values() for cell, top in nb.points.items()}
        ids = [nb.id for nb in cells.values()]
        of_ours = api.SubmittedNotebook.notebook_id.in_(ids)
        grade, comment = api.Grade.__table__.c, api.Comment.__table__.c
        query = select(
            grade.notebook_id,
            grade.cell_id,
            grade.auto_score,
            grade.manual_score,
            grade.extra_credit,
            grade.needs_manual_grade,
        ).join(api.SubmittedNotebook, api.SubmittedNotebook.id == grade.notebook_id)
        for row, cell, auto, manual, extra, open_ in session.execute(query.where(of_ours)):
            entry, notebook = place[row]
            entry.marks[notebook, names[cell]] = Marks(auto, manual, extra, open_, points[cell])
        query = select(comment.notebook_id, comment.cell_id, comment.manual_comment).join(
            api.SubmittedNotebook, api.SubmittedNotebook.id == comment.notebook_id
        )
        query = query.where(of_ours, comment.manual_comment.is_not(None))
        for row, cell, text in session.execute(query):
            entry, notebook = place[row]
            entry.comments[notebook, names[cell]] = text

    def people(self) -> dict[str, Person]:
        """Every student of the course, by id."""
        with self._session() as session:
            return {
                row.id: Person(
                    row.id,
                    row.first_name or "",
                    row.last_name or "",
                    row.email or "",
                    row.lms_user_id or "",
                )
                for row in session.query(self._api.Student)
            }

    def add_people(self, people: Iterable[Person]) -> None:
        """Enter students, or bring their names and addresses up to date."""
        with self._session() as session:
            for person in (person.for_pages() for person in people):
                session.merge(
                    self._api.Student(
                        id=person.id,
                        first_name=person.first_name or None,
                        last_name=person.last_name or None,
                        email=person.email or None,
                        lms_user_id=person.lms_user_id or None,
                    )
                )

    def due(self, assignment: str) -> datetime | None:
        """When the assignment is due, in UTC; None when it has no date, or is not entered yet."""
        with self._session() as session:
            entry = session.query(self._api.Assignment).filter_by(name=assignment).one_or_none()
            return entry.duedate if entry else None

    def deadline(self, assignment: str) -> Deadline:
        """When it is due, for all and for those with more time, by roster or by nbgrader."""
        zone = course_zone(self.course)
        with self._session() as session:
            entry = session.query(self._api.Assignment).filter_by(name=assignment).one_or_none()
            if entry is None or entry.duedate is None:
                return Deadline(zone=zone)
            until = {
                submission.student_id: entry.duedate + submission.extension
                for submission in entry.submissions
                if submission.extension
            }
            return Deadline(entry.duedate, until | read_extensions(self.course, assignment), zone)

    def take_back_extensions(self, assignment: str, students: Iterable[str]) -> None:
        """The date for all holds for these students again."""
        api, students = self._api, set(students)
        with self._session() as session:
            entry = session.query(api.Assignment).filter_by(name=assignment).one()
            for submission in entry.submissions:
                if submission.student_id in students:
                    submission.extension = None

    def assign_late_penalties(self, assignment: str) -> None:
        """Set every submission's extension, and its penalty by the course's plugin, as nbgrader."""
        api = self._api
        with self._session() as session:
            entry = session.query(api.Assignment).filter_by(name=assignment).one()
            if entry.duedate is None:
                return
            plugin, more = self._late_plugin(), read_extensions(self.course, assignment)
            for submission in entry.submissions:
                if (until := more.get(submission.student_id)) is not None:
                    submission.extension = until - entry.duedate
                late = submission.total_seconds_late
                for notebook in submission.notebooks:
                    penalty = late and plugin.late_submission_penalty(
                        submission.student_id, notebook.score, late
                    )
                    notebook.late_submission_penalty = (
                        min(max(penalty, 0.0), notebook.score) if penalty else None
                    )

    def enter_questions(self, assignment: str, *about: Any) -> set[str]:
        """Points of questions about students' own code, see ``oral.enter``."""
        self._known.pop(assignment, None)
        with self._session() as session:
            return oral.enter(session, self._api, assignment, *about)

    def _late_plugin(self) -> Any:
        """The plugin that nbgrader_config.py names; its module may lie next to that file."""
        from traitlets import TraitError

        from autograder.lean_imports import preprocessors

        (assign,) = preprocessors("AssignLatePenalties")
        sys.path.insert(0, str(self.course.root))
        try:
            assigner = assign(config=self.course.config)
            assigner.init_plugin()
        except (TraitError, ImportError) as error:
            raise AutograderError(
                f"The plugin for late work cannot be used: {error}. "
                "Fix AssignLatePenalties in nbgrader_config.py."
            ) from error
        finally:
            sys.path.remove(str(self.course.root))
        return assigner.plugin_inst

    def _cells(self, assignment: str, session: Any) -> dict[str, _Cells]:
        """What the gradebook knows of an assignment's notebooks; read once."""
        if assignment in self._known:
            return self._known[assignment]
        api = self._api
        notebooks = session.query(api.Notebook).join(api.Assignment)
        self._known[assignment] = {
            row.name: _Cells(
                row.id,
                row.assignment_id,
                {cell.name: cell.id for cell in (*row.grade_cells, *row.task_cells)},
                {cell.name: cell.id for cell in (*row.solution_cells, *row.task_cells)},
                {cell.id: cell.max_score for cell in (*row.grade_cells, *row.task_cells)},
                {cell.name: cell.source for cell in row.source_cells},
            )
            for row in notebooks.filter(api.Assignment.name == assignment)
        }
        return self._known[assignment]


def _remarks(result: Result, cells: _Cells) -> dict[str, str]:
    """Comments by cell name: unanswered cells as nbgrader says it, flags next to the first cell."""
    remarks = {}
    for cell in (result.notebook or {}).get("cells", ()):
        name = str(role_of(cell).get("grade_id", ""))
        if name in cells.commented and text_of(cell) == cells.sources.get(name):
            remarks[name] = "No response."
    if result.flags and cells.commented:
        first = next(iter(cells.commented))
        remarks[first] = "\n".join([*filter(None, [remarks.get(first)]), *result.flags])
    return remarks
