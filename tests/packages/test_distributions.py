"""The wheels that are built from here: what is in them, and that they work where nothing else is."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import mlpkit

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "pyproject.toml", ROOT / "solutions" / "pyproject.toml"
NEEDED = "mlpkit", "autograder", "assignments", "solutions"
FILES = "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", ".gitignore"
IGNORED = shutil.ignore_patterns("__pycache__")
COMMANDS = (
    "check x.ipynb", "progress", "watch", "init C", "grade C 02_momentum",
    "regrade C 02_momentum", "feedback C 02_momentum", "report C 02_momentum",
    "export C 02_momentum", "doctor", "demo D", "build",
)  # fmt: skip
ANSWER = "def values(x, y, z):\n    q, m = x + y, max(y, z)\n    return q, m, q * z, q * z + m\n"


def copy_project(folder, *without):
    for name in NEEDED:
        if name not in without:
            shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return folder


def build(project, to):
    """Wheel and sdist of a project folder, with the builder alone: no network."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(to)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in to.iterdir()}


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """Both distributions, built in a copy of the project."""
    folder = copy_project(tmp_path_factory.mktemp("project"))
    to = tmp_path_factory.mktemp("dist")
    build(folder / "solutions", to)
    build(folder, to)
    return to


def names(dist, start):
    """What is in the wheel, and in the sdist without its top folder, of a distribution."""
    (wheel,), (sdist,) = dist.glob(f"{start}-0*.whl"), dist.glob(f"{start}-0*.tar.gz")
    with tarfile.open(sdist) as archive:
        inner = {name.partition("/")[2] for name in archive.getnames()}
    return set(zipfile.ZipFile(wheel).namelist()), inner


def install(dist, to, *starts):
    for start in starts:
        (wheel,) = dist.glob(f"{start}-0*.whl")
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
             "--disable-pip-version-check", "--target", to, wheel],
            check=True, capture_output=True,
        )  # fmt: skip
    return to


def run(folder, *words, code=0, hidden=()):
    """Type a command of the packages installed in ``folder``, in a folder that is no checkout."""
    place = folder.parent / "elsewhere"
    place.mkdir(exist_ok=True)
    hide = f"import sys\nsys.modules.update(dict.fromkeys({list(hidden)!r}))\n"
    (place / "sitecustomize.py").write_text(hide)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(place)])}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", folder / "bin" / words[0], *words[1:]],
        cwd=place, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert done.returncode == code, said
    return said


@pytest.fixture(scope="module")
def student(dist, tmp_path_factory):
    """An installation of the student's distribution alone."""
    return install(dist, tmp_path_factory.mktemp("student") / "site", "mlpkit")


@pytest.fixture(scope="module")
def both(dist, tmp_path_factory):
    """An installation of both."""
    site = tmp_path_factory.mktemp("both") / "site"
    return install(dist, site, "mlpkit", "mlpkit_solutions")


def test_students_get_the_notebooks_and_nothing_of_the_solutions(dist):
    wheel, sdist = names(dist, "mlpkit")
    for path in sorted((ROOT / "assignments").glob("*/*.ipynb")):
        assert f"mlpkit/notebooks/{path.parent.name}/{path.name}" in wheel
    assert {"mlpkit/py.typed", "autograder/py.typed", "mlpkit/__init__.py"} <= wheel
    for name in wheel | sdist:
        assert not re.search(r"solution|mistakes|variants|^tests/|course_files", name), name


def test_no_file_of_the_students_wheel_holds_a_reference_or_a_hidden_test(dist):
    (wheel,) = dist.glob("mlpkit-0*.whl")
    archive = zipfile.ZipFile(wheel)
    shipped = "\n".join(
        archive.read(name).decode() for name in archive.namelist() if name.endswith(".ipynb")
    )
    assert "secret_rng" in shipped and "BEGIN HIDDEN" not in shipped
    hidden = [
        line.strip()
        for path in (ROOT / "solutions").glob("[0-9]*/*.py")
        for part in re.findall(
            r"### BEGIN HIDDEN TESTS\n(.*?)### END", path.read_text("utf-8"), re.S
        )
        for line in part.splitlines()
        if "secret_rng(" in line
    ]
    assert len(hidden) > 50
    assert not [line for line in hidden if line in shipped]


