"""A term as a lecturer lives it, from one platform: three downloads with what goes wrong, a group,
an extension, a departure, points by hand, a fixed test, a second grader, questions, feedback and exports.
After each step every output says the same, and what this file reckoned itself."""

import json
import zipfile
from dataclasses import replace

import pytest

from autograder import exam
from autograder.cli.main import main
from autograder.collect.collect import collect
from autograder.course.directory import Course
from autograder.course.person import Person
from autograder.gradebook.gradebook import Gradebook
from autograder.grading import run
from autograder.grading.roll import call_roll
from autograder.grading.standings import NOT_HANDED_IN, OPEN, WITHDRAWN, read_standings
from autograder.result import GRADED, NEEDS_A_PERSON
from tests.course.conftest import GOOD, NAME, FakeExam, filled
from tests.course.test_standings import agree, grade

CLASS = [
    Person(f"s{n}", f"Given{n}", f"Family{n}", f"s{n}@example.org", str(100 + n)) for n in range(8)
]
HALF = {"double": GOOD["double"]}


def canvas(person, day, late=False):
    return (
        f"{person.last_name}{person.first_name}_".lower()
        + "LATE_" * late
        + f"{person.lms_user_id}_{day}000_{NAME}-{day}.ipynb"
    )


def moodle(person, day, late=False):
    return f"{person.first_name} {person.last_name}_{person.lms_user_id}_assignsubmission_file_/{NAME}.ipynb"


def blackboard(person, day, late=False):
    return f"{NAME}_{person.id}_attempt_2026-11-{19 + day}-10-00-00_{NAME}.ipynb"


def gradescope(person, day, late=False):
    return f"export/submission_{person.lms_user_id}/{NAME}.ipynb"


PLATFORMS = [
    canvas,
    gradescope,
    *(pytest.param(p, marks=pytest.mark.soak) for p in (moodle, blackboard)),
]


def metadata(people, day):
    """Gradescope's file about a download; the last two of a group are one submission."""
    lines = []
    for person in people:
        group = [person, CLASS[7]] if person.id == "s6" else [person]
        lines.append(f"submission_{person.lms_user_id}:\n  :submitters:")
        lines += [f"  - :name: {p.first_name} {p.last_name}\n    :email: {p.email}" for p in group]
        lines.append(f"  :created_at: 2026-11-{19 + day} 10:00:00.000000000 Z")
    return "\n".join(lines)


