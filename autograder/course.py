"""A course directory: what lies where, and how a new one is made.

The layout is nbgrader's (``source/``, ``release/``, ``submitted/STUDENT/ASSIGNMENT/``,
``autograded/``, ``feedback/``, ``gradebook.db``) with whatever names ``nbgrader_config.py``
gives it, so every nbgrader command works in the same place.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from autograder.errors import AutograderError

PRIVATE = ".autograder"  # inside the course: the run's secret and the cache; nobody else's
COURSE_ID = "backpropagation"

_CONFIG = '''\
"""nbgrader's settings for this course. Every nbgrader command works in this folder."""

c = get_config()

c.CourseDirectory.course_id = {course_id!r}

# Formgrader and generate_feedback show what students wrote; so their scripts do not run there.
c.HTMLExporter.preprocessors = ["nbconvert.preprocessors.sanitize.SanitizeHTML"]
c.SanitizeHTML.tags = (
    "a b blockquote br code details div em h1 h2 h3 h4 h5 h6 hr i li ol p pre span strong sub"
    " summary sup table tbody td th thead tr ul"
).split()

# Where grades are kept; without this line in gradebook.db beside this file.
# c.CourseDirectory.db_url = "postgresql://USER:PASSWORD@HOST/DATABASE"

# Late work scores zero. A plugin of your own: c.AssignLatePenalties.plugin_class = "late.Plugin"
# c.LateSubmissionPlugin.penalty_method = "zero"
'''


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
                f"autograder init {directory}"
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


def init(directory: Path | str) -> Course:
    """Make a course directory that holds this course; AutograderError if anything is there."""
    root = Path(os.path.abspath(directory))
    if os.path.lexists(root) and (not root.is_dir() or any(root.iterdir())):
        raise AutograderError(
            f"{directory} is there already and is not empty. Nothing was changed; "
            "name a new directory."
        )
    sources = course_sources()
    if not sources:
        raise AutograderError(
            f"This installation holds no assignments (looked in {course_files()}). "
            "Install mlpkit anew, or run from a checkout of the project."
        )
    from autograder import gradebook
    from autograder.release import make_release, write_notebook
    from autograder.source import read_source

    notebooks = {name: read_source(path) for name, path in sources.items()}
    root.parent.mkdir(parents=True, exist_ok=True)
    # Made beside its place and moved there, so that a kill leaves no half of a course.
    with tempfile.TemporaryDirectory(prefix=f".{root.name}.", dir=root.parent) as folder:
        draft = Path(folder) / root.name
        for step in ("source", "release", "submitted", "autograded", "feedback"):
            (draft / step).mkdir(parents=True)
        for name, notebook in notebooks.items():
            write_notebook(notebook, draft / "source" / name / f"{name}.ipynb")
            write_notebook(make_release(notebook), draft / "release" / name / f"{name}.ipynb")
        (draft / "nbgrader_config.py").write_text(_CONFIG.format(course_id=COURSE_ID))
        course = Course.open(draft)
        course.seed()
        with gradebook.Gradebook(course) as book:
            for name, notebook in notebooks.items():
                book.register(name, {name: notebook})
        os.replace(draft, root)
    return Course.open(root)


def course_files() -> Path:
    """Where this installation keeps the assignments' sources."""
    package = Path(__file__).resolve().parent
    checkout = package.parent / "solutions"
    return checkout if checkout.is_dir() else package / "course_files"


def course_sources() -> dict[str, Path]:
    """The percent source of each assignment, by name."""
    found = sorted(course_files().glob("[0-9]*/*.py"))
    return {path.stem: path for path in found if path.parent.name == path.stem}


def write_atomically(path: Path, data: bytes | Iterable[bytes], mode: int = 0o644) -> None:
    """Write a file so that a reader, or a kill, sees the old bytes or the new ones.

    ``data`` is the whole, or pieces of it one after the other. One writer at a time; the draft
    that a kill leaves behind is taken up by the next.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        with _new_file(draft) as file:
            file.writelines([data] if isinstance(data, bytes) else data)
        os.chmod(draft, mode)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _new_file(path: Path) -> BinaryIO:
    try:
        return open(path, "xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        path.unlink()
    return open(path, "xb")


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
            "Mend that file; nothing was changed."
        ) from error


def _database(url: str, root: Path) -> str:
    """The gradebook's URL; a relative SQLite path counts from the course directory."""
    if not url:
        return f"sqlite:///{root / 'gradebook.db'}"
    match = re.fullmatch(r"sqlite:///([^/:].*)", url)
    return f"sqlite:///{root / match.group(1)}" if match else url
