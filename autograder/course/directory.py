"""A course directory: what lies where, and how a new one is made.

The layout is nbgrader's (``source/``, ``release/``, ``submitted/STUDENT/ASSIGNMENT/``,
``autograded/``, ``feedback/``, ``gradebook.db``) with whatever names ``nbgrader_config.py``
gives it, so every nbgrader command works in the same place.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError

NAME_LENGTH = 128  # of a student's id, by nbgrader's tables
PRIVATE = ".autograder"  # inside the course: the run's secret and the cache; nobody else's


@dataclass(frozen=True)
class Course:
    """An nbgrader course directory and those of its settings that grading needs."""

    root: Path
    course_id: str
    db_url: str
    structure: str = "{nbgrader_step}/{student_id}/{assignment_id}"
    steps: dict[str, str] = field(default_factory=dict)
    config: Any = field(default=None, repr=False, compare=False)

    @classmethod
    def open(cls, directory: Path | str) -> Course:
        """The course in ``directory``; AutograderError when there is none."""
        root = Path(os.path.abspath(directory))
        if not root.is_dir():
            raise AutograderError(
                f"There is no directory {directory}. To make a course there: "
                f"autograder init {shlex.quote(str(directory))}"
            )
        config = _read_config(root)
        settings = config.CourseDirectory
        course = cls(
            root=root,
            course_id=str(settings.get("course_id", "")).strip() or "default_course",
            db_url=_database(str(settings.get("db_url", "")), root),
            structure=str(settings.get("directory_structure", cls.structure)),
            steps={
                step: str(settings.get(f"{step}_directory", step))
                for step in ("source", "release", "submitted", "autograded", "feedback")
            },
            config=config,
        )
        if not (root / "nbgrader_config.py").exists() and not course.path("source").is_dir():
            raise AutograderError(
                f"{directory} is no course directory: it has neither nbgrader_config.py nor "
                "source/. Give the folder that holds them, or make a new one with: "
                "autograder init DIR"
            )
        return course

    def path(self, step: str, student: str = ".", assignment: str = ".") -> Path:
        """Where one step keeps the files of one student and assignment."""
        relative = self.structure.format(
            nbgrader_step=self.steps.get(step, step), student_id=student, assignment_id=assignment
        )
        return Path(os.path.normpath(os.path.join(self.root, relative)))

    @property
    def database(self) -> str:
        """Where the grades are, fit to be printed: a path, or a URL without its password."""
        url = re.sub(r"://([^:/@]*):[^@]*@", r"://\1:***@", self.db_url)
        return url.removeprefix("sqlite:///")

    def assignments(self) -> list[str]:
        """Names of the assignments that have a source notebook."""
        names = self._fill("source", "assignment_id", {"student_id": "."})
        return [name for name in names if any(self.path("source", ".", name).glob("*.ipynb"))]

    def sources(self, assignment: str) -> dict[str, Path]:
        """Source notebooks of an assignment by name; AutograderError when there are none."""
        found = sorted(self.path("source", ".", assignment).glob("*.ipynb")) if assignment else []
        if not found:
            known = ", ".join(self.assignments()) or "none"
            raise AutograderError(
                f"There is no assignment {assignment!r} in {self.root}: "
                f"no notebook in {self.path('source', '.', assignment)}. Assignments here: {known}."
            )
        return {path.stem: path for path in found}

    def students(self, assignment: str) -> list[str]:
        """Students who have a folder for this assignment, whatever lies in it."""
        return [
            name
            for name in self._fill("submitted", "student_id", {"assignment_id": assignment})
            if os.path.lexists(self.path("submitted", name, assignment))
        ]

    def seed(self) -> str:
        """The course's secret: drawn once, so that a second run gives the same scores."""
        path = self.private() / "seed"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            seed = path.read_text().strip()
        else:
            seed = secrets.token_hex(16)
            with os.fdopen(descriptor, "w") as file:
                file.write(seed + "\n")
        if not seed:  # killed between making the file and filling it: nothing was graded yet
            path.unlink()
            return self.seed()
        return seed

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one run at a time writes here; AutograderError when another is at work."""
        import fcntl  # not on Windows, where nobody grades a class

        with open(self.private() / "lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AutograderError(
                    f"Another autograder is grading in {self.root}. Wait until it has ended."
                ) from None
            yield

    def private(self) -> Path:
        """The folder of the grader's own files, closed to everybody else."""
        path = self.root / PRIVATE
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def _fill(self, step: str, key: str, known: dict[str, str]) -> list[str]:
        """Values of ``key`` for which the directory structure names an existing path."""
        values = {"nbgrader_step": self.steps[step], **known}
        parts = Path(self.structure).parts
        place = next((i for i, part in enumerate(parts) if "{" + key + "}" in part), None)
        if place is None:
            raise AutograderError(
                f"directory_structure {self.structure!r} in nbgrader_config.py lacks {{{key}}}."
            )
        before = self.root.joinpath(*(part.format(**values, **{key: ""}) for part in parts[:place]))
        head, tail = parts[place].split("{" + key + "}", 1)
        pattern = re.compile(
            re.escape(head.format(**values)) + "(.+)" + re.escape(tail.format(**values)), re.S
        )
        names = sorted(os.listdir(before)) if before.is_dir() else []
        matches = (pattern.fullmatch(name) for name in names if not name.startswith("."))
        return [match.group(1) for match in matches if match]


def unusable_id(student: str) -> str:
    """Why a folder's name cannot be a student's id; "" when it can."""
    if len(student) > NAME_LENGTH:
        return f"The folder's name is longer than {NAME_LENGTH} characters; rename it."
    try:
        student.encode()
    except UnicodeEncodeError:
        return "The folder's name is not UTF-8; rename it."
    if re.search(r'[<>"\x00-\x1f\x7f-\x9f]', student):  # nbgrader's pages do not escape it
        return "The folder's name has a control character or one of <, > and \"; rename it."
    return ""


def _read_config(root: Path) -> Any:
    """nbgrader_config.py as nbgrader reads it, without starting nbgrader."""
    from traitlets.config import Config, PyFileConfigLoader

    if not (root / "nbgrader_config.py").is_file():
        return Config()
    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    except Exception as error:
        raise AutograderError(
            f"{root / 'nbgrader_config.py'} cannot be read: {type(error).__name__}: {error}. "
            "Fix that file; nothing was changed."
        ) from error


def _database(url: str, root: Path) -> str:
    """The gradebook's URL; a relative SQLite path counts from the course directory."""
    if not url:
        return f"sqlite:///{root / 'gradebook.db'}"
    match = re.fullmatch(r"sqlite:///([^/:].*)", url)
    return f"sqlite:///{root / match.group(1)}" if match else url
