"""A folder for course directories whose notebooks sit in a sandbox."""

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def folder():
    """A folder that other users may enter, which pytest's own are not."""
    path = Path(tempfile.mkdtemp(prefix="threats-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)
