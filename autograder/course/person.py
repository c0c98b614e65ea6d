"""A student, by id and name: what a class list and the gradebook have of one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A student as nbgrader knows one; everything but the id may be empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
