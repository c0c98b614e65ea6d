"""Reading an assignment's source: the notebook it becomes, and what is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring.percent import cut, read_cells, without_markers
from autograder.authoring.source import SourceError, read_source, solution_names

BANK = Path(__file__).parent / "bank" / "solutions"
LINE = BANK / "01_line" / "01_line.py"
ROOT = Path(__file__).parents[2]


def write(folder: Path, text: str, name: str = "01_line") -> Path:
    path = folder / name / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(SourceError) as caught:
        read_source(write(folder, text))
    for line in str(caught.value).splitlines():
        assert line.startswith(f"{folder / '01_line' / '01_line.py'}:")
    return caught.value.problems


def roles(cell) -> tuple[bool, bool, bool]:
    mark = cell.metadata.nbgrader
    return mark.grade, mark.solution, mark.locked


def test_each_kind_becomes_its_nbgrader_role():
    cells = {cell.id: cell for cell in read_source(LINE).cells}
    assert roles(cells["imports"]) == (False, False, True)
    assert roles(cells["dL_dw"]) == (False, True, False)
    assert roles(cells["test_dL_dw"]) == (True, False, True)
    assert roles(cells["figure_loss"]) == (False, False, True)
    assert roles(cells["why"]) == (True, True, False)
    assert cells["test_dL_dw"].metadata.nbgrader.points == 2
    assert cells["why"].metadata.nbgrader.points == 3
    assert cells["figure_loss"].metadata.tags == ["experiment", "skip-execution"]
    for name, cell in cells.items():
        if not name.startswith("prose"):
            assert cell.metadata.nbgrader.grade_id == name
            assert cell.metadata.nbgrader.schema_version == 3


def test_a_test_and_an_experiment_with_a_title_are_folded(tmp_path):
    text = LINE.read_text(encoding="utf-8")
    head = '# %% experiment id="figure_loss"\n'
    titled = write(tmp_path, text.replace(head, head + '"""Figure: the loss"""\n'))
    for path, folded in ((LINE, ["test_dL_dw"]), (titled, ["test_dL_dw", "figure_loss"])):
        hidden = [c.id for c in read_source(path).cells if c.metadata.get("jupyter")]
        assert set(folded) <= set(hidden) and ("figure_loss" in hidden) == (path != LINE)


def test_the_notebook_is_valid_numbered_and_the_same_each_time():
    import nbformat

    notebook = read_source(LINE)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells if not cell.metadata] == ["prose-1", "prose-2"]
    assert notebook == read_source(LINE)
    assert notebook.metadata.kernelspec.name == "python3"
    notebook.metadata.language_info.version = "0"
    assert "version" not in read_source(LINE).metadata.language_info


def test_a_marking_scheme_moves_inside_the_answer_that_nbgrader_cuts():
    why = read_source(LINE).cells[-1].source
    assert why.index("### BEGIN SOLUTION") < why.index("### BEGIN MARK SCHEME")
    assert why.index("### END MARK SCHEME") < why.index("### END SOLUTION")
    assert cut(why, "SOLUTION", "HERE") == "Why is the loss a parabola in w?\n\nHERE"


# Each case: what is replaced in the source, by what, the line that is named, words it says.
BROKEN = {
    "unknown kind": ('# %% given id="imports"', '# %% helper id="imports"', 7, "'helper'"),
    "no kind": ('# %% given id="imports"', "# %%", 7, "says what it is"),
    "missing id": ('# %% given id="imports"', "# %% given", 7, "needs an id"),
    "bad id": ('id="imports"', 'id="my imports"', 7, "not a Python identifier"),
    "number as id": ('id="imports"', "id=5", 7, "not a Python identifier"),
    "duplicate id": ('id="dL_dw"', 'id="line_loss"', 29, "already taken in line 11"),
    "unquoted": ('id="test_dL_dw"', "id=test_dL_dw", 36, "in double quotes"),
    "missing points": (' points=2\n"""', '\n"""', 36, "needs points"),
    "negative points": ("points=2", "points=-2", 36, "above 0, found -2"),
    "no number of points": ("points=2", "points=true", 36, "above 0, found True"),
    "points on a solution": ('id="dL_dw"', 'id="dL_dw" points=1', 29, "has no 'points'"),
    "id on prose": ("# %% [markdown]\n# Now", '# %% [markdown] id="now"\n# Now', 26, "no 'id'"),
    "manual as code": ("# %% manual [markdown]", "# %% manual", 51, "# %% manual [markdown]"),
    "test as text": ("# %% test id", "# %% test [markdown] id", 18, "remove [markdown]"),
    "no title": ('"""The derivative of the loss."""\n', "", 37, "begins with a docstring"),
    "ends in a value": ("### END HIDDEN TESTS\n\n# %% [m", "### END HIDDEN TESTS\nTrue\n\n# %% [m",
                        25, "never ends in an expression"),
    "ends in a call": (', "one half of a square: L = 1/2"', "\nprint(1)\n", 21, "never ends in an"),
    "ends in a hidden value": ('sign"\n', 'sign"\nx.size\n', 43, "never ends"),
    "ends in a call with a value": ('sign"\n', 'sign"\nassert_unchanged(dL_dw, 1.0, x, x)\n',
                                    43, "never ends"),
    "crossed": ("### BEGIN HIDDEN TESTS\nx =", "### BEGIN MARK SCHEME\nx =", 43, "closes nothing"),
    "no visible part": ("assert line_loss(2.0, np.array([1.0]), np.array([1.0])) == 0.5, "
                        '"one half of a square: L = 1/2"\n', "", 19, "no visible part"),
    "unclosed": ("    return np.sum((w * x - y) * x)\n    ### END SOLUTION", "    return 0",
                 32, "never closed"),
    "stray": ("    ### BEGIN SOLUTION\n    return np.sum((w", "    return np.sum((w",
              33, "closes nothing"),
    "nested": ("    return np.sum((w", "    ### BEGIN SOLUTION\n    return np.sum((w",
               33, "stands inside"),
    "spelt otherwise": ("    ### BEGIN SOLUTION\n    return np.sum((w",
                        "    # BEGIN SOLUTION\n    return np.sum((w", 32, "alone on its line"),
    "in passing": ("# Now its derivative.", "# See BEGIN SOLUTION", 27, "alone on its line"),
    "wrong home": ("import numpy as np", "import numpy as np\n### BEGIN SOLUTION\n### END SOLUTION",
                   10, "no place in a given cell; it belongs in a solution or manual cell"),
    "nothing cut": ("    ### BEGIN SOLUTION\n    return np.sum((w * x - y) * x)\n"
                    "    ### END SOLUTION", "    return 0", 30, "nothing is cut"),
    "stub no Python": ("    ### BEGIN SOLUTION\n    return np.sum((w * x",
                       "  ### BEGIN SOLUTION\n    return np.sum((w * x", 32, "stub would not be"),
    "defines nothing": ("def dL_dw(w, x, y):\n", "if True:\n", 30, "defines no function"),
    "magic": ("import numpy as np", "import numpy as np\n%pylab", 10, "not plain Python"),
    "no model answer": ("# ### BEGIN SOLUTION\n# It is a sum of squares of functions that are "
                        "linear in w.\n# ### END SOLUTION\n", "", 52, "one model answer"),
    "text between": ("# ### BEGIN MARK", "# Then:\n# ### BEGIN MARK", 58, "only blank lines"),
    "preamble": ("# %% [markdown]\n# # A line", "import os\n# %% [markdown]\n# # A line", 1,
                 "before the first cell head"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_named_with_its_line(tmp_path, case):
    old, new, line, words = BROKEN[case]
    text = LINE.read_text()
    assert old in text
    found = problems(tmp_path, text.replace(old, new, 1))
    assert len(found) == 1
    assert found[0][0] == line
    assert words in found[0][1]


def test_all_problems_are_told_at_once(tmp_path):
    text = LINE.read_text().replace("points=2", "points=0").replace("# %% given", "# %% givn")
    assert [line for line, _ in problems(tmp_path, text)] == [7, 36]


def test_lines_are_right_after_a_header_strings_and_blank_lines(tmp_path):
    text = LINE.read_text().replace(
        "import numpy as np", 'import numpy as np\nHELP = """\n# %% given\n"""\n\n\n'
    )
    header = "# ---\n# jupyter:\n#   jupytext: {}\n# ---\n\n"
    found = problems(tmp_path, header + text.replace("points=2", "points=0"))
    assert [line for line, _ in found] == [36 + 5 + 6]


