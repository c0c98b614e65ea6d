"""A new course directory that holds this course."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.authoring.installed import needed_sources
from autograder.course.directory import Course
from autograder.errors import AutograderError

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

# Where grades are kept; without this line in gradebook.db next to this file.
# c.CourseDirectory.db_url = "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"

# Late work scores zero. A plugin of your own: c.AssignLatePenalties.plugin_class = "late.Plugin"
# c.LateSubmissionPlugin.penalty_method = "zero"
'''


def init(directory: Path | str, sources: Mapping[str, Path] | None = None) -> Course:
    """Make a course directory that holds this course; AutograderError if anything is there.

    ``sources`` are the percent sources by name, in the place of this installation's.
    """
    root = Path(os.path.abspath(directory))
    if os.path.lexists(root) and (not root.is_dir() or any(root.iterdir())):
        raise AutograderError(
            f"{directory} is there already and is not empty. Nothing was changed; "
            "name a new directory."
        )
    sources = needed_sources() if sources is None else sources
    from autograder.authoring.source import read_source

    notebooks = {name: read_source(path) for name, path in sources.items()}
    try:
        _make(root, notebooks)
    except OSError as error:
        raise AutograderError(
            f"No course can be made in {directory}: {error.strerror or error}. Nothing is left "
            "there. Make room, or name a directory that you may write to."
        ) from error
    return Course.open(root)


def _make(root: Path, notebooks: Mapping[str, Any]) -> None:
    """Make the directory, whole or not at all."""
    from autograder.authoring.release import make_release, write_notebook
    from autograder.gradebook import gradebook

    root.parent.mkdir(parents=True, exist_ok=True)
    # Made next to its place and moved there, so that a kill leaves no half of a course.
    with tempfile.TemporaryDirectory(prefix=f".{root.name}.", dir=root.parent) as folder:
        draft = Path(folder) / root.name
        draft.mkdir(mode=0o700)  # other users of the machine see no hidden tests and no grades
        for step in ("source", "release", "submitted", "autograded", "feedback"):
            (draft / step).mkdir()
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
