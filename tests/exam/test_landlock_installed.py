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


THREATS = "tests/threats/test_attacks.py", "tests/threats/test_forging.py"
AGAIN = {
    NOBODY: (
        "tests/exam/test_sandbox.py",
        "tests/exam/test_kernel_memory.py",
        "tests/exam/test_files.py",
        "tests/exam/test_usual_libraries.py",
        *THREATS,
    ),
    0: THREATS,  # whose students' code runs as another user, who may enter this Python's folder
}


@pytest.mark.parametrize("user", AGAIN, ids=["ordinary", "administrator"])
def test_what_cannot_be_tested_from_a_private_folder_is_tested_here(installed, user):
    """The tests of the Landlock tier, with the installed packages, in a process of that user."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user runs them in this process")
    shutil.copytree(
        ROOT / "tests",
        installed / "tests",
        ignore=shutil.ignore_patterns("__pycache__"),
        dirs_exist_ok=True,
    )
    shutil.copy(ROOT / "pyproject.toml", installed)
    argv = [installed / "bin/python", "-B", "-m", "pytest", "-q", "-n", "0", *AGAIN[user]]
    argv += ["-p", "no:cacheprovider", "-m", "not soak", "-k", "landlock and not root"]
    done = subprocess.run(
        argv,
        capture_output=True,
        text=True,
        check=False,
        cwd=installed,
        env={"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1"},
        user=user,
        group=user,
        extra_groups=[],
    )
    last = (done.stdout.strip().splitlines() or [""])[-1]
    assert done.returncode == 0 and " passed" in last, done.stdout + done.stderr
    assert "skipped" not in last, done.stdout


ALIASES = {  # how it is made -> the file's further names
    "a link to a link": ("os.symlink('lib64', 'lib65')", "lib65/PACKAGES/mlpkit_solutions"),
    "a link to the folder": ("os.symlink(course, 'elsewhere')", "elsewhere"),
    "a link from another package": (
        "os.symlink(course, site + '/mlpkit/files')",
        "lib/PACKAGES/mlpkit/files",
    ),
    "a folder of links": ("os.mkdir('links'); os.symlink(course, 'links/a')", "links/a"),
    "a link around it": (
        "os.symlink(site, site + '/mlpkit/around')",
        "lib/PACKAGES/mlpkit/around/mlpkit_solutions",
    ),
    "a hard link": (
        "os.link(course + '/solution.py', site + '/mlpkit/solution.py')",
        "lib/PACKAGES/mlpkit",
    ),
    "a hard link under its own name": (
        "os.mkdir(site + '/a'); os.link(course + '/solution.py', site + '/a/solution.py')",
        "lib64/PACKAGES/a",
    ),
}
READING = """
from autograder.sandbox import launch
launch._hidden_files = lambda: [NAME]
for tier in ("landlock", "bwrap"):
    if tier == "landlock" or not launch.probe(tier):
        print(launch._try(tier) or "holds")
"""


@pytest.mark.parametrize("alias", ALIASES)
def test_no_alias_of_the_course_files_is_readable(installed, alias, monkeypatch):
    """Made by the instructor's own hand, in the environment; each is a name of the file."""
    site = next(installed.glob("lib/python*/site-packages"))
    make, place = ALIASES[alias]
    folder = installed / place.replace("PACKAGES", str(site.relative_to(installed / "lib")))
    file = folder / "solution.py"
    monkeypatch.chdir(installed)
    before = {*installed.rglob("*")}
    try:
        exec(make, {"os": os, "site": str(site), "course": str(site / "mlpkit_solutions")})
        assert file.read_text() == "0.9\n"
        told = _as_ordinary_user(installed, READING.replace("NAME", repr(str(file))))
        assert {*told.split("\n")} == {"holds"}
    finally:
        for path in sorted({*installed.rglob("*")} - before, reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
