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
from collections import defaultdict
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mlpkit
from autograder.cli import needs
from autograder.cli.needs import unusable

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "pyproject.toml", ROOT / "solutions" / "pyproject.toml"
NEEDED = "mlpkit", "autograder", "assignments", "solutions"
FILES = "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", ".gitignore"
IGNORED = shutil.ignore_patterns("__pycache__")
EXTRAS = "", "course", "notebook", "grade"  # "": numpy alone
OWN = "check", "progress", "watch"  # these need IPython and msgpack only
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


@pytest.mark.parametrize("start", ["mlpkit", "mlpkit_solutions"])
def test_what_an_index_shows_needs_nothing_of_the_repository(dist, start):
    """Its links lead nowhere else, and its Python says what it says there."""
    (wheel,) = dist.glob(f"{start}-0*.whl")
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    head, _, text = archive.read(name).decode().partition("\n\n")
    assert "Description-Content-Type: text/markdown" in head and text.startswith("# mlpkit")
    targets = re.findall(r"\]\(([^)]*)\)|(?:src|href)=.([^'\" >]*)", text)
    assert all(target.startswith("https://") for pair in targets for target in pair if target)
    for code, said in re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", text, re.S):
        command = [sys.executable, "-W", "ignore", "-c", code]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(said)


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


@pytest.fixture(scope="module")
def extras(student):
    """The top-level modules of all that each extra brings, and all that it needs in turn."""
    (ours,) = metadata.distributions(name="mlpkit", path=[str(student)])
    modules = defaultdict(set)
    for module, distributions in metadata.packages_distributions().items():
        for name in distributions:
            modules[canonicalize_name(name)].add(module)

    def brought(requirements, extra, seen):
        for text in requirements or ():
            one = Requirement(text)
            name, key = canonicalize_name(one.name), (one.name, *sorted(one.extras))
            if key in seen or (one.marker and not one.marker.evaluate({"extra": extra})):
                continue
            seen.add(key)
            yield from modules[name]
            inner = ours.requires if name == "mlpkit" else metadata.requires(name)
            for wanted in ["", *one.extras]:
                yield from brought(inner, wanted, seen)

    return {extra: set(brought(ours.requires, extra, set())) for extra in EXTRAS}


def all_commands(site, hidden):
    """What each command says, by its words, where the modules cannot be imported."""
    place = site.parent / "nowhere"
    place.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("every_command.py"), *sorted(hidden)],
        cwd=place, env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {" ".join(one["line"]): one for one in json.loads(done.stdout)}


def hidden_without(extras, extra):
    """Every third-party module that an installation of mlpkit[extra] alone would not have."""
    ours = {"mlpkit", "autograder", "mlpkit_solutions"}
    everything = set(metadata.packages_distributions()) - ours
    return everything - extras[extra] - sys.stdlib_module_names


@pytest.mark.parametrize("extra", EXTRAS)
def test_in_every_installation_every_command_says_one_thing_and_none_fails(student, extras, extra):
    found = all_commands(student, hidden_without(extras, extra))
    assert len(found) > 22
    assert {"mlpkit start FOLDER", "autograder roster show COURSE"} <= found.keys()
    for line, one in found.items():
        assert "Traceback" not in one["said"], f"{line}: {one['said']}"
        assert "usage" not in one["said"], f"{line}: {one['said']}"
        command = line.split()[1]
        lacking = "grade" if extra != "grade" else None
        if line.startswith("mlpkit") or command == "new" and not lacking:
            assert one["code"] == 0, line
            continue
        if command in OWN:
            lacking = "notebook" if extra in ("", "course") else None
        assert one["code"] == 2 and one["said"].count("\n") == 1, f"{line}: {one['said']}"
        if lacking:
            assert one["said"].startswith(f"autograder: {command} needs "), line
            assert one["said"].endswith(f"pip install 'mlpkit[{lacking}]'\n"), line
        else:
            assert "not installed. Type: pip install 'mlpkit[" not in one["said"], line


def test_a_library_that_is_too_old_or_lacks_a_part_is_named_with_the_line_to_type():
    for error in (
        ImportError("cannot import name 'api' from 'nbgrader' (old)", name="nbgrader"),
        ModuleNotFoundError("No module named 'alembic'", name="alembic.config"),
    ):
        said = str(unusable("grade", error))
        assert error.name.split(".")[0] in said and said.endswith("pip install 'mlpkit[grade]'")
    for fault in (
        ImportError("cannot import name 'x' from 'autograder.exam'", name="autograder.exam"),
        ModuleNotFoundError("No module named 'json.x'", name="json.x"),
        ImportError("what?"),
    ):
        assert unusable("grade", fault) is None


def test_a_command_that_finds_out_late_says_it_too(both):
    said = run(both, "autograder", "init", "LATE", code=2, hidden=["nbgrader.preprocessors"])
    assert "init needs nbgrader, which is installed, but cannot be used" in said
    assert said.count("\n") == 1 and not (both.parent / "elsewhere" / "LATE").exists()


def test_what_grading_needs_is_what_the_extra_brings(extras):
    assert set(needs._GRADE) <= extras["grade"] and set(needs._CHECK) <= extras["notebook"]


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