def download(course, path, platform, day, works, extra=()):
    """A zip of this day: ``works`` are the cells by student number; None is a broken file."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, cells in works.items():
            text = (
                "{"
                if cells is None
                else json.dumps(filled(course, **cells, why=f"s{number} day {day}"))
            )
            archive.writestr(platform(CLASS[number], day, late=day == 3), text)
        if platform is gradescope:
            people = [CLASS[number] for number in works]
            archive.writestr("export/submission_metadata.yml", metadata(people, day))
        for name, data in extra:
            archive.writestr(name, data)
    return path


class Fixed(FakeExam):
    """The exam with a test that gives half a point to whoever has lost the square."""

    def __call__(self, *args, **terms):
        result = super().__call__(*args, **terms)
        checks = [
            replace(check, score=0.5) if check.id == "test_square" and check.score == 0 else check
            for check in result.checks
        ]
        return replace(result, checks=tuple(checks))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_term(course, platform, tmp_path, capsys, monkeypatch):
    from nbgrader.api import Gradebook as Nbgrader

    with Gradebook(course) as book:
        book.add_people(CLASS)
    root = course.root
    # A group's file has one name in it; who the others are, the lecturer knows.
    member = {canvas: "family6given6", moodle: "Given6 Family6", blackboard: "s6"}.get(platform)
    if member:
        (root / "aliases.csv").write_text(f"name,student\n{member},s6\n{member},s7\n")
    with open(root / "nbgrader_config.py", "a") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    course = Course.open(root)
    right = {person.id: (None, NOT_HANDED_IN) for person in CLASS}

    def step():
        """Grade whoever is there, and hold everything against what should be."""
        grade(course, call_roll(course, NAME).students)
        holds()

    def holds():
        with Gradebook(course) as book:
            book.assign_late_penalties(NAME)
            standings = read_standings(course, NAME, book)
        assert {one.person.id: (one.score, one.status) for one in standings} == right
        agree(course, standings, right)

    # The first download: a broken file, something that is no notebook, junk, a stranger.
    extra = [("__MACOSX/._x", b""), (".DS_Store", b"")]
    works = {0: GOOD, 1: HALF, 2: None, 3: {}, 6: GOOD}
    found = collect(course, NAME, [download(course, tmp_path / "1.zip", platform, 1, works, extra)])
    assert sorted(found.done["new"]) == ["s0", "s1", "s2", "s3", "s6", "s7"]
    assert found.missing == ["s4", "s5"] and not found.unknown and len(found.problems) == 1
    right |= {"s0": (5.0, OPEN), "s1": (2.0, OPEN), "s2": (None, NEEDS_A_PERSON), "s3": (0.0, OPEN)}
    right |= {"s6": (5.0, OPEN), "s7": (5.0, OPEN)}
    step()

    # The second: newer versions, one that is worse; the first again changes nothing.
    second = download(course, tmp_path / "2.zip", platform, 2, {1: GOOD, 2: HALF, 3: HALF})
    found = collect(course, NAME, [second, tmp_path / "1.zip"])
    assert sorted(found.done["newer"]) == ["s1", "s2", "s3"]
    right |= {"s1": (5.0, OPEN), "s2": (2.0, OPEN), "s3": (2.0, OPEN)}
    step()

    # Two graders: points by hand, and an automatic check corrected; both stand.
    with Nbgrader(course.db_url) as theirs:
        for student, cell, points in (
            ("s0", "why", 4.0),
            ("s1", "why", 5.0),
            ("s3", "test_square", 1.5),
        ):
            mark = theirs.find_grade(cell, NAME, NAME, student)
            mark.manual_score, mark.needs_manual_grade = points, False
        theirs.db.commit()
    right |= {"s0": (9.0, GRADED), "s1": (10.0, GRADED), "s3": (3.5, OPEN)}
    holds()

    # A departure; somebody late, and an extension, where the platform says when work came.
    assert main(["roster", "withdraw", str(root), "s3"]) == 0
    right["s3"] = (None, WITHDRAWN)
    with Nbgrader(course.db_url) as theirs:
        theirs.update_or_create_assignment(NAME, duedate="2026-11-21 12:00:00")
    found = collect(
        course, NAME, [download(course, tmp_path / "3.zip", platform, 3, {4: GOOD, 5: GOOD})]
    )
    timed = platform in (blackboard, gradescope)
    assert bool(found.late) == (timed or platform is canvas) and found.missing == []
    assert main(["roster", "extend", str(root), NAME, "s5", "--until", "2026-11-30 12:00 UTC"]) == 0
    right |= {"s4": (0.0 if timed else 5.0, OPEN), "s5": (5.0, OPEN)}
    step()

    # A test is fixed, and whoever had lost it gets a part: first it is shown, then written.
    source = course.path("source", ".", NAME) / f"{NAME}.ipynb"
    source.write_text(source.read_text().replace("square(-7) == 49", "square(-8) == 64"))
    monkeypatch.setattr(exam, "examine", Fixed())
    monkeypatch.setattr(run, "choose_sandbox", lambda course, isolation: "none")
    before = dict(right)
    capsys.readouterr()
    assert main(["regrade", str(root), NAME]) == 0
    assert "s2: 2 -> 2.5" in capsys.readouterr().out
    assert main(["regrade", str(root), NAME, "--apply"]) == 0
    right["s2"] = (2.5, OPEN)
    holds()
    assert {who for who in right if right[who] != before[who]} == {"s2"}

    # Questions about their code: two are asked at first, then a third; all others are open.
    form = root / "form.csv"
    head = "student,question,points,comment\n"
    form.write_text(
        head + "".join(f"{who},{n},1,well said\n" for who in ("s0", "s2") for n in "1234")
    )
    assert main(["questions", str(root), NAME, "--results", str(form)]) == 0
    right |= {"s0": (13.0, GRADED), "s1": (10.0, OPEN), "s2": (6.5, OPEN)}
    holds()
    form.write_text(head + "s1,1,1,\ns1,2,0.5,\ns1,3,0,\n")
    assert main(["questions", str(root), NAME, "--results", str(form)]) == 0
    right["s1"] = (12.0, GRADED)
    holds()

    # Back to the students, as the platform takes it.
    form = {canvas: "canvas", moodle: "moodle"}.get(platform, "mail")
    main(["feedback", str(root), NAME, "--for", form])
    names = {path.name for path in (root / "exports").iterdir()}
    assert names & {f"{NAME}-feedback-{form}.zip", f"{NAME}-mail"}
    holds()
    capsys.readouterr()
