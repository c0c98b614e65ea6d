"""Build, check and grade give the same whatever stands in the caller's environment."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.directory import Course
from tests.course.conftest import NAME, filled

BANK = Path(__file__).parent / "bank"
CHECKOUT = Path(__file__).parents[2]
LOUD = "print('this is printed at every start')\n"
BROKEN = "raise RuntimeError('this module is not the one that was meant')\n"


def _mpl_backend(home: Path) -> dict[str, str]:
    return {"MPLBACKEND": "svg"}


def _matplotlibrc(home: Path) -> dict[str, str]:
    (home / "matplotlibrc").write_text("figure.figsize: 1, 1\nsavefig.dpi: 10\n")
    return {"MATPLOTLIBRC": str(home / "matplotlibrc")}


def _python_path(home: Path) -> dict[str, str]:
    """A folder in which modules of ours and of numpy's names lie."""
    folder = home / "shadows"
    folder.mkdir()
    for name in ("examiner", "line_loss", "decoder", "sitecustomize"):
        (folder / f"{name}.py").write_text(LOUD if name == "sitecustomize" else BROKEN)
    return {"PYTHONPATH": f"{folder}{os.pathsep}{CHECKOUT}"}


def _startup(home: Path) -> dict[str, str]:
    (home / "startup.py").write_text(BROKEN)
    return {"PYTHONSTARTUP": str(home / "startup.py"), "PYTHONINSPECT": ""}


def _locale(home: Path) -> dict[str, str]:
    return {
        "LANG": "C",
        "LC_ALL": "C",
        "LANGUAGE": "tr",
        "PYTHONIOENCODING": "ascii",
        "TZ": "Asia/Kolkata",
    }


def _no_home(home: Path) -> dict[str, str | None]:
    return {"HOME": None, "XDG_CONFIG_HOME": None, "USER": None}


def _profile(home: Path) -> dict[str, str]:
    """An IPython profile that prints at every start, and a configuration of Jupyter's."""
    start = home / ".ipython" / "profile_default" / "startup"
    start.mkdir(parents=True)
    (start / "00_loud.py").write_text(LOUD)
    (start.parent / "ipython_config.py").write_text(
        "c.InteractiveShellApp.exec_lines = ['1 / 0']\n"
    )
    return {"HOME": str(home), "IPYTHONDIR": str(home / ".ipython")}


def _numbers(home: Path) -> dict[str, str]:
    return {
        "PYTHONHASHSEED": "7",
        "OMP_NUM_THREADS": "3",
        "PYTHONOPTIMIZE": "1",
        "PYTHONWARNINGS": "ignore",
    }


ENVIRONMENTS = [
    _mpl_backend,
    _matplotlibrc,
    _python_path,
    _startup,
    _locale,
    _no_home,
    _profile,
    _numbers,
]


def all_at_once(home: Path) -> dict[str, str | None]:
    """Every one of them; a home that is there where one takes it away."""
    return {key: value for one in reversed(ENVIRONMENTS) for key, value in one(home).items()}


def command(folder: Path, home: Path, change: dict[str, str | None], *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "HOME": str(home), **change}
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=folder,
        env={key: value for key, value in environment.items() if value is not None},
        capture_output=True,
        timeout=300,
    )
    assert done.returncode in (0, 1), (arguments, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout.decode(errors="replace")


def results(base: Path, prepared: Path, change) -> dict[str, object]:
    """What the three commands make: files built, what check says, the scores of a class of one."""
    home = base / "home"
    home.mkdir(parents=True)
    changed = change(home) if change else {}
    project = base / "project"
    shutil.copytree(BANK, project)
    command(project, home, changed, "build")
    built = {path.name + path.parts[-3]: path.read_bytes() for path in project.rglob("*.ipynb")}

    course = base / "course"
    shutil.copytree(prepared, course)
    command(course, home, changed, "grade", str(course), NAME, "--json", "scores.json", "--enrol")
    graded = json.loads((course / "scores.json").read_text())

    own = CHECKOUT / "assignments/01_logistic/01_logistic.ipynb"
    checked = json.loads(
        command(project, home, changed, "check", str(own), "--json").splitlines()[-1]
    )
    return {"built": built, "graded": without_times(graded), "checked": without_times(checked)}


def without_times(value):
    """A result as far as it does not tell how long something took, or where."""
    if isinstance(value, dict):
        left = ("seconds", "notebook", "key", "path", "timestamp")
        return {key: without_times(one) for key, one in value.items() if key not in left}
    return [without_times(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def prepared(fresh_course, tmp_path_factory):
    """A course in which one student handed in a right and a wrong answer."""
    root = tmp_path_factory.mktemp("prepared") / "course"
    shutil.copytree(fresh_course.root, root)
    answers = filled(
        Course.open(root),
        double="def double(x): return 2 * x",
        square="def square(x): return 2 * x",
    )
    place = root / "submitted" / "ann" / NAME
    place.mkdir(parents=True)
    (place / f"{NAME}.ipynb").write_text(json.dumps(answers))
    return root


@pytest.fixture(scope="module")
def undisturbed(prepared, tmp_path_factory):
    return results(tmp_path_factory.mktemp("plain"), prepared, None)


def test_nothing_of_the_callers_environment_reaches_a_notebook_or_a_score(
    undisturbed, prepared, tmp_path
):
    assert len(undisturbed["built"]) == 2 and undisturbed["checked"]
    (ann,) = undisturbed["graded"]
    assert ann["status"] == "graded" and ann["score"] == 2
    assert results(tmp_path / "all", prepared, all_at_once) == undisturbed


@pytest.mark.soak
@pytest.mark.parametrize("change", ENVIRONMENTS, ids=lambda one: one.__name__.strip("_"))
def test_each_alone(undisturbed, prepared, tmp_path, change):
    assert results(tmp_path / "one", prepared, change) == undisturbed
