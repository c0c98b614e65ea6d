"""What questions about their own code cost for each student of a class.

python -m benchmarks.questions
"""

import json
import resource
import tempfile
import time
from pathlib import Path

from nbformat import from_dict

from autograder.authoring.answer_bank import Answer, fill, read_mistakes, read_variants
from autograder.authoring.installed import course_sources
from autograder.authoring.source import read_source
from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.exam import shutdown
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.new_course import init
from autograder.grading.run import grade_class
from autograder.questions.sheets import write_questions

STUDENTS, ASSIGNMENT = 40, "02_momentum"


def main() -> None:
    """Grade a class of the answer bank, then ask; CPU seconds of all processes for each."""
    with tempfile.TemporaryDirectory() as folder:
        course = init(Path(folder) / "course")
        names = hand_in(course)
        start, cpu = time.monotonic(), spent()
        grade_class(course, ASSIGNMENT, names)
        shutdown()
        graded, again = spent() - cpu, time.monotonic()
        cpu = spent()
        write_questions(course, ASSIGNMENT, names)
        shutdown()
        asked = spent() - cpu
        print(
            f"{STUDENTS} students, CPU seconds each: graded {graded / STUDENTS:.3f}, "
            f"asked {asked / STUDENTS:.3f}; {time.monotonic() - again:.0f} s for the questions "
            f"(all together {time.monotonic() - start:.0f} s)"
        )


def hand_in(course: Course) -> list[str]:
    """A class, each with another notebook; its students."""
    path = course_sources()[ASSIGNMENT]
    source = read_source(path)
    release = course.path("release", ".", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
    notebook = from_dict(json.loads(release.read_text(encoding="utf-8")))
    right = Answer("reference", "", frozenset(), "", {})
    bank = [right, *read_variants(path.parent, source), *read_mistakes(path.parent, source)]
    names = [f"s{number:03}" for number in range(STUDENTS)]
    with Gradebook(course) as book:
        book.add_people(map(Person, names))
    for number, student in enumerate(names):
        filled = fill(notebook, source, bank[number % len(bank)])
        filled["metadata"]["number"] = number
        place = course.path("submitted", student, ASSIGNMENT)
        place.mkdir(parents=True)
        (place / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(filled))
    return names


def spent() -> float:
    """CPU seconds of this process and of those that have ended."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in found)


if __name__ == "__main__":
    main()
