"""An assignment of one's own, in a folder that is no checkout: begun, watched, proved, handed out."""

import itertools
import json

import pytest

from autograder.authoring.new_assignment import write_new_assignment
from autograder.authoring.watch import watch
from autograder.cli.main import main

NAME = "08_batch_norm"

# What the guide's walk makes of the template: normalisation over the batch, and its derivative.
BATCH_NORM = '''\
# %% [markdown]
# # Batch normalisation
#
# Each feature is made to have mean 0 and variance 1 over the batch: $\\hat x = (x - \\mu) / s$.

# %% given id="setup"
import numpy as np

from mlpkit.testing import assert_array, secret_rng


# %% solution id="normalise"
def normalise(X):
    """x hat = (x - mu) / s over the rows. X (N, p) -> (N, p)."""
    ### BEGIN SOLUTION
    return (X - X.mean(axis=0)) / X.std(axis=0)
    ### END SOLUTION


# %% test id="test_normalise" points=1
"""Each column has mean 0 and variance 1"""
X = np.array([[1.0, 4.0], [3.0, 0.0], [5.0, 2.0]])
right = np.array([[-1.0, 1.0], [0.0, -1.0], [1.0, 0.0]]) * np.sqrt(1.5)
assert_array(normalise(X), right, "x hat")


# %% solution id="dL_dX"
def dL_dX(X, G):
    """dL/dX = (G - mean G - x hat mean (G x hat)) / s. X, G (N, p) -> (N, p)."""
    ### BEGIN SOLUTION
    H = normalise(X)
    return (G - G.mean(axis=0) - H * (G * H).mean(axis=0)) / X.std(axis=0)
    ### END SOLUTION


# %% test id="test_dL_dX" points=3
"""The derivative through mean and variance"""
rng = secret_rng("dL_dX")
X, G = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
### BEGIN HIDDEN TESTS
right = np.zeros_like(X)
for place in np.ndindex(X.shape):  # the trusted forward pass, differentiated by a complex step
    Z = X.astype(complex)
    Z[place] += 1e-30j
    D = Z - Z.mean(axis=0)
    right[place] = (G * D / np.sqrt((D**2).mean(axis=0))).sum().imag / 1e-30
assert_array(dL_dX(X, G), right, "dL/dX", hints={"mean and variance depend on x, too": G / X.std(axis=0)})
### END HIDDEN TESTS
assert_array(dL_dX(X, np.zeros_like(G)), np.zeros_like(G), "dL/dX")
'''
MISTAKE = '''\
"""Mean and variance taken as constants.

loses: test_dL_dX
says: mean and variance depend on x, too
"""


# %% solution id="dL_dX"
def dL_dX(X, G):
    return G / X.std(axis=0)
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["new", NAME]) == 0
    return tmp_path / "solutions" / NAME


def test_a_new_assignment_proves_as_it_is(folder, capsys):
    assert main(["prove"]) == 0
    assert "3 of 3 hold." in capsys.readouterr().out


def test_a_new_assignment_on_something_else(folder, tmp_path, capsys):
    """Batch normalisation, as an author would write it; then a course that holds it."""
    (folder / f"{NAME}.py").write_text(BATCH_NORM)
    (folder / "mistakes" / "mean.py").write_text(MISTAKE)
    (folder / "variants" / "scalar_product.py").unlink()
    assert main(["prove", NAME]) == 0, capsys.readouterr().err
    assert "2 of 2 hold." in capsys.readouterr().out
    assert main(["init", str(tmp_path / "COURSE"), "--folder", "."]) == 0
    release = tmp_path / "COURSE" / "release" / NAME / f"{NAME}.ipynb"
    text = release.read_text()
    assert "NotImplementedError" in text and "trusted forward" not in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("says: a mean", "says: a median"),
            "mean.py:4: test_dL_dw does not say 'a median', but: dL/dw",
        ),
        (("np.mean", "np.sum"), "mean.py:3: passes test_dL_dw, which it says it loses"),
        (("loses: test_dL_dw", "loses: test_x"), "mean.py:1: it loses 'test_x', but no such check"),
        (("def dL_dw(w, x, y):", "def dL_dw(w, x, y:"), "mean.py:9: not Python ('(' was never"),
        (("The mean", "The mean\u00fc"), "mean.py:1: byte 0xfc is no UTF-8; save the file as"),
        (('id="dL_dw"', 'id="other"'), "mean.py:8: 'other' is not the id of a solution cell"),
        (('"""The mean', '"The mean'), "mean.py:1: not Python"),
    ],
)
def test_a_mistake_that_is_not_what_it_says(folder, capsys, change, said):
    path = folder / "mistakes" / "mean.py"
    path.write_text(path.read_text().replace(*change), encoding="latin-1")
    assert main(["prove"]) == 2
    captured = capsys.readouterr()
    assert said in captured.err + captured.out and "scalar_product.py: ok" in captured.out


def test_a_variant_that_is_wrong_and_a_reference_that_fails(folder, capsys):
    path = folder / "variants" / "scalar_product.py"
    path.write_text(path.read_text().replace("@ x", "@ y"))
    assert main(["prove"]) == 2
    assert "scalar_product.py:1: loses test_dL_dw, too" in capsys.readouterr().err
    source = folder / f"{NAME}.py"
    source.write_text(source.read_text().replace("(w * x - y) * x)", "(w * x - y) * y)"))
    assert main(["prove"]) == 2
    line = 1 + source.read_text().split("# %% test")[0].count("\n")
    said = f"{NAME}.py:{line}: the reference solution does not pass test_dL_dw"
    assert said in capsys.readouterr().err


def test_a_source_as_windows_saves_it_is_read(folder, capsys):
    path = folder / f"{NAME}.py"
    text = path.read_text()
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert main(["prove"]) == 0
    path.write_bytes(text.replace("# What is", "# Wh\u00fct is", 1).encode("latin-1"))
    assert main(["prove"]) == 2
    assert f"{NAME}.py:4: byte 0xfc is no UTF-8; save the file as" in capsys.readouterr().err


def test_watching_writes_at_every_save_and_says_what_is_wrong(folder, tmp_path):
    source = folder / f"{NAME}.py"
    looks = itertools.count()
    texts = {1: source.read_text().replace('id="setup"', ""), 2: source.read_text() + "\n# end\n"}

    def pause(_):
        if (text := texts.get(next(looks))) is not None:
            source.write_text(text)

    lines = watch([source], tmp_path, pause)
    notebook = tmp_path / "assignments" / NAME / f"{NAME}.ipynb"
    assert "ready after" in next(lines) and json.loads(notebook.read_text())["cells"]
    before = notebook.read_bytes()
    assert f"{NAME}.py:" in next(lines) and notebook.read_bytes() == before
    assert "ready after" in next(lines)


@pytest.mark.parametrize("name", ["batchnorm", "8_x", "08_Batch", "../08_x", "08_x/y"])
def test_names_that_are_none(tmp_path, name, capsys):
    assert main(["new", name, "--folder", str(tmp_path)]) == 2
    assert "is no name for an assignment" in capsys.readouterr().err and not list(
        tmp_path.iterdir()
    )


def test_nothing_is_overwritten(tmp_path):
    write_new_assignment(tmp_path, NAME)
    assert main(["new", NAME, "--folder", str(tmp_path)]) == 2
