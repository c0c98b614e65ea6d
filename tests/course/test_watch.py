"""Sections, ``check --only``, ``autograder watch`` and ``%watch``."""

import json
import os

import pytest

from autograder import self_study, watch
from autograder.authoring import installed
from autograder.authoring.installed import course_sources
from autograder.cli import watching
from autograder.cli.main import main
from autograder.errors import AutograderError
from autograder.notebook.sections import Section, in_section, sections_of_checks
from autograder.result import FAILED, GRADED, PASSED, Check, Result
from mlpkit import notebook_extension

NAME = "00_wires"


def result(*statuses):
    """Checks of these statuses; the first is the values', the second the nudge's."""
    names = "test_values", "test_nudge"
    checks = tuple(
        Check(
            name,
            f"Title of {name}",
            1.0,
            float(status == PASSED),
            status,
            "" if status == PASSED else f"why {name} <b>",
        )
        for name, status in zip(names, statuses, strict=True)
    )
    return Result("", NAME, GRADED, checks)


@pytest.fixture
def mine(tmp_path):
    """A folder with one notebook, untouched."""
    (tmp_path / f"{NAME}.ipynb").write_bytes(installed.student_notebooks()[NAME].read_bytes())
    return tmp_path


def looks(folder, results, monkeypatch):
    """What ``watch`` yields; ``save(text)`` between two looks. Exams come from ``results``."""
    answers = iter(results)
    monkeypatch.setattr(watch, "examined", lambda name, data: next(answers))
    return watch.watch(folder, sleep=lambda seconds: None)


def save(folder, data=None):
    path = folder / f"{NAME}.ipynb"
    path.write_bytes(path.read_bytes() + b" " if data is None else data)
    return path


@pytest.mark.parametrize("name", course_sources())
def test_every_check_of_the_course_stands_in_a_numbered_section(name):
    found = self_study.sections(name)
    steps = self_study._steps(name)
    checks = [step.id for step in steps if step.kind in ("test", "manual")]
    assert checks and all(found[check].title for check in checks)
    assert all(found[check].number for check in checks if check.startswith("test_"))
    written = [found[check].number for check in checks if found[check].number]
    numbers = [[int(part) for part in number.split(".")] for number in written]
    assert numbers == sorted(numbers)
    assert sections_of_checks(steps)[checks[0]].title


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [("2", True), ("2.1", True), ("2.1.", True), ("test_a", True), ("the loss", True),
     ("2.1 The loss", True), ("1", False), ("2.2", False), ("21", False), ("", False), ("loss", False)],
)  # fmt: skip
def test_a_section_is_meant_by_number_title_or_check(wanted, meant):
    assert in_section(wanted, "test_a", Section("2.1", "The loss")) is meant


def test_check_only_shows_one_section(mine, monkeypatch, capsys):
    monkeypatch.setattr(
        self_study, "examined", lambda name, data, once=False: result(PASSED, FAILED)
    )
    path = str(mine / f"{NAME}.ipynb")
    assert main(["check", path, "--only", "1.2", "--json"]) == 0
    (check,) = json.loads(capsys.readouterr().out)["checks"]
    assert check["id"] == "test_nudge"
    assert main(["check", path, "--only", "9"]) == 2
    assert "no section with checks '9'; there are: 1.1 The values" in capsys.readouterr().err


def test_progress_says_the_section_and_the_command(mine, monkeypatch, capsys):
    monkeypatch.setattr(
        self_study, "examined", lambda name, data, once=False: result(PASSED, FAILED)
    )
    monkeypatch.setattr(self_study, "_untouched", lambda name, data: False)
    assert main(["progress", str(mine)]) == 0
    said = capsys.readouterr().out
    assert "next: 1.2 A nudge · Title of test_nudge" in said
    assert f"autograder check {mine}/{NAME}.ipynb --only 1.2" in said


def test_a_save_is_judged_and_what_turned_red_is_explained(mine, monkeypatch):
    saves = looks(mine, [result(PASSED, FAILED), result(FAILED, FAILED)], monkeypatch)
    assert next(saves) is None, "nothing was saved yet"
    save(mine)
    judged = next(saves)
    assert [check.id for check in judged.turned_red] == ["test_values"] and judged.gained == -1
    said = watching.as_text(judged)
    assert "Turned red: 1.1 The values · Title of test_values (0 / 1)\n    why test_values" in said
    page = watching.as_html(judged)
    assert "why test_values &lt;b&gt;" in page and "<b>why" not in page
    assert next(saves) is None


def test_what_is_open_first_is_told(mine, monkeypatch):
    saves = looks(mine, [result(FAILED, FAILED), result(PASSED, FAILED)], monkeypatch)
    next(saves)
    save(mine)
    judged = next(saves)
    assert judged.open.id == "test_nudge" and judged.gained == 1 and not judged.turned_red
    assert "Open first: 1.2 A nudge" in watching.as_text(judged)
    assert judged.to_json()["sections"][0] == {
        "section": "1.1 The values",
        "score": 1.0,
        "max_score": 1.0,
    }


