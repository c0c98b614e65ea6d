"""Gradescope: the zip that it takes as an autograder, and what runs there for one submission.

    setup.sh          once, with network: Python, bubblewrap, libseccomp and the libraries
    run_autograder    for each submission: this module's ``main``
    course/           a course directory with the one assignment, readable by root only
    lib/              the packages autograder and mlpkit as they are installed here

Student code runs in the sandbox there as everywhere; where a container allows none, nothing is
graded and the result says so.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import re
import shutil
import sys
import tempfile
import zipfile
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import autograder
from autograder.course.directory import Course
from autograder.errors import AutograderError
from autograder.files import Refused, read_regular, write_atomically

MAX_FILES = 500
_SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image.
set -e
ROOT="${AUTOGRADER_ROOT:-/autograder}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq python3 python3-venv bubblewrap libseccomp2
PYTHON=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    # Ubuntu 22.04, which Gradescope offers first, has Python 3.10, and 3.11 beside it.
    apt-get install -y -qq python3.11 python3.11-venv || {
        echo "This needs Python 3.11. Choose Ubuntu 22.04 or newer as base image." >&2
        exit 1
    }
    PYTHON=python3.11
fi
"$PYTHON" -m venv "$ROOT/venv"
"$ROOT/venv/bin/pip" install --quiet -r "$ROOT/source/requirements.txt"
# Student code runs as another user: it needs the packages, and may not see the hidden tests and
# the secret of their numbers.
chmod a+rx "$ROOT" "$ROOT/source"
chmod -R a+rX "$ROOT/source/lib" "$ROOT/venv"
chmod -R go-rwx "$ROOT/source/course"
"""
_RUN = """\
#!/usr/bin/env bash
# Runs for each submission; nothing here needs the network.
ROOT="${AUTOGRADER_ROOT:-/autograder}"
PYTHON="${AUTOGRADER_PYTHON:-$ROOT/venv/bin/python}"
cd "$ROOT"
PYTHONPATH="$ROOT/source/lib" exec "$PYTHON" -m autograder.cli.gradescope "$ROOT" ASSIGNMENT
"""


def make(args: Namespace) -> int:
    """Write the zip; returns an exit code."""
    output = Path(args.output or f"{args.assignment}-gradescope.zip")
    with tempfile.TemporaryDirectory() as folder:
        course = _course(args, Path(folder) / "course")
        course.sources(args.assignment)
        files = dict(_files(course, args.assignment))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            program = name in ("setup.sh", "run_autograder")
            info.external_attr = (0o100755 if program else 0o100600) << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    write_atomically(output, buffer.getvalue())
    print(f"{output}: upload it in Gradescope, Configure Autograder. It holds the hidden tests.")
    return 0


def _course(args: Namespace, folder: Path) -> Course:
    """The course that was given, else one with this installation's assignments."""
    if args.course:
        return Course.open(args.course)
    from autograder.grading.new_course import init

    return init(folder)


def _files(course: Course, assignment: str) -> Iterator[tuple[str, bytes]]:
    yield "setup.sh", _SETUP.encode()
    yield "run_autograder", _RUN.replace("ASSIGNMENT", f"'{assignment}'").encode()
    yield "requirements.txt", "\n".join([*_requirements(), ""]).encode()
    yield "course/.autograder/seed", course.seed().encode()
    if (course.root / "nbgrader_config.py").is_file():
        yield "course/nbgrader_config.py", (course.root / "nbgrader_config.py").read_bytes()
    source = course.path("source", ".", assignment)
    for path in sorted(source.rglob("*")):
        if path.is_file() and ".ipynb_checkpoints" not in path.parts:
            name = path.relative_to(course.root).as_posix()
            yield f"course/{name}", path.read_bytes()
    packages = Path(autograder.__file__).parents[1]
    for package in ("autograder", "mlpkit"):
        for path in sorted((packages / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"lib/{path.relative_to(packages).as_posix()}", path.read_bytes()


def _requirements() -> list[str]:
    """What grading needs, as this installation states it."""
    found = []
    for text in importlib.metadata.requires("mlpkit") or ():
        requirement, _, marker = text.partition(";")
        extra = re.search(r"extra == ['\"](\w+)['\"]", marker)
        if (not extra or extra[1] in ("grade", "course")) and not requirement.startswith("mlpkit"):
            rest = re.sub(r"(and )?\(?extra == ['\"]\w+['\"]\)?", "", marker).strip(" ()")
            rest = re.sub(r"\s+and$", "", rest)
            found.append(f"{requirement.strip()}; {rest}" if rest else requirement.strip())
    return sorted(set(found))


def grade_one(root: Path, assignment: str) -> dict[str, object]:
    """Grade ``root/submission`` with ``root/source/course``: the content of results.json."""
    from autograder.grading.roll import call_roll
    from autograder.grading.run import class_standings, grade_class
    from autograder.reports.export import gradescope

    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(root / "source" / "course", Path(folder) / "course")
        course = Course.open(Path(folder) / "course")
        student = "student"
        _take(root / "submission", course.path("submitted", student, assignment))
        students = call_roll(course, assignment, enrol=True).students
        run = grade_class(course, assignment, students, jobs=1)
        (one,) = class_standings(course, assignment, run)
    content = gradescope(one)
    if one.score is None:
        said = f"This score is not final ({one.status}): {one.why or 'a person will look'}"
        content["output"] = f"{said}\n{content['output']}".strip()
    return content


def _take(submission: Path, target: Path) -> None:
    """Copy what was uploaded; links and the like stay behind."""
    target.mkdir(parents=True)
    count = 0
    for folder, folders, names in os.walk(submission):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            count += 1
            path = Path(folder, name)
            place = target / path.relative_to(submission)
            if count <= MAX_FILES and name != "timestamp.txt":
                try:
                    data = read_regular(path)
                except Refused:
                    continue
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)


def main(root: Path, assignment: str) -> int:
    """Grade, and write results.json whatever happens; returns an exit code."""
    try:
        content = grade_one(root, assignment)
    except (AutograderError, OSError) as error:
        content = {
            "score": 0.0,
            "output": f"Nothing was graded, through no fault of yours: {error}",
            "visibility": "visible",
        }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    write_atomically(root / "results" / "results.json", text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
