"""The rows of one result in nbgrader's tables: which there are, and the statements that write them.

Every statement is built once, for SQLAlchemy's Core: made anew for each result, or object by
object through the ORM, they were most of the cost of writing one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Rows:
    """What is written for a submission, given a database connection in a transaction."""

    def __init__(self) -> None:
        from nbgrader import api
        from sqlalchemy import bindparam, insert, or_, select, update

        student = api.Student.__table__
        submission = api.SubmittedAssignment.__table__
        notebook = api.SubmittedNotebook.__table__
        grade, comment = api.Grade.__table__, api.Comment.__table__
        self._find_student = select(student.c.id).where(student.c.id == bindparam("student"))
        self._add_student = insert(student)
        self._find = (
            select(submission.c.id, notebook.c.notebook_id, notebook.c.id)
            .join(notebook, notebook.c.assignment_id == submission.c.id)
            .where(
                submission.c.assignment_id == bindparam("assignment"),
                submission.c.student_id == bindparam("student"),
            )
        )
        self._add, self._add_notebook = insert(submission), insert(notebook)
        self._date = (
            update(submission)
            .where(submission.c.id == bindparam("row"))
            .values(timestamp=bindparam("moment"))
        )
        self._flag = (
            update(notebook)
            .where(notebook.c.id == bindparam("row"))
            .values(flagged=bindparam("odd"))
        )
        self.grades = _Column(grade, grade.c.auto_score)
        self.comments = _Column(comment, comment.c.auto_comment)
        # A person looks at what has no score, and again at what a person gave a score.
        undecided = or_(grade.c.auto_score.is_(None), grade.c.manual_score.is_not(None))
        self._mark_undecided = (
            update(grade)
            .where(grade.c.notebook_id == bindparam("row"))
            .values(needs_manual_grade=undecided)
        )

    def of(
        self, db: Any, assignment: str, student: str, notebooks: Iterable[str]
    ) -> tuple[str, dict[str, str], bool]:
        """The submission's id, its notebooks' by that of the source; and whether they are new.

        They are made when they are not there, and so is the student.
        """
        found = db.execute(self._find, {"assignment": assignment, "student": student}).all()
        if found:
            return found[0][0], {source: row for _, source, row in found}, False
        if db.scalar(self._find_student, {"student": student}) is None:
            db.execute(self._add_student, {"id": student})
        key = {"assignment_id": assignment, "student_id": student}
        submission = db.execute(self._add, key).inserted_primary_key[0]
        rows = {}
        for source in notebooks:
            key = {"assignment_id": submission, "notebook_id": source}
            rows[source] = db.execute(self._add_notebook, key).inserted_primary_key[0]
        return submission, rows, True

    def describe(self, db: Any, submission: str, row: str, moment: Any, odd: bool) -> None:
        """When it was handed in, and whether a person should look at this notebook of it."""
        db.execute(self._date, {"row": submission, "moment": moment})
        db.execute(self._flag, {"row": row, "odd": odd})

    def mark_undecided(self, db: Any, row: str) -> None:
        """Set which of a notebook's cells wait for a person."""
        db.execute(self._mark_undecided, {"row": row})


class _Column:
    """A column of grades or comments: one value for each cell of a notebook."""

    def __init__(self, table: Any, column: Any) -> None:
        from sqlalchemy import bindparam, insert, select, update

        self.name = column.name
        self._find = select(table.c.cell_id, table.c.id).where(
            table.c.notebook_id == bindparam("row")
        )
        self._add = insert(table)
        self._set = (
            update(table)
            .where(table.c.id == bindparam("row"))
            .values({column.name: bindparam("value")})
        )

    def put(self, db: Any, row: str, values: Mapping[str, Any], new: bool) -> None:
        """Set the column of a notebook's cells; make the rows that are missing (all, if new)."""
        known = {} if new else {cell: id for cell, id in db.execute(self._find, {"row": row})}
        old = [{"row": known[cell], "value": v} for cell, v in values.items() if cell in known]
        missing = [
            {"notebook_id": row, "cell_id": cell, self.name: value}
            for cell, value in values.items()
            if cell not in known
        ]
        if old:
            db.execute(self._set, old)
        if missing:
            db.execute(self._add, missing)