def test_a_file_that_is_being_written_is_waited_for(mine, monkeypatch):
    whole = (mine / f"{NAME}.ipynb").read_bytes()
    answers = iter([result(FAILED, FAILED), result(PASSED, PASSED)])
    seen = []
    monkeypatch.setattr(watch, "examined", lambda name, data: seen.append(data) or next(answers))
    saves = watch.watch(mine, sleep=lambda seconds: save(mine, whole))
    next(saves)
    save(mine, whole[: len(whole) // 2])
    assert next(saves).result.score == 2 and json.loads(seen[-1])


def test_a_file_that_is_gone_and_comes_back_is_judged(mine, monkeypatch):
    saves = looks(mine, [result(FAILED, FAILED), result(PASSED, FAILED)], monkeypatch)
    next(saves)
    path = mine / f"{NAME}.ipynb"
    data = path.read_bytes()
    path.unlink()
    assert next(saves) is None
    path.write_bytes(data + b" ")
    assert next(saves).result.score == 1


def test_a_copy_is_judged_too_and_named(mine, monkeypatch):
    """A notebook that was renamed or copied: which of the two is open nobody knows."""
    copy = mine / "final.ipynb"
    copy.write_bytes((mine / f"{NAME}.ipynb").read_bytes())
    saves = looks(mine, [result(FAILED, FAILED), result(PASSED, FAILED)], monkeypatch)
    next(saves)
    copy.write_bytes(copy.read_bytes() + b" ")
    judged = next(saves)
    assert judged.path == copy
    assert watching.as_text(judged).startswith(f"\n{NAME} (final.ipynb): 1 of 2 points")


def test_a_notebook_that_vanishes_while_all_are_looked_for_is_no_end(mine, monkeypatch):
    path = mine / f"{NAME}.ipynb"
    monkeypatch.setattr(self_study, "all_notebooks", lambda folder: [(path, NAME)])
    path.unlink()
    with pytest.raises(AutograderError, match="No notebook of this course"):
        self_study.find_notebooks(mine)


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(AutograderError, match="No notebook of this course"):
        next(watch.watch(tmp_path))


def test_the_page_is_written_at_every_save(mine, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(watching.webbrowser, "open", opened.append)
    answers = iter([result(FAILED, FAILED), result(PASSED, FAILED)])
    monkeypatch.setattr(watch, "examined", lambda name, data: next(answers))

    def sleep(seconds):
        if "1 of 2 points" in (mine / watching.PAGE).read_text():
            raise KeyboardInterrupt
        save(mine)

    monkeypatch.setattr(watching, "watch", lambda folder, ready: watch.watch(folder, ready, sleep))
    assert main(["watch", str(mine), "--page"]) == 0
    assert opened == [(mine / watching.PAGE).as_uri()]
    assert "Watching 1 notebook" in capsys.readouterr().out


def test_json_has_a_line_for_each_save_alone_and_stderr_says_when_it_is_ready(
    mine, monkeypatch, capsys
):
    answers = iter([result(FAILED, FAILED), result(PASSED, FAILED)])
    monkeypatch.setattr(watch, "examined", lambda name, data: next(answers))
    looked = iter([lambda: save(mine), lambda: None])

    def sleep(seconds):
        if (look := next(looked, None)) is None:
            raise KeyboardInterrupt
        look()

    monkeypatch.setattr(watching, "watch", lambda folder, ready: watch.watch(folder, ready, sleep))
    assert main(["watch", str(mine), "--json"]) == 0
    out, err = capsys.readouterr()
    assert [json.loads(line)["score"] for line in out.splitlines()] == [1.0]
    assert err == f"Watching 1 notebook in {mine}. Save one.\n\nStopped watching.\n"


def test_a_real_edit_is_judged_with_the_hidden_tests(mine):
    saves = watch.watch(mine)
    next(saves)
    notebook = json.loads((mine / f"{NAME}.ipynb").read_text("utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "values")
    cell["source"] = (
        "def values(x, y, z):\n    return 3, 2, -12, -10\n"  # right for what is visible
    )
    save(mine, json.dumps(notebook).encode())
    judged = next(saves)
    assert judged.open.id == "test_values" and "not written yet" not in judged.open.message


class Shown:
    def __init__(self):
        self.pages = []

    def update(self, page):
        self.pages.append(page)


def test_the_magic_shows_each_line_in_place_of_the_last():
    class Process:
        stdout = [json.dumps({"html": "<h3>one</h3>"}), "autograder: no notebook in <b>\n"]

    shown = Shown()
    notebook_extension._show(Process(), shown, lambda text: text)
    assert shown.pages == ["<h3>one</h3>", "autograder: no notebook in &lt;b&gt;\n"]


def test_load_ext_brings_the_magic_and_it_starts_the_watching(mine, monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    started = []
    real = notebook_extension.subprocess.Popen

    def popen(command, **options):
        started.append(command)
        return real([command[0], "-c", "print('said')"], **options)

    monkeypatch.setattr(notebook_extension.subprocess, "Popen", popen)
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "mlpkit")
    shell.run_line_magic("watch", str(mine))
    assert started[0][1:] == ["-m", "autograder", "watch", str(mine), "--json"]
    notebook_extension.stop(str(mine))
    assert not notebook_extension._running and os.path.isdir(mine)


def test_a_page_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(AutograderError, match="Without --page"):
        watching._write(tmp_path / "file" / "watch.html", "")
