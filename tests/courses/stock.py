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

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def main(course: str, assignment: str) -> int:
    """0, or 1 where nbgrader refuses the assignment."""
    os.chdir(course)
    for path in Path().rglob("*.ipynb"):
        notebook = read(path, as_version=4)
        notebook.metadata["kernelspec"] = KERNEL  # stock wants the very kernel that a course names
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
            print(one["log"], file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
