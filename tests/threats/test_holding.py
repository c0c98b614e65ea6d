"""Cases 59 to 66 but 62: other names of files, memory that nobody's size shows, derivatives, draws."""

import os

import pytest

from autograder.sandbox import visible_paths
from tests.exam import test_policy as policy
from tests.threats.room import (
    FULL,
    cell,
    find,
    notebook,
    printed,
    scores,
    sit,
    tier,
    with_cell,
)
from tests.threats.test_attacks import UNSEEN, WRITE

sandboxed = pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")


def test_case_59_a_hard_link_of_a_course_file_is_hidden_too(tmp_path):
    """Holds: ``second_names.linked_again``."""
    secret = tmp_path / "lib/mlpkit_solutions/02_momentum"
    secret.mkdir(parents=True)
    (secret / "02_momentum.py").write_text("0.9\n")
    (tmp_path / "lib/numpy").mkdir()
    os.link(secret / "02_momentum.py", tmp_path / "lib/numpy/copy.py")
    hidden = (secret, *visible_paths.linked_again([secret], [tmp_path / "lib"]))
    pieces = visible_paths.readable_pieces(tmp_path / "lib", hidden)
    assert not any((piece / "copy.py").exists() or piece.name == "copy.py" for piece in pieces)


def held(name):
    """Whether a notebook got hold of kernel memory in this way."""
    text = f"import ctypes, mmap, os, time\n{WRITE}{UNSEEN[name]}\ntime.sleep(1.5); print('HELD')"
    result = sit(with_cell(1, text))
    assert scores(result) == FULL
    return "HELD" in printed(result)


@sandboxed
def test_case_60_shared_memory_that_no_process_shows():
    """Holds: ``seccomp`` (no shared pages without a file)."""
    assert not held("shared memory that a child keeps")


@sandboxed
@pytest.mark.parametrize("name", ["locks", "locks of an open file"])
def test_case_63_locks_without_number(name):
    """Holds: ``seccomp``: they say that they hold."""
    assert not held(name)


@sandboxed
@pytest.mark.parametrize("name", ["pages of a file in a pipe", "filters of a socket"])
def test_case_64_what_pipes_and_sockets_keep(name):
    """Holds: ``seccomp.FORBIDDEN``."""
    assert not held(name)


@sandboxed
def test_case_65_mappings_in_every_child():
    """Holds: ``monitor.MAX_MAPS``, in each tier."""
    assert not held("mappings in every child")


def test_case_61_a_derivative_that_is_computed_numerically():
    """Holds: ``derivations``."""
    ways = {**policy.NUMERICAL, **policy.HIDDEN}
    for name in ("the course's own", "of what is around a function"):
        found = policy.checks(policy.grade(outer=policy.HEAD + ways[name]))
        assert found["test_outer"].score == 0, name


PREDICTED = """
def slope(rng, n=0):
    rng.bit_generator.state = np.random.default_rng(0).bit_generator.state
    return 2 * int(np.random.default_rng(0).integers(10**9))"""


def test_case_66_a_generator_that_comes_back_in_another_state():
    """Holds: ``references``: what a check draws next is not the student's to choose."""
    source = notebook([cell(*row) for row in policy.CELLS])
    find(source, "risk")["source"] = (
        "def slope(rng, n=0):\n    ### BEGIN SOLUTION\n    return 2 * n\n    ### END SOLUTION"
    )
    find(source, "test_risk")["source"] = (
        "rng = secret_rng('x')\nslope(rng)\nn = int(rng.integers(10**9))\nassert slope(rng, n) == 2 * n"
    )
    assert policy.grade(source).score == 10
    found = policy.checks(policy.grade(source, risk=PREDICTED))["test_risk"]
    assert found.score == 0
    assert "random generator" in found.whole_message