def test_markdown_between_quotes_keeps_its_lines(tmp_path):
    text = LINE.read_text().replace("# Now its derivative.", '"""\nNow\n\n### END SOLUTION\n"""')
    assert [line for line, _ in problems(tmp_path, text)] == [30]


def test_the_file_is_named_like_its_folder(tmp_path):
    for folder, name in (("01_line", "line.py"), ("line", "line.py")):
        path = tmp_path / folder / name
        path.parent.mkdir()
        path.write_text(LINE.read_text())
        with pytest.raises(SourceError, match=r":1: .*(named like its folder|02_momentum)"):
            read_source(path)


def test_a_source_without_a_test_is_refused(tmp_path):
    assert problems(tmp_path, "") != []
    assert "no test cell" in problems(tmp_path, "# %% [markdown]\n# Hello\n")[0][1]


def test_a_test_without_hidden_part_and_ending_in_an_assertion_is_fine(tmp_path):
    begin = "### BEGIN HIDDEN TESTS\nx ="
    text = LINE.read_text()
    hidden = text[text.index(begin) : text.index("# %% experiment")]
    read_source(write(tmp_path, text.replace(hidden, "np.testing.assert_array_equal(x, x)\n\n")))


def test_names_that_a_cell_defines():
    text = """
import numpy as np
def f(x, *, y=1):
    local = 1
class Net:
    width = 3
a, (b, *c) = 1, (2, 3)
d: int = 4
if a:
    e = [i for i in range(3)]
with open("f") as handle:
    pass
np.seterr(all="warn")
a.attribute = b[0] = 1
"""
    assert solution_names(text) == {
        "f": "function",
        "Net": "class",
        **dict.fromkeys(["a", "b", "c", "d", "e", "handle"], "variable"),
    }


