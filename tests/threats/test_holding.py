"""Cases 59 to 61: other names of files, memory that nobody's size shows, derivatives by numbers."""

import os

import pytest

from autograder.sandbox import visible_paths
from tests.exam import test_policy as policy
from tests.threats.room import FULL, printed, scores, sit, tier, with_cell
from tests.threats.test_attacks import UNSEEN


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


@pytest.mark.skipif(tier() == "none", reason="no sandbox on this machine")
def test_case_60_shared_memory_that_no_process_shows():
    """Holds: ``seccomp`` (no shared pages without a file)."""
    text = UNSEEN["shared memory that a child keeps"]
    result = sit(with_cell(1, f"import mmap, os, time\n{text}\nprint('HELD')"))
    assert "HELD" not in printed(result)
    assert scores(result) == FULL


def test_case_61_a_derivative_that_is_computed_numerically():
    """Holds: ``derivations``."""
    ways = {**policy.NUMERICAL, **policy.HIDDEN}
    for name in ("the course's own", "of what is around a function"):
        found = policy.checks(policy.grade(outer=policy.HEAD + ways[name]))
        assert found["test_outer"].score == 0, name
