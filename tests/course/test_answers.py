"""The bank of answers: what its files say, what is refused, and the notebooks they fill."""

import shutil
from pathlib import Path

import pytest

from autograder.authoring.answer_bank import AnswerError, fill, read_mistakes, read_variants
from autograder.authoring.source import read_source

LINE = Path(__file__).parent / "bank" / "solutions" / "01_line"


@pytest.fixture(scope="module")
def source():
    return read_source(LINE / "01_line.py")


def refused(tmp_path: Path, source, text: str, kind: str = "mistakes") -> str:
    folder = tmp_path / kind
    folder.mkdir()
    (folder / "wrong.py").write_text(text)
    with pytest.raises(AnswerError) as caught:
        (read_mistakes if kind == "mistakes" else read_variants)(tmp_path, source)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'wrong.py'}:")
    return message.removeprefix(f"{folder / 'wrong.py'}:")


def test_a_mistake_says_what_it_loses_and_what_the_student_reads(source):
    forgotten, half = read_mistakes(LINE, source)
    assert (forgotten.name, half.name) == ("factor_x_forgotten", "half_forgotten")
    assert forgotten.description == "The inner derivative forgotten."
    assert forgotten.loses == {"test_dL_dw"}
    assert forgotten.says == "is the factor x there?"
    assert forgotten.cells == {"dL_dw": "def dL_dw(w, x, y):\n    return np.sum(w * x - y)"}


def edit(text: str) -> str:
    return f'"""Edited.\n\nloses: test_dL_dw\nsays: x\n"""\n# %% edit id="dL_dw"\n{text}'


def test_an_edit_says_only_what_differs(source, tmp_path):
    (tmp_path / "mistakes").mkdir()
    reference = fill(source, source)
    whole = next(cell.source for cell in reference.cells if cell.id == "dL_dw")
    last = whole.split("\n")[-1]
    text = edit(f"{last.strip()}\n# becomes\nx = 2 * x\nreturn x\n")
    (tmp_path / "mistakes" / "edited.py").write_text(text)
    (answer,) = read_mistakes(tmp_path, source)
    assert answer.cells["dL_dw"] == whole.removesuffix(last) + "    x = 2 * x\n    return x"


def test_an_edit_that_meets_nothing_is_refused(source, tmp_path):
    said = refused(tmp_path, source, edit("no_such_line\n# becomes\nreturn x\n"))
    assert said.startswith("6: an edit holds") and "'no_such_line' 0 times" in said


def test_an_edit_without_a_replacement_is_refused(source, tmp_path):
    assert "'# becomes' is missing" in refused(tmp_path, source, edit("return x\n"))


def test_a_variant_loses_nothing(source):
    (variant,) = read_variants(LINE, source)
    assert variant.loses == frozenset()
    assert list(variant.cells) == ["line_loss", "dL_dw"]


def test_several_losses_may_stand_on_two_lines(source, tmp_path):
    shutil.copytree(LINE, tmp_path / "line")
    path = tmp_path / "line" / "mistakes" / "half_forgotten.py"
    text = path.read_text().replace("loses: test_line_loss", "loses: test_line_loss,\n  test_dL_dw")
    path.write_text(text)
    half = read_mistakes(tmp_path / "line", source)[1]
    assert half.loses == {"test_line_loss", "test_dL_dw"}
    assert half.says == "one half of a square"


def test_filling_in_replaces_solutions_and_nothing_else(source):
    release = read_source(LINE / "01_line.py")  # as good as a release: what counts is the ids
    mistake = read_mistakes(LINE, source)[0]
    filled = {cell.id: cell.source for cell in fill(release, source, mistake).cells}
    reference = {cell.id: cell.source for cell in fill(release, source).cells}
    assert filled["dL_dw"] == mistake.cells["dL_dw"]
    assert reference["dL_dw"].endswith('above."""\n    return np.sum((w * x - y) * x)')
    assert filled["line_loss"] == reference["line_loss"]
    assert reference["why"].endswith("linear in w.")
    assert release == source
    untouched = {cell.id: cell.source for cell in source.cells}
    for name in ("imports", "test_dL_dw", "figure_loss", "prose-1"):
        assert filled[name] == untouched[name]


SOLUTION = '# %% solution id="dL_dw"\nx = 1\n'
HEAD = '"""Wrong.\n\nloses: test_dL_dw\nsays: sign\n"""\n'


def test_a_cell_that_is_no_solution_is_refused(source, tmp_path):
    message = refused(tmp_path, source, HEAD + SOLUTION.replace("dL_dw", "test_dL_dw"))
    assert message.startswith("6: 'test_dL_dw' is not the id of a solution cell")
    assert "line_loss, dL_dw" in message


def test_a_check_that_does_not_exist_is_refused(source, tmp_path):
    message = refused(tmp_path, source, HEAD.replace("test_dL_dw", "test_dL_dv") + SOLUTION)
    assert "'test_dL_dv'" in message
    assert "test_line_loss, test_dL_dw" in message


def test_a_written_question_is_no_check_to_lose(source, tmp_path):
    assert "'why'" in refused(tmp_path, source, HEAD.replace("test_dL_dw", "why") + SOLUTION)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD.replace("loses: test_dL_dw\n", "") + SOLUTION, "add 'loses: test_name'"),
        (HEAD.replace("says: sign\n", "") + SOLUTION, "add 'says: some words'"),
        (SOLUTION, "begin with a docstring"),
        ("import os\n" + SOLUTION, "begin with a docstring"),
        ('"""Wrong.\n' + SOLUTION, "not Python"),
        (HEAD, "it answers nothing"),
        (HEAD + SOLUTION + SOLUTION, "8: 'dL_dw' is answered twice"),
        (HEAD + "# %% [markdown]\n# Hello\n", "6: an answer holds solution cells only"),
        (HEAD + "# %%\nx = 1\n", "found a cell without a kind"),
    ],
)
def test_what_a_mistake_must_say(source, tmp_path, text, words):
    assert words in refused(tmp_path, source, text)


def test_a_variant_that_would_lose_is_refused(source, tmp_path):
    assert "remove 'loses:'" in refused(tmp_path, source, HEAD + SOLUTION, "variants")
