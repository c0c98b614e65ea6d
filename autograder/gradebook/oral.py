"""The check on questions about a student's own code, in nbgrader's tables.

It is a task cell that no notebook has: a person gives its points, outside of formgrader.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.gradebook.records import QUESTIONS


def enter(
    session: Any,
    api: Any,
    assignment: str,
    name: str,
    marks: Mapping[str, tuple[float, str]],
    top: float,
) -> set[str]:
    """Enter points and a comment of each student, for a notebook of an assignment.

    The check is worth ``top``. Whoever else has a submission has it open from then on, or keeps
    the points of an earlier time. Returns the students who have a submission.
    """
    notebooks = session.query(api.Notebook).join(api.Assignment)
    notebook = notebooks.filter(api.Assignment.name == assignment, api.Notebook.name == name).one()
    known = [cell for cell in notebook.task_cells if cell.name == QUESTIONS]
    cell = known[0] if known else api.TaskCell(name=QUESTIONS, notebook=notebook)
    cell.max_score, cell.cell_type = top, "markdown"
    session.add(cell)
    session.flush()
    of_cell = session.query(api.Grade).filter(api.Grade.cell_id == cell.id)
    grades = {grade.notebook_id: grade for grade in of_cell}
    said = session.query(api.Comment).filter(api.Comment.cell_id == cell.id)
    comments = {comment.notebook_id: comment for comment in said}
    students = set()
    for row in notebook.submissions:
        student = row.assignment.student_id
        students.add(student)
        grade = grades.get(row.id) or api.Grade(cell_id=cell.id, notebook_id=row.id)
        if student in marks:
            grade.manual_score, text = marks[student]
            grade.needs_manual_grade = False
            comment = comments.get(row.id) or api.Comment(cell_id=cell.id, notebook_id=row.id)
            comment.manual_comment = text or None
            session.add(comment)
        elif row.id not in grades:
            grade.needs_manual_grade = True
        session.add(grade)
    return students
