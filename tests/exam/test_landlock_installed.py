"""The Landlock tier as an ordinary user, with our packages installed in a venv open to all."""

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from autograder.sandbox import landlock, scratch

ROOT = Path(__file__).parents[2]
NOBODY = 65534
PYTHON = "/usr/bin/python3"
PROBE = "from autograder.sandbox import launch; print(launch._try('landlock') or 'holds')"
WITHOUT_RESOLVING = """
from autograder.sandbox import launch
resolving = launch.readable_pieces
launch.readable_pieces = lambda p, hidden: [p] if p.is_symlink() else resolving(p, hidden)
launch.visible_paths = lambda shown=launch.visible_paths(): (*shown, launch.Path(PREFIX, "lib64"))
"""


@pytest.fixture(scope="module")
def installed():
    """A venv outside anybody's home, its ``lib64`` a link, our packages copied into it."""
    if landlock.abi() < landlock.NEEDED_ABI:
        pytest.skip("this kernel has no Landlock that is new enough")
    question = [PYTHON, "-c", "import sys; print(sys.version_info[:2])"]
    version = subprocess.run(question, capture_output=True, text=True, check=True).stdout.strip()
    if version != str(sys.version_info[:2]):
        pytest.skip(f"{PYTHON} has version {version}, the packages are for {sys.version_info[:2]}")
    memory = "/dev/shm"
    folder = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", folder], check=True)
    site = next(folder.glob("lib/python*/site-packages"))
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("autograder", "mlpkit"):
        shutil.copytree(ROOT / name, site / name, ignore=ignored)
    (site / "mlpkit_solutions").mkdir()
    (site / "mlpkit_solutions/solution.py").write_text("0.9\n")
    (site / "packages.pth").write_text(str(Path(find_spec("numpy").origin).parents[1]))
    folder.chmod(0o755)
    yield folder
    scratch.remove(folder)


def _as_ordinary_user(folder, code):
    options = {}
    if os.geteuid() == 0:
        options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    environment = {"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1"}
    argv = [folder / "bin/python", "-B", "-c", code]
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, cwd="/", env=environment, **options
    )
    return done.stdout.strip() or done.stderr


def test_an_installed_course_cannot_be_read(installed):
    assert _as_ordinary_user(installed, PROBE) == "holds"


def test_with_lib64_taken_as_another_place_it_is_read(installed):
    code = WITHOUT_RESOLVING.replace("PREFIX", repr(str(installed))) + PROBE
    assert "could read" in _as_ordinary_user(installed, code)