def test_the_second_distribution_holds_every_source(dist):
    wheel, sdist = names(dist, "mlpkit_solutions")
    for path in (ROOT / "solutions").glob("[0-9]*/**/*.py"):
        name = path.relative_to(ROOT / "solutions").as_posix()
        assert f"mlpkit_solutions/{name}" in wheel and name in sdist
    assert not [name for name in wheel if name.startswith(("mlpkit/", "autograder/"))]


def test_they_are_of_one_version():
    first, second = (tomllib.loads(path.read_text())["project"] for path in PROJECT)
    assert second["version"] == mlpkit.__version__
    assert second["dependencies"] == [f"mlpkit=={mlpkit.__version__}"]
    assert f"version: {mlpkit.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert (ROOT / "solutions/LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert first["requires-python"] == second["requires-python"] == ">=3.11"


def test_two_builds_are_the_same_bytes_and_solutions_may_be_missing(dist, tmp_path):
    (tmp_path / "project").mkdir()
    project = copy_project(tmp_path / "project", "solutions")
    for path in project.rglob("*"):
        os.utime(path, (1e9, 1e9))
    again = build(project, tmp_path / "dist")
    assert len(again) == 2
    for name, data in again.items():
        assert data == (dist / name).read_bytes(), name


def test_a_wheel_built_from_the_sdist_is_the_same(dist, tmp_path):
    (sdist,) = dist.glob("mlpkit-0*.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(sdist.read_bytes())) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.glob("mlpkit-*")
    built = build(folder, tmp_path / "dist")
    (wheel,) = (name for name in built if name.endswith(".whl"))
    assert built[wheel] == (dist / wheel).read_bytes()


@pytest.mark.parametrize("command", COMMANDS)
def test_where_an_extra_is_missing_every_command_says_what_to_type(student, command):
    words = command.split()
    said = run(
        student, "autograder", *words, code=2,
        hidden=["IPython", "msgpack", "nbgrader", "sqlalchemy", "jinja2", "pyseccomp", "tqdm"],
    )  # fmt: skip
    assert said.count("\n") == 1
    assert said.startswith(f"autograder: {words[0]} needs IPython, msgpack")
    extra = "notebook" if words[0] in ("check", "progress", "watch") else "grade"
    assert f"Type: pip install 'mlpkit[{extra}]'" in said


@pytest.mark.parametrize(
    "command", ["check 00_wires.ipynb", "progress", "watch", "init C", "demo D"]
)
def test_without_the_solutions_it_says_what_brings_them(student, command):
    run(student, "mlpkit", "start", ".")
    said = run(student, "autograder", *command.split(), code=2)
    assert "pip install mlpkit-solutions" in said.splitlines()[-1] and "Traceback" not in said


def test_help_needs_nothing(student):
    hidden = ["IPython", "msgpack", "nbgrader", "sqlalchemy"]
    for words in (
        ["autograder", "--help"],
        ["autograder", "check", "--help"],
        ["mlpkit", "--help"],
    ):
        assert "usage:" in run(student, *words, hidden=hidden)


def test_from_start_to_the_first_green_check(both):
    said = run(both, "mlpkit", "start", "mine")
    assert "jupyter lab mine/00_wires.ipynb" in said and "autograder watch mine" in said
    path = both.parent / "elsewhere/mine/00_wires.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    next(cell for cell in notebook["cells"] if cell["id"] == "values")["source"] = ANSWER
    path.write_text(json.dumps(notebook), "utf-8")
    said = run(both, "autograder", "check", "mine/00_wires.ipynb")
    assert "1 / 1" in said


def test_an_installed_course_can_be_made(both):
    run(both, "autograder", "init", "COURSE")
    course = both.parent / "elsewhere/COURSE"
    assert len(list(course.glob("release/*/*.ipynb"))) == len(
        list((ROOT / "assignments").glob("*"))
    )
    said = run(both, "autograder", "build", code=2)
    assert "There is no solutions/NN_topic in" in said
