"""Who is graded: those in the class list who handed in. What found no place is said, always."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from autograder.course.directory import Course, unusable_id
from autograder.course.person import Person
from autograder.course.standing import read_withdrawn
from autograder.course.unplaced import unplaced
from autograder.gradebook.gradebook import Gradebook


@dataclass(frozen=True)
class Roll:
    """The students to grade, and what was left: messages, ready to be printed."""

    students: list[str]
    enrolled: list[str]
    strangers: list[str]
    withdrawn: list[str]
    unplaced: list[str]

    @property
    def left(self) -> list[str]:
        """What is in ``submitted/`` and was not graded for want of a place."""
        strangers = [
            f"submitted/{student}: no student of that id is in the class list"
            for student in self.strangers
        ]
        return [*strangers, *self.unplaced]


def call_roll(course: Course, assignment: str, *, enrol: bool = False) -> Roll:
    """Divide those who have a folder for the assignment; with ``enrol``, enter the strangers."""
    with Gradebook(course) as book:
        people: Collection[str] = book.people()
        gone = read_withdrawn(course)
        present = course.students(assignment)
        # A name that cannot be an id is a submission that needs a person, and no stranger.
        strangers = [s for s in present if s not in people and not unusable_id(s)]
        if enrol:
            book.add_people(map(Person, strangers))
    students = [s for s in present if s not in gone and (enrol or s not in strangers)]
    return Roll(
        students,
        strangers if enrol else [],
        [] if enrol else strangers,
        [student for student in present if student in gone],
        unplaced(course, assignment),
    )
