"""What decides a score is in the key of its result; which hidden inputs, nobody can choose."""

import logging

import pytest

from autograder.cli.main import main
from autograder.errors import AutograderError, ExamError, SandboxError, Stopped
from autograder.grading import result_cache
from autograder.grading.draws import DRAWS, drawn
from autograder.sandbox.inside import ConfineError


@pytest.fixture
def code(tmp_path, monkeypatch):
    """A copy of the tree of what decides a score, one small file for each listed path."""
    for name in result_cache._DECIDES:
        path = tmp_path / name
        path = path if path.suffix else path / "module.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("value = 1")
    monkeypatch.setattr(result_cache, "_PACKAGE", tmp_path / "autograder")
    return tmp_path


@pytest.mark.parametrize("name", result_cache._DECIDES)
def test_an_edit_of_anything_that_decides_a_score_makes_another_key(code, name):
    before = result_cache.grader_version()
    path = code / name
    (path if path.suffix else path / "module.py").write_text("value = 2")
    assert result_cache.grader_version() != before


@pytest.mark.parametrize("name", result_cache._DECIDES)
def test_a_path_that_is_missing_is_not_skipped(code, name):
    path = code / name
    (path if path.suffix else path / "module.py").unlink()
    with pytest.raises(FileNotFoundError, match="decides scores, and is not there"):
        result_cache.grader_version()


@pytest.mark.parametrize("name", result_cache._LIBRARIES)
def test_another_version_of_a_library_makes_another_key(code, name, monkeypatch):
    before = result_cache.grader_version()
    known = result_cache.version
    monkeypatch.setattr(result_cache, "version", lambda one: "0.0" if one == name else known(one))
    assert result_cache.grader_version() != before


def test_another_python_makes_another_key(code, monkeypatch):
    before = result_cache.grader_version()
    monkeypatch.setattr(result_cache.sys, "version", "4.0")
    assert result_cache.grader_version() != before


def test_all_that_decides_a_score_is_there():
    assert len(list(result_cache._code())) > 50


def test_who_pads_a_file_cannot_choose_its_hidden_inputs():
    """The draw follows from the secret: another secret or student draws otherwise."""
    files = [b"notebook" + b" " * n for n in range(200)]
    ada = [drawn("secret", "ada", data) for data in files]
    assert len(set(ada)) == DRAWS
    assert ada == [drawn("secret", "ada", data) for data in files], "the same at every run"
    for other in (
        [drawn("secret", "bob", data) for data in files],
        [drawn("public", "ada", data).replace("public", "secret") for data in files],
    ):
        same = sum(one == two for one, two in zip(ada, other, strict=True))
        assert same < 60  # of 200; by chance 25


def test_one_tree_of_exceptions():
    for kind in (Stopped, ExamError, SandboxError, ConfineError):
        assert issubclass(kind, AutograderError)


def test_the_version_is_said(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0 and capsys.readouterr().out.startswith("autograder 0.")


def test_a_log_has_what_modules_say(tmp_path, capsys):
    file = tmp_path / "log.txt"
    main(["--log", str(file), "grade", str(tmp_path / "nowhere"), "01"])
    logging.getLogger("autograder.exam.pool").warning("held once more")
    assert "WARNING autograder.exam.pool" in file.read_text()
    main(["grade", str(tmp_path / "nowhere"), "01"])  # and then no more
    logging.getLogger("autograder.exam.pool").warning("once again")
    assert "once again" not in file.read_text()
    assert "once again" not in capsys.readouterr().err
