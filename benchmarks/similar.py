"""How long 800 notebooks take that are compared with each other.

python -m benchmarks.similar
"""

import json
import random
import tempfile
import time
from pathlib import Path

from nbformat import from_dict

from autograder.authoring.answer_bank import Answer, fill, read_mistakes, read_variants
from autograder.authoring.installed import course_sources
from autograder.authoring.source import read_source
from autograder.grading.new_course import init
from autograder.similar.page import write_similar

STUDENTS, ASSIGNMENT = 800, "02_momentum"


def main() -> None:
    """Compare a class whose functions are drawn from the answer bank, comments changed."""
    with tempfile.TemporaryDirectory() as folder:
        course = init(Path(folder) / "course")
        path = course_sources()[ASSIGNMENT]
        source = read_source(path)
        release = course.path("release", ".", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
        notebook = from_dict(json.loads(release.read_text(encoding="utf-8")))
        bank = [*read_variants(path.parent, source), *read_mistakes(path.parent, source)]
        cells = {name: text for answer in bank for name, text in answer.cells.items()}
        draw = random.Random(3)
        for number in range(STUDENTS):
            chosen = {
                name: draw.choice([one.cells.get(name, cells[name]) for one in bank])
                + f"\n# {number}"
                for name in cells
            }
            answer = Answer("drawn", "", frozenset(), "", chosen)
            place = course.path("submitted", f"s{number:03}", ASSIGNMENT)
            place.mkdir(parents=True)
            text = json.dumps(fill(notebook, source, answer))
            (place / f"{ASSIGNMENT}.ipynb").write_text(text)
        start, cpu = time.monotonic(), time.process_time()
        found = write_similar(course, ASSIGNMENT, Path(folder) / "page.html")
        print(
            f"{found.students} compared in {time.monotonic() - start:.1f} s "
            f"({time.process_time() - cpu:.1f} s of CPU), {len(found.pairs)} pairs"
        )


if __name__ == "__main__":
    main()
