"""Hidden directories stay hidden under every name they have."""

import os
from pathlib import Path

import pytest

from autograder.sandbox import launch, visible_paths


@pytest.fixture
def venv(tmp_path):
    """Where ``lib64`` is ``lib``, and a package has course files."""
    secret = tmp_path / "lib/site/autograder/course_files"
    secret.mkdir(parents=True)
    (secret / "solution.py").write_text("0.9\n")
    (tmp_path / "lib/site/numpy").mkdir()
    (tmp_path / "lib64").symlink_to("lib")
    return tmp_path


@pytest.mark.parametrize("visible", ["lib", "lib64"])
@pytest.mark.parametrize("hidden", ["lib", "lib64"])
def test_a_link_to_the_library_shows_nothing_hidden(venv, visible, hidden):
    secret = venv / hidden / "site/autograder/course_files"
    pieces = list(visible_paths.readable_pieces(venv / visible, (secret,)))
    assert pieces == [(venv / "lib/site/numpy").resolve()]


@pytest.mark.parametrize("target", ["autograder", "autograder/course_files", "."])
def test_a_link_beside_it_shows_nothing_hidden(venv, target):
    site = venv / "lib/site"
    (site / "alias").symlink_to(target)
    pieces = visible_paths.readable_pieces(venv / "lib", (site / "autograder/course_files",))
    assert list(pieces) == [(site / "numpy").resolve()]


def test_the_probe_tries_every_alias(venv, monkeypatch):
    monkeypatch.setattr(launch, "visible_paths", lambda: (venv / "lib", venv / "lib64"))
    monkeypatch.setattr(
        launch, "hidden_paths", lambda: (venv / "lib/site/autograder/course_files",)
    )
    name = "site/autograder/course_files/solution.py"
    for path in (venv / "lib" / name, venv / "lib64" / name):
        assert str(path) in launch._hidden_files()
        assert f"/proc/self/root{path}" in launch._hidden_files()


@pytest.mark.skipif(bool(launch.probe("bwrap")), reason=str(launch.probe("bwrap")))
def test_a_tier_in_which_hidden_files_can_be_read_is_refused(monkeypatch):
    file = Path(os.__file__)  # visible, as it must be
    monkeypatch.setattr(launch, "_hidden_files", lambda: [str(file)])
    assert f"could read {file}" in launch._try("bwrap")
