"""nbgrader's ``### AUTOTEST f(1)`` lines, written out as the tests that they stand for.

nbgrader runs the source notebook when it makes the release, and writes down what each expression
gives there. Its own preprocessor does it here, too, so that both grade with the same tests: left
as they are, such lines are comments, which everybody passes. It leaves its kernel's sockets open,
so it runs in a process of its own: ``python -m autograder.gradebook.autotests ROOT NOTEBOOK``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.gradebook.registration import read_source_notebook


def with_autotests(source: dict[str, Any], path: Path, course: Course) -> dict[str, Any]:
    """The source with its autotests written out; the same where there are none.

    The notebook at ``path`` is run in a kernel, as it is by ``nbgrader generate_assignment``. The
    templates, ``autotests.yml``, lie next to it or in the course's own folder.

    Raises AutograderError when there are no templates, or the notebook does not run.
    """
    code = [cell["source"] for cell in source["cells"] if cell["cell_type"] == "code"]
    if not any(_delimiter(course) in text for text in code):
        return source
    step = _step(course)
    places = _places(step, path, course)
    if not any(place.exists() for place in places):
        raise AutograderError(
            f"{path.name} has {step.autotest_delimiter} lines, and no templates for them: write "
            f"{places[0]} or {places[1]}, as nbgrader's documentation says."
        )
    command = [sys.executable, "-m", __name__, str(course.root), str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    answer: dict[str, Any] = {"error": done.stderr[-500:]}
    if done.returncode == 0:
        answer = json.loads(done.stdout.splitlines()[-1])  # nbgrader_config.py may print before
    if "error" in answer:
        raise AutograderError(
            f"The {step.autotest_delimiter} lines of {path} could not be written out: "
            f"{answer['error']}"
        )
    made: dict[str, Any] = answer["notebook"]
    return made


def _delimiter(course: Course) -> str:
    """What marks such a line: read here, for nbgrader's own step takes half a second to import."""
    return str(course.config.get("InstantiateTests", {}).get("autotest_delimiter", "AUTOTEST"))


def _step(course: Course) -> Any:
    from nbgrader.preprocessors import InstantiateTests

    return InstantiateTests(config=course.config)


def _places(step: Any, path: Path, course: Course) -> list[Path]:
    """Where the templates of a notebook may lie."""
    return [folder / step.autotest_filename for folder in (path.parent, course.root)]


def main(root: Path, path: Path) -> None:
    """Print the ``notebook`` with its autotests written out, or the ``error``, as JSON."""
    from nbformat import from_dict

    course = Course.open(root)
    step = _step(course)
    place = next(place for place in _places(step, path, course) if place.exists())
    step.autotest_filename = str(place.resolve())
    source = from_dict(read_source_notebook(path, course.config))
    try:
        made, _ = step.preprocess(source, {"metadata": {"path": str(path.parent.resolve())}})
        answer = {"notebook": made}
    except Exception as error:  # whatever the notebook, its kernel or the templates raise
        said = getattr(error, "evalue", "") or str(error)
        answer = {"error": f"{getattr(error, 'ename', type(error).__name__)}: {said}"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
