"""``python -m tests.courses.stock COURSE ASSIGNMENT``: stock nbgrader, in one process.

What ``nbgrader update``, ``generate_assignment`` and ``autograde`` do, without importing nbgrader
three times.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nbformat import read, write
from nbgrader.apps import NbGrader, NbGraderAPI
from nbgrader.nbgraderformat import MetadataValidator


def main(course: str, assignment: str) -> int:
    """0, or 1 where nbgrader refuses the assignment."""
    os.chdir(course)
    for path in Path("source", assignment).glob("*.ipynb"):
        notebook = read(path, as_version=4)
        write(MetadataValidator().upgrade_notebook_metadata(notebook), path)
    app = NbGrader(config_dir=course)
    app.config_file_paths.append(course)
    app.load_config_file()
    api = NbGraderAPI(config=app.config)
    made = api.generate_assignment(assignment)
    if not made["success"]:
        print(made["error"] or made["log"], file=sys.stderr)
        return 1
    graded = [api.autograde(assignment, student) for student in sorted(os.listdir("submitted"))]
    for one in graded:
        if not one["success"]:
            print(one["error"] or one["log"], file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
