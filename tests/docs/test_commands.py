"""The guides' commands are typed, their Python is run, and what they say is printed is printed."""

import csv
import json
import re
import shutil
import zipfile

import pytest

from tests.course.test_servers import postgres  # noqa: F401
from tests.docs.documents import ROOT, read_blocks
from tests.docs.play_readme import ANSWER, fill
from tests.docs.player import Player, clone

STUDENT, INSTRUCTOR = ROOT / "docs" / "student.md", ROOT / "docs" / "instructor.md"
CANVAS = """\
Student,ID,SIS Login ID,Section,02_momentum (7)
    Points Possible,,,,40
"Lovelace, Ada",101,ada,A,
"""
PEOPLE = """\
id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,101
"""
PREDICT = """\
def predict(params, x):
    return params["c"] + params["V"] @ np.tanh(params["b"] + params["W"] @ x)
"""
# Sections that start servers or nbgrader's slow commands.
SLOW = ("Many submissions, several machines", "Late work", "nbgrader's own tools")
HUB = "On a JupyterHub"


def same(text: str) -> str:
    """Text without spaces, last digits, and the checker's costs, which better engines lower."""
    return " ".join(re.sub(r"\d\.?\d*e[+-]\d+|^\d+ loss .* calls", "#", text, flags=re.M).split())


@pytest.mark.parametrize("path", [STUDENT, INSTRUCTOR], ids=lambda path: path.stem)
def test_python_prints_what_the_guide_says(path):
    blocks = [b for b in read_blocks(path) if b.language == "python" and not b.file]
    program = "\nprint('-- next --')\n".join(block.text for block in blocks)
    printed = Player(ROOT).python(program).split("-- next --\n")
    for block, text in zip(blocks, printed, strict=True):
        assert same(text) == same(block.output or ""), block.text


def test_every_shell_line_is_a_command_that_is_known_here():
    """A new document, or a new kind of line, needs a way to be played."""
    known = re.compile(
        r"(cd COURSE && )?(autograder|mlpkit|nbgrader|jupyter|pip|make|mkdir|cp|dask|createdb"
        r"|python3 -m venv|\. \.venv|ruff|pytest)\b"
    )
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for block in read_blocks(path):
            assert block.language in ("", "python", "yaml"), f"{path.name}: {block.language}"
            for command in block.commands if not block.language else ():
                assert known.match(command), f"{path.name}: {command}"


@pytest.fixture
def warm(tmp_path):
    """A player in a clone, whose commands start warm; its servers end with the test."""
    player = Player(classroom(tmp_path)).warm()
    yield player
    player.end()


def test_the_students_commands(warm):
    player = warm
    for block in read_blocks(STUDENT):
        for command in block.commands if not block.language else ():
            player.type(command)
            if command == "mlpkit start":
                fill(player.folder / "backpropagation/00_wires.ipynb", {"values": ANSWER})
    result = json.loads(player.printed[next(c for c in player.printed if c.endswith("--json"))])
    assert result["checks"][0]["status"] == "passed" and result["score"] == 1


def test_the_instructors_commands(warm):
    player = warm
    for block in read_blocks(INSTRUCTOR):
        if block.section not in (*SLOW, HUB) and not block.section.startswith("Writing"):
            play(player, block)
    course = player.folder / "COURSE"
    assert "101,ada,A,1" in (course / "exports" / "02_momentum-canvas.csv").read_text()
    assert "Lovelace" in (course / "exports" / "02_momentum.csv").read_text("utf-8")
    assert (course / "exports" / "02_momentum-gradescope" / "ada" / "results.json").is_file()


@pytest.mark.soak  # the reading copy runs in a kernel
def test_the_guides_assignment_builds_and_its_mistake_is_caught(tmp_path):
    from autograder.authoring.answer_bank import fill as filled
    from autograder.authoring.answer_bank import read_mistakes
    from autograder.authoring.release import make_release, to_bytes
    from autograder.authoring.source import read_source
    from autograder.exam import examine

    player = Player(clone(tmp_path / "clone"))
    for block in read_blocks(INSTRUCTOR):
        if block.section == "Writing an assignment":
            play(player, block)
    folder = player.folder / "solutions" / "90_line"
    assert (folder / "90_line.ipynb").is_file()
    source = read_source(folder / "90_line.py")
    (mistake,) = read_mistakes(folder, source)
    answer = to_bytes(filled(make_release(source), source, mistake))
    (check,) = examine(source, answer, isolation="none", seed="a").checks
    assert check.id in mistake.loses and check.score == 0 and mistake.says in check.message


