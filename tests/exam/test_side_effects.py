"""Explaining a failed check changes nothing that a later check could see."""

import subprocess
import sys

import pytest

from autograder.exam import examine
from autograder.exam.examiner import side_effects
from autograder.mutants.diagnose import reference_space


def open_for_writing(folder):
    open(folder / "new.txt", "w").close()


def remove(folder):
    (folder / "old.txt").unlink()


def rename(folder):
    (folder / "old.txt").rename(folder / "other.txt")


def make_a_folder(folder):
    (folder / "new").mkdir()


def append(folder):
    with open(folder / "old.txt", "a") as file:
        file.write("more")


def start(folder):
    subprocess.run([sys.executable, "-c", f"open({str(folder / 'new.txt')!r}, 'w')"], check=True)


def save_an_array(folder):
    import numpy as np

    np.save(folder / "new.npy", np.ones(2))


def environment(folder):
    import os

    os.environ["LEFT_BEHIND"] = "1"


ACTS = [open_for_writing, remove, rename, make_a_folder, append, start, save_an_array, environment]


def seen(folder):
    import os

    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return files, sorted(path.name for path in folder.iterdir()), "LEFT_BEHIND" in os.environ


@pytest.mark.parametrize("act", ACTS, ids=lambda one: one.__name__)
def test_what_acts_on_the_machine_is_refused(tmp_path, act):
    (tmp_path / "old.txt").write_text("old")
    before = seen(tmp_path)
    with side_effects.refused(), pytest.raises(PermissionError):
        act(tmp_path)
    assert seen(tmp_path) == before


def test_reading_is_not(tmp_path):
    (tmp_path / "old.txt").write_text("old")
    with side_effects.refused():
        assert (tmp_path / "old.txt").read_text() == "old" and list(tmp_path.iterdir())


def test_what_is_asked_of_the_student_is_not(tmp_path):
    write = side_effects.lifted(open_for_writing)
    with side_effects.refused():
        write(tmp_path)
        with pytest.raises(PermissionError):
            remove(tmp_path)
    assert (tmp_path / "new.txt").exists()


def test_generators_are_as_before():
    import numpy as np

    np.random.seed(0)
    first = np.random.rand()
    np.random.seed(0)
    with side_effects.refused():
        np.random.rand(5)
    assert np.random.rand() == first


def test_what_the_solution_changes_in_place_stays_a_copy():
    space = {"seen": [1], "table": {"a": [1]}, "known": {1}}
    code = compile(
        "def f(x):\n    seen.append(x); table['a'].append(x); known.add(x)\n    return x",
        "",
        "exec",
    )
    reference_space(space, [(code, ["f"])])["f"](2)
    assert space == {"seen": [1], "table": {"a": [1]}, "known": {1}}


def cell(kind, name, text, points=0):
    flags = {"grade": bool(points), "solution": kind == "solution", "locked": kind != "solution"}
    about = {"grade_id": name, "schema_version": 3, "task": False, "points": points, **flags}
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": about},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


def notebook(answer):
    solved = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
    cells = [
        cell("given", "begin", "import matplotlib.pyplot as plt\nhistory = []"),
        cell("solution", "work", solved),
        cell("test", "test_work", "assert work(2) == 4", 1),
        cell("test", "test_file", "assert not __import__('os').path.exists('out.txt')", 1),
        cell("test", "test_history", "assert history == []", 1),
        cell("test", "test_figure", "assert not plt.get_fignums()", 1),
    ]
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


LOUD = "def work(x):\n    history.append(x)\n    open('out.txt', 'w').write('x')\n    plt.plot([x])\n    return 2 * x"


def test_later_checks_see_nothing_of_it(tmp_path):
    import json

    answer = "def work(x):\n    return 3 * x"
    submission = notebook(answer)
    submission["cells"][1]["source"] = answer
    scores = {
        check.id: check.score
        for check in examine(
            notebook(LOUD), json.dumps(submission).encode(), isolation="none"
        ).checks
    }
    assert scores.pop("test_work") == 0
    assert set(scores.values()) <= {1.0, None}  # None: the loud solution itself does not pass it
