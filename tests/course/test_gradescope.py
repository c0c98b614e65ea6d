"""The zip that Gradescope takes, unpacked and run as Gradescope runs it."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

from autograder.cli.main import main
from tests.course.conftest import NAME, filled

RIGHT = {"double": "def double(x):\n    return 2 * x", "square": "def square(x):\n    return x * x"}
# What a submission may try: to read the hidden tests, or the secret of their numbers.
PEEK = """\
import glob, os
found = [p for p in glob.glob("{root}/**/*", recursive=True) if os.access(p, os.R_OK)]
def double(x):
    return 40 if found else 2 * x
"""


@pytest.fixture
def unpacked(course, tmp_path):
    """Gradescope's folders with the zip in ``source``."""
    target = tmp_path / "a.zip"
    assert main(["gradescope", NAME, "--course", str(course.root), "--output", str(target)]) == 0
    root = tmp_path / "autograder"
    with zipfile.ZipFile(target) as archive:
        archive.extractall(root / "source")
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert modes["run_autograder"] == modes["setup.sh"] == 0o755
    assert modes[f"course/source/{NAME}/{NAME}.ipynb"] == 0o600
    for folder in ("submission", "results"):
        (root / folder).mkdir()
    return root


def run(root, text):
    (root / "submission" / f"{NAME}.ipynb").write_text(text)
    environment = {**os.environ, "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable}
    environment.pop("PYTHONPATH", None)  # the packages are those of the zip
    done = subprocess.run(
        ["bash", str(root / "source" / "run_autograder")],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads((root / "results" / "results.json").read_text())


def test_a_submission_is_graded(unpacked, course):
    found = run(unpacked, json.dumps(filled(course, **RIGHT)))
    assert found["score"] == 5 and found["visibility"] == "visible"
    assert [test["score"] for test in found["tests"][:2]] == [2.0, 3.0]
    wrong = run(unpacked, json.dumps(filled(course, double="def double(x):\n    return 2")))
    assert wrong["score"] == 0 and "Next: try x = 20" in wrong["tests"][0]["output"]
    broken = run(unpacked, "{")
    assert "not final (needs a person)" in broken["output"]


def test_hidden_tests_are_not_readable_there(unpacked, course):
    text = PEEK.format(root=unpacked / "source" / "course")
    found = run(unpacked, json.dumps(filled(course, double=text)))
    assert found["tests"][0]["status"] == "passed", found["tests"][0]


def test_the_scripts_are_sound(unpacked):
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(unpacked / "source" / name)], check=True)
    needs = (unpacked / "source" / "requirements.txt").read_text().splitlines()
    assert any(line.startswith("nbgrader") for line in needs) and "mlpkit" not in " ".join(needs)
    from packaging.requirements import Requirement

    assert all(Requirement(line) for line in needs)


STUB = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "$LOG"
case "$*" in
"-c "*) exit $OLD ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/pip" ;;
*python3.11*) exit $NO_311 ;;
esac
"""


@pytest.mark.parametrize(
    ("old", "no_311", "python"), [(0, 0, "python3"), (1, 0, "python3.11"), (1, 100, "")]
)
def test_setup_takes_a_python_that_is_new_enough(unpacked, tmp_path, old, no_311, python):
    """The image that Gradescope offers first has Python 3.10."""
    (tmp_path / "bin").mkdir()
    for name in ("apt-get", "python3", "python3.11"):
        (tmp_path / "bin" / name).write_text(STUB)
        (tmp_path / "bin" / name).chmod(0o755)
    environment = {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "LOG": str(tmp_path / "log"),
        "OLD": str(old), "NO_311": str(no_311), "AUTOGRADER_ROOT": str(unpacked),
    }  # fmt: skip
    done = subprocess.run(
        ["bash", str(unpacked / "source" / "setup.sh")],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    said = (tmp_path / "log").read_text()
    assert done.returncode == (0 if python else 1)
    if not python:
        assert "Choose Ubuntu 22.04 or newer" in done.stderr
        return
    assert f"\n{python} -m venv {unpacked / 'venv'}\npip install" in said
    modes = {
        path.relative_to(unpacked).as_posix(): path.stat().st_mode & 0o777
        for path in unpacked.rglob("*")
    }
    # As root, student code runs as another user: it needs the packages, and gets nothing else.
    assert modes["source/course"] == 0o700
    assert all(mode & 0o044 == 0 for name, mode in modes.items() if "source/course" in name)
    assert all(mode & 0o444 == 0o444 for name, mode in modes.items() if "source/lib" in name)
    assert modes["source"] & modes["venv"] & 0o055 == 0o055
