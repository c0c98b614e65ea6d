"""What questions about their own code cost for each student of a class.

python -m benchmarks.questions
python -m benchmarks.questions kinds    which kinds the sheets of each notebook have
"""

import json
import resource
import sys
import tempfile
import time
from collections import Counter
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
from autograder.questions.ask import Sheet
from autograder.questions.sheets import write_questions

STUDENTS, ASSIGNMENT = 40, "02_momentum"
FEW = 8  # students of each notebook whose kinds are counted


def main() -> None:
    """Grade a class of the answer bank, then ask; CPU seconds of all processes for each."""
    with tempfile.TemporaryDirectory() as folder:
        course = init(Path(folder) / "course")
        names = hand_in(course, ASSIGNMENT, STUDENTS)
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


def kinds() -> None:
    """For each notebook, how often its sheets have which kinds of questions."""
    with tempfile.TemporaryDirectory() as folder:
        course = init(Path(folder) / "course")
        for assignment in course_sources():
            names = hand_in(course, assignment, FEW)
            grade_class(course, assignment, names)
            write_questions(course, assignment, names)
            files = (course.private() / "questions" / assignment).glob("*.json")
            sheets = [Sheet.from_json(path.read_text(encoding="utf-8")) for path in files]
            found = Counter(tuple(one.kind for one in sheet.questions) for sheet in sheets)
            for kinds_of_one, count in found.most_common():
                print(f"{assignment}: {count} with {', '.join(kinds_of_one)}", flush=True)
        shutdown()


def hand_in(course: Course, assignment: str, students: int) -> list[str]:
    """A class, each with another notebook; its students."""
    path = course_sources()[assignment]
    source = read_source(path)
    release = course.path("release", ".", assignment) / f"{assignment}.ipynb"
    notebook = from_dict(json.loads(release.read_text(encoding="utf-8")))
    right = Answer("reference", "", frozenset(), "", {})
    bank = [right, *read_variants(path.parent, source), *read_mistakes(path.parent, source)]
    names = [f"s{number:03}" for number in range(students)]
    with Gradebook(course) as book:
        book.add_people(map(Person, names))
    for number, student in enumerate(names):
        filled = fill(notebook, source, bank[number % len(bank)])
        filled["metadata"]["number"] = number
        place = course.path("submitted", student, assignment)
        place.mkdir(parents=True)
        (place / f"{assignment}.ipynb").write_text(json.dumps(filled))
    return names


def spent() -> float:
    """CPU seconds of this process and of those that have ended."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in found)


if __name__ == "__main__":
    kinds() if sys.argv[1:] == ["kinds"] else main()