def test_names_of_what_is_not_python():
    with pytest.raises(SyntaxError):
        solution_names("def f(:")


def test_cutting_keeps_everything_else():
    text = "a\n  ### BEGIN SOLUTION\n  b\n  ### END SOLUTION\nc"
    assert cut(text, "SOLUTION", "x\ny") == "a\n  x\n  y\nc"
    assert cut(text, "HIDDEN TESTS") == text
    assert without_markers(text) == "a\n  b\nc"


def test_comments_that_look_like_magics_stay_comments():
    (cell,) = read_cells('# %% given id="a"\n# ls and cat\n# %time x\nx = 1\n')
    assert cell.text == "# ls and cat\n# %time x\nx = 1"


def test_cells_are_those_that_jupytext_reads():
    import jupytext

    percent = {"extension": ".py", "format_name": "percent", "comment_magics": False}
    files = sorted((ROOT / "solutions").glob("[0-9]*/**/*.py"))
    assert len(files) > 200
    for path in files[::7] + [path for path in files if path.stem == path.parent.name]:
        text = path.read_text("utf-8")
        theirs = jupytext.reads(text, fmt=dict(percent)).cells
        found = [(cell.type, cell.text) for cell in read_cells(text)]
        assert found == [(cell.cell_type, cell.source.strip("\n")) for cell in theirs], path


def test_reading_a_source_imports_neither_jupytext_nor_nbformat(tmp_path):
    code = (
        "import sys; from autograder.authoring.source import read_plain; "
        f"read_plain({str(LINE)!r}); "
        "sys.exit(bool({'jupytext', 'nbformat', 'nbgrader', 'IPython'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_reading_names_imports_neither_jupytext_nor_nbgrader():
    code = (
        "import sys; from autograder.notebook.defined_names import solution_names; solution_names('x = 1'); "
        "sys.exit(bool({'jupytext', 'nbformat', 'nbgrader'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
