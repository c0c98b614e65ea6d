"""``mlpkit start``: notebooks where there were none, updates that keep every answer."""

import json

import pytest

from autograder import handout
from autograder.authoring import installed
from autograder.authoring.installed import student_notebooks
from autograder.cli import student as command
from autograder.handout import KEPT_IN, hand_out, with_answers

NAME = "01_logistic"
MINE = "def scores(W, b, X):\n    return b + X @ W\n"


def own_cell(text, kind="code", **more):
    outputs = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": "mine", "metadata": {}, "source": text, **outputs, **more}


def text(cell):
    return "".join(cell["source"])


def cells(path):
    return {cell["id"]: text(cell) for cell in json.loads(path.read_text("utf-8"))["cells"]}


def edit(path, change):
    notebook = json.loads(path.read_text("utf-8"))
    change(notebook["cells"])
    path.write_text(json.dumps(notebook), "utf-8")


def write(path, **texts):
    """Put texts into cells, by their ids."""

    def change(found):
        for cell in found:
            cell["source"] = texts.get(cell["id"], cell["source"])

    edit(path, change)


@pytest.fixture
def mine(tmp_path):
    hand_out(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def newer(tmp_path, monkeypatch):
    """A newer mlpkit: another setup cell, another stub, a new cell, and one given up."""
    released = json.loads(student_notebooks()[NAME].read_text("utf-8"))
    for cell in released["cells"]:
        if cell["id"] == "setup":
            cell["source"] = "import numpy as np  # the newer setup\n"
        if cell["id"] == "sigmoid":
            cell["source"] = (
                "def sigmoid(z):\n    # a newer stub\n    raise NotImplementedError()\n"
            )
    fresh = own_cell("# a new chapter", "markdown")
    kept = [cell for cell in released["cells"] if cell["id"] not in ("decide", "test_decide")]
    released["cells"] = [*kept, fresh | {"id": "new-chapter"}]
    path = tmp_path / "newer" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(released), "utf-8")
    monkeypatch.setattr("autograder.handout.student_notebooks", lambda: {NAME: path})


def test_every_notebook_is_put_there_as_it_is(mine):
    for name, path in student_notebooks().items():
        assert (mine / f"{name}.ipynb").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("update", [False, True])
def test_what_a_student_wrote_is_never_touched(mine, update):
    path = mine / f"{NAME}.ipynb"
    write(path, scores=MINE)
    before = path.read_bytes()
    done = hand_out(mine, update)
    assert path.read_bytes() == before and NAME in done.kept and not done.new
    assert not (mine / KEPT_IN).exists()


def test_an_older_notebook_is_left_alone_until_an_update_is_asked_for(mine, newer, capsys):
    before = (mine / f"{NAME}.ipynb").read_bytes()
    assert command.start(mine) == 0
    assert f"mlpkit start {mine} --update" in capsys.readouterr().out
    assert (mine / f"{NAME}.ipynb").read_bytes() == before


def test_an_update_carries_the_answers_over(mine, newer):
    path = mine / f"{NAME}.ipynb"
    write(path, scores=MINE)
    edit(path, lambda found: found.insert(5, own_cell("my_own = 1\n")))
    before = path.read_bytes()
    assert hand_out(mine, update=True).updated == [NAME]
    now = cells(path)
    assert now["scores"] == MINE and now["mine"] == "my_own = 1\n"
    assert now["setup"].endswith("# the newer setup\n") and now["new-chapter"]
    assert "# a newer stub" in now["sigmoid"], "an untouched stub is no answer"
    assert (mine / KEPT_IN / f"{NAME}.ipynb").read_bytes() == before
    assert hand_out(mine, update=True).kept == [NAME], "once is enough"


def test_half_an_answer_is_an_answer(mine, newer):
    path = mine / f"{NAME}.ipynb"
    half = "def sigmoid(z):\n    e = np.exp(-abs(z))\n    raise NotImplementedError()\n"
    write(path, sigmoid=half)
    hand_out(mine, update=True)
    assert cells(path)["sigmoid"] == half


def test_an_answer_to_a_question_that_is_gone_stays_as_a_cell_of_ones_own(mine, newer):
    path = mine / f"{NAME}.ipynb"
    given_up = next(name for name in cells(path) if name.startswith("decide"))
    write(path, **{given_up: "def decide(W, b, X):\n    return X @ W + b > 0\n"})
    hand_out(mine, update=True)
    kept = json.loads(path.read_text("utf-8"))["cells"]
    (cell,) = (cell for cell in kept if "X @ W + b > 0" in text(cell))
    assert "nbgrader" not in cell["metadata"]


def test_answers_in_cells_that_lost_their_ids_are_carried_over(mine, newer):
    path = mine / f"{NAME}.ipynb"
    write(path, scores=MINE)

    def strip(found):
        for cell in found:
            del cell["id"]
            cell["metadata"] = {}

    edit(path, strip)
    hand_out(mine, update=True)
    assert cells(path)["scores"] == MINE


@pytest.mark.parametrize("data", [b"", b"no notebook", b'{"cells": []}', b"\xff\x00"])
def test_what_is_no_notebook_is_left_alone_and_named(mine, newer, data, capsys):
    path = mine / f"{NAME}.ipynb"
    path.write_bytes(data)
    assert command.start(mine, update=True) == 0
    assert path.read_bytes() == data
    assert f"cannot be read as notebooks of this course: {NAME}" in capsys.readouterr().out


def test_several_updates_keep_every_earlier_file(mine, newer):
    path = mine / f"{NAME}.ipynb"
    first = path.read_bytes()
    hand_out(mine, update=True)
    path.write_bytes(first)
    hand_out(mine, update=True)
    assert {p.name for p in (mine / KEPT_IN).iterdir()} == {f"{NAME}.ipynb", f"{NAME}-2.ipynb"}


def test_pasted_pictures_come_along(mine):
    release = json.loads(student_notebooks()[NAME].read_text("utf-8"))
    written = next(
        c for c in release["cells"] if c["cell_type"] == "markdown" and "nbgrader" in c["metadata"]
    )
    name = written["id"]
    changed = json.loads(json.dumps(release))
    picture = {"a.png": {"image/png": "aGk="}}
    for cell in changed["cells"]:
        if cell["id"] == name:
            cell.update(source="As drawn. ![](attachment:a.png)", attachments=picture)
    renewed = with_answers(release, json.dumps(changed).encode())
    (cell,) = (cell for cell in renewed["cells"] if cell["id"] == name)
    assert text(cell).startswith("As drawn.") and cell["attachments"] == picture


def test_a_folder_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("mine")
    assert command.main(["start", str(tmp_path / "thesis.tex")]) == 2
    assert "is a file. Name a folder" in capsys.readouterr().err


def test_without_jupyterlab_it_says_the_line_to_type(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "jupyterlab", None)
    assert command.main(["start", str(tmp_path / "new"), "--lab"]) == 2
    assert "pip install 'mlpkit[notebook]'" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_only_what_works_here_is_said_to_be_typed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(installed, "course_files", lambda: tmp_path / "none")
    command.start(tmp_path / "new")
    assert "autograder" not in capsys.readouterr().out


def test_where_nothing_may_be_written_it_says_so(tmp_path, monkeypatch, capsys):
    def refused(path, data):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(handout, "write_atomically", refused)
    assert command.main(["start", str(tmp_path / "new")]) == 2
    said = capsys.readouterr().err
    assert "cannot be put into" in said and "Permission denied" in said
    assert "Name a folder that you may write to" in said
