"""numpy alone is enough for the checker; what else is missing is named with the line to type."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITHOUT = "import sys; sys.modules.update(dict.fromkeys({modules!r})); "
COURSE = ("matplotlib", "matplotlib.pyplot", "sklearn", "scipy", "pooch", "requests", "tqdm")


def run(code):
    """In a process in which only numpy can be imported."""
    command = [sys.executable, "-c", WITHOUT.format(modules=COURSE) + code]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_the_checker_needs_numpy_only():
    done = run(
        "import numpy as np; from mlpkit import check_gradient, check_jacobian, taylor_test; "
        "x = np.ones(3); f = lambda x: (x**2).sum(); g = lambda x: 2 * x; "
        "print(check_gradient(f, g, x).ok, check_jacobian(g, lambda x: 2 * np.eye(3), x).ok, "
        "taylor_test(f, g, x).rate > 1.9)"
    )
    assert done.stdout.split() == ["True"] * 3, done.stderr


@pytest.mark.parametrize(
    "code, package",
    [
        ("import mlpkit.plotting", "matplotlib"),
        ("from mlpkit.datasets import load_digits", "sklearn"),
        ("from mlpkit.datasets import fetch_mnist", "pooch|sklearn"),
    ],
)
def test_a_missing_package_is_named_with_the_line_to_type(code, package):
    done = run(code)
    assert "It comes with: pip install 'mlpkit[course]'" in done.stderr
    assert any(name in done.stderr.splitlines()[-1] for name in package.split("|"))


def test_what_is_installed_without_an_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [line.split(">")[0] for line in project["dependencies"]] == ["numpy"]
    for extra in ("notebook", "grade"):
        assert "mlpkit[course]" in project["optional-dependencies"][extra]
