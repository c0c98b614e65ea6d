"""A folder for course directories whose notebooks sit in a sandbox."""

import shutil
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox import launch
from tests.threats import room


@pytest.fixture
def folder():
    """A folder that other users may enter, which pytest's own are not."""
    path = Path(tempfile.mkdtemp(prefix="threats-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(params=["bwrap", "landlock"])
def each_tier(request, monkeypatch):
    """Notebooks of this test sit in one tier, and then in the other."""
    if problem := launch.probe(request.param):
        pytest.skip(f"{request.param}: {problem}")
    monkeypatch.setattr(room, "tier", lambda: request.param)
    monkeypatch.setattr(request.module, "tier", room.tier)
