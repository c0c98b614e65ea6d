"""Plays README's three readers in a copy of the project: a student, an instructor, a self-learner.

    python -m tests.docs.play_readme PERSON FOLDER

FOLDER is made and holds the copy. Whatever README tells the person to type is typed, what it tells
them to do is done, and what they are promised to read must be there.
"""

import json
import sys
from pathlib import Path

from tests.docs.documents import Block, read_blocks
from tests.docs.player import Player, clone

FIRST = "assignments/00_wires/00_wires.ipynb"
MISTAKE = "def times_gate(q, z, dp):\n    return q * dp, z * dp\n"
ANSWER = "def values(x, y, z):\n    q, m = x + y, max(y, z)\n    return q, m, q * z, q * z + m\n"


def student(player: Player) -> None:
    """Installs, opens the first notebook, uses the checker, makes a mistake and reads of it."""
    shell, python = _section(player, "A student's first five minutes")
    for command in shell.commands:
        player.type(command)
    said = player.python(python.text)
    assert "WRONG" in said and "divided by N = 7" in said, said
    mine = "backpropagation/00_wires.ipynb"
    fill(player.folder / mine, {"values": ANSWER, "times_gate": MISTAKE})
    said = player.type(f"autograder check {mine}")
    assert "ok          1 / 1" in said, "the first stub is right"
    assert "LOST" in said and "the value of the other one" in said, f"the second is not:\n{said}"


def instructor(player: Player) -> None:
    """Makes a course, collects, grades, writes pages and the report."""
    (shell,) = _section(player, "An instructor's first five minutes")
    release = player.folder / "assignments/02_momentum/02_momentum.ipynb"
    for name in ("ada", "Smith, Jr."):
        folder = player.folder / "SUBMISSIONS" / name / "02_momentum"
        folder.mkdir(parents=True)
        (folder / "02_momentum.ipynb").write_bytes(release.read_bytes())
    for command in shell.commands:
        player.type(command)
    course = player.folder / "COURSE"
    for page in (
        "feedback/ada/02_momentum/02_momentum.html",
        "feedback/Smith, Jr./02_momentum/02_momentum.html",
        "reports/02_momentum.html",
    ):
        assert "<html" in (course / page).read_text(encoding="utf-8"), page
    player.type("autograder doctor")


def self_learner(player: Player) -> None:
    """From the first stub to a test cell that says ✓, in a kernel; then the worked solution."""
    from nbclient import NotebookClient
    from nbformat import read

    fill(player.folder / FIRST, {"values": ANSWER})
    notebook = read(player.folder / FIRST, as_version=4)
    last = next(i for i, cell in enumerate(notebook.cells) if cell.id == "test_values")
    notebook.cells = notebook.cells[: last + 1]
    NotebookClient(notebook, resources={"metadata": {"path": str(player.folder)}}).execute()
    assert ["✓" in output.text for output in notebook.cells[last].outputs] == [True]
    solution = json.loads((player.folder / FIRST.replace("assignments", "solutions")).read_text())
    outputs = [out for cell in solution["cells"] for out in cell.get("outputs", ())]
    assert any("image/png" in out.get("data", {}) for out in outputs), "figures to look at"


PEOPLE = {"student": student, "instructor": instructor, "self-learner": self_learner}


def fill(path: Path, answers: dict[str, str]) -> None:
    """Write answers into the stubs of a notebook."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _section(player: Player, title: str) -> list[Block]:
    return [block for block in read_blocks(player.folder / "README.md") if block.section == title]


if __name__ == "__main__":
    PEOPLE[sys.argv[1]](Player(clone(Path(sys.argv[2]))))
    print(f"README keeps its promises to the {sys.argv[1]}.")
