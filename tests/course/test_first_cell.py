"""Where mlpkit is missing, the first cell says what to type, and in Colab offers to do it."""

import builtins
import json
import sys
import types

import pytest

from autograder.authoring.installed import student_notebooks


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
    assert "Type: pip install 'mlpkit[notebook]'" in capsys.readouterr().out
    assert not shell.typed


@pytest.mark.parametrize("answer", ["y", "n"])
def test_in_colab_it_offers_to_install_and_goes_on(shell, monkeypatch, answer):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setattr(builtins, "input", lambda prompt: answer)
    names = {"get_ipython": lambda: shell}
    if answer == "y":
        exec(first_cell("01_logistic"), names)
        assert shell.typed == ["%pip install --quiet 'mlpkit[course]'"]
        assert "check_gradient" in names
    else:
        with pytest.raises(ModuleNotFoundError):
            exec(first_cell("01_logistic"), names)
        assert not shell.typed
