"""Explaining a failed check changes nothing that a later check could see."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from autograder.exam import examine
from autograder.exam.examiner import side_effects
from autograder.mutants.diagnose import reference_space
from tests.exam.test_exam import cell, notebook


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
    np.save(folder / "new.npy", np.ones(2))


def environment(folder):
    os.environ["LEFT_BEHIND"] = "1"


ACTS = [open_for_writing, remove, rename, make_a_folder, append, start, save_an_array, environment]


def seen(folder):
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


def loud(answer):
    """A course whose solution writes, appends and draws; a submission with ``answer``."""
    return notebook(
        [
            cell("given", "begin", "import matplotlib.pyplot as plt\nhistory = []"),
            cell("solution", "work", answer),
            cell("test", "test_work", "assert work(2) == 4"),
            cell("test", "test_file", "import os\nassert not os.path.exists('out.txt')"),
            cell("test", "test_history", "assert history == []"),
            cell("test", "test_figure", "assert not plt.get_fignums()"),
        ]
    )


LOUD = """def work(x):
    ### BEGIN SOLUTION
    history.append(x)
    open("out.txt", "w").write("x")
    plt.plot([x])
    return 2 * x
    ### END SOLUTION"""


def test_later_checks_see_nothing_of_it():
    wrong = json.dumps(loud("def work(x):\n    return 3 * x")).encode()
    checks = examine(loud(LOUD), wrong, isolation="none").checks
    assert [check.score for check in checks] == [0, 1, 1, 1]
