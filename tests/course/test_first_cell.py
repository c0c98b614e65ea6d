"""Where mlpkit is missing or old, the first cell says what to type; in Colab it offers to do it."""

import builtins
import json
import sys
import types

import pytest

import mlpkit
from autograder.authoring.installed import student_notebooks

TOLD = "Type: pip install --upgrade 'mlpkit[notebook]', then restart the kernel."


def first_cell(name):
    notebook = json.loads(student_notebooks()[name].read_text("utf-8"))
    return "".join(next(c["source"] for c in notebook["cells"] if c["cell_type"] == "code"))


class Shell:
    """A stand-in for IPython in which ``pip`` brings mlpkit."""

    def __init__(self, back):
        self.back, self.typed = back, []

    def run_line_magic(self, magic, line):
        self.typed.append(f"%{magic} {line}")
        self.back()


@pytest.fixture
def shell(monkeypatch):
    """A kernel without mlpkit."""
    kept = {n: m for n, m in sys.modules.items() if n.split(".")[0] == "mlpkit"}
    for name in kept:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlpkit", None)
    return Shell(lambda: sys.modules.update(kept))


@pytest.mark.parametrize("name", student_notebooks())
def test_it_says_the_line_to_type(name, shell, monkeypatch, capsys):
    monkeypatch.setattr(builtins, "input", None)  # nobody is asked
    with pytest.raises(ModuleNotFoundError):
        exec(first_cell(name), {"get_ipython": lambda: shell})
    assert TOLD in capsys.readouterr().out
    assert not shell.typed


class Published(types.ModuleType):
    """An mlpkit that some machine has: everything of this one, but of another version."""

    def __init__(self, **own):
        super().__init__("mlpkit")
        self.__path__ = mlpkit.__path__
        self.__dict__.update(own)

    def __getattr__(self, name):
        if name == "require_version":
            raise AttributeError(name)
        return getattr(mlpkit, name)


def too_old(needed):
    raise ImportError(f"mlpkit {needed} or newer is needed; installed is 0.0.9")


@pytest.mark.parametrize("own", [{}, {"require_version": too_old}])
def test_an_older_mlpkit_is_named_too(own, monkeypatch, capsys):
    """Its other names are all there, so nothing else would say it."""
    monkeypatch.setitem(sys.modules, "mlpkit", Published(**own))
    exec(first_cell("01_logistic"), {"get_ipython": None})
    assert TOLD in capsys.readouterr().out


def test_this_mlpkit_is_new_enough_for_every_notebook(capsys):
    for name in student_notebooks():
        assert "require_version" in first_cell(name)
        exec(first_cell(name), {"get_ipython": None})
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("installed", "needed", "fits"),
    [
        ("0.1.0", "0.1.0", True),
        ("0.10.0", "0.9.2", True),
        ("0.1.0", "0.1", True),
        ("1.0", "0.9.9", True),
        ("0.9.2", "0.10.0", False),
        ("0.1.0", "0.1.1", False),
    ],
)
def test_versions_are_compared_as_numbers(installed, needed, fits, monkeypatch):
    monkeypatch.setattr(mlpkit, "__version__", installed)
    if fits:
        mlpkit.require_version(needed)
    else:
        with pytest.raises(ImportError, match=f"{needed} or newer is needed; installed is"):
            mlpkit.require_version(needed)


@pytest.mark.parametrize("answer", ["y", "n"])
def test_in_colab_it_offers_to_install_and_goes_on(shell, monkeypatch, answer):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setattr(builtins, "input", lambda prompt: answer)
    names = {"get_ipython": lambda: shell}
    if answer == "y":
        exec(first_cell("01_logistic"), names)
        assert shell.typed == ["%pip install --quiet --upgrade 'mlpkit[course]'"]
        assert "check_gradient" in names
    else:
        with pytest.raises(ModuleNotFoundError):
            exec(first_cell("01_logistic"), names)
        assert not shell.typed