@pytest.mark.soak
def test_the_instructors_slow_commands(warm, postgres):  # noqa: F811
    player = warm
    player.environment |= {"PGHOST": postgres.split("host=")[1], "PGUSER": "grader"}
    blocks = read_blocks(INSTRUCTOR)
    for block in blocks:
        if block.section == "A first class in ten minutes":
            play(player, block)
    course = player.folder / "COURSE"
    (course / "submitted/ada/02_momentum/timestamp.txt").write_text("2026-11-22 10:00:00 UTC")
    for block in blocks:
        if block.section in SLOW and "db_url" not in block.text:
            play(player, block)
    rows = list(csv.DictReader((course / "nbgrader.csv").read_text().splitlines()))
    (row,) = (row for row in rows if row["assignment"] == "02_momentum")
    assert float(row["late_submission_penalty"]) == pytest.approx(0.2 * float(row["raw_score"]))
    assert float(row["raw_score"]) > 0


@pytest.mark.soak  # each command of nbgrader takes seconds to start
def test_the_commands_of_an_exchange(warm, tmp_path):
    """The student is the same user here; tests/course/test_two_users.py has three."""
    player, student = warm, Player(tmp_path / "student")
    for folder in ("exchange", "student", "jupyter"):
        (tmp_path / folder).mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    (release, rest) = [block for block in read_blocks(INSTRUCTOR) if block.section == HUB]
    text = INSTRUCTOR.read_text(encoding="utf-8").split(f"## {HUB}")[1]
    config = re.search(r"```text\n(.*?)```", text, re.S)[1].replace("/srv/nbgrader", str(tmp_path))
    (tmp_path / "jupyter" / "nbgrader_config.py").write_text(config)
    for one in (player, student):
        one.environment |= {"JUPYTER_CONFIG_PATH": str(tmp_path / "jupyter"), "HOME": str(tmp_path)}
    student.environment["PYTHONPATH"] = str(player.folder)
    player.type("autograder init COURSE")
    play(player, release)
    student.type("nbgrader fetch_assignment 02_momentum")
    fill(student.folder / "02_momentum" / "02_momentum.ipynb", {"predict": PREDICT})
    student.type("nbgrader submit 02_momentum")
    play(player, rest)
    student.type("nbgrader fetch_feedback 02_momentum")
    (page,) = (student.folder / "02_momentum" / "feedback").glob("*/02_momentum.html")
    assert "The predictor" in page.read_text()


def test_every_option_is_in_the_guides_table():
    text = INSTRUCTOR.read_text(encoding="utf-8")
    table = text[text.index("## What each command takes") :]
    player = Player(ROOT)
    for command in re.findall(r"^    (\w+)  ", player.type("autograder --help"), re.M):
        options = set(re.findall(r"--[a-z]+", player.type(f"autograder {command} --help")))
        for option in options - {"--help"}:
            rows = [row for row in table.splitlines() if f"`{option}" in row and command in row]
            assert rows, f"{option} of {command} is not explained"


def classroom(folder):
    """A clone with what the guide takes for granted: a notebook handed in, and a class list."""
    place = clone(folder / "clone")
    (place / "FROM").mkdir()
    release = place / "assignments/02_momentum/02_momentum.ipynb"
    shutil.copy(release, place / "FROM")
    fill(place / "FROM" / release.name, {"predict": PREDICT})
    (place / "canvas.csv").write_text(CANVAS)
    (place / "students.csv").write_text(PEOPLE)
    with zipfile.ZipFile(place / "FROM" / "submissions.zip", "w") as archive:
        name = "lovelaceada_101_9001_02_momentum-1.ipynb"
        archive.write(place / "FROM" / release.name, name)
    return place


def play(player, block):
    """Type a block's commands, or write the file that it shows."""
    if block.file:
        path = player.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text() if block.appended else "") + block.text)
    for command in block.commands if not block.language else ():
        player.type(command)
