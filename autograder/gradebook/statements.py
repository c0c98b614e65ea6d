"""The rows of one result in nbgrader's tables: which there are, and the statements that write them.

Every statement is built once, for SQLAlchemy's Core: made anew for each result, or object by
object through the ORM, they were most of the cost of writing one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


class Statements:
    """What is written for a submission, given a database connection in a transaction."""

    def __init__(self) -> None:
        from nbgrader import api
        from sqlalchemy import bindparam, insert, select, update

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
                # By notebook, too: nbgrader's tables have an index of just these two.
                notebook.c.notebook_id.in_(bindparam("notebooks", expanding=True)),
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
            .values(flagged=bindparam("needs_person"))
        )
        self.grades = _Grades(grade, grade.c.auto_score)
        self.comments = _Column(comment, comment.c.auto_comment)

    def of(
        self, db: Any, assignment: str, student: str, notebooks: Iterable[str]
    ) -> tuple[str, dict[str, str], bool]:
        """The submission's id, its notebooks' by that of the source; and whether they are new.

        They are made when they are not there, and so is the student.
        """
        notebooks = list(notebooks)
        key = {"assignment": assignment, "student": student, "notebooks": notebooks}
        found = db.execute(self._find, key).all()
        if found:
            return found[0][0], {source: row for _, source, row in found}, False
        if db.scalar(self._find_student, {"student": student}) is None:
            db.execute(self._add_student, {"id": student})
        ids = new_ids()
        submission, rows = next(ids), {source: next(ids) for source in notebooks}
        db.execute(
            self._add, {"id": submission, "assignment_id": assignment, "student_id": student}
        )
        db.execute(
            self._add_notebook,
            [
                {"id": row, "assignment_id": submission, "notebook_id": source}
                for source, row in rows.items()
            ],
        )
        return submission, rows, True

    def describe(self, db: Any, submission: str, row: str, moment: Any, needs_person: bool) -> None:
        """When it was handed in, and whether a person should look at this notebook of it."""
        db.execute(self._date, {"row": submission, "moment": moment})
        db.execute(self._flag, {"row": row, "needs_person": needs_person})


class _Column:
    """A column of grades or comments: one value for each cell of a notebook.

    Rows are found by cell and notebook, of which nbgrader's tables have an index.
    """

    def __init__(self, table: Any, column: Any) -> None:
        from sqlalchemy import bindparam, insert, select, update

        self.name = column.name
        self._find = select(table.c.cell_id, table.c.id).where(
            table.c.cell_id.in_(bindparam("cells", expanding=True)),
            table.c.notebook_id == bindparam("row"),
        )
        self._add = insert(table)
        self._set = (
            update(table)
            .where(table.c.id == bindparam("row"))
            .values({column.name: bindparam("value")})
        )

    def put(self, db: Any, row: str, values: Mapping[str, Any], new: bool) -> None:
        """Set the column of a notebook's cells; make the rows that are missing (all, if new)."""
        known: dict[str, str] = {}
        if not new:
            found = db.execute(self._find, {"row": row, "cells": list(values)})
            known = {cell: id for cell, id in found}
        old = [
            {"row": known[cell], **self.bound(value)}
            for cell, value in values.items()
            if cell in known
        ]
        ids = new_ids()
        missing = [
            {"id": next(ids), "notebook_id": row, "cell_id": cell, **self.made(value)}
            for cell, value in values.items()
            if cell not in known
        ]
        if old:
            db.execute(self._set, old)
        if missing:
            db.execute(self._add, missing)

    def made(self, value: Any) -> dict[str, Any]:
        """The columns of a new row with this value."""
        return {self.name: value}

    def bound(self, value: Any) -> dict[str, Any]:
        """What changes in an old row."""
        return {"value": value}


class _Grades(_Column):
    """Scores. A person looks at what has none, and again at what a person gave one."""

    def __init__(self, table: Any, column: Any) -> None:
        from sqlalchemy import Boolean, bindparam, or_

        super().__init__(table, column)
        undecided = or_(bindparam("open", type_=Boolean), table.c.manual_score.is_not(None))
        self._set = self._set.values(needs_manual_grade=undecided)

    def made(self, value: Any) -> dict[str, Any]:
        return {self.name: value, "needs_manual_grade": value is None}

    def bound(self, value: Any) -> dict[str, Any]:
        return {"value": value, "open": value is None}


def new_ids() -> Iterator[str]:
    """Ids without end, as nbgrader's: 32 hexadecimal digits; later ones sort behind earlier ones.

    Random ones lie all over an index, and each would have the database write a page of its own.
    """
    start = f"{time.time_ns():016x}{secrets.token_hex(6)}"
    return (f"{start}{number:04x}" for number in range(16**4))
