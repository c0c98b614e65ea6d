"""Collecting a class of 800 from one zip of Canvas: all new, then once more.

python -m benchmarks.collecting
"""

import sys
import tempfile
import time
import zipfile
from pathlib import Path

from autograder.collect.collect import collect
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import Person
from autograder.grading.new_course import init

ASSIGNMENT, COUNT = "02_momentum", 800


def main() -> int:
    """Print the seconds of both; 1 when the first takes 30 or more."""
    with tempfile.TemporaryDirectory() as folder:
        course = init(Path(folder) / "course")
        people = [
            Person(f"s{n}", f"Given{n}", f"Family{n}", "", str(1000 + n)) for n in range(COUNT)
        ]
        with Gradebook(course) as book:
            book.add_people(people)
        release = course.path("release", ".", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
        text, download = release.read_text(encoding="utf-8"), Path(folder) / "submissions.zip"
        with zipfile.ZipFile(download, "w", zipfile.ZIP_DEFLATED) as archive:
            for n in range(COUNT):
                own = text.replace('"nbformat": 4', f'"nbformat": 4, "own": {n}', 1)
                archive.writestr(f"family{n}given{n}_{1000 + n}_{n}_{ASSIGNMENT}.ipynb", own)
        took = []
        for what in ("new", "same"):
            started = time.perf_counter()
            found = collect(course, ASSIGNMENT, [download])
            took.append(time.perf_counter() - started)
            assert len(found.done[what]) == COUNT and not found.needs_person
            print(f"{COUNT} notebooks of {len(text) // 1000} kB, {what}: {took[-1]:.1f} s")
    return int(took[0] >= 30)


if __name__ == "__main__":
    sys.exit(main())
